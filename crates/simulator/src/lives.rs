//! Everybody who acts: the life of each event, call, card and outage, and what each does next.

use std::collections::HashMap;
use std::sync::Arc;

use casework::call::Call;
use casework::card::{self, Card, Propose};
use casework::case::{self, Caller, Case, Register, Settle, TIMEKEEPER, Timer};
use casework::handover::{HandOver, TakeOver};
use casework::outage::Declare;
use casework::{Owner, call, case::Hand};
use district::cards::Colour;
use jiff::SignedDuration;
use kernel::Instant;

use crate::life::call::CallLife;
use crate::life::card::CardLife;
use crate::life::duty::DutyLife;
use crate::life::outage::OutageLife;
use crate::life::{Event, Told};
use crate::queue::EventQueue;
use crate::town::Town;

/// A life: no two acts of one are ever in flight together.
pub(crate) enum Life {
    Event(Box<Event>),
    Call(Box<CallLife>),
    Card(Box<CardLife>),
    Outage(Box<OutageLife>),
    Duty(Box<DutyLife>),
}

/// What someone does next.
pub(crate) struct Step {
    pub at: Instant,
    pub claimed_at: Option<Instant>,
    /// Place in [`Event::told`]; 0 in every other life.
    pub of: usize,
    pub caller: Caller,
    pub act: Act,
}

pub(crate) enum Act {
    Register(Box<Register>),
    Settle(Box<Settle>),
    OnCase(case::Command),
    Raise(Box<call::Raise>),
    OnCall(call::Command),
    /// By hand; what goes as evidence is looked up when it is sent.
    Propose(Propose),
    OnCard(card::Command),
    Declare(Declare),
    HandOver(HandOver),
    TakeOver(TakeOver),
    /// The timekeeper looks at the clocks of the case, call or card: one of them can be due.
    Look,
}

/// What an act left.
pub(crate) enum Became {
    /// None where nothing more can follow on the case; with its group's head, where that changed.
    Case {
        case: Option<Arc<Case>>,
        head: Option<Arc<Case>>,
    },
    Call(Box<Call>),
    Card(Box<Card>),
    Outage,
    Duty,
}

impl Act {
    /// Whose command it is, and its name in `docs/RULES.md`.
    pub fn name(&self) -> (&'static str, &'static str) {
        match self {
            Act::Register(_) => ("case", "register"),
            Act::Settle(_) => ("case", "settle"),
            Act::OnCase(command) => ("case", command.name()),
            Act::Raise(_) => ("call", "raise_call"),
            Act::OnCall(command) => ("call", command.name()),
            Act::Propose(_) => ("card", "propose_card"),
            Act::OnCard(command) => ("card", command.name()),
            Act::Declare(_) => ("outage", "declare"),
            Act::HandOver(_) => ("handover", "hand_over"),
            Act::TakeOver(_) => ("handover", "take_over"),
            Act::Look => ("timekeeper", "look"),
        }
    }
}

impl Step {
    /// The timekeeper looks.
    pub fn look(at: Instant, of: usize) -> Step {
        let caller = Caller::new(Hand::System { name: TIMEKEEPER.to_owned() }, []);
        Step { at, claimed_at: None, of, caller, act: Act::Look }
    }

    pub fn is_look(&self) -> bool {
        matches!(self.act, Act::Look)
    }

    /// The earlier of two; the timekeeper before people.
    pub fn earlier(self, other: Step) -> Step {
        if (other.at, !other.is_look()) < (self.at, !self.is_look()) { other } else { self }
    }

    /// From when on its life may act again. What the timekeeper finds stands before anything else happens.
    pub fn done_at(&self) -> Instant {
        if self.is_look() { just_after(self.at) } else { self.at }
    }
}

impl Life {
    /// Orders lives that act at one instant; of no weight for what comes of them.
    pub fn number(&self) -> u64 {
        match self {
            Life::Event(event) => event.number * 5,
            Life::Call(call) => call.number * 5 + 1,
            Life::Card(card) => card.number * 5 + 2,
            Life::Outage(outage) => outage.number * 5 + 3,
            Life::Duty(duty) => duty.number * 5 + 4,
        }
    }

    /// The next act: of all that could come, the earliest. None when nothing more will happen.
    pub fn next(&self, town: &Town, seed: u64) -> Option<Step> {
        let mut step = match self {
            Life::Event(event) => event.next(town, seed),
            Life::Call(call) => call.next(town, seed),
            Life::Card(card) => card.next(town, seed),
            Life::Outage(outage) => outage.next(town, seed),
            Life::Duty(duty) => duty.next(town, seed),
        }?;
        if self.crosses(&step) {
            // Whoever issues a red card issues an order on its case, a note names the calls that stand, a card proposed begins a
            // life: what other lives are about waits for the round.
            step.at = just_after(town.next_round(step.at));
        } else if town.is_round(step.at) {
            // A round of the timekeeper has its instants to itself.
            step.at = end_of_round(step.at);
        }
        Some(step)
    }

    /// Whether a step may change, or puts on record, what another life is about.
    fn crosses(&self, step: &Step) -> bool {
        if matches!(step.act, Act::HandOver(_) | Act::Propose(_)) {
            return true;
        }
        let Life::Card(life) = self else { return false };
        let changes = matches!(step.act, Act::OnCard(card::Command::Issue(_) | card::Command::DecideAppeal(_)));
        changes && life.card.colour == Colour::Red
    }

    /// Names a step apart from every other of the run.
    pub fn label(&self, step: &Step) -> String {
        match self {
            Life::Event(event) => {
                let told = &event.told[step.of];
                format!("{}/{}", told.number, told.steps)
            }
            Life::Call(call) => format!("call/{}/{}", call.number, call.steps),
            Life::Card(card) => format!("card/{}/{}", card.card.id, card.steps),
            Life::Outage(outage) => format!("outage/{}", outage.number),
            Life::Duty(duty) => format!("handover/{}/{}", duty.organization, duty.steps),
        }
    }

    /// The stream that a step acts on, where it is there already.
    pub fn stream(&self, step: &Step) -> Option<String> {
        match self {
            Life::Event(event) => event.told[step.of].stream(),
            Life::Call(call) => call.call.as_ref().map(|call| format!("call/{}", call.id)),
            Life::Card(card) => Some(format!("card/{}", card.card.id)),
            Life::Outage(_) => None,
            Life::Duty(duty) => Some(format!("handover/{}", duty.organization)),
        }
    }

    /// What a step acts on, as its life knows it.
    pub fn owner(&self, step: &Step) -> Option<Owner> {
        match self {
            Life::Event(event) => event.told[step.of].case.clone().map(Owner::Case),
            Life::Call(life) => life.call.clone().map(Owner::Call),
            Life::Card(life) => Some(Owner::Card(life.card.clone())),
            Life::Outage(_) | Life::Duty(_) => None,
        }
    }

    /// Every stream that is this life's alone.
    fn streams(&self) -> Vec<String> {
        match self {
            Life::Event(event) => event.told.iter().filter_map(Told::stream).collect(),
            Life::Call(call) => call.call.iter().map(|call| format!("call/{}", call.id)).collect(),
            Life::Card(card) => vec![format!("card/{}", card.card.id)],
            Life::Outage(_) | Life::Duty(_) => Vec::new(),
        }
    }

    /// Notes that a step was carried out. Gives the life that begins with it, where one does.
    pub fn did(&mut self, step: &Step, became: Became, town: &Town, seed: u64) -> Option<Life> {
        match (self, became) {
            (Life::Event(event), Became::Case { case, head }) => {
                let opened = event.told[step.of].case.is_none();
                event.did(step, case, head);
                return if opened { event.call(step, town, seed).map(|call| Life::Call(Box::new(call))) } else { None };
            }
            (Life::Call(life), Became::Call(call)) => life.did(step, call),
            (Life::Card(life), Became::Card(card)) => life.did(step, card),
            (Life::Outage(life), _) => life.over = true,
            (Life::Duty(life), _) => life.did(step),
            _ => unreachable!("an act leaves what it acts on"),
        }
        None
    }

    /// Notes that the round at `at` changed what a life is about.
    pub fn saw(&mut self, stream: &str, became: Became, at: Instant) {
        let from = end_of_round(at);
        match (self, became) {
            (Life::Event(event), Became::Case { case: Some(case), .. }) => event.saw(stream, case, from),
            (Life::Call(life), Became::Call(call)) => life.saw(call, from),
            (Life::Card(life), Became::Card(card)) => life.saw(card, from),
            _ => {}
        }
    }

    /// Notes that the timekeeper looked in vain: it need not look again for what was due by then.
    pub fn looked_in_vain(&mut self, step: &Step) {
        match self {
            Life::Event(event) => event.told[step.of].vain = Some(step.at),
            Life::Call(life) => life.vain = Some(step.at),
            Life::Card(life) => life.vain = Some(step.at),
            Life::Outage(_) | Life::Duty(_) => {}
        }
    }

    pub fn was_refused(&mut self, step: &Step) {
        match self {
            Life::Event(event) => event.was_refused(step),
            Life::Call(life) => life.was_refused(step),
            Life::Card(life) => life.was_refused(step),
            Life::Outage(life) => life.over = true,
            Life::Duty(life) => life.was_refused(),
        }
    }
}

/// Every life that has something before it, by when it acts next and by its streams.
#[derive(Default)]
pub(crate) struct Lives {
    queue: EventQueue<(Instant, u64)>,
    waiting: HashMap<u64, (Life, Step)>,
    of_stream: HashMap<String, u64>,
}

impl Lives {
    /// Lets a life wait for its next act; forgets it where none comes.
    pub fn wait(&mut self, life: Life, town: &Town, seed: u64) {
        let number = life.number();
        match life.next(town, seed) {
            Some(step) => {
                for stream in life.streams() {
                    self.of_stream.insert(stream, number);
                }
                self.queue.push(step.at, number, (step.at, number));
                self.waiting.insert(number, (life, step));
            }
            None => {
                for stream in life.streams() {
                    self.of_stream.remove(&stream);
                }
            }
        }
    }

    /// The life that acts next, where it does before `end`, with what it does.
    pub fn next_before(&mut self, end: Instant) -> Option<(Life, Step)> {
        while let Some((at, number)) = self.queue.pop_before(end) {
            // What was planned anew waits under its new instant.
            if self.waiting.get(&number).is_some_and(|(_, step)| step.at == at) {
                return self.waiting.remove(&number);
            }
        }
        None
    }

    /// The life that a stream is of, to be shown it again.
    pub fn take(&mut self, stream: &str) -> Option<Life> {
        let number = self.of_stream.get(stream)?;
        self.waiting.remove(number).map(|(life, _)| life)
    }
}

/// When the timekeeper has to look at one of these clocks: at the full minute after its reminder, or after it ran out. Not
/// again for what it looked at in vain.
pub(crate) fn wake<'a>(timers: impl Iterator<Item = &'a Timer>, vain: Option<Instant>) -> Option<Instant> {
    let look = |due: Instant| {
        let look = minute_after(due);
        vain.is_none_or(|vain| look > vain).then_some(look)
    };
    let of = |timer: &Timer| {
        let remind = timer.remind_at.filter(|remind| *remind < timer.due_at());
        remind.and_then(look).or_else(|| look(timer.due_at()))
    };
    timers.filter(|timer| timer.is_running()).filter_map(of).min()
}

fn minute_after(at: Instant) -> Instant {
    const MINUTE: i64 = 60_000_000;
    Instant::from_micros((at.micros().div_euclid(MINUTE) + 1) * MINUTE)
}

fn just_after(at: Instant) -> Instant {
    at + SignedDuration::from_micros(1)
}

/// When lives act again after the round at `at`, which the acts that wait for it follow by a microsecond.
pub(crate) fn end_of_round(at: Instant) -> Instant {
    just_after(just_after(at))
}
