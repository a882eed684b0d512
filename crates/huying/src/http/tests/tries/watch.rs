//! Calls, cards, notes of duties, outages.

use kernel::Instant;
use serde_json::json;

use super::super::coverage::Try;
use super::super::world::{Ask, World, call_body};

/// Reads calls and cards, but none of these.
const ELSEWHERE: &str = "D05.registry";

pub fn tries() -> Vec<Try> {
    [calls(), cards(), duties(), outages()].into_iter().flatten().collect()
}

fn calls() -> Vec<Try> {
    vec![
        Try::of("get /calls", "S1.leader", |world| {
            Box::pin(async {
                world.call().await;
                Ask::path("/calls?state=standing,checking&open=true&organization=D02&limit=10")
            })
        }),
        Try::of("post /calls", "S1.leader", |_| Box::pin(async { Ask::path("/calls").body(call_body()) }))
            .refused_to("D01.registry"),
        Try::of("get /calls/{id}", "D02.registry", |world| {
            Box::pin(async move { Ask::path(format!("/calls/{}", world.call().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("get /calls/{id}/facts", "D02.registry", |world| {
            Box::pin(async move { Ask::path(format!("/calls/{}/facts", world.call().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("post /calls/{id}/acts", "D02.registry", |world| {
            Box::pin(async move {
                let answer = json!({ "command": "answer", "summons": 1, "words": "即刻出发" });
                let tag = ("if-match", "\"2\"".to_owned());
                let ask = Ask::path(format!("/calls/{}/acts", world.call().await)).body(answer);
                Ask { headers: vec![tag], ..ask }
            })
        })
        .hidden_from(ELSEWHERE),
    ]
}

fn cards() -> Vec<Try> {
    vec![
        Try::of("get /cards", "SV.supervisor", |world| {
            Box::pin(async {
                world.card().await;
                Ask::path("/cards?state=proposed&colour=yellow&organization=D01")
            })
        }),
        Try::of("post /cards", "SV.supervisor", |world| {
            Box::pin(async move { Ask::path("/cards").body(world.card_body().await) })
        })
        .refused_to("D01.registry"),
        Try::of("get /cards/{id}", "D01.registry", |world| {
            Box::pin(async move { Ask::path(format!("/cards/{}", world.card().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("get /cards/{id}/facts", "D01.registry", |world| {
            Box::pin(async move { Ask::path(format!("/cards/{}/facts", world.card().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("post /cards/{id}/acts", "SV.supervisor", |world| {
            Box::pin(async move {
                let issue = json!({ "command": "issue", "words": "请说明情况" });
                Ask::path(format!("/cards/{}/acts", world.card().await)).body(issue)
            })
        })
        .refused_to("D01.registry"),
    ]
}

fn duties() -> Vec<Try> {
    vec![
        Try::of("post /handovers/{organization}", "D01.registry", |_| {
            Box::pin(async {
                Ask::path("/handovers/D01").body(json!({ "words": "井盖已围挡，下班前复查" }))
            })
        })
        .refused_to("D02.registry"),
        // The note that D01.registry has just left.
        Try::of("get /handovers/{organization}", "D01-1.handler", |_| Box::pin(async { Ask::path("/handovers/D01") }))
            .hidden_from("D02.registry"),
        Try::of("post /handovers/{organization}/taking", "D01-1.handler", |_| {
            Box::pin(async { Ask::path("/handovers/D01/taking").body(json!({})) })
        })
        .hidden_from("D02.registry"),
    ]
}

fn outages() -> Vec<Try> {
    vec![
        Try::of("get /outages", "CC.operator", |world| {
            Box::pin(async {
                world.done("CC.operator", "post", outage(world)).await;
                Ask::path("/outages")
            })
        }),
        Try::of("post /outages", "CC.operator", |world| Box::pin(async { outage(world) })).refused_to("SV.supervisor"),
    ]
}

/// No two of them overlap.
fn outage(world: &World) -> Ask {
    let until = world.now().micros() - 3_600_000_000 * (20 + world.next());
    let (from, until) = (Instant::from_micros(until - 1_800_000_000), Instant::from_micros(until));
    let body = json!({ "from": from.to_string(), "until": until.to_string(), "words": "机房断电" });
    Ask::path("/outages").body(body)
}
