// A few requests of schemathesis for each operation; `make bench` sends three hundred. On both stores.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./lib/api.mjs";

const API = join(ROOT, "e2e", "api.mjs");

function check(...command) {
  const done = spawnSync(command[0], [...command.slice(1), "--examples", "10"], { cwd: ROOT, encoding: "utf8", timeout: 600_000 });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
  const result = JSON.parse(done.stdout.trim().split("\n").at(-1));
  assert.ok(result.requests > 10 * result.operations, JSON.stringify(result));
}

test("what the API answers stands in its document, and every operation succeeds", () => check(API));

test("and on PostgreSQL", { skip: !existsSync("/usr/lib/postgresql") && "no PostgreSQL" }, () => {
  check(join(ROOT, "checks", "with-postgres.mjs"), API);
});
