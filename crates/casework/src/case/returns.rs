//! Return and arbitration (退单, PRACTICE 6).

use kernel::Stay;
use serde::{Deserialize, Serialize};

use super::{
    Action, AssignmentState, Case, CaseEvent, CaseRefusal, CaseState, ClockKey, Context, Decided, Decision, Part,
    Request, Stage, Timer, Words,
};

/// Asks to give the case back. Who: `case.handle` in the assigned organization. State: dispatched or answered, within the
/// profile's window after dispatch, while the case has seen fewer returns than allowed. Evidence: the legal basis and the
/// unit suggested. The clock runs on while it is reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestReturn {
    pub assignment: u16,
    /// Citation of the rule, such as a law and its clause.
    pub basis: String,
    pub suggested: String,
    pub reason: Words,
}

/// Grants or rejects a return. Who: `case.review` in the reviewing body or at the desk, not in the returning organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewReturn {
    pub assignment: u16,
    pub granted: bool,
    pub reason: Words,
}

/// Names a unit that must take the case. Who: `case.arbitrate` in a body the profile lists. State: not yet handled, with
/// the returns exhausted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arbitrate {
    pub organization: String,
    pub reason: Words,
}

impl RequestReturn {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        let assignment = case.assignment_at_work(self.assignment, cx)?;
        assignment.must_be_own(cx)?;
        if !matches!(assignment.state, AssignmentState::Dispatched | AssignmentState::Answered { .. }) {
            return Err(assignment.wrong("request_return"));
        }
        assignment.must_be_free()?;
        if assignment.binding {
            return Err(CaseRefusal::Binding);
        }
        let rules = &cx.book.rules.returns;
        if case.returns >= rules.most {
            return Err(CaseRefusal::ReturnsExhausted { most: rules.most });
        }
        let at = cx.effective_at();
        let until = cx.book.calendar.due(assignment.dispatched_at, &rules.window).at;
        if at > until {
            return Err(CaseRefusal::ReturnWindowOver { until });
        }
        if self.basis.trim().is_empty() {
            return Err(CaseRefusal::BasisMissing);
        }
        if !cx.book.organizations.contains_key(&self.suggested) {
            return Err(CaseRefusal::UnknownOrganization { code: self.suggested.clone() });
        }
        if cx.book.is_under(&self.suggested, &assignment.organization) {
            return Err(CaseRefusal::SuggestsItself);
        }
        let no = assignment.no;
        let review = Timer::start(cx.book, &rules.reviewer, at, rules.review, None);
        let (basis, suggested) = (self.basis.trim().to_owned(), Some(self.suggested.clone()));
        Decided::new(cx, CaseEvent::ReturnRequested { assignment: no, basis, suggested })
            .clock(ClockKey::Review(no), review)
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl ReviewReturn {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require(Action::Review)?;
        let reviewer = &cx.book.rules.returns.reviewer;
        if !cx.is_at(reviewer) {
            cx.require_desk(case, Action::Review)?;
        }
        let assignment = case.assignment(self.assignment)?;
        if cx.is_at(&assignment.organization) {
            return Err(CaseRefusal::NotIndependent);
        }
        if !matches!(assignment.pending, Some(Request::Return { .. })) {
            return Err(CaseRefusal::NothingToReview);
        }
        let (no, at) = (assignment.no, cx.effective_at());
        let event = if self.granted {
            CaseEvent::ReturnGranted { assignment: no }
        } else {
            CaseEvent::ReturnRejected { assignment: no }
        };
        let mut decided =
            Decided::new(cx, event).clocks(case.stopping(ClockKey::Review(no), at)).says(cx, "reason", &self.reason);
        if self.granted {
            // Nothing of the time since dispatch counts against the returner, a lapse in it included.
            for key in [ClockKey::Answer(no), ClockKey::Handle(no)] {
                let open = case.clocks.get(&key).filter(|timer| timer.is_open());
                let freed = open.map(|timer| timer.excluding(cx.book, timer.started(), at, Stay::Review).cancelled(at));
                decided = decided.clock(key, freed);
            }
            // Nor does a pause go on that only the returner had.
            let pause = case.clocks.get(&ClockKey::Suspension(no)).filter(|timer| timer.is_open());
            decided = decided.clock(ClockKey::Suspension(no), pause.map(|timer| timer.cancelled(at)));
            if case.is_suspended(no, at) {
                decided = decided.clock(ClockKey::Reply, case.resumed(ClockKey::Reply, cx));
            }
            if assignment.part == Part::Lead {
                let again = case.rule(cx.book)?.timer(cx.book, Stage::Dispatch, &case.desk, at);
                decided = decided.clock(ClockKey::Dispatch, again);
            }
        }
        decided.alone()
    }
}

impl Arbitrate {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("arbitrate", &[CaseState::Accepted, CaseState::Dispatched, CaseState::Answered])?;
        cx.require(Action::Arbitrate)?;
        let rules = &cx.book.rules.returns;
        let body = match rules.arbitrators.iter().find(|body| cx.is_at(body)) {
            Some(body) => body.clone(),
            None if cx.caller.is_import() => rules.arbitrators.first().cloned().unwrap_or_default(),
            None => {
                let organization = cx.caller.hand.organization().unwrap_or_default().to_owned();
                return Err(CaseRefusal::NotAnArbitrator { organization });
            }
        };
        if case.returns < rules.most {
            return Err(CaseRefusal::ArbitrationTooEarly);
        }
        let lead = case.lead().map(|lead| lead.no);
        if case.lead().is_none_or(|lead| lead.organization != self.organization) {
            case.may_be_given_to(&self.organization, cx)?;
        }
        let (rule, at) = (case.rule(cx.book)?, cx.effective_at());
        let mut new = case.new_assignment(0, &self.organization, Part::Lead, rule);
        new.binding = true;
        let started = case.clocks_of(&new, rule, at, cx);
        Decided::new(cx, CaseEvent::Arbitrated { assignment: new, body })
            .clocks(case.cancelling(at, |key| lead.is_some() && key.assignment() == lead))
            .clocks(case.stopping(ClockKey::Dispatch, at))
            .clocks(started)
            .says(cx, "reason", &self.reason)
            .alone()
    }
}
