//! Finding a file and opening it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::tail;
use kernel::Instant;
use object_store::ObjectStoreExt as _;
use store::{Read, Sql};

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
    /// Whose key seals it.
    pub subject: String,
    /// Who reported what it came with, where that is another.
    pub owner: Option<String>,
    pub kept_by: String,
    pub kind: FileKind,
    pub has_thumbnail: bool,
    pub state: FileState,
    pub kept_at: Instant,
    /// As shown.
    pub bytes: i64,
}

/// The columns of a row.
pub(super) const COLUMNS: &str = "id, subject, owner, kept_by, kind, thumbnail, state, kept_at, bytes";

pub(super) type Columns = (String, String, Option<String>, String, String, i64, String, i64, i64);

pub(super) fn row((id, subject, owner, kept_by, kind, thumbnail, state, kept_at, bytes): Columns) -> Option<FileRow> {
    Some(FileRow {
        id: id.parse().ok()?,
        subject,
        owner,
        kept_by,
        kind: FileKind::named(&kind)?,
        has_thumbnail: thumbnail == 1,
        state: FileState::of(&state),
        kept_at: Instant::from_micros(kept_at),
        bytes,
    })
}

async fn is_erased(read: &mut impl Read, subject: &str) -> Result<bool, FileError> {
    let log = tail::version(read, &format!("erasure/{subject}")).await?;
    Ok(log > 0)
}

impl Files {
    pub async fn find(&self, id: FileId) -> Result<Option<FileRow>, FileError> {
        let select = Sql::composed(format!("select {COLUMNS} from file where id = $1"));
        let found: Option<Columns> = (&mut self.journal.db()).optional(select.bind(id.to_string())).await?;
        Ok(found.and_then(row))
    }

    /// The files that a stream uses, the oldest first.
    pub async fn used_in(&self, stream: &str) -> Result<Vec<FileRow>, FileError> {
        self.catch_up_uses().await?;
        let text = format!(
            "select {COLUMNS} from file where id in (select file from file_use where stream = $1) order by kept_at, id"
        );
        let rows: Vec<Columns> = (&mut self.journal.db()).all(Sql::composed(text).bind(stream)).await?;
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// The bytes; none where there are none, or nobody can read them any more. Whoever calls this answers for the look being
    /// allowed and on record.
    pub async fn open(&self, id: FileId, part: Part) -> Result<Option<Vec<u8>>, FileError> {
        let owner = self.find(id).await?.and_then(|row| row.owner);
        if let Some(owner) = owner
            && is_erased(&mut self.journal.db(), &owner).await?
        {
            return Ok(None);
        }
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
