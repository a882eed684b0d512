// The package and the bundle, made from the binary at hand, unpacked and served as they would be installed.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

const ROOT = join(import.meta.dirname, "..");
const BINARY = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "huying");
const folder = mkdtempSync(join(tmpdir(), "huying-package-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(program, ...args) {
  const done = spawnSync(program, args, { cwd: ROOT, encoding: "utf8" });
  assert.equal(done.status, 0, `${program} ${args.join(" ")}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** Serves with an environment of its own, gives what /readyz says, and ends it. */
async function served(binary, config) {
  const env = { PATH: process.env.PATH, HUYING_LANGUAGE: "en" };
  const child = spawn(binary, ["serve", "--config", config, "--listen", "127.0.0.1:0"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /^listening on (.+)$/.exec(line) ?? [];
      if (url) return await (await fetch(`${url}/readyz`)).text();
    }
    throw new Error("it never listened");
  } finally {
    child.kill("SIGINT");
    await gone;
  }
}

const skip = !existsSync("/usr/bin/dpkg-deb") && "no dpkg-deb";

test("the package and the bundle hold what they list, and what they hold can be served", { skip }, async () => {
  const out = join(folder, "out");
  run(join(ROOT, "packaging/package"), "--out", out, "--binary", BINARY, "--quick");
  const names = readdirSync(out);
  const deb = join(out, names.find((name) => name.endsWith(".deb")));
  run("dpkg-deb", "-x", deb, join(folder, "root"));
  const installed = (path) => join(folder, "root", path);
  // As installed, but below a folder of the test's, and under its own key.
  const settings = readFileSync(installed("etc/huying/huying.toml"), "utf8");
  const moved = settings.replaceAll('"/', `"${folder}/root/`).replace(/^master_key_file.*$/m, "");
  const config = join(folder, "huying.toml");
  mkdirSync(installed("var/lib/huying"), { recursive: true });
  writeFileSync(config, moved);
  assert.equal(await served(installed("usr/bin/huying"), config), "ready\n");

  run("tar", "-xf", join(out, names.find((name) => name.endsWith(".tar.gz"))), "-C", folder);
  const bundle = join(folder, readdirSync(folder).find((name) => name.startsWith("huying-")));
  const sums = spawnSync("sha256sum", ["--quiet", "--check", "SHA256SUMS"], { cwd: bundle, encoding: "utf8" });
  assert.equal(sums.status, 0, sums.stderr);
  const prefix = join(folder, "prefix");
  run(join(bundle, "install"), "--prefix", prefix);
  assert.match(run(join(prefix, "bin/huying"), "--version"), /^huying \d/);
  assert.ok(existsSync(join(prefix, "share/huying/profiles/yuexiu/district.toml")));
});

test("the bill of materials names every package once, with its licence", () => {
  const bom = JSON.parse(run(process.execPath, join(ROOT, "packaging/sbom.mjs")));
  assert.equal(bom.bomFormat, "CycloneDX");
  const refs = bom.components.map((one) => one["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(bom.components.filter((one) => !one.licenses).map((one) => one.name), []);
  for (const name of ["pkg:cargo/axum@", "pkg:cargo/sqlx@", "pkg:npm/vue@"]) assert.ok(refs.some((ref) => ref.startsWith(name)), name);
  assert.ok(!refs.some((ref) => ref.startsWith("pkg:cargo/insta@")), "a test's package is not in the binary");
});

const verify = existsSync("/usr/bin/systemd-analyze") ? false : "no systemd";

test("systemd understands every line of the unit", { skip: verify }, () => {
  const unit = join(folder, "huying.service");
  // The unit is checked as it is, but for the program, which is not installed here.
  writeFileSync(unit, readFileSync(join(ROOT, "packaging/huying.service"), "utf8").replace("/usr/bin/huying", BINARY));
  const done = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
  const own = done.stderr.split("\n").filter((line) => line.includes("huying.service"));
  assert.deepEqual(own, []);
});
