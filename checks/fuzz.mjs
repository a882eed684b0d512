#!/usr/bin/env node
// Runs the fuzzer over the laws of crates/laws, two targets at a time, and prints a line of JSON for each: executions, coverage,
// peak memory. Fails where an input broke a law, took longer than 20 seconds or more than 2 GiB; that input then lies in
// fuzz/artifacts/TARGET. What was found on the way is kept in fuzz/corpus and gone on from the next time.
//
//   checks/fuzz.mjs [--minutes 10] [--build] [TARGET…]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const AT_ONCE = 2;
const SECONDS_AN_INPUT = 20;
const MEGABYTES = 2048;
const LONGEST_INPUT = 64 * 1024;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fuzz = join(root, "fuzz");
const known = readdirSync(join(fuzz, "targets")).map((file) => file.replace(/\.rs$/, ""));
const { values, positionals } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, build: { type: "boolean", default: false } },
  allowPositionals: true,
});
const minutes = Number(values.minutes);
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length) fail(`no such target: ${unknown.join(", ")}; there are ${known.join(", ")}`);
if (!(minutes > 0)) fail(`--minutes ${values.minutes} is no time`);

function fail(message) {
  console.error(`fuzz: ${message}`);
  process.exit(2);
}

const version = /^CARGO_FUZZ_VERSION=(.*)$/m.exec(readFileSync(join(root, "checks/setup"), "utf8"))[1];
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const tools = process.env.HUYING_TOOLS ?? join(cache, "huying/tools");
const built = process.env.CARGO_TARGET_DIR ?? join(fuzz, "target");

// Stable Rust: the instrumentation is the compiler's own. No sanitizer, as none of our code is unsafe.
const build = spawnSync(join(tools, `cargo-fuzz-${version}/bin/cargo-fuzz`), ["build", "--sanitizer", "none", "--fuzz-dir", fuzz], {
  cwd: root,
  env: { ...process.env, RUSTC_BOOTSTRAP: "1", CARGO_TARGET_DIR: built },
  stdio: ["ignore", "ignore", "inherit"],
});
if (build.status !== 0) fail("the targets cannot be built");
if (values.build) process.exit(0);
const folder = readdirSync(built).map((name) => join(built, name, "release")).find((path) => existsSync(join(path, known[0])));

function run(target) {
  const [corpus, artifacts, dictionary] = ["corpus", "artifacts", "dictionaries"].map((kind) => join(fuzz, kind, target));
  for (const path of [corpus, artifacts]) mkdirSync(path, { recursive: true });
  const options = [
    `-max_total_time=${Math.round(minutes * 60)}`,
    `-timeout=${SECONDS_AN_INPUT}`,
    `-rss_limit_mb=${MEGABYTES}`,
    `-max_len=${LONGEST_INPUT}`,
    "-print_final_stats=1",
    `-artifact_prefix=${artifacts}/`,
    ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
  ];
  return new Promise((resolve) => {
    const child = spawn("nice", ["-n", "15", join(folder, target), corpus, join(fuzz, "seeds", target), ...options], { cwd: fuzz });
    let said = "";
    child.stderr.on("data", (data) => (said = (said + data).slice(-200_000)));
    child.stdout.resume();
    child.on("close", (status) => resolve({ target, status, said }));
  });
}

function line({ target, status, said }) {
  const number = (name) => Number(new RegExp(`^stat::${name}:\\s+(\\d+)`, "m").exec(said)?.[1] ?? NaN);
  const last = [...said.matchAll(/cov: (\d+) ft: (\d+) corp: (\d+)/g)].at(-1) ?? [];
  const [, coverage, features, inputs] = last.map(Number);
  return {
    target,
    minutes,
    executions: number("number_of_executed_units"),
    executions_per_second: number("average_exec_per_sec"),
    coverage,
    features,
    inputs,
    peak_memory_mb: number("peak_rss_mb"),
    is_met: status === 0,
  };
}

const waiting = positionals.length ? [...positionals] : [...known];
let missed = false;
async function work() {
  for (let target = waiting.shift(); target; target = waiting.shift()) {
    const done = await run(target);
    console.log(JSON.stringify(line(done)));
    if (done.status !== 0) {
      missed = true;
      console.error(done.said.split("\n").slice(-60).join("\n"));
    }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.exit(missed ? 1 : 0);
