//! What can go wrong in a store.

use sqlx::error::ErrorKind;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row of this kind stands already. `what` is the constraint's name or, on SQLite, its columns.
    #[error("already there: {what}")]
    Unique { what: String },
    /// Another transaction was faster; the same work may succeed when tried again.
    #[error("another transaction was in the way: {0}")]
    Contention(#[source] sqlx::Error),
    /// The disk, or the database's limit, is full.
    #[error("no space left: {0}")]
    Full(#[source] sqlx::Error),
    /// The connection broke or could not be had. Whether a commit under way took effect is unknown.
    #[error("the database cannot be reached: {0}")]
    Lost(#[source] sqlx::Error),
    #[error("`{statement}`: {source}")]
    Statement { statement: String, source: sqlx::Error },
    #[error("{0} is neither `sqlite:PATH` nor `postgres://…`")]
    Url(String),
    #[error("the database is not durable: {0}; say so in the configuration if that is meant")]
    NotDurable(String),
    #[error("the tables cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("the column {column} of {table} is of the type {kind}, which is none of ours")]
    ColumnType { table: String, column: String, kind: String },
    #[error("a fault was asked for at `{0}`")]
    Planted(String),
}

impl StoreError {
    /// Whether the same work, tried again, may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, StoreError::Contention(_) | StoreError::Unique { .. })
    }

    pub(crate) fn of(statement: &str, source: sqlx::Error) -> StoreError {
        match &source {
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                if error.kind() == ErrorKind::UniqueViolation {
                    let what = error.constraint().map(str::to_owned).unwrap_or_else(|| error.message().to_owned());
                    return StoreError::Unique { what };
                }
                match code.as_ref() {
                    // PostgreSQL: serialization failure, deadlock, lock not available.
                    "40001" | "40P01" | "55P03" => StoreError::Contention(source),
                    "53100" => StoreError::Full(source),
                    // PostgreSQL: the server is going down or has just come up.
                    "57P01" | "57P02" | "57P03" | "53300" => StoreError::Lost(source),
                    // SQLite: SQLITE_FULL; SQLITE_BUSY and its extended codes; SQLITE_LOCKED.
                    "13" => StoreError::Full(source),
                    "5" | "261" | "517" | "773" | "6" | "262" => StoreError::Contention(source),
                    _ => StoreError::Statement { statement: statement.to_owned(), source },
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreError::Lost(source),
            _ => StoreError::Statement { statement: statement.to_owned(), source },
        }
    }
}
