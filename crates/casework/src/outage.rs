//! An outage: an interval in which the platform itself was down, declared and journaled. It is not counted against
//! anyone (PRACTICE 17).
//!
//! Pure. The declaration is one fact; the timekeeper then leaves the interval out of every clock that ran in it.

mod refusal;
#[cfg(test)]
mod tests;

use kernel::Instant;
use serde::{Deserialize, Serialize};

use crate::case::{Action, BODY_VERSION, Context, Hand, Personal, Words};

pub use refusal::OutageRefusal;

kernel::id!(
    /// Identifier of an outage; its journal stream is `outage/` and this.
    OutageId
);

/// Names of all commands, the one that opens an outage first.
pub const COMMANDS: [&str; 2] = ["declare", "note_applied"];

/// The whole state of an outage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    pub id: OutageId,
    /// Number of facts so far.
    pub version: i64,
    /// From `from` to before `until`.
    pub from: Instant,
    pub until: Instant,
    pub declared_at: Instant,
    /// Every clock that ran in it has been looked at.
    pub applied_at: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutageFact {
    pub v: u16,
    /// When it counts (`effective_at`).
    pub at: Instant,
    pub hand: Hand,
    pub event: OutageEvent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutageEvent {
    Declared {
        from: Instant,
        until: Instant,
    },
    /// The timekeeper has been through all clocks.
    Applied,
}

/// A fact to append, with the personal values to seal beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub fact: OutageFact,
    pub personal: Vec<Personal>,
}

/// Declares an outage that is over. Who: `outage.declare` in the organization that the profile names. With: from, until
/// and how it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declare {
    pub from: Instant,
    pub until: Instant,
    pub words: Words,
}

impl Declare {
    /// `declarer`: organization that may (`rules.toml`, `outage.declarer`); `others`: the outages on record.
    pub fn decide(
        &self,
        declarer: &str,
        others: &[(Instant, Instant)],
        cx: &Context,
    ) -> Result<Decided, OutageRefusal> {
        if !cx.caller.may(Action::DeclareOutage) {
            return Err(OutageRefusal::NotPermitted { action: Action::DeclareOutage });
        }
        if !cx.caller.is_import() && !cx.is_at(declarer) {
            return Err(OutageRefusal::NotTheDeclarer { declarer: declarer.to_owned() });
        }
        if self.until <= self.from {
            return Err(OutageRefusal::Empty);
        }
        if self.until > cx.at {
            return Err(OutageRefusal::NotOver { at: cx.at });
        }
        if let Some((from, until)) = others.iter().find(|(from, until)| *from < self.until && self.from < *until) {
            return Err(OutageRefusal::Overlaps { from: *from, until: *until });
        }
        let event = OutageEvent::Declared { from: self.from, until: self.until };
        let words = Personal::new(cx.caller.hand.subject(), "words", self.words.as_str());
        let fact = OutageFact { v: BODY_VERSION, at: cx.at, hand: cx.caller.hand.clone(), event };
        Ok(Decided { fact, personal: vec![words] })
    }
}

impl Outage {
    /// The outage after its first fact; none where that declares nothing.
    pub fn begin(id: OutageId, fact: &OutageFact) -> Option<Outage> {
        let OutageEvent::Declared { from, until } = fact.event else { return None };
        Some(Outage { id, version: 1, from, until, declared_at: fact.at, applied_at: None })
    }

    pub fn apply(&mut self, fact: &OutageFact) {
        self.version += 1;
        if fact.event == OutageEvent::Applied {
            self.applied_at = Some(fact.at);
        }
    }

    /// Records that every clock has been looked at. Who: the timekeeper. Once.
    pub fn applied(&self, cx: &Context) -> Result<Decided, OutageRefusal> {
        cx.require_timekeeper().map_err(|_| OutageRefusal::NotPermitted { action: Action::KeepTime })?;
        if self.applied_at.is_some() {
            return Err(OutageRefusal::AlreadyApplied);
        }
        let fact = OutageFact { v: BODY_VERSION, at: cx.at, hand: cx.caller.hand.clone(), event: OutageEvent::Applied };
        Ok(Decided { fact, personal: Vec::new() })
    }
}

impl OutageEvent {
    /// Kind of the fact in the journal.
    pub fn kind(self) -> &'static str {
        match self {
            OutageEvent::Declared { .. } => "outage.declared",
            OutageEvent::Applied => "outage.applied",
        }
    }
}
