#!/usr/bin/env node
// Kills huying, or its PostgreSQL's postmaster, under load, and says what was lost or done twice: nothing is the goal.
//
//   e2e/crash.mjs [--kills 200] [--release]                         huying on SQLite
//   checks/with-postgres.mjs e2e/crash.mjs --postgres [--kills 200]   huying on PostgreSQL, then the postmaster
//   e2e/crash.mjs --trace                                            the log's fsync before each acknowledgement
import { join } from "node:path";
import { parseArgs } from "node:util";
import { crashUnderLoad, newDatabase, Postgres, ROOT, Served } from "./lib/crash.mjs";
import { traced } from "./lib/trace.mjs";

const { values: asked } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    release: { type: "boolean", default: false },
    postgres: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
  },
});
const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const binary = join(target, asked.release ? "release" : "debug", "huying");
const server = process.env.HUYING_TEST_POSTGRES;
if (asked.postgres && !server) throw new Error("HUYING_TEST_POSTGRES names no server: run beneath checks/with-postgres.mjs");

const progress = (kill, load) => process.stderr.isTTY && process.stderr.write(`\r${kill} kills, ${load.facts} facts `);

async function kills(name, database, victim) {
  const served = new Served({ binary, database });
  try {
    const crash = async () => {
      if (victim) return victim.crash();
      await served.kill();
      await served.start();
    };
    return { name, ...(await crashUnderLoad(served, Number(asked.kills), crash, progress)) };
  } finally {
    await served.end();
  }
}

const results = [];
if (asked.trace) {
  results.push(await traced({ binary, database: asked.postgres ? newDatabase(server) : undefined }));
} else if (asked.postgres) {
  results.push(await kills("kill -9 huying, PostgreSQL", newDatabase(server)));
  results.push(await kills("kill -9 postmaster", newDatabase(server), new Postgres(server)));
} else {
  results.push(await kills("kill -9 huying, SQLite"));
}
for (const result of results) {
  console.log(JSON.stringify(result));
  const bad = result.lost || result.doubled || result.sound === false || result.faults.length;
  if (bad) process.exitCode = 1;
}
