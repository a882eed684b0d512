//! How far an import has come, kept beside the data so that an interrupted one goes on where it was.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use kernel::Digest;
use serde::{Deserialize, Serialize};
use store::Faults;
use store::file::{self, Kind, Readers, What};

/// What became of the rows so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that are settled one way or another.
    pub rows: u64,
    /// New cases.
    pub taken: u64,
    /// Taken in before.
    pub known: u64,
    pub refused: u64,
    /// New cases without a place because the file gave its fallback point.
    pub unplaced: u64,
    /// Facts that the new cases began with.
    pub facts: u64,
}

/// The whole of what is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Of which file and source.
    of: String,
    pub counts: Counts,
    /// Length of the rejects file up to these rows, in bytes.
    pub rejects: u64,
    pub finished: bool,
}

/// Where a position is kept.
#[derive(Clone, Debug)]
pub struct Keeper {
    pub path: PathBuf,
    pub faults: Faults,
}

/// As much of a file as tells it from another, in bytes.
const HEAD: u64 = 1 << 20;

impl Position {
    /// The beginning of an import of `file` from `source`.
    pub fn start(file: &Path, source: &str) -> io::Result<Position> {
        let length = fs::metadata(file)?.len();
        let mut head = Vec::new();
        File::open(file)?.take(HEAD).read_to_end(&mut head)?;
        let of = Digest::of(&[source.as_bytes(), &length.to_be_bytes(), &head]).hex();
        Ok(Position { of, counts: Counts::default(), rejects: 0, finished: false })
    }
}

impl Keeper {
    /// The position kept for the same file and source, where its import has not finished; else `start` itself. A position
    /// that cannot be read is none: every row is asked for again, and those taken in are known.
    pub fn resume(&self, start: Position) -> Position {
        let kept = fs::read(&self.path).ok().and_then(|bytes| serde_json::from_slice::<Position>(&bytes).ok());
        kept.filter(|kept| kept.of == start.of && !kept.finished).unwrap_or(start)
    }

    /// Keeps the position; a crash in between leaves the one before.
    pub fn keep(&self, position: &Position) -> io::Result<()> {
        let kind = Kind { what: What("import position"), readers: Readers::Others, faults: &self.faults };
        file::replace(kind, &self.path, &serde_json::to_vec(position)?)
    }
}
