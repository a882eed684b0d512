//! What a fact's row must be by itself and after those before it.

use std::collections::HashMap;

use kernel::{Actor, Digest, Instant};
use store::{Db, Read as _, sql};

use super::{Finding, Verified, VerifyError};
use crate::fact::{Hashed, commitment, hash};
use crate::{Fact, Opened, Sealer};

/// So many missing positions in a row are stepped over one by one.
const MOST_FILLED: i64 = 10_000_000;

/// A row of `fact` as it lies there, unread.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub position: i64,
    stream: String,
    version: i64,
    kind: String,
    at: i64,
    claimed_at: Option<i64>,
    effective_at: i64,
    actor: String,
    body: Vec<u8>,
    sealed: Option<Vec<u8>>,
    pub hash: Vec<u8>,
}

pub(super) async fn read(db: &Db, after: i64, limit: i64) -> Result<Vec<Row>, VerifyError> {
    let select = "select position, stream, version, kind, at, claimed_at, effective_at, actor, body, sealed, hash
        from fact where position > $1 order by position limit $2";
    Ok((&mut &*db).all(sql(select).bind(after).bind(limit)).await?)
}

/// Order of positions, and of versions within each stream.
#[derive(Default)]
pub(super) struct FactCheck {
    last: i64,
    /// Version reached, by the first 16 bytes of the stream's SHA-256.
    versions: HashMap<[u8; 16], i64>,
}

impl FactCheck {
    /// Gives the number of positions missing before this one.
    pub fn check(&mut self, row: &Row, verified: &mut Verified) -> u64 {
        let position = row.position;
        verified.facts += 1;
        let missing = position - self.last - 1;
        if missing != 0 {
            verified.add(Finding::Missing { from: self.last + 1, to: position - 1 });
        }
        self.last = position;
        let mut name = [0; 16];
        name.copy_from_slice(&Digest::of(&[row.stream.as_bytes()]).0[..16]);
        let reached = self.versions.entry(name).or_default();
        let expected = *reached + 1;
        if row.version != expected {
            verified.add(Finding::Version { position, stream: row.stream.clone(), expected, found: row.version });
        }
        *reached = row.version;
        if row.computed_hash().0 != *row.hash {
            verified.add(Finding::Altered { position });
        }
        // A leap beyond any journal is one finding, not a wait.
        if missing <= MOST_FILLED { missing as u64 } else { 0 }
    }

    pub fn streams(&self) -> u64 {
        self.versions.len() as u64
    }
}

impl Row {
    /// Over the stored text of the actor, not over what it is read as.
    fn computed_hash(&self) -> Digest {
        hash(&Hashed {
            position: self.position,
            stream: &self.stream,
            version: self.version,
            kind: &self.kind,
            at: Instant::from_micros(self.at),
            claimed_at: self.claimed_at.map(Instant::from_micros),
            effective_at: Instant::from_micros(self.effective_at),
            actor: self.actor.as_bytes(),
            body: &self.body,
        })
    }

    fn to_fact(&self) -> Result<Fact, String> {
        let actor: Actor = serde_json::from_str(&self.actor).map_err(|error| error.to_string())?;
        Ok(Fact {
            position: self.position,
            stream: self.stream.clone(),
            version: self.version,
            kind: self.kind.clone(),
            at: Instant::from_micros(self.at),
            claimed_at: self.claimed_at.map(Instant::from_micros),
            effective_at: Instant::from_micros(self.effective_at),
            actor,
            body: self.body.clone(),
            sealed: self.sealed.clone(),
            hash: self.computed_hash(),
        })
    }

    /// Commitments in the body, by field.
    fn commitments(&self) -> Result<HashMap<String, String>, String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).map_err(|error| error.to_string())?;
        match body.get("sealed") {
            Some(sealed) => serde_json::from_value(sealed.clone()).map_err(|error| error.to_string()),
            None => Ok(HashMap::new()),
        }
    }
}

/// Opens what is sealed and holds it against the commitments.
pub(super) async fn check_sealed(
    db: &Db,
    sealer: &Sealer,
    rows: &[Row],
    verified: &mut Verified,
) -> Result<(), VerifyError> {
    let mut facts = Vec::with_capacity(rows.len());
    let mut commitments = Vec::with_capacity(rows.len());
    for row in rows {
        match (row.to_fact(), row.commitments()) {
            (Ok(fact), Ok(committed)) => {
                if fact.sealed.is_some() || !committed.is_empty() {
                    facts.push(fact);
                    commitments.push(committed);
                }
            }
            (Err(reason), _) | (_, Err(reason)) => {
                verified.add(Finding::Unreadable { position: row.position, reason });
            }
        }
    }
    let opened = match sealer.open_all(&mut &*db, &facts).await {
        Ok(opened) => opened.into_iter().map(Ok).collect(),
        // One of them cannot be opened: which?
        Err(_) => {
            let mut each = Vec::with_capacity(facts.len());
            for fact in &facts {
                each.push(sealer.open(&mut &*db, fact).await.map_err(|error| error.to_string()));
            }
            each
        }
    };
    for ((fact, committed), opened) in facts.iter().zip(&commitments).zip(opened) {
        match opened {
            Ok(opened) => compare(fact.position, committed, &opened, verified),
            Err(reason) => verified.add(Finding::Sealed { position: fact.position, reason }),
        }
    }
    Ok(())
}

fn compare(position: i64, committed: &HashMap<String, String>, opened: &Opened, verified: &mut Verified) {
    for (field, open) in &opened.fields {
        verified.opened += 1;
        let computed = salt(&open.salt).map(|salt| commitment(&salt, &open.value));
        if computed.is_none() || computed.as_ref() != committed.get(field) {
            verified.add(Finding::Commitment { position, field: field.clone() });
        }
    }
    if !opened.erased.is_empty() {
        verified.erased += 1;
    } else if let Some(field) = committed.keys().find(|field| !opened.fields.contains_key(*field)) {
        let reason = format!("nothing is kept for the commitment {field:?}, and nobody was erased");
        verified.add(Finding::Sealed { position, reason });
    }
}

fn salt(text: &str) -> Option<[u8; 16]> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}
