//! `huying simulate`

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use casework::Casework;
use clap::Args;
use district::Profile;
use journal::{Journal, Sealer, WriterOptions};
use kernel::{Chance, Date, Instant};
use platform::Config;
use serde::Serialize;
use simulator::check::{Checked, Checks, Seconds};
use simulator::{Keys, Ran, Settings, Simulation, Town};
use store::{Db, Dialect, Durability, Options};

use super::fault::{self, FaultKind};
use crate::cli;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Lets a district live on a simulated clock through the same doors that people use, then checks every invariant. The same
/// seed gives the same hash on both stores. The last line is the result as JSON when `--json` is given.
#[derive(Args)]
pub struct Simulate {
    #[command(flatten)]
    place: cli::Settings,
    /// What chance is drawn from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Days to be lived through.
    #[arg(long, default_value_t = 30)]
    pub days: u32,
    /// The first day.
    #[arg(long, default_value = "2025-01-01")]
    pub from: Date,
    /// Events reported a day; if not given, what a district of this size usually reports.
    #[arg(long)]
    pub events_per_day: Option<f64>,
    /// Minutes gone through side by side, at most the four hours between two rounds of the timekeeper: the server's instant never
    /// runs back further. The hash does not depend on it.
    #[arg(long, default_value_t = 240)]
    pub window_minutes: u32,
    /// Leave the checks out.
    #[arg(long)]
    pub no_check: bool,
    /// Make every write reach the disk before it is acknowledged; a simulation needs only survive its own process.
    #[arg(long)]
    pub durable: bool,
    /// Give every command a key. The same command line again then takes up a run that was cut off.
    #[arg(long)]
    pub resumable: bool,
    /// Live through the days again and again, each time under another kind of fault, in folders of their own that are gone
    /// afterwards. `--database` then names a PostgreSQL server on which databases may be made.
    #[arg(long, value_enum, value_name = "KIND", conflicts_with_all = ["resumable", "no_check"])]
    pub fault: Option<FaultKind>,
    /// With `--fault exit`: at most so many exits, drawn by the seed; one at every numbered write if not given.
    #[arg(long, value_name = "N", requires = "fault")]
    pub fault_exits: Option<u64>,
}

/// The last line.
#[derive(Serialize)]
struct Report {
    events: u64,
    facts: u64,
    facts_per_event: f64,
    hash: String,
    violations: u64,
    simulate_s: f64,
    check_s: f64,
    store: &'static str,
    durability: &'static str,
    seed: u64,
    days: u32,
    commands: BTreeMap<String, u64>,
    /// Commands that nobody used.
    unused: Vec<String>,
    proposed_by_hand: u64,
    refused: BTreeMap<String, u64>,
    checks: Option<ChecksDone>,
    /// The first violations, in words.
    violated: Vec<String>,
}

#[derive(Serialize)]
struct ChecksDone {
    streams: u64,
    clocks: u64,
    receipts: u64,
    seconds: Seconds,
}

impl Simulate {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.place.load(())?;
        // What is refused on purpose is no news, unless someone asks for it.
        let as_usual = self.fault.is_none() || config.log != Config::default().log;
        let log = if as_usual { config.log.as_str() } else { "error,huying::command::fault=info" };
        crate::telemetry::start(&Config { log: log.to_owned(), ..config.clone() })?;
        if let Some(kind) = self.fault {
            return fault::run(&self, kind, &config, output).await;
        }
        let profile = Arc::new(casework::vocabulary().load(&config.profile).map_err(Failure::Profile)?);
        let durability = if self.durable { Durability::Full } else { Durability::ProcessOnly };
        let options = Options { durability, ..open::options(&config) };
        let db = open::database_with(&config, options).await?;
        if !self.resumable && journal::tail::head(&mut &db).await? > 0 {
            return Err(Failure::Other(output.text("simulate-not-empty", &[])));
        }
        let begun = stopwatch();
        let ran = self.live(&config, profile.clone(), &db, output).await?;
        let lived = begun.elapsed();
        let checked = match self.no_check {
            true => Checked::default(),
            false => self.check(&config, &profile, &db, &ran, output).await?,
        };
        let report = self.report(&db, ran, checked, lived, begun.elapsed());
        db.close().await;
        output.data(&report);
        Ok(ExitCode::from(u8::from(report.violations > 0)))
    }

    async fn live(&self, config: &Config, profile: Arc<Profile>, db: &Db, output: &Output) -> Result<Ran, Failure> {
        let settings = self.settings(&profile)?;
        let town = Town::new(profile, self.seed, settings.from, self.days).map_err(Failure::other)?;
        let master = open::master_key(config, &mut system_chance()?)?;
        let journal = Journal::start(db.clone(), master, WriterOptions { group: 1_024, queue: 4_096 });
        let book = casework::rulebook(&town.profile).map_err(Failure::other)?;
        let simulation = Simulation::new(Arc::new(town), Casework::new(journal, book), settings);
        let bar = output.progress("simulate-progress", u64::from(self.days) * 24);
        let ran = simulation.run(|progress| bar.set_position(progress.done / 3_600_000_000)).await;
        bar.finish_and_clear();
        ran.map_err(Failure::other)
    }

    async fn check(
        &self,
        config: &Config,
        profile: &Profile,
        db: &Db,
        ran: &Ran,
        output: &Output,
    ) -> Result<Checked, Failure> {
        let mut chance = system_chance()?;
        let log_key = open::log_key(config, &profile.settings.code, &mut chance)?;
        let sealer = Sealer::new(open::master_key(config, &mut chance)?);
        let checks = Checks {
            db,
            sealer: &sealer,
            log_key: &log_key,
            plan: profile.calendar.plan(),
            later: None,
            ran: Some(ran),
            receipts: 200,
        };
        let begun = stopwatch();
        let bar = output.progress("simulate-checks", 0);
        bar.enable_steady_tick(Duration::from_millis(200));
        let checked = checks.run(|| begun.elapsed(), |part| bar.set_prefix(part)).await;
        bar.finish_and_clear();
        checked.map_err(Failure::other)
    }

    /// What is simulated.
    pub fn settings(&self, profile: &Profile) -> Result<Settings, Failure> {
        Ok(Settings {
            seed: self.seed,
            from: self.first_instant(profile)?,
            days: self.days,
            events_per_day: self.events_per_day,
            keys: if self.resumable { Keys::All } else { Keys::Intake },
            tries: 8,
            window_minutes: self.window_minutes,
        })
    }

    /// Midnight of the first day in the district.
    fn first_instant(&self, profile: &Profile) -> Result<Instant, Failure> {
        let midnight = profile.zone.to_timestamp(self.from.to_datetime(kernel::Time::midnight()));
        midnight.map(Instant::from_timestamp).map_err(Failure::other)
    }

    fn report(&self, db: &Db, ran: Ran, checked: Checked, lived: Duration, all: Duration) -> Report {
        let tally = ran.tally;
        Report {
            events: tally.events,
            facts: tally.facts,
            facts_per_event: tally.facts as f64 / tally.events.max(1) as f64,
            hash: checked.hash,
            violations: checked.violated,
            simulate_s: lived.as_secs_f64(),
            check_s: (all - lived).as_secs_f64(),
            store: match db.dialect() {
                Dialect::Sqlite => "sqlite",
                Dialect::Postgres => "postgres",
            },
            durability: if self.durable { "full" } else { "process only" },
            seed: self.seed,
            days: self.days,
            unused: tally.unused().into_iter().map(str::to_owned).collect(),
            commands: tally.commands,
            proposed_by_hand: tally.proposed_by_hand,
            refused: tally.refused,
            checks: (!self.no_check).then_some(ChecksDone {
                streams: checked.streams,
                clocks: checked.clocks,
                receipts: checked.receipts,
                seconds: checked.seconds,
            }),
            violated: checked.violations.iter().take(20).map(ToString::to_string).collect(),
        }
    }
}

/// Keys of a new data folder are drawn from the system's entropy; nothing public follows from them.
fn system_chance() -> Result<Chance, Failure> {
    Ok(platform::Edge::system().map_err(Failure::other)?.chance())
}

/// How long the work really takes, beside the simulated clock.
#[allow(clippy::disallowed_methods, reason = "this is the edge, and it measures itself")]
pub fn stopwatch() -> Stopwatch {
    Stopwatch::now()
}
