//! A database of its own for each test, on each store.
//!
//! SQLite lives in a temporary folder. PostgreSQL needs a server to make databases on: `HUYING_TEST_POSTGRES` names it;
//! `make test` starts one. Where it is missing the PostgreSQL half passes over, unless `HUYING_REQUIRE_POSTGRES` is set,
//! as `make test` does, so that it can't be left out unseen.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Db, Durability, Options, StoreError, migrate, scratch};
use crate::{Migration, Read, sql};

/// The site of a statement with this text.
pub fn site_of(statement: &str) -> String {
    crate::fault::site_of(statement)
}

/// The tables of two crates; `N` is how many steps they have together.
pub const fn both<const N: usize>(one: &[Migration], other: &[Migration]) -> [Migration; N] {
    let mut all = [one[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < one.len() { one[at] } else { other[at - one.len()] };
        at += 1;
    }
    all
}

/// A database that is gone when this is dropped (SQLite) or [`Fresh::finish`]ed (PostgreSQL).
pub struct Fresh {
    pub db: Db,
    folder: Option<tempfile::TempDir>,
    server: Option<(String, String)>,
}

impl Fresh {
    pub async fn sqlite(migrations: &[Migration], options: Options) -> Result<Fresh, StoreError> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::open(&url, options).await?;
        migrate(&db, migrations.iter().copied()).await?;
        Ok(Fresh { db, folder: Some(folder), server: None })
    }

    /// Nothing where no server is named and none is required.
    pub async fn postgres(migrations: &[Migration], options: Options) -> Result<Option<Fresh>, StoreError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Ok(server) = std::env::var("HUYING_TEST_POSTGRES") else {
            assert!(std::env::var("HUYING_REQUIRE_POSTGRES").is_err(), "HUYING_TEST_POSTGRES names no server");
            return Ok(None);
        };
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let url = scratch::create(&server, &name).await?;
        let db = Db::open(&url, options).await?;
        migrate(&db, migrations.iter().copied()).await?;
        Ok(Some(Fresh { db, folder: None, server: Some((server, name)) }))
    }

    /// The temporary folder of a SQLite database, for files that lie beside it.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(|folder| folder.path())
    }

    pub async fn finish(self) {
        self.db.close().await;
        if let Some((server, name)) = &self.server {
            let _ = scratch::remove(server, name).await;
        }
    }
}

/// Options for tests that do not test durability.
pub fn quick() -> Options {
    Options { durability: Durability::ProcessOnly, ..Options::default() }
}

/// Declares a test twice, once a store: `on_both_stores!(name, MIGRATIONS, |db| async move { … });`. `db` is a `Db`.
#[macro_export]
macro_rules! on_both_stores {
    ($(#[$meta:meta])* $name:ident, $migrations:expr, $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            #[test]
            fn sqlite() {
                $crate::testing::block_on(async {
                    let fresh = $crate::testing::Fresh::sqlite($migrations, $crate::testing::quick()).await.unwrap();
                    ($body)(fresh.db.clone()).await;
                    fresh.finish().await;
                });
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                $crate::testing::block_on(async {
                    let fresh = $crate::testing::Fresh::postgres($migrations, $crate::testing::quick()).await.unwrap();
                    if let Some(fresh) = fresh {
                        ($body)(fresh.db.clone()).await;
                        fresh.finish().await;
                    }
                });
            }
        }
    };
}

/// Runs a test's future on a runtime of its own.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// The number of rows in `table`.
pub async fn count(db: &Db, table: &'static str) -> i64 {
    let (count,): (i64,) =
        (&mut &*db).one(crate::Sql::composed(format!("select count(*) from {table}"))).await.unwrap();
    count
}

/// True on a database that answers.
pub async fn answers(db: &Db) -> bool {
    let answer: Result<(i64,), _> = (&mut &*db).one(sql("select cast(1 as bigint)")).await;
    answer.is_ok()
}
