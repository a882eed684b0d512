//! The log over a journal, on both stores.

use kernel::{Actor, Digest};
use serde_json::json;
use store::{Db, Dialect, Read as _, Sql, on_both_stores, sql};

use super::*;
use crate::testing::{journal, submission};
use crate::{Command, Declined, MIGRATIONS, NewFact, Personal, Unit};

/// Appends `count` facts to a stream that is at version `at`.
struct Append {
    stream: String,
    at: i64,
    count: usize,
}

impl Command for Append {
    type Output = ();
    type Refusal = ();

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<()>> {
        let instant = unit.at();
        let fact = |number| {
            let body = json!({"number": number, "note": "路灯不亮"});
            let mut fact = NewFact::new("test.happened", instant, Actor::system("test"), &body);
            let subject = format!("person/{}", number % 3);
            fact.personal = vec![Personal { subject, field: "phone", value: format!("1380000{number:04}") }];
            fact
        };
        unit.append(&self.stream, self.at, (0..self.count).map(fact).collect()).await?;
        Ok(())
    }
}

/// Appends `count` facts of a new stream.
pub async fn append(db: &Db, stream: &str, count: usize) {
    let append = Append { stream: stream.to_owned(), at: 0, count };
    journal(db).submit(append, submission("2026-03-01T00:00:00Z", stream)).await.unwrap();
}

pub fn key() -> LogKey {
    LogKey::from_seed("huying/440104", [7; 32]).unwrap()
}

/// Writes behind the journal's back, as someone with the database's password could.
pub async fn tamper(db: &Db, statement: &str) {
    let mut tx = db.begin().await.unwrap();
    let unlock: &[&str] = match db.dialect() {
        Dialect::Sqlite => {
            &["drop trigger if exists fact_is_never_updated", "drop trigger if exists fact_is_never_deleted"]
        }
        Dialect::Postgres => &["drop trigger if exists fact_is_never_changed on fact"],
    };
    for statement in unlock.iter().chain([&statement]) {
        tx.run(Sql::composed((*statement).to_owned()).uncached()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn hash_at(db: &Db, position: i64) -> Digest {
    crate::tail::at(&mut &*db, position).await.unwrap().unwrap().hash
}

on_both_stores!(every_position_can_be_proved_and_the_rest_is_pending, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 300).await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    append(&db, "case/2", 3).await;
    let entries = [(1, hash_at(&db, 1).await), (300, hash_at(&db, 300).await), (301, hash_at(&db, 301).await)];
    let proofs = log.reader().prove(&entries).await.unwrap();
    assert_eq!(proofs.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    let checkpoint = log.integrate().await.unwrap().unwrap();
    assert_eq!(checkpoint.size, 303);
    assert_eq!(log.integrate().await.unwrap(), None);
    for ((position, hash), proof) in entries.iter().zip(log.reader().prove(&entries).await.unwrap()) {
        let (index, signed) = check_inclusion(&proof.unwrap(), hash, key().verifier()).unwrap();
        assert_eq!((index as i64, signed.size), (position - 1, 303));
    }
});

on_both_stores!(what_is_served_adds_up_to_the_checkpoint, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 600).await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    let get = async |path: &str| log.reader().serve(path).await.unwrap();
    let checkpoint = get("checkpoint").await.unwrap();
    assert!(!checkpoint.immutable);
    let text = String::from_utf8(checkpoint.bytes).unwrap();
    let checkpoint = Checkpoint::open(&text, key().verifier()).unwrap();
    // A monitor's work: entries to leaves, leaves to the tree.
    let (mut edge, mut tiles) = (tree::Edge::default(), tree::Tiles::new());
    for path in ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"] {
        for entry in get(path).await.unwrap().bytes.chunks(34) {
            assert_eq!(entry[..2], [0, 32]);
            edge.append(&tables::digest(&entry[2..]), &mut tiles);
        }
    }
    assert_eq!((edge.size(), edge.root()), (checkpoint.size, checkpoint.root));
    tiles.extend(edge.partial().map(|(place, data)| (place, data.to_vec())));
    for (path, level, number) in
        [("tile/0/000", 0, 0), ("tile/0/001", 0, 1), ("tile/0/002.p/88", 0, 2), ("tile/1/000.p/2", 1, 0)]
    {
        let served = get(path).await.unwrap();
        assert_eq!((served.content_type, served.immutable), ("application/octet-stream", true));
        assert_eq!(served.bytes, tiles[&Place { level, number }], "{path}");
    }
    assert_eq!(get("tile/0/002.p/10").await.unwrap().bytes, tiles[&Place { level: 0, number: 2 }][..320]);
    for path in ["tile/0/002", "tile/0/003.p/1", "tile/entries/002.p/89", "tile/entries/002", "tile/2/000.p/1", "x"] {
        assert_eq!(get(path).await, None, "{path}");
    }
});

on_both_stores!(a_log_opened_again_continues_and_proves_it, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 5).await;
    let first = Log::open(&db, key(), &[]).await.unwrap().reader().checkpoint().await.unwrap().unwrap();
    append(&db, "case/2", 900).await;
    let log = Log::open(&db, key(), std::slice::from_ref(&first)).await.unwrap();
    let first = Checkpoint::open(&first, key().verifier()).unwrap();
    let proof = log.reader().consistency(&first).await.unwrap();
    assert_eq!(check_consistency(&proof, &first, key().verifier()).unwrap().size, 905);
    assert_eq!(log.reader().consistency_from(first.size).await.unwrap(), Some(proof));
    assert_eq!(log.reader().consistency_from(906).await.unwrap(), None);
});

on_both_stores!(two_nodes_take_every_step_once, MIGRATIONS, |db: Db| async move {
    let logs = [Log::open(&db, key(), &[]).await.unwrap(), Log::open(&db, key(), &[]).await.unwrap()];
    for round in 0..6 {
        append(&db, &format!("case/{round}"), 100).await;
        let (a, b) = tokio::join!(logs[0].integrate(), logs[1].integrate());
        assert_eq!(a.unwrap().iter().count() + b.unwrap().iter().count(), 1, "one of them signs");
    }
    let text = logs[0].reader().checkpoint().await.unwrap().unwrap();
    assert_eq!(Checkpoint::open(&text, key().verifier()).unwrap().size, 600);
    Log::open(&db, key(), &[text]).await.unwrap();
});

on_both_stores!(nothing_is_signed_below_a_witnessed_checkpoint, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 10).await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    let root = log.reader().state().await.unwrap().root;
    let ahead = Checkpoint::sign(&key(), 11, Digest([1; 32]), None).text;
    let answer = Log::open(&db, key(), std::slice::from_ref(&ahead)).await;
    assert!(matches!(answer, Err(LogError::Behind { witnessed: 11, log: 10 })), "{answer:?}");
    let fork = Checkpoint::sign(&key(), 10, Digest([1; 32]), None).text;
    let answer = Log::open(&db, key(), &[fork]).await;
    assert!(matches!(answer, Err(LogError::Forked { size: 10 })), "{answer:?}");
    let strangers = Checkpoint::sign(&LogKey::from_seed("huying/440104", [8; 32]).unwrap(), 10, root, None).text;
    let answer = Log::open(&db, key(), &[strangers]).await;
    assert!(matches!(answer, Err(LogError::Checkpoint(_))), "{answer:?}");

    // The way out: another log, which names the one it lost entries of.
    let next = LogKey::from_seed("huying/440104/2", [7; 32]).unwrap();
    anew::succeed(&db, key().verifier(), &next, Reason::Restore, Some(&ahead)).await.unwrap();
    let answer = Log::open(&db, key(), &[]).await;
    assert!(matches!(answer, Err(LogError::OtherKey { .. })), "{answer:?}");
    let log = Log::open(&db, next.clone(), &[ahead]).await.unwrap();
    let text = log.reader().checkpoint().await.unwrap().unwrap();
    assert!(text.contains("\nsucceeds huying/440104 11 "), "{text}");
    let succeeds = Checkpoint::open(&text, next.verifier()).unwrap().succeeds.unwrap();
    assert_eq!((succeeds.size, succeeds.reason), (11, Reason::Restore));
});

on_both_stores!(planted_faults_stop_the_log, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 600).await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    append(&db, "case/2", 3).await;
    tamper(&db, "delete from fact where position = 602").await;
    assert!(matches!(log.integrate().await, Err(LogError::Gap { position: 602 })));
    tamper(&db, "delete from fact where position > 590").await;
    let answer = Log::open(&db, key(), &[]).await;
    assert!(matches!(answer, Err(LogError::JournalShorter { journal: 590, log: 600 })), "{answer:?}");
});

on_both_stores!(a_swapped_tile_stops_the_log, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 600).await;
    let text = Log::open(&db, key(), &[]).await.unwrap().reader().checkpoint().await.unwrap().unwrap();
    // The full tiles 0 and 1 change places; the edge does not show it, a proof through them does.
    tamper(&db, "update log_tile set number = number - 10 where level = 0 and number < 2").await;
    tamper(&db, "update log_tile set number = -9 - number where level = 0 and number < 0").await;
    let log = Log::open(&db, key(), &[]).await.unwrap();
    let hash = hash_at(&db, 3).await;
    assert!(matches!(log.reader().prove(&[(3, hash)]).await, Err(LogError::Tree(TreeError::Root { size: 600 }))));
    // An altered edge is noticed on opening.
    tamper(
        &db,
        "update log_tile set data = (select data from log_tile where level = 0 and number = 0) where level = 1",
    )
    .await;
    let answer = Log::open(&db, key(), &[text]).await;
    assert!(matches!(answer, Err(LogError::Tree(TreeError::Root { size: 600 }))), "{answer:?}");
});

on_both_stores!(a_re_signed_shorter_log_is_found_by_who_kept_a_checkpoint, MIGRATIONS, |db: Db| async move {
    append(&db, "case/1", 20).await;
    let kept = Log::open(&db, key(), &[]).await.unwrap().reader().checkpoint().await.unwrap().unwrap();
    // The operator drops the last facts, forgets the log and signs a new one with the same key.
    tamper(&db, "delete from fact where position > 15").await;
    for table in ["log_state", "log_tile"] {
        tamper(&db, &format!("delete from {table}")).await;
    }
    assert!(Log::open(&db, key(), &[]).await.is_ok(), "without a witness nobody can tell");
    let answer = Log::open(&db, key(), std::slice::from_ref(&kept)).await;
    assert!(matches!(answer, Err(LogError::Behind { witnessed: 20, log: 15 })), "{answer:?}");
    let kept = Checkpoint::open(&kept, key().verifier()).unwrap();
    let answer = LogReader::new(db.clone()).consistency(&kept).await;
    assert!(matches!(answer, Err(LogError::Behind { .. })), "{answer:?}");
});

on_both_stores!(a_crash_between_taking_in_and_signing_is_made_good, MIGRATIONS, |db: Db| async move {
    let log = Log::open(&db, key(), &[]).await.unwrap();
    append(&db, "case/1", 5).await;
    db.faults().fail_at("update log_state", 2);
    assert!(log.integrate().await.is_err());
    let (size, signed): (i64, i64) =
        (&db).one(sql("select size, signed_size from log_state where id = 1")).await.unwrap();
    assert_eq!((size, signed), (5, 0), "taken in, not signed");
    let log = Log::open(&db, key(), &[]).await.unwrap();
    let text = log.reader().checkpoint().await.unwrap().unwrap();
    assert_eq!(Checkpoint::peek(&text).unwrap().1, 5);
});

on_both_stores!(a_rotation_can_be_interrupted_and_goes_on, MIGRATIONS, |db: Db| async move {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.key");
    let first = LogKey::open_or_create(&file, "huying/1", [1; 32], db.faults()).unwrap();
    append(&db, "case/1", 4).await;
    let old = Log::open(&db, first.clone(), &[]).await.unwrap().reader().checkpoint().await.unwrap().unwrap();
    let rotate = async |seed| begin_anew(&db, &file, "huying/1", [seed; 32], Reason::Rotation, None).await;
    db.faults().fail_at("update log_state", 1);
    assert!(rotate(2).await.is_err());
    let second = rotate(3).await.unwrap();
    assert_eq!(second.verifier().to_string(), LogKey::from_seed("huying/1/2", [2; 32]).unwrap().verifier().to_string());
    let log = Log::open(&db, second.clone(), &[old]).await.unwrap();
    let text = log.reader().checkpoint().await.unwrap().unwrap();
    let succeeds = Checkpoint::open(&text, second.verifier()).unwrap().succeeds.unwrap();
    assert_eq!((succeeds.origin.as_str(), succeeds.size, succeeds.reason), ("huying/1", 4, Reason::Rotation));
    assert_eq!(rotate(4).await.unwrap().origin(), "huying/1/3");
});
