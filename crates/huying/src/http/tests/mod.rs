//! The API at its boundary: who may call what, and the document that says so.

mod callout;
mod coverage;
mod evidence;
mod examples;
mod exports;
mod limits;
mod live;
mod residents;
mod rest;
mod search;
mod served;
mod tries;
mod world;

use store::testing::{Fresh, quick};

use crate::open::migrations;
use world::World;

#[tokio::test]
async fn each_operation_refuses_and_succeeds_as_it_should_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    examples::check(coverage::check(World::on(&fresh.db).await).await);
    fresh.finish().await;
}

#[tokio::test]
async fn each_operation_refuses_and_succeeds_as_it_should_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        examples::check(coverage::check(World::on(&fresh.db).await).await);
        fresh.finish().await;
    }
}

#[tokio::test]
async fn each_operation_is_shown_by_an_example() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    examples::check_document(&World::on(&fresh.db).await.document);
    fresh.finish().await;
}

/// The document the pages' client is made from is the one the handlers describe. `HUYING_WRITE_OPENAPI=1` writes it anew.
#[tokio::test]
async fn the_committed_document_is_fresh() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    let world = World::on(&fresh.db).await;
    let text = serde_json::to_string_pretty(&world.document).unwrap() + "\n";
    let file = "../../web/packages/api/openapi.json";
    if std::env::var("HUYING_WRITE_OPENAPI").is_ok() {
        std::fs::write(file, &text).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap_or_default() == text, "web/packages/api/openapi.json is stale");
    fresh.finish().await;
}

#[tokio::test]
async fn stale_writers_and_many_acts_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    rest::check(World::on(&fresh.db).await).await;
    fresh.finish().await;
}

#[tokio::test]
async fn stale_writers_and_many_acts_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        rest::check(World::on(&fresh.db).await).await;
        fresh.finish().await;
    }
}

#[tokio::test]
async fn residents_see_what_they_reported_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    residents::check(World::on(&fresh.db).await).await;
    fresh.finish().await;
}

#[tokio::test]
async fn residents_see_what_they_reported_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        residents::check(World::on(&fresh.db).await).await;
        fresh.finish().await;
    }
}

#[tokio::test]
async fn a_call_rings_until_it_is_answered_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    callout::check(World::on(&fresh.db).await).await;
    fresh.finish().await;
}

#[tokio::test]
async fn a_call_rings_until_it_is_answered_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        callout::check(World::on(&fresh.db).await).await;
        fresh.finish().await;
    }
}

#[tokio::test]
async fn evidence_is_there_when_it_is_decided_sqlite() {
    let fresh = Fresh::sqlite(&migrations(), quick()).await.unwrap();
    evidence::check(World::on(&fresh.db).await).await;
    fresh.finish().await;
}

#[tokio::test]
async fn evidence_is_there_when_it_is_decided_postgres() {
    if let Some(fresh) = Fresh::postgres(&migrations(), quick()).await.unwrap() {
        evidence::check(World::on(&fresh.db).await).await;
        fresh.finish().await;
    }
}
