// The tests' PostgreSQL: durable, reached by password only, and gone afterwards, whatever became of the command.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const SCRIPT = join(import.meta.dirname, "..", "with-postgres.mjs");
const query = (sql) => `psql "$HUYING_TEST_POSTGRES" -Atc "${sql}"`;

/** Runs a shell line beside a server; also says whether the server's folder was left behind. */
function beside(line, flags = []) {
  const done = spawnSync("node", [SCRIPT, ...flags, "sh", "-c", `echo "$HUYING_TEST_POSTGRES" && ${line}`], { encoding: "utf8" });
  const [url, ...output] = done.stdout.trim().split("\n");
  return { status: done.status, url, output, isUp: isUp(url) };
}

function isUp(url) {
  return spawnSync("psql", [url, "-Atc", "SELECT 1"]).status === 0;
}

test("settings are durable, and the server stops with the command", () => {
  const done = beside(`${query("SHOW fsync")} && ${query("SHOW synchronous_commit")}`);
  assert.deepEqual(done.output, ["on", "on"]);
  assert.equal(done.status, 0);
  assert.ok(!done.isUp);
});

test("durability can be switched off for tests that do not test it", () => {
  assert.deepEqual(beside(query("SHOW fsync"), ["--no-fsync"]).output, ["off"]);
});

test("the command's failure is passed on, and cleaned up after", () => {
  const done = beside("exit 7");
  assert.equal(done.status, 7);
  assert.ok(!done.isUp);
});

test("nobody gets in without the password", () => {
  const done = beside(`psql "$(echo "$HUYING_TEST_POSTGRES" | sed 's/:[0-9a-f]*@/:wrong@/')" -c "SELECT 1"`);
  assert.notEqual(done.status, 0);
});

test("an interrupted run stops its server and removes its folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "huying-checks-"));
  chmodSync(folder, 0o755); // the server's user has to reach its own folder inside
  const child = spawn("node", [SCRIPT, "sh", "-c", 'echo "$HUYING_TEST_POSTGRES"; exec sleep 60'], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: folder },
  });
  const url = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data).trim())));
  assert.ok(isUp(url));
  child.kill("SIGTERM");
  const status = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(status, 128 + 15);
  assert.ok(!isUp(url));
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});
