//! Each way of tampering is found, on both stores.

use kernel::Digest;
use store::{Db, on_both_stores};

use super::*;
use crate::MIGRATIONS;
use crate::fact::{Hashed, hash};
use crate::log::tests::{append, key, tamper};
use crate::log::{Log, LogKey};
use crate::testing::journal;

/// A journal of 620 facts in two streams with its log.
async fn grown(db: &Db) -> Checkpoint {
    append(db, "case/1", 600).await;
    append(db, "case/2", 20).await;
    let log = Log::open(db, key(), &[]).await.unwrap();
    let text = log.reader().checkpoint().await.unwrap().unwrap();
    Checkpoint::open(&text, key().verifier()).unwrap()
}

async fn run(db: &Db, witnessed: &[Checkpoint]) -> Verified {
    let journal = journal(db);
    let key = key();
    let against = Against { key: Some(key.verifier()), sealer: Some(journal.sealer()), witnessed };
    verify(db, against, |_, _| ()).await.unwrap()
}

async fn findings(db: &Db) -> Vec<Finding> {
    run(db, &[]).await.findings
}

/// Body and hash of a fact rewritten so that they agree, as an insider would.
async fn rewrite(db: &Db, position: i64, body: &str) {
    let fact = crate::tail::at(&mut &*db, position).await.unwrap().unwrap();
    let actor = kernel::canonical_json(&fact.actor);
    let hash = hash(&Hashed {
        position,
        stream: &fact.stream,
        version: fact.version,
        kind: &fact.kind,
        at: fact.at,
        claimed_at: fact.claimed_at,
        effective_at: fact.effective_at,
        actor: &actor,
        body: body.as_bytes(),
    });
    tamper(
        db,
        &format!(
            "update fact set body = {}, hash = {} where position = {position}",
            bytes(db, body.as_bytes()),
            bytes(db, &hash.0)
        ),
    )
    .await;
}

/// A literal of bytes in the store's dialect.
fn bytes(db: &Db, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match db.dialect() {
        store::Dialect::Sqlite => format!("x'{hex}'"),
        store::Dialect::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

on_both_stores!(a_sound_journal_has_no_findings, MIGRATIONS, |db: Db| async move {
    assert!(run(&db, &[]).await.is_sound(), "an empty one");
    let checkpoint = grown(&db).await;
    append(&db, "case/3", 5).await;
    let mut told = Vec::new();
    let journal = journal(&db);
    let key = key();
    let witnessed = [checkpoint];
    let against = Against { key: Some(key.verifier()), sealer: Some(journal.sealer()), witnessed: &witnessed };
    let verified = verify(&db, against, |done, all| told.push((done, all))).await.unwrap();
    assert_eq!(verified.findings, []);
    assert_eq!((verified.facts, verified.streams, verified.opened, verified.erased), (625, 3, 625, 0));
    assert_eq!((verified.log_size, verified.checkpoint, verified.signature_checked), (620, Some(620), true));
    assert_eq!(told, [(625, 625)]);
});

on_both_stores!(an_altered_fact_is_found, MIGRATIONS, |db: Db| async move {
    grown(&db).await;
    tamper(&db, "update fact set kind = 'test.altered' where position = 300").await;
    assert_eq!(findings(&db).await, [Finding::Altered { position: 300 }]);
    tamper(&db, "update fact set kind = 'test.happened' where position = 300").await;
    let spaced = r#"update fact set actor = replace(actor, ',', ', ') where position = 7"#;
    tamper(&db, spaced).await;
    assert_eq!(findings(&db).await, [Finding::Altered { position: 7 }]);
});

on_both_stores!(an_altered_fact_with_a_new_hash_is_found, MIGRATIONS, |db: Db| async move {
    grown(&db).await;
    rewrite(&db, 300, r#"{"number":299,"note":"路灯亮了"}"#).await;
    let findings = findings(&db).await;
    let place = Place { level: 0, number: 1 };
    assert_eq!(findings[..2], [Finding::Tile(place), Finding::NotInLog { from: 300, to: 300 }]);
    assert!(findings.contains(&Finding::Root { size: 620, whose: Whose::Checkpoint }), "{findings:?}");
});

on_both_stores!(a_deleted_fact_is_found, MIGRATIONS, |db: Db| async move {
    grown(&db).await;
    tamper(&db, "delete from fact where position = 300").await;
    let found = findings(&db).await;
    assert!(found.contains(&Finding::Missing { from: 300, to: 300 }), "{found:?}");
    let version = Finding::Version { position: 301, stream: "case/1".into(), expected: 300, found: 301 };
    assert!(found.contains(&version), "{found:?}");
    assert_eq!(found.iter().filter(|finding| matches!(finding, Finding::NotInLog { .. })).count(), 1, "{found:?}");
});

on_both_stores!(a_cut_journal_is_found, MIGRATIONS, |db: Db| async move {
    let checkpoint = grown(&db).await;
    tamper(&db, "delete from fact where position > 610").await;
    let found = findings(&db).await;
    assert!(found.contains(&Finding::Head { last: 610, head: 620 }), "{found:?}");
    assert!(found.contains(&Finding::Shorter { size: 620, facts: 610, whose: Whose::Checkpoint }), "{found:?}");

    // Cut with care: head and log are made to fit, and the shorter log is signed again with the true key.
    tamper(&db, "update head set position = 610").await;
    for table in ["log_state", "log_tile"] {
        tamper(&db, &format!("delete from {table}")).await;
    }
    Log::open(&db, key(), &[]).await.unwrap();
    assert_eq!(findings(&db).await, [], "nobody inside can tell");
    let verified = run(&db, &[checkpoint]).await;
    assert_eq!(verified.findings, [Finding::Shorter { size: 620, facts: 610, whose: Whose::Witness }]);
});

on_both_stores!(a_rewritten_log_of_the_same_length_is_found_by_a_witness, MIGRATIONS, |db: Db| async move {
    let checkpoint = grown(&db).await;
    rewrite(&db, 300, r#"{"number":299}"#).await;
    for table in ["log_state", "log_tile"] {
        tamper(&db, &format!("delete from {table}")).await;
    }
    tamper(&db, "update fact set sealed = null where position = 300").await;
    Log::open(&db, key(), &[]).await.unwrap();
    assert_eq!(findings(&db).await, [], "nobody inside can tell");
    let verified = run(&db, &[checkpoint]).await;
    assert_eq!(verified.findings, [Finding::Root { size: 620, whose: Whose::Witness }]);
});

on_both_stores!(swapped_and_missing_tiles_are_found, MIGRATIONS, |db: Db| async move {
    grown(&db).await;
    tamper(&db, "update log_tile set number = number - 10 where level = 0 and number < 2").await;
    tamper(&db, "update log_tile set number = -9 - number where level = 0 and number < 0").await;
    tamper(&db, "delete from log_tile where level = 1").await;
    let found = findings(&db).await;
    for (level, number) in [(0, 0), (0, 1), (1, 0)] {
        assert!(found.contains(&Finding::Tile(Place { level, number })), "{level} {number}: {found:?}");
    }
});

on_both_stores!(a_checkpoint_of_another_key_is_found, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 5).await;
    let other = LogKey::from_seed("huying/440104", [8; 32]).unwrap();
    Log::open(&db, other, &[]).await.unwrap();
    assert!(matches!(findings(&db).await[..], [Finding::Signature { .. }]));
});

on_both_stores!(sealed_values_are_held_against_their_commitments, MIGRATIONS, |db: Db| async move {
    grown(&db).await;
    tamper(&db, "update fact set sealed = (select sealed from fact where position = 4) where position = 1").await;
    tamper(&db, "update fact set sealed = null where position = 2").await;
    let found = findings(&db).await;
    assert!(
        matches!(&found[..], [
        Finding::Commitment { position: 1, field },
        Finding::Sealed { position: 2, .. },
    ] if field == "phone"),
        "{found:?}"
    );
    let erased = format!("update subject_key set wrapped = {} where subject = 'person/0'", "null");
    tamper(&db, &erased).await;
    let verified = run(&db, &[]).await;
    assert!(verified.erased >= 200, "{}", verified.erased);
});

#[test]
fn a_missing_root_is_never_taken_for_one() {
    assert_ne!(crate::log::digest(&[1; 31]), Digest([1; 32]));
}
