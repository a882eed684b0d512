//! Opening a database.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::checkpoint::{self, Checkpoints};
use crate::{Faults, Read, Sql, StoreError, Tx, sql};

/// One of the two stores, opened. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    url: String,
    faults: Faults,
}

#[derive(Clone)]
pub(crate) enum Pools {
    /// SQLite writes through one connection; readers see the last commit and never wait for it.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        checkpoints: Checkpoints,
    },
    Postgres(PgPool),
}

/// Which SQL dialect migrations are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// What must have reached the disk before a write is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Every commit survives a power cut: WAL with `synchronous=FULL`; `fsync` and `synchronous_commit` on.
    #[default]
    Full,
    /// A commit survives the process, not a power cut. For simulations and tests, which say so.
    ProcessOnly,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub durability: Durability,
    /// Connections for readers (SQLite), or connections in all (PostgreSQL).
    pub connections: u32,
    /// A limit on the size of a SQLite database in pages, with which tests make a disk full.
    pub max_pages: Option<u64>,
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Options { durability: Durability::Full, connections: 8, max_pages: None, faults: Faults::default() }
    }
}

impl Db {
    /// Opens `sqlite:PATH` (made when missing) or `postgres://…`, and checks that it is as durable as asked.
    pub async fn open(url: &str, options: Options) -> Result<Db, StoreError> {
        let pools = if let Some(path) = url.strip_prefix("sqlite:") {
            open_sqlite(path.trim_start_matches("//"), &options).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url, &options).await?
        } else {
            return Err(StoreError::Url(url.split('@').next_back().unwrap_or_default().to_owned()));
        };
        let db = Db { pools, url: url.to_owned(), faults: options.faults };
        if options.durability == Durability::Full {
            db.assert_durable().await?;
        }
        Ok(db)
    }

    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    /// As given at opening. May hold a password: not for logs.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file of a SQLite database.
    pub fn sqlite_path(&self) -> Option<&std::path::Path> {
        self.url.strip_prefix("sqlite:").map(|path| std::path::Path::new(path.trim_start_matches("//")))
    }

    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// A transaction that may write. SQLite takes its one write lock at once, so that nothing read goes stale.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        match &self.pools {
            Pools::Sqlite { writer, checkpoints, .. } => {
                checkpoints.ask();
                let tx = writer.begin_with("BEGIN IMMEDIATE").await.map_err(|error| StoreError::of("begin", error))?;
                Ok(Tx::sqlite(tx, self.faults.clone()))
            }
            Pools::Postgres(pool) => {
                let tx = pool.begin().await.map_err(|error| StoreError::of("begin", error))?;
                Ok(Tx::postgres(tx, self.faults.clone()))
            }
        }
    }

    /// A transaction for reads that all see one instant of the database.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                let tx = readers.begin().await.map_err(|error| StoreError::of("begin", error))?;
                Ok(Tx::sqlite(tx, self.faults.clone()))
            }
            Pools::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let tx = pool.begin_with(begin).await.map_err(|error| StoreError::of("begin", error))?;
                Ok(Tx::postgres(tx, self.faults.clone()))
            }
        }
    }

    /// After much was put in at once: tells PostgreSQL's planner what there is now, as its autovacuum would in time, and brings
    /// SQLite's log back into the database.
    pub async fn vacuum(&self) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => {
                let checkpoint = sql("pragma wal_checkpoint(truncate)").uncached();
                let done = checkpoint.for_sqlite().execute(writer).await;
                done.map(drop).map_err(|error| StoreError::of("wal_checkpoint", error))
            }
            Pools::Postgres(pool) => {
                let done = sql("vacuum analyze").uncached().for_postgres().execute(pool).await;
                done.map(drop).map_err(|error| StoreError::of("vacuum", error))
            }
        }
    }

    /// How many pages a SQLite database has; none on PostgreSQL, whose disk is its server's.
    pub async fn pages(&self) -> Result<Option<u64>, StoreError> {
        if self.dialect() == Dialect::Postgres {
            return Ok(None);
        }
        let (pages,): (i64,) = (&mut &*self).one(sql("pragma page_count")).await?;
        Ok(Some(pages as u64))
    }

    /// Sets another limit than [`Options::max_pages`] while the database is in use; nothing on PostgreSQL.
    pub async fn limit_pages(&self, pages: u64) -> Result<(), StoreError> {
        if let Pools::Sqlite { writer, .. } = &self.pools {
            // Also for a connection that will be opened in the place of this one.
            let options = writer.connect_options().as_ref().clone().pragma("max_page_count", pages.to_string());
            writer.set_connect_options(options);
            let limit = Sql::composed(format!("pragma max_page_count = {pages}")).uncached();
            let limited = limit.for_sqlite().execute(writer).await;
            limited.map_err(|error| StoreError::of("limit pages", error))?;
        }
        Ok(())
    }

    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers, checkpoints } => {
                checkpoints.close().await;
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    async fn assert_durable(&self) -> Result<(), StoreError> {
        match self.dialect() {
            Dialect::Sqlite => {
                let mut tx = self.begin().await?;
                let (mode,): (String,) = tx.one(sql("pragma journal_mode")).await?;
                let (level,): (i64,) = tx.one(sql("pragma synchronous")).await?;
                if mode != "wal" || level < 2 {
                    return Err(StoreError::NotDurable(format!("journal_mode is {mode}, synchronous is {level}")));
                }
            }
            Dialect::Postgres => {
                for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
                    let read = sql("select current_setting($1)").bind(setting);
                    let (value,): (String,) = (&mut &*self).one(read).await?;
                    if value == "off" {
                        return Err(StoreError::NotDurable(format!("{setting} is off")));
                    }
                }
            }
        }
        Ok(())
    }
}

async fn open_sqlite(path: &str, options: &Options) -> Result<Pools, StoreError> {
    let synchronous = match options.durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::ProcessOnly => SqliteSynchronous::Off,
    };
    let mut connect = SqliteConnectOptions::new()
        .filename(PathBuf::from(path))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .statement_cache_capacity(512)
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", checkpoint::AT_LATEST);
    if let Some(pages) = options.max_pages {
        connect = connect.pragma("max_page_count", pages.to_string());
    }
    let lost = |error| StoreError::of("open", error);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        // Where the disk was full, SQLite ended the transaction by itself and the driver believes it is still in it.
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .idle_timeout(None)
        .test_before_acquire(false)
        .max_lifetime(None)
        .connect_with(connect.clone())
        .await
        .map_err(lost)?;
    let beside = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let checkpoints = Checkpoints::start(beside.connect_lazy_with(connect.clone().pragma("cache_size", "-1024")));
    let reading = connect.read_only(true).create_if_missing(false).pragma("cache_size", "-8192");
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections)
        .idle_timeout(None)
        .test_before_acquire(false)
        .max_lifetime(None)
        .connect_lazy_with(reading);
    Ok(Pools::Sqlite { writer, readers, checkpoints })
}

async fn open_postgres(url: &str, options: &Options) -> Result<Pools, StoreError> {
    let lost = |error| StoreError::of("open", error);
    let mut connect = PgConnectOptions::from_str(url).map_err(lost)?.statement_cache_capacity(512);
    if options.durability == Durability::ProcessOnly {
        connect = connect.options([("synchronous_commit", "off")]);
    }
    let pool = PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(Duration::from_secs(10))
        // One that was in use a moment ago is not asked first whether it is still there: that is a round trip for every read.
        .test_before_acquire(false)
        .before_acquire(|connection, was| {
            Box::pin(async move {
                if was.idle_for > Duration::from_secs(1) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(connect)
        .await
        .map_err(lost)?;
    Ok(Pools::Postgres(pool))
}
