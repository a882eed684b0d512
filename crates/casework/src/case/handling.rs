//! What an assigned department does: answer, talk to the reporter, report completion.

use serde::{Deserialize, Serialize};

use super::intake::require_evidence;
use super::{
    Action, Assignment, AssignmentState, Case, CaseEvent, CaseRefusal, ClockKey, Contact, Context, Decided, Decision,
    Draft, Evidence, Outcome, Report, Request, Stage, Words,
};

/// The department answers the call (签收). Who: `case.handle` in the assigned organization. State: dispatched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub assignment: u16,
}

/// Puts a talk with the reporter on record; the follow-up reads it first (PRACTICE 10). Who: `case.handle` in the
/// assigned organization. State: answered or later, until the case is closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordContact {
    pub assignment: u16,
    pub contact: Contact,
    pub words: Option<Words>,
}

/// Reports completion. Who: `case.handle` in the part of the organization that holds the handler's step. State: answered,
/// not suspended, no return under review. Evidence: what the matter asks for where the outcome is "solved".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportDone {
    pub assignment: u16,
    pub outcome: Outcome,
    pub evidence: Vec<Evidence>,
    /// The reply to the reporter; sealed.
    pub reply: Words,
}

impl Answer {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_be_own(cx)?;
        if !matches!(assignment.state, AssignmentState::Dispatched) {
            return Err(assignment.wrong("answer"));
        }
        assignment.must_not_be_returning()?;
        let no = assignment.no;
        Decided::new(cx, CaseEvent::Answered { assignment: no })
            .clocks(case.stopping(ClockKey::Answer(no), cx.effective_at()))
            .alone()
    }
}

impl RecordContact {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_be_own(cx)?;
        if !assignment.stands() || matches!(assignment.state, AssignmentState::Dispatched) {
            return Err(assignment.wrong("record_contact"));
        }
        Decided::new(cx, CaseEvent::ContactRecorded { assignment: assignment.no, contact: self.contact })
            .may_say(cx, "contact", self.words.as_ref())
            .alone()
    }
}

impl ReportDone {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_hold_step(cx)?;
        if !matches!(assignment.state, AssignmentState::Answered { .. }) {
            return Err(assignment.wrong("report_done"));
        }
        assignment.must_not_be_returning()?;
        let at = cx.effective_at();
        if case.is_suspended(assignment.no, at) {
            return Err(CaseRefusal::Suspended);
        }
        if assignment.inner.next().is_some_and(|step| !step.signs()) {
            return Err(CaseRefusal::NotAtHandler);
        }
        match self.outcome {
            Outcome::Solved => {
                require_evidence(case.rule(cx.book)?.evidence.iter().map(String::as_str), &self.evidence)?;
            }
            Outcome::Interim(promise) if promise.due <= at => return Err(CaseRefusal::PromiseInThePast),
            Outcome::Withdrawn => return Err(assignment.wrong("report_done")),
            _ => {}
        }

        let by = cx.caller.hand.person().map(str::to_owned);
        let report = Report { outcome: self.outcome, evidence: self.evidence.clone(), by };
        let reported = CaseEvent::Reported { assignment: assignment.no, report };
        let needs_signature = assignment.inner.needs_signature();
        let mut draft = Draft::of(case);
        draft.push(Decided::new(cx, reported).says(cx, "reply", &self.reply));
        if !needs_signature {
            let handled = draft.case.handled(self.assignment, cx);
            draft.push(handled);
        }
        draft.done()
    }
}

impl Case {
    /// The fact that an assignment is done; with the last one, the clock of verification starts.
    pub(crate) fn handled(&self, no: u16, cx: &Context) -> Decided {
        let at = cx.effective_at();
        let others_done = self.standing().all(|one| one.no == no || !one.is_open());
        let verify = self.rule(cx.book).ok().and_then(|rule| rule.timer(cx.book, Stage::Verify, &self.desk, at));
        Decided::new(cx, CaseEvent::Handled { assignment: no })
            .clocks(self.stopping(ClockKey::Handle(no), at))
            .clocks(self.cancelling(at, |key| key == ClockKey::Review(no) || key == ClockKey::Suspension(no)))
            .clock(ClockKey::Verify, verify.filter(|_| others_done))
    }

    /// The assignment, on a case that is not verified or closed, for a caller who may handle.
    pub(crate) fn assignment_at_work(&self, no: u16, cx: &Context) -> Result<&Assignment, CaseRefusal> {
        use super::CaseState::{Answered, Dispatched, Handled};
        self.must_be("work on", &[Dispatched, Answered, Handled])?;
        cx.require(Action::Handle)?;
        self.assignment(no)
    }
}

impl Assignment {
    pub(crate) fn must_not_be_returning(&self) -> Result<(), CaseRefusal> {
        match self.pending {
            Some(Request::Return { .. }) => Err(CaseRefusal::RequestPending),
            _ => Ok(()),
        }
    }
}
