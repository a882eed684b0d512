//! Writes that fail, runs that are cut off: what is taken up again comes out as if nothing had happened.

use simulator::{Keys, Settings};
use store::testing::{Fresh, quick};
use store::{Db, on_both_stores};

use crate::district::{TABLES, checks, run, settings, try_run};

fn keyed(tries: u32) -> Settings {
    Settings { keys: Keys::All, tries, ..settings(1, 12.0) }
}

/// The hash of the undisturbed day, and how often each write site is passed in it.
async fn undisturbed() -> (String, Vec<(String, u64)>) {
    let fresh = Fresh::sqlite(&TABLES, quick()).await.unwrap();
    fresh.db.faults().count();
    let ran = run(&fresh.db, keyed(0)).await;
    let sites = fresh.db.faults().sites().into_iter().collect();
    let hash = checks(&fresh.db, Some(&ran)).await.hash;
    fresh.finish().await;
    (hash, sites)
}

#[test]
fn each_write_fails_once_and_nothing_is_lost_or_doubled() {
    store::testing::block_on(async {
        let (hash, sites) = undisturbed().await;
        for site in ["insert into fact", "insert into case_file", "insert into clock", "update head", "commit"] {
            assert!(sites.iter().any(|(other, _)| other.starts_with(site)), "{site} in {sites:?}");
        }
        for (site, hits) in sites {
            let fresh = Fresh::sqlite(&TABLES, quick()).await.unwrap();
            fresh.db.faults().fail_at(&site, hits.div_ceil(2));
            let ran = run(&fresh.db, keyed(3)).await;
            let checked = checks(&fresh.db, Some(&ran)).await;
            assert!(checked.violations.is_empty(), "{site}: {:#?}", checked.violations);
            assert_eq!(checked.hash, hash, "{site}");
            fresh.finish().await;
        }
    });
}

on_both_stores!(a_run_cut_off_at_a_commit_is_taken_up, &TABLES, |db: Db| async move {
    let (hash, _) = undisturbed().await;
    db.faults().fail_at("after commit", 20);
    assert!(try_run(&db, keyed(0)).await.is_err(), "the outcome of a commit was unknown");
    let ran = run(&db, keyed(0)).await;
    let checked = checks(&db, Some(&ran)).await;
    assert!(checked.violations.is_empty(), "{:#?}", checked.violations);
    assert_eq!(checked.hash, hash);
});
