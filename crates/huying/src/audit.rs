//! The audit trail: what administrators and looks at personal values left in the journal, for a collector outside. Sign-ins are
//! no facts; they stand in a table of their own (`platform::sign_in`) and are not in it.
//!
//! Every fact is a trace; the audit trail is those that say who may do what and who looked. It holds keys and codes, no personal
//! value: those stay sealed.

mod syslog;

use journal::{Fact, JournalError, tail};
use platform::{Config, Edge};
use serde::Serialize;
use serde_json::Value;
use store::{Db, Waiter};

use crate::failure::Failure;
pub use syslog::{Address, Sender, message};

/// Facts of the trail, by the beginning of their kind.
const TRAIL: &[&str] = &["account.", "client.", "subject.", "file.", "outage.declared", "case.made_confidential"];
/// How many facts are read at a time.
const BLOCK: i64 = 1_000;
/// Where the sender's position is kept.
const READER: &str = "audit-syslog";

/// One line of the trail.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub position: i64,
    pub at: String,
    pub kind: String,
    /// What it is about, such as `account/…` or `access/person/…`.
    pub about: String,
    pub actor: Value,
    /// Keys and codes of the fact; personal values only as commitments.
    pub body: Value,
    /// SHA-256 of the fact, hex: the line can be held against the journal.
    pub hash: String,
}

pub fn is_on_the_trail(kind: &str) -> bool {
    TRAIL.iter().any(|beginning| kind.starts_with(beginning))
}

impl Entry {
    pub fn of(fact: &Fact) -> Entry {
        Entry {
            position: fact.position,
            at: fact.at.to_string(),
            kind: fact.kind.clone(),
            about: fact.stream.clone(),
            actor: serde_json::to_value(&fact.actor).unwrap_or_default(),
            body: serde_json::from_slice(&fact.body).unwrap_or_default(),
            hash: fact.hash.hex(),
        }
    }
}

/// The entries after `position`, a block of facts at a time; how far the block went, and none once the end is reached.
pub async fn block(db: &Db, position: i64, everything: bool) -> Result<Option<(i64, Vec<Entry>)>, JournalError> {
    let facts = tail::after(&mut &*db, position, BLOCK).await?;
    let Some(last) = facts.last().map(|fact| fact.position) else { return Ok(None) };
    let entries = facts.iter().filter(|fact| everything || is_on_the_trail(&fact.kind)).map(Entry::of);
    Ok(Some((last, entries.collect())))
}

/// Sends the trail as it happens for as long as the process runs, where the configuration names a collector. What could not be
/// sent is sent later: the position moves once the sending was accepted.
pub fn start(config: &Config, db: Db, mut waiter: Waiter, edge: Edge) -> Result<(), Failure> {
    let Some(address) = &config.audit_syslog else { return Ok(()) };
    let address: Address = address.parse().map_err(Failure::Refused)?;
    tokio::spawn(async move {
        let mut sender = Sender::new(address);
        loop {
            match send_block(&db, &mut sender).await {
                Ok(true) => {}
                Ok(false) => waiter.wait().await,
                Err(error) => {
                    tracing::warn!(error, "the audit trail could not be sent");
                    tokio::time::sleep(sender.pause(&mut edge.chance())).await;
                }
            }
        }
    });
    Ok(())
}

async fn send_block(db: &Db, sender: &mut Sender) -> Result<bool, String> {
    let told = |error: JournalError| error.to_string();
    let position = tail::reader_position(&mut &*db, READER).await.map_err(told)?;
    let Some((last, entries)) = block(db, position, false).await.map_err(told)? else { return Ok(false) };
    sender.send(&entries).await.map_err(|error| error.to_string())?;
    let mut tx = db.begin().await.map_err(|error| error.to_string())?;
    tail::keep_reader_position(&mut tx, READER, last).await.map_err(told)?;
    tx.commit().await.map_err(|error| error.to_string())?;
    Ok(true)
}
