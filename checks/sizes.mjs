// No source file over 600 lines: such a file is more than one room. Generated files say so in their first lines.
import { files } from "./lib/world.mjs";

const LONGEST = 600;
const FOLDERS = ["crates", "checks", "web", "e2e", "docs/verify"];
const EXTENSIONS = [".rs", ".ts", ".mts", ".vue", ".mjs", ".css", ".go"];

export function check(world) {
  const faults = [];
  for (const folder of FOLDERS) {
    for (const { path, text } of files(world.root, folder, EXTENSIONS)) {
      const lines = text.split("\n").length - 1;
      const isGenerated = /generated/i.test(text.slice(0, 200));
      if (lines > LONGEST && !isGenerated) faults.push(`${path}: ${lines} lines, at most ${LONGEST}`);
    }
  }
  return faults;
}
