//! People of a made-up district behind the platform's own routes, at any instant.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use journal::Journal;
use journal::testing::journal;
use kernel::{Actor, Chance, Instant};
use platform::account::{Hashed, OpenAccount};
use platform::{Edge, Grant, People, PlatformState, Posts, Reach, Sensitivity};
use serde_json::{Value, json};
use store::testing::both;
use store::{Db, Migration};
use tower::ServiceExt;

const COUNT: usize = journal::MIGRATIONS.len() + platform::MIGRATIONS.len();
pub const TABLES: &[Migration] = &both::<COUNT>(journal::MIGRATIONS, platform::MIGRATIONS);

pub const PASSWORD: &str = "Correct-Horse-1";

/// A dispatcher and a deputy, the three administrators, and a post that cannot be combined with any.
pub struct FewPosts;

impl Posts for FewPosts {
    fn grant(&self, post: &str) -> Option<Grant> {
        let actions: &[&str] = match post {
            "dispatcher" | "deputy" => &["case.read", "case.register"],
            "system" => &["account.open", "account.disable", "client.keep", "account.read"],
            "security" => {
                &["post.assign", "account.unlock", "account.reset", "factor.reset", "factor.require", "account.read"]
            }
            "auditor" => &["audit.read", "account.read"],
            _ => return None,
        };
        Some(Grant {
            post: post.into(),
            role: post.into(),
            organization: "street".into(),
            organizations: ["street".to_owned()].into(),
            line: ["street".to_owned()].into(),
            area: String::new(),
            reach: Reach::District,
            sensitivity: Sensitivity::Personal,
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        })
    }

    fn resident(&self) -> Option<Grant> {
        let grant = self.grant("dispatcher")?;
        Some(Grant { post: "resident".into(), role: "resident".into(), reach: Reach::Own, ..grant })
    }

    fn names(&self, post: &str) -> Option<(String, String)> {
        Some((format!("{post}岗"), format!("Post {post}")))
    }
}

pub struct World {
    pub journal: Journal,
    pub people: People,
}

impl World {
    /// With accounts `li` (a dispatcher), `system`, `security` and `auditor`, all with [`PASSWORD`]; nobody needs a second factor.
    pub async fn new(db: &Db) -> World {
        let people = People { second_factor: Some(Vec::new()), ..People::default() };
        let world = World { journal: journal(db), people };
        for (login, post) in
            [("li", "dispatcher"), ("system", "system"), ("security", "security"), ("auditor", "auditor")]
        {
            world.open(login, &[post]).await;
        }
        world
    }

    pub async fn open(&self, login: &str, posts: &[&str]) {
        let password = Hashed::new(PASSWORD, &mut Chance::seeded(1, login)).unwrap();
        let posts = posts.iter().map(|post| (*post).to_owned()).collect();
        let (id, login) = (format!("id-{login}"), login.to_owned());
        let open = OpenAccount { id, login, password, posts, actor: Actor::system("test") };
        let edge = edge("2026-03-01T00:00:00Z");
        self.journal.submit(open, edge.submission(None)).await.unwrap();
    }

    pub fn state(&self, clock: &str) -> PlatformState {
        let state = PlatformState::new(self.journal.clone(), edge(clock), Arc::new(FewPosts));
        PlatformState { people: Arc::new(self.people.clone()), ..state }
    }

    /// The routes at an instant.
    pub fn at(&self, clock: &str) -> Router {
        let (router, _) = platform::routes().split_for_parts();
        router.with_state(self.state(clock)).layer(axum::middleware::from_fn(platform::same_origin))
    }

    /// The cookie of a new session.
    pub async fn sign_in(&self, app: &Router, login: &str) -> String {
        let answer = ask(app, "POST", "/session", Some(json!({ "login": login, "password": PASSWORD })), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{login}: {}", answer.body);
        answer.cookie.unwrap()
    }
}

fn edge(clock: &str) -> Edge {
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let seed = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let now: Instant = clock.parse().unwrap();
    Edge::new(move || now, Chance::seeded(seed, clock))
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// Name and value of the cookie that was set.
    pub cookie: Option<String>,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

pub async fn ask(app: &Router, method: &str, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::ACCEPT_LANGUAGE, "en");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap());
    let cookie = cookie.map(|cookie| cookie.split(';').next().unwrap().to_owned());
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Answer { status, cookie, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}
