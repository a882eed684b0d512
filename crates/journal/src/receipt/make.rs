//! Making a receipt from the journal.

use kernel::canonical_json;
use store::Db;

use super::{Disclosed, FORMAT, Receipt, ReceiptFact};
use crate::log::{LogError, LogReader};
use crate::{Fact, JournalError, Opened, Sealer, tail};

/// Which personal values a receipt shows. Whoever asks for them answers for the look being allowed and logged.
#[derive(Clone, Copy, Debug)]
pub enum Disclose<'a> {
    Nothing,
    /// The named fields of every fact, as far as they can still be opened.
    Fields {
        sealer: &'a Sealer,
        names: &'a [&'a str],
    },
}

#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    #[error("the journal holds nothing of {0:?}")]
    NoSuchStream(String),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// The receipt of all facts of `stream` so far, each proved under the log's newest checkpoint; facts that the log has not
/// taken in yet are without proof ([`Receipt::pending`]).
pub async fn make(db: &Db, stream: &str, disclose: Disclose<'_>) -> Result<Receipt, ReceiptError> {
    let facts = tail::stream(&mut &*db, stream).await?;
    if facts.is_empty() {
        return Err(ReceiptError::NoSuchStream(stream.to_owned()));
    }
    let entries: Vec<_> = facts.iter().map(|fact| (fact.position, fact.hash)).collect();
    let proofs = LogReader::new(db.clone()).prove(&entries).await?;
    let opened = match disclose {
        Disclose::Nothing => vec![Opened::default(); facts.len()],
        Disclose::Fields { sealer, .. } => sealer.open_all(&mut &*db, &facts).await?,
    };
    let names = match disclose {
        Disclose::Nothing => &[],
        Disclose::Fields { names, .. } => names,
    };
    let facts = facts.into_iter().zip(opened).zip(proofs);
    let facts = facts.map(|((fact, opened), proof)| of_fact(fact, opened, names, proof)).collect::<Result<_, _>>()?;
    Ok(Receipt { format: FORMAT.to_owned(), stream: stream.to_owned(), facts })
}

fn of_fact(fact: Fact, opened: Opened, names: &[&str], proof: Option<String>) -> Result<ReceiptFact, JournalError> {
    let position = fact.position;
    let text = |bytes| {
        String::from_utf8(bytes).map_err(|error| JournalError::Unreadable { position, reason: error.to_string() })
    };
    let shown = opened.fields.into_iter().filter(|(field, _)| names.contains(&field.as_str()));
    Ok(ReceiptFact {
        position,
        version: fact.version,
        kind: fact.kind,
        at: fact.at.to_string(),
        claimed_at: fact.claimed_at.map(|at| at.to_string()),
        effective_at: fact.effective_at.to_string(),
        actor: text(canonical_json(&fact.actor))?,
        body: text(fact.body)?,
        disclosed: shown.map(|(field, open)| Disclosed { field, salt: open.salt, value: open.value }).collect(),
        proof,
    })
}
