//! Taking in: submitters side by side, in process and over HTTP, against the floor of bare SQL.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant as Stopwatch;

use casework::case::{Action, Caller, Hand};
use casework::{Casework, rulebook};
use clap::Args;
use district::Profile;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use journal::{Answer, Journal, Key, MasterKey, WriterOptions};
use kernel::{Chance, Digest, Instant};
use platform::Edge;
use store::Options;

use super::appeals::{self, Appeal};
use super::figures::median;
use super::floor::{self, Floor, Recorded, Rows};
use super::place::Place;
use super::report::{Goal, rounded};
use super::served::Served;
use super::wire::Wire;
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// Registrations a second by 32 submitters: decide, locate, facts and tables, durable; in process and over HTTP, against the
/// same rows by bare SQL. Slices of each side take turns; medians are compared.
#[derive(Args, Debug)]
pub struct Intake {
    #[command(flatten)]
    setting: Setting,
    /// Who submit side by side, each waiting for its answer.
    #[arg(long, default_value_t = 32)]
    submitters: usize,
    /// Registrations of one slice.
    #[arg(long)]
    registrations: Option<usize>,
    /// Slices of each side.
    #[arg(long)]
    rounds: Option<usize>,
}

/// Registrations a second.
#[derive(Default)]
struct Rates {
    ours: Vec<f64>,
    floor: Vec<f64>,
    http: Vec<f64>,
}

/// A slice of ours: how quick, and what it wrote.
struct Slice {
    rate: f64,
    recorded: Recorded,
}

impl Intake {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let count = self.setting.size(self.registrations, 128, 8_000);
        let rounds = self.setting.size(self.rounds, 1, 7);
        let place = Place::new(&self.setting, "intake")?;
        let profile = self.setting.profile()?;
        let served = self.serve(&place).await?;
        let bar = output.progress("bench-slices", rounds as u64 * 3);
        let (mut rates, mut statements, mut rows) = (Rates::default(), Vec::new(), HashMap::new());
        for round in 0..rounds {
            let edge = Edge::system().map_err(Failure::other)?;
            let mut chance = Chance::seeded(round as u64, "intake");
            let appeals: Arc<[Appeal]> = appeals::draw(&profile, count, edge.now(), &mut chance)?.into();
            let ours = self.in_process(&place, &profile, appeals, edge.clone(), round).await?;
            rates.ours.push(ours.rate);
            bar.inc(1);
            statements = floor::statements(&ours.recorded);
            rows = ours.recorded.counts();
            rates.floor.push(self.floor(&place, ours.recorded, round).await?);
            bar.inc(1);
            // Other keys, or the server would find each request carried out before.
            let appeals = appeals::draw(&profile, count, edge.now(), &mut chance)?;
            rates.http.push(self.over_http(&served, &appeals).await?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        drop(served);
        let store = place.store();
        place.finish().await?;
        let middle = |figures: &[f64]| median(figures).unwrap_or_default();
        let (ours, floor, http) = (middle(&rates.ours), middle(&rates.floor), middle(&rates.http));
        let shown = |rates: &[f64]| rates.iter().map(|rate| rate.round()).collect::<Vec<_>>();
        let report = Report::new("intake", store, self.setting.quick, Goal::AtLeast(0.5), ours / floor)
            .and("http", Goal::AtLeast(0.25), http / floor)
            .with("in_process_per_s", ours.round())
            .with("http_per_s", http.round())
            .with("floor_per_s", floor.round())
            .with("in_process_slices", shown(&rates.ours))
            .with("http_slices", shown(&rates.http))
            .with("floor_slices", shown(&rates.floor))
            .with(
                "ratio_by_round",
                rates.ours.iter().zip(&rates.floor).map(|(a, b)| rounded(a / b)).collect::<Vec<_>>(),
            )
            .with("submitters", self.submitters)
            .with("registrations_a_slice", count)
            .with("rows_a_slice", rows)
            .with("durability", "full")
            .with("floor_statements", statements);
        Ok(report)
    }

    /// The first tenth of a slice warms up and is not counted.
    fn warm_up(&self, count: usize) -> usize {
        count / 10
    }

    async fn in_process(
        &self,
        place: &Place,
        profile: &Arc<Profile>,
        appeals: Arc<[Appeal]>,
        edge: Edge,
        round: usize,
    ) -> Result<Slice, Failure> {
        let name = format!("ours_{round}");
        let db = place.database(&name, Options::default()).await?;
        let master = MasterKey::draw(&mut edge.chance());
        let journal = Journal::start(db.clone(), master, WriterOptions::default());
        let casework = Casework::new(journal, rulebook(profile).map_err(Failure::other)?);
        let desk = Arc::new(Desk { casework, profile: profile.clone(), edge, caller: caller() });

        let warm = self.warm_up(appeals.len());
        let mut ids = self.submit(&desk, &appeals, 0..warm).await?;
        let begun = Stopwatch::now();
        ids.extend(self.submit(&desk, &appeals, warm..appeals.len()).await?);
        let rate = (appeals.len() - warm) as f64 / begun.elapsed().as_secs_f64();

        let mut mentions = HashMap::new();
        for (nth, [case, subject]) in ids {
            mentions.insert(case, nth);
            mentions.insert(subject, nth);
            mentions.insert(appeals[nth].key.clone(), nth);
        }
        let recorded = Recorded::read(&db, appeals.len(), &mentions).await?;
        drop(desk);
        place.remove(db, &name).await?;
        Ok(Slice { rate, recorded })
    }

    /// The identifiers of each case and its reporter, by the appeal's number.
    async fn submit(
        &self,
        desk: &Arc<Desk>,
        appeals: &Arc<[Appeal]>,
        range: std::ops::Range<usize>,
    ) -> Result<Vec<(usize, [String; 2])>, Failure> {
        let next = Arc::new(AtomicUsize::new(range.start));
        let submitter = || {
            let (desk, appeals, next, end) = (desk.clone(), appeals.clone(), next.clone(), range.end);
            tokio::spawn(async move {
                let mut ids = Vec::new();
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= end {
                        return Ok::<_, Failure>(ids);
                    }
                    ids.push((nth, desk.take_in(&appeals[nth]).await?));
                }
            })
        };
        let mut all: FuturesUnordered<_> = (0..self.submitters).map(|_| submitter()).collect();
        let mut ids = Vec::with_capacity(range.len());
        while let Some(ended) = all.next().await {
            ids.extend(ended.map_err(Failure::other)??);
        }
        Ok(ids)
    }

    async fn floor(&self, place: &Place, recorded: Recorded, round: usize) -> Result<f64, Failure> {
        let name = format!("floor_{round}");
        let db = place.database(&name, Options::default()).await?;
        let (expected, Recorded { tables, mut registrations }) = (recorded.counts(), recorded);
        let floor = Floor::start(db.clone(), &tables);
        let counted = registrations.split_off(self.warm_up(registrations.len()));
        let count = counted.len();
        let write = async |rows: Vec<Rows>| floor.write(rows, self.submitters).await;
        write(registrations).await?;
        let begun = Stopwatch::now();
        write(counted).await?;
        let rate = count as f64 / begun.elapsed().as_secs_f64();
        floor.end().await?;
        for (table, rows) in expected {
            let select = store::Sql::composed(format!("select count(*) from {table}"));
            let (found,): (i64,) = store::Read::one(&mut &db, select).await?;
            // A table may hold rows that the migrations put in.
            if (found as usize) < rows {
                return Err(Failure::Other(format!("the floor wrote {found} rows of {table}, not {rows}")));
            }
        }
        place.remove(db, &name).await?;
        Ok(rate)
    }

    async fn serve(&self, place: &Place) -> Result<Served, Failure> {
        let database = place.address("served").await?;
        let (folder, data) = (place.folder().to_owned(), place.folder().join("data").display().to_string());
        let profile = self.setting.profile.display().to_string();
        let start = move || {
            let flags = ["--demo", "--demo-days", "0", "--data", &data, "--profile", &profile, "--database", &database];
            Served::start(&folder, &flags)
        };
        tokio::task::spawn_blocking(start).await.map_err(Failure::other)?
    }

    async fn over_http(&self, served: &Served, appeals: &[Appeal]) -> Result<f64, Failure> {
        let login = "demo.dispatcher";
        let mut first = Wire::connect(&served.address).await?;
        let cookie = first.sign_in(login, served.password(login)?).await?;
        let mut wires = vec![first];
        while wires.len() < self.submitters {
            let mut wire = Wire::connect(&served.address).await?;
            wire.carry(&cookie);
            wires.push(wire);
        }
        let requests: Arc<[(String, Vec<u8>)]> =
            appeals.iter().map(|appeal| (format!("idempotency-key: {}\r\n", appeal.key), appeal.body())).collect();
        let warm = self.warm_up(requests.len());
        let wires = send(wires, &requests, 0..warm).await?;
        let begun = Stopwatch::now();
        send(wires, &requests, warm..requests.len()).await?;
        Ok((requests.len() - warm) as f64 / begun.elapsed().as_secs_f64())
    }
}

/// Sends requests over all connections side by side, and gives the connections back.
async fn send(
    wires: Vec<Wire>,
    requests: &Arc<[(String, Vec<u8>)]>,
    range: std::ops::Range<usize>,
) -> Result<Vec<Wire>, Failure> {
    let next = Arc::new(AtomicUsize::new(range.start));
    let sender = |mut wire: Wire| {
        let (requests, next, end) = (requests.clone(), next.clone(), range.end);
        tokio::spawn(async move {
            loop {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                if nth >= end {
                    return Ok::<_, Failure>(wire);
                }
                let (key, body) = &requests[nth];
                let answer = wire.post("/api/v1/cases", key, body).await?;
                if answer.status != 201 {
                    let said = String::from_utf8_lossy(&answer.body).into_owned();
                    return Err(Failure::Other(format!("{}: {said}", answer.status)));
                }
            }
        })
    };
    let mut all: FuturesUnordered<_> = wires.into_iter().map(sender).collect();
    let mut back = Vec::new();
    while let Some(ended) = all.next().await {
        back.push(ended.map_err(Failure::other)??);
    }
    Ok(back)
}

/// What a submitter in process works with.
struct Desk {
    casework: Casework,
    profile: Arc<Profile>,
    edge: Edge,
    caller: Caller,
}

fn caller() -> Caller {
    let text = str::to_owned;
    let hand = Hand::Post { person: text("bench"), post: text("bench"), organization: text("bench") };
    Caller::new(hand, [Action::Register])
}

impl Desk {
    /// As the handler of `POST /cases` does it. Gives the identifiers of the case and of its reporter.
    async fn take_in(&self, appeal: &Appeal) -> Result<[String; 2], Failure> {
        let body = appeal.body();
        let key = Key {
            scope: "account/bench POST /cases".to_owned(),
            key: appeal.key.clone(),
            fingerprint: Digest::of(&[b"POST /cases", &body]),
        };
        let mut submission = self.edge.submission(Some(key));
        let now: Instant = self.edge.now();
        let register = appeal.register(&self.profile, now, &mut submission.chance)?;
        let subject = register.reporter.as_ref().map(|reporter| reporter.subject.clone()).unwrap_or_default();
        let subject = subject.trim_start_matches("reporter/").to_owned();
        match self.casework.register(self.caller.clone(), None, register, submission).await {
            Ok(Answer::Done { output, .. }) => Ok([output.id.to_string(), subject]),
            Ok(Answer::Replayed { .. }) => Err(Failure::Other("a new key was carried out before".into())),
            Err(error) => Err(Failure::other(error)),
        }
    }
}
