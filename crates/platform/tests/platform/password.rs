//! One's own password and sessions.

use axum::Router;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::{Db, on_both_stores};

use crate::world::{Answer, PASSWORD, TABLES, World, ask};

async fn change(app: &Router, cookie: &str, current: &str, next: &str) -> Answer {
    let body = json!({ "current": current, "password": next });
    ask(app, "POST", "/me/password", Some(body), &[("cookie", cookie)]).await
}

async fn sessions(app: &Router, cookie: &str) -> Vec<Value> {
    let answer = ask(app, "GET", "/me/sessions", None, &[("cookie", cookie)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body.as_array().unwrap().clone()
}

async fn session(app: &Router, cookie: &str) -> Answer {
    ask(app, "GET", "/session", None, &[("cookie", cookie)]).await
}

async fn enter(app: &Router, password: &str) -> Answer {
    ask(app, "POST", "/session", Some(json!({ "login": "li", "password": password })), &[]).await
}

on_both_stores!(a_password_is_changed_and_other_sessions_end, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let (here, elsewhere) = (world.sign_in(&app, "li").await, world.sign_in(&app, "li").await);
    let changed = change(&app, &here, PASSWORD, "Another-Horse-2").await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    assert_eq!(session(&app, &here).await.status, StatusCode::OK);
    assert_eq!(session(&app, &elsewhere).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(enter(&app, PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(enter(&app, "Another-Horse-2").await.status, StatusCode::OK);
    let facts = journal::tail::stream(&mut &db, "account/id-li").await.unwrap();
    assert_eq!(facts.last().unwrap().kind, "account.password_changed");
});

on_both_stores!(a_password_that_is_not_as_the_rules_want_it_is_refused, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let cookie = world.sign_in(&app, "li").await;
    for (current, next, code, field) in [
        ("wrong", "Another-Horse-2", "password-wrong", "current"),
        (PASSWORD, "Horse-2", "password-too-short", "password"),
        (PASSWORD, "anotherhorse", "password-too-plain", "password"),
        (PASSWORD, PASSWORD, "password-former", "password"),
    ] {
        let refused = change(&app, &cookie, current, next).await;
        let seen = (refused.status, refused.code(), refused.body["field"].as_str().unwrap());
        assert_eq!(seen, (StatusCode::UNPROCESSABLE_ENTITY, code, field));
        assert!(kernel::text::has(code));
    }
    let security = world.sign_in(&app, "security").await;
    let named = change(&app, &security, PASSWORD, "My-Security-1").await;
    assert_eq!(named.code(), "password-holds-login");
});

on_both_stores!(the_last_passwords_do_not_come_back, TABLES, async |db: Db| {
    let mut world = World::new(&db).await;
    world.people.password_former = 3;
    let app = |day: u32| world.at(&format!("2026-03-{day:02}T00:00:00Z"));
    let words = [PASSWORD, "Another-Horse-2", "Another-Horse-3", "Another-Horse-4"];
    for (day, pair) in (1..).zip(words.windows(2)) {
        let app = app(day);
        let cookie = enter(&app, pair[0]).await.cookie.unwrap();
        assert_eq!(change(&app, &cookie, pair[0], pair[1]).await.status, StatusCode::NO_CONTENT, "{}", pair[1]);
    }
    let app = app(9);
    let cookie = enter(&app, words[3]).await.cookie.unwrap();
    assert_eq!(change(&app, &cookie, words[3], words[1]).await.code(), "password-former");
    assert_eq!(change(&app, &cookie, words[3], words[0]).await.status, StatusCode::NO_CONTENT, "three changes ago");
});

on_both_stores!(wrong_guesses_at_ones_password_lock_the_account, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let cookie = world.sign_in(&app, "li").await;
    let later = world.at("2026-03-01T00:01:00Z");
    for _ in 0..5 {
        assert_eq!(change(&later, &cookie, "guess", "Another-Horse-2").await.code(), "password-wrong");
    }
    let locked = change(&later, &cookie, PASSWORD, "Another-Horse-2").await;
    assert_eq!((locked.status, locked.code()), (StatusCode::FORBIDDEN, "sign-in-locked"));
    assert_eq!(enter(&later, PASSWORD).await.code(), "sign-in-locked");
});

on_both_stores!(a_password_that_is_too_old_opens_nothing_but_its_change, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let young = world.at("2026-05-29T23:59:59Z");
    let who = session(&young, &world.sign_in(&young, "li").await).await.body;
    let told = (who["must_change_password"].clone(), who["password_ends_at"].clone());
    assert_eq!(told, (json!(false), json!("2026-05-30T00:00:00Z")));
    let app = world.at("2026-05-30T00:00:00Z");
    let entered = enter(&app, PASSWORD).await;
    assert_eq!((entered.status, entered.body["must_change_password"].clone()), (StatusCode::OK, json!(true)));
    let cookie = entered.cookie.unwrap();
    for path in ["/me/sessions", "/me/sign-ins", "/me/access-log", "/clients"] {
        let refused = ask(&app, "GET", path, None, &[("cookie", &cookie)]).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "password-must-change"), "{path}");
    }
    assert_eq!(session(&app, &cookie).await.body["must_change_password"], json!(true));
    assert_eq!(change(&app, &cookie, PASSWORD, "Another-Horse-2").await.status, StatusCode::NO_CONTENT);
    assert_eq!(sessions(&app, &cookie).await.len(), 1);
    assert_eq!(session(&app, &cookie).await.body["must_change_password"], json!(false));
});

on_both_stores!(sessions_are_listed_and_ended_by_their_owner, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let early = world.at("2026-03-01T00:00:00Z");
    let old = world.sign_in(&early, "li").await;
    let app = world.at("2026-03-01T00:10:00Z");
    let (here, other) = (world.sign_in(&app, "li").await, world.sign_in(&app, "system").await);
    let list = sessions(&app, &here).await;
    assert_eq!(list.len(), 2, "and none of another's: {list:?}");
    assert_eq!((list[0]["current"].clone(), list[1]["current"].clone()), (json!(true), json!(false)));
    assert_eq!(list[1]["opened_at"], json!("2026-03-01T00:00:00Z"));
    let path = format!("/me/sessions/{}", list[1]["id"].as_str().unwrap());
    let by_another = ask(&app, "DELETE", &path, None, &[("cookie", &other)]).await;
    assert_eq!((by_another.status, by_another.code()), (StatusCode::NOT_FOUND, "session-unknown"));
    let ended = ask(&app, "DELETE", &path, None, &[("cookie", &here)]).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(session(&app, &old).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sessions(&app, &here).await.len(), 1);
});
