#!/usr/bin/env node
// Runs a command beside a PostgreSQL of its own: Debian's package, an unprivileged user, a temporary folder, a random port,
// a random password. The command finds it by HUYING_TEST_POSTGRES=postgres://…; afterwards the server is stopped and the
// folder removed, also when the command fails or is interrupted.
//
//   checks/with-postgres.mjs COMMAND [ARGUMENT…]
//   checks/with-postgres.mjs --no-fsync COMMAND…     for tests that do not test durability: quicker on slow disks
import { spawn, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const durable = args[0] !== "--no-fsync";
const command = durable ? args : args.slice(1);
if (command.length === 0) fail("usage: checks/with-postgres.mjs [--no-fsync] COMMAND…", 2);

function fail(message, status = 1) {
  console.error(`with-postgres: ${message}`);
  process.exit(status);
}

function newestServer() {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).filter((name) => existsSync(join(base, name, "bin/initdb"))) : [];
  if (versions.length === 0) fail("Debian's postgresql is not installed: run checks/setup test");
  return join(base, versions.sort((a, b) => Number(a) - Number(b)).at(-1), "bin");
}

// initdb refuses root, so root becomes the user that Debian's package has made.
const isRoot = process.getuid() === 0;
function run(program, programArguments) {
  const whole = isRoot ? ["runuser", "-u", "postgres", "--", program, ...programArguments] : [program, ...programArguments];
  return spawnSync(whole[0], whole.slice(1), { encoding: "utf8", cwd: folder });
}

function must(program, programArguments) {
  const done = run(program, programArguments);
  if (done.status !== 0) throw new Error(`${program}: ${done.error ?? ""}${done.stderr}${done.stdout}`);
}

const bin = newestServer();
const folder = mkdtempSync(join(tmpdir(), "huying-postgres-"));
const data = join(folder, "data");
const password = randomBytes(18).toString("hex");

function removeAll() {
  // `immediate` takes the server and its children down at once; nothing in it is wanted any more.
  if (existsSync(join(data, "postmaster.pid"))) run(join(bin, "pg_ctl"), ["-D", data, "-m", "immediate", "-w", "stop"]);
  rmSync(folder, { recursive: true, force: true });
}

function create() {
  chmodSync(folder, 0o700);
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot) {
    const id = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
    for (const path of [folder, passwordFile]) chownSync(path, id("-u"), id("-g"));
  }
  must(join(bin, "initdb"), [
    "-D", data, "-U", "huying", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C.UTF-8",
    ...(durable ? [] : ["--no-sync"]),
  ]);
}

function start() {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(20_000, 60_000);
    const settings = {
      listen_addresses: "127.0.0.1", port, unix_socket_directories: folder, max_connections: 200,
      fsync: durable ? "on" : "off", synchronous_commit: durable ? "on" : "off", log_min_messages: "warning",
    };
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(" ");
    const started = run(join(bin, "pg_ctl"), ["-D", data, "-l", join(folder, "log"), "-w", "-t", "60", "-o", options, "start"]);
    if (started.status === 0) return port;
    const log = existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8") : started.stderr;
    // A port that someone else holds is the one failure that another try can cure.
    if (attempt === 10 || !log.includes("could not bind")) throw new Error(`the server did not start:\n${log}`);
  }
}

let port;
try {
  create();
  port = start();
} catch (error) {
  removeAll();
  fail(error.message);
}

const url = `postgres://huying:${password}@127.0.0.1:${port}/postgres`;
const child = spawn(command[0], command.slice(1), { stdio: "inherit", env: { ...process.env, HUYING_TEST_POSTGRES: url } });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  removeAll();
  fail(`${command[0]}: ${error.message}`, 127);
});
child.on("exit", (status, signal) => {
  removeAll();
  process.exit(signal ? 128 + constants.signals[signal] : status);
});
