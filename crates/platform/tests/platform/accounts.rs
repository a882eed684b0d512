//! Accounts are opened, activated, given posts, unlocked, reset and disabled, each by the administrator whose act it is.

use axum::Router;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::{Db, on_both_stores};

use crate::world::{Answer, PASSWORD, TABLES, World, ask};

const NEW: &str = "Brand-New-Horse-7";

async fn by(app: &Router, cookie: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    ask(app, method, path, body, &[("cookie", cookie)]).await
}

async fn done(app: &Router, cookie: &str, method: &str, path: &str, body: Option<Value>) -> Value {
    let answer = by(app, cookie, method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {}", answer.body);
    answer.body
}

async fn enter(app: &Router, login: &str, password: &str) -> Answer {
    ask(app, "POST", "/session", Some(json!({ "login": login, "password": password })), &[]).await
}

async fn activate(app: &Router, login: &str, code: &str, password: &str) -> Answer {
    let body = json!({ "login": login, "code": code, "password": password });
    ask(app, "POST", "/activation", Some(body), &[]).await
}

/// Identifier and code of a new account.
async fn opened(world: &World, app: &Router, login: &str) -> (String, String) {
    let system = world.sign_in(app, "system").await;
    let body = done(app, &system, "POST", "/accounts", Some(json!({ "login": login, "name": "王芳" }))).await;
    (body["id"].as_str().unwrap().to_owned(), body["code"].as_str().unwrap().to_owned())
}

async fn actions(app: &Router, cookie: &str) -> Value {
    by(app, cookie, "GET", "/session", None).await.body["actions"].clone()
}

on_both_stores!(an_account_is_opened_and_its_owner_sets_the_password, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (id, code) = opened(&world, &app, "wang.fang").await;
    assert_eq!(enter(&app, "wang.fang", "").await.code(), "sign-in-wrong", "there is no password yet");
    assert_eq!(activate(&app, "wang.fang", &code, "short").await.code(), "password-too-short");
    assert_eq!(activate(&app, "wang.fang", "7K2M-9QX4-A0BT-WZ31", NEW).await.code(), "activation-wrong");
    assert_eq!(activate(&app, "nobody", &code, NEW).await.code(), "activation-wrong");
    let set = activate(&app, "wang.fang", &code.to_lowercase(), NEW).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.body);
    assert_eq!(activate(&app, "wang.fang", &code, "Another-Horse-8").await.code(), "activation-wrong", "it is used");
    let entered = enter(&app, "wang.fang", NEW).await;
    assert_eq!((entered.status, entered.body["posts"].clone()), (StatusCode::OK, json!([])));
    // Neither name nor login nor code stands in a fact.
    let facts = journal::tail::stream(&mut &db, &format!("account/{id}")).await.unwrap();
    let kinds: Vec<&str> = facts.iter().map(|fact| fact.kind.as_str()).collect();
    assert_eq!(kinds, ["account.opened", "account.activated"]);
    for fact in &facts {
        let body = String::from_utf8_lossy(&fact.body);
        assert!(!body.contains("王") && !body.contains("wang") && !body.contains(&code), "{body}");
    }
});

on_both_stores!(a_code_of_activation_ends, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (_, code) = opened(&world, &app, "wang.fang").await;
    let late = world.at("2026-03-04T00:00:00Z");
    assert_eq!(activate(&late, "wang.fang", &code, NEW).await.code(), "activation-wrong");
    let just = world.at("2026-03-03T23:59:59Z");
    assert_eq!(activate(&just, "wang.fang", &code, NEW).await.status, StatusCode::NO_CONTENT);
});

on_both_stores!(guesses_at_a_code_lock_the_account, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (id, code) = opened(&world, &app, "wang.fang").await;
    for _ in 0..5 {
        assert_eq!(activate(&app, "wang.fang", "0000-0000-0000-0000", NEW).await.code(), "activation-wrong");
    }
    assert_eq!(activate(&app, "wang.fang", &code, NEW).await.code(), "sign-in-locked");
    let later = world.at("2026-03-01T00:01:00Z");
    let security = world.sign_in(&later, "security").await;
    let path = format!("/accounts/{id}");
    assert_eq!(done(&later, &security, "GET", &path, None).await["locked"], json!(true));
    done(&later, &security, "POST", &format!("{path}/unlocking"), None).await;
    assert_eq!(done(&later, &security, "GET", &path, None).await["locked"], json!(false));
    assert_eq!(activate(&later, "wang.fang", &code, NEW).await.status, StatusCode::NO_CONTENT);
});

on_both_stores!(what_is_not_well_formed_or_taken_opens_nothing, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let system = world.sign_in(&app, "system").await;
    for (body, code, field) in [
        (json!({ "login": "Wang", "name": "王芳" }), "login-form", "login"),
        (json!({ "login": "wang", "name": " " }), "person-name", "name"),
        (json!({ "login": "li", "name": "李强" }), "login-taken", "login"),
        (json!({ "login": "wang" }), "body-invalid", "name"),
    ] {
        let refused = by(&app, &system, "POST", "/accounts", Some(body)).await;
        assert_eq!((refused.code(), refused.body["field"].as_str().unwrap()), (code, field));
    }
});

on_both_stores!(a_post_is_held_while_it_is_valid_without_signing_in_anew, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (id, code) = opened(&world, &app, "wang.fang").await;
    assert_eq!(activate(&app, "wang.fang", &code, NEW).await.status, StatusCode::NO_CONTENT);
    let cookie = enter(&app, "wang.fang", NEW).await.cookie.unwrap();
    let security = world.sign_in(&app, "security").await;
    let posts = format!("/accounts/{id}/posts");
    let (from, until) = ("2026-03-01T00:10:00Z", "2026-03-01T00:20:00Z");
    let deputy = json!({ "post": "dispatcher", "from": from, "until": until, "stands_in_for": "id-li" });
    done(&app, &security, "POST", &posts, Some(deputy)).await;
    let at = async |clock: &str| actions(&world.at(clock), &cookie).await;
    assert_eq!(at("2026-03-01T00:09:59Z").await, json!([]));
    assert_eq!(at(from).await, json!(["case.read", "case.register"]));
    assert_eq!(at("2026-03-01T00:19:59Z").await, json!(["case.read", "case.register"]));
    assert_eq!(at(until).await, json!([]));
    let seen = done(&app, &security, "GET", &format!("/accounts/{id}"), None).await;
    let holding = json!({ "post": "dispatcher", "name_zh": "dispatcher岗", "name_en": "Post dispatcher", "from": from,
        "until": until, "stands_in_for": "id-li", "valid": false });
    assert_eq!(seen["posts"], json!([holding]));
    // For good, and withdrawn again.
    done(&app, &security, "POST", &posts, Some(json!({ "post": "dispatcher" }))).await;
    assert_eq!(actions(&app, &cookie).await, json!(["case.read", "case.register"]));
    done(&app, &security, "DELETE", &format!("{posts}/dispatcher"), None).await;
    assert_eq!(actions(&app, &cookie).await, json!([]));
    let kinds = journal::tail::stream(&mut &db, &format!("account/{id}")).await.unwrap();
    let last: Vec<&str> = kinds.iter().rev().take(2).map(|fact| fact.kind.as_str()).collect();
    assert_eq!(last, ["account.post_withdrawn", "account.post_assigned"]);
});

on_both_stores!(an_assignment_against_the_rules_is_refused_with_its_field, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let security = world.sign_in(&app, "security").await;
    for (account, body, code) in [
        ("id-li", json!({ "post": "auditor" }), "posts-of-administration-and-work"),
        ("id-system", json!({ "post": "auditor" }), "posts-of-two-administrations"),
        ("id-security", json!({ "post": "dispatcher" }), "account-own"),
        ("id-li", json!({ "post": "nowhere" }), "post-unknown"),
        ("id-li", json!({ "post": "deputy", "until": "2026-03-01T00:00:00Z" }), "holding-interval"),
        ("id-li", json!({ "post": "deputy", "stands_in_for": "id-auditor" }), "stand-in-without-end"),
        (
            "id-li",
            json!({ "post": "deputy", "stands_in_for": "id-auditor", "until": "2026-04-01T00:00:00Z" }),
            "stand-in-for-nobody",
        ),
        ("nobody", json!({ "post": "deputy" }), "account-unknown"),
    ] {
        let refused = by(&app, &security, "POST", &format!("/accounts/{account}/posts"), Some(body)).await;
        assert_eq!(refused.code(), code, "{account}: {}", refused.body);
        assert!(kernel::text::has(code));
    }
    let absent = by(&app, &security, "DELETE", "/accounts/id-li/posts/deputy", None).await;
    assert_eq!((absent.status, absent.code()), (StatusCode::NOT_FOUND, "post-not-held"));
});

on_both_stores!(a_reset_takes_the_password_and_the_sessions, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (cookie, security) = (world.sign_in(&app, "li").await, world.sign_in(&app, "security").await);
    let reset = done(&app, &security, "POST", "/accounts/id-li/activation", None).await;
    assert_eq!(by(&app, &cookie, "GET", "/session", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(enter(&app, "li", PASSWORD).await.code(), "sign-in-wrong");
    let code = reset["code"].as_str().unwrap();
    assert_eq!(activate(&app, "li", code, PASSWORD).await.code(), "password-former", "the old one does not come back");
    assert_eq!(activate(&app, "li", code, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(enter(&app, "li", NEW).await.status, StatusCode::OK);
    let other = by(&app, &security, "POST", "/accounts/id-system/activation", None).await;
    assert_eq!((other.status, other.code()), (StatusCode::FORBIDDEN, "account-administers"));
});

on_both_stores!(a_disabled_account_opens_nothing_until_it_is_enabled, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (cookie, system) = (world.sign_in(&app, "li").await, world.sign_in(&app, "system").await);
    done(&app, &system, "POST", "/accounts/id-li/disabling", None).await;
    assert_eq!(by(&app, &cookie, "GET", "/session", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(enter(&app, "li", PASSWORD).await.code(), "sign-in-wrong");
    assert_eq!(by(&app, &system, "POST", "/accounts/id-li/disabling", None).await.code(), "account-disabled");
    assert_eq!(by(&app, &system, "POST", "/accounts/id-system/disabling", None).await.code(), "account-own");
    done(&app, &system, "DELETE", "/accounts/id-li/disabling", None).await;
    assert_eq!(by(&app, &cookie, "GET", "/session", None).await.status, StatusCode::UNAUTHORIZED, "it has ended");
    assert_eq!(enter(&app, "li", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(by(&app, &system, "DELETE", "/accounts/id-li/disabling", None).await.code(), "account-not-disabled");
});

on_both_stores!(accounts_are_listed_by_login_post_and_state, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    opened(&world, &app, "wang.fang").await;
    let auditor = world.sign_in(&app, "auditor").await;
    let logins = async |query: &str| {
        let body = done(&app, &auditor, "GET", &format!("/accounts{query}"), None).await;
        let all = body["accounts"].as_array().unwrap().clone();
        all.iter().map(|one| one["login"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(logins("").await, ["auditor", "li", "security", "system", "wang.fang"]);
    assert_eq!(logins("?login=S").await, ["security", "system"]);
    assert_eq!(logins("?login=_").await, [""; 0], "no pattern");
    assert_eq!(logins("?post=dispatcher").await, ["li"]);
    assert_eq!(logins("?state=waiting").await, ["wang.fang"]);
    let first = done(&app, &auditor, "GET", "/accounts?limit=4", None).await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(logins(&format!("?limit=4&cursor={next}")).await, ["wang.fang"]);
    let wang = done(&app, &auditor, "GET", "/accounts?login=wang", None).await["accounts"][0].clone();
    assert_eq!((wang["name_hint"].clone(), wang["state"].clone()), (json!("王**"), json!("waiting")));
    assert_eq!(wang["code_ends_at"], json!("2026-03-04T00:00:00Z"));
    let known = done(&app, &auditor, "GET", "/accounts?login=auditor", None).await["accounts"][0].clone();
    assert_eq!(
        (known["signed_in_at"].clone(), known["name_hint"].clone()),
        (json!("2026-03-01T00:00:00Z"), Value::Null)
    );
});

on_both_stores!(each_act_is_one_administrators_and_no_others, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let mut cookies = Vec::new();
    for login in ["system", "security", "auditor", "li"] {
        cookies.push((login, world.sign_in(&app, login).await));
    }
    for (whose, method, path, body) in [
        ("system", "POST", "/accounts", Some(json!({ "login": "x.y", "name": "某" }))),
        ("security", "POST", "/accounts/id-li/posts", Some(json!({ "post": "deputy" }))),
        ("security", "DELETE", "/accounts/id-li/posts/deputy", None),
        ("security", "POST", "/accounts/id-li/unlocking", None),
        ("system", "POST", "/accounts/id-li/disabling", None),
        ("system", "DELETE", "/accounts/id-li/disabling", None),
        ("security", "POST", "/accounts/id-li/activation", None),
    ] {
        for (login, cookie) in cookies.iter().filter(|(login, _)| *login != whose && *login != "li") {
            let refused = by(&app, cookie, method, path, body.clone()).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path} by {login}");
        }
        let (_, cookie) = cookies.iter().find(|(login, _)| *login == whose).unwrap();
        done(&app, cookie, method, path, body).await;
    }
});
