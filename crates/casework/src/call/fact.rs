//! What can happen to a call.

use std::collections::BTreeSet;

use kernel::Instant;
use serde::{Deserialize, Serialize};

use super::{Call, CallClock, CallId, Phase, Scored, Summons, SummonsState};
use crate::case::{BODY_VERSION, CaseId, Context, Evidence, Hand, MatterRef, Personal, Place, Timer, Urgency, Words};

/// One fact of a call: who, when it counts, what happened, and the clocks it left changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallFact {
    pub v: u16,
    /// When it counts (`effective_at`).
    pub at: Instant,
    pub hand: Hand,
    pub event: CallEvent,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<(CallClock, Timer)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEvent {
    Raised(Box<Raised>),
    /// The centre found it in order.
    Cleared,
    Objected,
    /// Nobody objected in time.
    Passed,
    /// A department is rung first; no post where its roster has a hole.
    Summoned {
        summons: u16,
        post: Option<String>,
    },
    /// The next post is rung.
    Rung {
        summons: u16,
        post: String,
    },
    /// Nobody in the ring answered; the clock of the answer runs on.
    RingExhausted {
        summons: u16,
    },
    Answered {
        summons: u16,
    },
    Arrived {
        summons: u16,
    },
    Acted {
        summons: u16,
        evidence: Vec<Evidence>,
    },
    Scored {
        summons: u16,
        score: u8,
    },
    CalledOff,
    Ended,
    Reminded {
        clock: CallClock,
    },
    Lapsed {
        clock: CallClock,
        holder: String,
    },
    OutageExcluded {
        from: Instant,
        until: Instant,
    },
    /// The lists of holidays of these years were at hand when provisional due instants were counted again.
    Recounted {
        years: BTreeSet<i16>,
    },
}

/// What raising a call leaves on record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    pub caller: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    pub matter: MatterRef,
    pub urgency: Urgency,
    pub place: Place,
    pub organizations: Vec<String>,
    /// An emergency: no check by the centre.
    pub direct: bool,
}

/// A fact to append, with the personal values to seal beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub fact: CallFact,
    pub personal: Vec<Personal>,
}

impl Decided {
    pub(crate) fn new(cx: &Context, event: CallEvent) -> Decided {
        let (at, hand) = (cx.effective_at(), cx.caller.hand.clone());
        Decided { fact: CallFact { v: BODY_VERSION, at, hand, event, clocks: Vec::new() }, personal: Vec::new() }
    }

    pub(crate) fn clocks(mut self, clocks: impl IntoIterator<Item = (CallClock, Timer)>) -> Decided {
        self.fact.clocks.extend(clocks);
        self
    }

    pub(super) fn says(mut self, cx: &Context, field: &'static str, words: &Words) -> Decided {
        self.personal.push(Personal::new(cx.caller.hand.subject(), field, words.as_str()));
        self
    }

    pub(super) fn may_say(self, cx: &Context, field: &'static str, words: Option<&Words>) -> Decided {
        match words {
            Some(words) => self.says(cx, field, words),
            None => self,
        }
    }
}

impl CallEvent {
    /// Kind of the fact in the journal, such as `call.raised`.
    pub fn kind(&self) -> &'static str {
        match self {
            CallEvent::Raised(_) => "call.raised",
            CallEvent::Cleared => "call.cleared",
            CallEvent::Objected => "call.objected",
            CallEvent::Passed => "call.passed",
            CallEvent::Summoned { .. } => "call.summoned",
            CallEvent::Rung { .. } => "call.rung",
            CallEvent::RingExhausted { .. } => "call.ring_exhausted",
            CallEvent::Answered { .. } => "call.answered",
            CallEvent::Arrived { .. } => "call.arrived",
            CallEvent::Acted { .. } => "call.acted",
            CallEvent::Scored { .. } => "call.scored",
            CallEvent::CalledOff => "call.called_off",
            CallEvent::Ended => "call.ended",
            CallEvent::Reminded { .. } => "call.reminded",
            CallEvent::Lapsed { .. } => "call.lapsed",
            CallEvent::OutageExcluded { .. } => "call.outage_excluded",
            CallEvent::Recounted { .. } => "call.recounted",
        }
    }
}

impl Call {
    /// The call after its first fact; none where that does not raise one.
    pub fn begin(id: CallId, fact: &CallFact) -> Option<Call> {
        let CallEvent::Raised(raised) = &fact.event else { return None };
        let summons =
            raised.organizations.iter().zip(1..).map(|(organization, no)| Summons::new(no, organization.clone()));
        Some(Call {
            id,
            version: 1,
            caller: raised.caller.clone(),
            case: raised.case,
            matter: raised.matter.clone(),
            urgency: raised.urgency,
            place: raised.place.clone(),
            raised_at: fact.at,
            phase: if raised.direct { Phase::Standing { since: fact.at } } else { Phase::Checking },
            summons: summons.collect(),
            clocks: fact.clocks.iter().cloned().collect(),
        })
    }

    pub fn apply(&mut self, fact: &CallFact) {
        self.version += 1;
        self.clocks.extend(fact.clocks.iter().cloned());
        let at = fact.at;
        match &fact.event {
            // Only a stream's first fact raises: see `begin`.
            CallEvent::Raised(_) => {}
            CallEvent::Cleared | CallEvent::Passed => self.phase = Phase::Standing { since: at },
            CallEvent::Objected => {
                self.phase = Phase::Objected { at };
                self.release();
            }
            CallEvent::CalledOff => {
                self.phase = Phase::CalledOff { at };
                self.release();
            }
            CallEvent::Ended => self.phase = Phase::Ended { at },
            CallEvent::Summoned { summons, post } => self.change(*summons, |one| {
                one.state = SummonsState::Rung;
                one.rung.extend(post.clone());
            }),
            CallEvent::Rung { summons, post } => self.change(*summons, |one| one.rung.push(post.clone())),
            CallEvent::Answered { summons } => self.change(*summons, |one| {
                one.state = SummonsState::Answered;
                one.answered_at = Some(at);
            }),
            CallEvent::Arrived { summons } => self.change(*summons, |one| {
                one.state = SummonsState::Arrived;
                one.arrived_at = Some(at);
            }),
            CallEvent::Acted { summons, .. } => self.change(*summons, |one| one.state = SummonsState::Acted { at }),
            CallEvent::Scored { summons, score } => {
                self.change(*summons, |one| one.scored = Some(Scored { score: *score, at }));
            }
            CallEvent::RingExhausted { .. }
            | CallEvent::Reminded { .. }
            | CallEvent::Lapsed { .. }
            | CallEvent::OutageExcluded { .. }
            | CallEvent::Recounted { .. } => {}
        }
    }

    fn change(&mut self, no: u16, change: impl FnOnce(&mut Summons)) {
        if let Some(summons) = self.summons.iter_mut().find(|summons| summons.no == no) {
            change(summons);
        }
    }
}
