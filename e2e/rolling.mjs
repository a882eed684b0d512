#!/usr/bin/env node
// Two nodes on one PostgreSQL under load, one after the other stopped and started again, as an upgrade does it: nothing that was
// acknowledged is lost, nothing is done twice.
//
//   checks/with-postgres.mjs e2e/rolling.mjs [--rounds 3] [--release] [--old BINARY [--old-profile FOLDER]]
//
// With --old the nodes begin as that older program and become this one, so that both work side by side on the new tables; a
// profile that says what the older program does not know goes in once both nodes are new, so the old ones may have their own.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { Load, newDatabase, ROOT, Served } from "./lib/crash.mjs";

const { values: asked } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    release: { type: "boolean", default: false },
    old: { type: "string" },
    "old-profile": { type: "string" },
  },
});
const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const binary = join(target, asked.release ? "release" : "debug", "huying");
const server = process.env.HUYING_TEST_POSTGRES;
if (!server) throw new Error("HUYING_TEST_POSTGRES names no server: run beneath checks/with-postgres.mjs");

/** Spreads requests over the nodes that say they are ready, as a load balancer does. */
class Balancer {
  constructor(nodes) {
    this.nodes = nodes;
    this.ready = new Set();
    this.turn = 0;
  }

  async watch() {
    const looks = this.nodes.map(async (node) => {
      const answer = await fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (answer?.ok) this.ready.add(node);
      else this.ready.delete(node);
    });
    await Promise.all(looks);
  }

  start() {
    this.watching = setInterval(() => void this.watch(), 100);
  }

  stop() {
    clearInterval(this.watching);
  }

  get url() {
    const ready = [...this.ready];
    return (ready[this.turn++ % ready.length] ?? this.nodes[0]).url;
  }

  get password() {
    return this.nodes[0].password;
  }

  get log() {
    return this.nodes.map((node) => node.log).join("\n");
  }
}

const database = newDatabase(server);
const start = { binary: asked.old ?? binary, database, ...(asked["old-profile"] && { profile: asked["old-profile"] }) };
const first = new Served(start);
const nodes = [first];
try {
  await first.start();
  // The second node has the keys of the first, as OPERATING.md says.
  const settings = { HUYING_MASTER_KEY_FILE: `${first.data}.master-key`, HUYING_LIMITS: "{enabled=false}" };
  const second = new Served({ ...start, settings });
  mkdirSync(join(second.data, "keys"), { recursive: true });
  copyFileSync(join(first.data, "keys", "log.key"), join(second.data, "keys", "log.key"));
  copyFileSync(join(first.data, "demo-password"), join(second.data, "demo-password"));
  nodes.push(second);
  await second.start();

  const balancer = new Balancer(nodes);
  await balancer.watch();
  balancer.start();
  const load = new Load(balancer);
  await load.signIn();
  const before = first.command("verify").facts;
  load.start();
  let restarts = 0;
  for (let round = 0; round < Number(asked.rounds); round++) {
    for (const node of nodes) {
      await sleep(600);
      await node.kill("SIGTERM");
      Object.assign(node, { binary, profile: join(ROOT, "profiles/tiny") });
      await node.start();
      restarts += 1;
      while (!balancer.ready.has(node)) await sleep(50);
    }
  }
  await sleep(300);
  await load.finish();
  const lost = await load.lost();
  balancer.stop();
  for (const node of nodes) await node.kill("SIGTERM");
  const verified = first.command("verify");
  const doubled = verified.facts - before - load.facts;
  const faults = [...load.faults, ...lost, ...(verified.findings ?? [])];
  console.log(JSON.stringify({
    name: asked.old ? "upgrade of two nodes, PostgreSQL" : "rolling restart of two nodes, PostgreSQL",
    restarts, acknowledged: load.facts, retried: load.retried, found_done: load.repeated, lost: lost.length, doubled,
    sound: verified.status === 0, faults,
  }));
  if (lost.length || doubled || verified.status !== 0 || faults.length) process.exitCode = 1;
} finally {
  for (const node of nodes) await node.end();
}
