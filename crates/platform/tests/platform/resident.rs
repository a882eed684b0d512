//! Residents sign in by a code sent to their telephone; the answers tell nobody who is known.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use journal::tail;
use platform::PlatformState;
use platform::sms::KeptSms;
use serde_json::{Value, json};
use store::{Db, Read, on_both_stores, sql};
use tower::ServiceExt;

use crate::world::{Answer, TABLES, World, ask};

const NUMBER: &str = "138 0000 5678";

/// The routes at an instant, which send by `sms`.
fn at(world: &World, clock: &str, sms: &Arc<KeptSms>) -> Router {
    let state = PlatformState { sms: sms.clone(), ..world.state(clock) };
    let (router, _) = platform::routes().split_for_parts();
    router.with_state(state)
}

async fn request(app: &Router, phone: &str) -> Answer {
    ask(app, "POST", "/residents/code", Some(json!({ "phone": phone })), &[]).await
}

async fn enter(app: &Router, phone: &str, code: &str) -> Answer {
    let body = json!({ "phone": phone, "code": code });
    ask(app, "POST", "/residents/session", Some(body), &[]).await
}

/// The code in the message sent last.
fn code(sms: &KeptSms) -> String {
    let text = sms.messages().last().unwrap().text.clone();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    assert_eq!(digits.len(), 6, "{text}");
    digits
}

on_both_stores!(a_resident_is_who_holds_the_telephone, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let app = at(&world, "2026-03-01T00:00:00Z", &sms);
    let sent = request(&app, NUMBER).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{sent:?}");
    assert_eq!(sent.body, json!({ "until": "2026-03-01T00:05:00Z", "again_at": "2026-03-01T00:01:00Z" }));
    assert_eq!(sms.messages()[0].to, "+8613800005678");
    let entered = enter(&app, "+86 138-0000-5678", &code(&sms)).await;
    assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    let may = (entered.body["resident"].clone(), entered.body["actions"].clone());
    assert_eq!(may, (json!(true), json!(["case.read", "case.register"])));
    let (account, cookie) = (entered.body["account"].as_str().unwrap().to_owned(), entered.cookie.unwrap());
    assert_eq!(enter(&app, NUMBER, &code(&sms)).await.code(), "phone-code-wrong", "a code opens once");
    for path in ["/me/access-log", "/me/sign-ins"] {
        assert_eq!(ask(&app, "GET", path, None, &[("cookie", &cookie)]).await.status, StatusCode::OK, "{path}");
    }
    let refused = ask(&app, "GET", "/clients", None, &[("cookie", &cookie)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let factor = ask(&app, "GET", "/me/second-factor", None, &[("cookie", &cookie)]).await;
    assert_eq!(factor.code(), "second-factor-of-people");
    // The next time it is the same account, and no password is ever asked of it.
    let later = at(&world, "2026-09-02T00:00:00Z", &sms);
    request(&later, NUMBER).await;
    let again = enter(&later, NUMBER, &code(&sms)).await;
    assert_eq!((&again.body["account"], &again.body["must_change_password"]), (&json!(account), &json!(false)));
    // The number stands nowhere in the open.
    let facts = tail::stream(&mut &db, &format!("account/{account}")).await.unwrap();
    assert_eq!(facts.iter().map(|fact| fact.kind.as_str()).collect::<Vec<_>>(), ["resident.opened"]);
    assert!(!String::from_utf8_lossy(&facts[0].body).contains("13800005678"));
    let phone = platform::resident::phone_of(&world.journal, &account).await.unwrap();
    assert_eq!(phone.as_deref(), Some("+8613800005678"));
    let select = sql("select login, password from account where id = $1").bind(&account);
    let row: (String, String) = (&mut &db).one(select).await.unwrap();
    assert_eq!(row, (format!("resident/{account}"), String::new()));
    let by_password = json!({ "login": row.0, "password": "" });
    assert_eq!(ask(&app, "POST", "/session", Some(by_password), &[]).await.code(), "sign-in-wrong");
    let system = world.sign_in(&world.at("2026-03-01T00:00:00Z"), "system").await;
    let list = ask(&app, "GET", "/accounts", None, &[("cookie", &system)]).await.body;
    assert!(!list.to_string().contains(&account), "residents are no accounts to administer");
});

on_both_stores!(a_known_number_and_an_unknown_one_are_answered_alike, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let app = at(&world, "2026-03-01T00:00:00Z", &sms);
    request(&app, NUMBER).await;
    assert_eq!(enter(&app, NUMBER, &code(&sms)).await.status, StatusCode::OK);
    let later = at(&world, "2026-03-01T01:00:00Z", &sms);
    let (known, unknown) = (request(&later, NUMBER).await, request(&later, "13900001111").await);
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let mut wrong: Vec<Value> = Vec::new();
    for number in [NUMBER, "13900001111", "13900002222"] {
        wrong.push(enter(&later, number, "").await.body);
    }
    assert!(wrong.iter().all(|body| *body == wrong[0] && body["code"] == "phone-code-wrong"), "{wrong:?}");
});

on_both_stores!(codes_are_few_and_end, TABLES, async |db: Db| {
    let (mut world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    request(&at(&world, "2026-03-01T00:00:00Z", &sms), NUMBER).await;
    let soon = request(&at(&world, "2026-03-01T00:00:59Z", &sms), NUMBER).await;
    assert_eq!((soon.status, soon.code()), (StatusCode::TOO_MANY_REQUESTS, "code-too-often"));
    let late = enter(&at(&world, "2026-03-01T00:05:00Z", &sms), NUMBER, &code(&sms)).await;
    assert_eq!((late.status, late.code()), (StatusCode::UNAUTHORIZED, "phone-code-wrong"));
    for minute in ["10", "11", "12", "13"] {
        let sent = request(&at(&world, &format!("2026-03-01T00:{minute}:00Z"), &sms), NUMBER).await;
        assert_eq!(sent.status, StatusCode::ACCEPTED, "{minute}");
    }
    let sixth = request(&at(&world, "2026-03-01T00:14:00Z", &sms), NUMBER).await;
    assert_eq!(sixth.code(), "code-too-often", "five an hour");
    // Five tries a code, and then not even the right one.
    let app = at(&world, "2026-03-01T00:14:00Z", &sms);
    let right = code(&sms);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        enter(&app, NUMBER, wrong).await;
    }
    assert_eq!(enter(&app, NUMBER, &right).await.code(), "phone-code-wrong");
    // Many numbers from one address are no way around it.
    world.people.residents.per_address_hour = 7;
    let app = at(&world, "2026-03-01T00:30:00Z", &sms);
    let mut statuses = Vec::new();
    for number in ["13900001111", "13900001112", "13900001113"] {
        statuses.push(request(&app, number).await.status.as_u16());
    }
    assert_eq!(statuses, [202, 202, 429]);
});

on_both_stores!(of_two_requests_with_one_telephone_code_one_enters, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let app = at(&world, "2026-03-01T00:00:00Z", &sms);
    request(&app, NUMBER).await;
    let code = code(&sms);
    let answers = futures::future::join_all([&app, &app, &app].map(|app| enter(app, NUMBER, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1, "{answers:?}");
});

on_both_stores!(who_asks_too_often_is_told_when_to_come_back, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let answer = async |clock: &str| {
        let app = at(&world, clock, &sms);
        let request = Request::post("/residents/code").header("content-type", "application/json");
        let request = request.body(Body::from(json!({ "phone": NUMBER }).to_string())).unwrap();
        let response = app.oneshot(request).await.unwrap();
        let after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (response.status(), after)
    };
    let (accepted, too_many) = (StatusCode::ACCEPTED, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer("2026-03-01T00:00:00Z").await, (accepted, None));
    assert_eq!(answer("2026-03-01T00:00:20.5Z").await, (too_many, Some("40".into())), "a code a minute");
    for minute in [1, 2, 3, 4] {
        assert_eq!(answer(&format!("2026-03-01T00:{:02}:01Z", minute * 2)).await, (accepted, None));
    }
    // Five an hour: the first is an hour old at one o'clock.
    assert_eq!(answer("2026-03-01T00:30:00Z").await, (too_many, Some("1800".into())));
    assert_eq!(answer("2026-03-01T01:00:00Z").await, (accepted, None));
});

on_both_stores!(of_many_requests_at_once_one_sends_a_code, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let apps = [(); 8].map(|()| at(&world, "2026-03-01T00:00:00Z", &sms));
    let answers = futures::future::join_all(apps.iter().map(|app| request(app, NUMBER))).await;
    let sent = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert_eq!((sent, sms.messages().len()), (1, 1), "{answers:?}");
});

on_both_stores!(an_erased_resident_is_found_by_no_number, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let app = at(&world, "2026-03-01T00:00:00Z", &sms);
    request(&app, NUMBER).await;
    let entered = enter(&app, NUMBER, &code(&sms)).await;
    let (account, cookie) = (entered.body["account"].as_str().unwrap().to_owned(), entered.cookie.unwrap());
    crate::erased::erase(&world.journal, &account).await;
    assert_eq!(ask(&app, "GET", "/session", None, &[("cookie", &cookie)]).await.status, StatusCode::UNAUTHORIZED);
    let (left,): (i64,) = (&mut &db).one(store::sql("select count(*) from phone_code")).await.unwrap();
    assert_eq!(left, 0);
    let later = at(&world, "2026-03-01T02:00:00Z", &sms);
    request(&later, NUMBER).await;
    let again = enter(&later, NUMBER, &code(&sms)).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_ne!(again.body["account"], json!(account), "whoever comes back is somebody new");
});

on_both_stores!(what_is_no_number_is_refused, TABLES, async |db: Db| {
    let (world, sms) = (World::new(&db).await, Arc::<KeptSms>::default());
    let app = at(&world, "2026-03-01T00:00:00Z", &sms);
    let wrong = request(&app, "12345").await;
    assert_eq!((wrong.status, wrong.body["field"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("phone")));
    assert!(sms.messages().is_empty());
});

#[test]
fn every_code_has_a_text() {
    for code in [
        "residents-not-served",
        "phone-wrong",
        "code-too-often",
        "code-not-sent",
        "phone-code-wrong",
        "phone-code-message",
    ] {
        assert!(kernel::text::has(code), "{code}");
    }
}
