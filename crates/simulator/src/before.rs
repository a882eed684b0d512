//! What the timekeeper's rounds of an earlier run left, where a run that was cut off is taken up.
//!
//! People's acts are found by their keys. The timekeeper has none: what it did stands, and the rounds of this run are shown
//! it at the same instants.

use std::collections::{BTreeMap, BTreeSet};

use casework::case::TIMEKEEPER;
use journal::{JournalError, tail};
use kernel::{Actor, Instant};
use store::Db;

use crate::town::Town;

#[derive(Default)]
pub(crate) struct Before {
    rounds: BTreeMap<Instant, BTreeSet<String>>,
    last: Option<Instant>,
}

/// Facts read at a time.
const BLOCK: i64 = 4_000;

impl Before {
    pub async fn read(db: &Db, town: &Town) -> Result<Before, JournalError> {
        let mut before = Before::default();
        let mut position = 0;
        loop {
            let facts = tail::after(&mut &*db, position, BLOCK).await?;
            let Some(last) = facts.last() else { return Ok(before) };
            position = last.position;
            for fact in facts {
                before.last = before.last.max(Some(fact.at));
                if town.is_round(fact.at) && fact.actor == Actor::system(TIMEKEEPER) {
                    before.rounds.entry(fact.at).or_default().insert(fact.stream);
                }
            }
        }
    }

    /// The latest instant at which anything happened.
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Streams that the round at `at` added to.
    pub fn touched(&self, at: Instant) -> BTreeSet<String> {
        self.rounds.get(&at).cloned().unwrap_or_default()
    }

    /// Whether the round at `at` came to its end: something happened later.
    pub fn is_past(&self, at: Instant) -> bool {
        self.last.is_some_and(|last| last > at)
    }
}
