//! Signing in and out over HTTP, on both stores.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use journal::testing::journal;
use kernel::{Actor, Chance, Instant};
use platform::account::{Hashed, OpenAccount};
use platform::{Edge, Grant, People, PlatformState, Posts, Reach, Sensitivity};
use serde_json::{Value, json};
use store::{Db, on_both_stores};
use tower::ServiceExt;

use crate::world::TABLES;

struct OnePost;

impl Posts for OnePost {
    fn grant(&self, post: &str) -> Option<Grant> {
        (post == "dispatcher").then(|| Grant {
            post: post.into(),
            role: "dispatcher".into(),
            organization: "street".into(),
            organizations: ["street".to_owned()].into(),
            line: ["street".to_owned()].into(),
            area: String::new(),
            reach: Reach::District,
            sensitivity: Sensitivity::Personal,
            actions: ["case.register".to_owned()].into(),
        })
    }

    fn names(&self, _: &str) -> Option<(String, String)> {
        Some(("调度员".into(), "Dispatcher".into()))
    }
}

async fn app(db: &Db, clock: &'static str) -> Router {
    app_with(db, clock, People::default()).await
}

async fn app_with(db: &Db, clock: &'static str, people: People) -> Router {
    let journal = journal(db);
    let now: Instant = clock.parse().unwrap();
    let edge = Edge::new(move || now, Chance::seeded(1, clock));
    let password = Hashed::new("correct horse", &mut Chance::seeded(1, "password")).unwrap();
    let (id, login) = ("a1".to_owned(), "li".to_owned());
    let open = OpenAccount {
        id,
        login,
        password,
        posts: vec!["dispatcher".into(), "gone".into()],
        actor: Actor::system("test"),
    };
    // The second app over the same database finds the account there.
    let _ = journal.submit(open, edge.submission(None)).await;
    let state = PlatformState { people: Arc::new(people), ..PlatformState::new(journal, edge, Arc::new(OnePost)) };
    let (router, _) = platform::routes().split_for_parts();
    router.with_state(state)
}

struct Answer {
    status: StatusCode,
    cookie: Option<String>,
    body: Value,
}

async fn ask(app: &Router, method: &str, body: Option<Value>, cookie: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri("/session").header(header::ACCEPT_LANGUAGE, "en");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap().to_owned());
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Answer { status, cookie, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

on_both_stores!(a_session_opens_tells_who_it_is_and_closes, TABLES, async |db: Db| {
    let app = app(&db, "2026-03-01T00:00:00Z").await;
    let opened = ask(&app, "POST", Some(json!({"login": "li", "password": "correct horse"})), None).await;
    assert_eq!(opened.status, StatusCode::OK);
    let cookie = opened.cookie.unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let cookie = cookie.split(';').next().unwrap();
    let who = ask(&app, "GET", None, Some(cookie)).await;
    assert_eq!(who.body["actions"], json!(["case.register"]));
    assert_eq!(who.body["posts"][0]["name_zh"], "调度员");
    assert_eq!(ask(&app, "DELETE", None, Some(cookie)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, "GET", None, Some(cookie)).await.status, StatusCode::UNAUTHORIZED);
});

on_both_stores!(where_people_come_by_https_the_cookie_goes_over_nothing_else, TABLES, async |db: Db| {
    for (secure_cookies, clock) in [(false, "2026-03-01T00:00:00Z"), (true, "2026-03-01T00:01:00Z")] {
        let people = People { secure_cookies, ..People::default() };
        let app = app_with(&db, clock, people).await;
        let opened = ask(&app, "POST", Some(json!({"login": "li", "password": "correct horse"})), None).await;
        assert_eq!(opened.cookie.unwrap().ends_with("; Secure"), secure_cookies);
    }
});

on_both_stores!(wrong_words_are_refused_alike, TABLES, async |db: Db| {
    let app = app(&db, "2026-03-01T00:00:00Z").await;
    for (login, password) in [("li", "wrong horse"), ("nobody", "correct horse")] {
        let answer = ask(&app, "POST", Some(json!({"login": login, "password": password})), None).await;
        assert_eq!((answer.status, answer.body["code"].clone()), (StatusCode::UNAUTHORIZED, json!("sign-in-wrong")));
        assert!(answer.cookie.is_none());
    }
    assert_eq!(ask(&app, "GET", None, Some("huying_session=AAAA")).await.status, StatusCode::UNAUTHORIZED);
});

on_both_stores!(a_body_that_does_not_fit_names_its_field, TABLES, async |db: Db| {
    let app = app(&db, "2026-03-01T00:00:00Z").await;
    let missing = ask(&app, "POST", Some(json!({"login": "li"})), None).await;
    assert_eq!((missing.status, missing.body["field"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("password")));
    let wrong = ask(&app, "POST", Some(json!({"login": 7, "password": "x"})), None).await;
    assert_eq!((wrong.status, wrong.body["field"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("login")));
});

on_both_stores!(an_idle_session_ends, TABLES, async |db: Db| {
    let early = app(&db, "2026-03-01T00:00:00Z").await;
    let opened = ask(&early, "POST", Some(json!({"login": "li", "password": "correct horse"})), None).await;
    let cookie = opened.cookie.unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let soon = app(&db, "2026-03-01T00:29:00Z").await;
    assert_eq!(ask(&soon, "GET", None, Some(cookie)).await.status, StatusCode::OK);
    let late = app(&db, "2026-03-01T01:00:00Z").await;
    assert_eq!(ask(&late, "GET", None, Some(cookie)).await.status, StatusCode::UNAUTHORIZED);
});

on_both_stores!(an_account_is_locked_after_failures_for_a_while, TABLES, async |db: Db| {
    let early = app(&db, "2026-03-01T00:00:00Z").await;
    let right = json!({"login": "li", "password": "correct horse"});
    let wrong = json!({"login": "li", "password": "wrong horse"});
    for _ in 0..4 {
        ask(&early, "POST", Some(wrong.clone()), None).await;
    }
    let opened = ask(&early, "POST", Some(right.clone()), None).await;
    assert_eq!(opened.status, StatusCode::OK, "four failures lock nothing");
    let soon = app(&db, "2026-03-01T00:05:00Z").await;
    for _ in 0..5 {
        ask(&soon, "POST", Some(wrong.clone()), None).await;
    }
    let locked = ask(&soon, "POST", Some(right.clone()), None).await;
    assert_eq!((locked.status, locked.body["code"].clone()), (StatusCode::UNAUTHORIZED, json!("sign-in-locked")));
    let later = app(&db, "2026-03-01T00:36:00Z").await;
    assert_eq!(ask(&later, "POST", Some(right), None).await.status, StatusCode::OK, "and not for ever");
});

#[test]
fn a_short_password_is_refused() {
    assert!(Hashed::new("1234567", &mut Chance::seeded(1, "p")).is_err());
}

#[test]
fn every_code_has_a_text() {
    for code in [
        "internal",
        "body-invalid",
        "not-signed-in",
        "not-permitted",
        "sign-in-wrong",
        "sign-in-locked",
        "login-taken",
        "password-too-short",
        "outcome-unknown",
        "key-reused",
    ] {
        assert!(kernel::text::has(code), "{code}");
    }
}
