//! Versions of what is acted on, many acts in one request, and queries that name nothing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::world::{Answer, Ask, World};

const DISPATCHER: &str = "S1.dispatcher";

pub async fn check(world: World) {
    stale_writers_are_refused(&world).await;
    many_acts_are_done_or_refused_each(&world).await;
    queries_that_name_nothing_are_refused(&world).await;
    no_two_operations_have_one_name(&world);
    what_no_handler_answers_is_a_problem_too(&world).await;
}

async fn what_no_handler_answers_is_a_problem_too(world: &World) {
    is(&get(world, "/nowhere").await, StatusCode::NOT_FOUND, "path-not-found", "");
    is(&get(world, "/cases/%FF").await, StatusCode::UNPROCESSABLE_ENTITY, "request-not-understood", "");
    let patched = world.ask("patch", &Ask::path("/cases"), Some(&world.cookie(DISPATCHER).await)).await;
    is(&patched, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "");
    let long = vec![b' '; (1 << 20) + 1];
    let long = Ask { raw: Some(long), ..Ask::path("/cases") };
    let refused = world.ask("post", &long, Some(&world.cookie(DISPATCHER).await)).await;
    is(&refused, StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "");
    for (kind, status) in [
        ("text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("Application/JSON ; charset=utf-8", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let headers = vec![("content-type", kind.to_owned())];
        let ask = Ask { raw: Some(b"{}".to_vec()), headers, ..Ask::path("/cases") };
        let answer = world.ask("post", &ask, Some(&world.cookie(DISPATCHER).await)).await;
        let code = if status == StatusCode::UNPROCESSABLE_ENTITY { "body-invalid" } else { "media-not-read" };
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{kind:?}: {answer:?}");
    }
}

/// A client made from the document would take one for the other.
fn no_two_operations_have_one_name(world: &World) {
    let paths = world.document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|methods| methods.as_object().unwrap().values());
    let mut names: Vec<&str> = operations.map(|one| one["operationId"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
}

async fn post(world: &World, path: &str, body: Value, headers: &[(&'static str, &str)]) -> Answer {
    let cookie = world.cookie(DISPATCHER).await;
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    world.ask("post", &Ask { headers, ..Ask::path(path).body(body) }, Some(&cookie)).await
}

async fn get(world: &World, path: &str) -> Answer {
    world.ask("get", &Ask::path(path), Some(&world.cookie(DISPATCHER).await)).await
}

fn is(answer: &Answer, status: StatusCode, code: &str, field: &str) {
    assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{answer:?}");
    assert_eq!(answer.body["field"].as_str(), Some(field).filter(|field| !field.is_empty()), "{answer:?}");
    for text in ["detail", "detail_zh", "detail_en"] {
        assert!(answer.body[text].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    }
}

async fn stale_writers_are_refused(world: &World) {
    let path = format!("/cases/{}/acts", world.case().await);
    let accept = || json!({ "command": "accept", "matter": "M02" });
    let stale = post(world, &path, accept(), &[("if-match", "\"9\"")]).await;
    is(&stale, StatusCode::PRECONDITION_FAILED, "case-stale", "If-Match");
    assert_eq!(stale.body["values"], json!({ "expected": "9", "actual": "1" }));
    let strange = post(world, &path, accept(), &[("if-match", "nine")]).await;
    is(&strange, StatusCode::UNPROCESSABLE_ENTITY, "if-match-invalid", "If-Match");
    let mut old = accept();
    old["version"] = json!(9);
    is(&post(world, &path, old, &[]).await, StatusCode::CONFLICT, "case-stale", "");

    let seen = [("if-match", "\"1\""), ("idempotency-key", "k1")];
    let done = post(world, &path, accept(), &seen).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    // The case has moved on since, but the same request is the same act.
    let again = post(world, &path, accept(), &seen).await;
    assert_eq!((again.status, &again.body["repeated"]), (StatusCode::OK, &json!(true)), "{again:?}");
}

async fn many_acts_are_done_or_refused_each(world: &World) {
    let (one, other) = (world.case().await, world.case().await);
    let act = |case: &str, command: &str| json!({ "case": case, "command": command, "matter": "M02" });
    let nobody = "00000000-0000-4000-8000-000000000000";
    let items = json!({ "items": [
        act(&one, "accept"), act(nobody, "accept"), act(&one, "accept"), act(&other, "accept"),
    ]});
    let key = [("idempotency-key", "many")];
    let done = post(world, "/cases/acts", items.clone(), &key).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let outcome = |done: &Answer| -> Vec<String> {
        let items = done.body["items"].as_array().unwrap().iter();
        items
            .map(|item| item["problem"]["code"].as_str().or(item["state"].as_str()).unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(outcome(&done), ["accepted", "case-not-found", "case-wrong-state", "accepted"]);
    assert_eq!((&done.body["done"], &done.body["refused"]), (&json!(2), &json!(2)));
    let again = post(world, "/cases/acts", items, &key).await;
    assert_eq!(outcome(&again), outcome(&done));
    assert_eq!(again.body["items"][0]["repeated"], json!(true));
    let another = json!({ "items": [act(&one, "accept")] });
    let reused = post(world, "/cases/acts", another, &key).await;
    is(&reused, StatusCode::UNPROCESSABLE_ENTITY, "key-reused", "Idempotency-Key");
    let none = post(world, "/cases/acts", json!({ "items": [] }), &[]).await;
    is(&none, StatusCode::UNPROCESSABLE_ENTITY, "acts-out-of-range", "items");
}

async fn queries_that_name_nothing_are_refused(world: &World) {
    let unknown = [
        ("area=nowhere", "filter-unknown", "area"),
        ("organization=S9", "filter-unknown", "organization"),
        ("state=registered,lost", "filter-unknown", "state"),
        ("kind=quarrel", "filter-unknown", "kind"),
        ("limit=0", "limit-out-of-range", "limit"),
        ("limit=many", "query-invalid", "limit"),
        ("due_before=tomorrow", "query-invalid", "due_before"),
        ("stat=registered", "query-unknown", "stat"),
        ("state=closed&state=rated", "query-twice", "state"),
        ("cursor=0", "cursor-unknown", "cursor"),
        ("sort=colour", "query-invalid", "sort"),
    ];
    for (query, code, field) in unknown {
        is(&get(world, &format!("/cases?{query}")).await, StatusCode::UNPROCESSABLE_ENTITY, code, field);
    }
    let all = get(world, "/cases?area=999901001&overdue=false&limit=1").await;
    assert_eq!(all.body["rows"].as_array().map(Vec::len), Some(1), "{all:?}");
    assert!(all.body["next"].is_string(), "{all:?}");
}
