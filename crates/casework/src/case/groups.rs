//! Grouping of duplicates (并案, PRACTICE 9): one is worked on, each keeps number, clock, reply and follow-up.

use serde::{Deserialize, Serialize};

use super::{
    Action, Case, CaseEvent, CaseId, CaseRefusal, CaseState, ClockKey, Context, Decided, Decision, Grouping, Stage,
    Words,
};

/// Groups this case under another that is worked on. Who: `case.group` at the desk. State: registered or accepted, alone,
/// not confidential; the other open, not itself a member, not confidential. `Context::head` is the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub head: CaseId,
    pub reason: Option<Words>,
}

/// Takes this case out of its group, to be dispatched for itself. Who: `case.group` at the desk. State: open, a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ungroup {
    pub reason: Words,
}

impl Group {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("group", &[CaseState::Registered, CaseState::Accepted])?;
        cx.require_desk(case, Action::Group)?;
        let head = cx.head.ok_or(CaseRefusal::NotGrouped)?;
        if head.id == case.id {
            return Err(CaseRefusal::GroupedUnderItself);
        }
        if case.group != Grouping::Alone {
            return Err(CaseRefusal::AlreadyGrouped);
        }
        if matches!(head.group, Grouping::Member { .. }) {
            return Err(CaseRefusal::HeadIsMember);
        }
        if case.confidentiality.is_some() || head.confidentiality.is_some() {
            return Err(CaseRefusal::ConfidentialStaysAlone);
        }
        head.must_be("group", &CaseState::OPEN)?;
        Decided::new(cx, CaseEvent::Grouped { head: head.id })
            .clocks(case.stopping(ClockKey::Dispatch, cx.effective_at()))
            .may_say(cx, "reason", self.reason.as_ref())
            .alone()
    }
}

impl Ungroup {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("ungroup", &CaseState::OPEN)?;
        cx.require_desk(case, Action::Group)?;
        let Grouping::Member { head } = case.group else {
            return Err(CaseRefusal::NotGrouped);
        };
        let dispatch = match case.state() {
            CaseState::Accepted => case.rule(cx.book)?.timer(cx.book, Stage::Dispatch, &case.desk, cx.effective_at()),
            _ => None,
        };
        Decided::new(cx, CaseEvent::Ungrouped { head })
            .clock(ClockKey::Dispatch, dispatch)
            .says(cx, "reason", &self.reason)
            .alone()
    }
}

impl Case {
    /// The fact on the head when `member` joins; decided together with the member's.
    pub fn take_member(&self, member: CaseId, cx: &Context) -> Decided {
        Decided::new(cx, CaseEvent::MemberTaken { member })
    }

    /// The fact on the head when `member` leaves.
    pub fn let_member_go(&self, member: CaseId, cx: &Context) -> Decided {
        Decided::new(cx, CaseEvent::MemberLeft { member })
    }
}
