//! A case: one appeal, finding or alarm from its registration to its rating.
//!
//! Pure: `decide` turns a case, a command and a context into facts or a refusal; `Case::apply` turns facts into the case.
//! Each file below holds one family of rules with its commands, decisions and refusals' causes.

mod action;
mod apply;
mod assignment;
mod clocks;
mod closing;
mod command;
mod confidence;
mod context;
mod delays;
mod dispatch;
mod draft;
mod fact;
mod follow_up;
mod groups;
mod handling;
mod inner;
mod intake;
mod offer;
mod outer;
mod parts;
mod pressure;
mod refusal;
mod returns;
mod rulebook;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Instant;
use serde::{Deserialize, Serialize};

use crate::card::CardId;

pub use action::{Action, UnknownAction};
pub use assignment::{Assignment, AssignmentState, Inner, Request, StepTaken};
pub use clocks::{ClockKey, Counted, Timer, UnknownClock};
pub use closing::{Close, Decline, KeepPromise, OrderRework, Rate, Reopen, Verify, Withdraw};
pub use command::Command;
pub use confidence::MakeConfidential;
pub use context::{Caller, Context, Hand, IMPORT, TIMEKEEPER};
pub use delays::{Delay, EndSuspension, RequestDelay, ReviewDelay};
pub use dispatch::{Dispatch, Escalate, Reassign};
pub use draft::Decided;
pub(crate) use draft::Draft;
pub use fact::{BODY_VERSION, CaseEvent, CaseFact, Registered, Reopening};
pub use follow_up::{DecideExclusion, FollowUp, ProposeExclusion, SampleCheck};
pub use groups::{Group, Ungroup};
pub use handling::{Answer, RecordContact, ReportDone};
pub use inner::{PassInside, SendBack, Sign};
pub use intake::{Accept, Correct, Location, Register, Reporter, Settle, Supplement, register, settle};
pub use offer::Offer;
pub use outer::{AnswerForCity, AnswerLetter, AskCity, SendLetter};
pub use parts::{
    Channel, Closing, Confidentiality, Contact, ContactWay, Evidence, MatterRef, NewAssignment, Outcome, OuterOrder,
    OuterRequest, Part, Place, Promise, Question, Rater, Report, RequestKind, Urgency, Visit,
};
pub use pressure::{AnswerSupervision, ExcludeOutage, Lapse, Remind, Supervise};
pub use refusal::CaseRefusal;
pub use returns::{Arbitrate, RequestReturn, ReviewReturn};
pub use rulebook::{
    ExtensionRules, FollowUpRules, Governing, Instruction, MatterRule, Organization, Party, ReopeningRules,
    ReturnRules, Rulebook, Rules, Stage, Step, SuspensionRules,
};
pub use words::{Personal, Words};

kernel::id!(
    /// Identifier of a case; its journal stream is `case/` and this.
    CaseId
);

/// The whole state of a case, rebuilt from its facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    /// Number of facts so far.
    pub version: i64,
    pub number: String,
    pub channel: Channel,
    pub kind: RequestKind,
    pub reporter: Option<String>,
    /// Person key of the member of staff who registered it, where one did.
    pub registered_by: Option<String>,
    pub opened_at: Instant,
    pub matter: Option<MatterRef>,
    pub urgency: Urgency,
    pub place: Option<Place>,
    /// The point given stands for no place where it came from: the case counts in no area until it is placed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unplaced: bool,
    /// The organization that accepts, dispatches, reviews, verifies and closes.
    pub desk: String,
    pub phase: Phase,
    pub assignments: Vec<Assignment>,
    /// The assignment that co-ordinates: the first receiver's duty lasts until another has taken the case (PRACTICE 6).
    pub coordinator: Option<u16>,
    pub group: Grouping,
    pub returns: u8,
    pub returns_rejected: u8,
    pub reworks: u8,
    pub reopenings: u8,
    pub escalations: u8,
    pub visits: Vec<Visit>,
    pub last_visit: Option<Instant>,
    pub sample: Sample,
    pub exclusion: Exclusion,
    pub promise: Option<Promise>,
    pub outer: Option<Outer>,
    pub letters: Vec<Letter>,
    pub supervision: Vec<Supervision>,
    pub confidentiality: Option<Confidentiality>,
    pub clocks: BTreeMap<ClockKey, Timer>,
}

/// How far a case has come. While it is in hand its assignments say more: see `CaseState`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Registered,
    Accepted,
    InHand,
    Verified { by: Option<String>, at: Instant },
    Closed { closing: Closing, at: Instant },
    Rated { closing: Closing, at: Instant, ratings: Vec<Rating> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    pub rater: Rater,
    /// 1 to 5.
    pub score: u8,
    pub reason: Option<String>,
}

/// The state people see, derived from the phase and the assignments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    Registered,
    Accepted,
    Dispatched,
    Answered,
    Handled,
    Verified,
    Closed,
    Rated,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    #[default]
    Alone,
    /// Worked on under another case; number, clock, reply and follow-up stay its own (PRACTICE 9).
    Member {
        head: CaseId,
    },
    Head {
        members: BTreeSet<CaseId>,
    },
}

/// Whether a case settled on the spot is to be checked by someone else (PRACTICE 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    #[default]
    NotDrawn,
    Drawn,
    Passed,
    Failed,
}

/// The panel of two on unreasonable or impossible demands (PRACTICE 10).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    #[default]
    None,
    Proposed {
        reason: String,
        by: Option<String>,
    },
    Excluded {
        reason: String,
    },
    /// Every attempt to reach the reporter failed: not counted.
    Unreachable,
    /// The second person did not agree.
    Declined,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outer {
    pub order: String,
    pub pending: Option<OuterRequest>,
}

/// A letter to a city body (PRACTICE 14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub no: u16,
    pub number: String,
    pub body: String,
    pub leader: String,
    pub sent_at: Instant,
    pub answered_at: Option<Instant>,
}

/// A supervision order (督办).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    pub no: u16,
    pub organization: String,
    pub answered: bool,
    /// The red card that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// Nothing is owed any more: the card that brought it was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lifted: bool,
}

impl Supervision {
    /// An answer is still owed.
    pub fn is_open(&self) -> bool {
        !self.answered && !self.lifted
    }
}

/// Facts to append, in order, or why not.
pub type Decision = Result<Vec<Decided>, CaseRefusal>;

/// Decides a command on an existing case; registration has functions of its own: `register` and `settle`.
pub fn decide(case: &Case, command: &Command, cx: &Context) -> Decision {
    command.decide(case, cx)
}

impl Case {
    pub fn state(&self) -> CaseState {
        match &self.phase {
            Phase::Registered => CaseState::Registered,
            Phase::Accepted => CaseState::Accepted,
            Phase::InHand => self.state_in_hand(),
            Phase::Verified { .. } => CaseState::Verified,
            Phase::Closed { .. } => CaseState::Closed,
            Phase::Rated { .. } => CaseState::Rated,
        }
    }

    /// The least of the standing assignments; with none left the case waits to be dispatched again.
    fn state_in_hand(&self) -> CaseState {
        let standing = self.standing().map(|assignment| match assignment.state {
            AssignmentState::Dispatched => CaseState::Dispatched,
            AssignmentState::Handled { .. } => CaseState::Handled,
            _ => CaseState::Answered,
        });
        standing.min().unwrap_or(CaseState::Accepted)
    }

    /// Assignments that count: neither returned nor taken away.
    pub fn standing(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|assignment| assignment.stands())
    }

    pub fn lead(&self) -> Option<&Assignment> {
        self.standing().find(|assignment| assignment.part == Part::Lead)
    }

    pub fn assignment(&self, no: u16) -> Result<&Assignment, CaseRefusal> {
        self.assignments.iter().find(|assignment| assignment.no == no).ok_or(CaseRefusal::NoSuchAssignment { no })
    }

    pub fn is_closed(&self) -> bool {
        self.closed().is_some()
    }

    /// How and when it closed.
    pub fn closed(&self) -> Option<(&Closing, Instant)> {
        match &self.phase {
            Phase::Closed { closing, at } | Phase::Rated { closing, at, .. } => Some((closing, *at)),
            _ => None,
        }
    }

    pub fn suspended(&self) -> bool {
        self.clocks.iter().any(|(key, timer)| matches!(key, ClockKey::Suspension(_)) && timer.is_running())
    }

    /// The earliest instant at which a clock of handling lapses.
    pub fn due_at(&self) -> Option<Instant> {
        self.clocks.values().filter_map(Timer::due).min()
    }

    /// Takes out whose key the reporter's values were sealed under, and the account of a reporter who registered it: that person was
    /// erased.
    pub fn forget_reporter(&mut self) {
        let reporter = self.reporter.take();
        let account = reporter.as_deref().and_then(|subject| subject.strip_prefix("person/"));
        if account.is_some() && account == self.registered_by.as_deref() {
            self.registered_by = None;
        }
    }

    /// The rule the case was opened under.
    pub fn rule<'b>(&self, book: &'b Rulebook) -> Result<&'b MatterRule, CaseRefusal> {
        let matter = self.matter.as_ref().ok_or(CaseRefusal::MatterMissing)?;
        book.version(&matter.code, &matter.version)
            .ok_or_else(|| CaseRefusal::UnknownMatter { code: matter.code.clone() })
    }

    /// Refuses a command that belongs to other states.
    pub(crate) fn must_be(&self, command: &'static str, allowed: &[CaseState]) -> Result<(), CaseRefusal> {
        let state = self.state();
        if allowed.contains(&state) { Ok(()) } else { Err(CaseRefusal::WrongState { command, state }) }
    }
}

impl CaseState {
    pub const OPEN: [CaseState; 6] = [
        CaseState::Registered,
        CaseState::Accepted,
        CaseState::Dispatched,
        CaseState::Answered,
        CaseState::Handled,
        CaseState::Verified,
    ];

    pub fn name(self) -> &'static str {
        match self {
            CaseState::Registered => "registered",
            CaseState::Accepted => "accepted",
            CaseState::Dispatched => "dispatched",
            CaseState::Answered => "answered",
            CaseState::Handled => "handled",
            CaseState::Verified => "verified",
            CaseState::Closed => "closed",
            CaseState::Rated => "rated",
        }
    }
}
