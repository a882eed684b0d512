//! Running a district: one event clock, many acts in flight, never two of one life.

use std::collections::BTreeSet;
use std::sync::Arc;

use casework::{Casework, Watch};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::SignedDuration;
use journal::JournalError;
use kernel::{Chance, Instant};

use crate::before::Before;
use crate::fault::Delays;
use crate::life::Event;
use crate::life::card::CardLife;
use crate::life::duty::DutyLife;
use crate::life::outage::OutageLife;
use crate::lives::{Act, Became, Life, Lives, Step, end_of_round};
use crate::perform::{PerformError, Performed, Performer};
use crate::rhythm::{self, Due};
use crate::story::Story;
use crate::tally::Tally;
use crate::town::Town;

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Settings {
    pub seed: u64,
    /// Midnight of the first day, or an instant within a day: then the run also ends within one.
    pub from: Instant,
    pub days: u32,
    /// None: what a district of this size usually reports.
    pub events_per_day: Option<f64>,
    pub keys: Keys,
    /// How often a command whose outcome is not known is sent again.
    pub tries: u32,
    /// So many minutes are gone through before what lies behind them begins: the server's instant never runs back further
    /// than this. A longer window gives larger groups; the hash is the same.
    pub window_minutes: u32,
}

/// Which commands carry an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// What opens a case, as a phone sends it.
    Intake,
    /// Every command, so that a run that was cut off can be taken up again.
    All,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Microseconds simulated, and how many there are.
    pub done: u64,
    pub all: u64,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    pub tally: Tally,
    /// Positions of each registration that was acknowledged, by the number of the event.
    pub registered: Vec<(u64, i64)>,
    /// The same of each call that was raised.
    pub raised: Vec<(u64, i64)>,
    /// When it ended: nobody acted then or later, save the timekeeper's last round.
    pub end: Option<Instant>,
    /// Cards that began.
    cards: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    #[error(transparent)]
    Perform(#[from] PerformError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A district that can be run.
pub struct Simulation {
    town: Arc<Town>,
    settings: Settings,
    performer: Performer,
    delays: Option<Delays>,
    /// From an instant on, the same with another calendar.
    later: Option<(Instant, Box<Simulation>)>,
}

/// Acts in flight at most.
const IN_FLIGHT: usize = 2_048;

impl Simulation {
    pub fn new(town: Arc<Town>, casework: Casework, settings: Settings) -> Simulation {
        let watch = Watch::new(casework, town.profile.clone());
        let Settings { seed, keys, tries, .. } = settings;
        let performer = Performer { watch, seed, keys, tries, before: Arc::default() };
        Simulation { town, settings, performer, delays: None, later: None }
    }

    /// The same, but a list of holidays is published on the way: from the first round at or after `from` on, the district is
    /// `town`, a profile with the list, and whatever was counted without it is counted again.
    pub fn with_list(self, from: Instant, town: Arc<Town>) -> Simulation {
        let casework = Casework::new(self.performer.watch.casework().journal().clone(), (*town.book).clone());
        let performer = Performer { watch: Watch::new(casework, town.profile.clone()), ..self.performer.clone() };
        let later = Simulation { town, settings: self.settings.clone(), performer, delays: None, later: None };
        Simulation { later: Some((from, Box::new(later))), ..self }
    }

    /// The same, but what people do is delayed on its way.
    pub(crate) fn delayed(self, delays: Delays) -> Simulation {
        Simulation { delays: Some(delays), ..self }
    }

    /// The instant at which the run ends: nobody acts then or later.
    pub fn end(&self) -> Instant {
        self.settings.from + SignedDuration::from_hours(24 * i64::from(self.settings.days))
    }

    /// Runs it to its end. `progress` is told of every window.
    pub async fn run(&self, mut progress: impl FnMut(Progress)) -> Result<Ran, SimulationError> {
        let (from, end) = (self.settings.from, self.end());
        let mut ran = Ran { tally: Tally::new(), end: Some(end), ..Ran::default() };
        let before = Before::read(self.performer.watch.casework().journal().db(), &self.town).await?;
        let _ = self.performer.before.set(before.last());
        let mut births = self.births().into_iter().peekable();
        let mut lives = Lives::default();
        for (number, outage) in (0..).zip(self.town.outages()) {
            self.wait(&mut lives, Life::Outage(Box::new(OutageLife::new(number, outage))));
        }
        for duty in DutyLife::all(&self.town, from) {
            self.wait(&mut lives, Life::Duty(Box::new(duty)));
        }
        let (mut window, mut by) = (from, self);
        let step = SignedDuration::from_mins(i64::from(self.settings.window_minutes.max(1)));
        while window < end {
            let round = self.town.next_round(window).min(end);
            window = (window + step).min(round);
            while let Some(born) = births.next_if(|born| born.at < window) {
                if let Some(life) = by.born(born) {
                    by.wait(&mut lives, life);
                }
            }
            by.go_through(window, &mut lives, &mut ran).await?;
            if window == round {
                if let Some((_, later)) = by.later.as_ref().filter(|(published, _)| round >= *published) {
                    by = later;
                    by.recount(round, &before, &mut lives, &mut ran).await?;
                }
                by.round(round, &before, &mut lives, &mut ran).await?;
            }
            let (done, all) = (window.since(from).as_micros() as u64, end.since(from).as_micros() as u64);
            progress(Progress { done, all });
        }
        Ok(ran)
    }

    /// Lets everybody act who acts before `end`.
    async fn go_through(&self, end: Instant, lives: &mut Lives, ran: &mut Ran) -> Result<(), SimulationError> {
        let mut flying = FuturesUnordered::new();
        loop {
            while flying.len() < IN_FLIGHT {
                let Some((life, mut step)) = lives.next_before(end) else { break };
                if let Some(delays) = &self.delays {
                    let (label, latest) = (life.label(&step), self.town.next_round(step.at).min(self.end()));
                    delays.delay(&mut step, &label, latest);
                }
                flying.push(self.fly(life, step));
            }
            let Some(landed) = flying.next().await else { return Ok(()) };
            let (life, step, performed) = landed?;
            let (life, begun) = self.land(life, &step, performed, ran);
            for life in [Some(life), begun].into_iter().flatten() {
                self.wait(lives, life);
            }
        }
    }

    async fn fly(&self, life: Life, step: Step) -> Result<(Life, Step, Performed), PerformError> {
        let performed = self.performer.perform(&life, &step).await?;
        Ok((life, step, performed))
    }

    /// The life after a step, and the life that begins with it, where one does.
    fn land(&self, mut life: Life, step: &Step, performed: Performed, ran: &mut Ran) -> (Life, Option<Life>) {
        let begun = match performed {
            Performed::Done { became, positions } => {
                ran.tally.done(step.act.name(), positions.count as u64);
                match (&step.act, &life) {
                    (Act::Register(_) | Act::Settle(_), Life::Event(event)) => {
                        ran.registered.push((event.told[step.of].number, positions.first));
                    }
                    (Act::Raise(_), Life::Call(call)) => ran.raised.push((call.number, positions.first)),
                    _ => {}
                }
                life.did(step, became, &self.town, self.settings.seed)
            }
            Performed::Looked { became, watched } => {
                ran.tally.watched(&watched);
                if watched.is_idle() {
                    life.looked_in_vain(step);
                }
                life.did(step, became, &self.town, self.settings.seed)
            }
            Performed::Refused { reason } => {
                ran.tally.refused(step.act.name(), &reason);
                life.was_refused(step);
                None
            }
        };
        (life, begun)
    }

    /// What was counted without the list of holidays that is there now is counted again, before the round at `at`.
    async fn recount(
        &self,
        at: Instant,
        before: &Before,
        lives: &mut Lives,
        ran: &mut Ran,
    ) -> Result<(), SimulationError> {
        if !before.is_past(at) {
            ran.tally.recounted(self.performer.recount(at).await?);
        }
        let touched = Before::read(self.performer.watch.casework().journal().db(), &self.town).await?.touched(at);
        self.show(touched, at, at, lives, ran).await
    }

    /// The timekeeper's round, with nobody acting beside it: outages declared meanwhile, whatever is due and was not looked
    /// at by itself, cards. Everyone whom it touched plans anew; each card proposed begins its life.
    async fn round(
        &self,
        at: Instant,
        before: &Before,
        lives: &mut Lives,
        ran: &mut Ran,
    ) -> Result<(), SimulationError> {
        let mut touched = before.touched(at);
        if !before.is_past(at) {
            let (watched, told_of_all) = self.performer.round(at).await?;
            ran.tally.watched(&watched);
            touched.extend(watched.touched);
            if !told_of_all {
                touched.extend(
                    Before::read(self.performer.watch.casework().journal().db(), &self.town).await?.touched(at),
                );
            }
        }
        self.show(touched, at, at, lives, ran).await?;
        if at == self.end() {
            return Ok(());
        }
        // What changes more than its own life waited for this; one after another, in the order of their names. Proposals come
        // first: an order that a card brings is shown to its case, which has to be waiting again.
        let mut crossing: Vec<(Life, Step)> = std::iter::from_fn(|| lives.next_before(end_of_round(at))).collect();
        crossing.sort_by_key(|(life, step)| (!matches!(step.act, Act::Propose(_)), life.stream(step)));
        for (life, step) in crossing {
            let (life, step, performed) = self.fly(life, step).await?;
            let own = life.stream(&step);
            let mut touched = BTreeSet::new();
            if let Performed::Done { positions, .. } = &performed {
                touched = self.performer.streams(*positions).await?;
            }
            let (life, _) = self.land(life, &step, performed, ran);
            self.wait(lives, life);
            touched.retain(|stream| own.as_ref() != Some(stream));
            self.show(touched, at, step.at, lives, ran).await?;
        }
        Ok(())
    }

    /// Shows everyone whom a round touched what it did, up to `until`.
    async fn show(
        &self,
        touched: BTreeSet<String>,
        at: Instant,
        until: Instant,
        lives: &mut Lives,
        ran: &mut Ran,
    ) -> Result<(), SimulationError> {
        for stream in touched {
            let known = lives.take(&stream);
            if known.is_none() && !stream.starts_with("card/") {
                continue;
            }
            match (known, self.performer.as_of(&stream, until).await?) {
                (Some(mut life), became) => {
                    life.saw(&stream, became, at);
                    self.wait(lives, life);
                }
                (None, Became::Card(card)) => {
                    ran.cards += 1;
                    self.wait(lives, Life::Card(Box::new(CardLife::new(ran.cards, card, at))));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn wait(&self, lives: &mut Lives, life: Life) {
        lives.wait(life, &self.town, self.settings.seed);
    }

    fn born(&self, born: Born) -> Option<Life> {
        let seed = self.settings.seed;
        let story = Story::draw(&self.town, seed, born.number, born.due)?;
        let duplicate = born.duplicate.and_then(|due| Story::draw(&self.town, seed, born.number + 1, due));
        let duplicate = duplicate.map(|duplicate| duplicate.of_the_same(&story));
        Some(Life::Event(Box::new(Event::new(born.number, story, duplicate))))
    }

    /// Every event; now and then the next one reports the same thing.
    fn births(&self) -> Vec<Born> {
        let Settings { seed, from, days, events_per_day, .. } = self.settings;
        let a_day = events_per_day.unwrap_or_else(|| self.town.usual_events_per_day());
        let calendar = &self.town.profile.calendar;
        // From within a day to within a day touches one day more; of what is reported in it only what lies inside is kept.
        let touched = if rhythm::midnight(calendar, calendar.date(from)) == from { days } else { days + 1 };
        let total = (a_day * f64::from(touched)).round().max(0.0) as u64;
        let mut dues = rhythm::events(calendar, seed, from, touched, total);
        dues.retain(|due| (from..self.end()).contains(&due.at));
        let mut births: Vec<Born> = Vec::with_capacity(dues.len());
        for (number, due) in (0..).zip(dues) {
            let share = if due.burst.is_some() { 0.12 } else { 0.03 };
            let same = Chance::seeded(seed, &format!("same/{number}")).happens(share);
            match births.last_mut() {
                Some(last) if same && last.duplicate.is_none() && last.number + 1 == number => {
                    last.duplicate = Some(due)
                }
                _ => births.push(Born { number, at: due.at, due, duplicate: None }),
            }
        }
        births
    }
}

/// An event about to happen.
struct Born {
    number: u64,
    at: Instant,
    due: Due,
    duplicate: Option<Due>,
}
