//! What is found over HTTP: by whom, by which words, with which marks and with which looks on record.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::Db;
use store::testing::{Fresh, quick};

use super::world::{Answer, Ask, World};
use crate::open::migrations;

async fn search(world: &World, post: &str, question: &str) -> Answer {
    let cookie = world.cookie(post).await;
    world.ask("get", &Ask::path(format!("/search?{question}")), Some(&cookie)).await
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn ids(answer: &Answer) -> Vec<&str> {
    let hits = answer.body["hits"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(answer.body["total"], hits.len());
    hits.iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

/// Looks that persons find on their access logs by now.
async fn looks(world: &World) -> i64 {
    let head = journal::tail::head(&mut world.platform.journal.db()).await.unwrap();
    let facts = journal::tail::after(&mut world.platform.journal.db(), 0, head).await.unwrap();
    facts.iter().filter(|fact| fact.kind == journal::access::LOOKED).count() as i64
}

async fn check(db: Db) {
    let world = World::on(&db).await;
    let id = world.case().await;
    let desk = "S1.dispatcher";
    let before = search(&world, desk, &format!("q={}", percent("井盖"))).await;
    assert!(ids(&before).is_empty() && before.body["behind"].as_i64().unwrap() > 0, "{before:?}");
    world.index().await;

    let by = async |post: &str, text: &str| search(&world, post, &format!("q={}", percent(text))).await;
    let found = by(desk, "井盖 破损").await;
    assert_eq!((ids(&found), &found.body["behind"]), (vec![id.as_str()], &json!(0)));
    let number = found.body["hits"][0]["number"].as_str().unwrap().to_owned();
    let of_number = by(desk, &number).await;
    let marked = &of_number.body["hits"][0]["highlights"];
    assert_eq!(marked[0]["field"], "number");
    let spans = marked[0]["spans"].as_array().unwrap();
    assert_eq!((&spans[0]["from"], &spans.last().unwrap()["until"]), (&json!(0), &json!(number.chars().count())));
    assert_eq!(ids(&by(desk, &number[..12].to_lowercase()).await), [id.as_str()], "its beginning is enough");

    // Who the person is can be asked for only where the caller may know it.
    for text in ["张三", "13800005678", "zhangsan"] {
        assert_eq!(ids(&by(desk, text).await), [id.as_str()], "{text}");
        assert!(ids(&by("99990100100101.worker", text).await).is_empty(), "{text}");
        assert!(ids(&by("D02.registry", text).await).is_empty(), "{text}");
    }
    assert_eq!(ids(&by("99990100100101.worker", "井盖").await), [id.as_str()]);
    assert!(ids(&by("D02.registry", "井盖").await).is_empty(), "nor a case that the caller may not read");

    // What is quoted has to stand just so, and where the caller may see it.
    assert_eq!(ids(&by(desk, "“井盖破损”").await), [id.as_str()]);
    assert_eq!(ids(&by(desk, "\"路口井盖\" 张三").await), [id.as_str()]);
    assert!(ids(&by(desk, "“破损井盖”").await).is_empty());
    assert!(ids(&by("D02.registry", "“井盖破损”").await).is_empty());
    let worker = "99990100100101.worker";
    assert!(
        ids(&by(worker, "“井盖破损” 张三").await).is_empty(),
        "what stands beside it is looked for as far as one sees"
    );

    // What people wrote is opened only where it is asked for, and then it is on record.
    assert_eq!(looks(&world).await, 0);
    assert_eq!(found.body["hits"][0]["excerpts"], json!([]));
    let opened = search(&world, desk, &format!("q={}&excerpts=true", percent("井盖"))).await;
    let excerpt = &opened.body["hits"][0]["excerpts"][0];
    assert_eq!(excerpt, &json!({ "field": "words", "text": "路口井盖破损", "spans": [{ "from": 2, "until": 4 }] }));
    assert_eq!(looks(&world).await, 1);

    for (question, field, code) in [
        ("q=%20", "q", "search-empty"),
        ("", "q", "search-empty"),
        (&*format!("q={}", "a".repeat(201)), "q", "search-too-long"),
        ("q=a&kind=card", "kind", "search-kind"),
        ("q=a&cursor=x", "cursor", "cursor-unknown"),
    ] {
        let refused = search(&world, desk, question).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{question}");
        let named = |name: &str| refused.body[name].as_str().map(str::to_owned);
        assert_eq!((named("field").as_deref(), named("code").as_deref()), (Some(field), Some(code)));
    }
    pages(&world, desk).await;
    lists(&world, desk).await;
}

/// Lists that are narrowed by a text.
async fn lists(world: &World, desk: &str) {
    let list = async |post: &str, query: &str| {
        let cookie = world.cookie(post).await;
        world.ask("get", &Ask::path(format!("/cases?{query}")), Some(&cookie)).await
    };
    let count = |answer: &Answer| answer.body["rows"].as_array().map(Vec::len);
    let manhole = percent("井盖");
    let all = list(desk, &format!("text={manhole}")).await;
    assert_eq!((count(&all), &all.body["behind"]), (Some(5), &json!(0)), "{all:?}");
    assert_eq!(list(desk, "state=registered").await.body["behind"], Value::Null);
    assert_eq!(count(&list(desk, &format!("text={}", percent("井盖 路灯"))).await), Some(0));
    let narrowed = format!("text={manhole}&area=999901001&state=registered&kind=component&sort=due");
    assert_eq!(count(&list(desk, &narrowed).await), Some(5));
    assert_eq!(count(&list(desk, &format!("{narrowed}&kind=event").replace("&kind=component", "")).await), Some(0));
    let (mut seen, mut query) = (Vec::new(), format!("text={manhole}&limit=2&sort=oldest"));
    loop {
        let page = list(desk, &query).await;
        seen.extend(page.body["rows"].as_array().unwrap().iter().map(|row| row["number"].clone()));
        let Some(next) = page.body["next"].as_str() else { break };
        query = format!("text={manhole}&limit=2&sort=oldest&cursor={next}");
    }
    assert_eq!(seen.len(), 5, "{seen:?}");

    // As in searching: who it is, only where the caller may know; what the caller may not read, never.
    let name = format!("text={}", percent("张三"));
    assert_eq!(count(&list(desk, &name).await), Some(5));
    assert_eq!(count(&list("99990100100101.worker", &name).await), Some(0));
    assert_eq!(count(&list("99990100100101.worker", &format!("text={manhole}")).await), Some(5));
    assert_eq!(count(&list("D02.registry", &format!("text={manhole}")).await), Some(0));
    for (text, code) in [("%20", "search-empty"), (&*"a".repeat(201), "search-too-long")] {
        let refused = list(desk, &format!("text={text}")).await;
        let named = (refused.body["field"].as_str(), refused.body["code"].as_str());
        assert_eq!((refused.status, named), (StatusCode::UNPROCESSABLE_ENTITY, (Some("text"), Some(code))));
    }

    // The file holds what the list holds; a case that the index has not read yet is in neither.
    world.case().await;
    let behind = list(desk, &format!("text={manhole}")).await;
    assert!(count(&behind) == Some(5) && behind.body["behind"].as_i64().unwrap() > 0, "{behind:?}");
    let cookie = world.cookie(desk).await;
    let file = Ask::path(format!("/cases/export?format=csv&text={manhole}"));
    let file = world.ask("get", &file, Some(&cookie)).await;
    assert_eq!(file.body.as_str().map(|text| text.lines().count()), Some(6), "{file:?}");
}

async fn pages(world: &World, desk: &str) {
    for _ in 0..4 {
        world.case().await;
    }
    world.index().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = search(world, desk, &format!("q={}&limit=2{cursor}", percent("井盖"))).await;
        assert_eq!(page.body["total"], 5);
        seen.extend(page.body["hits"].as_array().unwrap().iter().map(|hit| hit["id"].clone()));
        match &page.body["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    let mut apart: Vec<String> = seen.iter().map(Value::to_string).collect();
    apart.sort();
    apart.dedup();
    assert_eq!((seen.len(), apart.len()), (5, 5));
}

#[tokio::test]
async fn found_is_what_the_caller_may_see_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    check(fresh.db.clone()).await;
    fresh.finish().await;
}

#[tokio::test]
async fn found_is_what_the_caller_may_see_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        check(fresh.db.clone()).await;
        fresh.finish().await;
    }
}
