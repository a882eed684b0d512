//! The second factor: enrolled by a code, asked for at sign-in, each code good for once on any node, reset by the one who may.

use axum::Router;
use axum::http::StatusCode;
use journal::tail;
use kernel::Instant;
use platform::factor::FactorSecret;
use serde_json::{Value, json};
use store::{Db, on_both_stores};

use crate::world::{Answer, PASSWORD, TABLES, World, ask};

const BEGIN: &str = "2026-03-01T00:00:00Z";

fn code(secret: &FactorSecret, clock: &str) -> String {
    secret.code_at(clock.parse::<Instant>().unwrap())
}

async fn post(app: &Router, path: &str, body: Value, cookie: &str) -> Answer {
    ask(app, "POST", path, Some(body), &[("cookie", cookie)]).await
}

fn codes_of(answer: &Answer) -> Vec<String> {
    let codes = answer.body["codes"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// Enrols at [`BEGIN`]: the secret and the recovery codes.
async fn enrol(world: &World, login: &str) -> (FactorSecret, Vec<String>) {
    let app = world.at(BEGIN);
    let cookie = world.sign_in(&app, login).await;
    let begun = post(&app, "/me/second-factor", json!({ "password": PASSWORD }), &cookie).await;
    assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
    let secret = FactorSecret::parse(begun.body["secret"].as_str().unwrap()).unwrap();
    let confirmation = json!({ "code": code(&secret, BEGIN) });
    let confirmed = post(&app, "/me/second-factor/confirmation", confirmation, &cookie).await;
    (secret, codes_of(&confirmed))
}

/// The ticket that comes for the right password.
async fn ticket(app: &Router, login: &str) -> String {
    let body = json!({ "login": login, "password": PASSWORD });
    let answer = ask(app, "POST", "/session", Some(body), &[]).await;
    assert_eq!((answer.status, &answer.cookie), (StatusCode::ACCEPTED, &None), "{answer:?}");
    answer.body["ticket"].as_str().unwrap().to_owned()
}

async fn second(app: &Router, ticket: &str, code: &str) -> Answer {
    let body = json!({ "ticket": ticket, "code": code });
    ask(app, "POST", "/session/second-factor", Some(body), &[]).await
}

on_both_stores!(a_second_factor_is_asked_for_once_it_is_confirmed, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at(BEGIN);
    let cookie = world.sign_in(&app, "li").await;
    let status = ask(&app, "GET", "/me/second-factor", None, &[("cookie", &cookie)]).await;
    let none = json!({ "enrolled": false, "confirmed_at": null, "recovery_codes_left": 0, "required": false });
    assert_eq!(status.body, none);
    let wrong = post(&app, "/me/second-factor", json!({ "password": "Wrong-Horse-1" }), &cookie).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::UNPROCESSABLE_ENTITY, "second-factor-proof"));
    let nothing = post(&app, "/me/second-factor/confirmation", json!({ "code": "123456" }), &cookie).await;
    assert_eq!((nothing.status, nothing.code()), (StatusCode::CONFLICT, "second-factor-none"));
    let begun = post(&app, "/me/second-factor", json!({ "password": PASSWORD }), &cookie).await;
    assert!(begun.body["uri"].as_str().unwrap().contains(":li?secret="), "{begun:?}");
    // Until a code has shown that the device has it, the password alone opens.
    world.sign_in(&app, "li").await;
    let secret = FactorSecret::parse(begun.body["secret"].as_str().unwrap()).unwrap();
    let early = code(&secret, "2026-03-01T00:02:00Z");
    let wrong = post(&app, "/me/second-factor/confirmation", json!({ "code": early }), &cookie).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::UNPROCESSABLE_ENTITY, "second-factor-wrong"));
    let right = json!({ "code": code(&secret, BEGIN) });
    let codes = codes_of(&post(&app, "/me/second-factor/confirmation", right.clone(), &cookie).await);
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
    let again = post(&app, "/me/second-factor/confirmation", right, &cookie).await;
    assert_eq!(again.code(), "second-factor-none", "a secret is confirmed once");
    let status = ask(&app, "GET", "/me/second-factor", None, &[("cookie", &cookie)]).await.body;
    assert_eq!(status["enrolled"], json!(true));
    assert_eq!((status["confirmed_at"].clone(), status["recovery_codes_left"].clone()), (json!(BEGIN), json!(10)));

    let later = world.at("2026-03-01T00:01:00Z");
    let ticket = ticket(&later, "li").await;
    let opened = second(&later, &ticket, &code(&secret, "2026-03-01T00:01:00Z")).await;
    assert_eq!((opened.status, opened.body["account"].clone()), (StatusCode::OK, json!("id-li")));
    let cookie = opened.cookie.unwrap();
    let history = ask(&later, "GET", "/me/sign-ins", None, &[("cookie", &cookie)]).await.body;
    assert_eq!((history[0]["means"].clone(), history[0]["succeeded"].clone()), (json!("totp"), json!(true)));
    // The secret is sealed: the facts hold a commitment, and nothing else names it.
    let facts = tail::stream(&mut &db, "account/id-li").await.unwrap();
    let kinds: Vec<&str> = facts.iter().map(|fact| fact.kind.as_str()).collect();
    assert_eq!(kinds, ["account.opened", "factor.begun", "factor.confirmed"]);
    for fact in &facts {
        let body = String::from_utf8_lossy(&fact.body).into_owned();
        assert!(!body.contains(&secret.reveal()) && codes.iter().all(|code| !body.contains(code)), "{body}");
    }
});

on_both_stores!(no_code_counts_twice_on_whatever_node, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let (secret, codes) = enrol(&world, "li").await;
    let (one, other) = (world.at("2026-03-01T00:00:20Z"), world.at("2026-03-01T00:00:40Z"));
    // That of the confirmation is used.
    let first = ticket(&one, "li").await;
    let used = second(&one, &first, &code(&secret, BEGIN)).await;
    assert_eq!((used.status, used.code()), (StatusCode::UNPROCESSABLE_ENTITY, "second-factor-wrong"));
    let next = code(&secret, "2026-03-01T00:00:30Z");
    assert_eq!(second(&one, &first, &next).await.status, StatusCode::OK);
    let ticket_again = ticket(&other, "li").await;
    assert_eq!(second(&other, &ticket_again, &next).await.code(), "second-factor-wrong");
    assert_eq!(second(&other, &first, &code(&secret, "2026-03-01T00:01:00Z")).await.code(), "ticket-unknown");
    // A recovery code, as somebody types it, and never again.
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(second(&other, &ticket_again, &typed).await.status, StatusCode::OK);
    let third = ticket(&one, "li").await;
    assert_eq!(second(&one, &third, &codes[0]).await.code(), "second-factor-wrong");
    let opened = second(&one, &third, &codes[1]).await;
    let cookie = opened.cookie.unwrap();
    let status = ask(&one, "GET", "/me/second-factor", None, &[("cookie", &cookie)]).await.body;
    assert_eq!(status["recovery_codes_left"], json!(8));
    // New ones take the place of the old.
    let proof = json!({ "password": PASSWORD, "code": codes[2] });
    let renewed = codes_of(&post(&one, "/me/second-factor/recovery-codes", proof, &cookie).await);
    let fourth = ticket(&one, "li").await;
    assert_eq!(second(&one, &fourth, &codes[3]).await.code(), "second-factor-wrong");
    assert_eq!(second(&one, &fourth, &renewed[3]).await.status, StatusCode::OK);
});

on_both_stores!(of_two_requests_with_one_code_one_is_let_in, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let (secret, _) = enrol(&world, "li").await;
    let (one, other) = (world.at("2026-03-01T00:05:00Z"), world.at("2026-03-01T00:05:00Z"));
    let ticket = ticket(&one, "li").await;
    let now = code(&secret, "2026-03-01T00:05:00Z");
    let answers = futures::future::join_all([&one, &other, &one, &other].map(|node| second(node, &ticket, &now))).await;
    let let_in = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(let_in, 1, "{answers:?}");
});

on_both_stores!(wrong_codes_lock_the_account, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let (secret, codes) = enrol(&world, "li").await;
    let clock = "2026-03-01T00:10:00Z";
    let app = world.at(clock);
    let ticket = ticket(&app, "li").await;
    for wrong in ["000000", "not a code", "", "0000-0000-0000-0000", "999999"] {
        assert_eq!(second(&app, &ticket, wrong).await.code(), "second-factor-wrong", "{wrong}");
    }
    assert_eq!(second(&app, &ticket, &code(&secret, clock)).await.code(), "ticket-unknown", "five tries a ticket");
    let locked = ask(&app, "POST", "/session", Some(json!({ "login": "li", "password": PASSWORD })), &[]).await;
    assert_eq!((locked.status, locked.code()), (StatusCode::UNAUTHORIZED, "sign-in-locked"));
    let later = world.at("2026-03-01T00:41:00Z");
    let ticket = self::ticket(&later, "li").await;
    assert_eq!(second(&later, &ticket, &codes[9]).await.status, StatusCode::OK, "and not for ever");
});

on_both_stores!(a_ticket_ends, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let (_, codes) = enrol(&world, "li").await;
    let ticket_of_old = ticket(&world.at("2026-03-01T00:10:00Z"), "li").await;
    let late = second(&world.at("2026-03-01T00:15:00Z"), &ticket_of_old, &codes[0]).await;
    assert_eq!((late.status, late.code()), (StatusCode::UNAUTHORIZED, "ticket-unknown"));
    let app = world.at("2026-03-01T00:16:00Z");
    let (first, newer) = (ticket(&app, "li").await, ticket(&app, "li").await);
    assert_eq!(second(&app, &first, &codes[0]).await.code(), "ticket-unknown", "a newer one takes its place");
    assert_eq!(second(&app, "?", &codes[0]).await.code(), "ticket-unknown");
    assert_eq!(second(&app, &newer, &codes[0]).await.status, StatusCode::OK);
});

on_both_stores!(another_device_takes_the_place_of_the_first, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let (secret, codes) = enrol(&world, "li").await;
    let clock = "2026-03-01T01:00:00Z";
    let app = world.at(clock);
    let ticket_first = ticket(&app, "li").await;
    let cookie = second(&app, &ticket_first, &code(&secret, clock)).await.cookie.unwrap();
    let no_code = post(&app, "/me/second-factor", json!({ "password": PASSWORD }), &cookie).await;
    assert_eq!(no_code.code(), "second-factor-proof", "who has one shows it first");
    let proof = json!({ "password": PASSWORD, "code": codes[0] });
    let begun = post(&app, "/me/second-factor", proof, &cookie).await;
    let next = FactorSecret::parse(begun.body["secret"].as_str().unwrap()).unwrap();
    // Until it is confirmed, the first is the one that counts.
    let waiting = world.at("2026-03-01T01:01:00Z");
    let ticket_second = ticket(&waiting, "li").await;
    let first_still = code(&secret, "2026-03-01T01:01:00Z");
    assert_eq!(second(&waiting, &ticket_second, &first_still).await.status, StatusCode::OK);
    let confirmation = json!({ "code": code(&next, "2026-03-01T01:01:00Z") });
    let confirmed = post(&waiting, "/me/second-factor/confirmation", confirmation, &cookie).await;
    assert_eq!(confirmed.status, StatusCode::OK);
    let clock = "2026-03-01T01:02:00Z";
    let after = world.at(clock);
    let ticket_third = ticket(&after, "li").await;
    assert_eq!(second(&after, &ticket_third, &code(&secret, clock)).await.code(), "second-factor-wrong");
    assert_eq!(second(&after, &ticket_third, &code(&next, clock)).await.status, StatusCode::OK);
});

on_both_stores!(it_is_removed_by_its_owner_and_reset_by_the_security_administrator, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let (_, codes) = enrol(&world, "li").await;
    let app = world.at("2026-03-01T00:10:00Z");
    let own = ticket(&app, "li").await;
    let cookie = second(&app, &own, &codes[0]).await.cookie.unwrap();
    let wrong = json!({ "password": PASSWORD, "code": codes[0] });
    assert_eq!(post(&app, "/me/second-factor/removal", wrong, &cookie).await.code(), "second-factor-proof");
    let proof = json!({ "password": PASSWORD, "code": codes[1] });
    assert_eq!(post(&app, "/me/second-factor/removal", proof, &cookie).await.status, StatusCode::NO_CONTENT);
    world.sign_in(&app, "li").await;

    enrol(&world, "li").await;
    let path = "/accounts/id-li/second-factor/reset";
    let (system, security) = (world.sign_in(&app, "system").await, world.sign_in(&app, "security").await);
    let refused = post(&app, path, json!({}), &system).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "not-permitted"));
    let own = post(&app, "/accounts/id-security/second-factor/reset", json!({}), &security).await;
    assert_eq!((own.status, own.code()), (StatusCode::FORBIDDEN, "second-factor-own"));
    assert_eq!(post(&app, path, json!({}), &security).await.status, StatusCode::NO_CONTENT);
    assert_eq!(post(&app, path, json!({}), &security).await.code(), "second-factor-none");
    world.sign_in(&app, "li").await;
    let facts = tail::stream(&mut &db, "account/id-li").await.unwrap();
    assert_eq!(facts.last().unwrap().kind, "factor.reset");
});

on_both_stores!(where_a_post_demands_it_it_stays, TABLES, async |db: Db| {
    let mut world = World::new(&db).await;
    world.people.second_factor = Some(vec!["dispatcher".into()]);
    let (_, codes) = enrol(&world, "li").await;
    let app = world.at("2026-03-01T00:10:00Z");
    let ticket = ticket(&app, "li").await;
    let cookie = second(&app, &ticket, &codes[0]).await.cookie.unwrap();
    let proof = json!({ "password": PASSWORD, "code": codes[1] });
    let refused = post(&app, "/me/second-factor/removal", proof, &cookie).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "second-factor-required"));
    let status = ask(&app, "GET", "/me/second-factor", None, &[("cookie", &cookie)]).await.body;
    assert_eq!((status["required"].clone(), status["recovery_codes_left"].clone()), (json!(true), json!(9)));
});

on_both_stores!(who_must_have_one_and_has_none_can_only_set_it_up, TABLES, async |db: Db| {
    let mut world = World::new(&db).await;
    world.people.second_factor = None;
    let app = world.at(BEGIN);
    let session = json!({ "login": "auditor", "password": PASSWORD });
    let entered = ask(&app, "POST", "/session", Some(session), &[]).await;
    assert_eq!((entered.status, entered.body["must_set_up_second_factor"].clone()), (StatusCode::OK, json!(true)));
    let cookie = entered.cookie.unwrap();
    for path in ["/me/sessions", "/accounts"] {
        let refused = ask(&app, "GET", path, None, &[("cookie", &cookie)]).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "second-factor-must"), "{path}");
    }
    enrol(&world, "auditor").await;
    let who = ask(&app, "GET", "/session", None, &[("cookie", &cookie)]).await;
    assert_eq!(who.body["must_set_up_second_factor"], json!(false));
    assert_eq!(ask(&app, "GET", "/accounts", None, &[("cookie", &cookie)]).await.status, StatusCode::OK);
    // A dispatcher administers nothing.
    let dispatcher = world.sign_in(&app, "li").await;
    assert_eq!(ask(&app, "GET", "/me/sessions", None, &[("cookie", &dispatcher)]).await.status, StatusCode::OK);
});

#[test]
fn every_code_has_a_text() {
    for code in [
        "second-factor-wrong",
        "second-factor-proof",
        "second-factor-none",
        "second-factor-required",
        "second-factor-of-people",
        "second-factor-own",
        "second-factor-must",
        "ticket-unknown",
    ] {
        assert!(kernel::text::has(code), "{code}");
    }
}
