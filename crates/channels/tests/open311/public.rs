//! What anyone may read.

use axum::http::StatusCode;
use casework::case::{Accept, Action, Caller, Channel, Command, Confidentiality, Correct, Hand};
use store::{Db, on_both_stores};

use super::world::{TABLES, World, tiny};

fn desk() -> Caller {
    let hand = Hand::Post { person: "q".into(), post: "S1.dispatcher".into(), organization: "S1".into() };
    Caller::new(hand, [Action::Accept])
}

on_both_stores!(services_and_their_questions_are_shown, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let services = world.json("services.json").await;
    let manhole = services.as_array().unwrap().iter().find(|one| one["service_code"] == "manhole").unwrap();
    assert_eq!(manhole["service_name"], "Missing or broken manhole cover");
    assert_eq!((&manhole["metadata"], &manhole["type"]), (&true.into(), &"realtime".into()));
    let definition = world.json("services/manhole.json").await;
    assert_eq!(definition["attributes"][0]["values"][0]["key"], "missing");
    let (_, xml) = world.get("services/manhole.xml").await;
    assert!(xml.contains("<values><value><key>missing</key><name>Missing</name></value>"), "{xml}");
    let discovery = world.json("discovery.json").await;
    assert_eq!(discovery["endpoints"][0]["formats"][0], "text/xml");
});

on_both_stores!(a_request_is_shown_without_who_reported_it, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let opened = world.case("M01", |_| {}).await;
    for path in ["requests.json".to_owned(), format!("requests/{}.json", opened.number)] {
        let shown = world.json(&path).await;
        let one = &shown[0];
        assert_eq!(one["service_request_id"], opened.number, "{path}");
        assert_eq!((&one["status"], &one["service_code"]), (&"open".into(), &"garbage".into()));
        assert_eq!(one["description"], "Garbage that lies open or was not taken away.");
        assert_eq!(one["requested_datetime"], "2026-03-02T02:00:00Z");
        assert!(one["address"].as_str().unwrap().ends_with("Xiaoyang District"), "{one}");
        let text = shown.to_string();
        for secret in ["private words", "Ada", "000-secret", "example.org", "Secret Street"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    let (_, xml) = world.get(&format!("requests/{}.xml", opened.number)).await;
    assert!(xml.contains("<service_requests><request><service_request_id>"), "{xml}");
    let token = world.json(&format!("tokens/{}.json", opened.id)).await;
    assert_eq!(token[0]["service_request_id"], opened.number);
});

on_both_stores!(words_are_shown_where_the_profile_says_so, TABLES, |db: Db| async move {
    let mut profile = tiny();
    let publish = &mut profile.open311.as_mut().unwrap().publish;
    (publish.description, publish.point, publish.every_channel) = (true, false, true);
    let world = World::on(&db, profile);
    world.case("M01", |register| register.channel = Channel::PhoneDesk).await;
    let shown = world.json("requests.json").await;
    assert_eq!(shown[0]["description"], "private words");
    assert!(shown[0].get("lat").is_none() && shown[0]["address"].is_string());
});

on_both_stores!(what_is_not_public_is_not_there, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let mut numbers = Vec::new();
    // Confidential; of a matter that is never shown; by another channel.
    let named = Confidentiality { named: ["p".to_owned()].into(), ..Confidentiality::default() };
    numbers.push(world.case("M01", |register| register.confidentiality = Some(named)).await);
    numbers.push(world.case("M05", |_| {}).await);
    numbers.push(world.case("M01", |register| register.channel = Channel::PhoneDesk).await);
    // Handed in as one that is never shown, it stays so whatever the desk makes of it, also where the reading comes late.
    let noise = world.case("M05", |_| {}).await;
    let correct = Command::Correct(Correct { matter: Some("M01".into()), location: None });
    world.act(desk(), &noise.case, correct).await;
    numbers.push(noise);
    assert_eq!(world.json("requests.json").await, serde_json::json!([]));
    for opened in &numbers {
        let (status, _) = world.get(&format!("requests/{}.json", opened.number)).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&format!("tokens/{}.xml", opened.id)).await.0, StatusCode::NOT_FOUND);
    }
    // One whose matter is no service any more is still its caller's to follow.
    let moved = world.case("M01", |_| {}).await;
    let correct = Command::Correct(Correct { matter: Some("M03".into()), location: None });
    world.act(desk(), &moved.case, correct).await;
    assert_eq!(world.json("requests.json").await[0]["service_code"], "M03");
});

on_both_stores!(requests_are_found_by_time_state_and_service, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let first = world.case("M01", |_| {}).await;
    world.pass(3_600);
    let second = world.case("M02", |_| {}).await;
    world.pass(3_600);
    world.withdraw(&first.case).await;
    let numbers = async |query: &str| {
        let shown = world.json(&format!("requests.json?{query}")).await;
        let of = |one: &serde_json::Value| one["service_request_id"].as_str().unwrap().to_owned();
        shown.as_array().unwrap().iter().map(of).collect::<Vec<_>>().join(" ")
    };
    let (one, two) = (&first.number, &second.number);
    assert_eq!(numbers("").await, format!("{two} {one}"), "the newest first");
    assert_eq!(numbers("status=open").await, **two);
    assert_eq!(numbers("status=closed").await, **one);
    assert_eq!(numbers("service_code=garbage").await, **one);
    assert_eq!(numbers("page_size=1&page=2").await, **one);
    assert_eq!(numbers("start_date=2026-03-02T02:30:00Z").await, **two);
    assert_eq!(numbers("end_date=2026-03-02T02:30:00Z").await, **one);
    assert_eq!(numbers("updated_after=2026-03-02T03:30:00Z").await, **one);
    assert_eq!(numbers("updated_after=2026-03-02T00:00:00Z").await, format!("{two} {one}"), "what changed first");
    assert_eq!(numbers("updated_before=2026-03-02T03:30:00Z").await, **two);
    let both = numbers(&format!("service_request_id={one},nothing,{two}&status=open")).await;
    assert_eq!(both.len(), one.len() + 1 + two.len());
    let closed = world.json(&format!("requests/{one}.json")).await;
    assert_eq!(closed[0]["updated_datetime"], "2026-03-02T04:00:00Z");
    assert_eq!(closed[0]["status_notes"], "Withdrawn");
    assert!(closed[0].get("expected_datetime").is_none());
    // Made anew, it says the same.
    let mut tx = db.begin().await.unwrap();
    channels::open311::forget(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(numbers("updated_after=2026-03-02T00:00:00Z").await, format!("{two} {one}"));
    // An open one goes on being followed.
    let accept = Command::Accept(Accept { matter: None, urgency: None });
    world.pass(60);
    world.act(desk(), &second.case, accept).await;
    assert_eq!(numbers("updated_after=2026-03-02T00:00:00Z").await, format!("{one} {two}"));
});

on_both_stores!(errors_are_lists_with_a_code, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    for (path, status) in [
        ("requests.json?start_date=x", StatusCode::BAD_REQUEST),
        ("requests.json?jurisdiction_id=elsewhere", StatusCode::NOT_FOUND),
        ("services/nothing.json", StatusCode::NOT_FOUND),
        ("requests/nothing.json", StatusCode::NOT_FOUND),
        ("tokens/nothing.json", StatusCode::NOT_FOUND),
        ("nothing.json", StatusCode::NOT_FOUND),
    ] {
        let (found, body) = world.get(path).await;
        assert_eq!(found, status, "{path}");
        let errors: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(errors[0]["code"], status.as_u16(), "{path}");
        assert!(!errors[0]["description"].as_str().unwrap().is_empty());
    }
    let (status, body) = world.get("services.yaml").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("<errors><error><code>404</code><description>"), "{body}");
    assert_eq!(world.get("requests.json?jurisdiction_id=xiaoyang.example").await.0, StatusCode::OK);
    let mut profile = tiny();
    profile.open311 = None;
    assert_eq!(World::on(&db, profile).get("services.json").await.0, StatusCode::NOT_FOUND);
});
