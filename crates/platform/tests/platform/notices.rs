//! Facts become notices, once; and the inbox over HTTP, on both stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use journal::testing::journal;
use journal::{Fact, Journal, JournalError};
use kernel::{Actor, Chance, Instant};
use platform::account::{Hashed, OpenAccount};
use platform::notice::{
    Channel, Directory, Event, InboxState, Meaning, NoticeReader, NoticeRules, Notices, Said, Sight, Target, Told,
    routes,
};
use platform::{Confidential, Edge, Grant, People, PlatformState, Posts, Reach, Resource, Sensitivity};
use serde_json::{Value, json};
use store::{Db, Migration, Read, on_both_stores, sql};
use tower::ServiceExt;

pub const TABLES: &[&[Migration]] = &[journal::MIGRATIONS, platform::MIGRATIONS];

/// Two streets with a desk and a leader each.
pub struct Town;

impl Posts for Town {
    fn grant(&self, post: &str) -> Option<Grant> {
        let (organization, role) = post.split_once('.')?;
        Some(Grant {
            post: post.into(),
            role: role.into(),
            organization: organization.into(),
            organizations: [organization.to_owned()].into(),
            line: [organization.to_owned()].into(),
            area: String::new(),
            reach: Reach::Organization,
            sensitivity: Sensitivity::Personal,
            actions: ["case.read".to_owned(), "notice.replay".to_owned(), "webhook.keep".to_owned()].into(),
        })
    }

    fn names(&self, _: &str) -> Option<(String, String)> {
        None
    }
}

impl Directory for Town {
    fn posts_of(&self, organization: &str) -> Vec<String> {
        ["desk", "leader"].map(|role| format!("{organization}.{role}")).to_vec()
    }

    fn posts_with_role(&self, role: &str) -> Vec<String> {
        ["S1", "S2"].map(|organization| format!("{organization}.{role}")).to_vec()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }
}

/// A fact about someone of a street concerns its desk; about someone of `X…` it is a confidential thing of nobody here.
pub struct Openings;

impl Meaning for Openings {
    fn event<'a>(&'a self, fact: &'a Fact) -> BoxFuture<'a, Result<Option<Event>, JournalError>> {
        Box::pin(async move {
            let body: Value = fact.read()?;
            let Some(post) = body["posts"][0].as_str() else { return Ok(None) };
            let organization = post.split('.').next().unwrap_or_default();
            let confidential = organization.starts_with('X');
            let resource = Resource {
                organizations: [if confidential { "X" } else { organization }.to_owned()].into(),
                confidential: confidential.then(Confidential::default),
                ..Resource::default()
            };
            Ok(Some(Event {
                text: "notice-case",
                said: BTreeMap::from([
                    ("number".to_owned(), Said::Plain(fact.position.to_string())),
                    ("what".to_owned(), Said::Code("fact-registered".to_owned())),
                ]),
                relations: BTreeMap::from([(
                    "desk",
                    vec![Target::Organization(if confidential { "S1".to_owned() } else { organization.to_owned() })],
                )]),
                traits: BTreeMap::from([(
                    "urgency",
                    if post.ends_with("leader") { "emergency" } else { "ordinary" }.to_owned(),
                )]),
                emergency: post.ends_with("leader"),
                by: fact.stream.strip_prefix("account/").map(str::to_owned),
                sight: Some(Sight { action: "case.read", resource: resource.clone() }),
                read: Some(Sight { action: "case.read", resource }),
            }))
        })
    }
}

pub fn rules(text: &str) -> Arc<NoticeRules> {
    Arc::new(toml::from_str(&format!("source = \"sample\"\n{text}")).unwrap())
}

const DESK: &str = r#"
[[rule]]
key = "opened"
kinds = ["account.*"]
to = [{ relation = "desk", roles = ["desk"] }]
channels = ["inbox"]

[[rule]]
key = "again"
kinds = ["account.opened"]
when = { urgency = ["emergency"] }
to = [{ relation = "desk" }]
channels = ["inbox"]
"#;

pub fn edge(now: &'static str) -> Edge {
    let now: Instant = now.parse().unwrap();
    Edge::new(move || now, Chance::seeded(1, "edge"))
}

pub fn notices(db: &Db, edge: &Edge, text: &str) -> Notices {
    Notices {
        journal: journal(db),
        edge: edge.clone(),
        rules: rules(text),
        meaning: Arc::new(Openings),
        directory: Arc::new(Town),
        ways: [Channel::Mail, Channel::Sms].into(),
    }
}

pub async fn open(journal: &Journal, edge: &Edge, id: &str, post: &str) {
    let password = Hashed::new("correct horse", &mut Chance::seeded(1, "password")).unwrap();
    let (login, posts) = (id.to_owned(), vec![post.to_owned()]);
    let open = OpenAccount { id: id.to_owned(), login, password, posts, actor: Actor::system("test") };
    journal.submit(open, edge.submission(None)).await.unwrap();
}

async fn rows(db: &Db) -> Vec<(String, i64, String)> {
    (&mut &*db).all(sql("select account, position, rule from notice order by account, position, rule")).await.unwrap()
}

async fn facts_become_notices(db: Db) {
    let edge = edge("2026-03-02T02:00:00Z");
    let made = notices(&db, &edge, DESK);
    let (mut one, mut other) = (NoticeReader::new(made.clone()), NoticeReader::new(made.clone()));
    open(&made.journal, &edge, "desk1", "S1.desk").await;
    open(&made.journal, &edge, "desk2", "S2.desk").await;
    // What happened before the first reader began is told to nobody.
    assert_eq!(one.catch_up().await.unwrap(), Told::default());
    assert_eq!(other.catch_up().await.unwrap(), Told::default());

    open(&made.journal, &edge, "new", "S1.desk").await;
    open(&made.journal, &edge, "hidden", "X1.desk").await;
    open(&made.journal, &edge, "boss", "S1.leader").await;
    let told = one.catch_up().await.unwrap();
    assert_eq!(told.accounts, ["desk1", "new"].map(str::to_owned).into());
    // The other node reads the same facts and finds that they were told.
    assert_eq!(other.catch_up().await.unwrap().accounts, Default::default());
    assert_eq!(other.catch_up().await.unwrap(), Told::default());
    let expected = [("desk1", 3, "opened"), ("desk1", 5, "opened"), ("new", 5, "opened")];
    assert_eq!(rows(&db).await, expected.map(|(who, at, rule)| (who.to_owned(), at, rule.to_owned())));
}

async fn two_nodes_tell_each_fact_once(db: Db) {
    let edge = edge("2026-03-02T02:00:00Z");
    let made = notices(&db, &edge, DESK);
    open(&made.journal, &edge, "desk1", "S1.desk").await;
    let mut readers = [NoticeReader::new(made.clone()), NoticeReader::new(made.clone())];
    for reader in &mut readers {
        reader.catch_up().await.unwrap();
    }
    for round in 0..10 {
        open(&made.journal, &edge, &format!("n{round}"), "S1.none").await;
        let [one, other] = &mut readers;
        let (one, other) = tokio::join!(one.catch_up(), other.catch_up());
        let told = one.unwrap().accounts.len() + other.unwrap().accounts.len();
        assert_eq!(told, 1, "round {round}");
    }
    assert_eq!(rows(&db).await.len(), 10);
}

struct Asked {
    status: StatusCode,
    body: Value,
}

async fn ask(state: &InboxState, cookie: &str, method: &str, path: &str, body: Option<Value>) -> Asked {
    let (router, _) = platform::routes()
        .with_state(state.platform.clone())
        .merge(routes().with_state(state.clone()))
        .split_for_parts();
    let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
    let request = request.header(header::ACCEPT_LANGUAGE, "en").header(header::CONTENT_TYPE, "application/json");
    let request = request.body(body.map_or(Body::empty(), |body| Body::from(body.to_string()))).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Asked { status, body: serde_json::from_slice(&bytes).unwrap_or_default() }
}

pub async fn sign_in(state: &PlatformState, login: &str) -> String {
    let (router, _) = platform::routes().split_for_parts();
    let body = json!({ "login": login, "password": "correct horse" }).to_string();
    let request = Request::post("/session").header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
    let response = router.with_state(state.clone()).oneshot(request.unwrap()).await.unwrap();
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn the_inbox_is_the_callers_own(db: Db) {
    let edge = edge("2026-03-02T02:00:00Z");
    let made = notices(&db, &edge, DESK);
    open(&made.journal, &edge, "desk1", "S1.desk").await;
    open(&made.journal, &edge, "desk2", "S2.desk").await;
    let mut reader = NoticeReader::new(made.clone());
    reader.catch_up().await.unwrap();
    for round in 0..5 {
        open(&made.journal, &edge, &format!("n{round}"), "S1.none").await;
    }
    reader.catch_up().await.unwrap();

    let people = Arc::new(People { second_factor: Some(Vec::new()), ..People::default() });
    let platform = PlatformState { people, ..PlatformState::new(made.journal.clone(), edge.clone(), Arc::new(Town)) };
    let state = InboxState { platform: platform.clone(), directory: Arc::new(Town) };
    let (mine, other) = (sign_in(&platform, "desk1").await, sign_in(&platform, "desk2").await);
    assert_eq!(ask(&state, "", "GET", "/me/notices", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&state, &other, "GET", "/me/notices", None).await.body["unread"], 0);

    let first = ask(&state, &mine, "GET", "/me/notices?limit=3", None).await.body;
    assert_eq!(first["unread"], 5);
    assert_eq!(first["notices"][0]["text"], "Case 7: Registered");
    let next = first["next"].as_str().unwrap();
    let second = ask(&state, &mine, "GET", &format!("/me/notices?limit=3&cursor={next}"), None).await.body;
    let ids = |page: &Value| -> Vec<String> {
        page["notices"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!([ids(&first), ids(&second)].concat(), ["7.opened", "6.opened", "5.opened", "4.opened", "3.opened"]);
    assert_eq!(second["next"], Value::Null);

    let read = |cookie: &str, body: Value| {
        let (state, cookie) = (state.clone(), cookie.to_owned());
        async move { ask(&state, &cookie, "POST", "/me/notices/read", Some(body)).await }
    };
    // Of others nothing is marked.
    assert_eq!(read(&other, json!({ "ids": ["7.opened"] })).await.body["unread"], 0);
    assert_eq!(read(&mine, json!({ "ids": ["7.opened", "3.opened"] })).await.body["unread"], 3);
    let unread = ask(&state, &mine, "GET", "/me/notices?unread=true", None).await.body;
    assert_eq!(ids(&unread), ["6.opened", "5.opened", "4.opened"]);
    assert_eq!(read(&mine, json!({ "until": "2026-03-02T01:59:59Z" })).await.body["unread"], 3);
    assert_eq!(read(&mine, json!({ "until": "2026-03-02T02:00:00Z" })).await.body["unread"], 0);
    for (body, code) in [
        (json!({}), "notice-ids-or-until"),
        (json!({ "ids": [], "until": "2026-03-02T02:00:00Z" }), "notice-ids-or-until"),
        (json!({ "ids": ["x"] }), "notice-id-unknown"),
        (json!({ "ids": vec!["1.a"; 201] }), "notice-ids-too-many"),
    ] {
        let refused = read(&mine, body).await;
        assert_eq!((refused.status, &refused.body["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
    let refused = ask(&state, &mine, "GET", "/me/notices?cursor=x", None).await;
    assert_eq!((refused.status, &refused.body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("cursor")));
}

on_both_stores!(facts_become_notices_once, &TABLES.concat(), super::facts_become_notices);
on_both_stores!(two_nodes_tell_once, &TABLES.concat(), super::two_nodes_tell_each_fact_once);
on_both_stores!(the_inbox, &TABLES.concat(), super::the_inbox_is_the_callers_own);
