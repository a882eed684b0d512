//! A few days of the tiny district.

use journal::{WriterOptions, tail};
use kernel::Actor;
use simulator::Settings;
use store::testing::Fresh;
use store::{Db, on_both_stores};

use crate::district::{TABLES, checks, run, run_grouped, settings};

/// The hash of the same days in another SQLite file, one command a transaction.
async fn hash_one_by_one(settings: Settings) -> String {
    let fresh = Fresh::sqlite(&TABLES, store::testing::quick()).await.unwrap();
    let one = WriterOptions { group: 1, ..WriterOptions::default() };
    let ran = run_grouped(&fresh.db, settings, one).await;
    let hash = checks(&fresh.db, Some(&ran)).await.hash;
    fresh.finish().await;
    hash
}

on_both_stores!(three_days_come_out_the_same_and_sound, &TABLES, |db: Db| async move {
    let ran = run(&db, settings(3, 20.0)).await;
    assert_eq!(ran.tally.events, 60);
    let checked = checks(&db, Some(&ran)).await;
    assert!(checked.violations.is_empty(), "{:#?}", checked.violations);
    assert_eq!(checked.facts, ran.tally.facts);
    assert!(checked.clocks > 100 && checked.receipts > 10, "{checked:?}");
    assert_eq!(
        checked.hash,
        hash_one_by_one(settings(3, 20.0)).await,
        "whatever the store, the grouping and the order of commits"
    );
});

on_both_stores!(another_seed_gives_another_district, &TABLES, |db: Db| async move {
    let ran = run(&db, Settings { seed: 8, ..settings(1, 20.0) }).await;
    let other = Fresh::sqlite(&TABLES, store::testing::quick()).await.unwrap();
    let seven = run(&other.db, settings(1, 20.0)).await;
    assert_ne!(checks(&db, Some(&ran)).await.hash, checks(&other.db, Some(&seven)).await.hash);
    other.finish().await;
});

on_both_stores!(a_card_proposed_by_hand_comes_out_the_same, &TABLES, |db: Db| async move {
    let days = || settings(6, 60.0);
    let ran = run(&db, days()).await;
    let mut facts = tail::after(&mut &db, 0, i64::MAX).await.unwrap();
    facts.retain(|fact| fact.kind == "card.proposed" && !matches!(fact.actor, Actor::System { .. }));
    assert!(ran.tally.proposed_by_hand > 0);
    assert_eq!(facts.len() as u64, ran.tally.proposed_by_hand);
    let checked = checks(&db, Some(&ran)).await;
    assert!(checked.violations.is_empty(), "{:#?}", checked.violations);
    let other = Settings { window_minutes: 7, ..days() };
    assert_eq!(checked.hash, hash_one_by_one(other).await, "whatever the store, the window and the grouping");
});
