//! Taking a file in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::{Submission, SubmitError};
use kernel::{Actor, Digest, Point};
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};

use super::fact::{KeepFile, RefuseFile};
use super::scrub::scrub;
use super::{FileError, FileId, FileKind, FileRefusal, FileState, Files, Part, PictureError, Verdict, look_at};

/// Bytes that someone left.
pub struct Upload {
    pub bytes: Vec<u8>,
    /// Whose they are: the key that seals them.
    pub subject: String,
    pub account: String,
    pub actor: Actor,
}

/// A file as it was taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub id: FileId,
    pub kind: FileKind,
    pub bytes: usize,
    pub size: Option<(u32, u32)>,
    /// Where the picture was taken: told once, kept nowhere.
    pub position: Option<Point>,
    pub state: FileState,
    /// The same idempotency key with the same bytes: the file of the first time.
    pub repeated: bool,
}

/// What is kept of it, made ready.
struct Ready {
    kind: FileKind,
    bytes: Vec<u8>,
    thumbnail: Option<Vec<u8>>,
    size: Option<(u32, u32)>,
    position: Option<Point>,
}

impl Files {
    /// Judges, scans, makes anew, encrypts, keeps; the bytes lie in their place before the fact says so.
    pub async fn keep(
        &self,
        upload: Upload,
        mut submission: Submission,
    ) -> Result<Result<Kept, FileRefusal>, FileError> {
        let Upload { bytes, subject, account, actor } = upload;
        let kind = match self.judge(&bytes) {
            Ok(kind) => kind,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Before anything takes it apart. Who can't be asked now is asked later; nobody sees the file before.
        let state = match self.scanner.scan(&bytes).await {
            Ok(Verdict::Clean) => FileState::Kept,
            Ok(Verdict::Infected) => {
                tracing::warn!(kind = kind.mime(), "an infected file was refused");
                let id = FileId::draw(&mut submission.chance);
                self.journal.submit(RefuseFile { id, kind, actor }, submission).await?;
                return Ok(Err(FileRefusal::Infected));
            }
            Err(error) => {
                tracing::warn!(%error, "a file waits for the scanner");
                FileState::Waiting
            }
        };
        let rules = self.rules.clone();
        let decoding =
            self.decoding.clone().acquire_owned().await.map_err(|error| FileError::Command(error.to_string()))?;
        let ready = tokio::task::spawn_blocking(move || {
            let _decoding = decoding;
            ready(bytes, kind, &rules)
        });
        let ready = match ready.await {
            Ok(Ok(ready)) => ready,
            Ok(Err(refusal)) => return Ok(Err(refusal)),
            // A decoder that panics has found bytes that it can't read.
            Err(error) if error.is_panic() => return Ok(Err(FileRefusal::Broken)),
            Err(error) => return Err(error.into()),
        };
        let id = FileId::draw(&mut submission.chance);
        let key: [u8; 32] = submission.chance.bytes();
        let whole = journal::encrypt(&key, &aad(id, Part::Whole), &ready.bytes, &mut submission.chance);
        let small = ready
            .thumbnail
            .as_ref()
            .map(|thumbnail| journal::encrypt(&key, &aad(id, Part::Thumbnail), thumbnail, &mut submission.chance));
        let (digest, thumbnail_digest) = (sha256(&whole), small.as_deref().map(sha256));
        self.objects.put(&place(id, Part::Whole), PutPayload::from(whole)).await?;
        if let Some(small) = small {
            self.objects.put(&place(id, Part::Thumbnail), PutPayload::from(small)).await?;
        }
        let command = KeepFile {
            id,
            subject,
            kept_by: account,
            kind: ready.kind,
            bytes: ready.bytes.len() as i64,
            size: ready.size,
            digest,
            thumbnail_digest,
            key: STANDARD.encode(key),
            state,
            actor,
        };
        let Ready { kind, bytes, size, position, .. } = ready;
        let kept = Kept { id, kind, bytes: bytes.len(), size, position, state, repeated: false };
        match self.journal.submit(command, submission).await {
            Ok(journal::Answer::Done { .. }) => Ok(Ok(kept)),
            Ok(journal::Answer::Replayed { positions }) => {
                self.delete(id).await?;
                self.kept_before(positions.first, kept).await
            }
            Err(error) => {
                // Nothing names the bytes, unless it is not known whether something does.
                if !matches!(error, SubmitError::Unknown(_)) {
                    self.delete(id).await?;
                }
                Err(error.into())
            }
        }
    }

    /// The file that an earlier request with the same key and bytes kept.
    async fn kept_before(&self, position: i64, kept: Kept) -> Result<Result<Kept, FileRefusal>, FileError> {
        let fact = journal::tail::at(&mut self.journal.db(), position).await?;
        let id = fact.and_then(|fact| fact.stream.strip_prefix("file/").and_then(|id| id.parse().ok()));
        let id: FileId = id.ok_or(FileError::Unreadable(kept.id))?;
        // One that was refused for what it held has no row.
        let Some(row) = self.find(id).await? else { return Ok(Err(FileRefusal::Infected)) };
        Ok(Ok(Kept { id, state: row.state, repeated: true, ..kept }))
    }

    fn judge(&self, bytes: &[u8]) -> Result<FileKind, FileRefusal> {
        match bytes.len() {
            0 => return Err(FileRefusal::Empty),
            length if length > self.rules.bytes => return Err(FileRefusal::TooLong { most: self.rules.bytes }),
            _ => {}
        }
        let kind = FileKind::of(bytes).filter(|kind| self.rules.kinds.contains(kind));
        kind.ok_or(FileRefusal::Kind)
    }

    /// Takes the bytes away; those that are gone are no error.
    pub(super) async fn delete(&self, id: FileId) -> Result<(), FileError> {
        for part in [Part::Whole, Part::Thumbnail] {
            match self.objects.delete(&place(id, part)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn ready(bytes: Vec<u8>, kind: FileKind, rules: &super::FileRules) -> Result<Ready, FileRefusal> {
    if !kind.is_picture() {
        let bytes = scrub(bytes, kind);
        return Ok(Ready { kind, bytes, thumbnail: None, size: None, position: None });
    }
    match look_at(&bytes, kind, rules) {
        Ok(picture) => Ok(Ready {
            kind: picture.kind,
            bytes: picture.bytes,
            thumbnail: Some(picture.thumbnail),
            size: Some((picture.width, picture.height)),
            position: picture.position,
        }),
        Err(PictureError::TooLarge { width, height }) => {
            Err(FileRefusal::TooManyPixels { width, height, most: rules.pixels })
        }
        Err(PictureError::Broken) => Err(FileRefusal::Broken),
    }
}

/// Two hexadecimal digits are a folder, so that none grows too large.
pub(super) fn place(id: FileId, part: Part) -> Path {
    let name = id.to_string();
    let ending = if part == Part::Thumbnail { ".thumbnail" } else { "" };
    Path::from(format!("{}/{name}{ending}", &name[..2]))
}

/// What the ciphertext is bound to.
pub(super) fn aad(id: FileId, part: Part) -> String {
    place(id, part).to_string()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Digest(Sha256::digest(bytes).into()).hex()
}
