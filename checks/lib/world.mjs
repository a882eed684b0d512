// What the checks look at: the workspace as `cargo metadata` tells it, and its source files. Tests hand in a small one.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Platform the binary is made for: packages only other platforms use are nobody's concern here. */
const PLATFORM = "x86_64-unknown-linux-gnu";
const NOT_SOURCE = new Set(["target", "node_modules", "dist", ".git"]);

/** Reads the world at `root`. Throws when cargo cannot tell: a check that sees nothing must not pass. */
export function readWorld(root) {
  const done = spawnSync("cargo", ["metadata", "--format-version", "1", "--locked", "--filter-platform", PLATFORM], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (done.status !== 0) throw new Error(`cargo metadata failed: ${done.error?.message ?? done.stderr}`);
  return makeWorld(root, JSON.parse(done.stdout));
}

/** A world of given metadata; `members` are the workspace's own packages, `used` all that the resolver chose. */
export function makeWorld(root, metadata) {
  if (!metadata.workspace_members?.length || !metadata.resolve?.nodes?.length) throw new Error("cargo metadata is empty");
  const own = new Set(metadata.workspace_members);
  const chosen = new Set(metadata.resolve.nodes.map((node) => node.id));
  return {
    root,
    members: metadata.packages.filter((one) => own.has(one.id)),
    used: metadata.packages.filter((one) => chosen.has(one.id)),
  };
}

/** A reviewed table beside the checks, such as edges.json. */
export function table(root, name) {
  return JSON.parse(readFileSync(join(root, "checks", name), "utf8"));
}

/** Files below `folder` with one of the extensions: `{ path, text }`, paths relative to the root, sorted. */
export function files(root, folder, extensions) {
  const found = [];
  const walk = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_SOURCE.has(entry.name)) walk(path);
      } else if (extensions.some((extension) => entry.name.endsWith(extension))) {
        found.push({ path: relative(root, path).split(sep).join("/"), text: readFileSync(path, "utf8") });
      }
    }
  };
  try {
    walk(join(root, folder));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Rust text without comments, so that a sentence about `SELECT` is not taken for one. Lines stay where they are. */
export function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " ")).replace(/(^|[^:"])\/\/.*$/gm, "$1");
}

/** Rust text up to its test module, by custom the last thing in a file. */
export function withoutTests(text) {
  return text.split(/^#\[cfg\(test\)\]/m)[0];
}

/** The number of the line at which `offset` lies. */
export function lineAt(text, offset) {
  return text.slice(0, offset).split("\n").length;
}
