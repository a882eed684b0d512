//! What the audit administrator reads, and nobody else.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::to_bytes;
use axum::http::{Request, StatusCode};
use journal::access::{Looker, Why, record};
use kernel::Actor;
use serde_json::{Value, json};
use store::{Db, on_both_stores};
use tower::ServiceExt;

use crate::world::{PASSWORD, TABLES, World, ask};

const PATHS: [&str; 7] = [
    "/audit/acts",
    "/audit/acts/export",
    "/audit/sign-ins",
    "/audit/sign-ins/export",
    "/audit/access",
    "/audit/access/export",
    "/audit/days",
];

async fn get(app: &Router, cookie: &str, path: &str) -> Value {
    let answer = ask(app, "GET", path, None, &[("cookie", cookie)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

/// The lines of a CSV.
async fn lines(app: &Router, cookie: &str, path: &str) -> Vec<String> {
    let request = Request::builder().uri(path).header("cookie", cookie).header("accept-language", "en");
    let response = app.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
}

/// Three looks at li's values, one of them kept from li.
async fn looks(world: &World) {
    for (at, post, withheld) in [
        ("2026-03-01T01:00:00Z", "dispatcher", None),
        ("2026-03-01T02:00:00Z", "deputy", None),
        ("2026-03-01T03:00:00Z", "dispatcher", Some("2027-01-01T00:00:00Z".parse().unwrap())),
    ] {
        let reason = Some("回访".to_owned());
        let why = Why { ground: "contact".into(), reason, withheld_until: withheld };
        let actor = Actor::Post { person: "id-system".into(), post: post.into() };
        let looker = Looker { actor, why, submission: world.state(at).edge.submission(None) };
        let fields = BTreeMap::from([("person/id-li".to_owned(), ["phone".to_owned()].into())]);
        record(&world.journal, looker, "case/1".into(), fields).await.unwrap();
    }
}

on_both_stores!(acts_of_administrators_are_listed_and_narrowed, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-02T00:00:00Z");
    let security = world.sign_in(&app, "security").await;
    for (method, path, body) in [
        ("POST", "/accounts/id-li/posts", Some(json!({ "post": "deputy", "until": "2026-04-01T00:00:00Z" }))),
        ("POST", "/accounts/id-li/unlocking", None),
    ] {
        let done = ask(&app, method, path, body, &[("cookie", &security)]).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    }
    let auditor = world.sign_in(&app, "auditor").await;
    let kinds = async |query: &str| {
        let body = get(&app, &auditor, &format!("/audit/acts{query}")).await;
        let acts = body["acts"].as_array().unwrap().clone();
        acts.iter().map(|act| act["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let opened = "account.opened";
    let all = ["account.unlocked", "account.post_assigned", opened, opened, opened, opened];
    assert_eq!(kinds("").await, all);
    assert_eq!(kinds("?by=id-security").await, all[..2]);
    assert_eq!(kinds("?by=id-sec").await, [""; 0], "whole identifiers");
    assert_eq!(kinds("?about=account/id-li").await, all[..3]);
    assert_eq!(kinds("?kind=account.unlocked").await, all[..1]);
    assert_eq!(kinds("?from=2026-03-02T00:00:00Z").await, all[..2]);
    assert_eq!(kinds("?until=2026-03-02T00:00:00Z").await, all[2..]);
    let assigned = get(&app, &auditor, "/audit/acts?kind=account.post_assigned").await["acts"][0].clone();
    assert_eq!(assigned["details"]["post"], json!("deputy"));
    assert_eq!(assigned["details"]["until"], json!("2026-04-01T00:00:00Z"));
    assert_eq!((assigned["by"]["login"].clone(), assigned["about_login"].clone()), (json!("security"), json!("li")));
    // Page by page, nothing twice and nothing left out.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&app, &auditor, &format!("/audit/acts?limit=4{cursor}")).await;
        seen.extend(page["acts"].as_array().unwrap().iter().map(|act| act["position"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
    let csv = lines(&app, &auditor, "/audit/acts/export?by=id-security").await;
    assert!(csv.len() == 3 && csv[1].contains("account.unlocked") && csv[2].contains("deputy"), "{csv:?}");
});

on_both_stores!(attempts_to_sign_in_are_listed_and_narrowed, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    for (login, password) in [("li", "wrong"), ("li", PASSWORD), ("system", PASSWORD), ("nobody", "wrong")] {
        ask(&app, "POST", "/session", Some(json!({ "login": login, "password": password })), &[]).await;
    }
    let later = world.at("2026-03-01T09:00:00Z");
    let auditor = world.sign_in(&later, "auditor").await;
    let count = async |query: &str| {
        get(&later, &auditor, &format!("/audit/sign-ins{query}")).await["sign_ins"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("?account=id-li").await, 2);
    assert_eq!(count("?account=id-li&succeeded=false").await, 1);
    assert_eq!(count("?from=2026-03-01T00:00:01Z").await, 1);
    assert_eq!(count("?until=2026-03-01T00:00:01Z&succeeded=true").await, 2);
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = get(&later, &auditor, &format!("/audit/sign-ins?limit=3{cursor}")).await;
        seen += page["sign_ins"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, 4);
    let csv = lines(&later, &auditor, "/audit/sign-ins/export").await;
    assert!(csv.len() == 5 && csv[1].starts_with("2026-03-01T09:00:00Z,auditor,"), "{csv:?}");
    let refused = ask(&later, "GET", "/audit/sign-ins?cursor=x", None, &[("cookie", &auditor)]).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "cursor-unknown"));
});

on_both_stores!(looks_are_listed_also_those_that_are_withheld, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    looks(&world).await;
    let app = world.at("2026-03-01T09:00:00Z");
    let (auditor, li) = (world.sign_in(&app, "auditor").await, world.sign_in(&app, "li").await);
    assert_eq!(get(&app, &li, "/me/access-log").await["looks"].as_array().unwrap().len(), 2, "one is withheld");
    let body = get(&app, &auditor, "/audit/access").await;
    let all = body["looks"].as_array().unwrap();
    assert_eq!(all.len(), 3);
    let newest = &all[0];
    assert_eq!((newest["at"].clone(), newest["of"].clone()), (json!("2026-03-01T03:00:00Z"), json!("person/id-li")));
    assert_eq!((newest["reason"].clone(), newest["by"]["login"].clone()), (json!("回访"), json!("system")));
    assert_eq!(newest["withheld_until"], json!("2027-01-01T00:00:00Z"));
    for (query, count) in [
        ("?of=person/id-li&limit=2", 2),
        ("?of=person/nobody", 0),
        ("?by=id-system&from=2026-03-01T02:00:00Z", 2),
        ("?until=2026-03-01T02:00:00Z", 1),
    ] {
        let found = get(&app, &auditor, &format!("/audit/access{query}")).await;
        assert_eq!(found["looks"].as_array().unwrap().len(), count, "{query}");
    }
    let csv = lines(&app, &auditor, "/audit/access/export").await;
    assert!(csv.len() == 4 && csv[1].contains("回访"), "{csv:?}");
});

on_both_stores!(each_day_is_counted, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    looks(&world).await;
    let early = world.at("2026-03-01T00:00:00Z");
    world.sign_in(&early, "li").await;
    ask(&early, "POST", "/session", Some(json!({ "login": "li", "password": "wrong" })), &[]).await;
    let app = world.at("2026-03-02T09:00:00Z");
    let auditor = world.sign_in(&app, "auditor").await;
    let days = get(&app, &auditor, "/audit/days?days=3").await;
    let day = |date: &str, signed_in: i64, failed: i64, acts: i64, looks: i64| json!({ "date": date, "signed_in": signed_in, "failed_to_sign_in": failed, "acts": acts, "looks": looks });
    assert_eq!(
        days,
        json!([day("2026-02-28", 0, 0, 0, 0), day("2026-03-01", 1, 1, 4, 3), day("2026-03-02", 1, 0, 0, 0)])
    );
    let refused = ask(&app, "GET", "/audit/days?days=367", None, &[("cookie", &auditor)]).await;
    assert_eq!((refused.code(), refused.body["field"].clone()), ("audit-days", json!("days")));
});

on_both_stores!(nobody_but_the_auditor_reads_it, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    for login in ["system", "security", "li"] {
        let cookie = world.sign_in(&app, login).await;
        for path in PATHS {
            let refused = ask(&app, "GET", path, None, &[("cookie", &cookie)]).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} by {login}");
        }
    }
});
