//! Verification, rework, closing, rating and reopening (PRACTICE 8, 10, 12).

use serde::{Deserialize, Serialize};

use super::{
    Action, AssignmentState, Case, CaseEvent, CaseRefusal, CaseState, ClockKey, Closing, Context, Decided, Decision,
    Evidence, Grouping, Outcome, Phase, Rater, Reopening, Stage, Timer, Words,
};

/// The desk checks what was reported as done. Who: `case.verify` at the desk, another person than who reported. State:
/// handled. Evidence: what the check saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verify {
    pub evidence: Vec<Evidence>,
    pub words: Option<Words>,
}

/// Sends handled work back (返工) with the shorter limit of rework. Who: `case.verify` at the desk. State: handled or
/// verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRework {
    pub assignments: Vec<u16>,
    pub reason: Words,
}

/// Closes with a reply. Who: `case.close` at the desk. State: verified; accepted, when the desk itself explains or directs;
/// accepted and grouped, when the head is closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Close {
    /// The lead's report decides where none is given.
    pub outcome: Option<Outcome>,
    pub reply: Words,
}

/// Does not take the case on: not within remit, or directed to the legal route. Who: `case.accept` at the desk. State:
/// registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decline {
    pub outcome: Outcome,
    pub reply: Words,
}

/// Ends it at the reporter's wish. Who: the reporter, or `case.withdraw` at the desk. State: until verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdraw {
    pub reason: Words,
}

/// Scores from 1 to 5. Who: the reporter, or `case.rate` at the desk; each once. State: closed. A low score of the desk
/// gives its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub score: u8,
    /// Reason code.
    pub reason: Option<String>,
    pub words: Option<Words>,
}

/// Opens a closed case again (重启). Who: the reporter, or `case.reopen` at the desk. State: closed, within the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reopen {
    pub reason: Words,
}

/// Records that an interim answer's promise was kept. Who: `case.close` at the desk or `case.handle` in the lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeepPromise {
    pub words: Words,
}

impl Verify {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("verify", &[CaseState::Handled])?;
        cx.require_desk(case, Action::Verify)?;
        let person = cx.caller.hand.person();
        let reported = case.standing().filter_map(|one| one.report()).filter_map(|report| report.by.as_deref());
        if person.is_some() && reported.into_iter().any(|by| Some(by) == person) {
            return Err(CaseRefusal::SamePerson);
        }
        Decided::new(cx, CaseEvent::Verified { evidence: self.evidence.clone() })
            .clocks(case.stopping(ClockKey::Verify, cx.effective_at()))
            .may_say(cx, "words", self.words.as_ref())
            .alone()
    }
}

impl OrderRework {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("order_rework", &[CaseState::Handled, CaseState::Verified])?;
        cx.require_desk(case, Action::Verify)?;
        if self.assignments.is_empty() {
            return Err(CaseRefusal::NothingToRework);
        }
        let (rule, at) = (case.rule(cx.book)?, cx.effective_at());
        let mut clocks = Vec::new();
        for no in &self.assignments {
            let assignment = case.assignment(*no)?;
            if !matches!(assignment.state, AssignmentState::Handled { .. }) {
                return Err(CaseRefusal::NothingToRework);
            }
            let again = rule.timer(cx.book, Stage::Rework, &assignment.organization, at);
            let again = again.or_else(|| rule.timer(cx.book, Stage::Handle, &assignment.organization, at));
            clocks.extend(again.map(|timer| (ClockKey::Handle(*no), timer)));
        }
        Decided::new(cx, CaseEvent::ReworkOrdered { assignments: self.assignments.clone() })
            .clocks(case.cancelling(at, |key| key == ClockKey::Verify))
            .clocks(clocks)
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl Close {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_desk(case, Action::Close)?;
        let outcome = match case.state() {
            CaseState::Verified => self.outcome.or(case.lead().and_then(|lead| Some(lead.report()?.outcome))),
            CaseState::Accepted => self.outcome_at_the_desk(case, cx)?,
            state => return Err(CaseRefusal::WrongState { command: "close", state }),
        };
        let outcome = outcome.unwrap_or(Outcome::Solved);
        if let Outcome::Interim(promise) = outcome
            && promise.due <= cx.effective_at()
        {
            return Err(CaseRefusal::PromiseInThePast);
        }
        if outcome == Outcome::Withdrawn {
            return Err(CaseRefusal::WrongState { command: "close", state: case.state() });
        }
        case.closing(outcome, cx).says(cx, "reply", &self.reply).alone()
    }

    /// Without departments: the head's outcome for a member of a group, else only what words can settle.
    fn outcome_at_the_desk(&self, case: &Case, cx: &Context) -> Result<Option<Outcome>, CaseRefusal> {
        if matches!(case.group, Grouping::Member { .. }) {
            let (closing, _) = cx.head.and_then(Case::closed).ok_or(CaseRefusal::HeadStillOpen)?;
            return Ok(self.outcome.or(Some(closing.outcome)));
        }
        match self.outcome {
            Some(Outcome::Explained | Outcome::Procedural | Outcome::NotWithinRemit) => Ok(self.outcome),
            _ => Err(CaseRefusal::WrongState { command: "close", state: CaseState::Accepted }),
        }
    }
}

impl Decline {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("decline", &[CaseState::Registered])?;
        cx.require_desk(case, Action::Accept)?;
        if !matches!(self.outcome, Outcome::NotWithinRemit | Outcome::Procedural) {
            return Err(CaseRefusal::WrongState { command: "decline", state: case.state() });
        }
        case.closing(self.outcome, cx).says(cx, "reply", &self.reply).alone()
    }
}

impl Withdraw {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("withdraw", &CaseState::OPEN[..5])?;
        if !case.is_reporter(cx) {
            cx.require_desk(case, Action::Withdraw)?;
        }
        let closing = Closing { outcome: Outcome::Withdrawn, on_the_spot: false };
        Decided::new(cx, CaseEvent::Closed { closing })
            .clocks(case.cancelling(cx.effective_at(), |key| !matches!(key, ClockKey::Letter(_))))
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl Rate {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("rate", &[CaseState::Closed, CaseState::Rated])?;
        if !(1..=5).contains(&self.score) {
            return Err(CaseRefusal::ScoreOutOfRange { score: self.score });
        }
        let rater = if case.is_reporter(cx) { Rater::Reporter } else { Rater::Desk };
        if rater == Rater::Desk {
            cx.require_desk(case, Action::Rate)?;
            let low = self.score <= cx.book.rules.low_rating;
            if low && self.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
                return Err(CaseRefusal::LowScoreNeedsReason { score: self.score });
            }
        }
        if case.has_rated(rater) {
            return Err(CaseRefusal::AlreadyRated);
        }
        Decided::new(cx, CaseEvent::Rated { rater, score: self.score, reason: self.reason.clone() })
            .may_say(cx, "words", self.words.as_ref())
            .alone()
    }
}

impl Reopen {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("reopen", &[CaseState::Closed, CaseState::Rated])?;
        let cause = if case.is_reporter(cx) {
            Reopening::Reporter
        } else {
            cx.require_desk(case, Action::Reopen)?;
            Reopening::Desk
        };
        if let Some((_, closed_at)) = case.closed() {
            let until = cx.book.calendar.due(closed_at, &cx.book.rules.reopening.window).at;
            if cx.effective_at() > until {
                return Err(CaseRefusal::ReopeningWindowOver { until });
            }
        }
        case.reopening(cause, cx).says(cx, "reason", &self.reason).alone()
    }
}

impl KeepPromise {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        if case.promise.is_none() {
            return Err(CaseRefusal::NoPromise);
        }
        let lead = case.lead().is_some_and(|lead| cx.is_at(&lead.organization) && cx.caller.may(Action::Handle));
        if !lead {
            cx.require_desk(case, Action::Close)?;
        }
        Decided::new(cx, CaseEvent::PromiseKept)
            .clocks(case.stopping(ClockKey::Promise, cx.effective_at()))
            .says(cx, "words", &self.words)
            .alone()
    }
}

impl Case {
    pub(crate) fn has_rated(&self, rater: Rater) -> bool {
        matches!(&self.phase, Phase::Rated { ratings, .. } if ratings.iter().any(|rating| rating.rater == rater))
    }

    /// The fact of closing: the desk's and the city's clocks are met, a promise's starts, nothing else is owed.
    fn closing(&self, outcome: Outcome, cx: &Context) -> Decided {
        let at = cx.effective_at();
        let met = [ClockKey::Accept, ClockKey::Verify, ClockKey::Reply, ClockKey::Outer];
        let kept = |key| matches!(key, ClockKey::Letter(_) | ClockKey::Supervision(_) | ClockKey::Promise);
        let promise = match outcome {
            Outcome::Interim(promise) => Some(Timer::until(self.answerable(), at, promise.due)),
            _ => None,
        };
        let closing = Closing { outcome, on_the_spot: false };
        Decided::new(cx, CaseEvent::Closed { closing })
            .clocks(met.into_iter().filter_map(|key| self.stopping(key, at)))
            .clocks(self.cancelling(at, |key| !met.contains(&key) && !kept(key)))
            .clock(ClockKey::Promise, promise)
    }

    /// The fact of reopening: back to the desk, with the reply owed within the limit of rework (PRACTICE 10).
    pub(crate) fn reopening(&self, cause: Reopening, cx: &Context) -> Decided {
        let at = cx.effective_at();
        let rule = self.rule(cx.book).ok();
        let timer = |stage| rule.and_then(|rule| rule.timer(cx.book, stage, &self.desk, at));
        Decided::new(cx, CaseEvent::Reopened { cause })
            .clocks(self.cancelling(at, |key| key == ClockKey::Promise))
            .clock(ClockKey::Dispatch, timer(Stage::Dispatch))
            .clock(ClockKey::Reply, timer(Stage::Rework).or_else(|| timer(Stage::Reply)))
    }

    fn answerable(&self) -> &str {
        self.lead().map_or(&self.desk, |lead| &lead.organization)
    }
}
