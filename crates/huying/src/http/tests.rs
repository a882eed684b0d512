//! Every endpoint refuses who may not call it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use casework::Casework;
use district::{PostBook, Profile};
use journal::{MasterKey, WriterOptions};
use kernel::{Actor, Chance, Instant};
use platform::account::{Hashed, OpenAccount};
use platform::{Edge, PlatformState};
use serde_json::{Value, json};
use store::Db;
use store::testing::{Fresh, quick};
use tower::ServiceExt;

use super::openapi;
use crate::open::migrations;

/// Operations that anyone may call, each with its reason.
const OPEN: &[(&str, &str, &str)] = &[
    ("/session", "post", "signing in"),
    ("/district", "get", "the first page is drawn before anyone signs in"),
    ("/demo/people", "get", "a demonstration says whom one can sign in as; elsewhere there is nobody"),
];

/// Operations that need a session but no action: they show what the profile publishes, or the caller itself.
const ANY_POST: &[(&str, &str)] = &[
    ("/session", "get"),
    ("/session", "delete"),
    ("/areas", "get"),
    ("/place", "get"),
    ("/matters", "get"),
    ("/organizations", "get"),
    ("/me/access-log", "get"),
];

async fn app(db: &Db) -> (Router, Value) {
    let profile = Arc::new(Profile::load("../../profiles/tiny".as_ref()).unwrap());
    let now: Instant = "2026-03-02T02:00:00Z".parse().unwrap();
    let edge = Edge::new(move || now, Chance::seeded(1, "edge"));
    let journal = journal::Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
    let password = Hashed::new("correct horse", &mut Chance::seeded(1, "password")).unwrap();
    let nobody = OpenAccount {
        id: "nobody".into(),
        login: "nobody".into(),
        password,
        posts: Vec::new(),
        actor: Actor::system("test"),
    };
    journal.submit(nobody, edge.submission(None)).await.unwrap();
    let casework = Casework::new(journal.clone(), casework::rulebook(&profile).unwrap());
    let posts = Arc::new(PostBook { profile: profile.clone(), edge: edge.clone() });
    let platform = PlatformState { journal, edge, posts, secure_cookies: false };
    let (router, document) = openapi::api(platform, profile, casework, Arc::new([]));
    (router, serde_json::from_str(&document).unwrap())
}

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, methods): (&String, &Value)| {
        let methods: Vec<String> = methods.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| (path.clone(), method)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

async fn ask(
    app: &Router,
    path: &str,
    method: &str,
    cookie: Option<&str>,
    body: Value,
) -> (StatusCode, Option<String>) {
    let path = path.replace("{id}", "00000000-0000-4000-8000-000000000000");
    let query = if path == "/place" { "?longitude=120&latitude=30" } else { "" };
    let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(format!("{path}{query}"));
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let response = app.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, cookie)
}

async fn check(db: Db) {
    let (app, document) = app(&db).await;
    let operations = operations(&document);
    assert!(operations.len() > 8, "{operations:?}");
    for (path, method) in &operations {
        let (status, _) = ask(&app, path, method, None, json!({})).await;
        if OPEN.iter().any(|(open, by, _)| open == path && by == method) {
            assert_ne!(status, StatusCode::UNAUTHORIZED, "{method} {path} is open");
        } else {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
    let credentials = json!({"login": "nobody", "password": "correct horse"});
    let (status, cookie) = ask(&app, "/session", "post", None, credentials).await;
    assert_eq!(status, StatusCode::OK);
    let cookie = cookie.unwrap();
    let cookie = cookie.split(';').next();
    // Signing out would end the session the others are tried with.
    for (path, method) in operations.iter().filter(|(_, method)| method != "delete") {
        let public = OPEN.iter().any(|(open, by, _)| open == path && by == method);
        if public || ANY_POST.iter().any(|(any, by)| any == path && by == method) {
            continue;
        }
        let report = json!({"words": "x", "kind": "event"});
        let (status, _) = ask(&app, path, method, cookie, report).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} without a post");
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_session_or_a_post_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    check(fresh.db.clone()).await;
    fresh.finish().await;
}

#[tokio::test]
async fn nobody_gets_in_without_a_session_or_a_post_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        check(fresh.db.clone()).await;
        fresh.finish().await;
    }
}

/// The document the pages' client is made from is the one the handlers describe. `HUYING_WRITE_OPENAPI=1` writes it anew.
#[tokio::test]
async fn the_committed_document_is_fresh() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let (_, document) = app(&fresh.db).await;
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let file = "../../web/packages/api/openapi.json";
    if std::env::var("HUYING_WRITE_OPENAPI").is_ok() {
        std::fs::write(file, &text).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap_or_default() == text, "web/packages/api/openapi.json is stale");
    fresh.finish().await;
}
