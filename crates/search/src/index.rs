//! The index in its folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use journal::JournalError;
use tantivy::directory::error::LockError;
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError};

use crate::schema::{Fields, schema};
use crate::sealed::{IndexKey, Sealed};
use crate::state::State;

/// The index, to ask. Cheap to clone.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    /// None: in memory.
    kept: Option<Kept>,
    open: RwLock<Arc<OpenIndex>>,
    position: AtomicI64,
}

/// A folder, and the key of what lies in it.
#[derive(Clone)]
struct Kept {
    folder: PathBuf,
    key: IndexKey,
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
    /// The index in `folder`, encrypted under `key`. What is missing, damaged, of another version or under another key is begun
    /// anew, empty: a [`crate::Reader`] fills it.
    pub fn open(folder: &Path, key: IndexKey) -> Result<Search, SearchError> {
        std::fs::create_dir_all(folder).map_err(SearchError::Folder)?;
        let kept = Kept { folder: folder.to_owned(), key };
        let open = match OpenIndex::sound(&kept) {
            Some(open) => open,
            None => OpenIndex::anew(&kept)?,
        };
        Search::with(open, Some(kept))
    }

    /// An index that is gone with the process.
    pub fn in_memory() -> Search {
        let open = OpenIndex::of(Index::create_in_ram(schema().0)).expect("an index in memory can be read");
        Search::with(open, None).expect("an index in memory can be read")
    }

    fn with(open: OpenIndex, kept: Option<Kept>) -> Result<Search, SearchError> {
        let position = AtomicI64::new(open.state()?.map_or(0, |state| state.position));
        Ok(Search(Arc::new(Inner { kept, open: RwLock::new(Arc::new(open)), position })))
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
        let Some(kept) = &self.0.kept else { return Ok(0) };
        let sizes =
            std::fs::read_dir(&kept.folder).map_err(SearchError::Folder)?.map(|entry| Ok(entry?.metadata()?.len()));
        sizes.sum::<std::io::Result<u64>>().map_err(SearchError::Folder)
    }

    pub(crate) fn open_index(&self) -> Arc<OpenIndex> {
        self.0.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins anew, empty.
    pub(crate) fn begin_anew(&self) -> Result<(), SearchError> {
        let open = match &self.0.kept {
            Some(kept) => OpenIndex::anew(kept)?,
            None => OpenIndex::of(Index::create_in_ram(schema().0))?,
        };
        self.replace(open);
        self.come_to(0);
        Ok(())
    }

    /// Looks again at what another process writes.
    pub(crate) fn look_again(&self) -> Result<(), SearchError> {
        if let Some(open) = self.0.kept.as_ref().and_then(OpenIndex::readable) {
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

impl Kept {
    fn files(&self) -> Result<Sealed, SearchError> {
        let files = MmapDirectory::open(&self.folder).map_err(TantivyError::from)?;
        Ok(Sealed::new(files, self.key.clone()))
    }
}

impl OpenIndex {
    fn of(index: Index) -> Result<OpenIndex, SearchError> {
        // Whoever writes it says when there is something new.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(OpenIndex { index, reader, fields: schema().1 })
    }

    fn readable(kept: &Kept) -> Option<OpenIndex> {
        let index = Index::open(kept.files().ok()?).ok().filter(|index| index.schema() == schema().0)?;
        OpenIndex::of(index).ok()
    }

    /// What lies in the folder, if it is whole and of this version.
    fn sound(kept: &Kept) -> Option<OpenIndex> {
        let open = OpenIndex::readable(kept)?;
        let damaged = open.index.validate_checksum().ok()?;
        (damaged.is_empty() && open.state().ok()?.is_some()).then_some(open)
    }

    fn anew(kept: &Kept) -> Result<OpenIndex, SearchError> {
        let files = kept.files()?;
        let lock = files.acquire_lock(&INDEX_WRITER_LOCK).map_err(busy)?;
        let entries = std::fs::read_dir(&kept.folder).map_err(SearchError::Folder)?;
        for entry in entries {
            let path = entry.map_err(SearchError::Folder)?.path();
            if path.is_file() && path.file_name() != INDEX_WRITER_LOCK.filepath.file_name() {
                std::fs::remove_file(path).map_err(SearchError::Folder)?;
            }
        }
        let open = OpenIndex::of(Index::create(files, schema().0, IndexSettings::default())?)?;
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
