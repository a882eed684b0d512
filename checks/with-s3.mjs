#!/usr/bin/env node
// Runs a command beside an S3 server of its own: PyPI's moto, in a folder of its own, on a free port, with an empty bucket
// `huying`. The command finds it by HUYING_TEST_S3=http://…; afterwards the server is stopped, also when the command fails.
//
//   checks/with-s3.mjs cargo nextest run -p platform a_bucket
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { constants, homedir } from "node:os";
import { join } from "node:path";

const MOTO_VERSION = "5.2.5";
const command = process.argv.slice(2);
if (command.length === 0) fail("usage: checks/with-s3.mjs COMMAND…", 2);

function fail(message, status = 1) {
  console.error(`with-s3: ${message}`);
  process.exit(status);
}

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const tools = process.env.HUYING_TOOLS ?? join(cache, "huying/tools");
const folder = join(tools, `moto-${MOTO_VERSION}`);
const program = join(folder, "bin/moto_server");
if (!existsSync(program)) {
  const steps = [
    ["python3", "-m", "venv", folder],
    [join(folder, "bin/pip"), "install", "--quiet", `moto[s3,server]==${MOTO_VERSION}`],
  ];
  for (const [name, ...rest] of steps) {
    if (spawnSync(name, rest, { stdio: "inherit" }).status !== 0) fail(`${name} ${rest.join(" ")} failed`);
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const server = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
process.on("exit", () => server.kill());

async function started() {
  for (let attempt = 0; attempt < 300 && server.exitCode === null; attempt += 1) {
    const made = await fetch(`${url}/huying`, { method: "PUT" }).catch(() => null);
    if (made?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

if (!(await started())) fail("the server does not start");
const [name, ...rest] = command;
const child = spawn(name, rest, { stdio: "inherit", env: { ...process.env, HUYING_TEST_S3: url } });
child.on("error", (error) => fail(`${name}: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
