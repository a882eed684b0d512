//! A small district behind the real routes, with someone for every post.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use casework::{Casework, FindableCases, LiveCasework};
use channels::open311::Open311State;
use district::{PostBook, Profile};
use journal::{MasterKey, SubmitError, WriterOptions};
use kernel::{Actor, Chance, Instant};
use platform::account::{AccountRefusal, Hashed, OpenAccount};
use platform::config::Secret;
use platform::file::{FileRules, Files, Scanner};
use platform::limit::{self, LimitRules};
use platform::live::{Hub, Limits};
use platform::notice::{Guarded, NoticeReader, Notices};
use platform::oidc::{Oidc, OidcConfig};
use platform::sms::KeptSms;
use platform::{Config, Edge, People, PlatformState};
use search::{Reader, Search};
use serde_json::{Value, json};
use store::Db;
use tokio::sync::Mutex;
use tower::ServiceExt;

use super::super::openapi::{self, Parts};
use super::super::router::{around_all, doors};
use crate::demo::{Demo, DemoPerson};
use crate::notices::{self, Ways};

/// A point in the grid 99990100100101 of the tiny district.
pub const POINT: (f64, f64) = (120.002, 30.002);
pub const PASSWORD: &str = "Correct-Horse-1";

pub struct World {
    app: Router,
    pub document: Value,
    pub platform: PlatformState,
    /// The short messages that nobody was sent.
    pub sms: Arc<KeptSms>,
    pub profile: Arc<Profile>,
    pub casework: Casework,
    reader: Mutex<Reader<FindableCases>>,
    /// Cookies of those who have signed in, by post; `""` is someone without any.
    cookies: Mutex<HashMap<String, String>>,
    password: Hashed,
    /// How often something new was asked for.
    made: AtomicI64,
}

/// A request; its path is below `/api/v1`, or begins with `/open311/`.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub path: String,
    pub body: Option<Value>,
    pub headers: Vec<(&'static str, String)>,
    /// Bytes as they are, in the place of `body`.
    pub raw: Option<Vec<u8>>,
}

impl Ask {
    /// As people of the district ask.
    pub fn in_chinese(mut self) -> Ask {
        self.headers.push((LANGUAGE, "zh-CN".to_owned()));
        self
    }

    pub fn path(path: impl Into<String>) -> Ask {
        Ask { path: path.into(), ..Ask::default() }
    }

    pub fn body(self, body: Value) -> Ask {
        Ask { body: Some(body), ..self }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// Of its body, without what follows a semicolon.
    pub kind: Option<String>,
    /// What is no JSON is its text, where it is text at all.
    pub body: Value,
    pub cookie: Option<String>,
}

impl World {
    pub async fn on(db: &Db) -> World {
        World::with(db, Limits::default()).await
    }

    /// Where nobody may ask more often than these rules say, by a clock that stands still.
    pub async fn limited(db: &Db, rules: LimitRules) -> World {
        World::with_rules(db, Limits::default(), rules).await
    }

    /// Where whoever listens has these limits.
    pub async fn with(db: &Db, limits: Limits) -> World {
        World::with_rules(db, limits, LimitRules { enabled: false, ..LimitRules::default() }).await
    }

    async fn with_rules(db: &Db, limits: Limits, rules: LimitRules) -> World {
        let profile = Arc::new(Profile::load("../../profiles/tiny".as_ref()).unwrap());
        let now: Instant = "2026-03-02T02:00:00Z".parse().unwrap();
        let edge = Edge::new(move || now, Chance::seeded(1, "edge"));
        let journal = journal::Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal.clone(), casework::rulebook(&profile).unwrap());
        let posts = Arc::new(PostBook { profile: profile.clone(), edge: edge.clone() });
        let people = Arc::new(People { second_factor: Some(Vec::new()), ..People::default() });
        let counts = limit::Limits::new(&rules, &mut edge.chance(), || Duration::ZERO);
        let platform = PlatformState { people, limits: counts, ..PlatformState::new(journal, edge, posts) };
        let objects = Arc::new(platform::file::memory());
        let files = Files::new(platform.journal.clone(), objects, FileRules::default(), Scanner::None);
        let visitor = DemoPerson {
            login: "demo.dispatcher".into(),
            password: "drawn anew".into(),
            role: "dispatcher".into(),
            name_zh: "调度员".into(),
            name_en: "Dispatcher".into(),
        };
        let sms = Arc::new(KeptSms::default());
        let platform = PlatformState { sms: sms.clone(), oidc: Some(Arc::new(other_system())), ..platform };
        let demo = Demo { people: Arc::new([visitor]), sms: Some(sms.clone()) };
        let search = Search::in_memory();
        let source = FindableCases { casework: casework.clone(), profile: profile.clone() };
        let reader = Mutex::new(Reader::new(search.clone(), platform.journal.clone(), source));
        let reading = Arc::new(LiveCasework::new(casework.clone(), profile.clone()));
        let hub = Hub::start(platform.journal.clone(), reading, limits).await.unwrap();
        let file = files.rules().bytes;
        let (api, document) = openapi::api(Parts {
            platform: platform.clone(),
            profile: profile.clone(),
            casework: casework.clone(),
            search,
            files,
            demo,
            hub,
            guarded: Guarded::new(Vec::new()).unwrap(),
        });
        let open311 = Open311State::new(platform.clone(), profile.clone(), casework.clone());
        let app = around_all(doors(api, document.clone(), open311, rules.reads_at_once), file);
        let document = serde_json::from_str(&document).unwrap();
        let password = Hashed::new(PASSWORD, &mut Chance::seeded(1, "password")).unwrap();
        World {
            app,
            document,
            platform,
            sms,
            profile,
            casework,
            reader,
            cookies: Mutex::default(),
            password,
            made: AtomicI64::new(0),
        }
    }

    /// The instant at which it stands still.
    pub fn now(&self) -> Instant {
        self.platform.edge.now()
    }

    /// Another number each time.
    pub fn next(&self) -> i64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// Method and path of each operation of the document.
    pub fn operations(&self) -> Vec<String> {
        let paths = self.document["paths"].as_object().unwrap();
        let of = |(path, methods): (&String, &Value)| {
            let methods: Vec<String> = methods.as_object().unwrap().keys().cloned().collect();
            methods.into_iter().map(|method| format!("{method} {path}")).collect::<Vec<_>>()
        };
        paths.iter().flat_map(of).collect()
    }

    fn notices(&self) -> Notices {
        let posts = Arc::new(PostBook { profile: self.profile.clone(), edge: self.platform.edge.clone() });
        notices::notices(&self.platform.journal, &self.profile, posts, Default::default())
    }

    /// Tells everyone of what happened so far.
    pub async fn tell(&self) {
        let mut reader = NoticeReader::new(self.notices());
        while reader.catch_up().await.unwrap().facts > 0 {}
    }

    /// A message that was given up: its webhook was closed before it went out.
    pub async fn dead_delivery(&self) -> String {
        let notices = self.notices();
        let mut reader = NoticeReader::new(notices.clone());
        reader.catch_up().await.unwrap();
        let hook = self.webhook().await;
        self.case().await;
        while reader.catch_up().await.unwrap().facts > 0 {}
        self.done("G.system", "delete", Ask::path(format!("/webhooks/{hook}"))).await;
        let ways = Ways::configured(&Config::default(), &Demo::default()).unwrap();
        let sender = notices::sender(&notices, &self.profile, ways);
        while sender.step().await.unwrap() > 0 {}
        let dead = self.done("G.system", "get", Ask::path("/deliveries?state=dead")).await;
        dead["deliveries"][0]["id"].as_str().unwrap().to_owned()
    }

    /// A webhook that may be told of what the dispatcher reads.
    pub async fn webhook(&self) -> String {
        let body = json!({ "address": "https://1.1.1.1/hook", "kinds": ["case.*"], "posts": ["S1.dispatcher"] });
        let opened = self.done("G.system", "post", Ask::path("/webhooks").body(body)).await;
        opened["id"].as_str().unwrap().to_owned()
    }

    /// The routes as they are served.
    pub fn app(&self) -> Router {
        self.app.clone()
    }

    /// Opens an account that holds one post of the profile, or none. One that is there stays.
    pub async fn account(&self, login: &str, post: &str) {
        let posts = if post.is_empty() { Vec::new() } else { vec![post.to_owned()] };
        let (id, login, password) = (login.to_owned(), login.to_owned(), self.password.clone());
        let open = OpenAccount { id, login, password, posts, actor: Actor::system("test") };
        match self.platform.journal.submit(open, self.platform.edge.submission(None)).await {
            Ok(_) | Err(SubmitError::Refused(AccountRefusal::LoginTaken)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }

    /// The cookie of a new session.
    pub async fn sign_in(&self, login: &str) -> String {
        let answer = self.try_to_sign_in(login).await;
        answer.unwrap_or_else(|answer| panic!("{login}: {answer:?}"))
    }

    async fn try_to_sign_in(&self, login: &str) -> Result<String, Answer> {
        let ask = Ask::path("/session").body(json!({ "login": login, "password": PASSWORD }));
        let answer = self.ask("post", &ask, None).await;
        match &answer.cookie {
            Some(cookie) if answer.status == StatusCode::OK => Ok(cookie.split(';').next().unwrap().to_owned()),
            _ => Err(answer),
        }
    }

    /// The cookie of whoever holds the post; `""` is someone without any.
    pub async fn cookie(&self, post: &str) -> String {
        let mut cookies = self.cookies.lock().await;
        if let Some(cookie) = cookies.get(post) {
            return cookie.clone();
        }
        let login = if post.is_empty() { "nobody" } else { post };
        self.account(login, post).await;
        let cookie = self.sign_in(login).await;
        cookies.insert(post.to_owned(), cookie.clone());
        cookie
    }

    /// From now on someone new, with the password of everyone, holds the post. Gives the login, which is the account's identifier too.
    pub async fn anew(&self, post: &str) -> String {
        let login = format!("{post}-{}", self.next());
        self.account(&login, post).await;
        let cookie = self.sign_in(&login).await;
        self.cookies.lock().await.insert(post.to_owned(), cookie);
        login
    }

    /// The cookie of whoever holds the post, of a session that has not ended. Whoever asks from outside may have closed the account:
    /// then someone new holds the post.
    pub async fn living_cookie(&self, post: &str) -> String {
        let cookie = self.cookie(post).await;
        if self.ask("get", &Ask::path("/session"), Some(&cookie)).await.status.is_success() {
            return cookie;
        }
        let login = if post.is_empty() { "nobody" } else { post };
        if let Ok(cookie) = self.try_to_sign_in(login).await {
            self.cookies.lock().await.insert(post.to_owned(), cookie.clone());
            return cookie;
        }
        self.anew(post).await;
        self.cookie(post).await
    }

    pub async fn respond(&self, method: &str, ask: &Ask, cookie: Option<&str>) -> Response {
        let below = if ask.path.starts_with("/open311/") { "" } else { "/api/v1" };
        let uri = format!("{below}{}", ask.path);
        let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(uri);
        // As a browser does it on a page of ours.
        request = request.header("sec-fetch-site", "same-origin");
        if !ask.headers.iter().any(|(name, _)| *name == LANGUAGE) {
            request = request.header(LANGUAGE, "en");
        }
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let body = match (&ask.raw, &ask.body) {
            (Some(raw), _) => Body::from(raw.clone()),
            (None, Some(body)) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            (None, None) => Body::empty(),
        };
        self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    pub async fn ask(&self, method: &str, ask: &Ask, cookie: Option<&str>) -> Answer {
        let response = self.respond(method, ask, cookie).await;
        let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        // What never ends is not read to its end.
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).map(str::to_owned);
        let endless = kind.as_deref() == Some("text/event-stream");
        let bytes = if endless { Bytes::new() } else { to_bytes(response.into_body(), 1 << 20).await.unwrap() };
        let text = || std::str::from_utf8(&bytes).ok().filter(|text| !text.is_empty()).map(Value::from);
        let body = serde_json::from_slice(&bytes).ok().or_else(text).unwrap_or_default();
        Answer { status, kind, body, cookie }
    }

    /// Reads what happened so far into the index.
    pub async fn index(&self) {
        self.reader.lock().await.catch_up(|_| {}).await.unwrap();
    }

    /// Carries out a request that the test needs to have been carried out, by whoever holds the post.
    pub async fn done(&self, post: &str, method: &str, ask: Ask) -> Value {
        let cookie = self.cookie(post).await;
        let mut answer = self.ask(method, &ask, Some(&cookie)).await;
        if answer.status == StatusCode::UNAUTHORIZED {
            answer = self.ask(method, &ask, Some(&self.living_cookie(post).await)).await;
        }
        assert!(answer.status.is_success(), "{method} {ask:?} by {post}: {answer:?}");
        answer.body
    }

    /// Registers a case at the desk of S1 and gives its identifier.
    pub async fn case(&self) -> String {
        let (longitude, latitude) = POINT;
        let report = json!({
            "words": "路口井盖破损", "kind": "component", "point": { "longitude": longitude, "latitude": latitude },
            "name": "张三", "phone": "13800005678",
        });
        let body = self.done("S1.dispatcher", "post", Ask::path("/cases").body(report)).await;
        body["id"].as_str().unwrap().to_owned()
    }

    /// Leaves a picture and gives its identifier.
    pub async fn file(&self) -> String {
        let ask = Ask { raw: Some(PICTURE.to_vec()), ..Ask::path("/files") };
        let body = self.done("S1.dispatcher", "post", ask).await;
        body["id"].as_str().unwrap().to_owned()
    }

    /// The telephone number of a new case was looked at.
    pub async fn look(&self) {
        let why = json!({ "fields": ["phone"], "ground": "contact", "reason": "回电核实位置" });
        let path = format!("/cases/{}/unmasking", self.case().await);
        self.done("S1.dispatcher", "post", Ask::path(path).body(why)).await;
    }

    /// Registers a case with a picture and gives the case's identifier and the picture's.
    pub async fn case_with_a_file(&self) -> (String, String) {
        let file = self.file().await;
        let point = json!({ "longitude": POINT.0, "latitude": POINT.1 });
        let evidence = json!([{ "kind": "photo", "attachment": file }]);
        let report = json!({ "words": "路口井盖破损", "kind": "component", "point": point, "evidence": evidence });
        let case = self.done("S1.dispatcher", "post", Ask::path("/cases").body(report)).await;
        (case["id"].as_str().unwrap().to_owned(), file)
    }

    /// Raises a call of S1's leader to the Water Bureau, which goes direct, and gives its identifier.
    pub async fn call(&self) -> String {
        let body = self.done("S1.leader", "post", Ask::path("/calls").body(call_body())).await;
        body["id"].as_str().unwrap().to_owned()
    }

    /// Proposes a card on a new case by hand and gives its identifier.
    pub async fn card(&self) -> String {
        let body = self.done("SV.supervisor", "post", Ask::path("/cards").body(self.card_body().await)).await;
        body["id"].as_str().unwrap().to_owned()
    }

    pub async fn card_body(&self) -> Value {
        let stream = format!("case/{}", self.case().await);
        json!({
            "colour": "yellow", "ground": "false_report", "organization": "D01", "about": stream,
            "evidence": [{ "stream": stream, "version": 1 }], "since": "2026-03-02T01:00:00Z",
        })
    }
}

pub fn call_body() -> Value {
    let (longitude, latitude) = POINT;
    json!({
        "matter": "M03", "point": { "longitude": longitude, "latitude": latitude }, "organizations": ["D02"],
        "words": "水管爆裂，请到场",
    })
}

const LANGUAGE: &str = "accept-language";

/// A PNG of one pixel.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDAT\x08\xd7c\xf8\xcf\xc0\0\0\x03\x01\x01\0\x18\xdd\x8d\xb0\0\0\0\0IEND\xaeB`\x82";

/// Another system to sign in by, which nobody can reach.
fn other_system() -> Oidc {
    let config = OidcConfig {
        issuer: "https://login.invalid".into(),
        client_id: "huying".into(),
        origin: "https://huying.invalid".into(),
        name_zh: "统一认证".into(),
        name_en: "Single sign-on".into(),
    };
    let people = People { oidc: Some(config), ..People::default() };
    let config = Config { people, oidc_secret: Some(Secret::new("between us")), ..Config::default() };
    Oidc::configured(&config).unwrap().unwrap()
}
