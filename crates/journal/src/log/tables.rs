//! All SQL of the transparency log.

use kernel::Digest;
use store::{Read, Sql, StoreError, Tx, Value, sql};

use super::tree::{Place, Tiles};

/// The one row of `log_state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub origin: String,
    pub succeeds: Option<String>,
    /// Entries integrated, durably.
    pub size: u64,
    pub root: Digest,
    /// Size of the newest checkpoint; −1 before the first.
    pub signed_size: i64,
    pub checkpoint: Option<String>,
}

pub(super) async fn state(read: &mut impl Read) -> Result<Option<State>, StoreError> {
    type Columns = (String, Option<String>, i64, Vec<u8>, i64, Option<String>);
    let row: Option<Columns> = read
        .optional(sql("select origin, succeeds, size, root, signed_size, checkpoint from log_state where id = 1"))
        .await?;
    Ok(row.map(|(origin, succeeds, size, root, signed_size, checkpoint)| State {
        origin,
        succeeds,
        size: size as u64,
        root: digest(&root),
        signed_size,
        checkpoint,
    }))
}

/// Makes the row of an empty log unless one is there.
pub(super) async fn begin(tx: &mut Tx, origin: &str, root: Digest) -> Result<(), StoreError> {
    let insert = "insert into log_state (id, origin, size, root, signed_size) values (1, $1, 0, $2, -1)
        on conflict (id) do nothing";
    tx.run(sql(insert).bind(origin).bind(root.0)).await.map(drop)
}

/// Moves the log from `old` to `new` entries; false when another node was faster.
pub(super) async fn advance(tx: &mut Tx, old: &State, size: u64, root: Digest) -> Result<bool, StoreError> {
    let update = "update log_state set size = $1, root = $2 where id = 1 and size = $3 and origin = $4";
    let moved = sql(update).bind(size as i64).bind(root.0).bind(old.size as i64).bind(&old.origin);
    Ok(tx.run(moved).await? == 1)
}

/// Publishes a checkpoint unless a larger one stands.
pub(super) async fn publish(tx: &mut Tx, origin: &str, size: u64, checkpoint: &str) -> Result<bool, StoreError> {
    let update =
        "update log_state set checkpoint = $1, signed_size = $2 where id = 1 and signed_size < $2 and origin = $3";
    Ok(tx.run(sql(update).bind(checkpoint).bind(size as i64).bind(origin)).await? == 1)
}

/// Gives the log a new name and an ancestor; what was signed under the old name is no longer its checkpoint.
pub(super) async fn rename(tx: &mut Tx, old: &str, new: &str, succeeds: &str) -> Result<bool, StoreError> {
    let update = "update log_state set origin = $1, succeeds = $2, checkpoint = null, signed_size = -1
        where id = 1 and origin = $3";
    Ok(tx.run(sql(update).bind(new).bind(succeeds).bind(old)).await? == 1)
}

/// Keeps the newest checkpoint known to be held outside; there must be a log.
pub(super) async fn set_floor(tx: &mut Tx, text: &str) -> Result<bool, StoreError> {
    Ok(tx.run(sql("update log_state set floor = $1 where id = 1").bind(text)).await? == 1)
}

pub(super) async fn floor(read: &mut impl Read) -> Result<Option<String>, StoreError> {
    let row: Option<(Option<String>,)> = read.optional(sql("select floor from log_state where id = 1")).await?;
    Ok(row.and_then(|(floor,)| floor))
}

pub(super) async fn put_tiles<'a>(
    tx: &mut Tx,
    tiles: impl Iterator<Item = (Place, &'a [u8])>,
) -> Result<(), StoreError> {
    let rows = tiles.map(|(place, data)| {
        let width = (data.len() / 32) as i64;
        vec![
            Value::Integer(Some(i64::from(place.level))),
            Value::Integer(Some(place.number as i64)),
            Value::Integer(Some(width)),
            Value::Bytes(Some(data.to_vec())),
        ]
    });
    let tail = "on conflict (level, number) do update set width = excluded.width, data = excluded.data";
    for insert in Sql::insert_rows("insert into log_tile (level, number, width, data) values", 4, rows.collect(), tail)
    {
        tx.run(insert).await?;
    }
    Ok(())
}

pub(crate) async fn tile(read: &mut impl Read, place: Place) -> Result<Option<Vec<u8>>, StoreError> {
    let select = sql("select data from log_tile where level = $1 and number = $2");
    let row: Option<(Vec<u8>,)> = read.optional(select.bind(i64::from(place.level)).bind(place.number as i64)).await?;
    Ok(row.map(|(data,)| data))
}

/// Those of `places` that are stored.
pub(super) async fn tiles(read: &mut impl Read, places: Vec<Place>) -> Result<Tiles, StoreError> {
    let mut tiles = Tiles::new();
    for place in places {
        if let Some(data) = tile(read, place).await? {
            tiles.insert(place, data);
        }
    }
    Ok(tiles)
}

/// Positions after `after` with the facts' hashes, in order, at most `limit`.
pub(super) async fn hashes(read: &mut impl Read, after: u64, limit: u32) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let select = "select position, hash from fact where position > $1 order by position limit $2";
    read.all(sql(select).bind(after as i64).bind(limit)).await
}

/// The last position of the journal, 0 when it is empty.
pub(super) async fn journal_end(read: &mut impl Read) -> Result<u64, StoreError> {
    let (end,): (i64,) = read.one(sql("select coalesce(max(position), 0) from fact")).await?;
    Ok(end as u64)
}

pub(super) async fn witnesses(read: &mut impl Read) -> Result<Vec<WitnessRow>, StoreError> {
    read.all(sql("select name, origin, size, at, failures, failure from log_witness order by name")).await
}

/// Name, log, size, last try in µs, failures since the last success, the last failure.
pub(super) type WitnessRow = (String, String, i64, i64, i64, Option<String>);

pub(super) async fn witnessed(tx: &mut Tx, name: &str, origin: &str, size: u64, at: i64) -> Result<(), StoreError> {
    let upsert = "insert into log_witness (name, origin, size, at, failures) values ($1, $2, $3, $4, 0)
        on conflict (name) do update set origin = excluded.origin, size = excluded.size, at = excluded.at,
        failures = 0, failure = null";
    tx.run(sql(upsert).bind(name).bind(origin).bind(size as i64).bind(at)).await.map(drop)
}

pub(super) async fn witness_failed(
    tx: &mut Tx,
    name: &str,
    origin: &str,
    at: i64,
    why: &str,
) -> Result<(), StoreError> {
    let upsert = "insert into log_witness (name, origin, size, at, failures, failure) values ($1, $2, -1, $3, 1, $4)
        on conflict (name) do update set at = excluded.at, failures = log_witness.failures + 1, failure = excluded.failure";
    tx.run(sql(upsert).bind(name).bind(origin).bind(at).bind(why)).await.map(drop)
}

/// A stored hash; one of another length is no hash of ours and compares equal to none.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest(bytes.try_into().unwrap_or_default())
}
