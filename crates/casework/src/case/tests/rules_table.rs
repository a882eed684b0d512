//! docs/RULES.md is true.

use std::collections::{BTreeMap, BTreeSet};

use super::Command;

const TABLE: &str = include_str!("../../../../../docs/RULES.md");
const REFUSALS: &str = include_str!("../refusal.rs");
const TESTS: [&str; 9] = [
    include_str!("closing.rs"),
    include_str!("delays.rs"),
    include_str!("dispatch.rs"),
    include_str!("ending.rs"),
    include_str!("handling.rs"),
    include_str!("intake.rs"),
    include_str!("offline.rs"),
    include_str!("outer.rs"),
    include_str!("pressure.rs"),
];
const MORE: &str = include_str!("returns.rs");

/// Bodies of the tests by name.
fn tests() -> BTreeMap<&'static str, &'static str> {
    let parts = TESTS.iter().chain([&MORE]).flat_map(|source| source.split("#[test]\nfn ").skip(1));
    parts
        .filter_map(|part| {
            let (name, rest) = part.split_once("()")?;
            Some((name, rest.split_once("\n}\n").map_or(rest, |(body, _)| body)))
        })
        .collect()
}

struct Row {
    command: &'static str,
    accepted: Vec<&'static str>,
    refused: &'static str,
    refusals: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let section = TABLE.split("## Commands on a case").nth(1).expect("the table is there");
    let section = section.split("\n## ").next().unwrap_or(section);
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [command, _, _, accepted, refused] = cells[..] else { panic!("five cells: {line}") };
            let (test, refusals) = refused.split_once(": ").expect("a test and its refusals");
            Row {
                command: command.trim_matches('`'),
                accepted: accepted.split(", ").map(|test| test.trim_matches('`')).collect(),
                refused: test.trim_matches('`'),
                refusals: refusals.split(", ").collect(),
            }
        })
        .collect()
}

#[test]
fn the_table_has_every_command_once() {
    let listed: Vec<&str> = rows().iter().map(|row| row.command).collect();
    assert_eq!(listed, Command::NAMES);
}

#[test]
fn every_test_named_exists_and_asserts_its_refusals() {
    let tests = tests();
    for row in rows() {
        assert!(!row.accepted.is_empty());
        for name in &row.accepted {
            assert!(tests.contains_key(name), "{}: no test {name}", row.command);
        }
        let body = tests.get(row.refused).unwrap_or_else(|| panic!("{}: no test {}", row.command, row.refused));
        for refusal in row.refusals {
            let name = format!("CaseRefusal::{refusal}");
            let whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
            assert!(body.split(&name).skip(1).any(whole), "{}: {} does not assert {refusal}", row.command, row.refused);
        }
    }
}

#[test]
fn every_refusal_is_in_the_table_and_has_its_text() {
    let listed: BTreeSet<&str> = rows().into_iter().flat_map(|row| row.refusals).collect();
    let codes = REFUSALS.split("pub fn code(&self)").nth(1).and_then(|rest| rest.split("fn kind(&self)").next());
    let mut count = 0;
    for line in codes.expect("the codes are there").lines().filter(|line| line.contains("=> \"case-")) {
        let (variant, code) = line.split_once("=> ").expect("an arm");
        let variant = variant.trim().trim_start_matches("CaseRefusal::").trim_end_matches(" { .. }");
        assert!(listed.contains(variant), "{variant} is in no row");
        assert!(kernel::text::has(code.trim_matches(['"', ','])), "{code} has no text");
        count += 1;
    }
    assert_eq!(count, listed.len());
}
