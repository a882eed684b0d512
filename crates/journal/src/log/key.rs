//! The key that signs checkpoints, and its public half.
//!
//! Both are written as the Go checksum database and C2SP `signed-note` write them, so that any note tool reads them:
//! `PRIVATE+KEY+<name>+<id>+<base64>` and `<name>+<id>+<base64>`. The name is the log's origin.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::SigningKey;
use signed_note::{StandardSigner, StandardVerifier, Verifier as _};
use store::Faults;
use store::file::{self, Kind, Readers, What};

/// Algorithm byte of Ed25519 in C2SP `signed-note`.
const ED25519: u8 = 1;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{0:?} cannot name a log: a name has no white space and no plus sign")]
    Name(String),
    #[error("this is not a signing key of the form PRIVATE+KEY+name+id+base64: {0}")]
    Signing(#[from] signed_note::SignerError),
    #[error("this is not a verifier key of the form name+id+base64: {0}")]
    Verifying(#[from] signed_note::VerifierError),
    #[error("the signing key belongs to the log {found:?}, but this district's log is {wanted:?}")]
    OtherLog { found: String, wanted: String },
    #[error("the signing key in {} can be read by others than its owner: set its mode to 0600", .0.display())]
    Exposed(PathBuf),
    #[error("reading or writing the signing key in {}: {source}", .file.display())]
    File { file: PathBuf, source: std::io::Error },
}

/// A signing key. Its text is the secret: `Debug` does not show it.
#[derive(Clone)]
pub struct LogKey {
    signer: StandardSigner,
    text: String,
    verifier: VerifierKey,
}

impl LogKey {
    /// The key of `seed` (32 secret bytes, RFC 8032) for the log called `origin`.
    pub fn from_seed(origin: &str, seed: [u8; 32]) -> Result<LogKey, KeyError> {
        if !signed_note::is_key_name_valid(origin) {
            return Err(KeyError::Name(origin.to_owned()));
        }
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let id = signed_note::key_id(origin, &tagged(&public));
        LogKey::parse(&format!("PRIVATE+KEY+{origin}+{id:08x}+{}", BASE64_STANDARD.encode(tagged(&seed))))
    }

    pub fn parse(text: &str) -> Result<LogKey, KeyError> {
        let text = text.trim();
        let signer = StandardSigner::new(text)?;
        let parts: Vec<&str> = text.split('+').collect();
        let (origin, secret) = (parts[2], text.splitn(5, '+').last().unwrap_or_default());
        let seed: [u8; 32] = BASE64_STANDARD
            .decode(secret)
            .ok()
            .and_then(|bytes| bytes.get(1..)?.try_into().ok())
            .ok_or(signed_note::SignerError::Format)?;
        let public = tagged(&SigningKey::from_bytes(&seed).verifying_key().to_bytes());
        let id = signed_note::key_id(origin, &public);
        let verifier = VerifierKey::parse(&format!("{origin}+{id:08x}+{}", BASE64_STANDARD.encode(public)))?;
        Ok(LogKey { signer, text: text.to_owned(), verifier })
    }

    /// The key in `file`; none where no file is.
    pub fn read(file: &Path) -> Result<Option<LogKey>, KeyError> {
        match std::fs::read_to_string(file) {
            Ok(text) => {
                refuse_exposed(file)?;
                LogKey::parse(&text).map(Some)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeyError::File { file: file.to_owned(), source }),
        }
    }

    /// Reads the key from `file`, or writes the key of `seed` there (mode 0600, flushed to disk) where no file is.
    ///
    /// `district` is the configured origin; the key may belong to it or to a later log of the same district, which is
    /// called `<district>/2`, `<district>/3` and so on.
    pub fn open_or_create(file: &Path, district: &str, seed: [u8; 32], faults: &Faults) -> Result<LogKey, KeyError> {
        if let Some(key) = LogKey::read(file)? {
            return key.of_district(district);
        }
        let key = LogKey::from_seed(district, seed)?;
        key.write(file, What("log key"), faults)?;
        Ok(key)
    }

    /// The key itself, if it signs for `district` or one of its later logs.
    pub fn of_district(self, district: &str) -> Result<LogKey, KeyError> {
        match generation(self.origin(), district) {
            Some(_) => Ok(self),
            None => Err(KeyError::OtherLog { found: self.origin().to_owned(), wanted: district.to_owned() }),
        }
    }

    /// Keys of earlier logs, kept beside `file` when it was replaced.
    pub fn kept(file: &Path) -> Result<Vec<LogKey>, KeyError> {
        let folder = file.parent().unwrap_or(Path::new("."));
        let start = file.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".";
        let wrap = |source| KeyError::File { file: folder.to_owned(), source };
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(wrap)? {
            let path = entry.map_err(wrap)?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)) {
                kept.extend(LogKey::read(&path)?);
            }
        }
        Ok(kept)
    }

    /// Puts a key of the district's next log in the place of this one; the old file is kept beside it under the old
    /// key's id, because what it signed stays valid.
    pub fn replace(&self, file: &Path, district: &str, seed: [u8; 32], faults: &Faults) -> Result<LogKey, KeyError> {
        let other = || KeyError::OtherLog { found: self.origin().to_owned(), wanted: district.to_owned() };
        let next = generation(self.origin(), district).ok_or_else(other)? + 1;
        let key = LogKey::from_seed(&format!("{district}/{next}"), seed)?;
        let kept = file.with_extension(format!("key.{:08x}", self.verifier.id()));
        self.write(&kept, What("kept log key"), faults)?;
        key.write(file, What("log key"), faults)?;
        Ok(key)
    }

    pub fn origin(&self) -> &str {
        self.verifier.origin()
    }

    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(super) fn signer(&self) -> &StandardSigner {
        &self.signer
    }

    fn write(&self, file: &Path, what: What, faults: &Faults) -> Result<(), KeyError> {
        let kind = Kind { what, readers: Readers::Owner, faults };
        let written = file::replace(kind, file, format!("{}\n", self.text).as_bytes());
        written.map_err(|source| KeyError::File { file: file.to_owned(), source })
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.verifier)
    }
}

/// The public half: who checks holds this, and got it from somewhere else than the thing checked.
#[derive(Clone)]
pub struct VerifierKey {
    verifier: StandardVerifier,
    text: String,
}

impl VerifierKey {
    pub fn parse(text: &str) -> Result<VerifierKey, KeyError> {
        let text = text.trim();
        Ok(VerifierKey { verifier: StandardVerifier::new(text)?, text: text.to_owned() })
    }

    pub fn origin(&self) -> &str {
        self.verifier.name()
    }

    pub fn id(&self) -> u32 {
        self.verifier.key_id()
    }

    pub(super) fn verifier(&self) -> &StandardVerifier {
        &self.verifier
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// 1 for the district's own name, n for `<district>/n`, none for another district's.
fn generation(origin: &str, district: &str) -> Option<u64> {
    match origin.strip_prefix(district)? {
        "" => Some(1),
        rest => rest.strip_prefix('/')?.parse().ok().filter(|&number| number > 1),
    }
}

fn tagged(key: &[u8; 32]) -> [u8; 33] {
    let mut bytes = [ED25519; 33];
    bytes[1..].copy_from_slice(key);
    bytes
}

fn refuse_exposed(file: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = std::fs::metadata(file).map_err(|source| KeyError::File { file: file.to_owned(), source })?.mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Exposed(file.to_owned())) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn both_halves_are_read_back_as_written() {
        let key = LogKey::from_seed("huying/440104", [7; 32]).unwrap();
        assert_eq!(LogKey::parse(&key.text).unwrap().verifier().to_string(), key.verifier().to_string());
        assert_eq!(VerifierKey::parse(&key.verifier().to_string()).unwrap().origin(), "huying/440104");
        assert!(!format!("{key:?}").contains(&key.text));
    }

    #[test]
    fn the_published_example_key_is_understood() {
        // The key pair in the documentation of golang.org/x/mod/sumdb/note.
        let private = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(LogKey::parse(private).unwrap().verifier().to_string(), public);
    }

    #[test]
    fn a_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys/log.key");
        assert!(LogKey::read(&file).unwrap().is_none());
        let made = LogKey::open_or_create(&file, "huying/1", [1; 32], &Faults::default()).unwrap();
        let read = LogKey::open_or_create(&file, "huying/1", [2; 32], &Faults::default()).unwrap();
        assert_eq!(made.text, read.text);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(
            LogKey::open_or_create(&file, "huying/2", [1; 32], &Faults::default()),
            Err(KeyError::OtherLog { .. })
        ));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            LogKey::open_or_create(&file, "huying/1", [1; 32], &Faults::default()),
            Err(KeyError::Exposed(_))
        ));
    }

    #[test]
    fn a_rotation_names_the_next_log_and_keeps_the_old_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.key");
        let first = LogKey::open_or_create(&file, "huying/1", [1; 32], &Faults::default()).unwrap();
        let second = first.replace(&file, "huying/1", [2; 32], &Faults::default()).unwrap();
        let third = second.replace(&file, "huying/1", [3; 32], &Faults::default()).unwrap();
        assert_eq!((second.origin(), third.origin()), ("huying/1/2", "huying/1/3"));
        assert_eq!(LogKey::open_or_create(&file, "huying/1", [9; 32], &Faults::default()).unwrap().text, third.text);
        let mut kept: Vec<String> = LogKey::kept(&file).unwrap().into_iter().map(|key| key.text).collect();
        kept.sort();
        assert_eq!(kept, [first.text, second.text]);
    }

    #[test]
    fn a_name_that_a_note_cannot_carry_is_refused() {
        for name in ["", "a b", "a+b"] {
            assert!(matches!(LogKey::from_seed(name, [0; 32]), Err(KeyError::Name(_))), "{name:?}");
        }
    }
}
