// Which crate may use which: a crate uses only lower tiers; a slice uses another slice only by an edge listed in edges.json.
import { table } from "./lib/world.mjs";

export const TIERS = {
  laws: 7, // holds nothing of the product: tests of what the others read
  huying: 6,
  casework: 5, assessment: 5, service: 5, deliberation: 5, assistant: 5, secretary: 5, command: 5, datahub: 5, community: 5,
  channels: 5, simulator: 5,
  district: 4, search: 4,
  platform: 3,
  journal: 2,
  store: 1,
  kernel: 0,
};

/** Crates that would bring I/O into the shared words. */
const NOT_IN_KERNEL = ["sqlx", "tokio", "axum", "reqwest", "hyper", "tower-http", "rusqlite"];

export function check(world, listed = table(world.root, "edges.json")) {
  const faults = [];
  const names = new Set(world.members.map((member) => member.name));
  const seen = new Set();
  for (const member of world.members) {
    if (!(member.name in TIERS)) faults.push(`crate ${member.name} has no tier: add it to the house's list`);
    for (const dependency of member.dependencies) {
      if (member.name === "kernel" && NOT_IN_KERNEL.includes(dependency.name)) {
        faults.push(`kernel uses ${dependency.name}: the shared words do no I/O`);
      }
      if (!names.has(dependency.name) || dependency.name === member.name) continue;
      const [from, to] = [TIERS[member.name], TIERS[dependency.name]];
      const edge = `${member.name} -> ${dependency.name}`;
      if (from > to) continue;
      seen.add(edge);
      if (from === to && listed[edge]) continue;
      faults.push(`${edge}: tier ${from} may not use tier ${to}`);
    }
  }
  for (const [edge, reason] of Object.entries(listed)) {
    if (!reason) faults.push(`edges.json: ${edge} has no reason`);
    if (!seen.has(edge)) faults.push(`edges.json: ${edge} is listed but nobody uses it`);
  }
  return faults;
}
