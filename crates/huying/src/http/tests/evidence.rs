//! What a case rests on is there when it is decided, and is its author's to use, by whichever door it comes.

use std::sync::Arc;

use axum::http::StatusCode;
use casework::ActRefusal;
use casework::case::{Action, Caller, Channel, Evidence, Hand, Location, Register, RequestKind, Words};
use journal::SubmitError;
use platform::file::{FileRules, Files, Scanner};
use serde_json::json;

use super::world::{Ask, World};

const POST: &str = "S1.dispatcher";

pub async fn check(world: World) {
    a_file_that_went_meanwhile_is_no_evidence(&world).await;
    many_acts_and_calls_ask_whose_file_it_is(&world).await;
}

/// The request was in order when it came; the file is gone when it is decided.
async fn a_file_that_went_meanwhile_is_no_evidence(world: &World) {
    let goes = world.file().await;
    // A day passes, in which nothing used it.
    world.platform.edge.not_before("2026-03-03T03:00:00Z".parse().unwrap());
    let objects = Arc::new(platform::file::memory());
    let files = Files::new(world.platform.journal.clone(), objects, FileRules::default(), Scanner::None);
    assert_eq!(files.sweep(&world.platform.edge).await.unwrap().unused, 1);
    world.living_cookie(POST).await;
    let stays = world.file().await;
    let register = |file: &str| {
        let door = world.casework.resting_on(vec![stays.clone(), file.to_owned()]);
        let hand = Hand::Post { person: "x".into(), post: POST.into(), organization: "S1".into() };
        let register = Register {
            channel: Channel::StaffApp,
            kind: RequestKind::Component,
            words: Words::new("井盖破损").unwrap(),
            reporter: None,
            address: None,
            location: Location::Unknown,
            desk: None,
            matter: None,
            urgency: None,
            declares_secret: false,
            confidentiality: None,
            outer: None,
            evidence: vec![Evidence { attachment: Some(file.to_owned()), ..Evidence::of("photo") }],
        };
        async move {
            let caller = Caller::new(hand, Action::ALL);
            door.register(caller, None, register, world.platform.edge.submission(None)).await
        }
    };
    let head = async || journal::tail::head(&mut world.platform.journal.db()).await.unwrap();
    let before = head().await;
    let refused = register(&goes).await;
    assert!(matches!(refused, Err(SubmitError::Refused(ActRefusal::File(_)))), "{refused:?}");
    assert_eq!(head().await, before, "nothing was written");
    assert!(register(&stays).await.is_ok());
}

async fn many_acts_and_calls_ask_whose_file_it_is(world: &World) {
    let (own, case) = (world.file().await, world.case().await);
    let evidence = json!([{ "kind": "photo", "attachment": own }]);
    let act = json!({ "case": case, "command": "verify", "evidence": evidence });
    let items = Ask::path("/cases/acts").body(json!({ "items": [act] }));
    let call = world.call().await;
    let acted = json!({ "command": "act", "summons": 1, "evidence": evidence, "words": "已处置" });
    let act_on_call = Ask::path(format!("/calls/{call}/acts")).body(acted);
    let cookie = world.cookie("D02.registry").await;
    let refused = world.ask("post", &act_on_call, Some(&cookie)).await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::NOT_FOUND, &json!("file-unknown")));
    let other = world.cookie("S1.dispatcher2").await;
    let done = world.ask("post", &items, Some(&other)).await;
    assert_eq!(done.body["items"][0]["problem"]["code"], json!("file-unknown"), "{done:?}");
}
