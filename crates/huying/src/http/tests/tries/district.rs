use super::super::coverage::Try;
use super::super::world::{Ask, POINT};

pub fn tries() -> Vec<Try> {
    vec![
        Try::of("get /district", "", |_| Box::pin(async { Ask::path("/district") })),
        Try::of("get /areas", "D01.registry", |_| Box::pin(async { Ask::path("/areas") })),
        Try::of("get /place", "D01.registry", |_| {
            Box::pin(async { Ask::path(format!("/place?longitude={}&latitude={}", POINT.0, POINT.1)) })
        }),
        Try::of("get /matters", "D01.registry", |_| Box::pin(async { Ask::path("/matters") })),
        Try::of("get /organizations", "D01.registry", |_| Box::pin(async { Ask::path("/organizations") })),
        Try::of("get /posts", "D01.registry", |_| Box::pin(async { Ask::path("/posts?action=case.sign") })),
        Try::of("get /duty", "D01.registry", |_| Box::pin(async { Ask::path("/duty?organization=D01") })),
    ]
}
