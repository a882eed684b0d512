//! Files of a backup: copied, flushed, hashed.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use store::Faults;
use store::file::{self, Draft, Kind, Readers, What};

use super::BackupError;

/// In the data folder, where signing keys lie.
const KEYS: &str = "keys";

/// Counts bytes and hashes them on their way to a file.
pub(super) struct Hashing<W> {
    to: W,
    hash: Sha256,
}

impl<W: io::Write> Hashing<W> {
    pub fn new(to: W) -> Self {
        Hashing { to, hash: Sha256::new() }
    }

    pub fn finish(self) -> (W, String) {
        (self.to, hex::encode(self.hash.finalize()))
    }
}

impl<W: io::Write> io::Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A new file of a backup, readable by its owner alone.
pub(super) fn begin<'a>(what: What, path: &Path, faults: &'a Faults) -> Result<Draft<'a>, BackupError> {
    Draft::begin(Kind { what, readers: Readers::Owner, faults }, path).map_err(BackupError::file(path))
}

/// Copies one file to a new one, flushed to disk, and gives its SHA-256.
pub(super) fn copy(what: What, from: &Path, to: &Path, faults: &Faults) -> Result<String, BackupError> {
    let mut source = File::open(from).map_err(BackupError::file(from))?;
    let mut target = Hashing::new(begin(what, to, faults)?);
    io::copy(&mut source, &mut target).map_err(BackupError::file(to))?;
    let (draft, sha256) = target.finish();
    draft.create().map_err(BackupError::file(to))?;
    Ok(sha256)
}

pub(super) fn sha256(path: &Path) -> Result<String, BackupError> {
    let mut file = File::open(path).map_err(BackupError::file(path))?;
    let (mut hash, mut block) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut block).map_err(BackupError::file(path))? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&block[..read]),
        }
    }
}

/// Files of the data folder that belong in a backup, as paths below it: all but those of the SQLite `database`, keys, and what
/// lies under `except`.
pub(super) fn of_data(data: &Path, except: &Path, database: Option<&Path>) -> Result<Vec<PathBuf>, BackupError> {
    let database = database.and_then(Path::file_name).map(|name| name.to_string_lossy());
    let is_database = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let rest = database.as_deref().and_then(|database| name.strip_prefix(database));
        rest.is_some_and(|rest| ["", "-wal", "-shm", "-journal"].contains(&rest))
    };
    let mut found = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(BackupError::file(&folder))? {
            let entry = entry.map_err(BackupError::file(&folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(BackupError::file(entry.path()))?);
            let below = path.strip_prefix(data).unwrap_or(&path).to_owned();
            if kind.is_dir() && below != Path::new(KEYS) && path != except {
                folders.push(path);
            } else if kind.is_file() && !is_database(&path) && !file::is_draft(&path) {
                found.push(below);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies the log's signing keys (`keys/` of the data folder) and the file of the master key to `to`, a folder outside
/// `backup`. Gives the names of the files copied.
pub fn copy_keys(
    data: &Path,
    master: &Path,
    backup: &Path,
    to: &Path,
    faults: &Faults,
) -> Result<Vec<String>, BackupError> {
    fs::create_dir_all(to).map_err(BackupError::file(to))?;
    let whole = |path: &Path| fs::canonicalize(path).map_err(BackupError::file(path));
    if whole(to)?.starts_with(whole(backup)?) {
        return Err(BackupError::KeysInside(to.to_owned()));
    }
    let keys = data.join(KEYS);
    let mut sources: Vec<PathBuf> = match fs::read_dir(&keys) {
        Ok(entries) => {
            let entries: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
            entries.map_err(BackupError::file(&keys))?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(BackupError::file(&keys)(error)),
    };
    sources.retain(|path| path.is_file() && !file::is_draft(path));
    sources.sort();
    let log_keys = sources.len();
    sources.extend(master.is_file().then(|| master.to_owned()));
    let mut names = Vec::new();
    for (number, source) in sources.into_iter().enumerate() {
        let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = if number < log_keys { to.join(KEYS) } else { to.to_owned() };
        copy(What("copied key"), &source, &folder.join(&name), faults)?;
        names.push(name);
    }
    Ok(names)
}

/// Writes `bytes` to a new file.
pub(super) fn write(what: What, path: &Path, bytes: &[u8], faults: &Faults) -> Result<(), BackupError> {
    let kind = Kind { what, readers: Readers::Owner, faults };
    file::create(kind, path, bytes).map_err(BackupError::file(path))
}
