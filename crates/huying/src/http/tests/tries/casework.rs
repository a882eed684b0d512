use serde_json::json;

use super::super::coverage::Try;
use super::super::world::{Ask, PICTURE, POINT};

/// Reads cases, but none of S1's.
const ELSEWHERE: &str = "D02.registry";

pub fn tries() -> Vec<Try> {
    vec![
        Try::of("get /queue", "S1.dispatcher", |_| Box::pin(async { Ask::path("/queue?sort=urgency&limit=10") })),
        Try::of("get /cases", "S1.dispatcher", |world| {
            Box::pin(async move {
                world.case().await;
                world.index().await;
                let text = "%E4%BA%95%E7%9B%96";
                Ask::path(format!("/cases?area=999901001&state=registered,accepted&open=true&text={text}&sort=due"))
            })
        }),
        Try::of("post /cases", "S1.dispatcher", |_| {
            Box::pin(async {
                let point = json!({ "longitude": POINT.0, "latitude": POINT.1 });
                Ask::path("/cases").body(json!({
                    "words": "桂花路路灯不亮，夜里行人看不清路", "kind": "component", "point": point,
                    "name": "李芳", "phone": "13800001234",
                }))
            })
        })
        .refused_to("D01.registry"),
        Try::of("get /cases/export", "S1.dispatcher", |world| {
            Box::pin(async move {
                world.case().await;
                Ask::path("/cases/export?format=csv&open=true&personal=true")
            })
        })
        .refused_to("D01.registry"),
        Try::of("get /cases/counts", "S1.dispatcher", |_| Box::pin(async { Ask::path("/cases/counts") })),
        Try::of("get /search", "S1.dispatcher", |world| {
            Box::pin(async move {
                world.case().await;
                world.index().await;
                Ask::path("/search?q=%E4%BA%95%E7%9B%96&excerpts=true")
            })
        }),
        Try::of("get /cases/{id}", "S1.dispatcher", |world| {
            Box::pin(async move { Ask::path(format!("/cases/{}", world.case().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("get /cases/{id}/facts", "S1.dispatcher", |world| {
            Box::pin(async move { Ask::path(format!("/cases/{}/facts", world.case().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("get /cases/{id}/receipt", "S1.dispatcher", |world| {
            Box::pin(async move { Ask::path(format!("/cases/{}/receipt", world.case().await)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("post /cases/{id}/acts", "S1.dispatcher", |world| {
            Box::pin(async move {
                let accept = json!({ "command": "accept", "matter": "M02" });
                Ask::path(format!("/cases/{}/acts", world.case().await)).body(accept)
            })
        })
        .refused_to("S1.leader"),
        Try::of("post /cases/acts", "S1.dispatcher", |world| {
            Box::pin(async move {
                let (one, other) = (world.case().await, world.case().await);
                let accept = |case: String| json!({ "case": case, "command": "accept", "matter": "M02" });
                Ask::path("/cases/acts").body(json!({ "items": [accept(one), accept(other)] }))
            })
        }),
        Try::of("post /cases/{id}/unmasking", "S1.dispatcher", |world| {
            Box::pin(async move {
                let why = json!({ "fields": ["phone"], "ground": "contact", "reason": "回电核实位置" });
                Ask::path(format!("/cases/{}/unmasking", world.case().await)).body(why)
            })
        })
        .refused_to("99990100100101.worker"),
        Try::of("post /files", "S1.dispatcher", |_| {
            Box::pin(async { Ask { raw: Some(PICTURE.to_vec()), ..Ask::path("/files") } })
        })
        .refused_to("D05.arbitrator"),
        Try::of("get /files/owed", "G.audit", |_| Box::pin(async { Ask::path("/files/owed") }))
            .refused_to("S1.dispatcher"),
        Try::of("get /cases/{id}/files", "S1.dispatcher", |world| {
            Box::pin(async move { Ask::path(format!("/cases/{}/files", world.case_with_a_file().await.0)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("get /files/{id}", "S1.leader", |world| {
            Box::pin(async move { Ask::path(format!("/files/{}", world.case_with_a_file().await.1)) })
        })
        .hidden_from(ELSEWHERE),
        Try::of("get /files/{id}/thumbnail", "S1.leader", |world| {
            Box::pin(async move { Ask::path(format!("/files/{}/thumbnail", world.case_with_a_file().await.1)) })
        })
        .hidden_from(ELSEWHERE),
    ]
}
