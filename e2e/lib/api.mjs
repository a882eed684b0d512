// Schemathesis against the API: the coverage tests' world, served, and who calls with which identifiers (e2e/api/hooks.py).
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const ROOT = join(import.meta.dirname, "..", "..");

/** A Python package of checks/setup, for PYTHONPATH. */
export function tool(name) {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const setup = readFileSync(join(ROOT, "checks", "setup"), "utf8");
  const version = new RegExp(`^${name.toUpperCase()}_VERSION=(.*)$`, "m").exec(setup)[1];
  const folder = join(process.env.HUYING_TOOLS ?? join(cache, "huying", "tools"), `${name}-${version}`);
  if (!existsSync(folder)) throw new Error(`${name} is missing: run checks/setup test`);
  return folder;
}

/** The world of crates/huying/src/http/tests on a port. Call `stop` in the end. */
export async function serveWorld() {
  const args = ["test", "--quiet", "-p", "huying", "serve_the_world", "--", "--ignored", "--nocapture"];
  const child = spawn("cargo", args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (data) => (complaints += data));
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.stdin.end();
    await gone;
  };
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((resolve) => {
    lines.on("line", (line) => {
      const found = /listening on (http:\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
    gone.then(() => resolve(undefined));
  });
  if (!url) throw new Error(`the world was not served:\n${complaints}`);
  return { url, stop, complaints: () => complaints };
}

/** Sends, for each operation, the request that succeeds; status by operation. */
export async function succeed(url) {
  const operations = await (await fetch(`${url}/tries`)).json();
  const statuses = {};
  for (const [at, operation] of operations.entries()) {
    const made = await fetch(`${url}/tries/${at}`, { method: "POST" });
    if (!made.ok) {
      statuses[operation] = "not to be made";
      continue;
    }
    const { path, headers, body, raw, cookie } = await made.json();
    const all = new Headers(headers);
    if (cookie) all.set("cookie", cookie);
    if (body !== null) all.set("content-type", "application/json");
    const method = operation.split(" ")[0].toUpperCase();
    const sent = raw === null ? (body === null ? undefined : JSON.stringify(body)) : Buffer.from(raw, "base64");
    const below = path.startsWith("/open311/") ? "" : "/api/v1";
    const stop = new AbortController();
    const answer = await fetch(`${url}${below}${path}`, { method, headers: all, body: sent, signal: stop.signal });
    statuses[operation] = answer.status;
    // What never ends is not read to its end.
    stop.abort();
  }
  return statuses;
}

/** A line for each example of the document that is not what its schema says. */
export function unlikeTheirSchemas(document) {
  const [folder, packages] = [mkdtempSync(join(tmpdir(), "huying-api-")), tool("schemathesis")];
  try {
    const file = join(folder, "document.json");
    writeFileSync(file, JSON.stringify(document));
    const environment = { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" };
    const done = spawnSync("python3", [join(ROOT, "e2e", "api", "examples.py"), file], { env: environment, encoding: "utf8" });
    const lines = `${done.stdout}${done.stderr}`.split("\n").filter(Boolean);
    return done.status === 0 || lines.length ? lines : ["the examples were not looked at"];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs schemathesis with the hooks of that name; `answers` are statuses with their counts by operation, `failed` says that a check did
 * not hold. A `document` that is not the server's own is called below `base`.
 */
export async function schemathesis(url, { examples, document, base, hooks = "hooks.py", more = [], seed = 1 }) {
  const [folder, packages] = [mkdtempSync(join(tmpdir(), "huying-api-")), tool("schemathesis")];
  const api = join(ROOT, "e2e", "api");
  const [answers, file] = [join(folder, "answers.json"), join(folder, "document.json")];
  if (document) writeFileSync(file, JSON.stringify(document));
  const args = [
    join(packages, "bin", "schemathesis"), "--config-file", join(api, "schemathesis.toml"), "run",
    ...(document ? [file, "--url", `${url}${base}`] : [`${url}/api/v1/openapi.json`]),
    "--max-examples", String(examples), "--seed", String(seed), "--workers", "1", "--no-shrink", ...more,
  ];
  try {
    const environment = {
      ...process.env, PYTHONPATH: `${packages}:${api}`, PYTHONDONTWRITEBYTECODE: "1", HUYING_WORLD: url, HUYING_ANSWERS: answers, HUYING_SEED: String(seed),
      SCHEMATHESIS_HOOKS: join(api, hooks), COLUMNS: "150",
    };
    // Not spawnSync: what the served world writes meanwhile has to be read, or it stands still.
    const child = spawn("python3", args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    const status = await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
    const counted = existsSync(answers) ? JSON.parse(readFileSync(answers, "utf8")) : {};
    return { failed: status !== 0, answers: counted, said };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
