//! Files that are written whole or not at all: a power cut leaves what was there before, or all of the new content.
//!
//! A file is drafted under another name beside its own, flushed, given its name, and the folder is flushed. Each of these is a
//! site of [`Faults`], named after `what` the file is.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::Faults;

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    Owner,
    /// Whoever the process's mask lets.
    Others,
}

/// What a file is, in a few words: its writes are named after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct What(pub &'static str);

/// What a file is, who may read it, and where its writes are counted.
#[derive(Clone, Copy, Debug)]
pub struct Kind<'a> {
    pub what: What,
    pub readers: Readers,
    pub faults: &'a Faults,
}

/// Writes `bytes` to `path`, in the place of what is there.
pub fn replace(kind: Kind, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = Draft::begin(kind, path)?;
    draft.write_all(bytes)?;
    draft.replace()
}

/// Writes `bytes` to a new file; one that is there is left as it is, and the error says so.
pub fn create(kind: Kind, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = Draft::begin(kind, path)?;
    draft.write_all(bytes)?;
    draft.create()
}

/// Appends `bytes` and flushes them; the file is made where it is missing. A power cut may leave a part of the bytes.
pub fn append(kind: Kind, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_new = !path.exists();
    make_folder(folder_of(path))?;
    kind.step("append")?;
    let mut file = options(kind.readers).append(true).open(path)?;
    file.seek(SeekFrom::End(0))?;
    file.write_all(bytes)?;
    kind.step("flush")?;
    file.sync_all()?;
    if is_new {
        kind.step("flush folder of")?;
        flush_folder(folder_of(path))?;
    }
    kind.step("after")
}

/// Whether a file is a draft that was never finished: no part of what it lies among.
pub fn is_draft(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(DRAFT)
}

const DRAFT: &str = ".draft";

/// A file on its way. Dropped before its end it leaves its draft, which the next one takes away.
#[derive(Debug)]
pub struct Draft<'a> {
    kind: Kind<'a>,
    path: PathBuf,
    draft: PathBuf,
    file: File,
}

impl<'a> Draft<'a> {
    pub fn begin(kind: Kind<'a>, path: &Path) -> io::Result<Draft<'a>> {
        let folder = folder_of(path);
        make_folder(folder)?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        // Of this process alone; what another left behind is taken away.
        let start = format!(".{name}.");
        for entry in fs::read_dir(folder)? {
            let left = entry?.path();
            if is_draft(&left) && left.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)) {
                let _ = fs::remove_file(left);
            }
        }
        let draft = folder.join(format!("{start}{}{DRAFT}", std::process::id()));
        kind.step("write")?;
        let file = options(kind.readers).create_new(true).write(true).open(&draft)?;
        Ok(Draft { kind, path: path.to_owned(), draft, file })
    }

    /// Gives the file its name, in the place of one that is there.
    pub fn replace(self) -> io::Result<()> {
        self.end(|draft, path| fs::rename(draft, path))
    }

    /// Gives the file its name; one that is there is left, and the error says so.
    pub fn create(self) -> io::Result<()> {
        self.end(|draft, path| {
            let named = fs::hard_link(draft, path);
            fs::remove_file(draft)?;
            named
        })
    }

    fn end(self, name: impl FnOnce(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
        self.kind.step("flush")?;
        self.file.sync_all()?;
        self.kind.step("name")?;
        name(&self.draft, &self.path)?;
        self.kind.step("flush folder of")?;
        flush_folder(folder_of(&self.path))?;
        self.kind.step("after")
    }
}

impl Write for Draft<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Kind<'_> {
    fn step(self, operation: &str) -> io::Result<()> {
        self.faults.step(&format!("{operation} {}", self.what.0)).map_err(io::Error::other)
    }
}

fn options(readers: Readers) -> fs::OpenOptions {
    let mut options = File::options();
    options.create(true).mode(match readers {
        Readers::Owner => 0o600,
        Readers::Others => 0o666,
    });
    options
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder and those above it, each entered durably in the one that holds it.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    make_folder(above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| flush_folder(above)),
    }
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn kind(faults: &Faults) -> Kind<'_> {
        Kind { what: What("letter"), readers: Readers::Owner, faults }
    }

    #[test]
    fn a_file_is_replaced_or_made_or_appended_to() {
        let (folder, faults) = (tempfile::tempdir().unwrap(), Faults::default());
        let path = folder.path().join("a/b/letter");
        replace(kind(&faults), &path, b"one").unwrap();
        replace(kind(&faults), &path, b"two").unwrap();
        let refused = create(kind(&faults), &path, b"three").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        append(kind(&faults), &path, b" and more").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two and more");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        create(kind(&faults), &path.with_file_name("other"), b"three").unwrap();
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn whatever_operation_fails_the_file_is_the_old_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter");
        let counting = Faults::default();
        counting.count();
        replace(kind(&counting), &path, b"old").unwrap();
        let sites = counting.sites();
        assert_eq!(sites.len(), 5, "{sites:?}");
        for site in sites.keys() {
            replace(kind(&Faults::default()), &path, b"old").unwrap();
            let faults = Faults::default();
            faults.fail_at(site, 1);
            assert!(replace(kind(&faults), &path, b"new").is_err(), "{site}");
            let named = ["flush folder of letter", "after letter"].contains(&site.as_str());
            assert_eq!(fs::read(&path).unwrap(), if named { b"new" } else { b"old" }, "{site}");
            replace(kind(&faults), &path, b"next").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"next", "{site}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{site}: the draft is taken away");
        }
    }
}
