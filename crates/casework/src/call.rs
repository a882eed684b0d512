//! A call (呼叫): a subdistrict summons several departments to one place; each answers, arrives, acts; the caller scores
//! each (PRACTICE 1, 16).
//!
//! Pure. The district centre checks a call against the matter list and may object within minutes; silence lets it pass,
//! and an emergency goes direct. A call rings the post on duty, then the deputy, then the centre.

mod command;
mod duty;
mod fact;
mod offer;
mod refusal;
mod summons;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use kernel::Instant;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::case::{CaseId, Context, MatterRef, Place, Timer, Urgency};

pub use command::{CallOff, Clear, Command, End, ExcludeOutage, Lapse, Object, Pass, Raise, Remind};
pub use duty::Duty;
pub use fact::{CallEvent, CallFact, Decided, Raised};
pub use offer::Offer;
pub use refusal::CallRefusal;
pub use summons::{Act, Answer, Arrive, Ring, Score, Scored, Summons, SummonsState};

kernel::id!(
    /// Identifier of a call; its journal stream is `call/` and this.
    CallId
);

/// The whole state of a call, rebuilt from its facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub id: CallId,
    /// Number of facts so far.
    pub version: i64,
    /// The subdistrict that calls.
    pub caller: String,
    /// The case it is raised for, where there is one.
    pub case: Option<CaseId>,
    pub matter: MatterRef,
    pub urgency: Urgency,
    pub place: Place,
    pub raised_at: Instant,
    pub phase: Phase,
    pub summons: Vec<Summons>,
    pub clocks: BTreeMap<CallClock, Timer>,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The centre may still object; nobody has been rung.
    Checking,
    /// The departments are summoned.
    Standing { since: Instant },
    /// The centre objected.
    Objected { at: Instant },
    /// The caller needs nobody any more, before all had acted.
    CalledOff { at: Instant },
    /// All that were summoned have acted.
    Ended { at: Instant },
}

/// Names one clock of a call. Written `objection`, `ring/1`, `answer/1`, `arrive/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallClock {
    /// In which the centre may object; it then passes by itself.
    Objection,
    /// Without an answer by then the next in the ring is called; no lapse.
    Ring(u16),
    Answer(u16),
    Arrive(u16),
}

/// Facts to append, in order, or why not.
pub type Decision = Result<Vec<Decided>, CallRefusal>;

/// Decides a command on an existing call; raising one has a function of its own: [`Raise::decide`].
pub fn decide(call: &Call, command: &Command, duty: Duty, cx: &Context) -> Decision {
    command.decide(call, duty, cx)
}

impl Call {
    pub fn state(&self) -> &'static str {
        match self.phase {
            Phase::Checking => "checking",
            Phase::Standing { .. } => "standing",
            Phase::Objected { .. } => "objected",
            Phase::CalledOff { .. } => "called_off",
            Phase::Ended { .. } => "ended",
        }
    }

    /// Nothing more is owed by anyone.
    pub fn is_over(&self) -> bool {
        !matches!(self.phase, Phase::Checking | Phase::Standing { .. })
    }

    pub fn summons_of(&self, no: u16) -> Option<&Summons> {
        self.summons.iter().find(|summons| summons.no == no)
    }

    /// When the next clock of a summons lapses.
    pub fn due_of(&self, no: u16) -> Option<Instant> {
        let own = [CallClock::Answer(no), CallClock::Arrive(no)];
        own.iter().filter_map(|clock| self.clocks.get(clock)?.due()).min()
    }

    /// Whether the post was rung, for any organization.
    pub fn has_rung(&self, post: &str) -> bool {
        self.summons.iter().any(|summons| summons.rung.iter().any(|rung| rung == post))
    }

    /// Organizations summoned.
    pub fn summoned(&self) -> BTreeSet<&str> {
        self.summons.iter().map(|summons| summons.organization.as_str()).collect()
    }

    /// The open timer of `clock`, stopped at `at`.
    fn stopping(&self, clock: CallClock, at: Instant) -> Option<(CallClock, Timer)> {
        self.clocks.get(&clock).filter(|timer| timer.is_open()).map(|timer| (clock, timer.stopped(at)))
    }

    /// Every clock that is still open, cancelled.
    fn ending(&self, at: Instant) -> Vec<(CallClock, Timer)> {
        let open = self.clocks.iter().filter(|(_, timer)| timer.is_open());
        open.map(|(clock, timer)| (*clock, timer.cancelled(at))).collect()
    }
}

impl CallClock {
    /// Whether running out of time is a fault of the holder.
    pub fn scored(self) -> bool {
        matches!(self, CallClock::Answer(_) | CallClock::Arrive(_))
    }

    pub fn name(self) -> &'static str {
        match self {
            CallClock::Objection => "objection",
            CallClock::Ring(_) => "ring",
            CallClock::Answer(_) => "answer",
            CallClock::Arrive(_) => "arrive",
        }
    }
}

impl fmt::Display for CallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallClock::Objection => f.write_str(self.name()),
            CallClock::Ring(no) | CallClock::Answer(no) | CallClock::Arrive(no) => write!(f, "{}/{no}", self.name()),
        }
    }
}

/// Text that names no clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no clock of a call")]
pub struct UnknownCallClock(String);

impl FromStr for CallClock {
    type Err = UnknownCallClock;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownCallClock(text.to_owned());
        if text == "objection" {
            return Ok(CallClock::Objection);
        }
        let (name, no) = text.split_once('/').ok_or_else(unknown)?;
        let no = no.parse().map_err(|_| unknown())?;
        match name {
            "ring" => Ok(CallClock::Ring(no)),
            "answer" => Ok(CallClock::Answer(no)),
            "arrive" => Ok(CallClock::Arrive(no)),
            _ => Err(unknown()),
        }
    }
}

impl Serialize for CallClock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CallClock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
