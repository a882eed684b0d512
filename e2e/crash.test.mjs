// A few kills under load; `make bench` kills two hundred times. On both stores, and PostgreSQL's postmaster as well.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./lib/crash.mjs";
import { judge, SQLITE_LOG } from "./lib/trace.mjs";

const CRASH = join(ROOT, "e2e", "crash.mjs");

function check(...command) {
  const done = spawnSync(command[0], command.slice(1), { cwd: ROOT, encoding: "utf8", timeout: 600_000 });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
  return done.stdout.trim().split("\n").map((line) => JSON.parse(line));
}

test("what was acknowledged outlives five kills on SQLite, and is there once", () => {
  const [result] = check(CRASH, "--kills", "5");
  assert.equal(result.kills, 5);
  assert.ok(result.acknowledged > 0 && result.retried > 0, JSON.stringify(result));
});

test("and on PostgreSQL, whose postmaster is killed as well", { skip: !existsSync("/usr/lib/postgresql") && "no PostgreSQL" }, () => {
  const [huying, postmaster] = check(join(ROOT, "checks", "with-postgres.mjs"), CRASH, "--postgres", "--kills", "5");
  assert.ok(huying.acknowledged > 0 && huying.retried > 0, JSON.stringify(huying));
  // While PostgreSQL comes back, huying waits for it: it may be that no request has to be sent again.
  assert.ok(postmaster.acknowledged > 0, JSON.stringify(postmaster));
});

test("two nodes on PostgreSQL are restarted one after the other under load, and nothing is lost or doubled", { skip: !existsSync("/usr/lib/postgresql") && "no PostgreSQL" }, () => {
  const [result] = check(join(ROOT, "checks", "with-postgres.mjs"), join(ROOT, "e2e", "rolling.mjs"), "--rounds", "1");
  assert.equal(result.restarts, 2);
  assert.ok(result.acknowledged > 0, JSON.stringify(result));
});

test("the log reaches the disk before each acknowledgement", { skip: !existsSync("/usr/bin/strace") && "no strace" }, () => {
  const [result] = check(CRASH, "--trace");
  assert.equal(result.acknowledged, 50);
});

test("an acknowledgement that comes before its fsync is seen", () => {
  const sync = (at) => `11 ${at}.000001 fsync(10</d/huying.db-wal>) = 0 <0.000200>`;
  const answer = (at) => `12 ${at}.000001 writev(19<socket:[1]>, [{iov_base="HTTP/1.1 201 Created", iov_len=9}], 1) = 9 <0.000010>`;
  assert.equal(judge([sync(1), answer(2), sync(3), answer(4)], SQLITE_LOG).unsynced, 0);
  assert.equal(judge([sync(1), answer(2), answer(3), sync(4)], SQLITE_LOG).unsynced, 1);
  const begun = "11 3.000001 fsync(10</d/huying.db-wal> <unfinished ...>";
  const ended = "11 5.000001 <... fsync resumed>) = 0 <2.0>";
  assert.equal(judge([sync(1), answer(2), begun, answer(4), ended], SQLITE_LOG).unsynced, 1);
  assert.equal(judge([sync(1), answer(2), begun, ended, answer(6)], SQLITE_LOG).unsynced, 0);
});
