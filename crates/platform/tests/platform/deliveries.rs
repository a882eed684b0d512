//! Messages on their way: retried, given up, sent again, never by two nodes at a time; gathered, and silent at night.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use futures::future::BoxFuture;
use journal::{Journal, tail};
use kernel::{Chance, Instant};
use platform::notice::{Guarded, InboxState, NoticeReader, Notices, Sender, WebhookState};
use platform::sms::{KeptSms, Sms, SmsError, SmsMessage};
use platform::{Edge, People, PlatformState};
use serde_json::{Value, json};
use store::{Db, on_both_stores};
use tower::ServiceExt;

use crate::notices::{TABLES, Town, notices, open, sign_in};

/// A clock that a test puts forward.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn at(text: &str) -> Clock {
        Clock(Arc::new(AtomicI64::new(text.parse::<Instant>().unwrap().micros())))
    }

    pub fn edge(&self) -> Edge {
        let clock = self.0.clone();
        Edge::new(move || Instant::from_micros(clock.load(Ordering::Relaxed)), Chance::seeded(1, "edge"))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    fn set(&self, text: &str) {
        self.0.store(text.parse::<Instant>().unwrap().micros(), Ordering::Relaxed);
    }
}

/// Gives what it was told to give, then takes everything.
#[derive(Default)]
struct Moody {
    answers: Mutex<VecDeque<Result<(), SmsError>>>,
    asked: Mutex<Vec<SmsMessage>>,
}

impl Sms for Moody {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>> {
        self.asked.lock().unwrap().push(message.clone());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()));
        Box::pin(async move { answer })
    }
}

/// Never answers.
struct Silent;

impl Sms for Silent {
    fn send<'a>(&'a self, _: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>> {
        Box::pin(std::future::pending())
    }
}

/// A district with a reader, and one who sends.
pub struct Post {
    pub clock: Clock,
    pub edge: Edge,
    pub journal: Journal,
    pub notices: Notices,
    pub reader: NoticeReader,
    pub platform: PlatformState,
    pub guarded: Guarded,
    app: Router,
}

impl Post {
    pub async fn new(db: &Db, rules: &str, now: &str) -> Post {
        let clock = Clock::at(now);
        let edge = clock.edge();
        let notices = notices(db, &edge, rules);
        let journal = notices.journal.clone();
        // Sessions outlive what the clock is put forward, and are made by a password alone.
        let second_factor = Some(Vec::new());
        let people = People { idle_minutes: 1 << 20, session_hours: 1 << 14, second_factor, ..People::default() };
        let platform = PlatformState {
            people: Arc::new(people),
            ..PlatformState::new(journal.clone(), edge.clone(), Arc::new(Town))
        };
        let guarded = Guarded::new(vec!["127.0.0.0/8".parse().unwrap()]).unwrap();
        let inbox = InboxState { platform: platform.clone(), directory: Arc::new(Town) };
        let hooks = WebhookState { platform: platform.clone(), guarded: guarded.clone(), kinds: &["account.opened"] };
        let (app, _) = platform::routes()
            .merge(platform::notice::delivery_routes())
            .with_state(platform.clone())
            .merge(platform::notice::routes().with_state(inbox))
            .merge(platform::notice::webhook_routes().with_state(hooks))
            .split_for_parts();
        open(&journal, &edge, "desk1", "S1.desk").await;
        let mut reader = NoticeReader::new(notices.clone());
        reader.catch_up().await.unwrap();
        Post { clock, edge, journal, notices, reader, platform, guarded, app }
    }

    pub fn sender(&self, sms: Arc<dyn Sms>) -> Sender {
        Sender {
            journal: self.journal.clone(),
            edge: self.edge.clone(),
            rules: self.notices.rules.clone(),
            directory: Arc::new(Town),
            mail: None,
            sms,
            guarded: self.guarded.clone(),
            source: "urn:huying:district:999901".into(),
        }
    }

    pub async fn ask(&self, cookie: &str, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
        let request = request.header(header::ACCEPT_LANGUAGE, "en").header(header::CONTENT_TYPE, "application/json");
        let request = request.body(body.map_or(Body::empty(), |body| Body::from(body.to_string()))).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// The desk's own session, with a telephone to be reached at.
    async fn reachable(&self) -> String {
        let cookie = sign_in(&self.platform, "desk1").await;
        let contact = json!({ "phone": "13800005678", "language": "en" });
        assert_eq!(self.ask(&cookie, "PUT", "/me/contact", Some(contact)).await.0, StatusCode::OK);
        cookie
    }

    /// Something happens that the desk is told of.
    pub async fn happen(&mut self, id: &str, post: &str) {
        open(&self.journal, &self.edge, id, post).await;
        self.reader.catch_up().await.unwrap();
    }

    pub async fn listed(&self, cookie: &str, state: &str) -> Vec<Value> {
        let (status, body) = self.ask(cookie, "GET", &format!("/deliveries?state={state}"), None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["deliveries"].as_array().unwrap().clone()
    }
}

const SMS: &str = r#"
[[rule]]
key = "opened"
kinds = ["account.opened"]
to = [{ relation = "desk", roles = ["desk"] }]
channels = ["sms"]
"#;

async fn what_fails_is_tried_again_and_given_up(db: Db) {
    let mut post = Post::new(&db, SMS, "2026-03-02T02:00:00Z").await;
    // Nobody is told who said of no telephone.
    post.happen("a", "S1.none").await;
    let cookie = post.reachable().await;
    assert_eq!(post.listed(&cookie, "waiting").await, Vec::<Value>::new());

    let moody = Arc::new(Moody::default());
    moody.answers.lock().unwrap().extend([Err(SmsError::Unreachable), Err(SmsError::Failed(503)), Ok(())]);
    let sender = post.sender(moody.clone());
    post.happen("b", "S1.none").await;
    assert_eq!(sender.step().await.unwrap(), 1);
    let waiting = post.listed(&cookie, "waiting").await;
    assert_eq!((&waiting[0]["attempts"], &waiting[0]["failure"]), (&json!(1), &json!("unreachable")));
    assert_eq!(sender.step().await.unwrap(), 0, "not before its time");
    post.clock.forward(30);
    assert_eq!(sender.step().await.unwrap(), 1);
    // The second pause is between half a minute and a whole one.
    post.clock.forward(29);
    assert_eq!(sender.step().await.unwrap(), 0);
    post.clock.forward(31);
    assert_eq!(sender.step().await.unwrap(), 1);
    assert_eq!(post.listed(&cookie, "sent").await.len(), 1);
    let asked = moody.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|one| one.id == asked[0].id && one.to == "13800005678"), "the same message each time");
    assert!(asked[0].text.starts_with("Case "), "in the language that was chosen");

    // What is refused is not tried again by itself.
    moody.answers.lock().unwrap().push_back(Err(SmsError::Refused(400)));
    post.happen("c", "S1.none").await;
    assert_eq!(sender.step().await.unwrap(), 1);
    let dead = post.listed(&cookie, "dead").await;
    assert_eq!((dead.len(), &dead[0]["failure"], &dead[0]["channel"]), (1, &json!("http-400"), &json!("sms")));
    assert!(!dead[0].to_string().contains("13800005678"), "an address stands in no list");
    post.clock.forward(86_400);
    assert_eq!(sender.step().await.unwrap(), 0);
    let path = format!("/deliveries/{}/replay", dead[0]["id"].as_str().unwrap());
    assert_eq!(post.ask("", "POST", &path, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(post.ask(&cookie, "POST", &path, None).await.0, StatusCode::NO_CONTENT);
    let (status, refused) = post.ask(&cookie, "POST", &path, None).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("delivery-not-dead")));
    let (status, refused) = post.ask(&cookie, "POST", "/deliveries/x/replay", None).await;
    assert_eq!((status, &refused["code"]), (StatusCode::NOT_FOUND, &json!("delivery-not-found")));
    assert_eq!(sender.step().await.unwrap(), 1);
    assert_eq!(post.listed(&cookie, "dead").await.len(), 0);
    let facts = tail::after(&mut post.journal.db(), 0, 100).await.unwrap();
    assert_eq!(facts.iter().filter(|fact| fact.kind == "delivery.replayed").count(), 1);
    for fact in &facts {
        assert!(!String::from_utf8_lossy(&fact.body).contains("13800005678"), "{}", fact.kind);
    }

    // One that always fails is given up after so many tries, and its id is still the same.
    moody.answers.lock().unwrap().extend(vec![Err(SmsError::Unreachable); 99]);
    post.happen("d", "S1.none").await;
    let mut tries = 0;
    while post.listed(&cookie, "dead").await.is_empty() {
        tries += sender.step().await.unwrap();
        post.clock.forward(6 * 3600);
        assert!(tries < 99);
    }
    assert_eq!(tries as i64, platform::notice::MOST_TRIES);
}

async fn a_message_is_claimed_by_one_node(db: Db) {
    let mut post = Post::new(&db, SMS, "2026-03-02T02:00:00Z").await;
    let cookie = post.reachable().await;
    for round in 0..20 {
        post.happen(&format!("n{round}"), "S1.none").await;
    }
    let moody = Arc::new(Moody::default());
    let (one, other) = (post.sender(moody.clone()), post.sender(moody.clone()));
    let (one, other) = tokio::join!(one.step(), other.step());
    assert_eq!(one.unwrap() + other.unwrap(), 20);
    let mut ids: Vec<String> = moody.asked.lock().unwrap().iter().map(|message| message.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), moody.asked.lock().unwrap().len()), (20, 20));

    // A node dies after it has claimed: the others leave the message alone for its lease, then it is sent, with the same id.
    post.happen("late", "S1.none").await;
    let dying = post.sender(Arc::new(Silent));
    let waiting = post.listed(&cookie, "waiting").await[0]["id"].clone();
    tokio::select! {
        biased;
        _ = dying.step() => panic!("it was never answered"),
        () = async {
            while post.listed(&cookie, "waiting").await[0]["attempts"] == 0 {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    let kept = Arc::new(KeptSms::default());
    let living = post.sender(kept.clone());
    assert_eq!(living.step().await.unwrap(), 0);
    post.clock.forward(121);
    assert_eq!(living.step().await.unwrap(), 1);
    assert_eq!(json!(kept.messages()[0].id), waiting);
}

async fn what_is_gathered_is_one_message(db: Db) {
    let rules = r#"
quiet = { from = "22:00", until = "07:30" }

[[rule]]
key = "day"
kinds = ["account.opened"]
to = [{ relation = "desk", roles = ["desk"] }]
channels = ["sms"]
delivery = "daily 08:30"
"#;
    // 21:50 in the district.
    let mut post = Post::new(&db, rules, "2026-03-02T13:50:00Z").await;
    post.reachable().await;
    let kept = Arc::new(KeptSms::default());
    let sender = post.sender(kept.clone());
    for id in ["a", "b", "c"] {
        post.happen(id, "S1.none").await;
        post.clock.forward(900);
    }
    assert_eq!(sender.step().await.unwrap(), 0);
    // An emergency does not wait for the morning, nor for the digest.
    post.happen("boss", "S1.leader").await;
    assert_eq!((sender.step().await.unwrap(), kept.messages().len()), (1, 1));
    post.clock.set("2026-03-03T00:29:59Z");
    assert_eq!(sender.step().await.unwrap(), 0);
    post.clock.set("2026-03-03T00:30:00Z");
    assert_eq!((sender.step().await.unwrap(), kept.messages().len()), (3, 2));
    assert!(kept.messages()[1].text.contains('3'), "one message says how many there are");
}

/// However much is gathered, it is one message; those of others are not in it.
async fn a_long_digest_is_one_message(db: Db) {
    let rules = r#"
[[rule]]
key = "day"
kinds = ["account.opened"]
to = [{ relation = "desk", roles = ["desk"] }]
channels = ["sms"]
delivery = "daily 08:30"
"#;
    let mut post = Post::new(&db, rules, "2026-03-02T02:00:00Z").await;
    let cookie = post.reachable().await;
    post.happen("a", "S1.none").await;
    let mut tx = db.begin().await.unwrap();
    for number in 0..149 {
        let copy = store::sql(
            "insert into delivery (id, channel, recipient, position, rule, kind, stream, text, said, gathered, state, \
             attempts, due_at, claimed_until, made_at) select $1, channel, recipient, position, rule, kind, stream, text, said, \
             gathered, state, attempts, due_at, claimed_until, made_at from delivery where length(id) = 32",
        );
        tx.run(copy.bind(format!("copy{number}"))).await.unwrap();
    }
    tx.commit().await.unwrap();
    let kept = Arc::new(KeptSms::default());
    let sender = post.sender(kept.clone());
    post.clock.set("2026-03-03T00:30:00Z");
    assert_eq!(sender.step().await.unwrap(), 150);
    assert_eq!(sender.step().await.unwrap(), 0);
    assert_eq!(kept.messages().len(), 1);
    assert!(kept.messages()[0].text.contains("150"), "{}", kept.messages()[0].text);
    assert_eq!(post.listed(&cookie, "waiting").await.len(), 0);
}

on_both_stores!(long_digest, &TABLES.concat(), super::a_long_digest_is_one_message);

async fn quiet_hours_hold_back_what_is_no_emergency(db: Db) {
    let rules = format!("quiet = {{ from = \"22:00\", until = \"07:30\" }}\n{SMS}");
    // 23:00 in the district.
    let mut post = Post::new(&db, &rules, "2026-03-02T15:00:00Z").await;
    post.reachable().await;
    let kept = Arc::new(KeptSms::default());
    let sender = post.sender(kept.clone());
    post.happen("a", "S1.none").await;
    post.happen("boss", "S1.leader").await;
    assert_eq!(sender.step().await.unwrap(), 1);
    post.clock.set("2026-03-02T23:29:59Z");
    assert_eq!(sender.step().await.unwrap(), 0);
    post.clock.set("2026-03-02T23:30:00Z");
    assert_eq!((sender.step().await.unwrap(), kept.messages().len()), (1, 2));
}

async fn a_contact_is_said_sealed_and_taken_back(db: Db) {
    let post = Post::new(&db, "", "2026-03-02T02:00:00Z").await;
    let cookie = post.reachable().await;
    let (_, shown) = post.ask(&cookie, "GET", "/me/contact", None).await;
    assert_eq!(shown, json!({ "mail": null, "phone": "13800005678", "language": "en" }));
    for (body, field) in [
        (json!({ "mail": "a@b\r\nBcc: c@d", "language": "en" }), "mail"),
        (json!({ "phone": "138 0000", "language": "en" }), "phone"),
        (json!({ "language": "fr" }), "language"),
    ] {
        let (status, refused) = post.ask(&cookie, "PUT", "/me/contact", Some(body)).await;
        assert_eq!((status, &refused["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)));
    }
    let none = json!({ "mail": null, "phone": null, "language": "zh-CN" });
    assert_eq!(post.ask(&cookie, "PUT", "/me/contact", Some(none.clone())).await.0, StatusCode::OK);
    assert_eq!(post.ask(&cookie, "GET", "/me/contact", None).await.1, none);
    let facts = tail::stream(&mut post.journal.db(), "contact/desk1").await.unwrap();
    assert_eq!(facts.len(), 2);
    assert!(!String::from_utf8_lossy(&facts[0].body).contains("138"));
}

/// Their key is destroyed, the session is not: what is only to be said under the key is refused, not failed.
async fn nothing_more_is_kept_for_the_erased(db: Db) {
    let post = Post::new(&db, "", "2026-03-02T02:00:00Z").await;
    let cookie = post.reachable().await;
    let actor = kernel::Actor::system("test");
    let erase = journal::EraseSubject { subject: "person/desk1".into(), actor, ground: "request".into() };
    post.journal.submit(erase, post.edge.submission(None)).await.unwrap();
    let contact = json!({ "phone": "13800005678", "language": "en" });
    let (status, refused) = post.ask(&cookie, "PUT", "/me/contact", Some(contact)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("person-erased")));
    let (_, shown) = post.ask(&cookie, "GET", "/me/contact", None).await;
    assert_eq!(shown["phone"], Value::Null);
    // What says nothing personal is kept as before.
    let none = json!({ "mail": null, "phone": null, "language": "zh-CN" });
    assert_eq!(post.ask(&cookie, "PUT", "/me/contact", Some(none)).await.0, StatusCode::OK);
    let secret = json!({ "password": "correct horse" });
    let (status, refused) = post.ask(&cookie, "POST", "/me/second-factor", Some(secret)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("person-erased")), "{refused}");
}

on_both_stores!(nothing_more_kept, &TABLES.concat(), super::nothing_more_is_kept_for_the_erased);
on_both_stores!(tried_again_and_given_up, &TABLES.concat(), super::what_fails_is_tried_again_and_given_up);
on_both_stores!(claimed_by_one_node, &TABLES.concat(), super::a_message_is_claimed_by_one_node);
on_both_stores!(gathered, &TABLES.concat(), super::what_is_gathered_is_one_message);
on_both_stores!(quiet_hours, &TABLES.concat(), super::quiet_hours_hold_back_what_is_no_emergency);
on_both_stores!(contact, &TABLES.concat(), super::a_contact_is_said_sealed_and_taken_back);
