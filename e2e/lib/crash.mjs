// A district under load whose process, or whose PostgreSQL, is killed again and again. Nothing that was acknowledged may be
// lost, nothing may be done twice; a request whose outcome is not known is sent again with its key.
import { spawn, spawnSync } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export const ROOT = join(import.meta.dirname, "..", "..");
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
/** How many send requests at once. */
const SENDERS = 8;
/** A request that has had no answer for so long is of unknown outcome (ms). */
const PATIENCE = 20_000;
/** In the tiny profile, where its first dispatcher has the desk. */
const POINT = { longitude: 120.003, latitude: 30.0048 };

/** A `huying serve` that can be killed and started again on the same data. */
export class Served {
  constructor({ binary = join(TARGET, "debug", "huying"), database, prefix = [], profile = "profiles/tiny", settings = {} }) {
    if (!existsSync(binary)) throw new Error(`${binary} is not built`);
    this.folder = mkdtempSync(join(tmpdir(), "huying-crash-"));
    this.data = join(this.folder, "data");
    Object.assign(this, { binary, prefix, profile: resolve(ROOT, profile), log: "" });
    // Settings of the person who runs this stay out.
    this.env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HUYING_")));
    if (database) this.env.HUYING_DATABASE = database;
    this.env.HUYING_LOG = "warn";
    // One account sends all of it.
    this.env.HUYING_LIMITS = "{enabled=false}";
    Object.assign(this.env, settings);
  }

  /** Starts it; `url` is where it listens, `password` opens the demo people's accounts. */
  async start() {
    const args = ["serve", "--demo", "--demo-days", "0", "--data", this.data, "--profile", this.profile, "--listen", "127.0.0.1:0"];
    const [program, ...rest] = [...this.prefix, this.binary, ...args];
    this.child = spawn(program, rest, { cwd: this.folder, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    this.gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stderr.on("data", (data) => (this.log = (this.log + data).slice(-20_000)));
    const lines = createInterface({ input: this.child.stdout });
    this.url = await new Promise((resolve, reject) => {
      lines.on("line", (line) => line.startsWith("listening on ") && resolve(line.slice("listening on ".length)));
      lines.on("close", () => reject(new Error(`serve ended before it listened:\n${this.log}`)));
    });
    this.password = readFileSync(join(this.data, "demo-password"), "utf8").trim();
  }

  async kill(signal = "SIGKILL") {
    process.kill(this.#pid, signal);
    await this.gone;
  }

  /** The district's own process, also beneath a tracer. */
  get #pid() {
    if (this.prefix.length === 0) return this.child.pid;
    const { pid } = this.child;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
  }

  /** Runs another command of the binary on the same data and reads the JSON it prints last. */
  command(...args) {
    const done = spawnSync(this.binary, ["--json", ...args, "--data", this.data], { env: this.env, encoding: "utf8" });
    const last = done.stdout.trim().split("\n").at(-1);
    if (!last) throw new Error(`${args[0]} printed nothing: ${done.stderr}`);
    return { status: done.status, ...JSON.parse(last) };
  }

  async end() {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A new database on the server: every district has one of its own. */
export function newDatabase(server) {
  const name = `crash_${randomUUID().replaceAll("-", "")}`;
  const { status, stderr } = spawnSync("psql", [server, "-qc", `create database ${name}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`psql: ${stderr}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** The server of the database, known by its address; its postmaster can be killed and started again. */
export class Postgres {
  constructor(url) {
    const { status, stdout, stderr } = spawnSync("psql", [url, "-Atc", "show data_directory"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`psql: ${stderr}`);
    this.data = stdout.trim();
    // As the server's last start wrote it: the program, then its options, each in quotes.
    const [program, ...options] = readFileSync(join(this.data, "postmaster.opts"), "utf8").trim().split(/ (?=")/);
    this.bin = dirname(program);
    this.options = options.map((option) => option.slice(1, -1));
  }

  get pid() {
    return Number(readFileSync(join(this.data, "postmaster.pid"), "utf8").split("\n")[0]);
  }

  async crash() {
    process.kill(this.pid, "SIGKILL");
    // Its children end by themselves a moment later; until then no other server may have the data.
    for (let attempt = 1; ; attempt++) {
      await sleep(100 * attempt);
      if (this.#start()) return;
      if (attempt === 20) throw new Error("PostgreSQL does not start again");
    }
  }

  #start() {
    const options = this.options.filter((option, at) => !(option === "-D" || this.options[at - 1] === "-D")).join(" ");
    const ctl = [join(this.bin, "pg_ctl"), "-D", this.data, "-l", join(dirname(this.data), "log"), "-w", "-t", "60", "-o", options, "start"];
    const whole = process.getuid() === 0 ? ["runuser", "-u", "postgres", "--", ...ctl] : ctl;
    return spawnSync(whole[0], whole.slice(1), { stdio: "ignore", cwd: dirname(this.data) }).status === 0;
  }
}

/** Sends requests, each under a key of its own, and remembers what came of each. */
export class Load {
  constructor(served) {
    this.served = served;
    this.cases = new Map();
    this.accepted = new Set();
    this.retried = 0;
    this.repeated = 0;
    this.faults = [];
    this.running = true;
  }

  async signIn() {
    const body = JSON.stringify({ login: "demo.dispatcher", password: this.served.password });
    const answer = await fetch(`${this.served.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    if (!answer.ok) throw new Error(`not signed in: ${answer.status} ${await answer.text()}`);
    this.cookie = answer.headers.get("set-cookie").split(";")[0];
  }

  start() {
    this.senders = Array.from({ length: SENDERS }, () => this.#send());
  }

  /** Lets every request under way come to its end, after however many tries. */
  async finish() {
    this.running = false;
    await Promise.all(this.senders);
  }

  /** Registers so many cases, each after the one before was acknowledged. */
  async oneByOne(count) {
    for (let n = 0; n < count; n++) await this.#register();
  }

  #register() {
    const words = `样例 ${randomUUID()}`;
    return this.#until("/api/v1/cases", { words, kind: "event", matter: "M01", point: POINT });
  }

  async #send() {
    while (this.running) {
      const taken = await this.#register();
      if (!taken) continue;
      if (this.cases.has(taken.id)) this.faults.push(`two keys have the case ${taken.id}`);
      this.cases.set(taken.id, taken.number);
      if (randomInt(3) > 0) continue;
      const accepted = await this.#until(`/api/v1/cases/${taken.id}/acts`, { command: "accept", matter: null, urgency: null });
      if (accepted) this.accepted.add(taken.id);
    }
  }

  /** Asks until there is an answer. What a first try has done, a second finds done. */
  async #until(path, body) {
    const headers = { cookie: this.cookie, "content-type": "application/json", "idempotency-key": randomUUID() };
    for (let attempt = 1; ; attempt++) {
      try {
        const signal = AbortSignal.timeout(PATIENCE);
        const answer = await fetch(this.served.url + path, { method: "POST", headers, body: JSON.stringify(body), signal });
        const told = await answer.json();
        if (answer.ok) {
          if (told.repeated) this.repeated += 1;
          return told;
        }
        if (answer.status < 500) {
          this.faults.push(`${path}: ${answer.status} ${JSON.stringify(told)}`);
          return undefined;
        }
      } catch {
        // The connection broke: whether it was done is not known.
      }
      this.retried += 1;
      if (attempt === 200) throw new Error(`${path}: no answer after ${attempt} tries\n${this.served.log}`);
      await sleep(25);
    }
  }

  /** Acknowledged cases that are not there, or not as they were acknowledged. */
  async lost() {
    const lost = [];
    for (const [id, number] of this.cases) {
      const answer = await fetch(`${this.served.url}/api/v1/cases/${id}`, { headers: { cookie: this.cookie } });
      const found = answer.ok ? await answer.json() : undefined;
      const state = this.accepted.has(id) ? "accepted" : "registered";
      if (found?.number !== number || found?.state !== state) lost.push(`${id}: ${answer.status} ${found?.number} ${found?.state}, not ${number} ${state}`);
    }
    return lost;
  }

  /** Facts that the acknowledged requests have made. */
  get facts() {
    return this.cases.size + this.accepted.size;
  }
}

/** Kills `kills` times under load and says what was found. `crash` kills what is to be killed and brings it back. */
export async function crashUnderLoad(served, kills, crash, onKill = () => undefined) {
  await served.start();
  const load = new Load(served);
  await load.signIn();
  const before = served.command("verify").facts;
  load.start();
  for (let kill = 1; kill <= kills; kill++) {
    await sleep(randomInt(50, 400));
    await crash();
    onKill(kill, load);
  }
  await sleep(200);
  await load.finish();
  const lost = await load.lost();
  await served.kill("SIGTERM");
  const verified = served.command("verify");
  return {
    kills,
    acknowledged: load.facts,
    retried: load.retried,
    found_done: load.repeated,
    lost: lost.length,
    doubled: verified.facts - before - load.facts,
    sound: verified.status === 0,
    faults: [...load.faults, ...lost, ...(verified.findings ?? [])],
  };
}
