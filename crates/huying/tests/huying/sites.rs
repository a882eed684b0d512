//! Every write in the source is reached by the stages of `huying simulate --fault exit`, which ends a process at each that is.
//!
//! The writes are read from the source: statements by their text, files by what they are, steps of the migrations by their
//! names. One that no stage reaches is a failure that names its place, unless it is [`LEFT_OUT`] with a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::faults::simulate;
use crate::source::{Site, Write, of_text, of_workspace};

/// Where writes, or those that begin so, are left out, each with its reason. What leaves nothing out fails too.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("crates/casework/src/import/rejects.rs", "file operation", "numbered beside it: cut, write, flush"),
    (
        "crates/channels/src/open311/peer/table.rs",
        "",
        "there is no other system in the trial; what is interrupted is polled again",
    ),
    ("crates/laws/src/import.rs", "", "what is tried, written down so that the reader finds it; no product code"),
    ("crates/district/src/bench.rs", "", "a bench, in a folder that is thrown away"),
    ("crates/district/src/derive/base.rs", "", "makes a profile, not a district; given again it makes the same files"),
    (
        "crates/platform/src/file/config.rs",
        "file operation fs::create_dir",
        "an empty folder; what is put there is written by its own store, flushed and named before the fact says so",
    ),
    (
        "crates/platform/src/file/uses.rs",
        "update file set owner",
        "a report made for someone, with a file; read again from the journal it is the same",
    ),
    (
        "crates/platform/src/file/fact.rs",
        "update file",
        "a day has to pass, or a scanner to be away; done again it is the same",
    ),
    (
        "crates/platform/src/notice/delivery.rs",
        "",
        "nobody of the trial is reached from outside; a message is made with the reader's position, and one that was claimed and not \
         marked is sent again with the same id (crates/platform/tests/platform/deliveries.rs)",
    ),
    (
        "crates/platform/src/notice/deliveries.rs",
        "update delivery",
        "nothing is given up in the trial, as nothing goes out of it; it is written with its fact",
    ),
    (
        "crates/platform/src/notice/webhook.rs",
        "",
        "there is no other system in the trial; a row is written with its fact",
    ),
    (
        "crates/platform/src/oidc/row.rs",
        "",
        "there is no other system to sign in by in the trial; who was cut off begins again",
    ),
    ("crates/huying/src/bench/", "", "a bench, in places that are thrown away"),
    ("crates/huying/src/command/fault/", "", "ends the processes itself"),
    ("crates/huying/src/fault_plan.rs", "", "ends the processes itself"),
    (
        "crates/huying/src/command/audit.rs",
        "file operation File::create",
        "a copy of facts; asked for again it is whole",
    ),
    ("crates/huying/src/open.rs", "file operation fs::create_dir", "an empty folder; what is put there is a site"),
    ("crates/journal/src/backup/", "file operation fs::create_dir", "an empty folder; what is put there is a site"),
    ("crates/journal/src/receipt/second.rs", "file operation", "a test's"),
    ("crates/journal/src/load.rs", "", "loads a journal for a bench"),
    ("crates/search/src/index.rs", "", "a reading of the journal, made anew from it where it is not whole"),
    ("crates/simulator/src/fault/", "", "makes the disk full"),
    (
        "crates/simulator/src/territory/mod.rs",
        "",
        "makes a profile, not a district; given again it makes the same files",
    ),
    ("crates/store/src/file.rs", "", "numbers the operations on what others name"),
    ("crates/store/src/migrate.rs", "step", "numbers the steps that others name"),
    ("crates/store/src/scratch.rs", "", "makes and removes the databases of trials"),
];

/// What a text stands for that is put together at run time.
const COMPOSED: &[(&str, &str, &[&str])] = &[
    (
        "crates/casework/src/store/rows.rs",
        "insert into {table}",
        &["insert into case_file", "insert into assignment", "insert into case_organization"],
    ),
    (
        "crates/casework/src/store/rows.rs",
        "update_rows(\"case_file\")",
        &[
            "update case_file set version, state, body",
            "update case_file set version, state, body, due_at and 1 more",
            "update case_file set number, version, state, open and 17 more",
        ],
    ),
    (
        "crates/casework/src/store/rows.rs",
        "update_rows(\"assignment\")",
        &["update assignment set organization, holder, part, state and 8 more"],
    ),
    (
        "crates/casework/src/watch/rebuild.rs",
        "delete from {}",
        &["delete from call_file", "delete from card_file", "delete from outage", "delete from handover"],
    ),
    (
        "crates/casework/src/watch/rows.rs",
        "insert into {table}",
        &[
            "insert into call_file or set version, state, open, body",
            "insert into card_file or set version, state, stands, issued_at and 1 more",
            "insert into outage or set version, applied_at",
            "insert into handover or set version, waiting, left_at, body",
        ],
    ),
    // Of every table; they are asked for table by table.
    ("crates/store/src/copy.rs", "delete from \"{}\"", &[]),
    ("crates/store/src/copy.rs", "insert into \"{}\"", &[]),
];

/// Sites that two different statements share, each with the reason why an exit at one stands for the other.
const SHARED: &[(&str, &str)] = &[
    (
        "insert into subject_key",
        "a subject's key, or one of the house's own: made again under the same name where it was cut off",
    ),
    ("delete from clock where owner", "each empties the clocks of one kind, in the one transaction of a rebuild"),
    (
        "delete from former_password where account",
        "those too old, or all of a person who was erased, each in the transaction of its act",
    ),
    ("update notice set read_at", "each marks what its reader has seen: those named, or all up to an instant"),
];

/// Tables that no statement puts rows into, or that are empty when a backup is made.
const WITHOUT_ROWS: &[(&str, &str)] = &[
    ("head", "its one row is put in by the migration"),
    ("delivery", "nothing goes out of the trial"),
    ("webhook", "there is no other system in the trial"),
    ("oidc_link", "there is no other system to sign in by in the trial"),
    ("oidc_attempt", "there is no other system to sign in by in the trial"),
    ("open311_peer", "there is no other system in the trial"),
    ("open311_taken", "there is no other system in the trial"),
];

/// What is wrong with `writes`, when `reached` are the sites that were passed.
fn faults(writes: &[Write], reached: &BTreeSet<String>) -> Vec<String> {
    let (mut faults, mut used, mut texts) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    for write in writes {
        let place = format!("{}:{}: {}", write.path, write.line, write.statement);
        let mut left_out = |name: &str| {
            let this = |one: &&(&str, &str, &str)| write.path.starts_with(one.0) && name.starts_with(one.1);
            let found = LEFT_OUT.iter().find(this);
            used.extend(found.map(|one| (one.0, one.1)));
            found.is_some()
        };
        if left_out(&write.statement) {
            continue;
        }
        for site in sites(write, reached).unwrap_or_else(|| vec!["a site that COMPOSED does not tell".to_owned()]) {
            if is_reached(&site, reached) {
                let other = texts.entry(site.clone()).or_insert(write);
                let is_other = other.statement != write.statement && matches!(write.site, Site::Named(_));
                if is_other && !SHARED.iter().any(|(shared, _)| *shared == site) {
                    faults.push(format!(
                        "{place}: the site {site:?} is also that of line {} in {}",
                        other.line, other.path
                    ));
                }
            } else if !left_out(&site) {
                faults.push(format!("{place}: no stage reaches {site:?}"));
            }
        }
    }
    let unused = LEFT_OUT.iter().filter(|one| !used.contains(&(one.0, one.1)));
    faults.extend(unused.map(|(path, begin, _)| format!("{path}: {begin:?} is left out, but there is none")));
    faults
}

/// The text of an insert of many rows may be only its head: what it does where a row is there already is in its tail.
fn is_reached(site: &str, reached: &BTreeSet<String>) -> bool {
    let with_tail = format!("{site} or set ");
    reached.iter().any(|one| one == site || (site.starts_with("insert into ") && one.starts_with(&with_tail)))
}

/// The sites of a write.
fn sites(write: &Write, reached: &BTreeSet<String>) -> Option<Vec<String>> {
    match &write.site {
        Site::Named(site) => Some(vec![site.clone()]),
        Site::File(what) => {
            let is_appended = reached.contains(&format!("append {what}"));
            let operations: &[&str] = if is_appended { &["append"] } else { &["write", "name"] };
            let all = operations.iter().chain(&["flush", "flush folder of", "after"]);
            Some(all.map(|operation| format!("{operation} {what}")).collect())
        }
        Site::Composed => {
            let known = |one: &&(&str, &str, &[&str])| write.path == one.0 && write.statement.starts_with(one.1);
            COMPOSED.iter().find(known).map(|one| one.2.iter().map(|site| (*site).to_owned()).collect())
        }
    }
}

/// The tables that migrations make: each is written to, and restored.
fn tables(root: &Path) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("crates")).unwrap() {
        let folder = entry.unwrap().path().join("migrations/sqlite");
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let made = text.lines().filter_map(|line| line.strip_prefix("create table "));
            tables.extend(made.filter_map(|rest| Some(rest.split_once(' ')?.0.to_owned())));
        }
    }
    tables
}

fn table_faults(tables: &BTreeSet<String>, reached: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for table in tables {
        let is_empty = WITHOUT_ROWS.iter().any(|(one, _)| one == table);
        let is_written = reached.iter().any(|site| {
            let rest = site.strip_prefix("insert into ").and_then(|rest| rest.strip_prefix(table.as_str()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if is_empty == is_written {
            faults.push(format!("table {table}: written: {is_written}, left out: {is_empty}"));
        }
        for (restored, is_asked) in [("delete from", true), ("insert into", table == "head" || !is_empty)] {
            if is_asked && !reached.contains(&format!("{restored} \"{table}\"")) {
                faults.push(format!("table {table}: no stage reaches {restored} \"{table}\""));
            }
        }
    }
    faults
}

fn every_write_is_reached(database: Option<&str>) {
    let days = ["--days", "3", "--events-per-day", "12", "--fault", "exit", "--fault-exits", "0"];
    let (sound, report) = simulate(database, &days);
    assert!(sound, "{report:#}");
    let reached = report["faults"]["exit"]["reached"].as_array().unwrap();
    let reached: BTreeSet<String> = reached.iter().map(|site| site.as_str().unwrap().to_owned()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let (writes, tables) = (of_workspace(&root), tables(&root));
    assert!(writes.len() > 60 && tables.len() > 10, "{writes:#?} {tables:?}");
    let faults = [faults(&writes, &reached), table_faults(&tables, &reached)].concat();
    assert!(faults.is_empty(), "{faults:#?}\n{reached:#?}");
}

#[test]
fn every_write_in_the_source_is_reached_on_sqlite() {
    every_write_is_reached(None);
}

#[test]
fn slow_every_write_in_the_source_is_reached_on_postgres() {
    let Ok(server) = std::env::var("HUYING_TEST_POSTGRES") else {
        assert!(std::env::var("HUYING_REQUIRE_POSTGRES").is_err(), "HUYING_TEST_POSTGRES names no server");
        return;
    };
    every_write_is_reached(Some(&server));
}

/// The faults of a source of these lines, when these sites were passed; whatever is left out elsewhere aside.
fn planted(text: &str, reached: &[&str]) -> Vec<String> {
    let reached = reached.iter().map(|site| (*site).to_owned()).collect();
    let found = faults(&of_text("crates/x/src/x.rs", text), &reached);
    found.into_iter().filter(|fault| fault.starts_with("crates/x/")).collect()
}

#[test]
fn a_write_that_is_not_reached_is_named_with_its_place() {
    let text = "// sql(\"delete from a\")\nfn f() {\n    sql(\"insert into t (a)\n        values ($1)\");\n}\n";
    assert_eq!(planted(text, &["insert into t"]), Vec::<String>::new());
    assert_eq!(planted(text, &["insert into t or set a"]), Vec::<String>::new());
    let place = "crates/x/src/x.rs:3: insert into t (a) values ($1)";
    assert_eq!(planted(text, &["insert into u"]), [format!("{place}: no stage reaches \"insert into t\"")]);
    for (text, site) in [
        ("f(r#\"update t set a = 1 where id = $1\"#);", "update t set a"),
        ("f('\"', \"with x (a) as (select 1) delete from t where b = 1\");", "delete from t where b"),
        ("store::delete_rows(\"t\", &[\"a\", \"b\"], rows); f(\"c\");", "delete from t where a, b"),
        ("faults.step(\"cut rejects\")?;", "cut rejects"),
        ("M { version: 10_001, name: \"journal\" }", "migrate 10001 journal"),
    ] {
        assert_eq!(planted(text, &[site]), Vec::<String>::new(), "{text}");
        assert!(planted(text, &[])[0].contains(&format!("no stage reaches {site:?}")), "{text}");
    }
}

#[test]
fn each_operation_on_a_file_is_asked_for() {
    let text = "write(What(\"letter\"));";
    let whole = ["write letter", "flush letter", "name letter", "flush folder of letter", "after letter"];
    assert_eq!(planted(text, &whole), Vec::<String>::new());
    for place in 0..whole.len() {
        let most: Vec<&str> = whole.iter().copied().filter(|site| *site != whole[place]).collect();
        assert_eq!(planted(text, &most).len(), 1, "{}", whole[place]);
    }
    assert_eq!(planted(text, &["append letter", "flush letter", "flush folder of letter", "after letter"]).len(), 0);
}

#[test]
fn what_its_text_does_not_tell_has_to_be_told() {
    for text in ["f(format!(\"insert into {table} (a)\"));", "fs::write(path, text)?;", "update_rows(\"t\", keys);"] {
        assert!(planted(text, &[]).iter().any(|fault| fault.contains("COMPOSED does not tell")), "{text}");
    }
}

#[test]
fn two_statements_do_not_hide_behind_one_site() {
    let text = "f(\"insert into t (a) values (1)\");\nf(\"insert into t (b) values (1)\");";
    assert!(planted(text, &["insert into t"])[0].contains("is also that of line 1"));
    let text = text.replace("(b)", "(a)");
    assert_eq!(planted(&text, &["insert into t"]), Vec::<String>::new());
}

#[test]
fn a_table_that_is_never_written_or_restored_is_named() {
    let tables = ["t".to_owned()].into();
    let all = ["insert into t or set a", "insert into \"t\"", "delete from \"t\""].map(str::to_owned);
    assert_eq!(table_faults(&tables, &all.clone().into()), Vec::<String>::new());
    for place in 0..all.len() {
        let most = all.iter().filter(|site| **site != all[place]).cloned().collect();
        assert_eq!(table_faults(&tables, &most).len(), 1, "{}", all[place]);
    }
}
