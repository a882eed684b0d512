//! Finding a file and opening it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::tail;
use kernel::Instant;
use object_store::ObjectStoreExt as _;
use store::{Read, sql};

use super::keep::{aad, place};
use super::{FileError, FileId, FileKind, Files};

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// The scanner has not looked at it yet: nobody sees it.
    Waiting,
    Kept,
    /// Found so after it was taken in; its bytes are taken away.
    Infected,
    /// Its bytes are gone.
    Removed,
}

impl FileState {
    pub fn word(self) -> &'static str {
        match self {
            FileState::Waiting => "waiting",
            FileState::Kept => "kept",
            FileState::Infected => "infected",
            FileState::Removed => "removed",
        }
    }

    fn of(word: &str) -> FileState {
        match word {
            "waiting" => FileState::Waiting,
            "kept" => FileState::Kept,
            "infected" => FileState::Infected,
            _ => FileState::Removed,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Thumbnail,
}

/// A file as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    pub id: FileId,
    pub subject: String,
    pub kept_by: String,
    pub kind: FileKind,
    pub has_thumbnail: bool,
    pub state: FileState,
    pub kept_at: Instant,
}

type Columns = (String, String, String, String, i64, String, i64);

pub(super) fn row((id, subject, kept_by, kind, thumbnail, state, kept_at): Columns) -> Option<FileRow> {
    Some(FileRow {
        id: id.parse().ok()?,
        subject,
        kept_by,
        kind: FileKind::named(&kind)?,
        has_thumbnail: thumbnail == 1,
        state: FileState::of(&state),
        kept_at: Instant::from_micros(kept_at),
    })
}

impl Files {
    pub async fn find(&self, id: FileId) -> Result<Option<FileRow>, FileError> {
        let select = sql("select id, subject, kept_by, kind, thumbnail, state, kept_at from file where id = $1");
        let found: Option<Columns> = (&mut self.journal.db()).optional(select.bind(id.to_string())).await?;
        Ok(found.and_then(row))
    }

    /// The bytes; none where there are none, or nobody can read them any more. Whoever calls this answers for the look being
    /// allowed and on record.
    pub async fn open(&self, id: FileId, part: Part) -> Result<Option<Vec<u8>>, FileError> {
        let fact = tail::of_stream(&mut self.journal.db(), &format!("file/{id}"), 1).await?;
        let fact = fact.ok_or(FileError::Unreadable(id))?;
        let opened = self.journal.sealer().open(&mut self.journal.db(), &fact).await?;
        let Some(key) = opened.value("key") else { return Ok(None) };
        let key = STANDARD.decode(key).ok().and_then(|key| <[u8; 32]>::try_from(key).ok());
        let key = key.ok_or(FileError::Unreadable(id))?;
        let sealed = match self.objects.get(&place(id, part)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(journal::decrypt(&key, &aad(id, part), &sealed)?))
    }
}
