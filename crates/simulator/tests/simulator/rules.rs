//! docs/RULES.md says that a simulated month carries out each of its commands on cases, calls, cards, outages and duties.

use store::testing::Fresh;

use crate::district::{TABLES, checks, run, settings};

const RULES: &str = include_str!("../../../../docs/RULES.md");

/// The commands of the table, such as `case.accept`.
fn commands() -> Vec<String> {
    const WHOSE: [(&str, &str); 5] = [
        ("on a case", "case"),
        ("on a call", "call"),
        ("on a card", "card"),
        ("on an outage", "outage"),
        ("when a duty changes hands", "handover"),
    ];
    let of = |(heading, whose): (&str, &'static str)| {
        let section = RULES.split("\n## Commands ").find_map(|section| section.strip_prefix(heading)).unwrap();
        // What follows has headings of its own.
        let own = section.split("\n## ").next().unwrap();
        let rows = own.lines().filter_map(|line| line.strip_prefix("| `"));
        rows.map(move |row| format!("{whose}.{}", row.split('`').next().unwrap())).collect::<Vec<_>>()
    };
    WHOSE.into_iter().flat_map(of).collect()
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
        assert!(ran.tally.proposed_by_hand > 0, "the office proposes one by itself now and then");
        let checked = checks(&fresh.db, Some(&ran)).await;
        assert!(checked.violations.is_empty(), "{:#?}", checked.violations);
        fresh.finish().await;
    });
}
