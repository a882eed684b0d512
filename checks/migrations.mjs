// Tables expand first and contract a release later, so that a node of the release before goes on beside one of this release. A
// step that takes something away says so in its first line, `-- contracts: what no release since VERSION reads`, and why that is
// safe. A step that has shipped never changes: migrations.json holds the SHA-256 of each.
import { createHash } from "node:crypto";
import { files, lineAt, table } from "./lib/world.mjs";

const CONTRACTS = /^--\s*contracts:\s*\S+/i;
const TAKES_AWAY = [
  [/\balter\s+table\s+\S+\s+drop\b|\bdrop\s+(?:table|column)\b/gi, "takes something away"],
  [/\brename\b/gi, "renames: the release before knows the old name"],
  [/\balter\s+column\b/gi, "changes a column that the release before writes"],
  [/\badd\s+column\s+(?:if\s+not\s+exists\s+)?\w+\s+\w+(?:\s+collate\s+\S+)?\s+not\s+null(?!\s+default)/gi, "adds a column that the release before leaves empty: give it a default"],
];

export function check(world, shipped = table(world.root, "migrations.json")) {
  const faults = [];
  const found = new Set();
  for (const { name } of world.members) {
    for (const { path, text } of files(world.root, `crates/${name}/migrations`, [".sql"])) {
      found.add(path);
      const hash = createHash("sha256").update(text).digest("hex");
      if (shipped[path] && shipped[path] !== hash) faults.push(`${path}: a step that has shipped never changes`);
      if (CONTRACTS.test(text)) continue;
      const code = text.replace(/--.*$/gm, "");
      for (const [pattern, what] of TAKES_AWAY) {
        for (const match of code.matchAll(pattern)) faults.push(`${path}:${lineAt(code, match.index)}: ${what}`);
      }
    }
  }
  for (const path of Object.keys(shipped)) {
    if (!found.has(path)) faults.push(`migrations.json: ${path} has shipped and is gone`);
  }
  return faults;
}
