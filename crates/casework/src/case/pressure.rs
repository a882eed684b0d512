//! What presses on a case: reminders, lapses, outages, supervision orders (PRACTICE 11, 17).

use kernel::{Instant, Limit, Stay};
use serde::{Deserialize, Serialize};

use super::{Action, Case, CaseEvent, CaseRefusal, CaseState, ClockKey, Context, Decided, Decision, Timer, Words};
use crate::card::CardId;

/// Reminds (催办). Who: the reporter of an open case; a post with `case.remind`; the timekeeper, when a clock's reminder
/// has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remind {
    /// The assignment reminded; none: all that stand.
    pub assignment: Option<u16>,
    /// The timekeeper's: the clock whose reminder has come.
    pub clock: Option<ClockKey>,
    pub words: Option<Words>,
}

/// Records that a clock ran out; effective at its due instant, whenever it is found. The end of a suspension is recorded
/// the same way. Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lapse {
    pub clock: ClockKey,
}

/// Leaves a declared outage of the platform out of every clock that ran in it (PRACTICE 17). Who: the timekeeper, on the
/// declaration's fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExcludeOutage {
    pub from: Instant,
    pub until: Instant,
}

/// Issues a supervision order (督办) with a deadline of its own. Who: `case.supervise` in the supervision office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supervise {
    pub organization: String,
    pub limit: Limit,
    pub words: Words,
}

/// Answers a supervision order. Who: `case.handle` in the organization it names. State: the order is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerSupervision {
    pub order: u16,
    pub words: Words,
}

impl Remind {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("remind", &CaseState::OPEN)?;
        let mut reminded = None;
        if let Some(key) = self.clock {
            cx.require_timekeeper()?;
            let running = case.clocks.get(&key).filter(|timer| timer.is_running());
            let timer = running.ok_or(CaseRefusal::ClockNotRunning { key })?;
            let due = timer.remind_at.ok_or(CaseRefusal::ClockNotRunning { key })?;
            if cx.at < due {
                return Err(CaseRefusal::NotYetDue { key, due });
            }
            reminded = Some((key, timer.reminded()));
        } else if !case.is_reporter(cx) {
            cx.require(Action::Remind)?;
        }
        if let Some(no) = self.assignment {
            let assignment = case.assignment(no)?;
            if !assignment.is_open() {
                return Err(assignment.wrong("remind"));
            }
        }
        let assignment = self.assignment.or(self.clock.and_then(ClockKey::assignment));
        Decided::new(cx, CaseEvent::Reminded { assignment, clock: self.clock })
            .clocks(reminded)
            .may_say(cx, "words", self.words.as_ref())
            .alone()
    }
}

impl Lapse {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_timekeeper()?;
        let key = self.clock;
        let running = case.clocks.get(&key).filter(|timer| timer.is_running());
        let timer = running.ok_or(CaseRefusal::ClockNotRunning { key })?;
        let due = timer.due_at();
        let mut decided = match key {
            ClockKey::Suspension(no) if cx.at >= due => {
                Decided::new(cx, CaseEvent::SuspensionEnded { assignment: no }).clock(key, timer.stopped(due))
            }
            _ => {
                let lapsed = timer.lapsed(cx.at).ok_or(CaseRefusal::NotYetDue { key, due })?;
                Decided::new(cx, CaseEvent::Lapsed { clock: key, holder: timer.holder.clone() }).clock(key, lapsed)
            }
        };
        decided.fact.at = due;
        decided.alone()
    }
}

impl ExcludeOutage {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_timekeeper()?;
        let (from, until) = (self.from, self.until);
        if until <= from || until > cx.at {
            return Err(CaseRefusal::BadInterval);
        }
        let touched = |timer: &&Timer| timer.started() < until && timer.state().end().is_none_or(|end| end > from);
        let changed: Vec<_> = case
            .clocks
            .iter()
            .filter(|(_, timer)| touched(timer))
            .map(|(key, timer)| (*key, timer, timer.excluding(cx.book, from, until, Stay::Outage)))
            .filter(|(_, before, after)| *before != after)
            .map(|(key, _, after)| (key, after))
            .collect();
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        Decided::new(cx, CaseEvent::OutageExcluded { from, until }).clocks(changed).alone()
    }
}

impl Supervise {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require(Action::Supervise)?;
        let office = &cx.book.rules.supervisor;
        if !cx.caller.is_import() && !cx.is_at(office) {
            return Err(CaseRefusal::NotTheSupervisor { office: office.clone() });
        }
        if !cx.book.organizations.contains_key(&self.organization) {
            return Err(CaseRefusal::UnknownOrganization { code: self.organization.clone() });
        }
        case.order(self, None, cx).alone()
    }
}

impl Case {
    /// The order that a red card brings on its case, where it has brought none yet. Whoever issues the card issues the order
    /// with it: it is one decision.
    pub(crate) fn supervise_by_card(&self, card: CardId, order: &Supervise, cx: &Context) -> Option<Decided> {
        let brought = self.supervision.iter().any(|one| one.card == Some(card));
        (!brought).then(|| self.order(order, Some(card), cx))
    }

    /// Takes back what a card brought that was itself taken back, where it is still owed.
    pub(crate) fn lift_supervision(&self, card: CardId, cx: &Context) -> Option<Decided> {
        let order = self.supervision.iter().find(|one| one.card == Some(card) && one.is_open())?.no;
        let ended = self.cancelling(cx.effective_at(), |key| key == ClockKey::Supervision(order));
        Some(Decided::new(cx, CaseEvent::SupervisionLifted { order }).clocks(ended))
    }

    fn order(&self, command: &Supervise, card: Option<CardId>, cx: &Context) -> Decided {
        let order = self.supervision.len() as u16 + 1;
        let organization = command.organization.clone();
        let timer = Timer::start(cx.book, &organization, cx.effective_at(), command.limit, None);
        Decided::new(cx, CaseEvent::Supervised { order, organization, card })
            .clock(ClockKey::Supervision(order), timer)
            .says(cx, "words", &command.words)
    }
}

impl AnswerSupervision {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require(Action::Handle)?;
        let order = case.supervision.iter().find(|one| one.no == self.order && one.is_open());
        let order = order.ok_or(CaseRefusal::NoOpenSupervision { no: self.order })?;
        if !cx.caller.is_import() && !cx.is_at(&order.organization) {
            return Err(CaseRefusal::NotYourAssignment { organization: order.organization.clone() });
        }
        Decided::new(cx, CaseEvent::SupervisionAnswered { order: order.no })
            .clocks(case.stopping(ClockKey::Supervision(order.no), cx.effective_at()))
            .says(cx, "words", &self.words)
            .alone()
    }
}
