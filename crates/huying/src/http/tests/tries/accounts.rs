//! Accounts, as administrators see and change them.

use serde_json::{Value, json};

use super::super::coverage::Try;
use super::super::world::{Ask, PASSWORD, World};

pub fn tries() -> Vec<Try> {
    [accounts(), audit()].into_iter().flatten().collect()
}

fn accounts() -> Vec<Try> {
    vec![
        Try::of("get /accounts", "G.audit", |_| Box::pin(async { Ask::path("/accounts?state=open&limit=5") }))
            .refused_to("S1.dispatcher"),
        Try::of("post /accounts", "G.system", |world| {
            Box::pin(async { Ask::path("/accounts").body(json!({ "login": login(world), "name": "郑和" })) })
        })
        .refused_to("G.security"),
        Try::of("get /accounts/{id}", "G.security", |world| {
            Box::pin(async move { Ask::path(format!("/accounts/{}", opened(world).await["id"].as_str().unwrap())) })
        })
        .refused_to("S1.dispatcher"),
        Try::of("post /activation", "", |world| {
            Box::pin(async move {
                let login = login(world);
                let code = opened_as(world, &login).await["code"].clone();
                Ask::path("/activation").body(json!({ "login": login, "code": code, "password": PASSWORD }))
            })
        }),
        Try::of("post /accounts/{id}/disabling", "G.system", |world| {
            Box::pin(async move { Ask::path(of(world, "disabling").await) })
        })
        .refused_to("G.security"),
        Try::of("delete /accounts/{id}/disabling", "G.system", |world| {
            Box::pin(async move {
                let path = of(world, "disabling").await;
                world.done("G.system", "post", Ask::path(&path)).await;
                Ask::path(path)
            })
        })
        .refused_to("G.security"),
        Try::of("post /accounts/{id}/unlocking", "G.security", |world| {
            Box::pin(async move { Ask::path(of(world, "unlocking").await) })
        })
        .refused_to("G.system"),
        Try::of("post /accounts/{id}/activation", "G.security", |world| {
            Box::pin(async move { Ask::path(of(world, "activation").await) })
        })
        .refused_to("G.system"),
        Try::of("post /accounts/{id}/posts", "G.security", |world| {
            Box::pin(async move { Ask::path(of(world, "posts").await).body(json!({ "post": "S1.dispatcher" })) })
        })
        .refused_to("G.system"),
        Try::of("delete /accounts/{id}/posts/{post}", "G.security", |world| {
            Box::pin(async move {
                let path = of(world, "posts").await;
                let body = json!({ "post": "S1.dispatcher" });
                world.done("G.security", "post", Ask::path(&path).body(body)).await;
                Ask::path(format!("{path}/S1.dispatcher"))
            })
        })
        .refused_to("G.system"),
    ]
}

/// What the audit administrator reads.
fn audit() -> Vec<Try> {
    vec![
        Try::of("get /audit/acts", "G.audit", |_| {
            Box::pin(async { Ask::path("/audit/acts?kind=account.opened&limit=5") })
        })
        .refused_to("G.security"),
        Try::of("get /audit/acts/export", "G.audit", |_| {
            Box::pin(async { Ask::path("/audit/acts/export?kind=account.opened&format=csv") })
        })
        .refused_to("G.security"),
        Try::of("get /audit/sign-ins", "G.audit", |_| {
            Box::pin(async { Ask::path("/audit/sign-ins?succeeded=true&limit=5") })
        })
        .refused_to("G.security"),
        Try::of("get /audit/sign-ins/export", "G.audit", |_| {
            Box::pin(async { Ask::path("/audit/sign-ins/export?succeeded=true&format=csv") })
        })
        .refused_to("G.security"),
        Try::of("get /audit/unknown-sign-ins", "G.audit", |world| {
            Box::pin(async {
                let guess = json!({ "login": "nobody.here", "password": "a guess" });
                world.ask("post", &Ask::path("/session").body(guess), None).await;
                Ask::path("/audit/unknown-sign-ins?limit=5")
            })
        })
        .refused_to("G.security"),
        Try::of("get /audit/access", "G.audit", |world| {
            Box::pin(async {
                world.look().await;
                Ask::path("/audit/access?until=2026-03-03T00:00:00Z")
            })
        })
        .refused_to("G.security"),
        Try::of("get /audit/access/export", "G.audit", |world| {
            Box::pin(async {
                world.look().await;
                Ask::path("/audit/access/export?until=2026-03-03T00:00:00Z")
            })
        })
        .refused_to("G.security"),
        Try::of("get /audit/days", "G.audit", |_| Box::pin(async { Ask::path("/audit/days?days=1") }))
            .refused_to("G.security"),
    ]
}

fn login(world: &World) -> String {
    format!("zheng.he{}", world.next())
}

/// A new account that waits for its first password.
async fn opened(world: &World) -> Value {
    opened_as(world, &login(world)).await
}

async fn opened_as(world: &World, login: &str) -> Value {
    world.done("G.system", "post", Ask::path("/accounts").body(json!({ "login": login, "name": "郑和" }))).await
}

/// The path of something about a new account.
async fn of(world: &World, what: &str) -> String {
    format!("/accounts/{}/{what}", opened(world).await["id"].as_str().unwrap())
}
