//! The files of the index encrypted: who has the folder and not the district's master key reads no word of them.
//!
//! Each file is a nonce and then XChaCha20 of what it holds, so that any part of it can be read alone. Nothing is authenticated:
//! every file ends with a checksum of its content, and what does not fit is made anew from the journal. The lists of segments
//! (`meta.json`) stay readable: they name files and count documents.

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chacha20::XChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use kernel::Chance;
use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

const NONCE: usize = 24;
/// Bytes encrypted at once.
const PIECE: usize = 64 << 10;

/// The key of an index, and the chance its nonces are drawn from. Cheap to clone.
#[derive(Clone)]
pub struct IndexKey {
    bytes: [u8; 32],
    chance: Arc<Mutex<Chance>>,
}

impl IndexKey {
    pub fn new(bytes: [u8; 32], chance: Chance) -> IndexKey {
        IndexKey { bytes, chance: Arc::new(Mutex::new(chance)) }
    }

    fn draw(&self) -> [u8; NONCE] {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }

    fn cipher(&self, nonce: &[u8; NONCE]) -> XChaCha20 {
        XChaCha20::new(&self.bytes.into(), &(*nonce).into())
    }
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexKey")
    }
}

/// A folder whose files are encrypted.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    files: MmapDirectory,
    key: IndexKey,
}

impl Sealed {
    pub fn new(files: MmapDirectory, key: IndexKey) -> Sealed {
        Sealed { files, key }
    }
}

impl Directory for Sealed {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let file = self.files.get_file_handle(path)?;
        let failed = |error| OpenReadError::wrap_io_error(error, path.to_owned());
        if file.len() < NONCE {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        let start = file.read_bytes(0..NONCE).map_err(failed)?;
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&start);
        Ok(Arc::new(SealedFile { file, nonce, key: self.key.clone() }))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let mut file = self.files.open_write(path)?;
        let nonce = self.key.draw();
        file.write_all(&nonce).map_err(|error| OpenWriteError::wrap_io_error(error, path.to_owned()))?;
        let (cipher, piece) = (self.key.cipher(&nonce), Vec::with_capacity(PIECE));
        Ok(BufWriter::with_capacity(PIECE, Box::new(SealedWriter { file, cipher, piece })))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.files.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.files.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

#[derive(Debug)]
struct SealedFile {
    file: Arc<dyn FileHandle>,
    nonce: [u8; NONCE],
    key: IndexKey,
}

impl HasLen for SealedFile {
    fn len(&self) -> usize {
        self.file.len() - NONCE
    }
}

impl FileHandle for SealedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        let mut bytes = self.file.read_bytes(range.start + NONCE..range.end + NONCE)?.to_vec();
        let mut cipher = self.key.cipher(&self.nonce);
        cipher.try_seek(range.start as u64).map_err(|_| too_long())?;
        cipher.try_apply_keystream(&mut bytes).map_err(|_| too_long())?;
        Ok(OwnedBytes::new(bytes))
    }
}

struct SealedWriter {
    file: WritePtr,
    cipher: XChaCha20,
    /// What is being encrypted: it came borrowed.
    piece: Vec<u8>,
}

impl Write for SealedWriter {
    fn write(&mut self, plain: &[u8]) -> io::Result<usize> {
        let taken = plain.len().min(PIECE);
        self.piece.clear();
        self.piece.extend_from_slice(&plain[..taken]);
        self.cipher.try_apply_keystream(&mut self.piece).map_err(|_| too_long())?;
        self.file.write_all(&self.piece)?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for SealedWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.file.terminate_ref(token)
    }
}

/// The cipher counts 64 bytes each with 32 bits: 256 GiB a file.
fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "a file of the index is too long to be encrypted")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_part_is_read_as_it_was_written_and_nothing_stands_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let key = IndexKey::new([7; 32], Chance::seeded(1, "index"));
        let sealed = Sealed::new(MmapDirectory::open(folder.path()).unwrap(), key);
        let plain: Vec<u8> = (0..200_000_u32).flat_map(|nth| (nth % 251).to_be_bytes()).collect();
        for name in ["one", "two"] {
            let mut file = sealed.open_write(Path::new(name)).unwrap();
            plain.chunks(7_001).for_each(|chunk| file.write_all(chunk).unwrap());
            file.terminate().unwrap();
        }
        let read = sealed.open_read(Path::new("one")).unwrap();
        assert_eq!(read.len(), plain.len());
        for range in [0..plain.len(), 0..1, 63..65, 70_000..70_001, 65_535..131_073, plain.len() - 1..plain.len(), 5..5]
        {
            assert_eq!(read.slice(range.clone()).read_bytes().unwrap().as_slice(), &plain[range.clone()], "{range:?}");
        }
        let raw = ["one", "two"].map(|name| std::fs::read(folder.path().join(name)).unwrap());
        assert_ne!(raw[0][NONCE..], raw[1][NONCE..], "the same content is another file each time");
        assert!(raw.iter().all(|raw| !raw.windows(16).any(|window| window == &plain[..16])));
    }
}
