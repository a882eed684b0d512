//! What was done, counted.

use std::collections::BTreeMap;

use casework::case;
use serde::Serialize;

/// Counts of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Cases registered.
    pub events: u64,
    /// Facts acknowledged.
    pub facts: u64,
    /// Commands carried out, by name; those of a case that were never used stand with 0.
    pub commands: BTreeMap<String, u64>,
    /// Commands refused by a rule, by name and reason.
    pub refused: BTreeMap<String, u64>,
    /// Commands sent again because their outcome was not known, or sent twice on purpose.
    pub repeated: u64,
}

impl Tally {
    pub fn new() -> Tally {
        let commands = case::Command::NAMES.iter().map(|name| ((*name).to_owned(), 0)).collect();
        Tally { commands, ..Tally::default() }
    }

    pub(crate) fn done(&mut self, command: &str, facts: u64) {
        *self.commands.entry(command.to_owned()).or_default() += 1;
        self.facts += facts;
        if matches!(command, "register" | "settle") {
            self.events += 1;
        }
    }

    pub(crate) fn refused(&mut self, command: &str, reason: &str) {
        *self.refused.entry(format!("{command}: {reason}")).or_default() += 1;
    }

    /// Commands of the life cycle that nobody used.
    pub fn unused(&self) -> Vec<&str> {
        self.commands.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name.as_str()).collect()
    }
}
