//! Facts in bulk into a journal that nobody else writes to: history for benchmarks, sorted as it is to stand.

use kernel::Instant;
use store::{Bind, Db, Sql, Value, sql};

use crate::JournalError;
use crate::fact::{Hashed, hash};

/// A fact of history as it is put in. It has nothing sealed.
#[derive(Clone, Debug)]
pub struct Past {
    pub stream: String,
    /// Contiguous from 1 within the stream; the unique index holds it true.
    pub version: i64,
    pub kind: &'static str,
    /// The server's instant, and when it counts.
    pub at: Instant,
    /// Canonical JSON of `kernel::Actor`.
    pub actor: Vec<u8>,
    /// Canonical JSON.
    pub body: Vec<u8>,
}

/// Facts that share a transaction.
const BATCH: usize = 16_384;

/// Appends `facts` in their order and gives how many there were. Each transaction takes its positions first, so what was
/// committed before a failure is a sound journal.
pub async fn load(
    db: &Db,
    facts: impl IntoIterator<Item = Past>,
    mut progress: impl FnMut(u64),
) -> Result<u64, JournalError> {
    let (mut facts, mut done) = (facts.into_iter(), 0);
    loop {
        let batch: Vec<Past> = facts.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(done);
        }
        let count = batch.len() as i64;
        let mut tx = db.begin().await?;
        let take = sql("update head set position = position + $1 where id = 1 returning position").bind(count);
        let taken: Vec<(i64,)> = tx.run_returning(take).await?;
        let base = taken.first().map_or(0, |(position,)| position - count);
        let rows = batch.into_iter().zip(base + 1..).map(|(past, position)| row(past, position)).collect();
        for statement in Sql::insert_rows(
            "insert into fact (position, stream, version, kind, at, effective_at, actor, body, hash) values",
            9,
            rows,
            "",
        ) {
            tx.run(statement).await?;
        }
        tx.commit().await?;
        done += count as u64;
        progress(done);
    }
}

fn row(past: Past, position: i64) -> Vec<Value> {
    let Past { stream, version, kind, at, actor, body } = past;
    let hashed = Hashed {
        position,
        stream: &stream,
        version,
        kind,
        at,
        claimed_at: None,
        effective_at: at,
        actor: &actor,
        body: &body,
    };
    let hash = hash(&hashed);
    vec![
        position.value(),
        stream.value(),
        version.value(),
        kind.value(),
        at.micros().value(),
        at.micros().value(),
        String::from_utf8(actor).expect("JSON is UTF-8").value(),
        body.value(),
        hash.0.value(),
    ]
}
