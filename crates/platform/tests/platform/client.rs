//! API clients: opened by the system administrator, limited to their scopes, known by a key that ends.

use axum::Router;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::{Db, on_both_stores};

use crate::world::{TABLES, World, ask};

async fn opened(app: &Router, cookie: &str, body: Value) -> (StatusCode, Value) {
    let answer = ask(app, "POST", "/clients", Some(body), &[("cookie", cookie)]).await;
    (answer.status, answer.body)
}

async fn who(app: &Router, key: &str) -> (StatusCode, Value) {
    let answer = ask(app, "GET", "/session", None, &[("authorization", &format!("Bearer {key}"))]).await;
    (answer.status, answer.body)
}

on_both_stores!(a_client_does_what_its_scopes_say_while_its_key_holds, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let system = world.sign_in(&app, "system").await;
    let body = json!({ "name": "hotline", "posts": ["dispatcher"], "scopes": ["case.read"], "days": 2 });
    let (status, client) = opened(&app, &system, body).await;
    assert_eq!(status, StatusCode::CREATED, "{client}");
    let key = client["key"].as_str().unwrap();
    assert!(key.starts_with("hyk_"));
    let (status, session) = who(&app, key).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(session["actions"], json!(["case.read"]), "the post also registers, the scope does not");
    assert_eq!(session["account"], json!(format!("client/{}", client["id"].as_str().unwrap())));
    // The list tells when it was used, and no key.
    let list = ask(&app, "GET", "/clients", None, &[("cookie", &system)]).await.body;
    assert_eq!(list[0]["used_at"], json!("2026-03-01T00:00:00Z"));
    assert!(!list.to_string().contains("hyk_"));
    // Another key replaces it.
    let path = format!("/clients/{}/key", client["id"].as_str().unwrap());
    let renewed = ask(&app, "POST", &path, Some(json!({ "days": 3 })), &[("cookie", &system)]).await;
    let next = renewed.body["key"].as_str().unwrap().to_owned();
    assert_eq!(who(&app, key).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(who(&app, &next).await.0, StatusCode::OK);
    assert_eq!(who(&world.at("2026-03-03T23:59:59Z"), &next).await.0, StatusCode::OK);
    assert_eq!(who(&world.at("2026-03-04T00:00:00Z"), &next).await.0, StatusCode::UNAUTHORIZED, "it has expired");
    // Closed for good.
    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    let close = async || ask(&app, "DELETE", &path, None, &[("cookie", &system)]).await;
    assert_eq!(close().await.status, StatusCode::NO_CONTENT);
    assert_eq!(who(&app, &next).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(close().await.code(), "client-closed");
});

on_both_stores!(a_client_is_refused_what_no_post_of_it_allows, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let system = world.sign_in(&app, "system").await;
    for (body, code, field) in [
        (
            json!({ "name": "x", "posts": ["dispatcher"], "scopes": ["case.sign"] }),
            "client-scope-beyond-posts",
            "scopes",
        ),
        (json!({ "name": "x", "posts": ["system"], "scopes": ["client.keep"] }), "client-scope-beyond-posts", "scopes"),
        (json!({ "name": "x", "posts": ["nowhere"], "scopes": ["case.read"] }), "post-unknown", "posts"),
        (json!({ "name": "x", "posts": [], "scopes": ["case.read"] }), "client-without-post", "posts"),
        (json!({ "name": "x", "posts": ["dispatcher"], "scopes": [] }), "client-without-scope", "scopes"),
        (json!({ "name": " ", "posts": ["dispatcher"], "scopes": ["case.read"] }), "client-name", "name"),
        (json!({ "name": "x", "posts": ["dispatcher"], "scopes": ["case.read"], "days": 0 }), "client-days", "days"),
        (json!({ "name": "x", "posts": ["dispatcher"], "scopes": ["case.read"], "days": 731 }), "client-days", "days"),
    ] {
        let (status, problem) = opened(&app, &system, body).await;
        let expected = (StatusCode::UNPROCESSABLE_ENTITY, json!(code), json!(field));
        assert_eq!((status, problem["code"].clone(), problem["field"].clone()), expected);
    }
    let dispatcher = world.sign_in(&app, "li").await;
    let body = json!({ "name": "x", "posts": ["dispatcher"], "scopes": ["case.read"] });
    assert_eq!(opened(&app, &dispatcher, body).await.0, StatusCode::FORBIDDEN);
    assert_eq!(who(&app, "hyk_nobody").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(who(&app, "").await.0, StatusCode::UNAUTHORIZED);
});
