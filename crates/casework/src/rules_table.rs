//! docs/RULES.md is true of calls, cards and outages. (Cases have a test of their own.)

use std::collections::{BTreeMap, BTreeSet};

use kernel::text;

use crate::{call, card, outage};

const TABLE: &str = include_str!("../../../docs/RULES.md");

/// One section of the table, with the sources it speaks of.
struct Section {
    heading: &'static str,
    names: &'static [&'static str],
    refusals: &'static str,
    /// Of the refusal type, and of its codes.
    kind: &'static str,
    tests: &'static str,
}

const SECTIONS: [Section; 5] = [
    Section {
        heading: "## Commands on a call\n",
        names: &call::Command::NAMES,
        refusals: include_str!("call/refusal.rs"),
        kind: "Call",
        tests: include_str!("call/tests.rs"),
    },
    Section {
        heading: "## Commands on a card\n",
        names: &card::Command::NAMES,
        refusals: include_str!("card/refusal.rs"),
        kind: "Card",
        tests: include_str!("card/tests.rs"),
    },
    Section {
        heading: "## Commands on an outage\n",
        names: &outage::COMMANDS,
        refusals: include_str!("outage/refusal.rs"),
        kind: "Outage",
        tests: include_str!("outage/tests.rs"),
    },
    Section {
        heading: "## Commands when a duty changes hands\n",
        names: &crate::handover::NAMES,
        refusals: include_str!("handover/refusal.rs"),
        kind: "Handover",
        tests: include_str!("handover/tests.rs"),
    },
    Section {
        heading: "## Commands when a list of holidays comes\n",
        names: &["recount"],
        refusals: include_str!("recount.rs"),
        kind: "Recount",
        tests: include_str!("recount/tests.rs"),
    },
];

impl Section {
    /// The cells of its rows.
    fn rows(&self) -> Vec<[&'static str; 5]> {
        let section = TABLE.split(self.heading).nth(1).expect("the section is there");
        let lines = section.split("\n## ").next().unwrap_or(section).lines();
        let cells = |line: &'static str| -> [&'static str; 5] {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            cells.try_into().unwrap_or_else(|_| panic!("five cells: {line}"))
        };
        lines.filter(|line| line.starts_with("| `")).map(cells).collect()
    }

    /// Bodies of the tests by name.
    fn bodies(&self) -> BTreeMap<&'static str, &'static str> {
        let parts = self.tests.split("#[test]\nfn ").skip(1).filter_map(|part| part.split_once("()"));
        parts.map(|(name, rest)| (name, rest.split("\n}\n").next().unwrap_or(rest))).collect()
    }

    fn asserts(&self, body: &str, refusal: &str) -> bool {
        let name = format!("{}Refusal::{refusal}", self.kind);
        let whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
        body.split(&name).skip(1).any(whole) || (refusal == "NotPermitted" && body.contains("not_permitted("))
    }
}

#[test]
fn every_command_is_in_the_table_once() {
    for section in SECTIONS {
        let listed: Vec<&str> = section.rows().iter().map(|row| row[0].trim_matches('`')).collect();
        assert_eq!(listed, section.names);
    }
}

#[test]
fn every_test_named_exists_and_asserts_its_refusals() {
    for section in SECTIONS {
        let bodies = section.bodies();
        for [command, _, _, accepted, refused] in section.rows() {
            for name in accepted.split(", ").map(|test| test.trim_matches('`')) {
                assert!(bodies.contains_key(name), "{command}: no test {name}");
            }
            for part in refused.split("; ") {
                let (test, refusals) = part.split_once(": ").expect("a test and its refusals");
                let test = test.trim_matches('`');
                let body = bodies.get(test).unwrap_or_else(|| panic!("{command}: no test {test}"));
                for refusal in refusals.split(", ") {
                    assert!(section.asserts(body, refusal), "{command}: {test} does not assert {refusal}");
                }
            }
        }
    }
}

#[test]
fn every_refusal_is_in_the_table_and_has_its_text() {
    for section in SECTIONS {
        let rows = section.rows();
        let parts = rows.iter().flat_map(|row| row[4].split("; ")).filter_map(|part| part.split_once(": "));
        let listed: BTreeSet<&str> = parts.flat_map(|(_, refusals)| refusals.split(", ")).collect();
        let prefix = format!("{}Refusal::", section.kind);
        let code = format!("=> \"{}-", section.kind.to_lowercase());
        let mut found = BTreeSet::new();
        for line in section.refusals.lines().filter(|line| line.contains(&code)) {
            let (variant, code) = line.split_once("=> ").expect("an arm");
            found.insert(variant.trim().trim_start_matches(&prefix).trim_end_matches(" { .. }"));
            assert!(text::has(code.trim_matches(['"', ','])), "{code} has no text");
        }
        let found: BTreeSet<&str> = found.into_iter().map(str::trim).collect();
        assert_eq!(found, listed, "{}", section.kind);
    }
}
