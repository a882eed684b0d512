//! The timekeeper: claims and acts on what is due, with many open clocks around it and with few.

use std::time::Instant as Stopwatch;

use casework::case::{CaseId, ClockKey, Timer};
use casework::{Casework, Watch, Watched};
use clap::Args;
use futures::future::join_all;
use jiff::SignedDuration;
use journal::{Answer, Journal, MasterKey, Submission, WriterOptions};
use kernel::{Chance, Instant};
use store::Options;

use super::figures::median;
use super::history::{Historian, Stock, Template};
use super::place::Place;
use super::report::{Goal, rounded};
use super::stocked::{put, weekday_morning};
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// Milliseconds to claim and act on 100 clocks that are due, lapses and the cards that follow, durable; with many open clocks
/// and with few. The two districts take turns.
#[derive(Args, Debug)]
pub struct Timekeeper {
    #[command(flatten)]
    setting: Setting,
    /// Open clocks in the large district.
    #[arg(long)]
    open: Option<u64>,
    /// Open clocks in the small one.
    #[arg(long)]
    few: Option<u64>,
    /// Clocks that are due at once.
    #[arg(long)]
    due: Option<usize>,
    #[arg(long)]
    rounds: Option<usize>,
}

/// A district whose clocks are watched.
struct Watchtower {
    watch: Watch,
    facts: u64,
    open: u64,
    took: Vec<f64>,
}

/// Which matters the clocks are of, and when what is registered.
struct Plan {
    /// Nothing of it comes due while the bench runs.
    slow: Template,
    /// Its first clock runs out soonest.
    quick: String,
    at: Instant,
}

impl Timekeeper {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let setting = &self.setting;
        let (open, few) = (setting.size(self.open, 600, 1_000_000), setting.size(self.few, 60, 1_000));
        let (due, rounds) = (setting.size(self.due, 8, 100), setting.size(self.rounds, 2, 21));
        let place = Place::new(setting, "timekeeper")?;
        let historian = Historian::new(setting.profile()?)?;
        let mut large = self.district(&place, &historian, "large", open, output).await?;
        let mut small = self.district(&place, &historian, "small", few, output).await?;
        let plan = plan(&historian)?;
        let bar = output.progress("bench-slices", rounds as u64 * 2);
        for round in 0..rounds {
            for tower in [&mut large, &mut small] {
                tower.round(&historian, &plan, round as u64, due).await?;
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        let middle = |took: &[f64]| median(took).unwrap_or_default();
        let ratio = middle(&large.took) / middle(&small.took);
        let report = Report::new("timekeeper", place.store(), setting.quick, Goal::AtMost(1.5), ratio)
            .with("open_clocks", [large.open, small.open])
            .with("facts", [large.facts, small.facts])
            .with("due", due)
            .with("rounds", rounds)
            .with("median_ms", [middle(&large.took), middle(&small.took)].map(rounded))
            .with(
                "slices_ms",
                [&large.took, &small.took].map(|took| took.iter().copied().map(rounded).collect::<Vec<_>>()),
            )
            .with("sides", ["large", "small"])
            .with("durability", "full");
        drop((large, small));
        place.finish().await?;
        Ok(report)
    }

    async fn district(
        &self,
        place: &Place,
        historian: &Historian,
        name: &str,
        open: u64,
        output: &Output,
    ) -> Result<Watchtower, Failure> {
        let Plan { slow, at, .. } = plan(historian)?;
        let clocks = slow.case.clocks.len() as u64;
        let count = open.div_ceil(clocks);
        let facts = put(place, name, vec![Stock { count, mark: 0, templates: vec![slow] }], output).await?;
        let db = place.reopen(name, Options::default()).await?;
        let journal = Journal::start(db, MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal, casework::rulebook(&historian.profile).map_err(Failure::other)?);
        let watch = Watch::new(casework, historian.profile.clone());
        // The first look reads what was loaded, and finds nothing to do.
        let first = watch.keep_time(at).await.map_err(Failure::other)?;
        if !first.is_idle() {
            return Err(Failure::Other(format!("something was due before the bench began: {first:?}")));
        }
        Ok(Watchtower { watch, facts, open: count * clocks, took: Vec::new() })
    }
}

/// The matter whose clocks wake the timekeeper last, and the one whose first clock runs out soonest.
fn plan(historian: &Historian) -> Result<Plan, Failure> {
    let at = weekday_morning(historian);
    let mut chance = Chance::seeded(1, "clocks");
    let mut candidates = Vec::new();
    for matter in historian.matters(at, |_| true) {
        let template = historian.registered(&matter, at, &mut chance)?;
        let wakes = |timer: &Timer| timer.remind_at.map_or(timer.due_at(), |remind| remind.min(timer.due_at()));
        let first = template.case.clocks.values().map(wakes).min();
        let accept = template.case.clocks.get(&ClockKey::Accept).map(Timer::due_at);
        candidates.push((matter, first, accept, template));
    }
    let quick = candidates.iter().filter_map(|(matter, _, accept, _)| Some(((*accept)?, matter.clone()))).min();
    let slow = candidates.into_iter().filter_map(|(_, first, _, template)| Some((first?, template)));
    let slow = slow.max_by_key(|(first, _)| *first);
    match (slow, quick) {
        (Some((wakes, slow)), Some((due, quick))) if due + SignedDuration::from_hours(1) < wakes => {
            Ok(Plan { slow, quick, at })
        }
        _ => Err(Failure::Other("the profile has no matters of which one runs out long before another".into())),
    }
}

impl Watchtower {
    /// Registers `due` cases, lets their first clock run out, and measures what the timekeeper then does.
    async fn round(&mut self, historian: &Historian, plan: &Plan, round: u64, due: usize) -> Result<(), Failure> {
        let at = plan.at + SignedDuration::from_secs(round as i64 * 30);
        let mut chance = Chance::seeded(round, "due");
        let casework = self.watch.casework();
        let mut registered = Vec::new();
        for _ in 0..due {
            let register = historian.register(&plan.quick, at, &mut chance)?;
            let submission = Submission { at, chance: chance.split(), key: None };
            registered.push(casework.register(historian.caller(), None, register, submission));
        }
        let mut ids = Vec::new();
        for answer in join_all(registered).await {
            match answer.map_err(Failure::other)? {
                Answer::Done { output, .. } => ids.push(output.id),
                Answer::Replayed { .. } => return Err(Failure::Other("a case was registered before".into())),
            }
        }
        let runs_out = self.runs_out(ids[0]).await?;
        let second = SignedDuration::from_secs(1);
        self.keep_time(runs_out - second).await?;
        let begun = Stopwatch::now();
        let watched = self.keep_time(runs_out + second).await?;
        self.took.push(begun.elapsed().as_secs_f64() * 1e3);
        if watched.lapses != due as u64 {
            return Err(Failure::Other(format!("{due} clocks were due, and this was done: {watched:?}")));
        }
        Ok(())
    }

    async fn runs_out(&self, case: CaseId) -> Result<Instant, Failure> {
        let case = self.watch.casework().case(case).await?;
        let accept = case.and_then(|case| case.clocks.get(&ClockKey::Accept).map(Timer::due_at));
        accept.ok_or_else(|| Failure::Other("a case just registered has no clock".into()))
    }

    async fn keep_time(&self, now: Instant) -> Result<Watched, Failure> {
        self.watch.keep_time(now).await.map_err(Failure::other)
    }
}
