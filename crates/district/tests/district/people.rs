//! Organizations, duty and matters.

use district::{Party, Profile, Stage};
use kernel::{Instant, Point};

use crate::tiny;

fn when(text: &str) -> Instant {
    text.parse().unwrap()
}

#[test]
fn organizations_are_a_tree() {
    let profile = Profile::load(&tiny()).unwrap();
    let organizations = &profile.organizations;
    assert!(organizations.is_within("D01-9", "D01") && organizations.is_within("D01", "D01"));
    assert!(!organizations.is_within("D01", "D01-9") && !organizations.is_within("X12345", "G"));
    assert_eq!(organizations.department_of("D02-1").unwrap().code, "D02");
    let codes: Vec<_> = organizations.subtree("S1").iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["S1", "S1-1", "S1-2", "C11", "C12"]);
    assert_eq!(organizations.governing("999901001").unwrap().code, "S1");
}

#[test]
fn a_party_may_be_whoever_governs_the_place() {
    let profile = Profile::load(&tiny()).unwrap();
    let path = profile.territory.locate(Point::new(120.025, 30.005).unwrap(), Instant::EPOCH).unwrap();
    let party =
        |level: &str| profile.party(&Party::OfLevel(level.to_owned()), &path.levels).map(|found| found.code.as_str());
    assert_eq!(party("subdistrict"), Some("S2"));
    assert_eq!(party("community"), Some("C21"));
    assert_eq!(party("grid"), None);
}

#[test]
fn a_call_rings_the_duty_then_the_deputy_then_the_centre() {
    let profile = Profile::load(&tiny()).unwrap();
    let ring = |organization, at| -> Vec<&str> {
        profile.ring(organization, when(at)).iter().map(|post| post.key.as_str()).collect()
    };
    // A working Wednesday.
    let day = ring("D01", "2026-03-04T10:00:00+08:00");
    assert_eq!(day[..2], ["D01.registry", "D01-1.handler"]);
    assert!(day[2].starts_with("CC."));
    // The night shift of the 4th reaches into the morning of the 5th, with the post of the 4th.
    let evening = ring("D01", "2026-03-04T23:00:00+08:00");
    assert_eq!(evening[..2], ring("D01", "2026-03-05T08:29:59+08:00")[..2]);
    assert_ne!(evening[0], ring("D01", "2026-03-05T23:00:00+08:00")[0]);
    // A holiday.
    let duty = profile.on_duty("D01", when("2026-10-01T10:00:00+08:00")).unwrap();
    assert_eq!((duty.shift.key.as_str(), duty.until), ("off", when("2026-10-01T17:30:00+08:00")));
    assert_eq!(profile.on_duty("D04", when("2026-03-04T10:00:00+08:00")), None);
}

#[test]
fn a_case_keeps_the_version_it_was_opened_under() {
    let profile = Profile::load(&tiny()).unwrap();
    let handle = |at| {
        let matter = profile.matters.at("M01", when(at)).unwrap();
        (matter.version.as_str(), matter.limits(Stage::Handle).own.unwrap().to_string())
    };
    assert_eq!(handle("2026-06-30T23:59:59+08:00"), ("", "8 working_hour".to_owned()));
    assert_eq!(handle("2026-07-01T00:00:00+08:00"), ("2026-07-01", "4 working_hour".to_owned()));
    assert_eq!(
        profile.matters.version("M01", "").unwrap().limits(Stage::Handle).own.unwrap().to_string(),
        "8 working_hour"
    );
    let reply = profile.matters.at("M05", Instant::EPOCH).unwrap().limits(Stage::Reply);
    assert_eq!(
        (reply.own.unwrap().to_string(), reply.legal.unwrap().to_string()),
        ("7 working_day".into(), "15 working_day".into())
    );
    let of_class: Vec<_> =
        profile.matters.of_class("event:0402", Instant::EPOCH).map(|matter| matter.code.as_str()).collect();
    assert_eq!(of_class, ["M03"]);
}

#[test]
fn phrases_of_state_secrets_are_noticed() {
    let profile = Profile::load(&tiny()).unwrap();
    assert_eq!(profile.secret_in("这是一份 绝 密 材料"), Some("绝密"));
    assert_eq!(profile.secret_in("A Top  Secret paper"), Some("top secret"));
    assert_eq!(profile.secret_in("路灯坏了"), None);
}
