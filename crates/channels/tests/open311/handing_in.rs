//! Handing in a request, by whoever has a key for it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use store::{Db, on_both_stores};
use tower::ServiceExt as _;

use super::world::{TABLES, World, tiny};

const DISPATCHER: &str = "S1.dispatcher";

/// A request that wants nothing but a key.
fn form<'a>(key: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let whole = [
        ("api_key", key),
        ("service_code", "garbage"),
        ("lat", "30.002"),
        ("long", "120.002"),
        ("description", "a heap of it"),
        ("first_name", "Ada"),
        ("phone", "000-secret"),
    ];
    whole.into_iter().chain(more.iter().copied()).collect()
}

on_both_stores!(a_request_becomes_a_case_once_and_its_reporter_is_sealed, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let key = world.client(DISPATCHER, "case.register").await;
    let (status, first) = world.post("requests.json", &form(&key, &[]), Some("k1")).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let (_, again) = world.post("requests.json", &form(&key, &[]), Some("k1")).await;
    assert_eq!(first, again, "the same key with the same form is the same request");
    let answer: Value = serde_json::from_str(&first).unwrap();
    let number = answer[0]["service_request_id"].as_str().unwrap();
    let case = world.casework.numbered(number).await.unwrap().unwrap();
    assert!(case.reporter.is_some() && case.place.is_some(), "{case:?}");
    let shown = world.json("requests.json").await;
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert!(!shown.to_string().contains("000-secret") && !shown.to_string().contains("heap"), "{shown}");
    let (status, xml) = world.post("requests.xml", &form(&key, &[]), None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(xml.contains("<service_requests><request><service_request_id>"), "{xml}");
});

on_both_stores!(without_a_key_for_it_nothing_is_handed_in, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let reads = world.client(DISPATCHER, "case.read").await;
    let (status, said) = world.post("requests.json", &form("hyk_unknown", &[]), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
    let (status, said) = world.post("requests.json", &form(&reads, &[]), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
    let without: Vec<_> = form("", &[]).into_iter().skip(1).collect();
    let (status, said) = world.post("requests.json", &without, None).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
    assert_eq!(world.json("requests.json").await, Value::Array(Vec::new()));
});

on_both_stores!(each_resource_names_its_methods, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    for (path, method, methods) in [
        ("services.json", "POST", "GET,HEAD"),
        ("services.json", "OPTIONS", "GET,HEAD"),
        ("requests.json", "PUT", "GET,HEAD,POST"),
        ("services/manhole.json", "DELETE", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(format!("/open311/v2/{path}"));
        let answer = world.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(answer.headers()["allow"], methods, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    }
});

on_both_stores!(what_does_not_fit_is_refused_with_the_field, TABLES, |db: Db| async move {
    let world = World::on(&db, tiny());
    let key = world.client(DISPATCHER, "case.register").await;
    for (field, value) in [("service_code", "no-such-service"), ("lat", "far"), ("lat", "10.0")] {
        let mut form = form(&key, &[]);
        form.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, held)| *held = value);
        let (status, said) = world.post("requests.json", &form, None).await;
        assert!(status.is_client_error() && status != StatusCode::FORBIDDEN, "{field} {value}: {status} {said}");
    }
    assert_eq!(world.json("requests.json").await, Value::Array(Vec::new()));
});
