//! Live changes: many listeners with many scopes, each told what it may see and nothing else.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use casework::{Casework, LiveCasework};
use clap::Args;
use district::{Post, Profile};
use journal::{Journal, MasterKey, WriterOptions, tail};
use kernel::Actor;
use platform::account::{Hashed, OpenAccount};
use platform::{Edge, Reach, Scope};
use store::{Db, Options};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::appeals;
use super::figures::quantile;
use super::place::Place;
use super::report::{Goal, rounded};
use super::served::Served;
use super::wire::Wire;
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// Listeners (server-sent events) of accounts whose scopes are all different, while people report and act over HTTP: whether each
/// was told just what its scope allows, how long after the fact's instant, and what a listener costs the server in memory. Server
/// and listeners are processes of their own, on the loopback.
#[derive(Args, Debug)]
pub struct Live {
    #[command(flatten)]
    setting: Setting,
    #[arg(long)]
    clients: Option<usize>,
    /// Accounts, each with a scope of its own.
    #[arg(long)]
    scopes: Option<usize>,
    /// Facts a second.
    #[arg(long, default_value_t = 50)]
    rate: u64,
    /// Facts in all.
    #[arg(long)]
    facts: Option<u64>,
}

const MILLISECONDS: f64 = 500.0;
const KIBIBYTES: f64 = 64.0;
const LOGIN: &str = "demo.dispatcher";
const PASSWORD: &str = "Bench-Listener-1";
/// Every tenth listener's post reaches the whole district; the others are spread evenly over the profile.
const WIDE: usize = 10;
/// Facts a second before the listeners come.
const WARMING: u64 = 1_000;
/// After the last fact whoever has not been told in so many seconds has lost it.
const PATIENCE_S: u64 = 30;

/// What one listener was told, with the microsecond at which it came.
type Told = Arc<Mutex<Vec<(i64, Name, i64)>>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Snapshot,
    Change,
    Gone,
}

/// How many facts, and how many of them a second.
struct Pace {
    facts: u64,
    rate: u64,
}

struct Listener {
    account: usize,
    told: Told,
}

/// What the comparison came to.
#[derive(Default)]
struct Count {
    expected: u64,
    lost: u64,
    unpermitted: u64,
    latency_ms: Vec<f64>,
}

impl Live {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let setting = &self.setting;
        let (clients, scopes) = (setting.size(self.clients, 40, 2_000), setting.size(self.scopes, 12, 300));
        let facts = setting.size(self.facts, 30, 3_000);
        let place = Place::new(setting, "live")?;
        let profile = setting.profile()?;
        let edge = Edge::system().map_err(Failure::other)?;
        let posts = posts(&profile, scopes, &edge);
        let db = place.database("live", Options::default()).await?;
        open_accounts(&db, &posts, &edge).await?;
        let served = self.serve(&place).await?;
        let cookies = sign_in(&served, posts.len()).await?;
        let mut writer = Wire::connect(&served.address).await?;
        writer.sign_in(LOGIN, served.password(LOGIN)?).await?;
        // What so many facts need with one listener (caches, what is kept for those who come back) is there before the others come.
        let (_, first) = connect(&served, &cookies, 1, &edge).await?;
        self.act(&mut writer, &profile, &edge, Pace { facts, rate: WARMING }, &db, output).await?;
        let before = served.memory_kib("VmRSS")?;
        let (listeners, tasks) = connect(&served, &cookies, clients, &edge).await?;
        let since = tail::head(&mut &db).await?;
        let seconds = self.act(&mut writer, &profile, &edge, Pace { facts, rate: self.rate }, &db, output).await?;
        let done = tail::head(&mut &db).await? - since;
        let count = compare(&db, &profile, &posts, &listeners, &edge).await?;
        let after = served.memory_kib("VmRSS")?;
        drop((first, tasks));
        drop(served);
        db.close().await;
        let store = place.store();
        place.finish().await?;
        let p99 = quantile(&count.latency_ms, 0.99).unwrap_or(f64::INFINITY);
        let kib = after.saturating_sub(before) as f64 / clients as f64;
        let wrong = count.lost + count.unpermitted;
        Ok(Report::new("live", store, setting.quick, Goal::AtMost(1.0), p99 / MILLISECONDS)
            .and("memory", Goal::AtMost(1.0), kib.max(0.01) / KIBIBYTES)
            .and("wrong", Goal::AtMost(0.0), wrong as f64)
            .with("clients", clients)
            .with("scopes", posts.len())
            .with("facts", done)
            .with("facts_per_s", rounded(done as f64 / seconds))
            .with("told", count.expected - count.lost)
            .with("lost", count.lost)
            .with("unpermitted", count.unpermitted)
            .with("p50_ms", rounded(quantile(&count.latency_ms, 0.5).unwrap_or_default()))
            .with("p99_ms", rounded(p99))
            .with("kib_a_client", rounded(kib))
            .with("resident_kib", [before, after]))
    }

    async fn serve(&self, place: &Place) -> Result<Served, Failure> {
        let folder = place.folder().to_owned();
        let data = folder.join("data").display().to_string();
        let (profile, database) = (self.setting.profile.display().to_string(), place.address_of("live"));
        let flags = ["--data", &data, "--profile", &profile, "--database", &database, "--demo", "--demo-days", "0"];
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let start = move || Served::start(&folder, &flags);
        tokio::task::spawn_blocking(start).await.map_err(Failure::other)?
    }

    /// Reports, and what the desk does with those that are its own, until the journal has so many facts more. Gives the seconds.
    async fn act(
        &self,
        wire: &mut Wire,
        profile: &Profile,
        edge: &Edge,
        Pace { facts, rate }: Pace,
        db: &Db,
        output: &Output,
    ) -> Result<f64, Failure> {
        let mut appeals = appeals::draw(profile, facts as usize, edge.now(), &mut edge.chance())?.into_iter();
        let until = tail::head(&mut &*db).await? + facts as i64;
        let bar = output.progress("bench-slices", facts);
        let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / rate.max(1)));
        let begun = edge.now();
        // What the desk may do next with the last case, if it is one of its own.
        let mut next: Option<(String, &str)> = None;
        while tail::head(&mut &*db).await? < until {
            tick.tick().await;
            bar.inc(1);
            if let Some((id, command)) = next.take() {
                let body = match command {
                    "accept" => serde_json::json!({"command": "accept"}),
                    _ => serde_json::json!({"command": "dispatch", "co_operating": []}),
                };
                let answer = wire.post(&format!("/api/v1/cases/{id}/acts"), "", body.to_string().as_bytes()).await?;
                if answer.status == 200 {
                    next = (command == "accept").then_some((id, "dispatch"));
                    continue;
                }
            }
            let Some(appeal) = appeals.next() else { break };
            let answer = wire.post("/api/v1/cases", "", &appeal.body()).await?;
            if answer.status != 201 {
                return Err(Failure::Other(format!("a report was answered {}", answer.status)));
            }
            next = answer.json()?["id"].as_str().map(|id| (id.to_owned(), "accept"));
        }
        bar.finish_and_clear();
        Ok((edge.now().micros() - begun.micros()) as f64 / 1e6)
    }
}

/// Posts that may read cases, one for each account.
pub fn posts(profile: &Profile, scopes: usize, edge: &Edge) -> Vec<Post> {
    let now = edge.now();
    let reads = |post: &&Post| {
        let grant = profile.grant(&post.key, now);
        grant.filter(|grant| grant.actions.contains("case.read")).map(|grant| grant.reach == Reach::District)
    };
    let (mut wide, mut narrow) = (Vec::new(), Vec::new());
    for post in profile.posts.all() {
        match reads(&post) {
            Some(true) => wide.push(post),
            Some(false) => narrow.push(post),
            None => {}
        }
    }
    let nth = |from: &[&Post], at: usize, of: usize| from[at * from.len() / of.max(1) % from.len()].clone();
    (0..scopes)
        .filter_map(|at| match at % WIDE {
            0 if !wide.is_empty() => Some(wide[at / WIDE % wide.len()].clone()),
            _ if !narrow.is_empty() => Some(nth(&narrow, at, scopes)),
            _ => None,
        })
        .collect()
}

fn account(at: usize) -> String {
    format!("listener.{at}")
}

async fn open_accounts(db: &Db, posts: &[Post], edge: &Edge) -> Result<(), Failure> {
    let journal = Journal::start(db.clone(), MasterKey::draw(&mut edge.chance()), WriterOptions::default());
    let password = Hashed::new(PASSWORD, &mut edge.chance()).map_err(|refusal| Failure::Refused(refusal.into()))?;
    for (at, post) in posts.iter().enumerate() {
        let open = OpenAccount {
            id: account(at),
            login: account(at),
            password: password.clone(),
            posts: vec![post.key.clone()],
            actor: Actor::system("bench"),
        };
        journal.submit(open, edge.submission(None)).await.map_err(Failure::other)?;
    }
    Ok(())
}

async fn sign_in(served: &Served, accounts: usize) -> Result<Vec<String>, Failure> {
    let mut cookies = Vec::new();
    for at in 0..accounts {
        let mut wire = Wire::connect(&served.address).await?;
        cookies.push(wire.sign_in(&account(at), PASSWORD).await?);
    }
    Ok(cookies)
}

/// Connects all, and waits until each has its snapshot.
async fn connect(
    served: &Served,
    cookies: &[String],
    clients: usize,
    edge: &Edge,
) -> Result<(Vec<Listener>, JoinSet<()>), Failure> {
    let (mut listeners, mut tasks) = (Vec::new(), JoinSet::new());
    for at in 0..clients {
        let account = at % cookies.len();
        let told = Told::default();
        let stream = TcpStream::connect(&served.address).await.map_err(Failure::file(&served.address))?;
        let (address, cookie) = (served.address.clone(), cookies[account].clone());
        let (into, edge) = (told.clone(), edge.clone());
        tasks.spawn(async move {
            // Whoever is cut off misses what follows, which the comparison finds.
            let _ = listen(stream, &address, &cookie, into, &edge).await;
        });
        listeners.push(Listener { account, told });
    }
    for _ in 0..PATIENCE_S * 10 {
        if listeners.iter().all(|one| !lock(&one.told).is_empty()) {
            return Ok((listeners, tasks));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Failure::Other("not every listener got its snapshot".into()))
}

/// Lines that begin so are never anything else: the data of an event is JSON on one line.
async fn listen(
    mut stream: TcpStream,
    address: &str,
    cookie: &str,
    told: Told,
    edge: &Edge,
) -> Result<(), std::io::Error> {
    let request = format!("GET /api/v1/live HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let (mut reader, mut line, mut name) = (BufReader::with_capacity(2_048, stream), String::new(), None);
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        match line.trim_end().split_once(": ") {
            Some(("event", "snapshot")) => name = Some(Name::Snapshot),
            Some(("event", "change")) => name = Some(Name::Change),
            Some(("event", "gone")) => name = Some(Name::Gone),
            Some(("id", id)) => {
                let position = id.split_once('.').and_then(|(position, _)| position.parse().ok());
                if let (Some(position), Some(name)) = (position, name.take()) {
                    lock(&told).push((position, name, edge.now().micros()));
                }
            }
            _ => {}
        }
    }
}

fn lock(told: &Told) -> std::sync::MutexGuard<'_, Vec<(i64, Name, i64)>> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What each listener was told against what `allows` says of the journal's facts, waiting for those who are still to be told.
async fn compare(
    db: &Db,
    profile: &Arc<Profile>,
    posts: &[Post],
    listeners: &[Listener],
    edge: &Edge,
) -> Result<Count, Failure> {
    let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
    let casework = Casework::new(journal, casework::rulebook(profile).map_err(Failure::other)?);
    let reading = LiveCasework::new(casework, profile.clone());
    let all = tail::after(&mut &*db, 0, i64::from(i32::MAX)).await?;
    let at: HashMap<i64, i64> = all.iter().map(|fact| (fact.position, fact.at.micros())).collect();
    let what = reading.what(&all).await?;
    let now = edge.now();
    let mut allowed: Vec<BTreeMap<i64, Name>> = Vec::new();
    for (number, post) in posts.iter().enumerate() {
        let scope = Scope::new(account(number), profile.grant(&post.key, now).into_iter().collect());
        let name = |(fact, what): &(&journal::Fact, casework::What)| {
            let sees = |resource| scope.allows(what.action, resource);
            let name = match (what.before.as_ref().is_some_and(sees), sees(&what.after)) {
                (_, true) => Name::Change,
                (true, false) => Name::Gone,
                (false, false) => return None,
            };
            Some((fact.position, name))
        };
        allowed.push(what.iter().filter_map(name).collect());
    }
    for _ in 0..PATIENCE_S * 10 {
        let count = count(listeners, &allowed, &at);
        if count.lost == 0 {
            return Ok(count);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(count(listeners, &allowed, &at))
}

fn count(listeners: &[Listener], allowed: &[BTreeMap<i64, Name>], at: &HashMap<i64, i64>) -> Count {
    let mut count = Count::default();
    for listener in listeners {
        let told = lock(&listener.told);
        let since = told.first().map_or(0, |(position, ..)| *position);
        let expected: BTreeMap<i64, Name> =
            allowed[listener.account].range(since + 1..).map(|(at, name)| (*at, *name)).collect();
        let mut right = BTreeMap::new();
        for (position, name, came) in told.iter().skip(1) {
            // Told twice is as wrong as told what is not allowed.
            if expected.get(position) != Some(name) || right.insert(*position, ()).is_some() {
                count.unpermitted += 1;
                continue;
            }
            count.latency_ms.extend(at.get(position).map(|at| (came - at) as f64 / 1e3));
        }
        count.expected += expected.len() as u64;
        count.lost += (expected.len() - right.len()) as u64;
    }
    count
}
