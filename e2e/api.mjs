#!/usr/bin/env node
// The API under schemathesis: no 5xx, no status or shape that its document does not name, and every operation succeeds once.
//
//   e2e/api.mjs [--examples 300] [--seed 1] [--only "get /cases"]     on SQLite; beneath checks/with-postgres.mjs on PostgreSQL
//
// An operation is reached by its entry in crates/huying/src/http/tests/tries. What is missing is said at the end.
import { parseArgs } from "node:util";
import { schemathesis, serveWorld, succeed } from "./lib/api.mjs";

const { values: asked } = parseArgs({
  options: {
    examples: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});

// It never ends by itself; its first answer is looked at.
const ENDLESS = "/live";

const world = await serveWorld();
try {
  const statuses = await succeed(world.url);
  const only = asked.only ? ["--include-name", asked.only.replace(/^\w+/, (method) => method.toUpperCase())] : ["--exclude-path", ENDLESS];
  const run = schemathesis(world.url, { examples: asked.examples, seed: asked.seed, more: only });
  const document = await (await fetch(`${world.url}/api/v1/openapi.json`)).json();
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  const missing = [];
  let requests = 0;
  for (const operation of operations) {
    const answers = run.answers[operation] ?? {};
    requests += Object.values(answers).reduce((sum, count) => sum + count, 0);
    const status = statuses[operation];
    console.error(`${operation.padEnd(44)} ${status ?? "-"}   ${Object.entries(answers).map(([code, count]) => `${code}×${count}`).join("  ")}`);
    if (asked.only && operation !== asked.only) continue;
    if (status === undefined) missing.push(`${operation}: no entry in crates/huying/src/http/tests/tries says how it succeeds`);
    else if (!(status >= 200 && status < 300)) missing.push(`${operation}: its entry in tries/ answered ${status}`);
    else if (operation !== `get ${ENDLESS}` && !Object.keys(answers).some((code) => code >= 200 && code < 300)) {
      missing.push(`${operation}: no request of schemathesis succeeded`);
    }
  }
  if (run.failed) console.error(run.said);
  for (const line of missing) console.error(line);
  console.log(JSON.stringify({ name: "schemathesis, /api/v1", examples: Number(asked.examples), operations: operations.length, requests, sound: !run.failed, missing: missing.length }));
  if (run.failed || missing.length) process.exitCode = 1;
} finally {
  await world.stop();
}
