//! A resident reports and sees what it reported, and nothing else; whoever looks at it is on its access log.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::world::{Ask, POINT, World};

pub async fn check(world: World) {
    let (one, other) = (enter(&world, "13800001111").await, enter(&world, "13800002222").await);
    let point = json!({ "longitude": POINT.0, "latitude": POINT.1 });
    let words = "楼下井盖破损";
    let report = Ask::path("/cases").body(json!({ "words": words, "kind": "component", "point": point }));
    let reported = world.ask("post", &report, Some(&one)).await;
    assert_eq!(reported.status, StatusCode::CREATED, "{reported:?}");
    let path = format!("/cases/{}", reported.body["id"].as_str().unwrap());

    for (cookie, count) in [(&one, 1), (&other, 0)] {
        let list = world.ask("get", &Ask::path("/cases"), Some(cookie)).await.body;
        assert_eq!(list["rows"].as_array().map(Vec::len), Some(count), "{list}");
    }
    let case = world.ask("get", &Ask::path(&path), Some(&one)).await;
    assert_eq!((case.status, case.body["channel"].clone()), (StatusCode::OK, json!("resident_app")));
    let hidden = world.ask("get", &Ask::path(&path), Some(&other)).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    // Of what others report it sees nothing.
    let elsewhere = world.case().await;
    let hidden = world.ask("get", &Ask::path(format!("/cases/{elsewhere}")), Some(&one)).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);

    // Its own words are shown to it, and that is no look at anybody; the telephone it signed in by goes with the case.
    let facts = world.ask("get", &Ask::path(format!("{path}/facts")), Some(&one)).await.body;
    assert_eq!((facts[0]["by"].clone(), facts[0]["values"]["words"].clone()), (json!("resident"), json!(words)));
    assert_eq!(facts[0]["values"]["phone"], json!("+8613800001111"));
    assert_eq!(looks(&world, &one).await, json!([]));
    let by_staff = world.done("S1.dispatcher", "get", Ask::path(format!("{path}/facts"))).await;
    assert_eq!(by_staff[0]["values"]["phone"], Value::Null, "staff see it masked");
    let looked = looks(&world, &one).await;
    assert_eq!((looked[0]["post"].clone(), looked[0]["fields"].clone()), (json!("S1.dispatcher"), json!(["words"])));
    assert_eq!(looks(&world, &other).await, json!([]));

    // What is not a resident's to do.
    let settled = json!({ "words": words, "kind": "component", "point": point, "settled": true });
    let refused = world.ask("post", &Ask::path("/cases").body(settled), Some(&one)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    for path in ["/queue", "/cases/export?format=csv", "/calls", "/clients", "/accounts"] {
        let refused = world.ask("get", &Ask::path(path), Some(&one)).await;
        let is_empty = refused.status == StatusCode::OK && refused.body["rows"] == json!([]);
        assert!(refused.status == StatusCode::FORBIDDEN || is_empty, "{path}: {refused:?}");
    }
}

async fn looks(world: &World, cookie: &str) -> Value {
    world.ask("get", &Ask::path("/me/access-log"), Some(cookie)).await.body["looks"].clone()
}

/// The cookie of the resident with this telephone.
async fn enter(world: &World, phone: &str) -> String {
    let sent = world.ask("post", &Ask::path("/residents/code").body(json!({ "phone": phone })), None).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{sent:?}");
    let text = world.sms.messages().last().unwrap().text.clone();
    let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    let body = json!({ "phone": phone, "code": code });
    let entered = world.ask("post", &Ask::path("/residents/session").body(body), None).await;
    assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    entered.cookie.unwrap().split(';').next().unwrap().to_owned()
}
