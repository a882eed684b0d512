//! Files as the configuration has them.

use std::path::Path;
use std::sync::Arc;

use journal::Journal;
use object_store::local::LocalFileSystem;

use super::{FileKind, FileRules, Files, ScanError, Scanner};
use crate::Config;

#[derive(Debug, thiserror::Error)]
pub enum FilesConfigError {
    #[error("file_scanner: {0}")]
    Scanner(#[from] ScanError),
    #[error("file_kinds: {0:?} is no kind of file that can be taken in")]
    Kind(String),
    #[error("files: {0}")]
    Place(#[from] object_store::Error),
    #[error("files: {0}")]
    Folder(#[from] std::io::Error),
}

impl Files {
    /// The place of files, which is made where it is a folder that is not there.
    pub fn configured(config: &Config, journal: Journal) -> Result<Files, FilesConfigError> {
        let kind = |name: &String| FileKind::named(name).ok_or_else(|| FilesConfigError::Kind(name.clone()));
        let kinds = match config.file_kinds.is_empty() {
            true => FileKind::ALL.to_vec(),
            false => config.file_kinds.iter().map(kind).collect::<Result<_, _>>()?,
        };
        let rules = FileRules { bytes: config.file_megabytes << 20, pixels: config.file_megapixels * 1_000_000, kinds };
        let scanner = Scanner::parse(&config.file_scanner)?;
        let folder = config.files.clone().unwrap_or_else(|| config.data.join("files"));
        Ok(Files::new(journal, Arc::new(local(&folder)?), rules, scanner))
    }
}

/// Each file is flushed before it is named, its folder after.
fn local(folder: &Path) -> Result<LocalFileSystem, FilesConfigError> {
    std::fs::create_dir_all(folder)?;
    Ok(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
}
