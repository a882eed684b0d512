//! What happens to a file, as commands and facts.

use journal::{Command, Declined, NewFact, Personal, Unit};
use kernel::{Actor, Kind, Refusal};
use serde::Serialize;
use store::{Bind, Sql, sql};

use super::{FileId, FileKind, FileState};

/// Why a file is not taken in, or not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRefusal {
    Empty,
    TooLong {
        most: usize,
    },
    /// Its bytes are of no kind that is taken.
    Kind,
    TooManyPixels {
        width: u32,
        height: u32,
        most: u64,
    },
    Broken,
    Infected,
    /// Not there, or not for the caller.
    Unknown {
        id: String,
    },
    /// The scanner has not looked at it yet.
    Waiting,
    /// Too many at once.
    Busy,
    /// Its bytes did not come in time.
    Late,
    /// Kept too long without a use: it is about to be removed.
    TooOld {
        id: String,
    },
}

impl From<FileRefusal> for Refusal {
    fn from(refusal: FileRefusal) -> Refusal {
        match refusal {
            FileRefusal::Empty => Refusal::invalid("file", "file-empty"),
            FileRefusal::TooLong { most } => Refusal::invalid("file", "file-too-long").with("most", most >> 20),
            FileRefusal::Kind => Refusal::invalid("file", "file-kind"),
            FileRefusal::TooManyPixels { width, height, most } => Refusal::invalid("file", "file-pixels")
                .with("width", width)
                .with("height", height)
                .with("most", most / 1_000_000),
            FileRefusal::Broken => Refusal::invalid("file", "file-broken"),
            FileRefusal::Infected => Refusal::invalid("file", "file-infected"),
            FileRefusal::Unknown { id } => {
                Refusal { field: Some("attachment"), ..Refusal::new(Kind::NotFound, "file-unknown") }.with("id", id)
            }
            FileRefusal::Busy => Refusal::new(Kind::Unavailable, "file-busy"),
            FileRefusal::Late => Refusal::invalid("file", "file-late"),
            FileRefusal::Waiting => Refusal::new(Kind::Conflict, "file-waiting"),
            FileRefusal::TooOld { id } => Refusal::invalid("attachment", "file-too-old").with("id", id),
        }
    }
}

/// Puts a file down, its bytes being where they are kept.
pub(super) struct KeepFile {
    pub id: FileId,
    pub subject: String,
    /// Account.
    pub kept_by: String,
    pub kind: FileKind,
    pub bytes: i64,
    pub size: Option<(u32, u32)>,
    /// SHA-256 of what is kept, which is encrypted, in hexadecimal; and of the thumbnail.
    pub digest: String,
    pub thumbnail_digest: Option<String>,
    /// In base64.
    pub key: String,
    pub state: FileState,
    pub actor: Actor,
}

#[derive(Serialize)]
struct KeptBody<'a> {
    v: u32,
    kind: &'a str,
    bytes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<(u32, u32)>,
    digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_digest: Option<&'a str>,
    state: &'static str,
}

impl Command for KeepFile {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let at = unit.at();
        let row = vec![
            self.id.to_string().value(),
            self.subject.as_str().value(),
            self.kept_by.as_str().value(),
            self.kind.mime().value(),
            self.bytes.value(),
            self.thumbnail_digest.is_some().value(),
            self.state.word().value(),
            1_i64.value(),
            at.micros().value(),
        ];
        let head = "insert into file (id, subject, kept_by, kind, bytes, thumbnail, state, version, kept_at) values";
        for statement in Sql::insert_rows(head, 9, vec![row], "") {
            unit.tx().await?.run(statement).await?;
        }
        let body = KeptBody {
            v: 1,
            kind: self.kind.mime(),
            bytes: self.bytes,
            size: self.size,
            digest: &self.digest,
            thumbnail_digest: self.thumbnail_digest.as_deref(),
            state: self.state.word(),
        };
        let mut fact = NewFact::new("file.kept", at, self.actor.clone(), &body);
        fact.personal.push(Personal { subject: self.subject.clone(), field: "key", value: self.key.clone() });
        unit.append(&format!("file/{}", self.id), 0, vec![fact]).await?;
        Ok(())
    }
}

/// Says that a file was infected when it came, and was not taken in.
pub(super) struct RefuseFile {
    pub id: FileId,
    pub kind: FileKind,
    pub actor: Actor,
}

#[derive(Serialize)]
struct RefusedBody {
    v: u32,
    kind: &'static str,
    ground: &'static str,
}

impl Command for RefuseFile {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let body = RefusedBody { v: 1, kind: self.kind.mime(), ground: "infected" };
        let fact = NewFact::new("file.refused", unit.at(), self.actor.clone(), &body);
        unit.append(&format!("file/{}", self.id), 0, vec![fact]).await?;
        Ok(())
    }
}

/// A file comes into another state: scanned, or its bytes are gone.
pub(super) struct MoveFile {
    pub id: FileId,
    pub to: FileState,
    /// Why it was removed: `unused`, `erased`, `infected`.
    pub ground: Option<&'static str>,
}

#[derive(Serialize)]
struct MovedBody {
    v: u32,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<&'static str>,
}

impl Command for MoveFile {
    /// False where another was quicker.
    type Output = bool;
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<bool, Declined<Self::Refusal>> {
        let select = sql("select version from file where id = $1 and removed_at is null and state <> $2");
        let select = select.bind(self.id.to_string()).bind(self.to.word());
        let found: Option<(i64,)> = store::Read::optional(unit.tx().await?, select).await?;
        let Some((version,)) = found else { return Ok(false) };
        let at = unit.at();
        let gone = (self.to == FileState::Removed).then_some(at.micros());
        let update = sql("update file set state = $1, removed_at = $2, version = $3 where id = $4");
        let update = update.bind(self.to.word()).bind(gone).bind(version + 1).bind(self.id.to_string());
        unit.tx().await?.run(update).await?;
        let kind = if self.to == FileState::Removed { "file.removed" } else { "file.scanned" };
        let body = MovedBody { v: 1, state: self.to.word(), ground: self.ground };
        let fact = NewFact::new(kind, at, Actor::system("files"), &body);
        unit.append(&format!("file/{}", self.id), version, vec![fact]).await?;
        Ok(true)
    }
}
