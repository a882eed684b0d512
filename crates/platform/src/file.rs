//! Files that people leave: photographs, papers, recordings.
//!
//! What comes in is judged by its own bytes, never by its name; a picture is bound in pixels before it is decoded, made anew
//! without what its camera wrote beside it, and has a thumbnail. A scanner may look at it first. The bytes are encrypted under a
//! key of their own, which is sealed in the fact `file.kept` under the key of whose file it is: with that key destroyed nobody
//! reads them any more, and the bytes follow.

pub mod config;
mod fact;
mod keep;
mod kind;
mod picture;
mod read;
mod scan;
mod scrub;
mod sweep;
mod uses;

use std::sync::Arc;
use std::time::Duration;

use journal::Journal;
use object_store::ObjectStore;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use fact::FileRefusal;
pub use keep::{Kept, Upload};
pub use kind::FileKind;
pub use picture::{Picture, PictureError, look_at};
pub use read::{FileRow, FileState, Part};
pub use scan::{ScanError, Scanner, Verdict};
pub use sweep::Swept;
pub use uses::{named_in, still_there};

kernel::id!(
    /// Identifier of a file; its journal stream is `file/` and this.
    FileId
);

/// What is taken in, and up to which size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRules {
    pub bytes: usize,
    /// Width times height of a picture.
    pub pixels: u64,
    pub kinds: Vec<FileKind>,
}

impl Default for FileRules {
    fn default() -> FileRules {
        FileRules { bytes: 20 << 20, pixels: 60_000_000, kinds: FileKind::ALL.to_vec() }
    }
}

/// Where files are kept and found. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    journal: Journal,
    objects: Arc<dyn ObjectStore>,
    rules: Arc<FileRules>,
    scanner: Arc<Scanner>,
    /// Files that are being taken in, or given, at once; each may take up its whole length in memory.
    room: Arc<Semaphore>,
    /// Pictures that are decoded at once; each may take some hundred megabytes.
    decoding: Arc<Semaphore>,
}

const ROOM: usize = 16;
const DECODED: usize = 2;
/// How long one waits for room.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    #[error("the place of files: {0}")]
    Objects(#[from] object_store::Error),
    #[error(transparent)]
    Scan(#[from] ScanError),
    #[error("a command on a file: {0}")]
    Command(String),
    #[error("a task that worked on a file ended: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// What was to be kept of a file was not.
    #[error(transparent)]
    Kept(#[from] journal::SubmitError<std::convert::Infallible>),
    #[error("the fact of the file {0} can't be read")]
    Unreadable(FileId),
}

/// A place that holds files for as long as the process runs: for tests.
pub fn memory() -> object_store::memory::InMemory {
    object_store::memory::InMemory::new()
}

impl From<store::StoreError> for FileError {
    fn from(error: store::StoreError) -> FileError {
        FileError::Journal(error.into())
    }
}

impl Files {
    pub fn new(journal: Journal, objects: Arc<dyn ObjectStore>, rules: FileRules, scanner: Scanner) -> Files {
        Files {
            journal,
            objects,
            rules: Arc::new(rules),
            scanner: Arc::new(scanner),
            room: Arc::new(Semaphore::new(ROOM)),
            decoding: Arc::new(Semaphore::new(DECODED)),
        }
    }

    /// Room for one more file, for as long as it is held; too many at once are refused after a while.
    pub async fn room(&self) -> Result<SemaphorePermit<'_>, FileRefusal> {
        let permit = tokio::time::timeout(PATIENCE, self.room.acquire()).await;
        permit.ok().and_then(Result::ok).ok_or(FileRefusal::Busy)
    }

    pub fn rules(&self) -> &FileRules {
        &self.rules
    }
}
