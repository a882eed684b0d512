//! How far each peer was polled, and which of its requests were taken.

use journal::JournalError;
use kernel::Instant;
use store::{Db, Read, StoreError, Tx, sql};

/// How far a peer was polled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub since: Instant,
    pub failures: i64,
    pub checked: String,
}

/// A request of theirs as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// None: passed over.
    pub case: Option<String>,
    pub is_open: bool,
}

/// Takes the turn if it is due, so that of several nodes one polls; the next is due at `next`. A peer met for the first time is
/// polled from `begin`.
pub async fn take_turn(
    db: &Db,
    peer: &str,
    (begin, now, next): (Instant, Instant, Instant),
) -> Result<Option<Standing>, JournalError> {
    let mut tx = db.begin().await?;
    let make = sql("insert into open311_peer (peer, since_at, next_at, failures, checked) values ($1, $2, $3, 0, '') \
         on conflict (peer) do nothing");
    tx.run(make.bind(peer).bind(begin.micros()).bind(now.micros())).await?;
    let turn = sql("update open311_peer set next_at = $1 where peer = $2 and next_at <= $3");
    if tx.run(turn.bind(next.micros()).bind(peer).bind(now.micros())).await? == 0 {
        tx.rollback().await?;
        return Ok(None);
    }
    let select = sql("select since_at, failures, checked from open311_peer where peer = $1").bind(peer);
    let (since, failures, checked): (i64, i64, String) = tx.one(select).await?;
    tx.commit().await?;
    Ok(Some(Standing { since: Instant::from_micros(since), failures, checked }))
}

/// Keeps where a poll has come to, and when the next one is due.
pub async fn keep(db: &Db, peer: &str, standing: &Standing, next: Instant) -> Result<(), JournalError> {
    let mut tx = db.begin().await?;
    let update =
        sql("update open311_peer set since_at = $1, failures = $2, checked = $3, next_at = $4 where peer = $5");
    let update = update.bind(standing.since.micros()).bind(standing.failures).bind(standing.checked.as_str());
    tx.run(update.bind(next.micros()).bind(peer)).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn taken(read: &mut impl Read, peer: &str, id: &str) -> Result<Option<Taken>, StoreError> {
    let select = sql("select case_id, open from open311_taken where peer = $1 and request_id = $2").bind(peer).bind(id);
    let row: Option<(Option<String>, i64)> = read.optional(select).await?;
    Ok(row.map(|(case, open)| Taken { case, is_open: open == 1 }))
}

/// Puts a request down as taken under `case`, or as passed over for a reason.
pub async fn put(
    tx: &mut Tx,
    (peer, id): (&str, &str),
    case: Result<&str, &str>,
    is_open: bool,
) -> Result<(), StoreError> {
    let insert = sql("insert into open311_taken (peer, request_id, case_id, reason, open) values ($1, $2, $3, $4, $5)");
    let insert = insert.bind(peer).bind(id).bind(case.ok()).bind(case.err()).bind(is_open);
    tx.run(insert).await?;
    Ok(())
}

pub async fn set_open(db: &Db, peer: &str, id: &str, is_open: bool) -> Result<(), JournalError> {
    let mut tx = db.begin().await?;
    let update = sql("update open311_taken set open = $1 where peer = $2 and request_id = $3");
    tx.run(update.bind(is_open).bind(peer).bind(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// At most `most` requests that were open when they were last looked at, from the one after `after`.
pub async fn open_after(db: &Db, peer: &str, after: &str, most: i64) -> Result<Vec<String>, JournalError> {
    let select = sql("select request_id from open311_taken where peer = $1 and open = 1 and request_id > $2 \
         and case_id is not null order by request_id limit $3");
    let rows: Vec<(String,)> = (&mut &*db).all(select.bind(peer).bind(after).bind(most)).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
