//! Receipts on both stores, changed in every way.

use proptest::prelude::*;
use store::{Db, on_both_stores};

use super::*;
use crate::MIGRATIONS;
use crate::log::tests::{append, key};
use crate::log::{Log, LogKey, VerifierKey};
use crate::testing::journal;

/// A receipt of five facts with what it discloses.
pub async fn receipt(db: &Db) -> Receipt {
    append(db, "case/0", 300).await;
    append(db, "case/1", 5).await;
    Log::open(db, key(), &[]).await.unwrap();
    let sealer = journal(db).sealer().clone();
    make(db, "case/1", Disclose::Fields { sealer: &sealer, names: &["phone"] }).await.unwrap()
}

fn refused(file: &[u8], key: &VerifierKey) -> ReceiptFault {
    check(file, key).expect_err(&String::from_utf8_lossy(file))
}

on_both_stores!(a_receipt_shows_only_what_was_chosen, MIGRATIONS, |db: Db| async move {
    let shown = receipt(&db).await;
    let checked = check(shown.to_text().as_bytes(), key().verifier()).unwrap();
    assert_eq!((checked.stream.as_str(), checked.facts.len(), checked.checkpoint.size), ("case/1", 5, 305));
    assert_eq!(checked.facts[2].disclosed, [("phone".to_owned(), "13800000002".to_owned())]);
    let bare = make(&db, "case/1", Disclose::Nothing).await.unwrap().to_text();
    assert!(check(bare.as_bytes(), key().verifier()).is_ok());
    assert!(!bare.contains("1380000"));
});

on_both_stores!(a_receipt_is_pending_until_the_log_has_come_so_far, MIGRATIONS, |db: Db| async move {
    let log = Log::open(&db, key(), &[]).await.unwrap();
    append(&db, "case/1", 2).await;
    let early = make(&db, "case/1", Disclose::Nothing).await.unwrap();
    assert_eq!(early.pending(), [1, 2]);
    let fault = refused(early.to_text().as_bytes(), key().verifier());
    assert!(matches!(fault, ReceiptFault::Pending { position: 1 }));
    log.integrate().await.unwrap();
    let later = make(&db, "case/1", Disclose::Nothing).await.unwrap();
    assert!(check(later.to_text().as_bytes(), key().verifier()).is_ok());
    assert!(matches!(make(&db, "case/9", Disclose::Nothing).await, Err(ReceiptError::NoSuchStream(_))));
});

on_both_stores!(no_byte_can_be_changed, MIGRATIONS, |db: Db| async move {
    let mut receipt = receipt(&db).await;
    receipt.facts.truncate(2);
    let file = receipt.to_text().into_bytes();
    assert!(check(&file, key().verifier()).is_ok());
    for at in 0..file.len() {
        for flip in [1, 0x20] {
            let mut changed = file.clone();
            changed[at] ^= flip;
            refused(&changed, key().verifier());
        }
    }
    for (changed, what) in [([&file[..], b"\n"].concat(), "longer"), (file[..file.len() - 1].to_vec(), "shorter")] {
        assert!(check(&changed, key().verifier()).is_err(), "{what}");
    }
});

on_both_stores!(no_field_can_be_changed, MIGRATIONS, |db: Db| async move {
    let whole = receipt(&db).await;
    type Change = fn(&mut Receipt);
    let changes: [(&str, Change); 21] = [
        ("format", |r| r.format.push('2')),
        ("stream", |r| r.stream = "case/0".into()),
        ("first fact gone", |r| drop(r.facts.remove(0))),
        ("a fact gone", |r| drop(r.facts.remove(2))),
        ("no facts", |r| r.facts.clear()),
        ("facts changed places", |r| r.facts.swap(1, 2)),
        ("a fact twice", |r| r.facts.push(r.facts[4].clone())),
        ("position", |r| r.facts[1].position += 10),
        ("version", |r| r.facts[4].version += 1),
        ("kind", |r| r.facts[1].kind.push('x')),
        ("at", |r| r.facts[1].at = "2026-02-28T00:00:00Z".into()),
        ("the same instant written otherwise", |r| r.facts[1].at = "2026-03-01T00:00:00.0Z".into()),
        ("claimed_at", |r| r.facts[1].claimed_at = Some("2026-02-28T00:00:00Z".into())),
        ("effective_at", |r| r.facts[1].effective_at = "2026-02-28T00:00:00Z".into()),
        ("actor", |r| r.facts[1].actor = r.facts[1].actor.replace("test", "tost")),
        ("body", |r| r.facts[1].body = r.facts[1].body.replace("不亮", "亮了")),
        ("disclosed value", |r| r.facts[1].disclosed[0].value.push('1')),
        ("disclosed field", |r| r.facts[1].disclosed[0].field = "name".into()),
        ("disclosed salt", |r| r.facts[1].disclosed[0].salt = r.facts[2].disclosed[0].salt.clone()),
        ("proof of another", |r| r.facts[1].proof = r.facts[2].proof.clone()),
        ("proof gone", |r| r.facts[1].proof = None),
    ];
    for (what, change) in changes {
        let mut changed = whole.clone();
        change(&mut changed);
        assert!(check(changed.to_text().as_bytes(), key().verifier()).is_err(), "{what}");
    }
    // The key is the checker's: a log that someone else signs proves nothing to them.
    for (origin, seed) in [("huying/440104", 8), ("huying/440105", 7)] {
        let other = LogKey::from_seed(origin, [seed; 32]).unwrap();
        let fault = refused(whole.to_text().as_bytes(), other.verifier());
        assert!(matches!(fault, ReceiptFault::Proof { .. }), "{fault}");
    }
});

proptest! {
    #[test]
    fn whatever_the_bytes_checking_ends_in_an_answer(file in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(check(&file, key().verifier()).is_err());
    }
}
