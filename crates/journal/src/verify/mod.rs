//! Checking a whole journal against itself, its log and its witnesses: nothing is believed that can be computed.

mod facts;
#[cfg(test)]
mod tests;
mod tiles;

use kernel::Digest;
use store::{Db, Read as _, sql};

use crate::log::{Checkpoint, LogError, Place, VerifierKey};
use crate::{JournalError, Sealer};

/// Facts read at a time.
const BATCH: i64 = 2048;
/// Findings reported one by one; the rest are counted.
const REPORTED: usize = 200;

/// What the checker brings along. What is missing is not checked, and the answer says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against<'a> {
    /// The log's verifier key, from outside the database.
    pub key: Option<&'a VerifierKey>,
    /// Opens sealed values, to hold them against their commitments.
    pub sealer: Option<&'a Sealer>,
    /// Checkpoints that others hold, already opened with the key.
    pub witnessed: &'a [Checkpoint],
}

/// Something that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("positions {from} to {to} are missing")]
    Missing { from: i64, to: i64 },
    #[error("the journal ends at position {last}, its head says {head}")]
    Head { last: i64, head: i64 },
    #[error("position {position} is version {found} of {stream}, where {expected} has to stand")]
    Version { position: i64, stream: String, expected: i64, found: i64 },
    #[error("the fact at position {position} does not have the contents it was hashed with")]
    Altered { position: i64 },
    #[error("the fact at position {position} cannot be read: {reason}")]
    Unreadable { position: i64, reason: String },
    #[error("the facts at positions {from} to {to} are not those in the log")]
    NotInLog { from: u64, to: u64 },
    #[error("tile {} of level {} of the log is missing or does not follow from the facts", .0.number, .0.level)]
    Tile(Place),
    #[error("the root over the first {size} facts is not the one in {whose}")]
    Root { size: u64, whose: Whose },
    #[error("the checkpoint in the database is not signed by the key: {reason}")]
    Signature { reason: String },
    #[error("the journal has {facts} facts, but there are {size} in {whose}")]
    Shorter { size: u64, facts: u64, whose: Whose },
    #[error("the sealed value {field:?} at position {position} is not the one committed to")]
    Commitment { position: i64, field: String },
    #[error("the sealed values at position {position} are gone or cannot be opened: {reason}")]
    Sealed { position: i64, reason: String },
}

/// Whose word on size and root a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Log,
    Checkpoint,
    Witness,
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Whose::Log => "the log's state",
            Whose::Checkpoint => "the signed checkpoint",
            Whose::Witness => "a checkpoint that a witness holds",
        })
    }
}

/// What was checked, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub facts: u64,
    pub streams: u64,
    /// Sealed values opened and held against their commitments.
    pub opened: u64,
    /// Facts with values of an erased subject: nothing is left to open.
    pub erased: u64,
    /// Entries in the log, and in its newest checkpoint.
    pub log_size: u64,
    pub checkpoint: Option<u64>,
    /// The checkpoint's signature was checked against the key.
    pub signature_checked: bool,
    /// Checkpoints of witnesses that were compared.
    pub witnessed: u64,
    /// Root over all facts.
    pub root: Option<Digest>,
    /// The first findings, in the order found.
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub more: u64,
}

impl Verified {
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, finding: Finding) {
        if self.findings.len() < REPORTED { self.findings.push(finding) } else { self.more += 1 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Reads every fact once, in order, in bounded memory (some 24 bytes a stream). `progress` is told how many facts are done of
/// how many. Facts appended meanwhile are left for the next time.
pub async fn verify(
    db: &Db,
    against: Against<'_>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Verified, VerifyError> {
    let mut verified = Verified::default();
    // The log's word first: facts only ever come after it.
    let mut log = tiles::LogCheck::begin(db, against, &mut verified).await?;
    let (head, end) = ends(db).await?;
    if head != end {
        verified.add(Finding::Head { last: end, head });
    }
    let mut facts = facts::FactCheck::default();
    let mut position = 0;
    while position < end {
        let rows = facts::read(db, position, BATCH.min(end - position)).await?;
        let Some(last) = rows.last() else { break };
        position = last.position;
        for row in &rows {
            for _ in 0..facts.check(row, &mut verified) {
                // In the place of a missing fact, so that those after it keep theirs.
                log.entry(db, &[], &mut verified).await?;
            }
            log.entry(db, &row.hash, &mut verified).await?;
        }
        if let Some(sealer) = against.sealer {
            facts::check_sealed(db, sealer, &rows, &mut verified).await?;
        }
        progress(position as u64, end as u64);
    }
    verified.streams = facts.streams();
    log.end(&mut verified);
    Ok(verified)
}

/// The head's position and the last fact's, at one instant.
async fn ends(db: &Db) -> Result<(i64, i64), VerifyError> {
    let mut read = db.snapshot().await?;
    let (head,): (i64,) = read.one(sql("select position from head where id = 1")).await?;
    let (end,): (i64,) = read.one(sql("select coalesce(max(position), 0) from fact")).await?;
    Ok((head, end))
}
