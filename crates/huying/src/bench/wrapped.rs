//! Benches that are other commands of this program, run by themselves and timed: a simulated year, and Boston's requests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant as Stopwatch;

use clap::Args;
use serde_json::{Map, Value};

use super::place::Place;
use super::report::{Goal, rounded};
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// One simulated year of the district, its checks timed apart. A commit survives the process, not a power cut.
#[derive(Args, Debug)]
pub struct Year {
    #[command(flatten)]
    setting: Setting,
    /// Days to be lived through.
    #[arg(long)]
    days: Option<u32>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave the checks out.
    #[arg(long)]
    no_check: bool,
}

/// Boston's requests of nine months: the profile made of them, all taken in, and what came of it held against the file.
#[derive(Args, Debug)]
pub struct Boston {
    #[command(flatten)]
    setting: Setting,
    /// The file of requests; if not given, the one in the folder that HUYING_DATA names.
    #[arg(long)]
    file: Option<PathBuf>,
    /// What its columns mean.
    #[arg(long, default_value = "profiles/boston.map.toml")]
    map: PathBuf,
}

const YEAR_SECONDS: f64 = 180.0;
/// Least share of stored verdicts that agree with the recorded ones.
const VERDICTS: f64 = 0.995;
const REQUESTS: &str = "boston311/2015-01-to-09.csv.gz";

impl Year {
    pub async fn run(&self, _: &Output) -> Result<Report, Failure> {
        let days = self.setting.size(self.days, 2, 365);
        let place = Place::new(&self.setting, "year")?;
        let address = place.address("year").await?;
        let (days_text, seed) = (days.to_string(), self.seed.to_string());
        let mut arguments = vec!["simulate", "--seed", &seed, "--days", &days_text, "--database", &address];
        arguments.extend(self.no_check.then_some("--no-check"));
        let (_, said) = ours(&arguments, &place, Some(&self.setting.profile)).await?;
        let number = |name: &str| said[name].as_f64().unwrap_or_default();
        // Shorter runs are held against their share of the year.
        let share = f64::from(days) / 365.0;
        let report = Report::new(
            "year",
            place.store(),
            self.setting.quick,
            Goal::AtMost(1.0),
            number("simulate_s") / (YEAR_SECONDS * share),
        )
        .and("facts_an_event", Goal::AtLeast(8.0), number("facts_per_event"))
        .with("seconds_goal", rounded(YEAR_SECONDS * share));
        let names = ["days", "events", "facts", "hash", "violations", "simulate_s", "check_s", "durability", "unused"];
        let report = names.into_iter().fold(report, |report, name| report.with(name, &said[name]));
        place.finish().await?;
        Ok(report)
    }
}

impl Boston {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let data = std::env::var_os("HUYING_DATA").map(PathBuf::from);
        let file = self.file.clone().or_else(|| Some(data?.join(REQUESTS)));
        let file = file.ok_or_else(|| Failure::Other(output.text("bench-no-data", &[])))?;
        let place = Place::new(&self.setting, "boston")?;
        let address = place.address("boston").await?;
        let profile = place.folder().join("profile");
        let (file, map) = (file.display().to_string(), self.map.display().to_string());
        let out = profile.display().to_string();
        let derive = ["profile", "derive", &file, "--map", &map, "--out", &out];
        let (derive_s, derived) = ours(&derive, &place, None).await?;
        let import = ["import", "cases", &file, "--map", &map, "--database", &address];
        let (import_s, imported) = ours(&import, &place, Some(&profile)).await?;
        let check = ["import", "check", &file, "--map", &map, "--database", &address];
        let (check_s, checked) = ours(&check, &place, Some(&profile)).await?;
        let agree = checked["verdicts"]["ratio"].as_f64().unwrap_or_default();
        let rows = derived["rows"].as_f64().unwrap_or_default();
        let report = Report::new("boston", place.store(), self.setting.quick, Goal::AtLeast(VERDICTS), agree)
            .with("rows", &derived["rows"])
            .with("derive_s", rounded(derive_s))
            .with("import_s", rounded(import_s))
            .with("rows_per_s", (rows / import_s).round())
            .with("check_s", rounded(check_s))
            .with("imported", imported)
            .with("missing", &checked["missing"])
            .with("misfiled", &checked["misfiled"])
            .with("neighbourhoods", without_lists(&checked["even_rows"]))
            .with("verdicts", without_lists(&checked["verdicts"]))
            .with("targets", without_lists(&checked["limits"]));
        place.finish().await?;
        Ok(report)
    }
}

/// Runs a command of this program in the place's data folder; gives its seconds and its last line. A check that is not content
/// (exit code 1) has a last line too.
async fn ours(arguments: &[&str], place: &Place, profile: Option<&Path>) -> Result<(f64, Value), Failure> {
    let mut command = Command::new(std::env::current_exe().map_err(Failure::file("huying"))?);
    command.arg("--json").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    if let Some(profile) = profile {
        command.arg("--data").arg(place.folder().join("data")).arg("--profile").arg(profile);
    }
    let run = move || {
        let begun = Stopwatch::now();
        let done = command.spawn().and_then(|child| child.wait_with_output()).map_err(Failure::file("huying"))?;
        Ok::<_, Failure>((begun.elapsed().as_secs_f64(), done))
    };
    let (seconds, done) = tokio::task::spawn_blocking(run).await.map_err(Failure::other)??;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let last = said.lines().last().unwrap_or_default();
    match serde_json::from_str(last) {
        Ok(data) => Ok((seconds, data)),
        Err(_) => Err(Failure::Other(format!("huying {}: {}", arguments.join(" "), done.status))),
    }
}

/// The figures of a document, without what is listed one by one.
fn without_lists(document: &Value) -> Map<String, Value> {
    let figures = document.as_object().into_iter().flatten();
    let short = |value: &&Value| !value.is_array() && value.as_object().is_none_or(|inner| inner.len() <= 4);
    figures.filter(|(_, value)| short(value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
