//! What was done, counted.

use std::collections::BTreeMap;

use casework::{Watched, call, card, case, handover, outage};
use serde::Serialize;

/// Counts of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Cases registered.
    pub events: u64,
    /// Facts acknowledged.
    pub facts: u64,
    /// Those of them that the timekeeper made.
    pub kept_time: u64,
    /// Commands carried out, by whose they are and their name, such as `case.accept`; those never used stand with 0.
    pub commands: BTreeMap<String, u64>,
    /// Cards that somebody proposed by hand; `commands` counts those of the timekeeper with them.
    pub proposed_by_hand: u64,
    /// Cases, calls and cards whose due instants were counted again by a new list of holidays.
    pub recounted: u64,
    /// Commands refused by a rule, by name and reason.
    pub refused: BTreeMap<String, u64>,
    /// Commands sent again because their outcome was not known, or sent twice on purpose.
    pub repeated: u64,
}

impl Tally {
    pub fn new() -> Tally {
        let all: [(&str, &[&str]); 5] = [
            ("case", case::Command::NAMES),
            ("call", call::Command::NAMES.as_slice()),
            ("card", card::Command::NAMES.as_slice()),
            ("outage", outage::COMMANDS.as_slice()),
            ("handover", handover::NAMES.as_slice()),
        ];
        let names = all.iter().flat_map(|(of, names)| names.iter().map(move |name| (format!("{of}.{name}"), 0)));
        Tally { commands: names.collect(), ..Tally::default() }
    }

    pub(crate) fn done(&mut self, (of, name): (&str, &str), facts: u64) {
        self.count(of, name, 1);
        self.facts += facts;
        self.proposed_by_hand += u64::from((of, name) == ("card", "propose_card"));
        if of == "case" && matches!(name, "register" | "settle") {
            self.events += 1;
        }
    }

    /// What the timekeeper did.
    pub(crate) fn watched(&mut self, watched: &Watched) {
        watched.commands.iter().for_each(|((of, name), times)| self.count(of, name, *times));
        self.facts += watched.facts;
        self.kept_time += watched.facts;
    }

    /// Each leaves one fact.
    pub(crate) fn recounted(&mut self, changed: u64) {
        self.recounted += changed;
        self.facts += changed;
        self.kept_time += changed;
    }

    fn count(&mut self, of: &str, name: &str, times: u64) {
        *self.commands.entry(format!("{of}.{name}")).or_default() += times;
    }

    pub(crate) fn refused(&mut self, (of, name): (&str, &str), reason: &str) {
        *self.refused.entry(format!("{of}.{name}: {reason}")).or_default() += 1;
    }

    /// Commands that nobody used.
    pub fn unused(&self) -> Vec<&str> {
        self.commands.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name.as_str()).collect()
    }
}
