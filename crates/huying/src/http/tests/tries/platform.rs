use platform::factor::FactorSecret;
use serde_json::{Value, json};

use super::super::coverage::Try;
use super::super::world::{Ask, PASSWORD, World};

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
        Try::of("post /residents/code", "", |_| {
            Box::pin(async { Ask::path("/residents/code").body(json!({ "phone": "13900001111" })) })
        }),
        Try::of("post /residents/session", "", |world| {
            Box::pin(async move {
                let phone = "13900002222";
                world.ask("post", &Ask::path("/residents/code").body(json!({ "phone": phone })), None).await;
                let text = world.sms.messages().last().unwrap().text.clone();
                let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
                Ask::path("/residents/session").body(json!({ "phone": phone, "code": code }))
            })
        }),
        Try::of("get /session/ways", "", |_| Box::pin(async { Ask::path("/session/ways") })),
        Try::of("get /me/oidc", "D05.registry", |_| Box::pin(async { Ask::path("/me/oidc") })),
        Try::of("post /me/oidc", "D05.registry", |_| {
            Box::pin(async { Ask::path("/me/oidc").body(json!({ "password": PASSWORD })) })
        }),
        Try::of("delete /me/oidc", "D05.registry", |world| {
            Box::pin(async move {
                link(world, "D05.registry").await;
                Ask::path("/me/oidc")
            })
        }),
        Try::of("post /accounts/{id}/oidc", "G.security", |world| {
            Box::pin(async move {
                world.cookie("D05.leader").await;
                let subject = world.platform.edge.chance().uuid().to_string();
                Ask::path("/accounts/D05.leader/oidc").body(json!({ "subject": subject }))
            })
        })
        .refused_to("G.system"),
        Try::of("delete /accounts/{id}/oidc", "G.security", |world| {
            Box::pin(async move {
                link(world, "D05.handler").await;
                Ask::path("/accounts/D05.handler/oidc")
            })
        })
        .refused_to("G.system"),
        Try::of("get /demo/people", "", |_| Box::pin(async { Ask::path("/demo/people") })),
        Try::of("get /demo/messages", "", |_| Box::pin(async { Ask::path("/demo/messages") })),
        Try::of("get /me/notices", "S1.dispatcher", |world| {
            Box::pin(async {
                world.case().await;
                world.tell().await;
                Ask::path("/me/notices?limit=5")
            })
        }),
        Try::of("post /me/notices/read", "S1.dispatcher", |_| {
            Box::pin(async { Ask::path("/me/notices/read").body(json!({ "until": "2026-03-02T02:00:00Z" })) })
        }),
        Try::of("get /me/contact", "S1.dispatcher", |_| Box::pin(async { Ask::path("/me/contact") })),
        Try::of("put /me/contact", "S1.dispatcher", |_| {
            Box::pin(async {
                let body = json!({ "mail": "wang@example.org", "phone": "13800005678", "language": "zh-CN" });
                Ask::path("/me/contact").body(body)
            })
        }),
        Try::of("get /webhooks", "G.system", |world| {
            Box::pin(async {
                world.webhook().await;
                Ask::path("/webhooks")
            })
        })
        .refused_to("G.audit"),
        Try::of("post /webhooks", "G.system", |_| {
            Box::pin(async {
                let body = json!({ "address": "https://1.1.1.1/", "kinds": ["case.*"], "posts": ["S1.dispatcher"] });
                Ask::path("/webhooks").body(body)
            })
        })
        .refused_to("G.security"),
        Try::of("delete /webhooks/{id}", "G.system", |world| {
            Box::pin(async move { Ask::path(format!("/webhooks/{}", world.webhook().await)) })
        })
        .refused_to("G.security"),
        Try::of("get /deliveries", "G.system", |world| {
            Box::pin(async {
                world.dead_delivery().await;
                Ask::path("/deliveries?state=dead&limit=5")
            })
        })
        .refused_to("S1.dispatcher"),
        Try::of("post /deliveries/{id}/replay", "G.system", |world| {
            Box::pin(async move { Ask::path(format!("/deliveries/{}/replay", world.dead_delivery().await)) })
        })
        .refused_to("G.audit"),
        Try::of("get /clients", "G.system", |world| {
            Box::pin(async {
                client(world).await;
                Ask::path("/clients")
            })
        })
        .refused_to("G.audit"),
        Try::of("post /clients", "G.system", |_| {
            Box::pin(async {
                let body = json!({ "name": "区应急指挥系统", "posts": ["D01.registry"], "scopes": ["case.read"] });
                Ask::path("/clients").body(body)
            })
        })
        .refused_to("S1.dispatcher"),
        Try::of("post /clients/{id}/key", "G.system", |world| {
            Box::pin(async move { Ask::path(format!("/clients/{}/key", client(world).await)).body(json!({})) })
        })
        .refused_to("G.security"),
        Try::of("delete /clients/{id}", "G.system", |world| {
            Box::pin(async move { Ask::path(format!("/clients/{}", client(world).await)) })
        })
        .refused_to("G.security"),
        Try::of("get /me/access-log", "S1.leader", |world| {
            Box::pin(async {
                let read = Ask::path(format!("/calls/{}/facts", world.call().await));
                world.done("D02.registry", "get", read).await;
                Ask::path("/me/access-log?limit=5")
            })
        }),
        Try::of("get /me/sign-ins", "S1.dispatcher", |_| Box::pin(async { Ask::path("/me/sign-ins") })),
        Try::of("get /me/sessions", "S1.dispatcher", |_| Box::pin(async { Ask::path("/me/sessions") })),
        Try::of("delete /me/sessions/{id}", "S2.leader", |world| {
            Box::pin(async move {
                world.anew("S2.leader").await;
                let cookie = world.cookie("S2.leader").await;
                let list = world.ask("get", &Ask::path("/me/sessions"), Some(&cookie)).await.body;
                Ask::path(format!("/me/sessions/{}", list[0]["id"].as_str().unwrap()))
            })
        })
        .hidden_from("S1.dispatcher"),
        // Whoever it is has another password after.
        Try::of("post /me/password", "S2.leader", |world| {
            Box::pin(async {
                world.anew("S2.leader").await;
                let body = json!({ "current": PASSWORD, "password": "Correct-Horse-2" });
                Ask::path("/me/password").body(body)
            })
        }),
        Try::of("get /me/second-factor", "D01.registry", |_| Box::pin(async { Ask::path("/me/second-factor") })),
        Try::of("post /me/second-factor", "D01.registry", |world| {
            Box::pin(async move {
                world.anew("D01.registry").await;
                Ask::path("/me/second-factor").body(json!({ "password": PASSWORD }))
            })
        }),
        Try::of("post /me/second-factor/confirmation", "D01.registry", |world| {
            Box::pin(async move {
                world.anew("D01.registry").await;
                let begin = Ask::path("/me/second-factor").body(json!({ "password": PASSWORD }));
                let begun = world.done("D01.registry", "post", begin).await;
                Ask::path("/me/second-factor/confirmation").body(json!({ "code": code_of(world, &begun) }))
            })
        }),
        Try::of("post /me/second-factor/recovery-codes", "D02.registry", |world| {
            Box::pin(async move {
                let proof = json!({ "password": PASSWORD, "code": enrolled(world, "D02.registry").await.1[0] });
                Ask::path("/me/second-factor/recovery-codes").body(proof)
            })
        }),
        Try::of("post /me/second-factor/removal", "D03.registry", |world| {
            Box::pin(async move {
                let proof = json!({ "password": PASSWORD, "code": enrolled(world, "D03.registry").await.1[0] });
                Ask::path("/me/second-factor/removal").body(proof)
            })
        }),
        Try::of("post /accounts/{id}/second-factor/reset", "G.security", |world| {
            Box::pin(async move {
                let (account, _) = enrolled(world, "D02.leader").await;
                Ask::path(format!("/accounts/{account}/second-factor/reset"))
            })
        })
        .refused_to("G.system"),
        Try::of("post /session/second-factor", "", |world| {
            Box::pin(async move {
                let (login, codes) = enrolled(world, "D03.leader").await;
                let first = Ask::path("/session").body(json!({ "login": login, "password": PASSWORD }));
                let ticket = world.ask("post", &first, None).await.body["ticket"].clone();
                Ask::path("/session/second-factor").body(json!({ "ticket": ticket, "code": codes[0] }))
            })
        }),
        Try::of("get /live", "S1.dispatcher", |_| Box::pin(async { Ask::path("/live") })),
    ]
}

/// Links whoever holds the post to somebody of the other system.
async fn link(world: &World, post: &str) {
    world.cookie(post).await;
    let body = json!({ "subject": world.platform.edge.chance().uuid().to_string() });
    world.done("G.security", "post", Ask::path(format!("/accounts/{post}/oidc")).body(body)).await;
}

/// Someone new holds the post and has a second factor: the login, and recovery codes.
async fn enrolled(world: &World, post: &str) -> (String, Vec<String>) {
    let login = world.anew(post).await;
    let begun = world.done(post, "post", Ask::path("/me/second-factor").body(json!({ "password": PASSWORD }))).await;
    let confirm = Ask::path("/me/second-factor/confirmation").body(json!({ "code": code_of(world, &begun) }));
    let codes = world.done(post, "post", confirm).await;
    (login, serde_json::from_value(codes["codes"].clone()).unwrap())
}

/// What a device shows now that was told the secret.
fn code_of(world: &World, begun: &Value) -> String {
    let secret = FactorSecret::parse(begun["secret"].as_str().unwrap()).unwrap();
    secret.code_at(world.platform.edge.now())
}

/// The identifier of a new API client.
async fn client(world: &World) -> String {
    let body = json!({ "name": "区应急指挥系统", "posts": ["D01.registry"], "scopes": ["case.read"] });
    let client = world.done("G.system", "post", Ask::path("/clients").body(body)).await;
    client["id"].as_str().unwrap().to_owned()
}
