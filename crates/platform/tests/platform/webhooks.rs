//! Webhooks: told of what their posts may read, signed; dead where they do not answer, and sent again.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use platform::notice::{MOST_TRIES, signature};
use platform::sms::KeptSms;
use serde_json::{Value, json};
use store::{Db, on_both_stores};

use crate::deliveries::Post;
use crate::notices::{TABLES, sign_in};

/// What came in, and the statuses to answer with before 204.
#[derive(Clone, Default)]
struct Receiver {
    came: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

async fn serve(receiver: Receiver) -> String {
    let take = async |State(receiver): State<Receiver>, headers: HeaderMap, body: String| {
        receiver.came.lock().unwrap().push((headers, body));
        let status = receiver.answers.lock().unwrap().pop().unwrap_or(204);
        (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")])
    };
    let elsewhere = async || -> StatusCode { panic!("a redirection was followed") };
    let app = Router::new().route("/hook", post(take)).route("/elsewhere", post(elsewhere).get(elsewhere));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app.with_state(receiver)).await });
    format!("http://{address}/hook")
}

async fn systems_are_told_of_what_their_posts_may_read(db: Db) {
    let mut post = Post::new(&db, "", "2026-03-02T02:00:00Z").await;
    let cookie = sign_in(&post.platform, "desk1").await;
    let receiver = Receiver::default();
    let address = serve(receiver.clone()).await;
    let hook = json!({ "address": address, "kinds": ["account.*"], "posts": ["S1.desk"] });
    let (status, opened) = post.ask(&cookie, "POST", "/webhooks", Some(hook)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    let secret = opened["secret"].as_str().unwrap();
    let (_, listed) = post.ask(&cookie, "GET", "/webhooks", None).await;
    assert_eq!(listed["webhooks"][0]["host"], "127.0.0.1");
    assert!(!listed.to_string().contains(secret) && !listed.to_string().contains("/hook"));

    let sender = post.sender(Arc::new(KeptSms::default()));
    post.happen("a", "S1.none").await;
    post.happen("b", "S2.none").await;
    post.happen("c", "X1.none").await;
    assert_eq!(sender.step().await.unwrap(), 1, "neither of another street, nor of what is confidential");
    let (headers, body) = receiver.came.lock().unwrap()[0].clone();
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(headers["content-type"], "application/cloudevents+json; charset=utf-8");
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "huying.account.opened");
    assert_eq!(event["source"], "urn:huying:district:999901");
    assert_eq!(event["subject"], "account/a");
    assert_eq!(event["time"], "2026-03-02T02:00:00Z");
    assert_eq!(event["data"]["posts"], json!(["S1.none"]));
    let id = headers["webhook-id"].to_str().unwrap();
    let at: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    assert_eq!(headers["webhook-signature"], signature(secret, id, at, &body));

    // It answers in vain, then not at all well, until it is given up; then it is replayed.
    let told = receiver.came.lock().unwrap().len();
    receiver.answers.lock().unwrap().extend(vec![307; MOST_TRIES as usize]);
    post.happen("d", "S1.none").await;
    while post.listed(&cookie, "dead").await.is_empty() {
        sender.step().await.unwrap();
        post.clock.forward(6 * 3600);
        assert!(receiver.came.lock().unwrap().len() < told + 99);
    }
    let came = receiver.came.lock().unwrap().clone();
    assert_eq!(came.len() as i64, told as i64 + MOST_TRIES);
    let dead = post.listed(&cookie, "dead").await;
    assert_eq!(dead[0]["failure"], "http-307");
    let path = format!("/deliveries/{}/replay", dead[0]["id"].as_str().unwrap());
    assert_eq!(post.ask(&cookie, "POST", &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(sender.step().await.unwrap(), 1);
    assert_eq!(post.listed(&cookie, "dead").await.len(), 0);
    let last = receiver.came.lock().unwrap().last().unwrap().clone();
    assert_eq!(last.0["webhook-id"], came.last().unwrap().0["webhook-id"], "the same message has the same id");

    // A closed one is told nothing, not even of what waits.
    post.happen("e", "S1.none").await;
    let id = opened["id"].as_str().unwrap();
    assert_eq!(post.ask(&cookie, "DELETE", &format!("/webhooks/{id}"), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(post.ask(&cookie, "DELETE", &format!("/webhooks/{id}"), None).await.0, StatusCode::NOT_FOUND);
    post.happen("f", "S1.none").await;
    let told = receiver.came.lock().unwrap().len();
    assert_eq!(sender.step().await.unwrap(), 1);
    assert_eq!(receiver.came.lock().unwrap().len(), told);
    assert_eq!(post.listed(&cookie, "dead").await[0]["failure"], "webhook-closed");
}

async fn a_wrong_webhook_is_refused_by_its_field(db: Db) {
    let post = Post::new(&db, "", "2026-03-02T02:00:00Z").await;
    let cookie = sign_in(&post.platform, "desk1").await;
    let good = json!({ "address": "http://127.0.0.1:9/", "kinds": ["account.opened"], "posts": ["S1.desk"] });
    assert_eq!(post.ask("", "POST", "/webhooks", Some(good.clone())).await.0, StatusCode::UNAUTHORIZED);
    for (field, value, code) in [
        ("address", json!("ftp://example.org/"), "webhook-address"),
        ("address", json!("http://1.1.1.1/"), "webhook-address-not-encrypted"),
        ("address", json!("https://10.0.0.1/"), "webhook-address-not-permitted"),
        ("address", json!("https://[::ffff:169.254.169.254]/"), "webhook-address-not-permitted"),
        ("kinds", json!([]), "webhook-kinds"),
        ("kinds", json!(["account.x"]), "webhook-kind-unknown"),
        ("posts", json!([]), "webhook-posts"),
        ("posts", json!(["nobody"]), "webhook-post-unknown"),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let (status, refused) = post.ask(&cookie, "POST", "/webhooks", Some(wrong)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!((&refused["field"], &refused["code"]), (&json!(field), &json!(code)));
    }
}

on_both_stores!(told_of_what_posts_may_read, &TABLES.concat(), super::systems_are_told_of_what_their_posts_may_read);
on_both_stores!(refused_by_its_field, &TABLES.concat(), super::a_wrong_webhook_is_refused_by_its_field);
