//! The two databases behind one door: SQLite, which needs no server and is the default, and PostgreSQL for many nodes.
//!
//! One SQL text serves both: `$1` placeholders, `ON CONFLICT … RETURNING`, no dialect words. What differs (types in
//! migrations, locks, waking other nodes) is hidden here. Numbers are 64-bit, instants are microseconds UTC, flags are
//! 0 or 1, bytes are bytes, identifiers and JSON are text.

mod checkpoint;
pub mod copy;
mod db;
mod error;
mod fault;
pub mod file;
mod migrate;
mod rows;
pub mod scratch;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod wake;

pub use db::{Db, Dialect, Durability, Options};
pub use error::StoreError;
pub use fault::Faults;
pub use migrate::{Migration, migrate};
pub use rows::{ask_rows, delete_rows, select_rows, texts_of, update_rows};
pub use sql::{Bind, Sql, Value, sql};
pub use tx::{Read, Row, Tx};
pub use wake::{Waiter, Wake};
