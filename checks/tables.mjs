// No crate reads another's tables. A table belongs to the crate whose migrations create it; the SQL of every other crate is
// searched for its name. Both folders of migrations must create the same tables, and no table is created elsewhere.
import { files, lineAt, table, withoutComments, withoutTests } from "./lib/world.mjs";

const CREATED = /\bCREATE\s+(?:UNLOGGED\s+|TEMP(?:ORARY)?\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?/i;
const NAMED = /\b(?:from|join|into|update|table)\s+(?:only\s+)?"?([a-z_]\w*)"?/gi;
/** Of sqlx, only what turns a row into a type may be named outside store: its derive macro needs the package there. */
const DRIVER = /\bsqlx::(?!FromRow\b)\w+/g;

export function check(world, exceptions = table(world.root, "tables.json")) {
  const faults = [];
  const owner = new Map();
  for (const { name } of world.members) {
    const perStore = new Map([["sqlite", new Set()], ["postgres", new Set()]]);
    for (const { path, text } of files(world.root, `crates/${name}/migrations`, [".sql"])) {
      const store = path.split("/")[3];
      if (!perStore.has(store)) faults.push(`${path}: migrations lie in migrations/sqlite and migrations/postgres`);
      for (const [, created] of text.replace(/--.*$/gm, "").matchAll(new RegExp(CREATED, "gi"))) {
        perStore.get(store)?.add(created);
        if (owner.has(created) && owner.get(created) !== name) {
          faults.push(`${path}: table ${created} already belongs to ${owner.get(created)}`);
        }
        owner.set(created, name);
      }
    }
    const [sqlite, postgres] = [...perStore.values()];
    for (const one of new Set([...sqlite, ...postgres])) {
      if (!sqlite.has(one) || !postgres.has(one)) faults.push(`${name}: table ${one} is not created on both stores`);
    }
  }
  const excused = new Set();
  for (const { name } of world.members) {
    // Tests may look where the product may not: they plant faults.
    for (const { path, text } of files(world.root, `crates/${name}/src`, [".rs"])) {
      const code = withoutTests(withoutComments(text));
      if (CREATED.test(code)) faults.push(`${path}: tables are created by files in migrations/`);
      if (name !== "store") {
        for (const match of code.matchAll(DRIVER)) {
          faults.push(`${path}:${lineAt(code, match.index)}: ${match[0]}: the databases lie behind the door of store`);
        }
      }
      for (const match of code.matchAll(NAMED)) {
        const belongs = owner.get(match[1]);
        if (!belongs || belongs === name) continue;
        if (exceptions[path]) excused.add(path);
        else faults.push(`${path}:${lineAt(text, match.index)}: table ${match[1]} belongs to ${belongs}: use its door`);
      }
    }
  }
  for (const path of Object.keys(exceptions)) {
    if (!excused.has(path)) faults.push(`tables.json: ${path} is excepted but names no table of another crate`);
  }
  return faults;
}
