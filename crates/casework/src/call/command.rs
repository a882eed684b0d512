//! Commands on a call as a whole: who, in which state, with what evidence.

use std::collections::BTreeSet;

use kernel::{Instant, Stay};
use serde::{Deserialize, Serialize};

use super::{
    Act, Answer, Arrive, Call, CallClock, CallEvent, CallRefusal, Decided, Decision, Duty, Phase, Raised, Ring, Score,
    Summons, SummonsState,
};
use crate::case::{Action, CaseId, Context, MatterRule, Place, Stage, Timer, Urgency, Words};

/// One act on a call. Its JSON is the command's fields and a field `command` that names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    Clear(Clear),
    Object(Object),
    Pass(Pass),
    Ring(Ring),
    Answer(Answer),
    Arrive(Arrive),
    Act(Act),
    Score(Score),
    CallOff(CallOff),
    End(End),
    Remind(Remind),
    Lapse(Lapse),
    ExcludeOutage(ExcludeOutage),
}

/// Raises a call. Who: `call.raise` in a subdistrict: its authorized leader. With: a matter on the call-and-response list,
/// a place, at least one organization to summon. An emergency goes direct, anything else waits for the centre's check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raise {
    pub matter: String,
    /// Raised by the case's urgency where it is higher than the matter's.
    pub urgency: Option<Urgency>,
    pub case: Option<CaseId>,
    pub place: Place,
    pub organizations: Vec<String>,
    pub words: Words,
}

/// Finds the call in order before the time to object is over. Who: `call.check` in the district centre. State: checking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clear {}

/// Objects: the matter or the departments are wrong. Who: as for [`Clear`], within the profile's minutes. With: the reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    pub reason: Words,
}

/// Lets a call pass that nobody objected to in time. Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {}

/// Calls off. Who: `call.raise` in the subdistrict that called. State: checking or standing. With: the reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallOff {
    pub reason: Words,
}

/// Ends a call in which every department has acted. Who: as for [`CallOff`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {}

/// Reminds a department whose time is nearly used up. Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remind {
    pub clock: CallClock,
}

/// Records that time to answer or to arrive ran out, effective when it was due. Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lapse {
    pub clock: CallClock,
}

/// Leaves a declared outage out of every clock that ran in it (PRACTICE 17). Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExcludeOutage {
    pub from: Instant,
    pub until: Instant,
}

impl Command {
    /// Names of all commands, the one that opens a call first.
    pub const NAMES: [&'static str; 14] = [
        "raise_call",
        "clear",
        "object",
        "pass",
        "ring",
        "answer",
        "arrive",
        "act",
        "score",
        "call_off",
        "end",
        "remind",
        "lapse",
        "exclude_outage",
    ];

    pub fn name(&self) -> &'static str {
        match self {
            Command::Clear(_) => "clear",
            Command::Object(_) => "object",
            Command::Pass(_) => "pass",
            Command::Ring(_) => "ring",
            Command::Answer(_) => "answer",
            Command::Arrive(_) => "arrive",
            Command::Act(_) => "act",
            Command::Score(_) => "score",
            Command::CallOff(_) => "call_off",
            Command::End(_) => "end",
            Command::Remind(_) => "remind",
            Command::Lapse(_) => "lapse",
            Command::ExcludeOutage(_) => "exclude_outage",
        }
    }

    pub(super) fn decide(&self, call: &Call, duty: Duty, cx: &Context) -> Decision {
        match self {
            Command::Clear(_) => clear(call, duty, cx),
            Command::Object(command) => command.decide(call, cx),
            Command::Pass(_) => pass(call, duty, cx),
            Command::Ring(command) => command.decide(call, duty, cx),
            Command::Answer(command) => command.decide(call, cx),
            Command::Arrive(command) => command.decide(call, cx),
            Command::Act(command) => command.decide(call, cx),
            Command::Score(command) => command.decide(call, duty, cx),
            Command::CallOff(command) => command.decide(call, cx),
            Command::End(_) => end(call, cx),
            Command::Remind(command) => command.decide(call, cx),
            Command::Lapse(command) => command.decide(call, cx),
            Command::ExcludeOutage(command) => command.decide(call, cx),
        }
    }
}

impl Raise {
    pub fn decide(&self, duty: Duty, cx: &Context) -> Decision {
        if !cx.caller.may(Action::RaiseCall) {
            return Err(CallRefusal::NotPermitted { action: Action::RaiseCall });
        }
        let organization = cx.caller.hand.organization().unwrap_or_default();
        let caller = duty.subdistrict_of(organization).ok_or(CallRefusal::NotASubdistrict)?;
        let at = cx.effective_at();
        let unknown = || CallRefusal::UnknownMatter { code: self.matter.clone() };
        let rule = cx.book.matter(&self.matter, at).ok_or_else(unknown)?;
        let matter = rule.reference();
        if !duty.is_callable(&matter) {
            return Err(CallRefusal::NotCallable { code: self.matter.clone() });
        }
        if self.place.point.is_none() && self.place.path.is_empty() {
            return Err(CallRefusal::PlaceMissing);
        }
        if self.organizations.is_empty() {
            return Err(CallRefusal::NobodySummoned);
        }
        let mut named = BTreeSet::new();
        for code in &self.organizations {
            if !cx.book.organizations.contains_key(code) {
                return Err(CallRefusal::UnknownOrganization { code: code.clone() });
            }
            if cx.book.is_under(code, caller) {
                return Err(CallRefusal::SummonsItself);
            }
            if !named.insert(code) {
                return Err(CallRefusal::SummonedTwice { organization: code.clone() });
            }
        }
        let urgency = self.urgency.unwrap_or_default().max(rule.urgency);
        let direct = urgency == Urgency::Emergency;
        let raised = Raised {
            caller: caller.to_owned(),
            case: self.case,
            matter,
            urgency,
            place: self.place.clone(),
            organizations: self.organizations.clone(),
            direct,
        };
        let first = Decided::new(cx, CallEvent::Raised(Box::new(raised))).says(cx, "words", &self.words);
        if !direct {
            let check = Timer::unreminded(cx.book, &cx.book.centre, at, duty.objection());
            return Ok(vec![first.clocks([(CallClock::Objection, check)])]);
        }
        let mut facts = vec![first];
        let numbered = self.organizations.iter().zip(1_u16..);
        facts.extend(numbered.map(|(organization, no)| summon(no, organization, rule, at, duty, cx)));
        Ok(facts)
    }
}

/// Rings a department: the clocks of its answer, its arrival and of the ring begin.
fn summon(no: u16, organization: &str, rule: &MatterRule, at: Instant, duty: Duty, cx: &Context) -> Decided {
    let post = duty.ring(organization, at).next().map(str::to_owned);
    let ring = post.is_some().then(|| Timer::unreminded(cx.book, organization, at, duty.ring_after()));
    let mut decided = Decided::new(cx, CallEvent::Summoned { summons: no, post })
        .clocks(rule.timer(cx.book, Stage::Answer, organization, at).map(|timer| (CallClock::Answer(no), timer)))
        .clocks(rule.timer(cx.book, Stage::Arrive, organization, at).map(|timer| (CallClock::Arrive(no), timer)))
        .clocks(ring.map(|timer| (CallClock::Ring(no), timer)));
    decided.fact.at = at;
    decided
}

/// The call stands from `at` on: its departments are rung.
fn stand(call: &Call, event: CallEvent, at: Instant, duty: Duty, cx: &Context) -> Decision {
    let code = || CallRefusal::UnknownMatter { code: call.matter.code.clone() };
    let rule = cx.book.version(&call.matter.code, &call.matter.version).ok_or_else(code)?;
    let mut first = Decided::new(cx, event).clocks(call.stopping(CallClock::Objection, at));
    first.fact.at = at;
    let mut facts = vec![first];
    facts.extend(call.summons.iter().map(|one| summon(one.no, &one.organization, rule, at, duty, cx)));
    Ok(facts)
}

fn clear(call: &Call, duty: Duty, cx: &Context) -> Decision {
    centre(cx)?;
    if call.phase != Phase::Checking {
        return Err(wrong("clear", call));
    }
    stand(call, CallEvent::Cleared, cx.effective_at(), duty, cx)
}

impl Object {
    fn decide(&self, call: &Call, cx: &Context) -> Decision {
        centre(cx)?;
        if call.phase != Phase::Checking {
            return Err(wrong("object", call));
        }
        let at = cx.effective_at();
        let until = call.clocks.get(&CallClock::Objection).map(Timer::due_at);
        if let Some(until) = until.filter(|until| at > *until) {
            return Err(CallRefusal::ObjectionTooLate { until });
        }
        let clocks = call.stopping(CallClock::Objection, at);
        Ok(vec![Decided::new(cx, CallEvent::Objected).clocks(clocks).says(cx, "reason", &self.reason)])
    }
}

fn pass(call: &Call, duty: Duty, cx: &Context) -> Decision {
    timekeeper(cx)?;
    if call.phase != Phase::Checking {
        return Err(wrong("pass", call));
    }
    let clock = CallClock::Objection;
    let due = call.clocks.get(&clock).ok_or(CallRefusal::ClockNotRunning { clock })?.due_at();
    if cx.at <= due {
        return Err(CallRefusal::NotYetDue { clock, due });
    }
    // Nobody can be rung in the past: the departments' time begins when the ring does.
    stand(call, CallEvent::Passed, cx.at, duty, cx)
}

impl CallOff {
    fn decide(&self, call: &Call, cx: &Context) -> Decision {
        call.must_be_the_caller(Action::RaiseCall, cx)?;
        if call.is_over() {
            return Err(wrong("call_off", call));
        }
        let clocks = call.ending(cx.effective_at());
        Ok(vec![Decided::new(cx, CallEvent::CalledOff).clocks(clocks).says(cx, "reason", &self.reason)])
    }
}

fn end(call: &Call, cx: &Context) -> Decision {
    call.must_be_the_caller(Action::RaiseCall, cx)?;
    if !matches!(call.phase, Phase::Standing { .. }) {
        return Err(wrong("end", call));
    }
    if let Some(waiting) = call.summons.iter().find(|summons| !summons.has_acted()) {
        return Err(CallRefusal::NotAllActed { organization: waiting.organization.clone() });
    }
    Ok(vec![Decided::new(cx, CallEvent::Ended).clocks(call.ending(cx.effective_at()))])
}

impl Remind {
    fn decide(&self, call: &Call, cx: &Context) -> Decision {
        timekeeper(cx)?;
        let clock = self.clock;
        let timer = call.must_run(clock)?;
        let due = timer.remind_at.ok_or(CallRefusal::ClockNotRunning { clock })?;
        if cx.at < due {
            return Err(CallRefusal::NotYetDue { clock, due });
        }
        Ok(vec![Decided::new(cx, CallEvent::Reminded { clock }).clocks([(clock, timer.reminded())])])
    }
}

impl Lapse {
    fn decide(&self, call: &Call, cx: &Context) -> Decision {
        timekeeper(cx)?;
        let clock = self.clock;
        let timer = call.must_run(clock)?;
        if !clock.scored() {
            return Err(CallRefusal::ClockNotRunning { clock });
        }
        let due = timer.due_at();
        let lapsed = timer.lapsed(cx.at).ok_or(CallRefusal::NotYetDue { clock, due })?;
        let event = CallEvent::Lapsed { clock, holder: timer.holder.clone() };
        let mut decided = Decided::new(cx, event).clocks([(clock, lapsed)]);
        decided.fact.at = due;
        Ok(vec![decided])
    }
}

impl ExcludeOutage {
    fn decide(&self, call: &Call, cx: &Context) -> Decision {
        timekeeper(cx)?;
        let (from, until) = (self.from, self.until);
        if until <= from || until > cx.at {
            return Err(CallRefusal::BadInterval);
        }
        let moved = call.clocks.iter().filter_map(|(clock, timer)| {
            let ran = timer.started() < until && timer.state().end().is_none_or(|end| end > from);
            let after = timer.excluding(cx.book, from, until, Stay::Outage);
            (ran && after != *timer).then_some((*clock, after))
        });
        let moved: Vec<_> = moved.collect();
        if moved.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Decided::new(cx, CallEvent::OutageExcluded { from, until }).clocks(moved)])
    }
}

impl Call {
    fn must_run(&self, clock: CallClock) -> Result<&Timer, CallRefusal> {
        self.clocks.get(&clock).filter(|timer| timer.is_running()).ok_or(CallRefusal::ClockNotRunning { clock })
    }

    /// Those that have not acted are free when the call is over.
    pub(super) fn release(&mut self) {
        for summons in self.summons.iter_mut().filter(|summons| !Summons::has_acted(summons)) {
            summons.state = SummonsState::Released;
        }
    }
}

fn wrong(command: &'static str, call: &Call) -> CallRefusal {
    CallRefusal::WrongState { command, state: call.state() }
}

fn centre(cx: &Context) -> Result<(), CallRefusal> {
    if !cx.caller.may(Action::CheckCall) {
        return Err(CallRefusal::NotPermitted { action: Action::CheckCall });
    }
    let centre = &cx.book.centre;
    if cx.caller.is_import() || cx.is_at(centre) {
        Ok(())
    } else {
        Err(CallRefusal::NotTheCentre { centre: centre.clone() })
    }
}

fn timekeeper(cx: &Context) -> Result<(), CallRefusal> {
    cx.require_timekeeper().map_err(|_| CallRefusal::NotPermitted { action: Action::KeepTime })
}
