//! Live changes at the boundary: whoever listens is told all it may see, nothing else, and nothing twice, however often the
//! connection breaks, at whatever node it comes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::StatusCode;
use casework::LiveCasework;
use casework::case::{Action, Caller, Command, Confidentiality, Hand, MakeConfidential, Words};
use futures::StreamExt;
use journal::tail;
use kernel::{Chance, Instant};
use platform::Scope;
use platform::live::Limits;
use serde_json::{Value, json};
use store::Db;
use store::testing::{Fresh, quick};

use super::world::{Ask, World, call_body};
use crate::open::migrations;

/// Posts that see much, little, and nothing of what happens.
const POSTS: [&str; 6] =
    ["S1.dispatcher", "S2.dispatcher2", "D01.registry", "D02.registry", "99990100100101.worker", "S1.leader"];

/// Someone who listens, and what it was told.
struct Listener {
    post: &'static str,
    cookie: String,
    /// The last `id`.
    last: Option<String>,
    /// Positions of snapshots.
    snapshots: Vec<i64>,
    /// `change` or `gone`, by position.
    told: BTreeMap<i64, &'static str>,
    ended: Option<String>,
}

struct Event {
    name: String,
    id: Option<String>,
    data: Value,
}

/// One connection: events out of a stream of bytes.
struct Connection {
    body: BodyDataStream,
    text: String,
}

impl Connection {
    /// None where the server ended it.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = parse(block);
                self.text = rest.to_owned();
                if event.is_some() {
                    return event;
                }
                continue;
            }
            let bytes = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let name = field("event: ")?;
    Some(Event { name, id: field("id: "), data: serde_json::from_str(&field("data: ")?).unwrap() })
}

impl Listener {
    async fn new(world: &World, post: &'static str) -> Listener {
        let cookie = world.cookie(post).await;
        Listener { post, cookie, last: None, snapshots: Vec::new(), told: BTreeMap::new(), ended: None }
    }

    async fn connect(&self, world: &World) -> Connection {
        let mut ask = Ask::path("/live");
        ask.headers.extend(self.last.clone().map(|last| ("last-event-id", last)));
        let response = world.respond("get", &ask, Some(&self.cookie)).await;
        assert_eq!(response.status(), StatusCode::OK, "{}", self.post);
        Connection { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// Takes in up to `events` events of one connection, and no more than come in time.
    async fn listen(&mut self, world: &World, events: usize) {
        let mut connection = self.connect(world).await;
        for _ in 0..events {
            match tokio::time::timeout(Duration::from_millis(400), connection.next()).await {
                Ok(Some(event)) => self.take(event),
                Ok(None) | Err(_) => return,
            }
        }
    }

    fn take(&mut self, event: Event) {
        let position = event.data["position"].as_i64();
        match event.name.as_str() {
            "snapshot" => self.snapshots.extend(position),
            "end" => self.ended = event.data["reason"].as_str().map(str::to_owned),
            name @ ("change" | "gone") => {
                let name = if name == "change" { "change" } else { "gone" };
                assert_eq!(self.told.insert(position.unwrap(), name), None, "{} was told twice", self.post);
            }
            other => panic!("{other}"),
        }
        self.last = event.id.or(self.last.take());
    }
}

/// What a listener must have been told after its snapshot, out of the journal by what its scope allows.
async fn expected(world: &World, post: &str, account: &str, since: i64) -> BTreeMap<i64, &'static str> {
    let scope = Scope::new(account.to_owned(), vec![world.platform.posts.grant(post).unwrap()]);
    let reading = LiveCasework::new(world.casework.clone(), world.profile.clone());
    let facts = tail::after(&mut world.platform.journal.db(), since, 1_000_000).await.unwrap();
    let told = reading.what(&facts).await.unwrap().into_iter().filter_map(|(fact, what)| {
        let sees = |resource| scope.allows(what.action, resource);
        match (what.before.as_ref().is_some_and(sees), sees(&what.after)) {
            (_, true) => Some((fact.position, "change")),
            (true, false) => Some((fact.position, "gone")),
            (false, false) => None,
        }
    });
    told.collect()
}

/// Days of a simulated district, whose acts are of every kind.
async fn live_through(world: &World) {
    let now: Instant = "2026-03-02T02:00:00Z".parse().unwrap();
    let (profile, casework) = (world.profile.clone(), world.casework.clone());
    simulator::fill(profile, casework, 7, 2, now, |_| {}).await.unwrap();
}

/// `nodes` serve the same database; the first one's people act.
async fn none_lost_none_unpermitted(nodes: Vec<World>) {
    let (nodes, over) = (Arc::new(nodes), Arc::new(AtomicBool::new(false)));
    let mut listening = Vec::new();
    for (number, post) in (0u64..).zip(POSTS) {
        let mut listener = Listener::new(&nodes[0], post).await;
        let (nodes, over) = (nodes.clone(), over.clone());
        listening.push(tokio::spawn(async move {
            let mut chance = Chance::seeded(number, "breaks");
            let mut draw = move |below: u64| u64::from_be_bytes(chance.bytes::<8>()) % below;
            // The snapshot first, so that everything that follows counts.
            listener.listen(&nodes[0], 1).await;
            let (mut due, mut quiet) = (None, 0);
            // However slow the machine is, whoever has not been told after so many breaks has lost it.
            while quiet < 100 {
                let before = listener.told.len();
                let node = draw(nodes.len() as u64) as usize;
                listener.listen(&nodes[node], 1 + draw(60) as usize).await;
                if due.is_none() && over.load(Ordering::Relaxed) {
                    due = Some(expected(&nodes[0], post, post, listener.snapshots[0]).await.len());
                }
                if due.is_some_and(|due| listener.told.len() >= due) {
                    // Nor is there anything more.
                    listener.listen(&nodes[node], 60).await;
                    break;
                }
                quiet = if due.is_some() && listener.told.len() == before { quiet + 1 } else { 0 };
            }
            listener
        }));
    }
    live_through(&nodes[0]).await;
    over.store(true, Ordering::Relaxed);
    let mut changes = 0;
    for listener in listening {
        let listener = listener.await.unwrap();
        assert_eq!(listener.snapshots.len(), 1, "{} could always go on", listener.post);
        let expected = expected(&nodes[0], listener.post, listener.post, listener.snapshots[0]).await;
        changes += expected.values().filter(|name| **name == "change").count();
        assert_eq!(listener.told, expected, "{}", listener.post);
    }
    assert!(changes > 100, "only {changes} changes: nothing was tried");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_listener_is_told_what_it_may_see_whatever_breaks_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    none_lost_none_unpermitted(vec![World::on(&fresh.db).await]).await;
    fresh.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_listener_is_told_what_it_may_see_by_two_nodes_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        let other = Db::open(fresh.db.url(), quick()).await.unwrap();
        none_lost_none_unpermitted(vec![World::on(&fresh.db).await, World::on(&other).await]).await;
        other.close().await;
        fresh.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_listener_is_dropped_and_goes_on_where_it_was() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let world = World::with(&fresh.db, Limits { waiting: 4, kept: 3, ..Limits::default() }).await;
    let mut listener = Listener::new(&world, "S1.dispatcher").await;
    let mut connection = listener.connect(&world).await;
    listener.take(connection.next().await.unwrap());
    for _ in 0..12 {
        world.case().await;
    }
    // It did not listen meanwhile: what waits for it is a few events, then the end.
    let mut came = 0;
    while let Some(event) = connection.next().await {
        listener.take(event);
        came += 1;
    }
    assert!(came < 12, "it was never dropped");
    // More is missing than is kept in memory: the journal has it.
    while listener.told.len() < 12 {
        listener.listen(&world, 12).await;
    }
    assert_eq!(listener.snapshots.len(), 1);
    let expected = expected(&world, "S1.dispatcher", "S1.dispatcher", listener.snapshots[0]).await;
    assert_eq!(listener.told, expected);
    fresh.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_away_too_long_or_has_a_strange_id_begins_anew() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let world = World::with(&fresh.db, Limits { kept: 2, read_again: 4, ..Limits::default() }).await;
    let mut listener = Listener::new(&world, "S1.dispatcher").await;
    listener.listen(&world, 1).await;
    let other = Listener::new(&world, "S1.leader").await;
    let mut told = other.connect(&world).await;
    told.next().await.unwrap();
    for _ in 0..8 {
        world.case().await;
    }
    // The hub has read on when someone else has been told of the last one.
    for _ in 0..8 {
        told.next().await.unwrap();
    }
    listener.listen(&world, 1).await;
    assert_eq!(listener.snapshots.len(), 2, "eight facts are more than four");
    let last = listener.last.clone().unwrap();
    let (position, mark) = last.split_once('.').unwrap();
    let strange = [
        format!("{}.{mark}", position.parse::<i64>().unwrap() + 1_000_000),
        format!("{position}.000000000000"),
        position.to_owned(),
        "-1.".to_owned() + mark,
        "nonsense".to_owned(),
    ];
    for (count, id) in (3..).zip(strange) {
        listener.last = Some(id.clone());
        listener.listen(&world, 1).await;
        assert_eq!(listener.snapshots.len(), count, "{id}");
    }
    fresh.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confidential_case_is_gone_for_the_unit_complained_of() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let world = World::on(&fresh.db).await;
    let id = world.case().await;
    let mut worker = Listener::new(&world, "99990100100101.worker").await;
    let mut named = Listener::new(&world, "D02.registry").await;
    named.listen(&world, 1).await;
    let mut connection = worker.connect(&world).await;
    let snapshot = connection.next().await.unwrap();
    assert_eq!(snapshot.data["rows"][0]["id"], json!(id), "the worker sees the case of its grid");
    worker.take(snapshot);
    let confidentiality = Confidentiality {
        named: ["D02.registry".to_owned()].into(),
        complained_of: Some("C11".into()),
        ..Confidentiality::default()
    };
    let reason = Words::new("投诉本社区").unwrap();
    let command = Command::MakeConfidential(MakeConfidential { confidentiality, reason });
    let hand = Hand::Post { person: "x".into(), post: "S1.discipline".into(), organization: "S1".into() };
    let submission = world.platform.edge.submission(None);
    let caller = Caller::new(hand, [Action::Confide]);
    world.casework.act(caller, None, id.parse().unwrap(), None, command, submission).await.unwrap();
    let gone = connection.next().await.unwrap();
    assert_eq!((gone.name.as_str(), &gone.data["id"]), ("gone", &json!(id)));
    assert!(gone.data.get("row").is_none() && gone.data.get("kind").is_none());
    worker.take(gone);
    drop(connection);
    named.listen(&world, 1).await;
    assert_eq!(named.told.values().collect::<Vec<_>>(), [&"change"], "who is named sees it from now on");
    worker.listen(&world, 1).await;
    assert_eq!((worker.told.len(), worker.snapshots.len()), (1, 1));
    fresh.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_told_to_those_it_summons() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let world = World::on(&fresh.db).await;
    let (summoned, other) = (Listener::new(&world, "D02.registry").await, Listener::new(&world, "D05.registry").await);
    let (mut to_summoned, mut to_other) = (summoned.connect(&world).await, other.connect(&world).await);
    assert_eq!(to_summoned.next().await.unwrap().data["calls"], json!([]));
    to_other.next().await.unwrap();
    let id = world.call().await;
    let raised = to_summoned.next().await.unwrap();
    assert_eq!((&raised.data["thing"], &raised.data["id"]), (&json!("call"), &json!(id)));
    assert_eq!(raised.data["row"]["summons"][0]["organization"]["code"], json!("D02"));
    let snapshot = summoned.connect(&world).await.next().await.unwrap();
    assert_eq!(snapshot.data["calls"][0]["id"], json!(id), "whoever comes later begins with it");
    // The other department's own call comes after it, and nothing came before that.
    let mut body = call_body();
    body["organizations"] = json!(["D05"]);
    let own = world.done("S1.leader", "post", Ask::path("/calls").body(body)).await;
    assert_eq!(to_other.next().await.unwrap().data["id"], own["id"]);
    fresh.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_its_session_and_an_account_has_so_many() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let limits = Limits { recheck: Duration::from_millis(50), of_account: 2, ..Limits::default() };
    let world = World::with(&fresh.db, limits).await;
    world.account("zhao", "S1.dispatcher").await;
    let cookie = world.sign_in("zhao").await;
    let mut listener = Listener { cookie: cookie.clone(), ..Listener::new(&world, "S1.dispatcher").await };
    let (mut one, two) = (listener.connect(&world).await, listener.connect(&world).await);
    let third = world.ask("get", &Ask::path("/live"), Some(&cookie)).await;
    let refused = (StatusCode::SERVICE_UNAVAILABLE, &json!("live-too-many-of-account"));
    assert_eq!((third.status, &third.body["code"]), refused);
    drop(two);
    drop(listener.connect(&world).await);
    world.ask("delete", &Ask::path("/session"), Some(&cookie)).await;
    while let Some(event) = one.next().await {
        listener.take(event);
    }
    assert_eq!(listener.ended.as_deref(), Some("session"));
    let again = world.ask("get", &Ask::path("/live"), Some(&cookie)).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    fresh.finish().await;
}
