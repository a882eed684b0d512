//! The index in its folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use journal::JournalError;
use tantivy::directory::error::LockError;
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyError};

use crate::schema::{Fields, schema};
use crate::state::State;

/// The index, to ask. Cheap to clone.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    /// None: in memory.
    folder: Option<PathBuf>,
    open: RwLock<Arc<OpenIndex>>,
    position: AtomicI64,
}

pub(crate) struct OpenIndex {
    pub index: Index,
    pub reader: IndexReader,
    pub fields: Fields,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the index: {0}")]
    Index(#[from] TantivyError),
    #[error("the folder of the index: {0}")]
    Folder(#[source] std::io::Error),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("another process writes this index")]
    Busy,
    #[error("the program ends")]
    Stopped,
}

/// Memory for documents that are not written yet.
const HEAP: usize = 48 << 20;

impl Search {
    /// The index in `folder`. What is missing, damaged or of another version is begun anew, empty: a [`crate::Reader`] fills it.
    pub fn open(folder: &Path) -> Result<Search, SearchError> {
        std::fs::create_dir_all(folder).map_err(SearchError::Folder)?;
        let open = match OpenIndex::sound(folder) {
            Some(open) => open,
            None => OpenIndex::anew(folder)?,
        };
        Search::with(open, Some(folder.to_owned()))
    }

    /// An index that is gone with the process.
    pub fn in_memory() -> Search {
        let open = OpenIndex::of(Index::create_in_ram(schema().0)).expect("an index in memory can be read");
        Search::with(open, None).expect("an index in memory can be read")
    }

    fn with(open: OpenIndex, folder: Option<PathBuf>) -> Result<Search, SearchError> {
        let position = AtomicI64::new(open.state()?.map_or(0, |state| state.position));
        Ok(Search(Arc::new(Inner { folder, open: RwLock::new(Arc::new(open)), position })))
    }

    /// The position of the last fact that can be found.
    pub fn position(&self) -> i64 {
        self.0.position.load(Ordering::Relaxed)
    }

    /// Documents that can be found.
    pub fn documents(&self) -> u64 {
        self.open_index().reader.searcher().num_docs()
    }

    /// Bytes of the files it consists of; 0 in memory.
    pub fn bytes(&self) -> Result<u64, SearchError> {
        let Some(folder) = &self.0.folder else { return Ok(0) };
        let sizes = std::fs::read_dir(folder).map_err(SearchError::Folder)?.map(|entry| Ok(entry?.metadata()?.len()));
        sizes.sum::<std::io::Result<u64>>().map_err(SearchError::Folder)
    }

    pub(crate) fn open_index(&self) -> Arc<OpenIndex> {
        self.0.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins anew, empty.
    pub(crate) fn begin_anew(&self) -> Result<(), SearchError> {
        let open = match &self.0.folder {
            Some(folder) => OpenIndex::anew(folder)?,
            None => OpenIndex::of(Index::create_in_ram(schema().0))?,
        };
        self.replace(open);
        self.come_to(0);
        Ok(())
    }

    /// Looks again at what another process writes.
    pub(crate) fn look_again(&self) -> Result<(), SearchError> {
        if let Some(open) = self.0.folder.as_deref().and_then(OpenIndex::readable) {
            self.come_to(open.state()?.map_or(0, |state| state.position));
            self.replace(open);
        }
        Ok(())
    }

    pub(crate) fn come_to(&self, position: i64) {
        self.0.position.store(position, Ordering::Relaxed);
    }

    fn replace(&self, open: OpenIndex) {
        *self.0.open.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(open);
    }
}

impl OpenIndex {
    fn of(index: Index) -> Result<OpenIndex, SearchError> {
        // Whoever writes it says when there is something new.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(OpenIndex { index, reader, fields: schema().1 })
    }

    fn readable(folder: &Path) -> Option<OpenIndex> {
        let index = Index::open_in_dir(folder).ok().filter(|index| index.schema() == schema().0)?;
        OpenIndex::of(index).ok()
    }

    /// What lies in the folder, if it is whole and of this version.
    fn sound(folder: &Path) -> Option<OpenIndex> {
        let open = OpenIndex::readable(folder)?;
        let damaged = open.index.validate_checksum().ok()?;
        (damaged.is_empty() && open.state().ok()?.is_some()).then_some(open)
    }

    fn anew(folder: &Path) -> Result<OpenIndex, SearchError> {
        let directory = MmapDirectory::open(folder).map_err(TantivyError::from)?;
        let lock = directory.acquire_lock(&INDEX_WRITER_LOCK).map_err(busy)?;
        let entries = std::fs::read_dir(folder).map_err(SearchError::Folder)?;
        for entry in entries {
            let path = entry.map_err(SearchError::Folder)?.path();
            if path.is_file() && path.file_name() != INDEX_WRITER_LOCK.filepath.file_name() {
                std::fs::remove_file(path).map_err(SearchError::Folder)?;
            }
        }
        let open = OpenIndex::of(Index::create_in_dir(folder, schema().0)?)?;
        drop(lock);
        Ok(open)
    }

    /// None: nothing was committed yet, or by a program of another version.
    pub fn state(&self) -> Result<Option<State>, SearchError> {
        Ok(State::parse(self.index.load_metas()?.payload.as_deref()))
    }

    pub fn writer(&self) -> Result<IndexWriter, SearchError> {
        // One thread, so that documents lie in the order of their keys.
        self.index.writer_with_num_threads(1, HEAP).map_err(|error| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => SearchError::Busy,
            error => error.into(),
        })
    }
}

fn busy(error: LockError) -> SearchError {
    match error {
        LockError::LockBusy => SearchError::Busy,
        LockError::IoError(error) => SearchError::Folder(std::io::Error::other(error.to_string())),
    }
}
