//! docs/RULES.md says that a simulated month carries out each of its commands on cases, calls, cards and outages.

use store::testing::Fresh;

use crate::district::{TABLES, checks, run, settings};

const RULES: &str = include_str!("../../../../docs/RULES.md");

/// The commands of the table, such as `case.accept`.
fn commands() -> Vec<String> {
    let sections = RULES.split("\n## Commands on a").skip(1);
    let of = |section: &'static str| {
        // What follows has headings of its own: a list of holidays that comes, a duty that changes hands.
        let section = section.split("\n## ").next().unwrap();
        let whose = section.trim_start_matches('n').split_whitespace().next().unwrap();
        let own = section.split("\n## ").next().unwrap_or(section);
        let rows = own.lines().filter_map(|line| line.strip_prefix("| `"));
        rows.map(move |row| format!("{whose}.{}", row.split('`').next().unwrap())).collect::<Vec<_>>()
    };
    sections.flat_map(of).collect()
}

#[test]
fn slow_a_simulated_month_uses_every_command_of_the_rules() {
    store::testing::block_on(async {
        let fresh = Fresh::sqlite(&TABLES, store::testing::quick()).await.unwrap();
        let ran = run(&fresh.db, settings(30, 60.0)).await;
        let commands = commands();
        assert_eq!(
            commands.len(),
            ran.tally.commands.len(),
            "the result counts the commands of the table and no other"
        );
        let unused: Vec<&String> =
            commands.iter().filter(|name| ran.tally.commands.get(*name).is_none_or(|times| *times == 0)).collect();
        assert!(unused.is_empty(), "never used: {unused:?}");
        let checked = checks(&fresh.db, Some(&ran)).await;
        assert!(checked.violations.is_empty(), "{:#?}", checked.violations);
        fresh.finish().await;
    });
}
