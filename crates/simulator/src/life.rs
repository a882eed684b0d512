//! The life of one event: its case, perhaps a second report of the same thing, and what everybody concerned does next.
//!
//! A life is decided from its own cases alone, so lives may run in any order and side by side and still come out the same.

mod after;
pub(crate) mod call;
mod call_answer;
pub(crate) mod card;
mod department;
mod desk;
pub(crate) mod duty;
pub(crate) mod outage;
mod past;
mod pressure;

use std::collections::BTreeMap;
use std::sync::Arc;

use casework::case::{Action, Caller, Case, CaseState, ClockKey, Command, Settle};
use jiff::SignedDuration;
use kernel::{Chance, Instant};

use crate::lives::{Act, Step, wake};
use crate::story::{Habit, Story};
use crate::town::Town;

use self::call::CallLife;
use self::past::Past;

/// One event of the district and all that follows from it.
pub(crate) struct Event {
    pub number: u64,
    /// The case, and the duplicate that is grouped under it, where there is one.
    pub told: Vec<Told>,
    /// No act comes before the one before it.
    now: Instant,
}

/// One report as it is lived.
pub(crate) struct Told {
    /// Number of the event.
    pub number: u64,
    pub story: Story,
    pub case: Option<Arc<Case>>,
    /// Nothing more follows: settled on the spot and not to be checked, or refused for good.
    pub over: bool,
    /// Steps tried so far.
    pub steps: u32,
    /// When anyone but the timekeeper last acted.
    since: Instant,
    past: Past,
    /// When each assignment was last acted on.
    touched: BTreeMap<u16, Instant>,
    /// When the timekeeper last looked in vain.
    pub vain: Option<Instant>,
    /// The reporter has asked how it goes.
    reminded: bool,
}

impl Event {
    /// A life of one event, or of an event and the next, which reports the same thing.
    pub fn new(number: u64, story: Story, duplicate: Option<Story>) -> Event {
        let now = story.at;
        let told = |(place, story): (u64, Story)| Told::new(number + place, story);
        Event {
            number,
            told: [Some(story), duplicate].into_iter().flatten().zip(0..).map(|(s, n)| told((n, s))).collect(),
            now,
        }
    }

    /// The next act: of all that could come, the earliest. None when nothing more will happen.
    pub fn next(&self, town: &Town, seed: u64) -> Option<Step> {
        (0..self.told.len()).filter_map(|of| self.next_of(of, town, seed)).reduce(Step::earlier)
    }

    fn next_of(&self, of: usize, town: &Town, seed: u64) -> Option<Step> {
        let told = &self.told[of];
        if told.over {
            return None;
        }
        let turn = Turn { town, seed, told, of, life: self };
        let mut steps: Vec<Step> = match &told.case {
            None => vec![turn.open()],
            Some(case) => turn.on_case(case),
        };
        let look = told.case.as_ref().and_then(|case| wake(case.clocks.values(), told.vain));
        steps.extend(look.map(|at| Step::look(at, of)));
        for step in &mut steps {
            step.at = town.up(step.at.max(self.now));
        }
        steps.into_iter().reduce(Step::earlier)
    }

    /// The call that is raised for a case just opened, where one is.
    pub fn call(&self, step: &Step, town: &Town, seed: u64) -> Option<CallLife> {
        let told = &self.told[step.of];
        CallLife::draw(town, seed, told.number, &told.story, told.case.as_deref()?)
    }

    /// Notes that a step was carried out, with the case and, where it changed, the group's head.
    pub fn did(&mut self, step: &Step, case: Option<Arc<Case>>, head: Option<Arc<Case>>) {
        self.now = self.now.max(step.done_at());
        if head.is_some() {
            self.told[0].case = head;
        }
        let told = &mut self.told[step.of];
        told.steps += 1;
        told.over = case.is_none();
        told.case = case;
        told.past.did(step.act.name().1, step.at);
        if let Act::OnCase(command) = &step.act {
            match command {
                Command::Remind(_) => told.reminded = true,
                Command::Supplement(_) => {}
                _ => told.since = step.at,
            }
            if let Some(assignment) = assignment_of(command) {
                told.touched.insert(assignment, step.at);
            }
        }
    }

    /// Notes that a round of the timekeeper changed a case; nothing follows before `from`.
    pub fn saw(&mut self, stream: &str, case: Arc<Case>, from: Instant) {
        self.now = self.now.max(from);
        if let Some(told) = self.told.iter_mut().find(|told| told.stream().as_deref() == Some(stream)) {
            told.case = Some(case);
        }
    }

    /// Notes that a step was refused.
    pub fn was_refused(&mut self, step: &Step) {
        self.now = self.now.max(step.done_at());
        let told = &mut self.told[step.of];
        told.steps += 1;
        if told.case.is_some() {
            told.past.was_refused(step.act.name().1);
        } else {
            // The report is put right and made again: once.
            told.over = !told.story.fate.refused_at_first;
            told.story.fate.refused_at_first = false;
        }
    }

    pub fn is_open_head(&self) -> bool {
        self.told[0].case.as_ref().is_some_and(|case| !case.is_closed() && case.state() < CaseState::Verified)
    }
}

impl Told {
    fn new(number: u64, story: Story) -> Told {
        let since = story.at;
        let (past, touched) = Default::default();
        Told { number, story, case: None, over: false, steps: 0, since, past, touched, vain: None, reminded: false }
    }

    /// The stream of its case.
    pub fn stream(&self) -> Option<String> {
        self.case.as_ref().map(|case| format!("case/{}", case.id))
    }
}

/// Someone's turn on one case of a life.
pub(crate) struct Turn<'a> {
    town: &'a Town,
    seed: u64,
    told: &'a Told,
    of: usize,
    life: &'a Event,
}

impl<'a> Turn<'a> {
    fn open(&self) -> Step {
        let story = &self.told.story;
        let mut register = story.register.clone();
        if story.fate.refused_at_first {
            let mut chance = self.dice("refused");
            match self.town.outside(story.at, &mut chance) {
                outside @ casework::case::Location::Outside { .. } if chance.happens(0.5) => {
                    register.location = outside
                }
                _ => register.declares_secret = true,
            }
        }
        let act = if story.on_the_spot {
            Act::Settle(Box::new(Settle { register }))
        } else {
            Act::Register(Box::new(register))
        };
        Step { at: story.at, claimed_at: story.claimed_at, of: self.of, caller: story.caller.clone(), act }
    }

    fn on_case(&self, case: &'a Case) -> Vec<Step> {
        let main = match case.state() {
            CaseState::Registered => self.registered(case),
            CaseState::Accepted => self.accepted(case),
            CaseState::Dispatched | CaseState::Answered => self.at_work(case),
            CaseState::Handled => self.handled(case),
            CaseState::Verified => self.verified(),
            CaseState::Closed | CaseState::Rated => self.closed(case),
        };
        main.into_iter().chain(self.pressed(case)).collect()
    }

    /// Chance for the next time of `name`: the same until it has been carried out.
    fn dice(&self, name: &str) -> Chance {
        Chance::seeded(self.seed, &format!("case/{}/{name}/{}", self.told.number, self.told.past.times(name)))
    }

    /// Not refused before.
    fn may(&self, name: &str) -> bool {
        self.told.past.may(name)
    }

    /// Neither carried out nor refused before.
    fn first(&self, name: &str) -> bool {
        self.may(name) && self.told.past.times(name) == 0
    }

    /// A step, where someone can take it and it was not refused before.
    fn step(&self, at: Instant, caller: Option<&Caller>, command: Command) -> Option<Step> {
        if !self.may(command.name()) {
            return None;
        }
        Some(Step { at, claimed_at: None, of: self.of, caller: caller?.clone(), act: Act::OnCase(command) })
    }

    fn at_desk(
        &self,
        case: &Case,
        action: Action,
        at: Instant,
        others: &[&str],
        chance: &mut Chance,
    ) -> Option<&'a Caller> {
        self.town.cast.at_desk(&self.town.profile, &case.desk, action, at, others, chance)
    }

    /// `at`, or in time all the same: most who see a limit run out hurry. How many do not is a matter of habit. A sample.
    fn punctual(&self, case: &Case, key: ClockKey, at: Instant, chance: &mut Chance) -> Instant {
        let Some(timer) = case.clocks.get(&key).filter(|timer| timer.is_running()) else { return at };
        let Some(clock) = timer.clock().filter(|clock| at > clock.due().at) else { return at };
        let careless = match self.town.habit(&timer.holder) {
            Habit::Fast => 0.003,
            Habit::Slow => 0.03,
            Habit::Forgetful => 0.1,
            Habit::Steady | Habit::Returning | Habit::Careless => 0.01,
        };
        if chance.happens(careless) {
            return at;
        }
        clock.at_share(&self.town.profile.calendar, 90 + chance.below(9) as u8)
    }

    /// Between `least` and `most` minutes of opening hours after `from`; where it is urgent, of any hours, and a tenth of
    /// them.
    fn soon(&self, case: &Case, from: Instant, least: u64, most: u64, chance: &mut Chance) -> Instant {
        let minutes = least + chance.below((most - least).max(1));
        match case.urgency {
            casework::case::Urgency::Emergency => {
                from + SignedDuration::from_secs((minutes * 6).max(30) as i64 + chance.below(30) as i64)
            }
            _ => self.town.working(from, minutes, chance),
        }
    }
}

fn assignment_of(command: &Command) -> Option<u16> {
    match command {
        Command::Answer(one) => Some(one.assignment),
        Command::RecordContact(one) => Some(one.assignment),
        Command::PassInside(one) => Some(one.assignment),
        Command::SendBack(one) => Some(one.assignment),
        Command::ReportDone(one) => Some(one.assignment),
        Command::Sign(one) => Some(one.assignment),
        Command::RequestReturn(one) => Some(one.assignment),
        Command::ReviewReturn(one) => Some(one.assignment),
        Command::RequestDelay(one) => Some(one.assignment),
        Command::ReviewDelay(one) => Some(one.assignment),
        Command::EndSuspension(one) => Some(one.assignment),
        _ => None,
    }
}
