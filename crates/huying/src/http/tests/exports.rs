//! Lists as files: what they hold of persons, for whom, and which looks it leaves.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::testing::{Fresh, quick};

use super::world::{Ask, POINT, World};
use crate::open::migrations;

async fn lines(world: &World, post: &str, query: &str) -> Vec<String> {
    let cookie = world.cookie(post).await;
    let ask = Ask::path(format!("/cases/export?format=csv{query}"));
    let answer = world.ask("get", &ask, Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{post}: {answer:?}");
    let text = answer.body.as_str().unwrap_or_else(|| panic!("{answer:?}"));
    text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

/// Grounds and fields of all looks, the newest first.
async fn looks(world: &World) -> Vec<(Value, Value)> {
    let looks = world.done("G.audit", "get", Ask::path("/audit/access")).await["looks"].clone();
    let looks: Vec<Value> = serde_json::from_value(looks).unwrap();
    looks.into_iter().map(|look| (look["ground"].clone(), look["fields"].clone())).collect()
}

async fn check(world: World) {
    const DESK: &str = "S1.dispatcher";
    world.case().await;
    let report = json!({
        "words": "=1+1 门前路灯不亮", "kind": "component", "name": "李芳",
        "point": { "longitude": POINT.0, "latitude": POINT.1 },
    });
    world.done(DESK, "post", Ask::path("/cases").body(report)).await;

    let plain = lines(&world, DESK, "&sort=oldest").await;
    assert_eq!(plain.len(), 3);
    assert!(!plain.concat().contains("井盖") && looks(&world).await.is_empty(), "{plain:?}");

    let personal = lines(&world, DESK, "&sort=oldest&personal=true").await;
    let more = |nth: usize| personal[nth].strip_prefix(&plain[nth]).unwrap_or_else(|| panic!("{personal:?}"));
    assert_eq!(more(0), ",What was reported,Name,Telephone,Address");
    // Opened in one instant, they stand in either order. A quotation mark keeps a formula from being one.
    let mut rows = [more(1), more(2)];
    rows.sort_unstable();
    assert_eq!(rows, [",'=1+1 门前路灯不亮,李**,,", ",路口井盖破损,张**,138****5678,"]);
    let look = (json!("export"), json!(["words"]));
    assert_eq!(looks(&world).await, [look.clone(), look], "each person's words were looked at, and nothing else");

    // Who only works with the case is not told who it is.
    let others = lines(&world, "S1.leader", "&sort=oldest&personal=true").await;
    assert!(!others.concat().contains("13800005678") && !others.concat().contains("张三"), "{others:?}");
    // What the caller may not read is in no file.
    let elsewhere = lines(&world, "D02.leader", "&personal=true").await;
    assert_eq!(elsewhere.len(), 1, "{elsewhere:?}");
}

#[tokio::test]
async fn an_exported_list_shows_what_the_caller_may_know_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    check(World::on(&fresh.db).await).await;
    fresh.finish().await;
}

#[tokio::test]
async fn an_exported_list_shows_what_the_caller_may_know_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        check(World::on(&fresh.db).await).await;
        fresh.finish().await;
    }
}
