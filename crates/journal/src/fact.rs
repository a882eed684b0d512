//! Facts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Actor, Digest, Instant};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::JournalError;

/// A fact as it stands in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Dense from 1, in commit order.
    pub position: i64,
    /// The aggregate, such as `case/<uuid>`.
    pub stream: String,
    /// Contiguous from 1 within the stream.
    pub version: i64,
    /// Such as `case.registered`.
    pub kind: String,
    /// The server's instant.
    pub at: Instant,
    /// A device's instant, where the act was done offline.
    pub claimed_at: Option<Instant>,
    /// When the fact counts.
    pub effective_at: Instant,
    pub actor: Actor,
    /// Exact bytes, canonical JSON.
    pub body: Vec<u8>,
    /// Personal values under their subjects' keys.
    pub sealed: Option<Vec<u8>>,
    pub hash: Digest,
}

/// A fact about to be appended; position, version, hash and commitments are the journal's to give.
#[derive(Clone, Debug)]
pub struct NewFact {
    pub kind: &'static str,
    pub claimed_at: Option<Instant>,
    pub effective_at: Instant,
    pub actor: Actor,
    /// A JSON object without any personal value. The key `sealed` is the journal's.
    pub body: Value,
    pub personal: Vec<Personal>,
}

/// A personal value: kept encrypted under its subject's key, present in the body as a commitment only.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal {
    /// Whose it is, such as `person/<id>`; all they left is erased with one key.
    pub subject: String,
    /// Name within the fact; unique in it.
    pub field: &'static str,
    pub value: String,
}

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Personal({} of {}, {} bytes)", self.field, self.subject, self.value.len())
    }
}

impl NewFact {
    /// Panics when `body` does not serialize to a JSON object, which is a defect of its type.
    pub fn new<B: Serialize>(kind: &'static str, effective_at: Instant, actor: Actor, body: &B) -> NewFact {
        let body = serde_json::to_value(body).expect("a fact body is plain data");
        assert!(body.is_object(), "the body of {kind} is a JSON object");
        NewFact { kind, claimed_at: None, effective_at, actor, body, personal: Vec::new() }
    }
}

impl Fact {
    /// The body as a slice's own type.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, JournalError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| JournalError::Unreadable { position: self.position, reason: error.to_string() })
    }

    /// The hash that these contents should have.
    pub fn computed_hash(&self) -> Digest {
        let actor = kernel::canonical_json(&self.actor);
        hash(&Hashed {
            position: self.position,
            stream: &self.stream,
            version: self.version,
            kind: &self.kind,
            at: self.at,
            claimed_at: self.claimed_at,
            effective_at: self.effective_at,
            actor: &actor,
            body: &self.body,
        })
    }
}

pub(crate) struct Hashed<'a> {
    pub position: i64,
    pub stream: &'a str,
    pub version: i64,
    pub kind: &'a str,
    pub at: Instant,
    pub claimed_at: Option<Instant>,
    pub effective_at: Instant,
    pub actor: &'a [u8],
    pub body: &'a [u8],
}

/// SHA-256 over ten parts, each preceded by its length as 8 bytes big-endian: the words `huying fact v1`; position (8 bytes
/// big-endian); stream; version (8 bytes); kind; at (µs, 8 bytes); claimed_at (8 bytes, or no bytes); effective_at (8 bytes);
/// actor (canonical JSON); body (exact bytes).
pub(crate) fn hash(fact: &Hashed<'_>) -> Digest {
    let claimed = fact.claimed_at.map(|at| at.micros().to_be_bytes());
    Digest::of(&[
        b"huying fact v1",
        &fact.position.to_be_bytes(),
        fact.stream.as_bytes(),
        &fact.version.to_be_bytes(),
        fact.kind.as_bytes(),
        &fact.at.micros().to_be_bytes(),
        claimed.as_ref().map_or(&[], |bytes| bytes.as_slice()),
        &fact.effective_at.micros().to_be_bytes(),
        fact.actor,
        fact.body,
    ])
}

/// What stands in a body for a personal value: base64 of SHA-256(salt ‖ value).
pub fn commitment(salt: &[u8; 16], value: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(value.as_bytes());
    STANDARD.encode(hash.finalize())
}
