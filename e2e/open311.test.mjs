// The Open311 endpoint as others' programs use it: the client georeport, and the published document by schemathesis.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, tool } from "./lib/api.mjs";
import { startDistrict } from "./lib/district.mjs";

test("georeport reads services and requests, and one that was handed in", async () => {
  const { url, key, stop } = await startDistrict();
  try {
    const client = join(ROOT, "e2e", "api", "georeport_client.py");
    const env = { ...process.env, PYTHONPATH: tool("georeport"), PYTHONDONTWRITEBYTECODE: "1" };
    const done = spawnSync("python3", [client, `${url}/open311/v2`, "xiaoyang.example", key], { encoding: "utf8", env });
    assert.equal(done.status, 0, done.stderr);
    const { number, services, shown } = JSON.parse(done.stdout);
    assert.match(number, /^\d{8}-[0-9A-Z]+$/);
    assert.equal(services, 4);
    assert.doesNotMatch(JSON.stringify(shown), /Ada|000-secret/);
  } finally {
    await stop();
  }
});

const published = process.env.HUYING_DATA && existsSync(join(process.env.HUYING_DATA, "open311"));

test("it keeps to the published document", { skip: !published && "HUYING_DATA names no folder with the document" }, () => {
  const args = ["--open311", "--examples", "10"];
  const done = spawnSync(join(ROOT, "e2e", "api.mjs"), args, { cwd: ROOT, encoding: "utf8", timeout: 600_000 });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
});
