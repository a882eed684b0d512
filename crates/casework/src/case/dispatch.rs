//! Giving a case to departments: dispatch, reassignment, escalation (PRACTICE 1, 6).

use kernel::Instant;
use serde::{Deserialize, Serialize};

use super::{
    Action, Assignment, Case, CaseEvent, CaseRefusal, CaseState, ClockKey, Context, Decided, Decision, Grouping,
    MatterRule, NewAssignment, Part, Party, Stage, Timer, Words,
};

/// The desk gives the case to a lead and to co-operating departments, or adds co-operating ones to a standing lead.
/// Who: `case.dispatch` at the desk. State: accepted; dispatched or answered for further co-operating departments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dispatch {
    /// The matter's lead where none is named; none when a lead stands.
    pub lead: Option<String>,
    pub co_operating: Vec<String>,
    pub note: Option<Words>,
}

/// The desk takes an assignment from one unit and gives it to another. Who: `case.dispatch` at the desk. State of the
/// assignment: not yet handled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reassign {
    pub assignment: u16,
    pub to: String,
    pub reason: Words,
}

/// The desk hands the case to a desk above it, or to the centre. Who: `case.escalate` at the desk. State: until verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Escalate {
    pub to: String,
    pub reason: Words,
}

impl Dispatch {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("dispatch", &[CaseState::Accepted, CaseState::Dispatched, CaseState::Answered])?;
        cx.require_desk(case, Action::Dispatch)?;
        if let Grouping::Member { head } = case.group {
            return Err(CaseRefusal::WorkedOnElsewhere { head });
        }
        let rule = case.rule(cx.book)?;
        let lead = match (case.lead(), &self.lead) {
            (Some(standing), Some(_)) => {
                return Err(CaseRefusal::AlreadyAssigned { organization: standing.organization.clone() });
            }
            (Some(_), None) => None,
            (None, Some(named)) => Some(named.clone()),
            (None, None) => Some(case.lead_by(rule, cx)?),
        };
        if lead.is_none() && self.co_operating.is_empty() {
            return Err(CaseRefusal::NobodyToDispatchTo);
        }

        let mut assignments = Vec::new();
        let parts = lead.iter().map(|lead| (lead, Part::Lead));
        for (organization, part) in parts.chain(self.co_operating.iter().map(|one| (one, Part::CoOperating))) {
            case.may_be_given_to(organization, cx)?;
            if assignments.iter().any(|one: &NewAssignment| one.organization == *organization) {
                return Err(CaseRefusal::AlreadyAssigned { organization: organization.clone() });
            }
            assignments.push(case.new_assignment(assignments.len() as u16, organization, part, rule));
        }
        let at = cx.effective_at();
        let clocks: Vec<_> = assignments.iter().flat_map(|new| case.clocks_of(new, rule, at, cx)).collect();
        Decided::new(cx, CaseEvent::Dispatched { assignments })
            .clocks(case.stopping(ClockKey::Dispatch, at))
            .clocks(clocks)
            .may_say(cx, "note", self.note.as_ref())
            .alone()
    }
}

impl Reassign {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("reassign", &[CaseState::Dispatched, CaseState::Answered])?;
        cx.require_desk(case, Action::Dispatch)?;
        let from = case.assignment(self.assignment)?;
        if !from.is_open() {
            return Err(from.wrong("reassign"));
        }
        case.may_be_given_to(&self.to, cx)?;
        let rule = case.rule(cx.book)?;
        let at = cx.effective_at();
        let to = case.new_assignment(0, &self.to, from.part, rule);
        let started = case.clocks_of(&to, rule, at, cx);
        Decided::new(cx, CaseEvent::Reassigned { from: from.no, to })
            .clocks(case.cancelling(at, |key| key.assignment() == Some(from.no)))
            .clocks(started)
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl Escalate {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("escalate", &CaseState::OPEN[..5])?;
        cx.require_desk(case, Action::Escalate)?;
        if !cx.book.organizations.contains_key(&self.to) {
            return Err(CaseRefusal::UnknownOrganization { code: self.to.clone() });
        }
        let above = self.to == cx.book.centre || cx.book.is_under(&case.desk, &self.to);
        if self.to == case.desk || case.desk == cx.book.centre || !above {
            return Err(CaseRefusal::NotAbove { organization: self.to.clone() });
        }
        let held = case.clocks.iter().filter(|(_, timer)| timer.is_open() && timer.holder == case.desk);
        let moved = held.map(|(key, timer)| (*key, Timer { holder: self.to.clone(), ..timer.clone() }));
        Decided::new(cx, CaseEvent::Escalated { desk: self.to.clone() })
            .clocks(moved)
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl Case {
    /// The lead the matter names, at the case's place.
    fn lead_by(&self, rule: &MatterRule, cx: &Context) -> Result<String, CaseRefusal> {
        match (cx.book.party(&rule.lead, self.place.as_ref()), &rule.lead) {
            (Some(lead), _) => Ok(lead.to_owned()),
            (None, Party::Organization(code)) => Err(CaseRefusal::UnknownOrganization { code: code.clone() }),
            (None, Party::OfLevel(level)) => Err(CaseRefusal::UnknownOrganization { code: format!("@{level}") }),
        }
    }

    /// Refuses a unit that is unknown, on the case already, or complained of.
    pub(crate) fn may_be_given_to(&self, organization: &str, cx: &Context) -> Result<(), CaseRefusal> {
        if !cx.book.organizations.contains_key(organization) {
            return Err(CaseRefusal::UnknownOrganization { code: organization.to_owned() });
        }
        if self.standing().any(|one| one.organization == organization) {
            return Err(CaseRefusal::AlreadyAssigned { organization: organization.to_owned() });
        }
        let complained_of = self.confidentiality.as_ref().and_then(|c| c.complained_of.as_deref());
        if complained_of.is_some_and(|unit| cx.book.is_under(unit, organization)) {
            return Err(CaseRefusal::ComplainedOf { organization: organization.to_owned() });
        }
        Ok(())
    }

    /// The assignment `offset` after the last one made.
    pub(crate) fn new_assignment(
        &self,
        offset: u16,
        organization: &str,
        part: Part,
        rule: &MatterRule,
    ) -> NewAssignment {
        NewAssignment {
            no: self.assignments.last().map_or(0, |last: &Assignment| last.no) + offset + 1,
            organization: organization.to_owned(),
            part,
            chain: rule.chain.clone(),
            binding: false,
        }
    }

    /// The clocks an assignment starts with; after a reopening handling is given the limit of rework.
    pub(crate) fn clocks_of(
        &self,
        new: &NewAssignment,
        rule: &MatterRule,
        at: Instant,
        cx: &Context,
    ) -> Vec<(ClockKey, Timer)> {
        let again = (self.reopenings > 0).then(|| rule.timer(cx.book, Stage::Rework, &new.organization, at)).flatten();
        let handle = again.or_else(|| rule.timer(cx.book, Stage::Handle, &new.organization, at));
        let answer = rule.timer(cx.book, Stage::Answer, &new.organization, at);
        [(ClockKey::Answer(new.no), answer), (ClockKey::Handle(new.no), handle)]
            .into_iter()
            .filter_map(|(key, timer)| Some((key, timer?)))
            .collect()
    }
}
