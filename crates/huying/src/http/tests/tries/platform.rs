use serde_json::json;

use super::super::coverage::Try;
use super::super::world::Ask;

pub fn tries() -> Vec<Try> {
    vec![
        Try::of("post /session", "", |world| {
            Box::pin(async move {
                world.account("wang", "S1.dispatcher").await;
                Ask::path("/session").body(json!({ "login": "wang", "password": "Correct-Horse-1" }))
            })
        }),
        Try::of("get /session", "S1.dispatcher", |_| Box::pin(async { Ask::path("/session") })),
        // Its session ends: nobody else is signed in by this post.
        Try::of("delete /session", "S2.dispatcher2", |_| Box::pin(async { Ask::path("/session") })),
        Try::of("get /demo/people", "", |_| Box::pin(async { Ask::path("/demo/people") })),
        Try::of("get /me/notices", "S1.dispatcher", |_| Box::pin(async { Ask::path("/me/notices") })),
        Try::of("post /me/notices/read", "S1.dispatcher", |_| {
            Box::pin(async { Ask::path("/me/notices/read").body(json!({ "until": "2026-03-02T02:00:00Z" })) })
        }),
        Try::of("get /me/access-log", "S1.dispatcher", |_| Box::pin(async { Ask::path("/me/access-log") })),
        Try::of("get /live", "S1.dispatcher", |_| Box::pin(async { Ask::path("/live") })),
    ]
}
