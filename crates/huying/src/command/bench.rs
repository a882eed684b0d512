//! `huying bench`

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::bench::Report;
use crate::bench::intake::Intake;
use crate::bench::locate::Locate;
use crate::bench::queue::FirstPage;
use crate::bench::ready::Ready;
use crate::bench::timekeeper::Timekeeper;
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
    Ready(Ready),
}

/// The names, in the order of the goals.
const NAMES: &[&str] = &["intake", "locate", "queue", "timekeeper", "ready"];

impl Bench {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let report = match self.which {
            None => return Ok(list(output)),
            Some(Which::Intake(bench)) => bench.run(output).await?,
            Some(Which::Locate(bench)) => bench.run(output).await?,
            Some(Which::Queue(bench)) => bench.run(output).await?,
            Some(Which::Timekeeper(bench)) => bench.run(output).await?,
            Some(Which::Ready(bench)) => bench.run(output).await?,
        };
        Ok(say(&report, output))
    }
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
