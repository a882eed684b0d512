//! `huying simulate --fault KIND`: the same days again, each time under another kind of fault.

mod exit;
mod factors;
mod people;
mod requests;
mod residents;
mod scratch;
mod stages;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use platform::Config;
use serde::Serialize;
use simulator::fault::{Outcome, Trial, TrialError};
use store::{Db, Durability, Options};

use self::scratch::Scratch;
use super::simulate::{Simulate, stopwatch};
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FaultKind {
    /// Processes end at every numbered write, one after another.
    Exit,
    /// Commands come twice, together, late again, or overtaken by others.
    Deliveries,
    /// What people do reaches the server minutes late, with the instant it claims.
    Delays,
    /// The server's clock jumps back and forth by hours.
    Clock,
    /// The disk is full again and again.
    Disk,
    /// Connections to PostgreSQL break, in the middle of commits too.
    Connections,
    /// One after another.
    All,
}

const KINDS: [FaultKind; 6] = [
    FaultKind::Exit,
    FaultKind::Deliveries,
    FaultKind::Delays,
    FaultKind::Clock,
    FaultKind::Disk,
    FaultKind::Connections,
];

/// The last line.
#[derive(Serialize)]
struct Report {
    events: u64,
    facts: u64,
    /// Of calm days.
    hash: String,
    violations: u64,
    store: &'static str,
    seed: u64,
    days: u32,
    /// The first violations, in words.
    violated: Vec<String>,
    faults: BTreeMap<&'static str, Done>,
}

/// What one kind of fault came to.
#[derive(Serialize, Default)]
struct Done {
    violations: u64,
    /// Whether the hash had to be that of calm days; it was, or there is a violation.
    same_hash: bool,
    seconds: f64,
    /// Why this kind has no meaning here.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<String>,
    hits: BTreeMap<String, u64>,
    /// Of `exit`: every write that the stages passed undisturbed, whichever of them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    reached: BTreeSet<String>,
}

pub async fn run(simulate: &Simulate, kind: FaultKind, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let profile = Arc::new(casework::vocabulary().load(&config.profile).map_err(Failure::Profile)?);
    let settings = simulate.settings(&profile)?;
    let trials = Trials { trial: Trial { profile, settings, migrations: open::migrations() }, config, output };
    let mut scratch = Scratch::new(config)?;
    let kinds = if kind == FaultKind::All { KINDS.to_vec() } else { vec![kind] };
    let report = trials.report(simulate, &kinds, &mut scratch).await;
    let report = match report {
        Ok(report) => report,
        Err(failure) => {
            scratch.end(true).await;
            return Err(failure);
        }
    };
    scratch.end(report.violations > 0).await;
    output.data(&report);
    Ok(ExitCode::from(u8::from(report.violations > 0)))
}

struct Trials<'a> {
    trial: Trial,
    config: &'a Config,
    output: &'a Output,
}

impl Trials<'_> {
    async fn report(&self, simulate: &Simulate, kinds: &[FaultKind], scratch: &mut Scratch) -> Result<Report, Failure> {
        let calm = self.calm(scratch).await?;
        let (mut faults, mut violated, mut violations) = (BTreeMap::new(), calm.violations, 0);
        violations += violated.len() as u64;
        for kind in kinds {
            let begun = stopwatch();
            let (mut done, found) = match kind {
                FaultKind::Exit => {
                    exit::run(simulate, self.config, &self.trial.profile, scratch, &calm.hash, self.output).await?
                }
                kind => self.within(*kind, scratch, &calm.hash).await?,
            };
            done.violations = found.len() as u64;
            done.seconds = begun.elapsed().as_secs_f64();
            violations += done.violations;
            violated.extend(found.into_iter().map(|one| format!("{}: {one}", name(*kind))));
            faults.insert(name(*kind), done);
        }
        violated.truncate(20);
        Ok(Report {
            events: calm.events,
            facts: calm.facts,
            hash: calm.hash,
            violations,
            store: scratch.store(),
            seed: simulate.seed,
            days: simulate.days,
            violated,
            faults,
        })
    }

    async fn calm(&self, scratch: &mut Scratch) -> Result<Outcome, Failure> {
        let bar = self.bar("simulate-fault-calm");
        let db = self.database(scratch).await?;
        let calm = self.trial.calm(&db).await;
        db.close().await;
        bar.finish_and_clear();
        calm.map_err(Failure::other)
    }

    /// The faults that need no other process.
    async fn within(&self, kind: FaultKind, scratch: &mut Scratch, calm: &str) -> Result<(Done, Vec<String>), Failure> {
        let bar = self.bar(&format!("simulate-fault-{}", name(kind)));
        let db = self.database(scratch).await?;
        let outcome = match kind {
            FaultKind::Deliveries => self.trial.deliveries(&db).await.map(Some),
            FaultKind::Delays => self.trial.delays(&db).await.map(Some),
            FaultKind::Clock => self.trial.clock(&db).await.map(Some),
            FaultKind::Disk => self.trial.disk(&db, &scratch.folder("full")).await.map(Some),
            FaultKind::Connections => self.trial.connections(&db).await,
            FaultKind::Exit | FaultKind::All => unreachable!("these are not kinds within one process"),
        };
        db.close().await;
        bar.finish_and_clear();
        let Some(outcome) = outcome.map_err(|error: TrialError| Failure::other(error))? else {
            let left_out = Some(self.output.text("simulate-fault-no-connection", &[]));
            return Ok((Done { left_out, ..Done::default() }, Vec::new()));
        };
        let same_hash = !matches!(kind, FaultKind::Clock | FaultKind::Delays);
        let mut violations = outcome.violations;
        if same_hash && outcome.hash != calm {
            violations.push(format!("the hash is {}, in calm days it was {calm}", outcome.hash));
        }
        Ok((Done { same_hash, hits: outcome.hits, ..Done::default() }, violations))
    }

    async fn database(&self, scratch: &mut Scratch) -> Result<Db, Failure> {
        let url = scratch.database().await?;
        let options = Options { durability: Durability::ProcessOnly, ..open::options(self.config) };
        let db = Db::open(&url, options).await?;
        store::migrate(&db, open::migrations()).await?;
        Ok(db)
    }

    fn bar(&self, text: &str) -> indicatif::ProgressBar {
        let bar = self.output.progress(text, 0);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

fn name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Exit => "exit",
        FaultKind::Deliveries => "deliveries",
        FaultKind::Delays => "delays",
        FaultKind::Clock => "clock",
        FaultKind::Disk => "disk",
        FaultKind::Connections => "connections",
        FaultKind::All => "all",
    }
}
