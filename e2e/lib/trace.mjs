// A trace of system calls shows that the database's log has reached the disk before a request is acknowledged.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Load, Postgres, Served } from "./crash.mjs";

const STRACE = ["strace", "-f", "-ttt", "-T", "-y", "-s", "32", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg"];
const REQUESTS = 50;

/** One request after another, so that each acknowledgement has a log write of its own. */
export async function traced({ binary, database, requests = REQUESTS }) {
  const probe = new Served({ binary, database });
  const file = join(probe.folder, "trace");
  // Only the calls named stop the program.
  probe.prefix = [...STRACE, "--seccomp-bpf", "-o", file];
  const files = [file];
  let backend;
  try {
    if (database) {
      // Backends that the postmaster starts from now on are traced with it.
      files.push(join(probe.folder, "trace-postgres"));
      backend = spawn(STRACE[0], [...STRACE.slice(1), "-o", files[1], "-p", String(new Postgres(database).pid)], { stdio: "ignore" });
      await sleep(1000);
    }
    await probe.start();
    const load = new Load(probe);
    await load.signIn();
    await load.oneByOne(requests);
    await probe.kill("SIGTERM");
    backend?.kill("SIGINT");
    await sleep(500);
    const lines = files.flatMap((path) => readFileSync(path, "utf8").split("\n"));
    return { name: `fsync before acknowledgement, ${database ? "PostgreSQL" : "SQLite"}`, ...judge(lines, database ? POSTGRES_LOG : SQLITE_LOG) };
  } finally {
    backend?.kill("SIGKILL");
    await probe.end();
  }
}

export const SQLITE_LOG = /huying\.db-wal>/;
export const POSTGRES_LOG = /\/pg_wal\/[0-9A-F]{24}>/;

/** How many acknowledgements the trace holds, and how many came without the log's fsync since the one before. */
export function judge(lines, log) {
  const faults = [];
  let synced = false;
  let acknowledged = 0;
  for (const event of events(lines, log)) {
    if (event.is === "synced") synced = true;
    if (event.is !== "acknowledged") continue;
    acknowledged += 1;
    if (!synced) faults.push(`acknowledged at ${event.at} without an fsync of the log since the one before`);
    synced = false;
  }
  if (acknowledged === 0) faults.push("the trace holds no acknowledgement");
  return { acknowledged, unsynced: faults.length, faults };
}

/** Fsyncs of the log by when they ended, acknowledgements by when they began, in order. */
function events(lines, log) {
  const found = [];
  const unfinished = new Set();
  for (const line of lines) {
    const [, thread = "", time, call] = /^(\d+ +)?(\d+\.\d+) (.*)$/.exec(line) ?? [];
    if (!call) continue;
    const at = Number(time);
    const took = Number(/<(\d+\.\d+)>$/.exec(call)?.[1] ?? 0);
    if (/^f(?:data)?sync\(/.test(call) && log.test(call)) {
      if (call.includes("<unfinished")) unfinished.add(thread);
      else if (/\) += 0 /.test(call)) found.push({ is: "synced", at: at + took });
    } else if (/^<\.\.\. f(?:data)?sync resumed>\) += 0/.test(call) && unfinished.delete(thread)) {
      found.push({ is: "synced", at });
    } else if (/HTTP\/1\.1 201/.test(call)) {
      found.push({ is: "acknowledged", at });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}
