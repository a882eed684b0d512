//! Extension and suspension (延期, 缓办, PRACTICE 7).

use kernel::{ClockError, Instant, Limit};
use serde::{Deserialize, Serialize};

use super::{
    Action, Assignment, AssignmentState, Case, CaseEvent, CaseRefusal, ClockKey, Context, Decided, Decision, Request,
    Timer, Words,
};

/// More time, or a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    Extension {
        by: Limit,
    },
    /// The clock of handling stands still until then and runs on by itself.
    Suspension {
        until: Instant,
    },
}

/// Asks for more time or a pause. Who: `case.handle` in the assigned organization. State: dispatched or answered, before
/// the clock is due; an extension once, no longer than the profile allows; a suspension with an end date. Evidence: a
/// reason code of the profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestDelay {
    pub assignment: u16,
    pub delay: Delay,
    pub reason: String,
    pub words: Words,
}

/// Grants or refuses it. Who: `case.review` at the desk, not in the asking organization. The fact of a grant carries reason
/// and new date, which the reporter is told. However long the review takes, what was asked for in time is granted as from
/// the asking: a lapse in between is taken back where the new due instant is later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewDelay {
    pub assignment: u16,
    pub granted: bool,
    pub words: Option<Words>,
}

/// Ends a suspension before its time. Who: `case.handle` in the assigned organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndSuspension {
    pub assignment: u16,
}

impl RequestDelay {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_be_own(cx)?;
        if !matches!(assignment.state, AssignmentState::Dispatched | AssignmentState::Answered { .. }) {
            return Err(assignment.wrong("request_delay"));
        }
        assignment.must_be_free()?;
        let at = cx.effective_at();
        let (no, reason) = (assignment.no, self.reason.clone());
        let event = match self.delay {
            Delay::Extension { by } => {
                let until = self.may_extend(case, assignment, by, cx)?;
                CaseEvent::ExtensionRequested { assignment: no, reason, by, until }
            }
            Delay::Suspension { until } => {
                self.may_suspend(case, assignment, until, cx)?;
                CaseEvent::SuspensionRequested { assignment: no, reason, until }
            }
        };
        let review = Timer::start(cx.book, &case.desk, at, cx.book.rules.returns.review, None);
        Decided::new(cx, event).clock(ClockKey::Review(no), review).says(cx, "reason", &self.words).alone()
    }

    /// The due instant it would have.
    fn may_extend(
        &self,
        case: &Case,
        assignment: &Assignment,
        by: Limit,
        cx: &Context,
    ) -> Result<Instant, CaseRefusal> {
        let rules = &cx.book.rules.extension;
        if !rules.reasons.contains(&self.reason) {
            return Err(CaseRefusal::UnknownReason { reason: self.reason.clone() });
        }
        if assignment.extensions >= rules.most {
            return Err(CaseRefusal::ExtensionsExhausted { most: rules.most });
        }
        let at = cx.effective_at();
        let timer = case.handling(assignment.no)?;
        let clock = timer.clock().ok_or(CaseRefusal::NoClock)?;
        let extended = clock.extend(&cx.book.calendar, at, by).map_err(refused)?;
        // Asked for too late when the time left is shorter than the notice the profile wants.
        if !rules.before_due.is_zero() && cx.book.calendar.due(at, &rules.before_due).at > clock.due().at {
            return Err(CaseRefusal::PastDue { due: clock.due().at });
        }
        // Never longer than the profile's longest, nor than the limit itself; both as they would count from today's due.
        let longest = [rules.longest, clock.limit()]
            .into_iter()
            .map(|limit| cx.book.calendar.due(clock.due().at, &limit).at)
            .min()
            .unwrap_or(clock.due().at);
        if cx.book.calendar.due(clock.due().at, &by).at > longest {
            return Err(CaseRefusal::TooLong { longest });
        }
        Ok(extended.due().at)
    }

    fn may_suspend(
        &self,
        case: &Case,
        assignment: &Assignment,
        until: Instant,
        cx: &Context,
    ) -> Result<(), CaseRefusal> {
        let rules = &cx.book.rules.suspension;
        if !rules.reasons.contains(&self.reason) {
            return Err(CaseRefusal::UnknownReason { reason: self.reason.clone() });
        }
        let at = cx.effective_at();
        if case.is_suspended(assignment.no, at) {
            return Err(CaseRefusal::Suspended);
        }
        if until <= at {
            return Err(CaseRefusal::EndsTooEarly { at });
        }
        let longest = cx.book.calendar.due(at, &rules.longest).at;
        if until > longest {
            return Err(CaseRefusal::TooLong { longest });
        }
        let clock = case.handling(assignment.no)?.clock().ok_or(CaseRefusal::NoClock)?;
        clock.suspend(&cx.book.calendar, at, until).map(|_| ()).map_err(refused)
    }
}

impl ReviewDelay {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_desk(case, Action::Review)?;
        let assignment = case.assignment(self.assignment)?;
        if cx.is_at(&assignment.organization) {
            return Err(CaseRefusal::NotIndependent);
        }
        let (no, at) = (assignment.no, cx.effective_at());
        let calendar = &cx.book.calendar;
        let decided = match (&assignment.pending, self.granted) {
            (Some(Request::Extension { asked_at, reason, by }), true) => {
                let extend = |timer: &Timer| {
                    let clock = timer.clock()?.extend(calendar, *asked_at, *by);
                    Some(clock.map(|clock| timer.moved(cx.book, clock, at)))
                };
                let timer = extend(case.handling(no)?).ok_or(CaseRefusal::NoClock)?.map_err(refused)?;
                let (reason, until) = (reason.clone(), timer.due_at());
                // The desk's clock of the whole gives the same time, where it still can.
                let reply = case.clocks.get(&ClockKey::Reply).and_then(extend).and_then(Result::ok);
                Decided::new(cx, CaseEvent::ExtensionGranted { assignment: no, reason, until })
                    .clock(ClockKey::Handle(no), timer)
                    .clock(ClockKey::Reply, reply)
            }
            (Some(Request::Suspension { asked_at, reason, until }), true) => {
                let (asked_at, until) = (*asked_at, *until);
                let suspend = |timer: &Timer| {
                    let clock = timer.clock()?.suspend(calendar, asked_at, until);
                    Some(clock.map(|clock| timer.moved(cx.book, clock, at)))
                };
                let timer = suspend(case.handling(no)?).ok_or(CaseRefusal::NoClock)?.map_err(refused)?;
                let reply = case.clocks.get(&ClockKey::Reply).and_then(suspend).and_then(Result::ok);
                Decided::new(cx, CaseEvent::SuspensionGranted { assignment: no, reason: reason.clone(), until })
                    .clock(ClockKey::Handle(no), timer)
                    .clock(ClockKey::Reply, reply)
                    .clock(ClockKey::Suspension(no), Timer::until(&assignment.organization, asked_at, until))
            }
            (Some(Request::Extension { .. }), false) => {
                Decided::new(cx, CaseEvent::ExtensionRefused { assignment: no })
            }
            (Some(Request::Suspension { .. }), false) => {
                Decided::new(cx, CaseEvent::SuspensionRefused { assignment: no })
            }
            _ => return Err(CaseRefusal::NothingToReview),
        };
        decided.clocks(case.stopping(ClockKey::Review(no), at)).may_say(cx, "reason", self.words.as_ref()).alone()
    }
}

impl EndSuspension {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_be_own(cx)?;
        let (no, at) = (assignment.no, cx.effective_at());
        if !case.is_suspended(no, at) {
            return Err(CaseRefusal::NotSuspended);
        }
        Decided::new(cx, CaseEvent::SuspensionEnded { assignment: no })
            .clock(ClockKey::Handle(no), case.resumed(ClockKey::Handle(no), cx))
            .clock(ClockKey::Reply, case.resumed(ClockKey::Reply, cx))
            .clocks(case.stopping(ClockKey::Suspension(no), at))
            .alone()
    }
}

impl Case {
    pub(crate) fn is_suspended(&self, assignment: u16, at: Instant) -> bool {
        let clock = self.clocks.get(&ClockKey::Handle(assignment)).and_then(Timer::clock);
        clock.is_some_and(|clock| clock.suspended(at).is_some())
    }

    /// A clock that stands still, running on from now.
    pub(crate) fn resumed(&self, key: ClockKey, cx: &Context) -> Option<Timer> {
        let (timer, at) = (self.clocks.get(&key)?, cx.effective_at());
        let clock = timer.clock()?.resume(&cx.book.calendar, at).ok()?;
        Some(timer.moved(cx.book, clock, at))
    }

    fn handling(&self, assignment: u16) -> Result<&Timer, CaseRefusal> {
        self.clocks.get(&ClockKey::Handle(assignment)).ok_or(CaseRefusal::NoClock)
    }
}

fn refused(error: ClockError) -> CaseRefusal {
    match error {
        ClockError::PastDue(due) | ClockError::NotYetDue(due) => CaseRefusal::PastDue { due },
        ClockError::Suspended(_) => CaseRefusal::Suspended,
        ClockError::NotSuspended => CaseRefusal::NotSuspended,
        ClockError::NotYetStarted(at) | ClockError::EmptySpan { to: at, .. } => CaseRefusal::EndsTooEarly { at },
        ClockError::Ended(_) => CaseRefusal::NoClock,
    }
}
