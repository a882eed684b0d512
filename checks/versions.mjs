// One version of each package in the binary; those that cannot be had in one are listed in versions.json with the reason.
// Some packages do not come in at all.
import { table } from "./lib/world.mjs";

const UNWANTED = {
  "openssl-sys": "TLS is rustls with ring",
  "aws-lc-sys": "TLS is rustls with ring",
  rusqlite: "the store stands on sqlx; both would link SQLite",
};

/** What other packages may stand on, but ours may not. */
const NOT_OURS = { chrono: "time is jiff" };

export function check(world, listed = table(world.root, "versions.json")) {
  const versions = new Map();
  for (const { name, version } of world.used) versions.set(name, [...(versions.get(name) ?? []), version]);
  const faults = [];
  for (const [name, found] of versions) {
    if (name in UNWANTED) faults.push(`${name} is used: ${UNWANTED[name]}`);
    if (found.length > 1 && !listed[name]) faults.push(`${name} comes in ${found.length} versions: ${found.sort().join(", ")}`);
  }
  for (const member of world.members) {
    for (const { name } of member.dependencies) {
      if (name in NOT_OURS) faults.push(`${member.name} uses ${name}: ${NOT_OURS[name]}`);
    }
  }
  for (const [name, reason] of Object.entries(listed)) {
    if (!reason) faults.push(`versions.json: ${name} has no reason`);
    if ((versions.get(name)?.length ?? 0) < 2) faults.push(`versions.json: ${name} is listed but comes in one version`);
  }
  return faults;
}
