//! A few days of the tiny district.

use journal::WriterOptions;
use store::testing::Fresh;
use store::{Db, on_both_stores};

use crate::district::{TABLES, checks, run, run_grouped, settings};

/// The hash of the same days in another SQLite file, one command a transaction.
async fn hash_one_by_one() -> String {
    let fresh = Fresh::sqlite(&TABLES, store::testing::quick()).await.unwrap();
    let one = WriterOptions { group: 1, ..WriterOptions::default() };
    let ran = run_grouped(&fresh.db, settings(3, 20.0), one).await;
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
    assert_eq!(checked.hash, hash_one_by_one().await, "whatever the store, the grouping and the order of commits");
});

on_both_stores!(another_seed_gives_another_district, &TABLES, |db: Db| async move {
    let ran = run(&db, simulator::Settings { seed: 8, ..settings(1, 20.0) }).await;
    let other = Fresh::sqlite(&TABLES, store::testing::quick()).await.unwrap();
    let seven = run(&other.db, settings(1, 20.0)).await;
    assert_ne!(checks(&db, Some(&ran)).await.hash, checks(&other.db, Some(&seven)).await.hash);
    other.finish().await;
});
