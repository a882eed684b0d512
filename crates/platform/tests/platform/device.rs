//! What a session says of its device, and what stays of a login that is nobody's.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::{Db, Read, on_both_stores, sql};

use crate::world::{PASSWORD, TABLES, World, ask};

on_both_stores!(a_session_says_browser_and_system, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:00:00Z");
    let credentials = json!({ "login": "li", "password": PASSWORD });
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0 number/4711";
    let entered = ask(&app, "POST", "/session", Some(credentials.clone()), &[("user-agent", agent)]).await;
    let listed = async |cookie: &str| ask(&app, "GET", "/me/sessions", None, &[("cookie", cookie)]).await.body;
    let own = entered.cookie.unwrap();
    let sessions = listed(&own).await;
    assert_eq!((&sessions[0]["browser"], &sessions[0]["system"]), (&json!("Firefox"), &json!("Windows")));
    assert!(!sessions.to_string().contains("4711"), "nothing of it is kept but two names");
    ask(&app, "POST", "/session", Some(credentials), &[]).await;
    let sessions = listed(&own).await;
    let other = sessions.as_array().unwrap().iter().find(|one| one["current"] == json!(false)).unwrap();
    assert_eq!((&other["browser"], &other["system"]), (&Value::Null, &Value::Null));
});

on_both_stores!(an_unknown_login_is_counted_and_not_kept, TABLES, async |db: Db| {
    let world = World::new(&db).await;
    let app = world.at("2026-03-01T00:10:00Z");
    let try_as = async |login: &str| {
        let credentials = json!({ "login": login, "password": "x" });
        let refused = ask(&app, "POST", "/session", Some(credentials), &[]).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "sign-in-wrong"));
    };
    for login in ["My-Own-Password-1", "My-Own-Password-1", "admin", "My-Own-Password-1"] {
        try_as(login).await;
    }
    let auditor = world.sign_in(&app, "auditor").await;
    let read = async |cookie: &str, query: &str| {
        ask(&app, "GET", &format!("/audit/unknown-sign-ins{query}"), None, &[("cookie", cookie)]).await
    };
    let all = read(&auditor, "").await.body;
    let rows = all["unknown"].as_array().unwrap();
    let counted: Vec<&Value> = rows.iter().map(|one| &one["attempts"]).collect();
    assert_eq!((counted, &rows[0]["hour"]), (vec![&json!(3), &json!(1)], &json!("2026-03-01T00:00:00Z")));
    assert_ne!(rows[0]["fingerprint"], rows[1]["fingerprint"]);
    assert!(!all.to_string().contains("Password") && !all.to_string().contains("admin"));
    let first = read(&auditor, "?limit=1").await.body;
    let second = read(&auditor, &format!("?limit=1&cursor={}", first["next"].as_str().unwrap())).await.body;
    assert_eq!((&first["unknown"][0], &second["unknown"][0]), (&rows[0], &rows[1]));
    assert_eq!(read(&auditor, "?until=2026-03-01T00:10:00Z").await.body["unknown"], json!([]));
    assert_eq!(read(&auditor, "?cursor=1.2.3").await.code(), "cursor-unknown");
    let dispatcher = world.sign_in(&app, "li").await;
    assert_eq!(read(&dispatcher, "").await.status, StatusCode::FORBIDDEN);

    // An account that is disabled is somebody's: the attempt is on its record.
    let mut tx = db.begin().await.unwrap();
    tx.run(sql("update account set disabled_at = 1 where login = 'li'")).await.unwrap();
    tx.commit().await.unwrap();
    let credentials = json!({ "login": "li", "password": PASSWORD });
    assert_eq!(ask(&app, "POST", "/session", Some(credentials), &[]).await.code(), "sign-in-wrong");
    let failed = sql("select count(*) from sign_in where account = 'id-li' and succeeded = 0");
    assert_eq!((&mut &db).one::<(i64,)>(failed).await.unwrap().0, 1);
    assert_eq!(read(&auditor, "").await.body["unknown"].as_array().unwrap().len(), 2);
});
