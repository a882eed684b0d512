//! Work inside an organization: registry, section or contractor, handler, section head, leader (PRACTICE 2).

use serde::{Deserialize, Serialize};

use super::{Action, AssignmentState, Case, CaseEvent, CaseRefusal, Context, Decided, Decision, Draft, Step, Words};

/// Passes the work to the next step. Who: `case.handle` in the part that holds the step. State: answered. Steps are taken
/// in the order of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassInside {
    pub assignment: u16,
    pub to: Step,
    /// The section, contractor or office that takes it; part of the assigned organization.
    pub organization: String,
}

/// Passes the work back to the step before; from a signing step, to the handler. Who: `case.handle` or, at a signing
/// step, `case.sign`, in the part that holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendBack {
    pub assignment: u16,
    pub reason: Words,
}

/// Signs a report of completion; the last signature makes the assignment handled. Who: `case.sign` in the assigned
/// organization, another person than who reported. State: reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    pub assignment: u16,
}

impl PassInside {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_hold_step(cx)?;
        if !matches!(assignment.state, AssignmentState::Answered { .. }) {
            return Err(assignment.wrong("pass_inside"));
        }
        assignment.must_not_be_returning()?;
        if assignment.inner.next() != Some(self.to) || self.to.signs() {
            return Err(CaseRefusal::StepSkipped { to: self.to.name() });
        }
        if !cx.book.organizations.contains_key(&self.organization)
            || !cx.book.is_under(&self.organization, &assignment.organization)
        {
            return Err(CaseRefusal::NotInside { organization: self.organization.clone() });
        }
        let organization = self.organization.clone();
        Decided::new(cx, CaseEvent::Passed { assignment: assignment.no, step: self.to, organization }).alone()
    }
}

impl SendBack {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        use super::CaseState::{Answered, Dispatched};
        case.must_be("send_back", &[Dispatched, Answered])?;
        let assignment = case.assignment(self.assignment)?;
        let signing = matches!(assignment.state, AssignmentState::Reported { .. });
        cx.require(if signing { Action::Sign } else { Action::Handle })?;
        match (&assignment.state, signing) {
            (AssignmentState::Answered { .. }, _) => assignment.must_hold_step(cx)?,
            (_, true) => assignment.must_be_own(cx)?,
            _ => return Err(assignment.wrong("send_back")),
        }
        let chain = &assignment.inner.chain;
        let before = chain[..assignment.inner.at.min(chain.len())].iter().rev().find(|step| !step.signs());
        let step = *before.ok_or(CaseRefusal::StepSkipped { to: "registry" })?;
        Decided::new(cx, CaseEvent::SentBack { assignment: assignment.no, step })
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl Sign {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        use super::CaseState::{Answered, Dispatched};
        case.must_be("sign", &[Dispatched, Answered])?;
        cx.require(Action::Sign)?;
        let assignment = case.assignment(self.assignment)?;
        assignment.must_be_own(cx)?;
        let AssignmentState::Reported { report } = &assignment.state else {
            return Err(CaseRefusal::NoSignatureDue);
        };
        let step = assignment.inner.step().filter(|step| step.signs()).ok_or(CaseRefusal::NoSignatureDue)?;
        if report.by.is_some() && report.by.as_deref() == cx.caller.hand.person() {
            return Err(CaseRefusal::SamePerson);
        }
        let last = !assignment.inner.needs_signature();
        let mut draft = Draft::of(case);
        draft.push(Decided::new(cx, CaseEvent::Signed { assignment: assignment.no, step }));
        if last {
            let handled = draft.case.handled(self.assignment, cx);
            draft.push(handled);
        }
        draft.done()
    }
}
