//! Checking a receipt: pure, with nothing but the file and the checker's key.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use kernel::{Digest, Instant};

use super::{Disclosed, FORMAT, Receipt, ReceiptFact};
use crate::fact::{Hashed, commitment, hash};
use crate::log::{Checkpoint, ProofError, VerifierKey, check_inclusion};

/// What a receipt was found to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub stream: String,
    pub facts: Vec<CheckedFact>,
    /// The largest checkpoint among the proofs.
    pub checkpoint: Checkpoint,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedFact {
    pub position: i64,
    pub kind: String,
    pub at: Instant,
    /// Fields and values shown.
    pub disclosed: Vec<(String, String)>,
}

/// Why a file is not accepted as a receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptFault {
    #[error("this is not a receipt: {0}")]
    Malformed(String),
    #[error("the receipt is not written in the one form there is for what it says")]
    NotCanonical,
    #[error("the receipt is of the form {0:?}, not {FORMAT:?}")]
    Format(String),
    #[error("the receipt holds no fact")]
    Empty,
    #[error("the fact at position {position} is version {found}, where {expected} has to stand")]
    Version { position: i64, expected: i64, found: i64 },
    #[error("the facts are not in the order of their positions at position {position}")]
    Order { position: i64 },
    #[error("the fact at position {position}: {name} is not an instant of the form 2026-03-01T08:00:00.5Z")]
    Instant { position: i64, name: &'static str },
    #[error("the fact at position {position} is not the one in the log: {source}")]
    Proof { position: i64, source: ProofError },
    #[error("the proof for position {position} is of index {index}")]
    Index { position: i64, index: u64 },
    #[error("the log has not taken in position {position} yet: pending; ask for the receipt again in a moment")]
    Pending { position: i64 },
    #[error("the value shown for {field:?} at position {position} is not the one committed to")]
    Disclosed { position: i64, field: String },
}

/// Checks the bytes of a receipt against `key`. Everything in the file is covered: a change of any byte is a fault.
pub fn check(file: &[u8], key: &VerifierKey) -> Result<Checked, ReceiptFault> {
    let receipt: Receipt = serde_json::from_slice(file).map_err(|error| ReceiptFault::Malformed(error.to_string()))?;
    if receipt.to_text().as_bytes() != file {
        return Err(ReceiptFault::NotCanonical);
    }
    if receipt.format != FORMAT {
        return Err(ReceiptFault::Format(receipt.format));
    }
    let (mut facts, mut newest, mut last) = (Vec::new(), None::<Checkpoint>, 0);
    for (fact, expected) in receipt.facts.iter().zip(1..) {
        let position = fact.position;
        if fact.version != expected {
            return Err(ReceiptFault::Version { position, expected, found: fact.version });
        }
        if position <= last {
            return Err(ReceiptFault::Order { position });
        }
        last = position;
        let (checked, checkpoint) = check_fact(&receipt.stream, fact, key)?;
        facts.push(checked);
        if newest.as_ref().is_none_or(|newest| newest.size < checkpoint.size) {
            newest = Some(checkpoint);
        }
    }
    let checkpoint = newest.ok_or(ReceiptFault::Empty)?;
    Ok(Checked { stream: receipt.stream, facts, checkpoint })
}

fn check_fact(stream: &str, fact: &ReceiptFact, key: &VerifierKey) -> Result<(CheckedFact, Checkpoint), ReceiptFault> {
    let position = fact.position;
    let at = instant(position, "at", &fact.at)?;
    let entry = entry(stream, fact)?;
    let proof = fact.proof.as_deref().ok_or(ReceiptFault::Pending { position })?;
    let (index, checkpoint) =
        check_inclusion(proof, &entry, key).map_err(|source| ReceiptFault::Proof { position, source })?;
    if index.checked_add(1) != u64::try_from(position).ok() {
        return Err(ReceiptFault::Index { position, index });
    }
    let disclosed = check_disclosed(fact)?;
    Ok((CheckedFact { position, kind: fact.kind.clone(), at, disclosed }, checkpoint))
}

/// The log's entry that this fact must be.
fn entry(stream: &str, fact: &ReceiptFact) -> Result<Digest, ReceiptFault> {
    let position = fact.position;
    let claimed_at = fact.claimed_at.as_deref().map(|text| instant(position, "claimed_at", text)).transpose()?;
    Ok(hash(&Hashed {
        position,
        stream,
        version: fact.version,
        kind: &fact.kind,
        at: instant(position, "at", &fact.at)?,
        claimed_at,
        effective_at: instant(position, "effective_at", &fact.effective_at)?,
        actor: fact.actor.as_bytes(),
        body: fact.body.as_bytes(),
    }))
}

fn check_disclosed(fact: &ReceiptFact) -> Result<Vec<(String, String)>, ReceiptFault> {
    let body: serde_json::Value = serde_json::from_str(&fact.body).unwrap_or_default();
    let check = |shown: &Disclosed| {
        let salt = BASE64_STANDARD.decode(&shown.salt).ok().and_then(|salt| <[u8; 16]>::try_from(salt).ok());
        let committed = body.get("sealed").and_then(|sealed| sealed.get(&shown.field)).and_then(|text| text.as_str());
        match (salt, committed) {
            (Some(salt), Some(committed)) if commitment(&salt, &shown.value) == committed => {
                Ok((shown.field.clone(), shown.value.clone()))
            }
            _ => Err(ReceiptFault::Disclosed { position: fact.position, field: shown.field.clone() }),
        }
    };
    fact.disclosed.iter().map(check).collect()
}

fn instant(position: i64, name: &'static str, text: &str) -> Result<Instant, ReceiptFault> {
    let instant: Option<Instant> = text.parse().ok();
    instant.filter(|instant| instant.to_string() == text).ok_or(ReceiptFault::Instant { position, name })
}
