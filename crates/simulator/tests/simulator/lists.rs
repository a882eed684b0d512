//! Days that cross into a year whose list of holidays is published in the course of them.

use std::sync::Arc;

use district::Profile;
use journal::{WriterOptions, tail};
use kernel::{Calendar, Instant};
use simulator::{Ran, Settings};
use store::testing::Fresh;
use store::{Db, on_both_stores};

use crate::district::{TABLES, checks_by, profile, settings, simulation, town};

/// A round of the timekeeper.
fn published() -> Instant {
    "2026-12-30T12:00:00+08:00".parse().unwrap()
}

/// The tiny district with a made-up list for 2027: its first three working days off, a Sunday after them worked.
fn with_list() -> Arc<Profile> {
    let mut profile = Arc::into_inner(profile()).unwrap();
    let mut plan = profile.calendar.plan().clone();
    assert!(!plan.published.contains(&2027), "the district knows the list by itself");
    plan.published.insert(2027);
    plan.days_off.extend(["2027-01-01", "2027-01-04", "2027-01-05"].map(|date| date.parse::<kernel::Date>().unwrap()));
    plan.make_up_days.insert("2027-01-10".parse().unwrap());
    profile.calendar = Calendar::build(plan).unwrap();
    Arc::new(profile)
}

fn days(window_minutes: u32) -> Settings {
    let from = "2026-12-28T00:00:00+08:00".parse().unwrap();
    Settings { from, window_minutes, ..settings(8, 20.0) }
}

async fn run(db: &Db, settings: Settings, options: WriterOptions) -> Ran {
    let later = town(with_list(), &settings);
    simulation(db, settings, options).with_list(published(), later).run(|_| ()).await.unwrap()
}

/// The hash of the same days in another SQLite file, in other windows and one command a transaction.
async fn hash_one_by_one() -> String {
    let fresh = Fresh::sqlite(&TABLES, store::testing::quick()).await.unwrap();
    let one = WriterOptions { group: 1, ..WriterOptions::default() };
    let ran = run(&fresh.db, days(7), one).await;
    let plan = with_list().calendar.plan().clone();
    let hash = checks_by(&fresh.db, Some(&ran), Some((published(), &plan))).await.hash;
    fresh.finish().await;
    hash
}

on_both_stores!(what_was_counted_without_a_list_is_counted_again_by_it, &TABLES, |db: Db| async move {
    let ran = run(&db, days(60), WriterOptions::default()).await;
    let facts = tail::after(&mut &db, 0, i64::MAX).await.unwrap();
    let of = |kind: &str| facts.iter().filter(|fact| fact.kind == kind).collect::<Vec<_>>();
    let again = [of("case.recounted"), of("call.recounted"), of("card.recounted")].concat();
    assert!(!of("case.recounted").is_empty() && !of("card.recounted").is_empty(), "{again:#?}");
    assert_eq!(again.len() as u64, ran.tally.recounted);
    assert!(again.iter().all(|fact| fact.at == published()), "all at the round, and none later");

    let plan = with_list().calendar.plan().clone();
    let checked = checks_by(&db, Some(&ran), Some((published(), &plan))).await;
    assert!(checked.violations.is_empty(), "{:#?}", checked.violations);
    assert_eq!((checked.facts, checked.kept_time), (ran.tally.facts, ran.tally.kept_time));
    assert_eq!(checked.hash, hash_one_by_one().await, "whatever the store, the window and the order of commits");
    let by_one = checks_by(&db, Some(&ran), None).await;
    assert!(by_one.violated > 0, "by the calendar without the list some due instants are found wrong");
});
