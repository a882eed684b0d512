//! What the timekeeper did, counted.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::CardId;
use crate::case::CaseId;
use crate::outage::OutageId;

/// What one round of the timekeeper did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    pub reminders: u64,
    pub lapses: u64,
    /// Suspensions that ended, calls that passed, rings, limits of cards that ran out.
    pub turns: u64,
    pub proposed: u64,
    pub voided: u64,
    /// Outages applied.
    pub outages: u64,
    /// What another had done before, or what was not due after all.
    pub passed_over: u64,
    /// Facts acknowledged.
    pub facts: u64,
    /// How often each command was carried out: `case`, `call`, `card` or `outage`, and its name in `docs/RULES.md`.
    pub commands: BTreeMap<(&'static str, &'static str), u64>,
    /// Streams that were added to.
    pub touched: BTreeSet<String>,
}

/// What kind of act a clock asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sort {
    Reminder,
    Lapse,
    Turn,
}

/// Whose command it is, and its name.
pub(super) type Name = (&'static str, &'static str);

impl Watched {
    /// Whether nothing was done.
    pub fn is_idle(&self) -> bool {
        self.facts == 0
    }

    pub fn add(&mut self, other: Watched) {
        self.reminders += other.reminders;
        self.lapses += other.lapses;
        self.turns += other.turns;
        self.proposed += other.proposed;
        self.voided += other.voided;
        self.outages += other.outages;
        self.passed_over += other.passed_over;
        self.facts += other.facts;
        for (name, times) in other.commands {
            *self.commands.entry(name).or_default() += times;
        }
        self.touched.extend(other.touched);
    }

    /// An act on the clocks of `stream`. One that had nothing to change is no act.
    pub(super) fn act(&mut self, sort: Sort, name: Name, stream: &str, facts: i64) {
        if facts == 0 {
            return;
        }
        match sort {
            Sort::Reminder => self.reminders += 1,
            Sort::Lapse => self.lapses += 1,
            Sort::Turn => self.turns += 1,
        }
        self.note(name, stream.to_owned(), facts);
    }

    pub(super) fn proposed_card(&mut self, card: CardId, facts: i64) {
        self.proposed += 1;
        self.note(("card", "propose_card"), format!("card/{card}"), facts);
    }

    /// Cards taken back together, and the cases on which the order that one had brought was lifted.
    pub(super) fn voided_cards(&mut self, cards: &[CardId], cases: &[CaseId], facts: i64) {
        self.voided += 1;
        *self.commands.entry(("card", "void")).or_default() += cards.len() as u64;
        self.touched.extend(cards.iter().map(|card| format!("card/{card}")));
        self.touched.extend(cases.iter().map(|case| format!("case/{case}")));
        self.facts += facts as u64;
    }

    /// An outage left out of the clocks of `stream`; where it had nothing to change it is no act.
    pub(super) fn excluded_outage(&mut self, of: &'static str, stream: &str, facts: i64) {
        if facts > 0 {
            self.note((of, "exclude_outage"), stream.to_owned(), facts);
        }
    }

    pub(super) fn applied_outage(&mut self, outage: OutageId, facts: i64) {
        self.outages += 1;
        self.note(("outage", "note_applied"), format!("outage/{outage}"), facts);
    }

    fn note(&mut self, name: Name, stream: String, facts: i64) {
        self.facts += facts as u64;
        *self.commands.entry(name).or_default() += 1;
        self.touched.insert(stream);
    }
}
