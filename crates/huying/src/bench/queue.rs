//! The first page of an open queue, with many closed cases behind it and with few.

use std::time::Instant as Stopwatch;

use casework::{Casework, Page, Queue, QueueRow, Sort};
use clap::Args;
use jiff::SignedDuration;
use journal::{Journal, MasterKey, WriterOptions};
use kernel::{Chance, Instant};
use store::Options;

use super::figures::{median, microseconds, quantile};
use super::history::{Historian, Stock, Template};
use super::place::Place;
use super::report::{Goal, rounded};
use super::stocked::{put, weekday_morning};
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// p99 of the first page by each sort, of a department's queue and of a desk's, with the same open cases and many or few closed
/// ones. A loader writes the facts, a rebuild makes the tables; the two districts are asked in turn.
#[derive(Args, Debug)]
pub struct FirstPage {
    #[command(flatten)]
    setting: Setting,
    /// Closed cases in the large district.
    #[arg(long)]
    closed: Option<u64>,
    /// Closed cases in the small one.
    #[arg(long)]
    few: Option<u64>,
    /// Open cases in both, each with an open assignment of one of four departments.
    #[arg(long)]
    open: Option<u64>,
    /// Queries by each sort in each district a round.
    #[arg(long)]
    queries: Option<u64>,
    /// Rounds; the median of their p99 counts.
    #[arg(long)]
    rounds: Option<usize>,
}

const DEPARTMENTS: usize = 4;
const SORTS: [(Sort, &str); 3] = [(Sort::Due, "due"), (Sort::Opened, "opened"), (Sort::Urgency, "urgency")];

impl FirstPage {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let setting = &self.setting;
        let (closed, few) = (setting.size(self.closed, 400, 5_000_000), setting.size(self.few, 40, 10_000));
        let place = Place::new(setting, "queue")?;
        let historian = Historian::new(setting.profile()?)?;
        let large = self.district(&place, &historian, "large", closed, output).await?;
        let small = self.district(&place, &historian, "small", few, output).await?;
        let report = self.compare(&large, &small, place.store(), output).await?;
        let report = report.with("closed", [closed, few]).with("facts", [large.facts, small.facts]);
        drop((large, small));
        place.finish().await?;
        Ok(report)
    }

    async fn district(
        &self,
        place: &Place,
        historian: &Historian,
        name: &str,
        closed: u64,
        output: &Output,
    ) -> Result<Loaded, Failure> {
        let open = self.setting.size(self.open, 120, 2_000);
        let now = weekday_morning(historian);
        let departments = departments(historian);
        let stocks = vec![
            Stock { count: closed, mark: 0, templates: closed_templates(historian, &departments, now)? },
            Stock { count: open, mark: 1, templates: open_templates(historian, &departments, now, open)? },
        ];
        let desk = stocks[1].templates[0].case.desk.clone();
        let facts = put(place, name, stocks, output).await?;
        let db = place.reopen(name, Options::default()).await?;
        let journal = Journal::start(db, MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal, casework::rulebook(&historian.profile).map_err(Failure::other)?);
        Ok(Loaded { casework, department: departments[0].clone(), desk, facts })
    }

    async fn compare(
        &self,
        large: &Loaded,
        small: &Loaded,
        store: &'static str,
        output: &Output,
    ) -> Result<Report, Failure> {
        let queries = self.setting.size(self.queries, 20, 2_000);
        let rounds = self.setting.size(self.rounds, 1, 9);
        let bar = output.progress("bench-queries", rounds as u64 * 2 * SORTS.len() as u64);
        let mut figures = Vec::new();
        for ((queue, one), (_, other)) in large.queues().into_iter().zip(small.queues()) {
            for (sort, word) in SORTS {
                let page = Page { sort, ..Page::default() };
                let rows = large.ask(&one, &page).await?.0;
                if rows.is_empty() || rows != small.ask(&other, &page).await?.0 {
                    return Err(Failure::Other(format!("the pages by {word} are not the same")));
                }
                let mut sides = [Side::default(), Side::default()];
                for _ in 0..rounds {
                    let mut took = [Vec::new(), Vec::new()];
                    for _ in 0..queries {
                        took[0].push(large.ask(&one, &page).await?.1);
                        took[1].push(small.ask(&other, &page).await?.1);
                    }
                    sides.iter_mut().zip(took).for_each(|(side, took)| side.add(&took));
                    bar.inc(1);
                }
                figures.push((format!("{queue}_by_{word}"), sides));
            }
        }
        bar.finish_and_clear();
        let ratio = |[large, small]: &[Side; 2]| large.p99_us() / small.p99_us();
        let worst = figures.iter().map(|(_, sides)| ratio(sides)).fold(0.0, f64::max);
        let mut report = Report::new("queue", store, self.setting.quick, Goal::AtMost(1.3), worst);
        for (name, sides) in figures {
            let [p99_us, p50_us] = [sides.each_ref().map(Side::p99_us), sides.each_ref().map(Side::p50_us)];
            let (p99_us, p50_us) = (p99_us.map(rounded), p50_us.map(rounded));
            let figure = serde_json::json!({"p99_us": p99_us, "p50_us": p50_us, "p99_ratio": rounded(ratio(&sides))});
            report = report.with(&name, figure);
        }
        Ok(report.with("queries", queries).with("rounds", rounds).with("sides", ["large", "small"]))
    }
}

/// What the queries of one district took, round by round, in microseconds.
#[derive(Default)]
struct Side {
    p99: Vec<f64>,
    p50: Vec<f64>,
}

impl Side {
    fn add(&mut self, took: &[f64]) {
        self.p99.extend(quantile(took, 0.99));
        self.p50.extend(median(took));
    }

    fn p99_us(&self) -> f64 {
        median(&self.p99).unwrap_or_default()
    }

    fn p50_us(&self) -> f64 {
        median(&self.p50).unwrap_or_default()
    }
}

/// A district that can be asked.
struct Loaded {
    casework: Casework,
    department: String,
    desk: String,
    facts: u64,
}

impl Loaded {
    fn queues(&self) -> [(&'static str, Queue); 2] {
        let department = Queue::Assignments { organization: self.department.clone(), holder: None };
        [("department", department), ("desk", Queue::Desk { organization: self.desk.clone() })]
    }

    /// The page, and microseconds.
    async fn ask(&self, queue: &Queue, page: &Page) -> Result<(Vec<QueueRow>, f64), Failure> {
        let begun = Stopwatch::now();
        let rows = self.casework.queue(queue, page).await?;
        Ok((rows, microseconds(begun.elapsed())))
    }
}

/// The departments that work is given to, in the profile's order.
pub fn departments(historian: &Historian) -> Vec<String> {
    let all = historian.profile.organizations.all().iter();
    let found = all.filter(|one| one.kind == district::OrganizationKind::Department);
    found.map(|one| one.code.clone()).take(DEPARTMENTS).collect()
}

/// Of five closed cases four were settled on the spot and one was given to a department: the shares are a sample. They were
/// reported through the year before `now`.
pub fn closed_templates(historian: &Historian, departments: &[String], now: Instant) -> Result<Vec<Template>, Failure> {
    const COUNT: i64 = 240;
    let mut chance = Chance::seeded(1, "closed");
    let year = SignedDuration::from_hours(24 * 360);
    let on_the_spot = historian.matters(now, |matter| matter.on_the_spot);
    let all = historian.matters(now, |_| true);
    let mut templates = Vec::new();
    for nth in 0..COUNT {
        let at = now - year + year / COUNT as i32 * nth as i32;
        let pick = |from: &[String], chance: &mut Chance| chance.pick(from).cloned().unwrap_or_default();
        templates.push(if nth % 5 == 4 {
            let department = &departments[(nth / 5) as usize % departments.len()];
            historian.withdrawn(&pick(&all, &mut chance), department, at, &mut chance)?
        } else {
            historian.settled(&pick(&on_the_spot, &mut chance), at, &mut chance)?
        });
    }
    Ok(templates)
}

/// A template for each open case: dispatched one after the other in the three days before `now`.
pub fn open_templates(
    historian: &Historian,
    departments: &[String],
    now: Instant,
    count: u64,
) -> Result<Vec<Template>, Failure> {
    let mut chance = Chance::seeded(1, "open");
    let matters = historian.matters(now, |_| true);
    let step = SignedDuration::from_hours(72) / (count.max(1) as i32);
    (0..count as i32)
        .map(|nth| {
            let matter = chance.pick(&matters).cloned().unwrap_or_default();
            let department = &departments[nth as usize % departments.len()];
            historian.dispatched(&matter, department, now - step * nth, &mut chance)
        })
        .collect()
}
