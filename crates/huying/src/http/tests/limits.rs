//! Who asks too often waits; where there is no room for a read, a write still is.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use platform::limit::{LimitRules, Rate};
use serde_json::{Value, json};
use store::testing::{Fresh, quick};
use tower::ServiceExt;

use super::world::{Ask, World};
use crate::open::migrations;

const DISPATCHER: &str = "S1.dispatcher";

fn rate(burst: u32) -> Rate {
    Rate { burst: NonZeroU32::new(burst).unwrap(), per_minute: NonZeroU32::new(1).unwrap() }
}

async fn refused(answer: Response<Body>, status: StatusCode, code: &str, seconds: &str) {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["retry-after"], seconds);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let body: Value = serde_json::from_slice(&to_bytes(answer.into_body(), 1 << 16).await.unwrap()).unwrap();
    assert_eq!(body["code"], code, "{body}");
}

#[tokio::test]
async fn an_account_and_a_client_that_ask_too_often_wait() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let rules = LimitRules { read: rate(2), write: rate(3), export: rate(1), ..LimitRules::default() };
    let world = World::limited(&fresh.db, rules).await;
    let cookie = world.cookie(DISPATCHER).await;
    let get = async |path: &str, cookie: &str| world.respond("get", &Ask::path(path), Some(cookie)).await;
    for path in ["/session", "/cases"] {
        assert_eq!(get(path, &cookie).await.status(), StatusCode::OK);
    }
    refused(get("/cases", &cookie).await, StatusCode::TOO_MANY_REQUESTS, "too-often", "60").await;
    // Counted apart: files of lists, writes, and every other account.
    assert_eq!(get("/cases/export", &cookie).await.status(), StatusCode::OK);
    refused(get("/cases/export", &cookie).await, StatusCode::TOO_MANY_REQUESTS, "too-often", "60").await;
    let again = world.sign_in(DISPATCHER).await;
    refused(get("/cases", &again).await, StatusCode::TOO_MANY_REQUESTS, "too-often", "60").await;
    assert_eq!(get("/cases", &world.cookie("S1.leader").await).await.status(), StatusCode::OK);
    world.case().await;

    let body = json!({ "name": "app", "posts": [DISPATCHER], "scopes": ["case.register"] });
    let client = world.done("G.system", "post", Ask::path("/clients").body(body)).await;
    let key = client["key"].as_str().unwrap();
    let form = format!("api_key={key}&service_code=garbage&lat=30.002&long=120.002").into_bytes();
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    let hand_in = Ask { raw: Some(form), headers, ..Ask::path("/open311/v2/requests.json") };
    for status in [200, 200, 200, 429] {
        let answer = world.ask("post", &hand_in, None).await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert_eq!(answer.body[0]["code"].as_i64(), Some(429).filter(|_| status == 429), "{answer:?}");
    }
    fresh.finish().await;
}

#[tokio::test]
async fn an_address_that_guesses_passwords_waits() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let world = World::limited(&fresh.db, LimitRules { sign_in: rate(2), ..LimitRules::default() }).await;
    let guess = async |address: [u8; 4]| {
        let request = Request::post("/api/v1/session").header("content-type", "application/json");
        let request = request.extension(ConnectInfo(SocketAddr::from((address, 40_000))));
        let body = json!({ "login": "wang", "password": "Guess-Guess-1" }).to_string();
        world.app().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    };
    for _ in 0..2 {
        assert_eq!(guess([192, 0, 2, 1]).await.status(), StatusCode::UNAUTHORIZED);
    }
    refused(guess([192, 0, 2, 1]).await, StatusCode::TOO_MANY_REQUESTS, "too-often", "60").await;
    assert_eq!(guess([192, 0, 2, 2]).await.status(), StatusCode::UNAUTHORIZED);
    fresh.finish().await;
}

#[tokio::test]
async fn reads_are_turned_away_before_writes() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let rules = LimitRules { reads_at_once: NonZeroU32::MIN, ..LimitRules::default() };
    let world = World::limited(&fresh.db, rules).await;
    let cookie = world.cookie(DISPATCHER).await;
    let read = async |path: &str| world.respond("get", &Ask::path(path), Some(&cookie)).await;
    let listening = read("/live").await;
    assert_eq!(listening.status(), StatusCode::OK);
    // Under way until its body has been sent.
    let first = read("/matters").await;
    assert_eq!(first.status(), StatusCode::OK);
    refused(read("/cases").await, StatusCode::SERVICE_UNAVAILABLE, "overloaded", "1").await;
    let open311 = world.ask("get", &Ask::path("/open311/v2/services.json"), None).await;
    assert_eq!((open311.status.as_u16(), open311.body[0]["code"].as_i64()), (503, Some(503)), "{open311:?}");
    world.case().await;
    to_bytes(first.into_body(), 1 << 20).await.unwrap();
    assert_eq!(read("/cases").await.status(), StatusCode::OK);
    fresh.finish().await;
}
