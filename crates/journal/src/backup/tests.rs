//! A backup of either store goes into either store, and a restore neither forks the log nor brings anyone back.

use std::path::{Path, PathBuf};

use store::testing::{Fresh, block_on, quick};
use store::{Db, Faults, on_both_stores};

use super::*;
use crate::log::tests::{append, key};
use crate::log::{Checkpoint, Log, LogError, LogKey, Reason, begin_anew};
use crate::testing::{journal, submission};
use crate::verify::{Against, verify};
use crate::{EraseSubject, MIGRATIONS, MasterKey, tail};

const AT: Instant = Instant::from_micros(1_772_323_200_000_000);

async fn back_up(db: &Db) -> (tempfile::TempDir, PathBuf, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for (path, content) in [("files/ab/photo.jpg", "照片"), ("keys/log.key", "secret"), ("test.db-wal", "database")] {
        std::fs::create_dir_all(data.join(path).parent().unwrap()).unwrap();
        std::fs::write(data.join(path), content).unwrap();
    }
    let out = data.join("backups/monday");
    let manifest = make(db, Some(&data), &out, AT, |_, _| ()).await.unwrap();
    (folder, out, manifest)
}

/// An empty database in `folder`.
async fn empty(folder: &Path) -> Db {
    Db::open(&format!("sqlite:{}", folder.join("restored.db").display()), quick()).await.unwrap()
}

async fn everything(db: &Db) -> Vec<crate::Fact> {
    tail::after(&mut &*db, 0, i64::MAX).await.unwrap()
}

on_both_stores!(a_backup_goes_into_a_database_and_is_the_same_there, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 300).await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    let (folder, out, manifest) = back_up(&db).await;
    // The file of a SQLite database is its tables' business; beside PostgreSQL it is a file like any other.
    let files = 1 + usize::from(db.sqlite_path().is_none());
    assert_eq!((manifest.head, manifest.files.len()), (300, files), "{:?}", manifest.files);
    let restored = empty(folder.path()).await;
    let target = folder.path().join("restored");
    assert_eq!(load(&out, &restored, &target, MIGRATIONS, |_, _| ()).await.unwrap(), manifest);
    assert_eq!(everything(&restored).await, everything(&db).await);
    assert_eq!(std::fs::read_to_string(target.join("files/ab/photo.jpg")).unwrap(), "照片");
    assert!(!target.join("keys").exists());
    let newest = log.reader().checkpoint().await.unwrap();
    assert_eq!(manifest.checkpoint, newest);
    Log::open(&restored, key(), &newest.into_iter().collect::<Vec<_>>()).await.unwrap();
    let sealer = journal(&restored).sealer().clone();
    let key = key();
    let against = Against { key: Some(key.verifier()), sealer: Some(&sealer), witnessed: &[] };
    assert_eq!(verify(&restored, against, |_, _| ()).await.unwrap().findings, []);
    // The tail goes on where it was.
    append(&restored, "case/2", 1).await;
    assert_eq!(tail::after(&mut &restored, 300, 10).await.unwrap()[0].position, 301);
    restored.close().await;
});

#[test]
fn a_backup_of_sqlite_goes_into_postgres() {
    block_on(async {
        let Some(target) = Fresh::postgres(&[], quick()).await.unwrap() else { return };
        let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
        append(&fresh.db, "case/1", 1100).await;
        Log::open(&fresh.db, key(), &[]).await.unwrap();
        let (folder, out, _) = back_up(&fresh.db).await;
        load(&out, &target.db, &folder.path().join("restored"), MIGRATIONS, |_, _| ()).await.unwrap();
        assert_eq!(everything(&target.db).await, everything(&fresh.db).await);
        append(&target.db, "case/2", 1).await;
        let log = Log::open(&target.db, key(), &[]).await.unwrap();
        assert_eq!(log.reader().integrated().await.unwrap().unwrap().0, 1101);
        let again = load(&out, &target.db, folder.path(), MIGRATIONS, |_, _| ()).await;
        assert!(matches!(again, Err(BackupError::NotEmpty)), "{again:?}");
        fresh.finish().await;
        target.finish().await;
    });
}

on_both_stores!(a_restored_log_signs_nothing_below_a_witness, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 10).await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    let (folder, out, _) = back_up(&db).await;
    append(&db, "case/2", 5).await;
    let witnessed = log.integrate().await.unwrap().unwrap();
    let restored = empty(folder.path()).await;
    load(&out, &restored, &folder.path().join("restored"), MIGRATIONS, |_, _| ()).await.unwrap();
    let held = vec![witnessed.text.clone()];
    let answer = Log::open(&restored, key(), &held).await;
    assert!(matches!(answer, Err(LogError::Behind { witnessed: 15, log: 10 })), "{answer:?}");
    Log::set_floor(&restored, &witnessed).await.unwrap();
    let answer = Log::open(&restored, key(), &[]).await;
    assert!(matches!(answer, Err(LogError::Behind { witnessed: 15, log: 10 })), "told once: {answer:?}");
    // Facts enough to pass it do not help: they are other facts.
    append(&restored, "case/3", 9).await;
    let answer = Log::open(&restored, key(), &held).await;
    assert!(matches!(answer, Err(LogError::Forked { size: 15 })), "{answer:?}");
    let file = folder.path().join("log.key");
    LogKey::open_or_create(&file, "huying/440104", [7; 32], db.faults()).unwrap();
    let newest = Some(witnessed.text.as_str());
    let next = begin_anew(&restored, &file, "huying/440104", [9; 32], Reason::Restore, newest).await.unwrap();
    let log = Log::open(&restored, next.clone(), &held).await.unwrap();
    let text = log.reader().checkpoint().await.unwrap().unwrap();
    let checkpoint = Checkpoint::open(&text, next.verifier()).unwrap();
    assert_eq!((checkpoint.size, checkpoint.succeeds.map(|old| old.size)), (19, Some(15)));
    restored.close().await;
});

on_both_stores!(a_restore_brings_nobody_back, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 6).await;
    let (folder, out, _) = back_up(&db).await;
    let erase =
        EraseSubject { subject: "person/1".into(), actor: kernel::Actor::system("test"), ground: "request".into() };
    journal(&db).submit(erase, submission("2026-03-02T00:00:00Z", "erase")).await.unwrap();
    let list = folder.path().join("erasures.jsonl");
    assert_eq!(write_erasures(&db, &list).await.unwrap(), 1);
    assert_eq!(write_erasures(&db, &list).await.unwrap(), 1, "written again in its place");

    let restored = empty(folder.path()).await;
    load(&out, &restored, &folder.path().join("restored"), MIGRATIONS, |_, _| ()).await.unwrap();
    let journal = journal(&restored);
    let fact = tail::at(&mut &restored, 2).await.unwrap().unwrap();
    let phone = async || journal.sealer().open(&mut &restored, &fact).await.unwrap().value("phone").map(str::to_owned);
    assert_eq!(phone().await.as_deref(), Some("13800000001"), "the backup still had it");
    let mut list = read_erasures(&list).unwrap();
    list.push(crate::Erasure { subject: "person/unknown".into(), erased_at: AT });
    for erased in [1, 0] {
        let again = replay_erasures(&journal, &list, |erase| erase, || submission("2026-03-03T00:00:00Z", "replay"))
            .await
            .unwrap();
        assert_eq!(again, erased);
    }
    assert_eq!(phone().await, None);
    restored.close().await;
});

on_both_stores!(a_backup_made_while_others_write_is_of_one_instant, MIGRATIONS, |db: Db| async move {
    append(&db, "case/0", 50).await;
    let writer = tokio::spawn({
        let db = db.clone();
        async move {
            for round in 1..20 {
                append(&db, &format!("case/{round}"), 7).await;
            }
        }
    });
    let (folder, out, manifest) = back_up(&db).await;
    writer.await.unwrap();
    let restored = empty(folder.path()).await;
    load(&out, &restored, &folder.path().join("restored"), MIGRATIONS, |_, _| ()).await.unwrap();
    let sealer = journal(&restored).sealer().clone();
    let against = Against { key: None, sealer: Some(&sealer), witnessed: &[] };
    let verified = verify(&restored, against, |_, _| ()).await.unwrap();
    assert_eq!((verified.findings, verified.facts as i64), (vec![], manifest.head));
    restored.close().await;
});

/// A backup with one thing spoilt.
fn spoilt(what: &str, spoil: impl FnOnce(&Path), expected: fn(&BackupError) -> bool) {
    block_on(async {
        let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
        append(&fresh.db, "case/1", 5).await;
        let (folder, out, _) = back_up(&fresh.db).await;
        spoil(&out);
        let restored = empty(folder.path()).await;
        let answer = load(&out, &restored, &folder.path().join("restored"), MIGRATIONS, |_, _| ()).await;
        assert!(answer.as_ref().is_err_and(expected), "{what}: {answer:?}");
        let mut tx = restored.begin().await.unwrap();
        assert_eq!(store::copy::tables(&mut tx).await.unwrap(), [], "{what}: nothing was written");
        tx.rollback().await.unwrap();
        restored.close().await;
        fresh.finish().await;
    });
}

#[test]
fn a_spoilt_backup_is_refused_before_anything_is_written() {
    let edit = |path: &Path, change: fn(&str) -> String| {
        let text = std::fs::read_to_string(path).unwrap();
        std::fs::write(path, change(&text)).unwrap();
    };
    spoilt(
        "no manifest",
        |out| std::fs::remove_file(out.join(MANIFEST)).unwrap(),
        |e| matches!(e, BackupError::Manifest { .. }),
    );
    spoilt(
        "a table cut short",
        |out| std::fs::write(out.join("tables/fact.jsonl.gz"), b"").unwrap(),
        |e| matches!(e, BackupError::Changed(_)),
    );
    spoilt(
        "a file changed",
        |out| std::fs::write(out.join("files/files/ab/photo.jpg"), b"x").unwrap(),
        |e| matches!(e, BackupError::Changed(_)),
    );
    spoilt(
        "another format",
        |out| edit(&out.join(MANIFEST), |text| text.replace("backup@v1", "backup@v9")),
        |e| matches!(e, BackupError::Manifest { .. }),
    );
    spoilt(
        "a way out",
        |out| edit(&out.join(MANIFEST), |text| text.replace("files/ab", "../ab")),
        |e| matches!(e, BackupError::Manifest { .. }),
    );
    spoilt(
        "a newer program's",
        |out| edit(&out.join(MANIFEST), |text| text.replace("10001,", "10001, 99999,")),
        |e| matches!(e, BackupError::NewerProgram(99_999)),
    );
}

#[test]
fn keys_are_copied_apart_or_not_at_all() {
    block_on(async {
        let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
        let (folder, out, _) = back_up(&fresh.db).await;
        let data = folder.path().join("data");
        let master = folder.path().join("data.master-key");
        std::fs::write(&master, MasterKey::from_bytes([7; 32]).reveal()).unwrap();
        let inside = copy_keys(&data, &master, &out, &out.join("keys"), &Faults::default());
        assert!(matches!(inside, Err(BackupError::KeysInside(_))), "{inside:?}");
        let apart = folder.path().join("safe");
        assert_eq!(
            copy_keys(&data, &master, &out, &apart, &Faults::default()).unwrap(),
            ["log.key", "data.master-key"]
        );
        assert_eq!(std::fs::read_to_string(apart.join("keys/log.key")).unwrap(), "secret");
        assert!(matches!(make(&fresh.db, None, &out, AT, |_, _| ()).await, Err(BackupError::Occupied(_))));
        fresh.finish().await;
    });
}
