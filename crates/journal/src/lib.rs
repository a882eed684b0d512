//! The journal is the truth; everything else is a reading of it.
//!
//! [`Journal::submit`] runs a [`Command`] in the writer's transaction: it loads, decides, changes its own tables and
//! appends facts; the facts take dense positions in commit order and are acknowledged once they are durable. [`tail`]
//! follows them.

pub mod access;
pub mod backup;
mod command;
mod erasure;
mod error;
mod fact;
pub mod load;
pub mod log;
mod master;
pub mod receipt;
mod seal;
mod slate;
pub mod tail;
#[cfg(feature = "testing")]
pub mod testing;
mod trail;
mod unit;
pub mod verify;
mod way;
mod writer;

pub use command::{Answer, Command, Declined, Key, Positions, Submission};
pub use erasure::{ERASED, EraseRefusal, EraseSubject, Erasure, erasures};
pub use error::{JournalError, SubmitError};
pub use fact::{Fact, NewFact, Personal, commitment};
pub use master::{MasterKey, decrypt, encrypt};
pub use seal::{Opened, OpenedField, Sealer};
pub use slate::{Ahead, Slate};
pub use trail::{Trail, TrailFilter, TrailPlace};
pub use unit::Unit;
pub use way::Way;
pub use writer::{Journal, WriterOptions};

/// The journal's own tables.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 10_001,
        name: "journal",
        sqlite: include_str!("../migrations/sqlite/0001_journal.sql"),
        postgres: include_str!("../migrations/postgres/0001_journal.sql"),
    },
    store::Migration {
        version: 10_002,
        name: "transparency log",
        sqlite: include_str!("../migrations/sqlite/0002_log.sql"),
        postgres: include_str!("../migrations/postgres/0002_log.sql"),
    },
    store::Migration {
        version: 10_003,
        name: "floor of the transparency log",
        sqlite: include_str!("../migrations/sqlite/0003_log_floor.sql"),
        postgres: include_str!("../migrations/postgres/0003_log_floor.sql"),
    },
    store::Migration {
        version: 10_004,
        name: "indexes of the audit trail",
        sqlite: include_str!("../migrations/sqlite/0004_trail.sql"),
        postgres: include_str!("../migrations/postgres/0004_trail.sql"),
    },
];
