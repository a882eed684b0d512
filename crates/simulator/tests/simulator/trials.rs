//! The same days under each kind of fault, on both stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use jiff::SignedDuration;
use journal::Way;
use kernel::Instant;
use simulator::check::Violation;
use simulator::fault::{Outcome, Trial};
use simulator::{Keys, Settings};
use store::testing::{Fresh, quick};
use store::{Db, Dialect, on_both_stores};

use crate::district::{TABLES, checks, profile, run_on, settings};

fn trial() -> Trial {
    let settings = Settings { keys: Keys::All, tries: 20, ..settings(1, 12.0) };
    Trial { profile: profile(), settings, migrations: TABLES.clone() }
}

async fn calm_hash() -> String {
    let fresh = Fresh::sqlite(&TABLES, quick()).await.unwrap();
    let calm = trial().calm(&fresh.db).await.unwrap();
    assert_eq!(calm.violations, Vec::<String>::new());
    fresh.finish().await;
    calm.hash
}

fn sound(outcome: &Outcome, hits: &[&str]) {
    assert_eq!(outcome.violations, Vec::<String>::new());
    for hit in hits {
        assert!(outcome.hits.get(*hit).is_some_and(|count| *count > 0), "{hit} in {:?}", outcome.hits);
    }
}

on_both_stores!(repeated_late_and_overtaken_deliveries_change_nothing, &TABLES, |db: Db| async move {
    let outcome = trial().deliveries(&db).await.unwrap();
    sound(&outcome, &["twice", "together", "late", "overtaken"]);
    assert_eq!(outcome.hash, calm_hash().await);
});

on_both_stores!(what_reaches_the_server_late_breaks_nothing, &TABLES, |db: Db| async move {
    let outcome = trial().delays(&db).await.unwrap();
    sound(&outcome, &["delayed"]);
    assert_ne!(outcome.hash, calm_hash().await);
});

on_both_stores!(a_clock_that_jumps_breaks_nothing, &TABLES, |db: Db| async move {
    let outcome = trial().clock(&db).await.unwrap();
    sound(&outcome, &["back", "forth"]);
});

on_both_stores!(a_clock_that_is_believed_when_it_is_put_back_is_found_out, &TABLES, |db: Db| async move {
    let put_back = AtomicI64::new(0);
    let believed = move |at: Instant| at - SignedDuration::from_secs(3_600 * (put_back.fetch_add(1, Relaxed) % 5));
    let journal = Some(Arc::new(Way::under_clock(believed)));
    let ran = run_on(&db, Settings { keys: Keys::All, ..settings(1, 12.0) }, journal).await;
    let found = checks(&db, Some(&ran)).await.violations;
    assert!(found.iter().any(|one| matches!(one, Violation::RanBack { .. })), "{found:#?}");
});

on_both_stores!(a_disk_that_fills_up_loses_nothing, &TABLES, |db: Db| async move {
    let folder = tempfile::tempdir().unwrap();
    let outcome = trial().disk(&db, folder.path()).await.unwrap();
    sound(&outcome, &["full", "refused"]);
    assert_eq!(outcome.hash, calm_hash().await);
});

on_both_stores!(connections_that_break_lose_nothing, &TABLES, |db: Db| async move {
    let Some(outcome) = trial().connections(&db).await.unwrap() else {
        return assert_eq!(db.dialect(), Dialect::Sqlite);
    };
    sound(&outcome, &["commit unsent", "commit unanswered"]);
    assert_eq!(outcome.hash, calm_hash().await);
});
