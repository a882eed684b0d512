//! Of a person who was erased nothing is left in the tables but the identifier under which the record stands.

use axum::http::StatusCode;
use journal::{EraseRefusal, EraseSubject, Journal, SubmitError, tail};
use kernel::{Actor, Chance, Instant};
use platform::Edge;
use platform::account::ErasePerson;
use platform::factor::FactorSecret;
use serde_json::json;
use store::{Db, Read as _, Sql, on_both_stores, sql};

use crate::world::{PASSWORD, TABLES, World, ask};

const AT: &str = "2026-03-01T00:00:00Z";

/// Erases the person who has this account.
pub async fn erase(journal: &Journal, account: &str) {
    submit(journal, account).await.unwrap();
}

async fn submit(journal: &Journal, account: &str) -> Result<(), SubmitError<EraseRefusal>> {
    let (subject, actor) = (format!("person/{account}"), Actor::system("test"));
    let erase = EraseSubject { subject: subject.clone(), actor, ground: "request".into() };
    let edge = Edge::new(|| AT.parse().unwrap(), Chance::seeded(7, "erase"));
    journal.submit(ErasePerson { subject, erase }, edge.submission(None)).await.map(drop)
}

/// Every table that names an account, by which column; and how many rows `li` has there after all is done.
const KEPT: &[(&str, &str, i64)] = &[
    ("account", "id", 1),
    ("sign_in", "account", 3),
    ("account_post", "account", 0),
    ("former_password", "account", 0),
    ("session", "account", 0),
    ("second_factor", "account", 0),
    ("recovery_code", "account", 0),
    ("sign_in_ticket", "account", 0),
    ("resident", "account", 0),
    ("oidc_link", "account", 0),
    ("oidc_attempt", "account", 0),
    ("notice", "account", 0),
    ("delivery", "recipient", 0),
];

async fn rows(db: &Db, table: &str, column: &str, value: &str) -> i64 {
    let select = Sql::composed(format!("select count(*) from {table} where {column} = $1"));
    let (count,): (i64,) = (&mut &*db).one(select.bind(value)).await.unwrap();
    count
}

on_both_stores!(an_erased_person_leaves_no_name_and_no_way_in, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at(AT);
    let by = async |cookie: &str, method: &str, path: &str, body: Option<serde_json::Value>| {
        ask(&app, method, path, body, &[("cookie", cookie)]).await
    };
    // A password of before, a second factor, a session on another device, a ticket on its way.
    let own = world.sign_in(&app, "li").await;
    let password = "Another-Horse-2";
    let change = json!({ "current": PASSWORD, "password": password });
    assert_eq!(by(&own, "POST", "/me/password", Some(change)).await.status, StatusCode::NO_CONTENT);
    let begun = by(&own, "POST", "/me/second-factor", Some(json!({ "password": password }))).await;
    let secret = FactorSecret::parse(begun.body["secret"].as_str().unwrap()).unwrap();
    let code = json!({ "code": secret.code_at(AT.parse::<Instant>().unwrap()) });
    let codes = by(&own, "POST", "/me/second-factor/confirmation", Some(code)).await;
    let first = json!({ "login": "li", "password": password });
    let awaited = ask(&app, "POST", "/session", Some(first.clone()), &[]).await;
    assert_eq!(awaited.status, StatusCode::ACCEPTED, "{}", awaited.body);
    let second = json!({ "ticket": awaited.body["ticket"], "code": codes.body["codes"][0] });
    let other = ask(&app, "POST", "/session/second-factor", Some(second), &[]).await.cookie.unwrap();
    assert_eq!(ask(&app, "POST", "/session", Some(first.clone()), &[]).await.status, StatusCode::ACCEPTED);
    let wrong = json!({ "login": "li", "password": "no" });
    assert_eq!(ask(&app, "POST", "/session", Some(wrong), &[]).await.status, StatusCode::UNAUTHORIZED);
    for (table, _, kept) in KEPT.iter().filter(|one| one.0 != "resident" && !one.0.starts_with("oidc") && one.2 == 0) {
        if !["notice", "delivery"].contains(table) {
            assert!(rows(&db, table, "account", "id-li").await > *kept, "{table} has something to lose");
        }
    }
    let history = tail::stream(&mut &db, "account/id-li").await.unwrap();

    erase(&world.journal, "id-li").await;
    for cookie in [&own, &other] {
        assert_eq!(by(cookie, "GET", "/session", None).await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = ask(&app, "POST", "/session", Some(first), &[]).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "sign-in-wrong"));
    for (table, column, kept) in KEPT {
        let value = if *table == "delivery" { "account/id-li" } else { "id-li" };
        assert_eq!(rows(&db, table, column, value).await, *kept, "{table}");
    }
    let (login, stored): (String, String) =
        (&mut &db).one(sql("select login, password from account where id = 'id-li'")).await.unwrap();
    assert_eq!((login.as_str(), stored.as_str()), ("erased/id-li", ""));
    // What happened stays as it was, and is still sound.
    assert_eq!(tail::stream(&mut &db, "account/id-li").await.unwrap(), history);
    let opened = world.journal.sealer().open(&mut &db, &history[0]).await.unwrap();
    assert_eq!((opened.value("login"), opened.erased.as_slice()), (None, ["person/id-li".to_owned()].as_slice()));
    assert!(matches!(submit(&world.journal, "id-li").await, Err(SubmitError::Refused(EraseRefusal::AlreadyErased))));

    // Nobody lists it or brings it back; another can be called so, and is somebody else.
    let system = world.sign_in(&app, "system").await;
    let listed = by(&system, "GET", "/accounts", None).await.body;
    assert!(listed["accounts"].as_array().unwrap().iter().all(|one| one["id"] != json!("id-li")), "{listed}");
    let security = world.sign_in(&app, "security").await;
    for (cookie, method, path) in [
        (&system, "DELETE", "disabling"),
        (&system, "POST", "disabling"),
        (&security, "POST", "activation"),
        (&security, "POST", "unlocking"),
    ] {
        let refused = by(cookie, method, &format!("/accounts/id-li/{path}"), None).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "account-erased"), "{path}");
    }
    let post = json!({ "post": "dispatcher" });
    assert_eq!(by(&security, "POST", "/accounts/id-li/posts", Some(post)).await.code(), "account-erased");
    let again = json!({ "login": "li", "name": "李四" });
    let another = by(&system, "POST", "/accounts", Some(again)).await;
    assert!(another.status.is_success() && another.body["id"] != json!("id-li"), "{}", another.body);
    // An auditor still reads who signed in, by the identifier alone.
    let auditor = world.sign_in(&app, "auditor").await;
    let attempts = by(&auditor, "GET", "/audit/sign-ins?account=id-li", None).await;
    assert_eq!(attempts.status, StatusCode::OK, "{}", attempts.body);
    assert!(attempts.body.to_string().contains("id-li") && !attempts.body.to_string().contains("\"li\""));
});
