//! What every store must do, on both.

use store::testing::quick;
use store::{Db, Durability, Migration, Options, Read, Sql, StoreError, Wake, on_both_stores, sql};

const TABLES: &[Migration] = &[Migration {
    version: 1,
    name: "letters",
    sqlite: "create table letter (id integer primary key, word text not null unique, body blob, weight real, flag integer) strict",
    postgres: "create table letter (id bigint primary key, word text not null unique, body bytea, weight double precision, flag bigint)",
}];

#[derive(sqlx::FromRow, Debug, PartialEq)]
struct Letter {
    id: i64,
    word: String,
    body: Option<Vec<u8>>,
    weight: Option<f64>,
    flag: bool,
}

fn insert(id: i64, word: &str) -> Sql {
    sql("insert into letter (id, word, body, weight, flag) values ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(word)
        .bind(vec![0u8, 255])
        .bind(None::<f64>)
        .bind(true)
}

on_both_stores!(a_row_comes_back_as_it_went_in, TABLES, async |db: Db| {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.run(insert(1, "呼")).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let rows: Vec<(i64, String)> = (&mut &db).all(sql("select id, word from letter")).await.unwrap();
    assert_eq!(rows, [(1, "呼".to_owned())]);
    let read = sql("select id, word, body, weight, flag <> 0 as flag from letter where id = $1").bind(1i64);
    let letter: Option<Letter> = (&mut &db).optional(read).await.unwrap();
    let expected = Letter { id: 1, word: "呼".into(), body: Some(vec![0, 255]), weight: None, flag: true };
    assert_eq!(letter, Some(expected));
});

on_both_stores!(what_is_not_committed_is_not_there, TABLES, async |db: Db| {
    let mut tx = db.begin().await.unwrap();
    tx.run(insert(1, "a")).await.unwrap();
    drop(tx);
    assert_eq!(store::testing::count(&db, "letter").await, 0);
});

on_both_stores!(a_second_row_of_the_same_key_is_told_apart, TABLES, async |db: Db| {
    let mut tx = db.begin().await.unwrap();
    tx.run(insert(1, "a")).await.unwrap();
    let error = tx.run(insert(2, "a")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unique { what } if what.contains("word")), "{error:?}");
});

on_both_stores!(a_snapshot_does_not_move, TABLES, async |db: Db| {
    let mut snapshot = db.snapshot().await.unwrap();
    let count = || sql("select count(*) from letter");
    let (before,): (i64,) = snapshot.one(count()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.run(insert(1, "a")).await.unwrap();
    tx.commit().await.unwrap();
    let (after,): (i64,) = snapshot.one(count()).await.unwrap();
    assert_eq!((before, after), (0, 0));
    snapshot.rollback().await.unwrap();
    assert_eq!(store::testing::count(&db, "letter").await, 1);
});

on_both_stores!(migrating_again_changes_nothing, TABLES, async |db: Db| {
    let mut tx = db.begin().await.unwrap();
    tx.run(insert(1, "a")).await.unwrap();
    tx.commit().await.unwrap();
    store::migrate(&db, TABLES.iter().copied()).await.unwrap();
    assert_eq!(store::testing::count(&db, "letter").await, 1);
});

on_both_stores!(blocks_of_rows_all_arrive, TABLES, async |db: Db| {
    use store::Bind;
    let rows = (0..150i64).map(|n| vec![n.value(), n.to_string().value()]).collect();
    let mut tx = db.begin().await.unwrap();
    for statement in Sql::insert_rows("insert into letter (id, word) values", 2, rows, "on conflict do nothing") {
        tx.run(statement).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store::testing::count(&db, "letter").await, 150);
});

on_both_stores!(texts_come_back_once_each_and_rows_can_be_asked_about, TABLES, async |db: Db| {
    use store::Bind;
    let word = |n: i64| format!("{{\"呼\":\"应\\n{n}, \"}}");
    let rows = (0..400i64).map(|n| vec![n.value(), word(n).value()]).collect();
    let mut tx = db.begin().await.unwrap();
    for statement in Sql::insert_rows("insert into letter (id, word) values", 2, rows, "") {
        tx.run(statement).await.unwrap();
    }
    let wanted = (100..500i64).map(Bind::value).collect();
    let mut words = store::texts_of(&mut tx, "letter", "id", "word", wanted).await.unwrap();
    let mut expected: Vec<String> = (100..400).map(word).collect();
    words.sort();
    expected.sort();
    assert_eq!(words, expected, "who is not there is left out");
    assert_eq!(store::texts_of(&mut tx, "letter", "id", "word", vec![]).await.unwrap(), Vec::<String>::new());
    assert_eq!(
        store::texts_of(&mut tx, "letter", "id", "word", vec![900i64.value()]).await.unwrap(),
        Vec::<String>::new()
    );
    let asked = (398..401i64).map(|n| vec![n.value()]).collect();
    let question = "select id from asked where not exists (select 1 from letter where letter.id = asked.id)";
    let mut missing: Vec<(i64,)> = Vec::new();
    for select in store::ask_rows(&["id"], asked, question) {
        missing.extend(tx.all::<(i64,)>(select).await.unwrap());
    }
    missing.dedup();
    assert_eq!(missing, [(400,)]);
});

on_both_stores!(a_planted_failure_leaves_nothing_half_done, TABLES, async |db: Db| {
    db.faults().fail_at("commit", 1);
    let mut tx = db.begin().await.unwrap();
    tx.run(insert(1, "a")).await.unwrap();
    assert!(matches!(tx.commit().await, Err(StoreError::Planted(_))));
    assert_eq!(store::testing::count(&db, "letter").await, 0);
    assert_eq!(db.faults().sites()["insert into letter"], 1);
});

on_both_stores!(a_ring_wakes_a_waiter, TABLES, async |db: Db| {
    let wake = Wake::start(&db);
    let mut waiter = wake.waiter();
    let waiting = tokio::spawn(async move { waiter.wait().await });
    wake.ring();
    waiting.await.unwrap();
});

#[tokio::test]
async fn a_sqlite_database_is_made_durable_whatever_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let weak = Db::open(&url, quick()).await.unwrap();
    weak.close().await;
    let db = Db::open(&url, Options { durability: Durability::Full, ..Options::default() }).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let level: (i64,) = tx.one(sql("pragma synchronous")).await.unwrap();
    assert_eq!(level, (2,));
}

#[tokio::test]
async fn a_postgres_that_may_lose_commits_is_refused() {
    let Some(fresh) = store::testing::Fresh::postgres(TABLES, quick()).await.unwrap() else { return };
    let url = fresh.db.url();
    let weak = format!("{url}{}options=-c%20synchronous_commit%3Doff", if url.contains('?') { '&' } else { '?' });
    assert!(matches!(Db::open(&weak, Options::default()).await, Err(StoreError::NotDurable(_))));
    fresh.finish().await;
}

#[tokio::test]
async fn a_full_disk_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let db = Db::open(&url, Options { max_pages: Some(24), ..quick() }).await.unwrap();
    store::migrate(&db, TABLES.iter().copied()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let big =
        sql("insert into letter (id, word, body) values ($1, $2, $3)").bind(1i64).bind("a").bind(vec![0u8; 1 << 20]);
    assert!(matches!(tx.run(big.clone()).await, Err(StoreError::Full(_))));
    drop(tx);
    let pages = db.pages().await.unwrap().unwrap();
    assert!(pages <= 24, "{pages}");
    db.limit_pages(1_000).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.run(big).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.pages().await.unwrap() > Some(250), "room was made while the database was in use");
}

#[tokio::test]
async fn an_unknown_address_is_refused_without_its_password() {
    let error = Db::open("mysql://me:secret@host/db", quick()).await.err().unwrap();
    assert!(!error.to_string().contains("secret"));
}

on_both_stores!(tables_go_out_and_come_back_exactly, TABLES, async |db: Db| {
    use store::{Value, copy};
    let mut tx = db.begin().await.unwrap();
    let tables = copy::tables(&mut tx).await.unwrap();
    assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["letter"]);
    assert_eq!(copy::migrated(&mut tx).await.unwrap(), [1]);
    let row = |id: i64, weight: Option<f64>, body: Option<Vec<u8>>| {
        let word = Value::Text(Some(format!("字\u{0}\n\"{id}").replace('\u{0}', " ").into()));
        vec![Value::Integer(Some(id)), word, Value::Bytes(body), Value::Real(weight), Value::Integer(None)]
    };
    let odd = [0.1, -0.0, f64::MIN_POSITIVE, f64::MAX, 113.264_434_999_999_99];
    let mut rows: Vec<_> =
        odd.iter().zip(1..).map(|(weight, id)| row(id, Some(*weight), Some(vec![id as u8]))).collect();
    rows.extend([row(i64::MAX, None, None), row(i64::MIN, None, Some(Vec::new()))]);
    rows.extend((100..300).map(|id| row(id, None, None)));
    copy::import(&mut tx, &tables[0], rows.clone()).await.unwrap();
    let mut back = Vec::new();
    copy::export(&mut tx, &tables[0], |row| {
        back.push(row);
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
    let id = |row: &Vec<Value>| match row[0] {
        Value::Integer(Some(id)) => id,
        _ => panic!("no id"),
    };
    back.sort_by_key(id);
    rows.sort_by_key(id);
    assert_eq!(back, rows);
    copy::clear(&mut tx, &tables[0]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store::testing::count(&db, "letter").await, 0);
});
