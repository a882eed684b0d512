//! A checkpoint: the signed statement "this log has so many entries, and this is the root over them".
//!
//! A C2SP `tlog-checkpoint`, which is a C2SP `signed-note` with origin, size and root. A log that continues another one
//! says so in the extension line `succeeds <origin> <size> <root> <reason>`, inside the signature.

use std::fmt;

use kernel::Digest;
use signed_note::{Note, VerifierList};
use tlog_tiles::Hash;

use super::key::{LogKey, VerifierKey};

#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("this is not a checkpoint (C2SP tlog-checkpoint)")]
    Malformed,
    #[error("the checkpoint is not signed by {key}: {source}")]
    Signature { key: String, source: signed_note::NoteError },
    #[error("the checkpoint is of the log {found:?}, the key of {wanted:?}")]
    OtherLog { found: String, wanted: String },
}

/// Why a log has an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The signing key was changed; every entry went along.
    Rotation,
    /// The database was restored from a backup that lacks entries already signed for.
    Restore,
}

/// The earlier log: its name, and the newest checkpoint of it that anyone outside is known to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    pub origin: String,
    pub size: u64,
    pub root: Digest,
    pub reason: Reason,
}

impl fmt::Display for Succession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Rotation => "rotation",
            Reason::Restore => "restore",
        };
        write!(f, "succeeds {} {} {} {reason}", self.origin, self.size, Hash(self.root.0))
    }
}

impl std::str::FromStr for Succession {
    type Err = CheckpointError;
    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let [word, origin, size, root, reason] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(CheckpointError::Malformed);
        };
        let reason = match reason {
            "rotation" => Reason::Rotation,
            "restore" => Reason::Restore,
            _ => return Err(CheckpointError::Malformed),
        };
        let size = size.parse().map_err(|_| CheckpointError::Malformed)?;
        let root = Digest(Hash::parse_hash(root).map_err(|_| CheckpointError::Malformed)?.0);
        let succession = Succession { origin: origin.to_owned(), size, root, reason };
        if word == "succeeds" && succession.to_string() == line {
            Ok(succession)
        } else {
            Err(CheckpointError::Malformed)
        }
    }
}

/// A checkpoint whose signature has been checked, or was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Digest,
    pub succeeds: Option<Succession>,
    /// The whole note, as it is published.
    pub text: String,
}

impl Checkpoint {
    /// Signs. Whoever calls this has made the `size` entries durable before.
    pub(crate) fn sign(key: &LogKey, size: u64, root: Digest, succeeds: Option<&Succession>) -> Checkpoint {
        let extension = succeeds.map(|line| format!("{line}\n")).unwrap_or_default();
        let body = tlog_tiles::Checkpoint::new(key.origin(), size, Hash(root.0), &extension)
            .expect("a key's name is not empty and a succession is one line");
        let mut note = Note::new(&body.to_bytes(), &[]).expect("a checkpoint body is a note's text");
        note.add_sigs(&[key.signer()]).expect("a log key's name was checked when it was parsed");
        let text = String::from_utf8(note.to_bytes()).expect("a note is UTF-8");
        Checkpoint { origin: key.origin().to_owned(), size, root, succeeds: succeeds.cloned(), text }
    }

    /// Parses `text` and checks that `key` signed it for its own log. Signatures of others (witnesses) are left alone, as
    /// C2SP `signed-note` wants it.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Checkpoint, CheckpointError> {
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        note.verify(&VerifierList::new(vec![Box::new(key.verifier().clone())]))
            .map_err(|source| CheckpointError::Signature { key: key.to_string(), source })?;
        let body = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)?;
        if body.origin() != key.origin() {
            return Err(CheckpointError::OtherLog { found: body.origin().to_owned(), wanted: key.origin().to_owned() });
        }
        let succeeds = match body.extension() {
            "" => None,
            line => Some(line.trim_end_matches('\n').parse()?),
        };
        Ok(Checkpoint {
            origin: body.origin().to_owned(),
            size: body.size(),
            root: Digest(body.hash().0),
            succeeds,
            text: text.to_owned(),
        })
    }

    /// Origin and size in a checkpoint nobody has checked, to find the key it should be checked with.
    pub fn peek(text: &str) -> Option<(String, u64)> {
        let body = unchecked(text).ok()?;
        Some((body.origin().to_owned(), body.size()))
    }

    /// Size and root in a checkpoint nobody has checked.
    pub(crate) fn peek_tree(text: &str) -> Result<(u64, Digest), CheckpointError> {
        let body = unchecked(text)?;
        Ok((body.size(), Digest(body.hash().0)))
    }
}

fn unchecked(text: &str) -> Result<tlog_tiles::Checkpoint, CheckpointError> {
    let note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
    tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> LogKey {
        LogKey::from_seed("huying/440104", [7; 32]).unwrap()
    }

    #[test]
    fn what_was_signed_opens_with_the_public_key() {
        let old = Succession { origin: "huying/0".into(), size: 9, root: Digest([1; 32]), reason: Reason::Restore };
        for succeeds in [None, Some(&old)] {
            let made = Checkpoint::sign(&key(), 12, Digest([3; 32]), succeeds);
            assert_eq!(Checkpoint::open(&made.text, key().verifier()).unwrap(), made);
        }
    }

    #[test]
    fn a_change_of_any_byte_is_refused() {
        let text = Checkpoint::sign(&key(), 12, Digest([3; 32]), None).text;
        for at in 0..text.len() {
            for flip in [1, 2, 16, 32] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= flip;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert!(Checkpoint::open(&changed, key().verifier()).is_err(), "byte {at} ^ {flip}:\n{changed}");
            }
        }
    }

    #[test]
    fn another_key_or_another_log_is_refused() {
        let text = Checkpoint::sign(&key(), 12, Digest([3; 32]), None).text;
        for (origin, seed) in [("huying/440104", 8), ("huying/440105", 7)] {
            let other = LogKey::from_seed(origin, [seed; 32]).unwrap();
            assert!(matches!(Checkpoint::open(&text, other.verifier()), Err(CheckpointError::Signature { .. })));
        }
    }
}
