//! What the journal promises, on both stores.

use std::sync::Arc;

use journal::access::{self, RecordLook, Why};
use journal::testing::{journal, submission};
use journal::{
    Answer, Command, Declined, EraseSubject, Journal, JournalError, Key, NewFact, Personal, Submission, SubmitError,
    Unit, Way, tail,
};
use kernel::{Actor, Digest, Instant};
use store::{Db, Migration, Read, on_both_stores, sql};

/// A counter a stream: the smallest slice there can be, with a table of its own.
const COUNTER: Migration = Migration {
    version: 900_001,
    name: "counter",
    sqlite: "create table counter (name text primary key, value integer not null) strict",
    postgres: "create table counter (name text primary key, value bigint not null)",
};
const TABLES: &[Migration] = &[journal::MIGRATIONS[0], COUNTER];

#[derive(Clone)]
struct Count {
    name: &'static str,
    limit: i64,
    secret: Option<&'static str>,
}

fn count(name: &'static str) -> Count {
    Count { name, limit: i64::MAX, secret: None }
}

#[derive(Debug, PartialEq)]
struct Full;

impl Command for Count {
    type Output = i64;
    type Refusal = Full;

    async fn decide(&self, unit: &mut Unit) -> Result<i64, Declined<Full>> {
        let select = sql("select value from counter where name = $1").bind(self.name);
        let value = unit.tx().await?.optional::<(i64,)>(select).await?.map_or(0, |(value,)| value);
        if value >= self.limit {
            return Err(Declined::Refused(Full));
        }
        let upsert = sql(
            "insert into counter (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
        );
        unit.tx().await?.run(upsert.bind(self.name).bind(value + 1)).await?;
        let at = unit.at();
        let mut fact =
            NewFact::new("counted", at, Actor::system("test"), &serde_json::json!({"v": 1, "to": value + 1}));
        if let Some(secret) = self.secret {
            fact.personal.push(Personal { subject: "person/1".into(), field: "name", value: secret.into() });
        }
        unit.append(&format!("counter/{}", self.name), value, vec![fact]).await?;
        Ok(value + 1)
    }
}

fn now(label: &str) -> Submission {
    submission("2026-03-01T00:00:00Z", label)
}

fn keyed(key: &str, body: &str) -> Submission {
    let key = Key { scope: "test".into(), key: key.into(), fingerprint: Digest::of(&[body.as_bytes()]) };
    Submission { key: Some(key), ..now(body) }
}

async fn positions(db: &Db) -> Vec<i64> {
    tail::after(&mut &*db, 0, 10_000).await.unwrap().iter().map(|fact| fact.position).collect()
}

on_both_stores!(positions_are_dense_and_facts_hash_to_what_they_say, TABLES, async |db: Db| {
    let journal = journal(&db);
    let name = |n: usize| ["a", "b", "c"][n % 3];
    let all = (0..300).map(|n| {
        let journal = journal.clone();
        async move { journal.submit(count(name(n)), now(&n.to_string())).await.unwrap() }
    });
    futures::future::join_all(all).await;
    assert_eq!(positions(&db).await, (1..=300).collect::<Vec<_>>());
    let facts = tail::stream(&mut &db, "counter/a").await.unwrap();
    assert_eq!(facts.iter().map(|fact| fact.version).collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
    assert!(facts.iter().all(|fact| fact.hash == fact.computed_hash()));
});

on_both_stores!(a_refusal_writes_nothing_and_hurts_nobody, TABLES, async |db: Db| {
    let journal = journal(&db);
    let narrow = Count { limit: 1, ..count("a") };
    let all = (0..10).map(|n| {
        let (journal, narrow) = (journal.clone(), narrow.clone());
        async move { journal.submit(narrow, now(&n.to_string())).await }
    });
    let answers = futures::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(SubmitError::Refused(Full)))));
    assert_eq!(positions(&db).await, [1]);
});

on_both_stores!(a_key_is_carried_out_once, TABLES, async |db: Db| {
    let journal = journal(&db);
    let first = journal.submit(count("a"), keyed("k", "body")).await.unwrap();
    let again = journal.submit(count("a"), keyed("k", "body")).await.unwrap();
    assert_eq!(first.positions(), again.positions());
    assert!(matches!(again, Answer::Replayed { .. }));
    let other = journal.submit(count("a"), keyed("k", "another body")).await;
    assert!(matches!(other, Err(SubmitError::KeyReused)));
    assert_eq!(positions(&db).await, [1]);
});

on_both_stores!(a_key_repeated_within_a_group_is_carried_out_once, TABLES, async |db: Db| {
    let journal = journal(&db);
    journal.submit(count("b"), now("before")).await.unwrap();
    let all = (0..20).map(|_| {
        let journal = journal.clone();
        async move { journal.submit(count("a"), keyed("k", "body")).await.unwrap().positions() }
    });
    let answers = futures::future::join_all(all).await;
    assert!(answers.iter().all(|positions| positions.first == 2 && positions.count == 1), "{answers:?}");
    assert_eq!(positions(&db).await, [1, 2]);
});

/// Appends at a version it was told, without looking.
struct Blind {
    expected: i64,
}

impl Command for Blind {
    type Output = ();
    type Refusal = ();
    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<()>> {
        let fact = NewFact::new("blind", unit.at(), Actor::system("test"), &serde_json::json!({}));
        unit.append("counter/a", self.expected, vec![fact]).await?;
        Ok(())
    }
}

on_both_stores!(a_stale_or_skipping_writer_gets_a_conflict_and_loses_nothing, TABLES, async |db: Db| {
    let journal = journal(&db);
    journal.submit(count("a"), now("1")).await.unwrap();
    for expected in [0, 5] {
        let answer = journal.submit(Blind { expected }, now("2")).await;
        let Err(SubmitError::Failed(error)) = answer else { panic!("{answer:?}") };
        assert!(matches!(*error, JournalError::Stale { .. } | JournalError::Store(store::StoreError::Unique { .. })));
    }
    journal.submit(Blind { expected: 1 }, now("3")).await.unwrap();
    assert_eq!(positions(&db).await, [1, 2]);
});

on_both_stores!(one_bad_command_does_not_sink_its_group, TABLES, async |db: Db| {
    let journal = journal(&db);
    let good = (0..20).map(|n| {
        let journal = journal.clone();
        async move { journal.submit(count("a"), now(&n.to_string())).await.is_ok() }
    });
    let bad = async { journal.submit(Blind { expected: 77 }, now("bad")).await.is_ok() };
    let (good, bad) = futures::future::join(futures::future::join_all(good), bad).await;
    assert!(good.iter().all(|ok| *ok));
    assert!(!bad);
    assert_eq!(positions(&db).await, (1..=20).collect::<Vec<_>>());
});

/// Writes and then refuses, as no command may.
struct Sloppy;

impl Command for Sloppy {
    type Output = ();
    type Refusal = ();
    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<()>> {
        unit.tx().await?.run(sql("insert into counter (name, value) values ('sloppy', 1)")).await?;
        Err(Declined::Refused(()))
    }
}

on_both_stores!(a_command_that_writes_and_refuses_is_found_out, TABLES, async |db: Db| {
    let journal = journal(&db);
    let answer = journal.submit(Sloppy, now("1")).await;
    assert!(matches!(answer, Err(SubmitError::Failed(error)) if matches!(*error, JournalError::WroteThenRefused)));
    assert_eq!(store::testing::count(&db, "counter").await, 0);
});

on_both_stores!(two_writers_of_one_database_never_collide, TABLES, async |db: Db| {
    let (one, two) = (journal(&db), journal(&db));
    let all = (0..100).map(|n| {
        let journal = if n % 2 == 0 { one.clone() } else { two.clone() };
        async move { journal.submit(count(["a", "b"][(n / 2) % 2]), now(&n.to_string())).await.unwrap() }
    });
    futures::future::join_all(all).await;
    assert_eq!(positions(&db).await, (1..=100).collect::<Vec<_>>());
    let total: (i64,) = (&mut &db).one(sql("select cast(sum(value) as bigint) from counter")).await.unwrap();
    assert_eq!(total.0, 100);
});

on_both_stores!(a_follower_sees_every_fact_in_order_while_they_are_written, TABLES, async |db: Db| {
    let journal = journal(&db);
    let mut follower = tail::Follower::new(&journal, 0);
    let reading = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 200 {
            seen.extend(follower.next(7).await.unwrap().into_iter().map(|fact| fact.position));
        }
        seen
    });
    let (slow, fast) = (journal.clone(), journal.clone());
    let slowly = async {
        for n in 0..50 {
            slow.submit(count("slow"), now(&format!("slow {n}"))).await.unwrap();
        }
    };
    let quickly = futures::future::join_all((0..150).map(|n| {
        let fast = fast.clone();
        async move { fast.submit(count("fast"), now(&format!("fast {n}"))).await.unwrap() }
    }));
    futures::future::join(slowly, quickly).await;
    assert_eq!(reading.await.unwrap(), (1..=200).collect::<Vec<_>>());
});

on_both_stores!(a_personal_value_is_a_commitment_in_the_body_and_opens_with_the_key, TABLES, async |db: Db| {
    let journal = journal(&db);
    journal.submit(Count { secret: Some("张三"), ..count("a") }, now("1")).await.unwrap();
    let fact = tail::at(&mut &db, 1).await.unwrap().unwrap();
    let body = String::from_utf8(fact.body.clone()).unwrap();
    assert!(!body.contains("张三") && !String::from_utf8_lossy(fact.sealed.as_ref().unwrap()).contains("张三"));
    let opened = journal.sealer().open(&mut &db, &fact).await.unwrap();
    assert_eq!(opened.value("name"), Some("张三"));
    let salt = base64_16(&opened.fields["name"].salt);
    let parsed: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(parsed["sealed"]["name"], journal::commitment(&salt, "张三"));
});

fn base64_16(text: &str) -> [u8; 16] {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap().try_into().unwrap()
}

on_both_stores!(a_look_stands_on_the_access_log_of_whom_it_concerns, TABLES, async |db: Db| {
    let journal = journal(&db);
    journal.submit(Count { secret: Some("张三"), ..count("a") }, now("1")).await.unwrap();
    let concerned = access::concerned(&mut &db, journal.sealer(), "counter/a", &["name", "phone"]).await.unwrap();
    assert_eq!(concerned, [("person/1".to_owned(), ["name".to_owned()].into())].into());
    let none = access::concerned(&mut &db, journal.sealer(), "counter/a", &["phone"]).await.unwrap();
    assert!(none.is_empty(), "{none:?}");
    for (number, ground) in [("2", "receipt"), ("3", "court")] {
        let (fields, stream, why) = (concerned.clone(), "counter/a".to_owned(), Why::code(ground));
        let look = RecordLook { fields, stream, actor: Actor::system("operator"), why };
        journal.submit(look, now(number)).await.unwrap();
    }
    let looks = access::looks_at(&mut &db, "person/1").await.unwrap();
    assert_eq!(looks.iter().map(|look| look.why.ground.as_str()).collect::<Vec<_>>(), ["receipt", "court"]);
    assert_eq!((looks[0].stream.as_str(), &looks[0].actor), ("counter/a", &Actor::system("operator")));
    assert_eq!(looks[0].fields, ["name".to_owned()].into());
    assert_eq!(access::looks_at(&mut &db, "person/2").await.unwrap(), []);
    let fact = &tail::stream(&mut &db, &access::access_log("person/1")).await.unwrap()[0];
    assert!(!String::from_utf8_lossy(&fact.body).contains("张三"));

    let actor = Actor::Post { person: "kim".into(), post: "registry".into() };
    let why = Why { reason: Some("回电核实地点".into()), ..Why::code("contact") };
    let look = RecordLook { fields: concerned, stream: "counter/a".into(), actor, why: why.clone() };
    journal.submit(look, now("4")).await.unwrap();
    let newest = access::newest_looks(&mut &db, journal.sealer(), "person/1", None, 2).await.unwrap();
    assert_eq!(newest.iter().map(|look| look.number).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(newest[0].why, why, "the person concerned reads the looker's own words");
    let fact = &tail::stream(&mut &db, &access::access_log("person/1")).await.unwrap()[2];
    assert!(!String::from_utf8_lossy(&fact.body).contains("核实"), "which nobody reads in the journal");
    let last = access::newest_looks(&mut &db, journal.sealer(), "person/1", Some(2), 9).await.unwrap();
    assert_eq!(last.iter().map(|look| look.number).collect::<Vec<_>>(), [1]);
});

on_both_stores!(an_erased_subject_is_gone_for_good, TABLES, async |db: Db| {
    let journal = journal(&db);
    let secret = Count { secret: Some("张三"), ..count("a") };
    journal.submit(secret.clone(), now("1")).await.unwrap();
    let erase = EraseSubject { subject: "person/1".into(), actor: Actor::system("test"), ground: "request".into() };
    journal.submit(erase.clone(), now("2")).await.unwrap();
    let fact = tail::at(&mut &db, 1).await.unwrap().unwrap();
    let opened = journal.sealer().open(&mut &db, &fact).await.unwrap();
    assert_eq!((opened.value("name"), opened.erased.as_slice()), (None, ["person/1".to_owned()].as_slice()));
    assert_eq!(fact.hash, fact.computed_hash());
    let more = journal.submit(secret, now("3")).await;
    assert!(matches!(more, Err(SubmitError::Failed(error)) if matches!(*error, JournalError::SubjectErased(_))));
    assert!(matches!(journal.submit(erase, now("4")).await, Err(SubmitError::Refused(_))));
    assert_eq!(journal::erasures(&mut &db).await.unwrap().len(), 1);
});

on_both_stores!(a_new_master_key_takes_over_and_the_old_one_is_useless, TABLES, async |db: Db| {
    let old = journal(&db);
    old.submit(Count { secret: Some("张三"), ..count("a") }, now("1")).await.unwrap();
    let next = journal::MasterKey::from_bytes([9; 32]);
    let mut tx = db.begin().await.unwrap();
    let mut chance = kernel::Chance::seeded(1, "rotation");
    assert_eq!(old.sealer().rewrap(&mut tx, &next, &mut chance).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let fact = tail::at(&mut &db, 1).await.unwrap().unwrap();
    assert!(matches!(old.sealer().open(&mut &db, &fact).await, Err(JournalError::WrongMasterKey { .. })));
    let opened = journal::Sealer::new(next).open(&mut &db, &fact).await.unwrap();
    assert_eq!(opened.value("name"), Some("张三"));
});

on_both_stores!(a_fact_cannot_be_changed_or_deleted_by_sql, TABLES, async |db: Db| {
    let journal = journal(&db);
    journal.submit(count("a"), now("1")).await.unwrap();
    for statement in ["update fact set kind = 'x'", "delete from fact"] {
        let mut tx = db.begin().await.unwrap();
        assert!(tx.run(sql(statement)).await.is_err(), "{statement}");
    }
});

on_both_stores!(the_same_chance_gives_the_same_bodies, TABLES, async |db: Db| {
    let journal = journal(&db);
    let secret = |name| Count { secret: Some("张三"), ..count(name) };
    journal.submit(secret("a"), now("same")).await.unwrap();
    journal.submit(secret("b"), now("same")).await.unwrap();
    let facts = tail::after(&mut &db, 0, 2).await.unwrap();
    assert_eq!(facts[0].body, facts[1].body);
});

on_both_stores!(a_failed_write_fails_its_command_alone_and_keeps_nothing, TABLES, async |db: Db| {
    let journal: Journal = journal(&db);
    db.faults().fail_at("insert into fact", 1);
    let answer = journal.submit(count("a"), now("1")).await;
    assert!(matches!(answer, Err(SubmitError::Failed(_))));
    assert_eq!(store::testing::count(&db, "counter").await, 0);
    journal.submit(count("a"), now("2")).await.unwrap();
    assert_eq!(positions(&db).await, [1]);
});

on_both_stores!(a_commit_of_unknown_outcome_is_not_decided_again, TABLES, async |db: Db| {
    let journal = journal(&db);
    db.faults().fail_at("after commit", 1);
    let answer = journal.submit(count("a"), keyed("k", "body")).await;
    assert!(matches!(answer, Err(SubmitError::Unknown(_))));
    let again = journal.submit(count("a"), keyed("k", "body")).await.unwrap();
    assert!(matches!(again, Answer::Replayed { .. }));
    assert_eq!(positions(&db).await, [1]);
});

on_both_stores!(streams_with_names_are_read_whatever_letter_they_begin_with, TABLES, async |db: Db| {
    let journal = journal(&db);
    for name in ["works", "archive", "Market", "traffic"] {
        journal.submit(count(name), now(name)).await.unwrap();
    }
    let mut found = Vec::new();
    let mut after = (String::new(), 0);
    while let Some(fact) = tail::by_named_stream(&mut &db, "counter/", (&after.0, after.1), 1).await.unwrap().pop() {
        after = (fact.stream.clone(), fact.version);
        found.push(fact.stream);
    }
    found.sort();
    assert_eq!(found, ["counter/Market", "counter/archive", "counter/traffic", "counter/works"]);
});

on_both_stores!(a_reader_keeps_its_place, TABLES, async |db: Db| {
    assert_eq!(tail::reader_position(&mut &db, "r").await.unwrap(), 0);
    for position in [3, 9] {
        let mut tx = db.begin().await.unwrap();
        tail::keep_reader_position(&mut tx, "r", position).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(tail::reader_position(&mut &db, "r").await.unwrap(), position);
    }
});

#[test]
fn an_instant_survives_the_journal_to_the_microsecond() {
    let at: Instant = "2026-03-01T00:00:00.123456Z".parse().unwrap();
    assert_eq!(Instant::from_micros(at.micros()), at);
}

on_both_stores!(what_is_delivered_twice_late_or_together_is_done_once, TABLES, async |db: Db| {
    let way = Arc::new(Way::repeating(1));
    let journal = journal(&db).on(Some(way.clone()));
    let all = (0..200).map(|n| {
        let journal = journal.clone();
        async move { journal.submit(count("a"), keyed(&n.to_string(), &n.to_string())).await.unwrap() }
    });
    futures::future::join_all(all).await;
    way.settle().await;
    assert_eq!(way.wrong(), Vec::<String>::new());
    assert_eq!(way.counts().into_keys().collect::<Vec<_>>(), ["late", "overtaken", "together", "twice"]);
    assert_eq!(positions(&db).await, (1..=200).collect::<Vec<_>>());
});

on_both_stores!(a_delivery_whose_key_was_forgotten_is_found_done_twice, TABLES, async |db: Db| {
    let way = Arc::new(Way::repeating(1));
    let journal = journal(&db).on(Some(way.clone()));
    for n in 0..40 {
        journal.submit(count("a"), keyed(&n.to_string(), &n.to_string())).await.unwrap();
    }
    let mut tx = db.begin().await.unwrap();
    tx.run(sql("delete from idempotency")).await.unwrap();
    tx.commit().await.unwrap();
    way.settle().await;
    assert!(!way.wrong().is_empty());
});
