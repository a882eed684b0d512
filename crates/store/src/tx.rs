//! Transactions and reads.

use std::future::Future;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Postgres, Sqlite};

use crate::db::{Db, Pools};
use crate::{Faults, Sql, StoreError};

/// A row type that both stores can fill: `#[derive(sqlx::FromRow)]` over primitives, or a tuple of them.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// Where rows can be read from: a transaction, or the database itself (`&mut &db`).
pub trait Read: Send {
    fn all<T: Row>(&mut self, sql: Sql) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send;

    fn optional<T: Row>(&mut self, sql: Sql) -> impl Future<Output = Result<Option<T>, StoreError>> + Send;

    /// The one row of a statement that always yields one, such as a count.
    fn one<T: Row>(&mut self, sql: Sql) -> impl Future<Output = Result<T, StoreError>> + Send {
        async {
            let statement = sql.text().to_owned();
            let row = self.optional(sql).await?;
            row.ok_or_else(|| StoreError::of(&statement, sqlx::Error::RowNotFound))
        }
    }
}

/// An open transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx {
    pub(crate) inner: Inner,
    faults: Faults,
    writes: u64,
}

pub(crate) enum Inner {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn sqlite(tx: sqlx::Transaction<'static, Sqlite>, faults: Faults) -> Tx {
        Tx { inner: Inner::Sqlite(tx), faults, writes: 0 }
    }

    pub(crate) fn postgres(tx: sqlx::Transaction<'static, Postgres>, faults: Faults) -> Tx {
        Tx { inner: Inner::Postgres(tx), faults, writes: 0 }
    }

    /// Runs a write and tells how many rows it touched.
    pub async fn run(&mut self, sql: Sql) -> Result<u64, StoreError> {
        self.faults.step_of(sql.text())?;
        self.writes += 1;
        let statement = sql.text().to_owned();
        let touched = match &mut self.inner {
            Inner::Sqlite(tx) => sql.for_sqlite().execute(&mut **tx).await.map(|done| done.rows_affected()),
            Inner::Postgres(tx) => sql.for_postgres().execute(&mut **tx).await.map(|done| done.rows_affected()),
        };
        touched.map_err(|error| StoreError::of(&statement, error))
    }

    /// A write with `RETURNING`.
    pub async fn run_returning<T: Row>(&mut self, sql: Sql) -> Result<Vec<T>, StoreError> {
        self.faults.step_of(sql.text())?;
        self.writes += 1;
        self.all(sql).await
    }

    /// How many writes have run in this transaction.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Which of the two stores this is, for the few statements that must differ.
    pub fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::Postgres(_))
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        self.faults.step("commit")?;
        let faults = self.faults;
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        }
        .map_err(|error| StoreError::of("commit", error))?;
        faults.step("after commit")
    }

    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await,
            Inner::Postgres(tx) => tx.rollback().await,
        }
        .map_err(|error| StoreError::of("rollback", error))
    }
}

fn rows<T, R>(statement: &str, rows: Result<Vec<R>, sqlx::Error>) -> Result<Vec<T>, StoreError>
where
    T: Row + for<'r> FromRow<'r, R>,
    R: sqlx::Row,
{
    let rows = rows.map_err(|error| StoreError::of(statement, error))?;
    rows.iter().map(|row| T::from_row(row).map_err(|error| StoreError::of(statement, error))).collect()
}

fn row<T, R>(statement: &str, row: Result<Option<R>, sqlx::Error>) -> Result<Option<T>, StoreError>
where
    T: Row + for<'r> FromRow<'r, R>,
    R: sqlx::Row,
{
    let row = row.map_err(|error| StoreError::of(statement, error))?;
    row.map(|row| T::from_row(&row).map_err(|error| StoreError::of(statement, error))).transpose()
}

impl Read for Tx {
    async fn all<T: Row>(&mut self, sql: Sql) -> Result<Vec<T>, StoreError> {
        let text = sql.text().to_owned();
        match &mut self.inner {
            Inner::Sqlite(tx) => rows(&text, sql.for_sqlite().fetch_all(&mut **tx).await),
            Inner::Postgres(tx) => rows(&text, sql.for_postgres().fetch_all(&mut **tx).await),
        }
    }

    async fn optional<T: Row>(&mut self, sql: Sql) -> Result<Option<T>, StoreError> {
        let text = sql.text().to_owned();
        match &mut self.inner {
            Inner::Sqlite(tx) => row(&text, sql.for_sqlite().fetch_optional(&mut **tx).await),
            Inner::Postgres(tx) => row(&text, sql.for_postgres().fetch_optional(&mut **tx).await),
        }
    }
}

impl Read for &Db {
    async fn all<T: Row>(&mut self, sql: Sql) -> Result<Vec<T>, StoreError> {
        let text = sql.text().to_owned();
        match self.pools() {
            Pools::Sqlite { readers, .. } => rows(&text, sql.for_sqlite().fetch_all(readers).await),
            Pools::Postgres(pool) => rows(&text, sql.for_postgres().fetch_all(pool).await),
        }
    }

    async fn optional<T: Row>(&mut self, sql: Sql) -> Result<Option<T>, StoreError> {
        let text = sql.text().to_owned();
        match self.pools() {
            Pools::Sqlite { readers, .. } => row(&text, sql.for_sqlite().fetch_optional(readers).await),
            Pools::Postgres(pool) => row(&text, sql.for_postgres().fetch_optional(pool).await),
        }
    }
}
