//! One department's part in a call: rung, answered, arrived, acted, scored.

use kernel::Instant;
use serde::{Deserialize, Serialize};

use super::{Call, CallClock, CallEvent, CallRefusal, Decided, Decision, Duty, Phase};
use crate::case::{Action, Context, Evidence, Timer, Words};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summons {
    /// Counts from 1 within the call.
    pub no: u16,
    pub organization: String,
    pub state: SummonsState,
    /// The posts rung so far, in order: on duty, deputy, centre.
    pub rung: Vec<String>,
    pub answered_at: Option<Instant>,
    pub arrived_at: Option<Instant>,
    pub scored: Option<Scored>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummonsState {
    /// Named, not rung yet: the centre may still object.
    Waiting,
    Rung,
    Answered,
    Arrived,
    Acted {
        at: Instant,
    },
    /// The call ended without it.
    Released,
}

/// The caller's score; the words of its reason are sealed beside the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    pub score: u8,
    pub at: Instant,
}

/// Rings the next post of the ring. Who: the timekeeper. State: rung, and nobody answered within the ring's time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    pub summons: u16,
}

/// Answers. Who: `call.answer` in the summoned organization; the post rung need not be the one that answers. State: rung.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub summons: u16,
    pub words: Option<Words>,
}

/// Reports arrival at the place. Who: as for [`Answer`]. State: rung or answered; arriving answers too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrive {
    pub summons: u16,
}

/// Reports what was done. Who: as for [`Answer`]. State: arrived. With: evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    pub summons: u16,
    pub evidence: Vec<Evidence>,
    pub words: Words,
}

/// Scores a department; a low score with its reason. Who: `call.score` in the subdistrict that called. State: it acted, or
/// the call is over. Once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub summons: u16,
    pub score: u8,
    pub reason: Option<Words>,
}

impl Summons {
    pub fn new(no: u16, organization: String) -> Summons {
        let (state, rung) = (SummonsState::Waiting, Vec::new());
        Summons { no, organization, state, rung, answered_at: None, arrived_at: None, scored: None }
    }

    pub fn has_acted(&self) -> bool {
        matches!(self.state, SummonsState::Acted { .. })
    }

    pub fn state_name(&self) -> &'static str {
        match self.state {
            SummonsState::Waiting => "waiting",
            SummonsState::Rung => "rung",
            SummonsState::Answered => "answered",
            SummonsState::Arrived => "arrived",
            SummonsState::Acted { .. } => "acted",
            SummonsState::Released => "released",
        }
    }

    fn wrong(&self, command: &'static str) -> CallRefusal {
        CallRefusal::WrongSummonsState { command, state: self.state_name() }
    }
}

impl Ring {
    pub(super) fn decide(&self, call: &Call, duty: Duty, cx: &Context) -> Decision {
        cx.require_timekeeper().map_err(|_| CallRefusal::NotPermitted { action: Action::KeepTime })?;
        let summons = call.must_have(self.summons)?;
        if summons.state != SummonsState::Rung {
            return Err(summons.wrong("ring"));
        }
        let clock = CallClock::Ring(summons.no);
        let timer = call.clocks.get(&clock).filter(|timer| timer.is_running());
        let due = timer.ok_or(CallRefusal::ClockNotRunning { clock })?.due_at();
        if cx.at <= due {
            return Err(CallRefusal::NotYetDue { clock, due });
        }
        let next = duty.ring(&summons.organization, due).find(|post| !summons.rung.iter().any(|rung| rung == post));
        let mut decided = match next {
            Some(post) => {
                let again = Timer::unreminded(cx.book, &summons.organization, due, duty.ring_after());
                Decided::new(cx, CallEvent::Rung { summons: summons.no, post: post.to_owned() })
                    .clocks([(clock, again)])
            }
            None => {
                let event = CallEvent::RingExhausted { summons: summons.no };
                Decided::new(cx, event).clocks(call.stopping(clock, due))
            }
        };
        decided.fact.at = due;
        Ok(vec![decided])
    }
}

impl Answer {
    pub(super) fn decide(&self, call: &Call, cx: &Context) -> Decision {
        let summons = call.must_be_summoned(self.summons, cx)?;
        if summons.state != SummonsState::Rung {
            return Err(summons.wrong("answer"));
        }
        let at = cx.effective_at();
        let decided = Decided::new(cx, CallEvent::Answered { summons: summons.no })
            .clocks(call.stopping(CallClock::Answer(summons.no), at))
            .clocks(call.stopping(CallClock::Ring(summons.no), at));
        Ok(vec![decided.may_say(cx, "words", self.words.as_ref())])
    }
}

impl Arrive {
    pub(super) fn decide(&self, call: &Call, cx: &Context) -> Decision {
        let summons = call.must_be_summoned(self.summons, cx)?;
        if !matches!(summons.state, SummonsState::Rung | SummonsState::Answered) {
            return Err(summons.wrong("arrive"));
        }
        let (no, at) = (summons.no, cx.effective_at());
        let mut facts = Vec::new();
        if summons.state == SummonsState::Rung {
            facts.extend(Answer { summons: no, words: None }.decide(call, cx)?);
        }
        let arrived = Decided::new(cx, CallEvent::Arrived { summons: no });
        facts.push(arrived.clocks(call.stopping(CallClock::Arrive(no), at)));
        Ok(facts)
    }
}

impl Act {
    pub(super) fn decide(&self, call: &Call, cx: &Context) -> Decision {
        let summons = call.must_be_summoned(self.summons, cx)?;
        if summons.state != SummonsState::Arrived {
            return Err(summons.wrong("act"));
        }
        if self.evidence.is_empty() {
            return Err(CallRefusal::EvidenceMissing);
        }
        let event = CallEvent::Acted { summons: summons.no, evidence: self.evidence.clone() };
        Ok(vec![Decided::new(cx, event).says(cx, "words", &self.words)])
    }
}

impl Score {
    pub(super) fn decide(&self, call: &Call, duty: Duty, cx: &Context) -> Decision {
        call.must_be_the_caller(Action::ScoreCall, cx)?;
        let summons = call.must_have(self.summons)?;
        let objected = matches!(call.phase, Phase::Objected { .. });
        if objected || !(summons.has_acted() || call.is_over()) {
            return Err(summons.wrong("score"));
        }
        if summons.scored.is_some() {
            return Err(CallRefusal::AlreadyScored);
        }
        let score = self.score;
        if !(1..=duty.scale()).contains(&u32::from(score)) {
            return Err(CallRefusal::ScoreOutOfRange { score, scale: duty.scale() });
        }
        if u32::from(score) <= duty.low_rating() && self.reason.is_none() {
            return Err(CallRefusal::LowScoreNeedsReason { score });
        }
        let scored = Decided::new(cx, CallEvent::Scored { summons: summons.no, score });
        Ok(vec![scored.may_say(cx, "reason", self.reason.as_ref())])
    }
}

impl Call {
    pub(super) fn must_have(&self, no: u16) -> Result<&Summons, CallRefusal> {
        self.summons_of(no).ok_or(CallRefusal::NoSuchSummons { no })
    }

    fn must_be_summoned(&self, no: u16, cx: &Context) -> Result<&Summons, CallRefusal> {
        if !cx.caller.may(Action::AnswerCall) {
            return Err(CallRefusal::NotPermitted { action: Action::AnswerCall });
        }
        let summons = self.must_have(no)?;
        if cx.caller.is_import() || cx.is_at(&summons.organization) {
            return Ok(summons);
        }
        Err(CallRefusal::NotYourSummons { organization: summons.organization.clone() })
    }

    pub(super) fn must_be_the_caller(&self, action: Action, cx: &Context) -> Result<(), CallRefusal> {
        if !cx.caller.may(action) {
            return Err(CallRefusal::NotPermitted { action });
        }
        if cx.caller.is_import() || cx.is_at(&self.caller) {
            return Ok(());
        }
        Err(CallRefusal::NotTheCaller { organization: self.caller.clone() })
    }
}
