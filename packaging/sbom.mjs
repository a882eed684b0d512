#!/usr/bin/env node
// The software bill of materials: every package in the binary and in the pages, as CycloneDX 1.6.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PLATFORM = "x86_64-unknown-linux-gnu";

/** What the binary is linked from: what `huying` needs, neither tests nor build scripts. */
export function crates(metadata) {
  const node = new Map(metadata.resolve.nodes.map((one) => [one.id, one]));
  const start = metadata.packages.find((one) => one.name === "huying").id;
  const found = new Set([start]);
  for (const id of found) {
    for (const { pkg, dep_kinds } of node.get(id).deps) {
      if (dep_kinds.some(({ kind }) => kind === null)) found.add(pkg);
    }
  }
  return metadata.packages.filter((one) => found.has(one.id));
}

function crateComponent(one, checksums) {
  const own = one.source === null;
  const sum = checksums.get(`${one.name} ${one.version}`);
  return {
    type: own ? "application" : "library",
    "bom-ref": `pkg:cargo/${one.name}@${one.version}`,
    name: one.name,
    version: one.version,
    ...(one.license && { licenses: [{ expression: one.license.replaceAll("/", " OR ") }] }),
    purl: `pkg:cargo/${one.name}@${one.version}`,
    ...(sum && { hashes: [{ alg: "SHA-256", content: sum }] }),
  };
}

/** Checksums of the lock file, by name and version. */
export function checksumsOf(lock) {
  const entry = /name = "(.+?)"\nversion = "(.+?)"\nsource = ".+?"\nchecksum = "([0-9a-f]{64})"/g;
  return new Map([...lock.matchAll(entry)].map(([, name, version, sum]) => [`${name} ${version}`, sum]));
}

/** The pages' packages: what the lock file does not mark as needed for building only. */
export function npmComponents(lock) {
  return Object.entries(lock.packages)
    .filter(([path, one]) => path.includes("node_modules/") && !one.link && !one.dev)
    .map(([path, one]) => {
      const name = path.split("node_modules/").at(-1);
      const purl = `pkg:npm/${name.replace("@", "%40")}@${one.version}`;
      const [alg, hash] = one.integrity?.split("-") ?? [];
      return {
        type: "library",
        "bom-ref": purl,
        name,
        version: one.version,
        ...(one.license && { licenses: [{ expression: one.license }] }),
        purl,
        ...(alg === "sha512" && { hashes: [{ alg: "SHA-512", content: Buffer.from(hash, "base64").toString("hex") }] }),
      };
    });
}

export function bom(metadata, cargoLock, npmLock) {
  const checksums = checksumsOf(cargoLock);
  const all = crates(metadata);
  const main = crateComponent(all.find((one) => one.name === "huying"), checksums);
  const components = [
    ...all.filter((one) => one.name !== "huying").map((one) => crateComponent(one, checksums)),
    ...npmComponents(npmLock),
  ].sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
  // Made of the locked packages, so that the same commit gives the same document.
  const hash = createHash("sha256").update(JSON.stringify(components)).digest("hex");
  const serialNumber = `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return { bomFormat: "CycloneDX", specVersion: "1.6", serialNumber, version: 1, metadata: { component: main }, components };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const done = spawnSync("cargo", ["metadata", "--format-version", "1", "--locked", "--filter-platform", PLATFORM], {
    cwd: ROOT, encoding: "utf8", maxBuffer: 256 * 1024 * 1024,
  });
  if (done.status !== 0) throw new Error(`cargo metadata failed: ${done.stderr}`);
  const read = (path) => readFileSync(join(ROOT, path), "utf8");
  const made = bom(JSON.parse(done.stdout), read("Cargo.lock"), JSON.parse(read("web/package-lock.json")));
  process.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
}
