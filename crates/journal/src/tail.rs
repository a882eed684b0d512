//! Reading the journal: by position, by stream, and following its end.

use kernel::{Digest, Instant};
use store::{Bind, Db, Read, Tx, Waiter, sql};

use crate::{Fact, Journal, JournalError};

pub(crate) const COLUMNS: &str =
    "position, stream, version, kind, at, claimed_at, effective_at, actor, body, sealed, hash";

#[derive(sqlx::FromRow)]
pub(crate) struct FactRow {
    position: i64,
    stream: String,
    version: i64,
    kind: String,
    at: i64,
    claimed_at: Option<i64>,
    effective_at: i64,
    actor: String,
    body: Vec<u8>,
    sealed: Option<Vec<u8>>,
    hash: Vec<u8>,
}

impl TryFrom<FactRow> for Fact {
    type Error = JournalError;

    fn try_from(row: FactRow) -> Result<Fact, JournalError> {
        let unreadable = |reason: String| JournalError::Unreadable { position: row.position, reason };
        let actor = serde_json::from_str(&row.actor).map_err(|error| unreadable(error.to_string()))?;
        let hash: [u8; 32] = row.hash.try_into().map_err(|_| unreadable("the hash is not 32 bytes".into()))?;
        Ok(Fact {
            position: row.position,
            stream: row.stream,
            version: row.version,
            kind: row.kind,
            at: Instant::from_micros(row.at),
            claimed_at: row.claimed_at.map(Instant::from_micros),
            effective_at: Instant::from_micros(row.effective_at),
            actor,
            body: row.body,
            sealed: row.sealed,
            hash: Digest(hash),
        })
    }
}

pub(crate) fn facts(rows: Vec<FactRow>) -> Result<Vec<Fact>, JournalError> {
    rows.into_iter().map(Fact::try_from).collect()
}

/// The last position committed; 0 in an empty journal.
pub async fn head(read: &mut impl Read) -> Result<i64, JournalError> {
    let (position,): (i64,) = read.one(sql("select position from head where id = 1")).await?;
    Ok(position)
}

/// The server's instant of the newest fact; none in an empty journal.
pub async fn newest_at(read: &mut impl Read) -> Result<Option<Instant>, JournalError> {
    let row: Option<(i64,)> = read.optional(sql("select at from fact order by position desc limit 1")).await?;
    Ok(row.map(|(at,)| Instant::from_micros(at)))
}

/// Up to `limit` facts after `position`, in order. Positions are dense and appear in commit order: nothing is skipped.
pub async fn after(read: &mut impl Read, position: i64, limit: i64) -> Result<Vec<Fact>, JournalError> {
    let text = format!("select {COLUMNS} from fact where position > $1 order by position limit $2");
    facts(read.all(store::Sql::composed(text).replanned().bind(position).bind(limit)).await?)
}

/// All facts of one stream, in order.
pub async fn stream(read: &mut impl Read, stream: &str) -> Result<Vec<Fact>, JournalError> {
    let text = format!("select {COLUMNS} from fact where stream = $1 order by version");
    facts(read.all(store::Sql::composed(text).bind(stream)).await?)
}

/// Up to `limit` facts of one stream before `version`, the newest first.
pub async fn stream_backwards(
    read: &mut impl Read,
    stream: &str,
    version: i64,
    limit: i64,
) -> Result<Vec<Fact>, JournalError> {
    let text = format!("select {COLUMNS} from fact where stream = $1 and version < $2 order by version desc limit $3");
    facts(read.all(store::Sql::composed(text).bind(stream).bind(version).bind(limit)).await?)
}

/// How many facts a stream has.
pub async fn version(read: &mut impl Read, stream: &str) -> Result<i64, JournalError> {
    let (version,): (i64,) =
        read.one(sql("select coalesce(max(version), 0) from fact where stream = $1").bind(stream)).await?;
    Ok(version)
}

/// The fact of a stream at `version`.
pub async fn of_stream(read: &mut impl Read, stream: &str, version: i64) -> Result<Option<Fact>, JournalError> {
    let text = format!("select {COLUMNS} from fact where stream = $1 and version = $2");
    let select = store::Sql::composed(text).bind(stream).bind(version);
    read.optional(select).await?.map(|row: FactRow| row.try_into()).transpose()
}

/// Up to `limit` facts of the streams whose names begin with `prefix`, stream by stream, after a stream's version: for a
/// rebuild, which wants each aggregate whole. `prefix` is empty, or a word and `/` before identifiers that are UUIDs: then only
/// those streams are touched, however many others there are.
pub async fn by_stream(
    read: &mut impl Read,
    prefix: &str,
    (after, version): (&str, i64),
    limit: i64,
) -> Result<Vec<Fact>, JournalError> {
    // In any collation `g` comes after what UUIDs are written with.
    let until = (!prefix.is_empty()).then(|| format!("{prefix}g"));
    page(read, prefix, until, (after, version), limit).await
}

/// The same of streams whose identifiers are names: the codes of organizations.
pub async fn by_named_stream(
    read: &mut impl Read,
    prefix: &str,
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<Fact>, JournalError> {
    page(read, prefix, None, after, limit).await
}

async fn page(
    read: &mut impl Read,
    prefix: &str,
    until: Option<String>,
    (after, version): (&str, i64),
    limit: i64,
) -> Result<Vec<Fact>, JournalError> {
    let before = if until.is_some() { "and stream < $5" } else { "" };
    let text = format!(
        "select {COLUMNS} from fact where (stream, version) > ($1, $2) and stream like $3 {before} \
         order by stream, version limit $4"
    );
    let (after, version) = if after.starts_with(prefix) { (after, version) } else { (prefix, 0) };
    let select = store::Sql::composed(text).bind(after).bind(version).bind(format!("{prefix}%")).bind(limit);
    let select = match until {
        Some(until) => select.bind(until),
        None => select,
    };
    facts(read.all(select).await?)
}

/// Up to `limit` streams named `prefix…` that begin after one position and up to another, with their first facts' positions, in order.
pub async fn begun(
    read: &mut impl Read,
    prefix: &str,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, String)>, JournalError> {
    let select = sql("select position, stream from fact where position > $1 and position <= $2 and version = 1 \
                      and stream like $3 order by position limit $4");
    let select = select.replanned().bind(after).bind(until).bind(format!("{prefix}%")).bind(limit);
    Ok(read.all(select).await?)
}

/// The position of the first fact of each of these streams that there are.
pub async fn first_positions(read: &mut impl Read, streams: &[String]) -> Result<Vec<(String, i64)>, JournalError> {
    let mut found = Vec::new();
    for some in streams.chunks(LISTED) {
        let text =
            format!("select stream, position from fact where version = 1 and stream in ({})", listed(some.len()));
        let select = store::Sql::composed(text).uncached().bind_all(some.iter().map(Bind::value));
        found.extend(read.all::<(String, i64)>(select).await?);
    }
    Ok(found)
}

/// The stream of the fact at each of these positions that there are.
pub async fn streams_at(read: &mut impl Read, positions: &[i64]) -> Result<Vec<(i64, String)>, JournalError> {
    let mut found = Vec::new();
    for some in positions.chunks(LISTED) {
        let text = format!("select position, stream from fact where position in ({})", listed(some.len()));
        let select = store::Sql::composed(text).uncached().bind_all(some.iter().map(|position| position.value()));
        found.extend(read.all::<(i64, String)>(select).await?);
    }
    Ok(found)
}

/// All facts of these streams, stream by stream, each in order.
pub async fn of_streams(read: &mut impl Read, streams: &[String]) -> Result<Vec<Fact>, JournalError> {
    let mut found = Vec::new();
    for some in streams.chunks(LISTED) {
        let text =
            format!("select {COLUMNS} from fact where stream in ({}) order by stream, version", listed(some.len()));
        let select = store::Sql::composed(text).uncached().bind_all(some.iter().map(Bind::value));
        found.extend(facts(read.all(select).await?)?);
    }
    Ok(found)
}

/// Keys that are asked for in one statement.
const LISTED: usize = 500;

fn listed(count: usize) -> String {
    let places: Vec<String> = (1..=count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// The stream among those named `prefix…` that was written to last.
pub async fn newest_stream(read: &mut impl Read, prefix: &str) -> Result<Option<String>, JournalError> {
    let select = sql("select stream from fact where stream like $1 order by position desc limit 1");
    let row: Option<(String,)> = read.optional(select.bind(format!("{prefix}%"))).await?;
    Ok(row.map(|(stream,)| stream))
}

/// The last position of a fact of `kind` after `position`, if there is one.
pub async fn newest_of_kind(read: &mut impl Read, kind: &str, position: i64) -> Result<Option<i64>, JournalError> {
    let select = sql("select max(position) from fact where position > $1 and kind = $2").replanned();
    let (last,): (Option<i64>,) = read.one(select.bind(position).bind(kind)).await?;
    Ok(last)
}

/// The fact at `position`.
pub async fn at(read: &mut impl Read, position: i64) -> Result<Option<Fact>, JournalError> {
    let text = format!("select {COLUMNS} from fact where position = $1");
    read.optional(store::Sql::composed(text).bind(position)).await?.map(|row: FactRow| row.try_into()).transpose()
}

/// Follows the journal's end from a position on.
pub struct Follower {
    db: Db,
    waiter: Waiter,
    position: i64,
}

impl Follower {
    pub fn new(journal: &Journal, position: i64) -> Follower {
        Follower { db: journal.db().clone(), waiter: journal.wake().waiter(), position }
    }

    pub fn position(&self) -> i64 {
        self.position
    }

    /// The next facts, at least one and at most `limit`; waits until there are some.
    pub async fn next(&mut self, limit: i64) -> Result<Vec<Fact>, JournalError> {
        loop {
            let facts = after(&mut &self.db, self.position, limit).await?;
            if let Some(last) = facts.last() {
                self.position = last.position;
                return Ok(facts);
            }
            self.waiter.wait().await;
        }
    }
}

/// How far the reader `name` has come; 0 for a new one.
pub async fn reader_position(read: &mut impl Read, name: &str) -> Result<i64, JournalError> {
    let row: Option<(i64,)> = read.optional(sql("select position from reader where name = $1").bind(name)).await?;
    Ok(row.map_or(0, |(position,)| position))
}

/// Lets the reader `name` begin anew, in the transaction that empties what it made of the facts.
pub async fn forget_reader(tx: &mut Tx, name: &str) -> Result<(), JournalError> {
    tx.run(sql("delete from reader where name = $1").bind(name)).await?;
    Ok(())
}

/// Keeps how far the reader `name` has come, in the transaction of what it made of the facts.
pub async fn keep_reader_position(tx: &mut Tx, name: &str, position: i64) -> Result<(), JournalError> {
    let upsert = sql(
        "insert into reader (name, position) values ($1, $2) on conflict (name) do update set position = excluded.position",
    );
    tx.run(upsert.bind(name).bind(position)).await?;
    Ok(())
}

/// Lets the reader `name` begin at the journal's end, unless it has begun already; gives how far it has come.
pub async fn begin_reader(tx: &mut Tx, name: &str) -> Result<i64, JournalError> {
    let position = head(tx).await?;
    let insert = sql("insert into reader (name, position) values ($1, $2) on conflict do nothing");
    tx.run(insert.bind(name).bind(position)).await?;
    reader_position(tx, name).await
}

/// Moves the reader `name` on from where it was found; false where another node has moved it meanwhile, and nothing changed.
pub async fn move_reader(tx: &mut Tx, name: &str, from: i64, to: i64) -> Result<bool, JournalError> {
    let update = sql("update reader set position = $3 where name = $1 and position = $2");
    Ok(tx.run(update.bind(name).bind(from).bind(to)).await? == 1)
}
