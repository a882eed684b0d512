//! The stream beside what a slice tells: who may listen changes while it is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt;
use futures::future::BoxFuture;
use journal::testing::journal;
use journal::{Command, Declined, Fact, JournalError, NewFact, Unit};
use kernel::{Actor, Chance, Instant};
use platform::account::{Hashed, OpenAccount};
use platform::client::{ClientKey, CloseClient, OpenClient, Terms};
use platform::live::{Change, Hub, Limits, LiveState, Picture, Reading};
use platform::{Edge, Grant, PlatformState, Posts, Reach, Resource, Scope, Sensitivity};
use serde_json::json;
use store::{Db, Migration, on_both_stores};
use tower::ServiceExt;

const TABLES: &[Migration] = &store::testing::both::<{ journal::MIGRATIONS.len() + platform::MIGRATIONS.len() }>(
    journal::MIGRATIONS,
    platform::MIGRATIONS,
);

/// Sees the north; and the south too, once it is given it.
#[derive(Default)]
struct Growing(AtomicBool);

impl Posts for Growing {
    fn grant(&self, post: &str) -> Option<Grant> {
        let mut organizations = vec!["north".to_owned()];
        organizations.extend(self.0.load(Ordering::Relaxed).then(|| "south".to_owned()));
        Some(Grant {
            post: post.into(),
            role: "r".into(),
            organization: "north".into(),
            organizations: organizations.into_iter().collect(),
            line: ["north".to_owned()].into(),
            area: String::new(),
            reach: Reach::Organization,
            sensitivity: Sensitivity::Internal,
            actions: ["thing.see".to_owned()].into(),
        })
    }

    fn names(&self, _: &str) -> Option<(String, String)> {
        None
    }
}

/// Facts of streams `thing/ORGANIZATION`.
struct Things;

impl Reading for Things {
    fn action(&self) -> &'static str {
        "thing.see"
    }

    fn changes<'a>(&'a self, facts: &'a [Fact]) -> BoxFuture<'a, Result<Vec<Change>, JournalError>> {
        let of = |fact: &Fact| {
            let organization = fact.stream.strip_prefix("thing/")?.to_owned();
            let after = Resource { organizations: [organization.clone()].into(), ..Resource::default() };
            Some(Change::new(fact, &organization, "thing.see", (None, after), &json!({"words": "一\n二"})))
        };
        Box::pin(async move { Ok(facts.iter().filter_map(of).collect()) })
    }

    fn picture<'a>(&'a self, _: &'a Scope) -> BoxFuture<'a, Result<Picture, JournalError>> {
        Box::pin(async { Ok(Picture { position: 0, body: json!({"position": 0, "rows": [], "more": false}) }) })
    }
}

/// Appends a fact without any meaning.
struct Happen {
    stream: String,
    kind: &'static str,
}

impl Command for Happen {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let version = journal::tail::version(unit.tx().await?, &self.stream).await?;
        let fact = NewFact::new(self.kind, unit.at(), Actor::system("test"), &json!({"v": 1}));
        unit.append(&self.stream, version, vec![fact]).await?;
        Ok(())
    }
}

struct World {
    app: Router,
    platform: PlatformState,
    posts: Arc<Growing>,
    cookie: String,
    hub: Hub,
}

impl World {
    async fn on(db: &Db) -> World {
        let journal = journal(db);
        let now: Instant = "2026-03-01T00:00:00Z".parse().unwrap();
        let edge = Edge::new(move || now, Chance::seeded(1, "edge"));
        let posts = Arc::new(Growing::default());
        let platform = PlatformState::new(journal, edge, posts.clone());
        let password = Hashed::new("Correct-Horse-1", &mut Chance::seeded(1, "password")).unwrap();
        let (id, login, held) = ("a1".to_owned(), "li".to_owned(), vec!["post".to_owned()]);
        let open = OpenAccount { id, login, password, posts: held, actor: Actor::system("test") };
        platform.journal.submit(open, platform.edge.submission(None)).await.unwrap();
        // Nothing is looked at again by itself: a fact of the account has to bring it about.
        let limits = Limits { recheck: Duration::from_secs(3_600), ..Limits::default() };
        let hub = Hub::start(platform.journal.clone(), Arc::new(Things), limits).await.unwrap();
        let (session, _) = platform::routes().split_for_parts();
        let (live, _) = platform::live::routes().split_for_parts();
        let state = LiveState { platform: platform.clone(), hub: hub.clone() };
        let app = session.with_state(platform.clone()).merge(live.with_state(state));
        let body = json!({"login": "li", "password": "Correct-Horse-1"}).to_string();
        let request = Request::post("/session").header("sec-fetch-site", "same-origin");
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        World { app, platform, posts, cookie, hub }
    }

    async fn happen(&self, stream: &str, kind: &'static str) {
        let happen = Happen { stream: stream.to_owned(), kind };
        self.platform.journal.submit(happen, self.platform.edge.submission(None)).await.unwrap();
    }

    async fn listen(&self, last: Option<&str>) -> Connection {
        self.listen_by((header::COOKIE, &self.cookie), last).await
    }

    async fn listen_by(&self, (name, value): (header::HeaderName, &str), last: Option<&str>) -> Connection {
        let request = Request::get("/live").header(name, value);
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let response = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Connection { body: response.into_body().into_data_stream(), text: String::new() }
    }
}

struct Connection {
    body: BodyDataStream,
    text: String,
}

impl Connection {
    /// The next event's lines; none at the end.
    async fn next(&mut self) -> Option<Vec<String>> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let lines: Vec<String> = block.lines().map(str::to_owned).collect();
                self.text = rest.to_owned();
                if lines.iter().any(|line| line.starts_with("event: ")) {
                    return Some(lines);
                }
                continue;
            }
            let bytes = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

fn id_of(lines: &[String]) -> String {
    lines.iter().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned()
}

on_both_stores!(other_posts_end_the_stream_and_begin_it_anew, TABLES, async |db: Db| {
    let world = World::on(&db).await;
    let mut connection = world.listen(None).await;
    assert_eq!(connection.next().await.unwrap()[0], "event: snapshot");
    world.happen("thing/south", "thing.moved").await;
    world.happen("thing/north", "thing.moved").await;
    let north = connection.next().await.unwrap();
    assert_eq!((north.len(), north[0].as_str()), (3, "event: change"), "{north:?}");
    assert!(north[1].contains(r#""id":"north""#) && north[1].contains(r"一\n二"), "{north:?}");
    // Whatever its account had happen to it, its posts are the same: it goes on.
    world.happen("account/a1", "account.noted").await;
    world.happen("thing/north", "thing.moved").await;
    assert_eq!(connection.next().await.unwrap()[0], "event: change");
    world.posts.0.store(true, Ordering::Relaxed);
    world.happen("account/a1", "account.given").await;
    assert_eq!(connection.next().await.unwrap(), ["event: end", r#"data: {"reason":"posts"}"#]);
    assert_eq!(connection.next().await, None);
    let mut again = world.listen(Some(&id_of(&north))).await;
    assert_eq!(again.next().await.unwrap()[0], "event: snapshot", "what the south did meanwhile was never told");
    world.happen("thing/south", "thing.moved").await;
    assert!(again.next().await.unwrap()[1].contains(r#""id":"south""#));
});

on_both_stores!(an_api_client_listens_for_as_long_as_its_key_opens_something, TABLES, async |db: Db| {
    let world = World::on(&db).await;
    let (platform, key) = (&world.platform, ClientKey::draw(&mut Chance::seeded(1, "key")));
    let submission = platform.edge.submission(None);
    let scopes = ["thing.see".to_owned()].into();
    let terms = Terms::new(&*world.posts, "app", vec!["post".into()], scopes, None, submission.at).unwrap();
    let open = OpenClient::new("c1".into(), terms, &key, Actor::system("test"));
    platform.journal.submit(open, submission).await.map(drop).unwrap();
    let bearer = format!("Bearer {}", key.reveal());
    let mut connection = world.listen_by((header::AUTHORIZATION, &bearer), None).await;
    assert_eq!(connection.next().await.unwrap()[0], "event: snapshot");
    // Something happened to the client, which is open still: it goes on.
    world.happen("client/c1", "client.noted").await;
    world.happen("thing/north", "thing.moved").await;
    assert_eq!(connection.next().await.unwrap()[0], "event: change");
    let close = CloseClient { id: "c1".into(), actor: Actor::system("test") };
    platform.journal.submit(close, platform.edge.submission(None)).await.map(drop).unwrap();
    assert_eq!(connection.next().await.unwrap(), ["event: end", r#"data: {"reason":"session"}"#]);
    assert_eq!(connection.next().await, None);
});

on_both_stores!(a_word_beside_the_changes_goes_to_one_account_and_has_no_place_in_the_order, TABLES, async |db: Db| {
    let world = World::on(&db).await;
    let mut connection = world.listen(None).await;
    connection.next().await;
    world.hub.say("a2", "notice", &json!({"unread": 9}));
    world.hub.say("a1", "notice", &json!({"unread": 1}));
    assert_eq!(connection.next().await.unwrap(), ["event: notice", r#"data: {"unread":1}"#]);
    // The server stops: the stream ends by itself, and no other begins.
    world.hub.close();
    assert_eq!(connection.next().await, None);
    let request = Request::get("/live").header(header::COOKIE, &world.cookie).body(Body::empty()).unwrap();
    assert_eq!(world.app.clone().oneshot(request).await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
});
