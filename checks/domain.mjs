// No wall clock, ambient chance, network, SQL or waiting in a domain file. In a crate that has a domain every file is one,
// save those in its I/O rooms, which rooms.json names.
import { files, lineAt, table, withoutComments, withoutTests } from "./lib/world.mjs";

const BANNED = [
  ["the wall clock", /\b(?:Timestamp|Zoned|SystemTime|Instant|Utc|Local)::now\b/g],
  ["ambient chance", /\b(?:rand::rng|thread_rng|OsRng|SysRng|from_os_rng|new_v4|now_v7)\b/g],
  ["the network", /\b(?:reqwest|hyper|TcpStream|TcpListener|UdpSocket|UnixStream)\b/g],
  ["SQL", /\bsqlx\b|\bstore::|\b(?:select\s[^;]{0,400}?\bfrom|insert\s+into|delete\s+from|update\s+\w+\s+set)\b/gi],
  ["waiting", /\basync\s+(?:fn|move|\{)|\.await\b/g],
];

export function check(world, rooms = table(world.root, "rooms.json")) {
  const faults = [];
  for (const [crate, outside] of Object.entries(rooms)) {
    if (!world.members.some((member) => member.name === crate)) faults.push(`rooms.json: there is no crate ${crate}`);
    const sources = files(world.root, `crates/${crate}/src`, [".rs"]);
    for (const room of outside) {
      if (!sources.some(({ path }) => isIn(path, crate, room))) faults.push(`rooms.json: ${crate} has no room ${room}`);
    }
    for (const { path, text } of sources) {
      if (outside.some((room) => isIn(path, crate, room))) continue;
      const code = withoutTests(withoutComments(text));
      for (const [what, pattern] of BANNED) {
        for (const match of code.matchAll(pattern)) {
          faults.push(`${path}:${lineAt(code, match.index)}: a domain file uses ${what}: ${match[0].split("\n")[0]}`);
        }
      }
    }
  }
  return faults;
}

/** A room is a file `name.rs`, or a folder `name/`, below the crate's src. */
function isIn(path, crate, room) {
  const inside = path.slice(`crates/${crate}/src/`.length);
  return inside === `${room}.rs` || inside.startsWith(`${room}/`);
}
