// The real binary on a free port, with the smallest profile, demo people and a data folder of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const ROOT = join(import.meta.dirname, "..", "..");
const BINARY = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "huying");

/**
 * Starts a district, with settings by the names of the environment; `people` are the demo people by role, `url` where it listens, `key`
 * what Open311 is called with. Call `stop` in the end. `config` is more configuration, in TOML.
 */
export async function startDistrict(profile = "profiles/tiny", settings = {}, { config, listen = "127.0.0.1:0" } = {}) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not built: make e2e builds it`);
  const folder = mkdtempSync(join(tmpdir(), "huying-e2e-"));
  // Settings of the person who runs the tests stay out.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HUYING_")));
  Object.assign(env, settings);
  const args = ["--json", "serve", "--data", join(folder, "data"), "--profile", join(ROOT, profile), "--listen", listen, "--demo", "--demo-days", "0"];
  if (config !== undefined) {
    writeFileSync(join(folder, "huying.toml"), config);
    args.push("--config", join(folder, "huying.toml"));
  }
  const child = spawn(BINARY, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (data) => (complaints += data));
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  const people = {};
  let key;
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^listening on (http:\S+)$/.exec(line);
    if (found) return { url: found[1], people, key, stop };
    key = /^open311 api key: (\S+)$/.exec(line)?.[1] ?? key;
    if (line.startsWith("{")) {
      const person = JSON.parse(line);
      if (person.login) people[person.role] = person;
    }
  }
  await stop();
  throw new Error(`the district did not start:\n${complaints}`);
}
