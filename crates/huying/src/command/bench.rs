//! `huying bench`

use std::process::{Command, ExitCode};

use clap::{Args, Subcommand};

use crate::bench::intake::Intake;
use crate::bench::live::Live;
use crate::bench::locate::Locate;
use crate::bench::permission::Permission;
use crate::bench::queue::FirstPage;
use crate::bench::ready::Ready;
use crate::bench::search::FullText;
use crate::bench::timekeeper::Timekeeper;
use crate::bench::wrapped::{Boston, Year};
use crate::bench::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// Measures the figures of docs/BENCHMARKS.md; without a name, lists what there is. The last line is the result as JSON when
/// `--json` is given. Exit code 1: a goal is not met.
#[derive(Args)]
pub struct Bench {
    #[command(subcommand)]
    which: Option<Which>,
}

#[derive(Subcommand)]
enum Which {
    Intake(Intake),
    Locate(Locate),
    Queue(FirstPage),
    Timekeeper(Timekeeper),
    Search(FullText),
    Ready(Ready),
    Year(Year),
    Boston(Boston),
    Live(Live),
    Permission(Permission),
    /// One after the other, each with its own defaults; Boston's requests where they are at hand.
    All(Setting),
}

/// The names, in the order of the goals.
const NAMES: &[&str] =
    &["intake", "locate", "queue", "timekeeper", "search", "ready", "year", "boston", "live", "permission"];

/// Those that a server is asked for; the others know no database, or are held to SQLite alone.
const ON_SERVERS: &[&str] = &["intake", "queue", "timekeeper", "ready", "live", "permission"];

impl Bench {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        match self.which {
            None => Ok(list(output)),
            Some(Which::All(setting)) => all(&setting, output).await,
            // Interrupted, what a bench has written goes with it all the same.
            Some(which) => tokio::select! {
                report = which.run(output) => Ok(say(&report?, output)),
                _ = tokio::signal::ctrl_c() => Err(Failure::Other(output.text("bench-interrupted", &[]))),
            },
        }
    }
}

impl Which {
    async fn run(&self, output: &Output) -> Result<Report, Failure> {
        match self {
            Which::Intake(bench) => bench.run(output).await,
            Which::Locate(bench) => bench.run(output).await,
            Which::Queue(bench) => bench.run(output).await,
            Which::Timekeeper(bench) => bench.run(output).await,
            Which::Search(bench) => bench.run(output).await,
            Which::Ready(bench) => bench.run(output).await,
            Which::Year(bench) => bench.run(output).await,
            Which::Boston(bench) => bench.run(output).await,
            Which::Live(bench) => bench.run(output).await,
            Which::Permission(bench) => bench.run(output).await,
            Which::All(_) => unreachable!("all of them are run one by one"),
        }
    }
}

/// Each in a process of its own, so that none stands on what another has left in memory.
async fn all(setting: &Setting, output: &Output) -> Result<ExitCode, Failure> {
    let mut missed = false;
    let names = if setting.database.is_some() { ON_SERVERS } else { NAMES };
    for name in names.iter().filter(|name| **name != "boston" || std::env::var_os("HUYING_DATA").is_some()) {
        let mut command = Command::new(std::env::current_exe().map_err(Failure::file("huying"))?);
        command.args(output.is_json().then_some("--json")).args(["bench", name]).args(setting.flags());
        let run = move || command.status();
        let status =
            tokio::task::spawn_blocking(run).await.map_err(Failure::other)?.map_err(Failure::file("huying"))?;
        match status.code() {
            Some(0) => {}
            Some(1) => missed = true,
            _ => return Err(Failure::Other(format!("huying bench {name}: {status}"))),
        }
    }
    Ok(ExitCode::from(u8::from(missed)))
}

fn list(output: &Output) -> ExitCode {
    for name in NAMES {
        if output.is_json() {
            output.data(&serde_json::json!({"bench": name, "what": output.text(&format!("bench-{name}"), &[])}));
        } else {
            output.line(format!("{name:<12} {}", output.text(&format!("bench-{name}"), &[])));
        }
    }
    ExitCode::SUCCESS
}

fn say(report: &Report, output: &Output) -> ExitCode {
    let values = [("ratio", report.ratio.to_string()), ("goal", report.goal.to_string())];
    output.data(report);
    output.say(if report.met { "bench-met" } else { "bench-missed" }, &values);
    // Small sizes show that it runs, and nothing about goals.
    ExitCode::from(u8::from(!report.met && !report.quick))
}
