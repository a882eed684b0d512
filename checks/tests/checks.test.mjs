// Each check is shown to trip: a small world that is in order passes, and one planted fault at a time is found.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import * as domain from "../domain.mjs";
import * as edges from "../edges.mjs";
import { makeWorld, readWorld } from "../lib/world.mjs";
import * as licences from "../licences.mjs";
import * as migrations from "../migrations.mjs";
import * as sizes from "../sizes.mjs";
import * as tables from "../tables.mjs";
import * as texts from "../texts.mjs";
import * as versions from "../versions.mjs";

const roots = [];
after(() => roots.forEach((root) => rmSync(root, { recursive: true })));

const GOOD = {
  "crates/kernel/texts/zh-CN.ftl": "late = 已超时 { $hours } 小时。\n",
  "crates/kernel/texts/en.ftl": "late = Late by { $hours } hours.\n",
  "crates/store/migrations/sqlite/1.sql": "CREATE TABLE head (position INTEGER);\n",
  "crates/store/migrations/postgres/1.sql": "CREATE TABLE head (position BIGINT);\n",
  "crates/store/src/lib.rs": 'const Q: &str = "SELECT position FROM head";\n',
  "crates/casework/src/case.rs": "// SELECT x FROM head is only a comment.\npub struct Case;\n",
  "crates/casework/src/store.rs": '#[derive(sqlx::FromRow)] struct One; async fn one() { sql("SELECT 1").await }\n',
  "web/apps/desk/src/Queue.vue": "<p>{{ t('late', { hours }) }}</p>\n",
};

/** A world of three crates on disk, with `changed` files over the good ones and `packages` beside our own. */
function world({ changed = {}, needs = {}, packages = [], members = ["kernel", "store", "casework"] } = {}) {
  const root = mkdtempSync(join(tmpdir(), "huying-checks-"));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...GOOD, ...changed })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const edgesOf = { kernel: [], store: ["kernel"], casework: ["store", "kernel"], ...needs };
  const own = members.map((name) => ({
    id: name, name, version: "0.1.0", license: "Apache-2.0", dependencies: (edgesOf[name] ?? []).map((one) => ({ name: one })),
  }));
  const others = packages.map((one) => ({ id: `${one.name} ${one.version}`, dependencies: [], license: "MIT", ...one }));
  const all = [...own, ...others];
  return makeWorld(root, { packages: all, workspace_members: members, resolve: { nodes: all } });
}

const ROOMS = { kernel: [], casework: ["store"] };
const LICENCES = { allowed: ["MIT", "Apache-2.0"], exceptions: {} };
const RUN = {
  edges: (one) => edges.check(one, {}),
  licences: (one) => licences.check(one, LICENCES),
  versions: (one) => versions.check(one, {}),
  tables: (one) => tables.check(one, {}),
  migrations: (one) => migrations.check(one, {}),
  domain: (one) => domain.check(one, ROOMS),
  sizes: (one) => sizes.check(one),
  texts: (one) => texts.check(one),
};

for (const [name, run] of Object.entries(RUN)) {
  test(`${name}: a world in order has no fault`, () => assert.deepEqual(run(world()), []));
}

/** name of check, the fault planted, what the one fault must say. */
const PLANTED = [
  ["edges", { needs: { kernel: ["store"] } }, /kernel -> store: tier 0 may not use tier 1/],
  ["edges", { needs: { kernel: ["sqlx"] } }, /kernel uses sqlx/],
  ["edges", { members: ["kernel", "store", "casework", "helpers"] }, /crate helpers has no tier/],
  ["edges", { members: ["kernel", "casework", "simulator"], needs: { simulator: ["casework"] } }, /simulator -> casework/],
  ["licences", { packages: [{ name: "viral", version: "1.0.0", license: "GPL-3.0-only" }] }, /viral 1.0.0: GPL-3.0-only/],
  ["licences", { packages: [{ name: "mute", version: "1.0.0", license: null }] }, /mute 1.0.0: states no licence/],
  ["versions", { packages: [{ name: "a", version: "1.0.0" }, { name: "a", version: "2.0.0" }] }, /a comes in 2 versions: 1.0.0, 2.0.0/],
  ["versions", { packages: [{ name: "openssl-sys", version: "0.9.0" }] }, /openssl-sys is used/],
  ["migrations", { changed: { "crates/store/migrations/sqlite/2.sql": "alter table head drop column position;" } }, /2.sql:1: takes/],
  ["migrations", { changed: { "crates/store/migrations/sqlite/2.sql": "-- x\nalter table head rename to tail;" } }, /2.sql:2: renames/],
  ["migrations", { changed: { "crates/store/migrations/sqlite/2.sql": "alter table head add column a text not null;" } }, /give it a default/],
  ["tables", { changed: { "crates/casework/src/store.rs": '"select 1 from head"' } }, /store.rs:1: table head belongs to store/],
  ["tables", { changed: { "crates/casework/src/store.rs": '\n"DELETE FROM head"' } }, /store.rs:2: table head/],
  ["tables", { changed: { "crates/casework/migrations/sqlite/1.sql": "CREATE TABLE case_file (id TEXT);" } }, /case_file is not created on both/],
  ["tables", { changed: { "crates/casework/src/store.rs": "\n\nlet rows = sqlx::query(q);" } }, /store.rs:3: sqlx::query: .* door of store/],
  ["tables", { changed: { "crates/casework/src/case.rs": '"create table loose (id text)"' } }, /case.rs: tables are created by files/],
  ["domain", { changed: { "crates/casework/src/case.rs": "let at = Timestamp::now();" } }, /case.rs:1: .* the wall clock/],
  ["domain", { changed: { "crates/casework/src/case.rs": "\nlet id = Uuid::new_v4();" } }, /case.rs:2: .* ambient chance/],
  ["domain", { changed: { "crates/kernel/src/point.rs": "use std::net::TcpStream;" } }, /point.rs:1: .* the network/],
  ["domain", { changed: { "crates/casework/src/case.rs": 'let q = "insert into case_file";' } }, /case.rs:1: .* SQL/],
  ["domain", { changed: { "crates/casework/src/case.rs": "async fn load() {}" } }, /case.rs:1: .* waiting/],
  ["sizes", { changed: { "crates/casework/src/case.rs": "\n".repeat(601) } }, /case.rs: 601 lines/],
  ["sizes", { changed: { "web/apps/desk/src/Big.vue": "\n".repeat(601) } }, /Big.vue: 601 lines/],
  ["texts", { changed: { "crates/kernel/texts/en.ftl": "late = Late by { $hours } hours.\nonly = Only here.\n" } }, /only: missing in zh-CN.ftl/],
  ["texts", { changed: { "crates/kernel/texts/en.ftl": "late = Late by { $days } days.\n" } }, /late: placeholders differ/],
  ["texts", { changed: { "web/apps/desk/src/Queue.vue": "t('nowhere')" } }, /Queue.vue:1: there is no text nowhere/],
];

for (const [name, planted, expected] of PLANTED) {
  test(`${name}: finds ${expected.source}`, () => {
    const faults = RUN[name](world(planted));
    assert.equal(faults.length, 1, faults.join("\n"));
    assert.match(faults[0], expected);
  });
}

test("a list that has grown stale is a fault itself", () => {
  assert.match(edges.check(world(), { "casework -> simulator": "why" })[0], /nobody uses it/);
  assert.match(versions.check(world(), { gone: "why" })[0], /gone is listed/);
  assert.match(licences.check(world(), { ...LICENCES, exceptions: { gone: "why" } })[0], /gone is excepted/);
  assert.match(tables.check(world(), { "crates/casework/src/store.rs": "why" })[0], /names no table/);
  assert.match(domain.check(world(), { casework: ["store", "cellar"] })[0], /no room cellar/);
});

test("listed exceptions are allowed", () => {
  const slices = world({ members: ["kernel", "casework", "simulator"], needs: { casework: [], simulator: ["casework"] } });
  assert.deepEqual(edges.check(slices, { "simulator -> casework": "through its door" }), []);
  const reader = world({ changed: { "crates/casework/src/store.rs": '"SELECT 1 FROM head"' } });
  assert.deepEqual(tables.check(reader, { "crates/casework/src/store.rs": "the bench's bare floor" }), []);
});

test("licence expressions are read as SPDX means them", () => {
  const allowed = new Set(["MIT", "Apache-2.0 WITH LLVM-exception"]);
  for (const good of ["MIT", "MIT/Zlib", "GPL-3.0 OR (MIT AND MIT)", "Apache-2.0 WITH LLVM-exception"]) {
    assert.ok(licences.isAllowed(good, allowed), good);
  }
  for (const bad of ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND GPL-3.0", "Apache-2.0", "MIT GPL-3.0"]) {
    assert.ok(!licences.isAllowed(bad, allowed), bad);
  }
});

test("a workspace that cannot be read fails the check", () => {
  const root = mkdtempSync(join(tmpdir(), "huying-checks-"));
  roots.push(root);
  assert.throws(() => readWorld(root), /cargo metadata failed/);
  assert.throws(() => makeWorld(root, { packages: [], workspace_members: [], resolve: { nodes: [] } }), /empty/);
});

test("migrations: a step that contracts says so, a default is no fault, and what has shipped stays", () => {
  const path = "crates/store/migrations/sqlite/2.sql";
  const contracting = world({ changed: { [path]: "-- contracts: a column that no release since 0.2 reads\nalter table head drop column a;" } });
  assert.deepEqual(migrations.check(contracting, {}), []);
  const expanding = world({ changed: { [path]: "alter table head add column a integer not null default 0;" } });
  assert.deepEqual(migrations.check(expanding, {}), []);
  assert.match(migrations.check(world(), { "crates/store/migrations/sqlite/1.sql": "another" })[0], /never changes/);
  assert.match(migrations.check(world(), { "crates/store/migrations/sqlite/0.sql": "one" })[0], /is gone/);
});
