//! `serve` with many cases: from the start of the process to the first correct answer, and its memory then.

use std::time::{Duration, Instant as Stopwatch};

use casework::{Casework, Page, Queue};
use clap::Args;
use journal::{Journal, MasterKey, WriterOptions, tail};
use serde_json::Value;
use store::{Db, Options};

use super::figures::median;
use super::history::{Historian, Stock};
use super::place::Place;
use super::queue::{closed_templates, departments, open_templates};
use super::report::{Goal, rounded};
use super::served::Served;
use super::stocked::{put, weekday_morning};
use super::wire::Wire;
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// Seconds from the start of `serve` until a signed-in dispatcher has the right first page of the queue, and the memory of the
/// process then. The loader and a rebuild make the district; it has been served once before. The server is killed each time.
#[derive(Args, Debug)]
pub struct Ready {
    #[command(flatten)]
    setting: Setting,
    /// Cases in all.
    #[arg(long)]
    cases: Option<u64>,
    /// Starts that are measured.
    #[arg(long)]
    rounds: Option<usize>,
}

const SECONDS: f64 = 1.5;
const MEGABYTES: f64 = 250.0;
/// Tenths of a second that the readers of the tail may take to catch up with what was loaded.
const CATCH_UP: u32 = 12_000;
const LOGIN: &str = "demo.dispatcher";
const QUESTION: &str = "/api/v1/queue?sort=due";

/// What one start gave.
struct Start {
    seconds: f64,
    resident_mb: f64,
    peak_mb: f64,
}

impl Ready {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let setting = &self.setting;
        let cases = setting.size(self.cases, 300, 1_000_000);
        let rounds = setting.size(self.rounds, 1, 7);
        let place = Place::new(setting, "ready")?;
        let historian = Historian::new(setting.profile()?)?;
        let (now, departments) = (weekday_morning(&historian), departments(&historian));
        let open = (cases / 10).min(2_000);
        let stocks = vec![
            Stock { count: cases - open, mark: 0, templates: closed_templates(&historian, &departments, now)? },
            Stock { count: open, mark: 1, templates: open_templates(&historian, &departments, now, open)? },
        ];
        let facts = put(&place, "served", stocks, output).await?;
        let (cookie, expected) = self.first(&place, &historian).await?;
        let bar = output.progress("bench-slices", rounds as u64);
        let mut starts = Vec::new();
        for _ in 0..rounds {
            starts.push(self.start(&place, &cookie, &expected).await?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        let middle = |of: fn(&Start) -> f64| median(&starts.iter().map(of).collect::<Vec<_>>()).unwrap_or_default();
        let (seconds, resident, peak) =
            (middle(|one| one.seconds), middle(|one| one.resident_mb), middle(|one| one.peak_mb));
        let report = Report::new("ready", place.store(), setting.quick, Goal::AtMost(1.0), seconds / SECONDS)
            .and("memory", Goal::AtMost(1.0), resident / MEGABYTES)
            .with("cases", cases)
            .with("facts", facts)
            .with("seconds", rounded(seconds))
            .with("seconds_goal", SECONDS)
            .with("resident_mb", rounded(resident))
            .with("peak_mb", rounded(peak))
            .with("memory_goal_mb", MEGABYTES)
            .with("starts_s", starts.iter().map(|one| rounded(one.seconds)).collect::<Vec<_>>())
            .with("rows", expected.len());
        place.finish().await?;
        Ok(report)
    }

    /// Serves once: the log takes in what was loaded, the readers of the tail catch up, someone signs in. Gives the session's
    /// cookie and the cases that the question is answered with.
    async fn first(&self, place: &Place, historian: &Historian) -> Result<(String, Vec<String>), Failure> {
        let served = self.serve(place, &["--demo", "--demo-days", "0"]).await?;
        let mut wire = Wire::connect(&served.address).await?;
        let cookie = wire.sign_in(LOGIN, served.password(LOGIN)?).await?;
        let answer = wire.get(QUESTION).await?.json()?;
        let desk = answer["organization"]["code"].as_str().unwrap_or_default().to_owned();
        let db = place.reopen("served", Options::default()).await?;
        let expected = expected(&db, historian, &desk).await?;
        if expected.is_empty() || ids(&answer) != expected {
            return Err(Failure::Other(format!("the queue of {desk} is not answered as it stands")));
        }
        let mut looks = 0;
        while tail::reader_position(&mut &db, "cards").await? < tail::head(&mut &db).await? {
            looks += 1;
            if looks > CATCH_UP {
                return Err(Failure::Other("the readers of the tail do not catch up".into()));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        db.close().await;
        Ok((cookie, expected))
    }

    async fn start(&self, place: &Place, cookie: &str, expected: &[String]) -> Result<Start, Failure> {
        let begun = Stopwatch::now();
        let served = self.serve(place, &[]).await?;
        let mut wire = Wire::connect(&served.address).await?;
        wire.carry(cookie);
        let answer = wire.get(QUESTION).await?;
        let seconds = begun.elapsed().as_secs_f64();
        if answer.status != 200 || ids(&answer.json()?) != expected {
            return Err(Failure::Other(format!("the first answer was not right: {}", answer.status)));
        }
        let megabytes = |kib: u64| kib as f64 / 1024.0;
        let (resident_mb, peak_mb) = (megabytes(served.memory_kib("VmRSS")?), megabytes(served.memory_kib("VmHWM")?));
        Ok(Start { seconds, resident_mb, peak_mb })
    }

    async fn serve(&self, place: &Place, more: &[&str]) -> Result<Served, Failure> {
        let folder = place.folder().to_owned();
        let data = folder.join("data").display().to_string();
        let (profile, database) = (self.setting.profile.display().to_string(), place.address_of("served"));
        let mut flags =
            vec!["--data".to_owned(), data, "--profile".to_owned(), profile, "--database".to_owned(), database];
        flags.extend(more.iter().map(|flag| (*flag).to_owned()));
        let start = move || Served::start(&folder, &flags);
        tokio::task::spawn_blocking(start).await.map_err(Failure::other)?
    }
}

/// The first page of a desk's queue by what is due first, from the tables.
async fn expected(db: &Db, historian: &Historian, desk: &str) -> Result<Vec<String>, Failure> {
    let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
    let casework = Casework::new(journal, casework::rulebook(&historian.profile).map_err(Failure::other)?);
    let rows = casework.queue(&Queue::Desk { organization: desk.to_owned() }, &Page::default()).await?;
    Ok(rows.into_iter().map(|row| row.case.to_string()).collect())
}

fn ids(answer: &Value) -> Vec<String> {
    let rows = answer["rows"].as_array();
    rows.into_iter().flatten().map(|row| row["id"].as_str().unwrap_or_default().to_owned()).collect()
}
