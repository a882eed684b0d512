//! Another system is polled: our own program, and one that knows only what the specification has.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use casework::case::{Case, CaseState};
use channels::open311::{Polled, Poller};
use district::Profile;
use district::open311::{Peer, PeerBy, PeerFormat};
use platform::config::Secret;
use store::testing::{Fresh, quick};
use store::{Db, Read, on_both_stores, sql};

use super::world::{TABLES, World, tiny};

fn with_peer(endpoint: String, format: PeerFormat, by: PeerBy) -> Profile {
    let mut profile = tiny();
    let services = [("garbage", "M02"), ("006", "M01")].map(|(theirs, own)| (theirs.to_owned(), own.to_owned()));
    let peer = Peer {
        key: "neighbour".into(),
        endpoint,
        jurisdiction_id: Some("xiaoyang.example".into()),
        format,
        by,
        interval_seconds: 60,
        services: services.into(),
    };
    profile.open311.as_mut().unwrap().peer.push(peer);
    profile
}

fn poller(world: &World, profile: Profile) -> Poller {
    let keys = BTreeMap::from([("neighbour".to_owned(), Secret::new("their-key"))]);
    Poller::all(&world.casework, &Arc::new(profile), &keys).remove(0)
}

async fn cases(world: &World) -> Vec<Case> {
    let ids: Vec<(String,)> =
        (&mut world.casework.journal().db()).all(sql("select id from case_file order by opened_at, id")).await.unwrap();
    let ids: Vec<_> = ids.iter().map(|(id,)| id.parse().unwrap()).collect();
    let mut cases = world.casework.cases(&ids).await.unwrap();
    cases.sort_by_key(|case| ids.iter().position(|id| *id == case.id));
    cases
}

async fn our_own_program(db: Db, format: PeerFormat) {
    let theirs = Fresh::sqlite(TABLES, quick()).await.unwrap();
    let other = World::on(&theirs.db, tiny());
    let profile = || with_peer(String::new(), format, PeerBy::Updated);
    let world = World::on(&db, profile());
    let mut with = profile();
    with.open311.as_mut().unwrap().peer[0].endpoint = other.serve().await;
    let poller = poller(&world, with);

    let first = other.case("M01", |_| {}).await;
    other.case("M02", |_| {}).await;
    let polled = poller.poll_if_due(&world.edge).await.unwrap();
    assert_eq!(polled, Some(Polled { seen: 2, taken: 1, changed: 0 }), "one is of a service that nobody has mapped");
    assert_eq!(poller.poll_if_due(&world.edge).await.unwrap(), None, "not due");
    let taken = cases(&world).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].matter.as_ref().unwrap().code, "M02");
    assert_eq!(taken[0].place.as_ref().unwrap().path.last().unwrap(), "99990100100101");
    // It is theirs to show.
    assert_eq!(world.json("requests.json").await, serde_json::json!([]));

    world.pass(60);
    other.pass(60);
    let again = poller.poll_if_due(&world.edge).await.unwrap().unwrap();
    assert_eq!((again.taken, again.changed), (0, 0), "each once");
    other.withdraw(&first.case).await;
    world.pass(60);
    let changed = poller.poll_if_due(&world.edge).await.unwrap().unwrap();
    assert_eq!((changed.taken, changed.changed), (0, 1));
    assert_eq!(cases(&world).await[0].state(), CaseState::Closed);
    theirs.finish().await;
}

on_both_stores!(our_own_program_is_polled_by_json, TABLES, |db: Db| our_own_program(db, PeerFormat::Json));
on_both_stores!(our_own_program_is_polled_by_xml, TABLES, |db: Db| our_own_program(db, PeerFormat::Xml));

/// Answers what it is told to, and keeps what it was asked.
#[derive(Clone, Default)]
struct Fixture(Arc<Mutex<(String, Vec<String>)>>);

impl Fixture {
    fn say(&self, answer: &str) {
        self.0.lock().unwrap().0 = answer.to_owned();
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }

    async fn serve(&self) -> String {
        let answer = async |State(fixture): State<Fixture>, RawQuery(query): RawQuery| {
            let mut held = fixture.0.lock().unwrap();
            held.1.push(query.unwrap_or_default());
            match held.0.as_str() {
                "" => Err(StatusCode::SERVICE_UNAVAILABLE),
                text => Ok(text.to_owned()),
            }
        };
        let app = Router::new().route("/v2/requests.json", get(answer)).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/v2/")
    }
}

fn request(id: &str, status: &str, lat: f64) -> String {
    format!(
        r#"{{"service_request_id":"{id}","status":"{status}","service_code":"006","description":"A pile",
            "requested_datetime":"2026-03-01T10:00:00+08:00","lat":{lat},"long":120.002}}"#
    )
}

on_both_stores!(one_that_knows_only_the_specification_is_kept_in_step, TABLES, |db: Db| async move {
    let fixture = Fixture::default();
    let profile = with_peer(fixture.serve().await, PeerFormat::Json, PeerBy::Requested);
    let world = World::on(&db, tiny());
    let poller = poller(&world, profile);
    // The second lies outside, the third was over before we heard of it; none of these is asked about again.
    let all = [request("1", "open", 30.002), request("2", "open", 40.0), request("3", "closed", 30.002)].join(",");
    fixture.say(&format!("[{all}]"));
    let polled = poller.poll_if_due(&world.edge).await.unwrap().unwrap();
    assert_eq!(polled.taken, 1);
    let asked = fixture.asked();
    assert!(asked[0].contains("start_date=2025-12-03") && asked[0].contains("api_key=their-key"), "{asked:?}");
    assert_eq!(asked.last().unwrap().split('&').next().unwrap(), "service_request_id=1");
    world.pass(60);
    fixture.say(&format!("[{}]", request("1", "closed", 30.002)));
    assert_eq!(poller.poll_if_due(&world.edge).await.unwrap().unwrap().changed, 1);
    assert_eq!(cases(&world).await[0].state(), CaseState::Closed);
    world.pass(60);
    fixture.say(&format!("[{}]", request("1", "open", 30.002)));
    assert_eq!(poller.poll_if_due(&world.edge).await.unwrap().unwrap().changed, 1);
    assert_ne!(cases(&world).await[0].state(), CaseState::Closed, "opened again");
    assert_eq!(cases(&world).await.len(), 1);
});

on_both_stores!(one_that_fails_is_left_alone_for_longer, TABLES, |db: Db| async move {
    let fixture = Fixture::default();
    let profile = with_peer(fixture.serve().await, PeerFormat::Json, PeerBy::Updated);
    let world = World::on(&db, tiny());
    let poller = poller(&world, profile);
    let error = poller.poll_if_due(&world.edge).await.unwrap_err().to_string();
    assert!(error.contains("503") && !error.contains("their-key") && !error.contains("127.0.0.1"), "{error}");
    world.pass(60);
    assert_eq!(poller.poll_if_due(&world.edge).await.unwrap(), None, "longer than the interval");
    fixture.say("[]");
    world.pass(90);
    assert_eq!(poller.poll_if_due(&world.edge).await.unwrap(), Some(Polled::default()));
    for answer in ["{}", "nonsense"] {
        world.pass(60);
        fixture.say(answer);
        assert!(poller.poll_if_due(&world.edge).await.is_err());
        world.pass(7_200);
        fixture.say("[]");
        poller.poll_if_due(&world.edge).await.unwrap();
    }
});
