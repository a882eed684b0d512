#!/usr/bin/env node
// The API under schemathesis: no 5xx, no status or shape that its document does not name, and every operation succeeds once.
//
//   e2e/api.mjs [--examples 300] [--seed 1] [--only "get /cases"]     on SQLite; beneath checks/with-postgres.mjs on PostgreSQL
//   e2e/api.mjs --open311 …                                            the Open311 endpoint by the published document (HUYING_DATA)
//
// What the document shows by examples is held against its schemas. An operation is reached by its entry in
// crates/huying/src/http/tests/tries. What is missing is said at the end.
import { parseArgs } from "node:util";
import { corrected } from "./api/open311.mjs";
import { schemathesis, serveWorld, succeed, unlikeTheirSchemas } from "./lib/api.mjs";

const { values: asked } = parseArgs({
  options: {
    examples: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    open311: { type: "boolean", default: false },
  },
});
const { examples, seed } = asked;

// It never ends by itself; its first answer is looked at.
const ENDLESS = "/live";

async function own(url) {
  const statuses = await succeed(url);
  const document = await (await fetch(`${url}/api/v1/openapi.json`)).json();
  const unlike = unlikeTheirSchemas(document);
  const more = asked.only ? ["--include-name", asked.only.replace(/^\w+/, (method) => method.toUpperCase())] : ["--exclude-path", ENDLESS];
  const run = await schemathesis(url, { examples, seed, more });
  return { name: "schemathesis, /api/v1", document, statuses, run, unlike };
}

async function open311(url) {
  const folder = process.env.HUYING_DATA;
  if (!folder) throw new Error("HUYING_DATA names no folder with open311/georeport-v2.swagger.json");
  const document = corrected(folder);
  const run = await schemathesis(url, { examples, seed, document, base: "/open311/v2", hooks: "hooks_open311.py" });
  return { name: "schemathesis, /open311/v2", document, run };
}

function report({ name, document, statuses, run, unlike = [] }) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  const missing = [...unlike];
  let requests = 0;
  for (const operation of operations) {
    const answers = run.answers[operation] ?? {};
    const counted = Object.entries(answers);
    requests += counted.reduce((sum, [, count]) => sum + count, 0);
    const status = statuses ? statuses[operation] : 200;
    console.error(`${operation.padEnd(44)} ${status ?? "-"}   ${counted.map(([code, count]) => `${code}×${count}`).join("  ")}`);
    if (asked.only && operation !== asked.only) continue;
    if (status === undefined) missing.push(`${operation}: no entry in crates/huying/src/http/tests/tries says how it succeeds`);
    else if (!(status >= 200 && status < 300)) missing.push(`${operation}: its entry in tries/ answered ${status}`);
    else if (operation !== `get ${ENDLESS}` && !counted.some(([code]) => code >= 200 && code < 300)) {
      missing.push(`${operation}: no request of schemathesis succeeded`);
    }
  }
  if (run.failed) console.error(run.said);
  for (const line of missing) console.error(line);
  const figures = { examples: Number(examples), operations: operations.length, requests, sound: !run.failed, missing: missing.length };
  console.log(JSON.stringify({ name, store: process.env.HUYING_TEST_POSTGRES ? "postgres" : "sqlite", ...figures }));
  if (run.failed || missing.length) process.exitCode = 1;
}

const world = await serveWorld();
try {
  report(await (asked.open311 ? open311 : own)(world.url));
} finally {
  await world.stop();
}
