// Every text a person reads stands in both dictionaries, with the same placeholders, and every text the page asks for is there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { files, lineAt } from "./lib/world.mjs";

const DICTIONARIES = "crates/kernel/texts";

export function check(world) {
  const [chinese, english] = ["zh-CN.ftl", "en.ftl"].map((name) => messages(join(world.root, DICTIONARIES, name)));
  const faults = [];
  for (const code of new Set([...chinese.keys(), ...english.keys()])) {
    if (!chinese.has(code) || !english.has(code)) {
      faults.push(`${code}: missing in ${chinese.has(code) ? "en.ftl" : "zh-CN.ftl"}`);
    } else if (placeholders(chinese.get(code)) !== placeholders(english.get(code))) {
      faults.push(`${code}: placeholders differ: ${placeholders(chinese.get(code))} and ${placeholders(english.get(code))}`);
    }
  }
  for (const { path, text } of files(world.root, "web/apps", [".ts", ".vue"])) {
    for (const match of text.matchAll(/\bt\(\s*["'`]([a-z][a-z0-9-]*)["'`]/g)) {
      if (!chinese.has(match[1])) faults.push(`${path}:${lineAt(text, match.index)}: there is no text ${match[1]}`);
    }
  }
  return faults;
}

/** code → pattern; a message goes on over indented lines. Empty texts and doubled codes are left to the count of codes. */
function messages(path) {
  const found = new Map();
  const source = readFileSync(path, "utf8");
  for (const match of source.matchAll(/^([a-z][a-z0-9-]*) =(.*(?:\n[ \t]+.*)*)/gm)) {
    if (found.has(match[1])) throw new Error(`${path}: ${match[1]} stands twice`);
    if (match[2].trim() === "") throw new Error(`${path}: ${match[1]} is empty`);
    found.set(match[1], match[2]);
  }
  if (found.size === 0) throw new Error(`${path}: no texts`);
  return found;
}

function placeholders(pattern) {
  // A value that exists in both languages has the language as its ending.
  const names = [...pattern.matchAll(/\$([a-z][\w-]*)/g)].map((match) => match[1].replace(/_(?:zh|en)$/, ""));
  return [...new Set(names)].sort().join(" ");
}
