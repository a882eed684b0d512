//! One department's part in a case, with a state and clocks of its own.

use kernel::{Instant, Limit};
use serde::{Deserialize, Serialize};

use super::{CaseRefusal, Context, NewAssignment, Part, Report, Step};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Counts from 1 within the case; never used twice.
    pub no: u16,
    pub organization: String,
    pub part: Part,
    pub binding: bool,
    pub dispatched_at: Instant,
    pub state: AssignmentState,
    pub inner: Inner,
    /// What it has asked the desk for and not been told yet.
    pub pending: Option<Request>,
    pub extensions: u8,
    pub reworks: u8,
    /// Contacts with the reporter on record.
    pub contacts: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentState {
    Dispatched,
    Answered {
        at: Instant,
    },
    /// Reported as done; signatures inside the organization are still missing.
    Reported {
        report: Report,
    },
    Handled {
        report: Report,
        at: Instant,
    },
    /// A return was granted.
    Returned,
    /// Given to another unit, or the case ended without it.
    TakenAway,
}

/// The work inside the organization, step by step (PRACTICE 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inner {
    pub chain: Vec<Step>,
    /// Index into `chain`.
    pub at: usize,
    /// The part of the organization that holds the step, where it is not the whole.
    pub holder: Option<String>,
    pub taken: Vec<StepTaken>,
}

/// When the work came to a step: the time inside is shown by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTaken {
    pub step: Step,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    Return { asked_at: Instant, suggested: Option<String> },
    Extension { asked_at: Instant, reason: String, by: Limit },
    Suspension { asked_at: Instant, reason: String, until: Instant },
}

impl Assignment {
    pub fn new(new: NewAssignment, at: Instant) -> Assignment {
        let taken = new.chain.first().map(|step| StepTaken { step: *step, at }).into_iter().collect();
        Assignment {
            no: new.no,
            organization: new.organization,
            part: new.part,
            binding: new.binding,
            dispatched_at: at,
            state: AssignmentState::Dispatched,
            inner: Inner { chain: new.chain, at: 0, holder: None, taken },
            pending: None,
            extensions: 0,
            reworks: 0,
            contacts: 0,
        }
    }

    /// Neither returned nor taken away.
    pub fn stands(&self) -> bool {
        !matches!(self.state, AssignmentState::Returned | AssignmentState::TakenAway)
    }

    /// Still to be worked on.
    pub fn is_open(&self) -> bool {
        self.stands() && !matches!(self.state, AssignmentState::Handled { .. })
    }

    pub fn report(&self) -> Option<&Report> {
        match &self.state {
            AssignmentState::Reported { report } | AssignmentState::Handled { report, .. } => Some(report),
            _ => None,
        }
    }

    pub fn state_name(&self) -> &'static str {
        match self.state {
            AssignmentState::Dispatched => "dispatched",
            AssignmentState::Answered { .. } => "answered",
            AssignmentState::Reported { .. } => "reported",
            AssignmentState::Handled { .. } => "handled",
            AssignmentState::Returned => "returned",
            AssignmentState::TakenAway => "taken_away",
        }
    }

    /// The caller belongs to the assigned organization.
    pub(crate) fn must_be_own(&self, cx: &Context) -> Result<(), CaseRefusal> {
        if cx.caller.is_import() || cx.is_at(&self.organization) {
            Ok(())
        } else {
            Err(CaseRefusal::NotYourAssignment { organization: self.organization.clone() })
        }
    }

    /// The caller belongs to the part of the organization that holds the step at hand.
    pub(crate) fn must_hold_step(&self, cx: &Context) -> Result<(), CaseRefusal> {
        self.must_be_own(cx)?;
        match &self.inner.holder {
            Some(holder) if !cx.caller.is_import() && !cx.is_at(holder) => {
                Err(CaseRefusal::NotYourStep { holder: holder.clone() })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn must_be_free(&self) -> Result<(), CaseRefusal> {
        if self.pending.is_some() { Err(CaseRefusal::RequestPending) } else { Ok(()) }
    }

    pub(crate) fn wrong(&self, command: &'static str) -> CaseRefusal {
        CaseRefusal::WrongAssignmentState { command, state: self.state_name() }
    }
}

impl Inner {
    pub fn step(&self) -> Option<Step> {
        self.chain.get(self.at).copied()
    }

    pub fn next(&self) -> Option<Step> {
        self.chain.get(self.at + 1).copied()
    }

    /// Whether a report of completion waits for a signature after the step at hand.
    pub fn needs_signature(&self) -> bool {
        self.next().is_some_and(Step::signs)
    }

    pub(crate) fn go_to(&mut self, step: Step, holder: Option<String>, at: Instant) {
        if let Some(index) = self.chain.iter().position(|one| *one == step) {
            self.at = index;
            self.holder = holder;
            self.taken.push(StepTaken { step, at });
        }
    }
}
