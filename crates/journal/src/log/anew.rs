//! Another log for the same district: after a change of the key, or after a restore that lost entries already signed for.

use std::path::Path;

use store::Db;

use super::LogError;
use super::checkpoint::{Checkpoint, Reason, Succession};
use super::key::{LogKey, VerifierKey};
use super::reader::LogReader;
use super::tables;
use super::tree::Edge;

/// Ends the district's log and begins its next one, `<district>/2` and so on, with a new key in `file`; the old key is kept
/// beside it. Every checkpoint of the new log names the old one. `newest` is the newest checkpoint of the old log that
/// anyone is known to hold; without it, the database's own. Interrupted, it can be called again.
pub async fn begin_anew(
    db: &Db,
    file: &Path,
    district: &str,
    seed: [u8; 32],
    reason: Reason,
    newest: Option<&str>,
) -> Result<LogKey, LogError> {
    let key = LogKey::read(file)?.ok_or(LogError::NoKey)?;
    let origin = LogReader::new(db.clone()).state().await?.origin;
    if origin == key.origin() {
        let next = key.replace(file, district, seed, db.faults())?;
        succeed(db, key.verifier(), &next, reason, newest).await?;
        return Ok(next);
    }
    // The key was changed before, the database was not.
    let kept = LogKey::kept(file)?.into_iter().find(|kept| kept.origin() == origin);
    let old = kept.ok_or_else(|| LogError::OtherKey { key: key.origin().to_owned(), database: origin })?;
    succeed(db, old.verifier(), &key, reason, newest).await?;
    Ok(key)
}

pub(super) async fn succeed(
    db: &Db,
    old: &VerifierKey,
    next: &LogKey,
    reason: Reason,
    newest: Option<&str>,
) -> Result<Succession, LogError> {
    let state = LogReader::new(db.clone()).state().await?;
    let (size, root) = match newest.or(state.checkpoint.as_deref()) {
        Some(text) => Checkpoint::open(text, old).map(|checkpoint| (checkpoint.size, checkpoint.root))?,
        None => (0, Edge::default().root()),
    };
    let succession = Succession { origin: old.origin().to_owned(), size, root, reason };
    let mut tx = db.begin().await?;
    if !tables::rename(&mut tx, old.origin(), next.origin(), &succession.to_string()).await? {
        return Err(LogError::OtherKey { key: old.origin().to_owned(), database: state.origin });
    }
    tx.commit().await?;
    Ok(succession)
}
