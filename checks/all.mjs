#!/usr/bin/env node
// Runs every check of the house over the work tree and lists each fault. `node checks/all.mjs edges tables` runs only those.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as domain from "./domain.mjs";
import * as edges from "./edges.mjs";
import { readWorld } from "./lib/world.mjs";
import * as licences from "./licences.mjs";
import * as migrations from "./migrations.mjs";
import * as sizes from "./sizes.mjs";
import * as tables from "./tables.mjs";
import * as texts from "./texts.mjs";
import * as versions from "./versions.mjs";

const CHECKS = { edges, versions, licences, tables, migrations, domain, sizes, texts };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in CHECKS));
if (unknown.length) throw new Error(`no such check: ${unknown.join(", ")}; there are ${Object.keys(CHECKS).join(", ")}`);

const world = readWorld(dirname(dirname(fileURLToPath(import.meta.url))));
let failed = false;
for (const [name, { check }] of Object.entries(CHECKS)) {
  if (asked.length && !asked.includes(name)) continue;
  const faults = check(world);
  console.log(`${faults.length ? "FAIL" : "ok  "} ${name}`);
  for (const fault of faults) console.log(`     ${fault}`);
  failed ||= faults.length > 0;
}
process.exit(failed ? 1 : 0);
