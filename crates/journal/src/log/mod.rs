//! The transparency log: an append-only Merkle tree over the hashes of all facts, in public formats.
//!
//! The entry for position p stands at index p − 1 and is the fact's 32-byte hash; nothing else of a fact is published. What
//! is signed is durable first, and never contradicts what was signed before. Formats: C2SP `tlog-tiles`,
//! `tlog-checkpoint`, `signed-note`, `tlog-proof` (c2sp.org), hashes by RFC 6962.

mod anew;
mod checkpoint;
mod follow;
mod integrate;
mod key;
mod path;
mod proof;
mod reader;
mod tables;
#[cfg(test)]
pub(crate) mod tests;
mod tree;
mod witness;

pub use anew::begin_anew;
pub use checkpoint::{Checkpoint, CheckpointError, Reason, Succession};
pub use follow::follow;
pub use integrate::Log;
pub use key::{KeyError, LogKey, VerifierKey};
pub use path::Resource;
pub use proof::{ProofError, check_consistency, check_inclusion, consistency_text, inclusion_text};
pub use reader::{LogReader, Served};
pub(crate) use tables::{digest, tile};
pub(crate) use tree::{Edge, FULL, Tiles};
pub use tree::{Place, TreeError};
#[cfg(feature = "testing")]
pub(crate) use tree::{consistency, inclusion};
pub use witness::{FileWitness, Witness, WitnessError, WitnessState, tell_witnesses, witnessed};

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("there is no signing key yet: it is made when the district is first served")]
    NoKey,
    #[error("the log has not been begun: it begins when it is first opened with its key")]
    NotBegun,
    #[error("the key signs for the log {key:?}, the database holds the log {database:?}")]
    OtherKey { key: String, database: String },
    #[error("position {position} is missing in the journal")]
    Gap { position: u64 },
    #[error("the journal has {journal} facts, but the log has taken in {log}: facts are gone")]
    JournalShorter { journal: u64, log: u64 },
    #[error(
        "a checkpoint with {witnessed} entries has been given out, but here are only {log}: nothing is signed below it"
    )]
    Behind { witnessed: u64, log: u64 },
    #[error("the first {size} entries here are not the ones that were signed for: nothing more is signed")]
    Forked { size: u64 },
}
