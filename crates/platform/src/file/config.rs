//! Files as the configuration has them.

use std::path::Path;
use std::sync::Arc;

use journal::Journal;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;

use super::{FileKind, FileRules, Files, ScanError, Scanner};
use crate::Config;

#[derive(Debug, thiserror::Error)]
pub enum FilesConfigError {
    #[error("file_scanner: {0}")]
    Scanner(#[from] ScanError),
    #[error("file_kinds: {0:?} is no kind of file that can be taken in")]
    Kind(String),
    #[error("files: {0:?} is neither a folder nor s3://BUCKET/PREFIX")]
    Unknown(String),
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
        Ok(Files::new(journal, place(config)?, rules, scanner))
    }
}

/// A bucket, `s3://BUCKET/PREFIX`, or a folder.
fn place(config: &Config) -> Result<Arc<dyn ObjectStore>, FilesConfigError> {
    let Some(files) = &config.files else {
        return Ok(Arc::new(local(&config.data.join("files"))?));
    };
    let Some(bucket) = files.strip_prefix("s3://") else {
        return match files.contains("://") {
            true => Err(FilesConfigError::Unknown(files.clone())),
            false => Ok(Arc::new(local(Path::new(files))?)),
        };
    };
    let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    if let Some(region) = &config.files_region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &config.files_endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let (Some(key), Some(secret)) = (&config.files_access_key, &config.files_secret_key) {
        builder = builder.with_access_key_id(key.reveal()).with_secret_access_key(secret.reveal());
    }
    Ok(Arc::new(PrefixStore::new(builder.build()?, prefix)))
}

/// Each file is flushed before it is named, its folder after.
fn local(folder: &Path) -> Result<LocalFileSystem, FilesConfigError> {
    std::fs::create_dir_all(folder)?;
    Ok(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
}
