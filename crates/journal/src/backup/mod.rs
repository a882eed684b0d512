//! Backup while serving, and restore into either store.
//!
//! A backup is a folder: every table as of one instant (`tables/*.jsonl.gz`), the files of the data folder, and
//! `manifest.json`, written last, with the SHA-256 of each. Signing keys and the master key are not in it: they are copied
//! apart by [`copy_keys`]. What the database holds of persons is sealed, so a stolen backup without the keys says nothing
//! of them.
//!
//! A restore loads the folder into an empty database of either store. It then has to be told two things that only the
//! outside knows: the newest witnessed checkpoint, below which nothing is signed ([`crate::log::Log::open`]), and the
//! newest list of erasures, which is carried out again ([`replay_erasures`]) so that nobody comes back.

mod erasures;
mod files;
mod lines;
mod load;
mod make;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use kernel::Instant;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::copy::{Kind, Table};

use crate::JournalError;

pub use erasures::{keep_erasures, read_erasures, replay_erasures, write_erasures};
pub use files::copy_keys;
pub use load::load;
pub use make::make;

const FORMAT: &str = "huying-backup@v1";
const MANIFEST: &str = "manifest.json";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub made_at: Instant,
    /// The journal's last position.
    pub head: i64,
    /// The log's newest checkpoint, as it was signed.
    pub checkpoint: Option<String>,
    /// Versions of the migrations that had run.
    pub migrations: Vec<i64>,
    pub tables: Vec<TableEntry>,
    pub files: Vec<FileEntry>,
}

/// A table: its first line names the columns, each further line is a row as a JSON array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    pub name: String,
    /// Name, and `integer`, `real`, `text` or `bytes`.
    pub columns: Vec<(String, String)>,
    pub rows: u64,
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Below the data folder, with `/`.
    pub path: String,
    pub sha256: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{} holds files already: a backup goes into a folder of its own", .0.display())]
    Occupied(PathBuf),
    #[error("{} is not a whole backup: its manifest is missing or unreadable ({reason})", .path.display())]
    Manifest { path: PathBuf, reason: String },
    #[error("{} is not as the manifest says: it was cut short or changed", .0.display())]
    Changed(PathBuf),
    #[error("the table {table}, row {row}: {reason}")]
    Row { table: String, row: u64, reason: String },
    #[error("the backup was made by a newer program: it knows migration {0}, this one does not")]
    NewerProgram(i64),
    #[error("the database to restore into holds tables already: a restore goes into an empty one")]
    NotEmpty,
    #[error("the keys would lie in the backup itself ({}): they belong elsewhere", .0.display())]
    KeysInside(PathBuf),
    #[error("line {line} of the list of erasures: {reason}")]
    Erasures { line: usize, reason: String },
}

impl BackupError {
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> BackupError {
        let path = path.into();
        |source| BackupError::File { path, source }
    }
}

impl TableEntry {
    fn file(&self) -> String {
        format!("tables/{}.jsonl.gz", self.name)
    }

    fn table(&self) -> Option<Table> {
        let column = |(name, kind): &(String, String)| Some((name.clone(), kind_named(kind)?));
        Some(Table { name: self.name.clone(), columns: self.columns.iter().map(column).collect::<Option<_>>()? })
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "integer",
        Kind::Real => "real",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
    }
}

fn kind_named(name: &str) -> Option<Kind> {
    [Kind::Integer, Kind::Real, Kind::Text, Kind::Bytes].into_iter().find(|kind| kind_name(*kind) == name)
}
