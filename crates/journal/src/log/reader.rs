//! What anyone may read of the log: checkpoint, tiles, entries, proofs. No key is needed.

use std::collections::BTreeSet;

use kernel::Digest;
use store::{Db, Read, sql};

use super::LogError;
use super::checkpoint::Checkpoint;
use super::integrate::Tree;
use super::path::Resource;
use super::proof::{consistency_text, inclusion_text};
use super::tables::{self, State};
use super::tree::{self, Tiles};

/// The log, to read.
#[derive(Clone)]
pub struct LogReader {
    db: Db,
}

/// A resource as it goes over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub content_type: &'static str,
    /// It never changes, so it may be kept for ever; otherwise for a few seconds at most.
    pub immutable: bool,
    pub bytes: Vec<u8>,
}

impl LogReader {
    pub fn new(db: Db) -> LogReader {
        LogReader { db }
    }

    /// The newest checkpoint, as it was signed; none before the log was first opened with its key.
    pub async fn checkpoint(&self) -> Result<Option<String>, LogError> {
        Ok(tables::state(&mut &self.db).await?.and_then(|state| state.checkpoint))
    }

    /// Entries taken in so far and the root over them, signed for or not; none before the log was first opened.
    pub async fn integrated(&self) -> Result<Option<(u64, Digest)>, LogError> {
        Ok(tables::state(&mut &self.db).await?.map(|state| (state.size, state.root)))
    }

    /// What C2SP `tlog-tiles` serves at `path` below the log's prefix: `checkpoint`, `tile/…`, `tile/entries/…`. None where
    /// the address is not one of those, or the log has not come so far.
    pub async fn serve(&self, path: &str) -> Result<Option<Served>, LogError> {
        let Some(resource) = Resource::parse(path) else {
            return Ok(None);
        };
        let bytes = match resource {
            Resource::Checkpoint => self.checkpoint().await?.map(String::into_bytes),
            Resource::Tile { place, width } => {
                let data = tables::tile(&mut &self.db, place).await?;
                data.and_then(|data| data.get(..width as usize * 32).map(<[u8]>::to_vec))
            }
            Resource::Entries { number, width } => self.entries(number, width).await?,
        };
        let (content_type, immutable) = (resource.content_type(), resource.is_immutable());
        Ok(bytes.map(|bytes| Served { content_type, immutable, bytes }))
    }

    /// For each (position, hash of the fact there) a C2SP `tlog-proof` under the newest checkpoint; none where the log has
    /// not come so far ("pending").
    pub async fn prove(&self, facts: &[(i64, Digest)]) -> Result<Vec<Option<String>>, LogError> {
        let Some((text, (size, root))) = self.signed().await? else {
            return Ok(vec![None; facts.len()]);
        };
        let indexes: Vec<u64> = facts.iter().map(|(position, _)| *position as u64 - 1).collect();
        let mut places = BTreeSet::new();
        for &index in indexes.iter().filter(|index| **index < size) {
            places.extend(tree::inclusion_places(size, index)?);
        }
        let tiles = self.tiles(places).await?;
        let prove = |(&index, (_, hash)): (&u64, &(i64, Digest))| {
            if index >= size {
                return Ok(None);
            }
            let path = tree::inclusion(size, root, index, hash, &tiles)?;
            Ok(Some(inclusion_text(index, &path, &text)))
        };
        indexes.iter().zip(facts).map(prove).collect()
    }

    /// The proof that the newest checkpoint's log begins with the log of `old`, as text with that checkpoint.
    pub async fn consistency(&self, old: &Checkpoint) -> Result<String, LogError> {
        let Some((text, new)) = self.signed().await? else {
            return Err(LogError::Behind { witnessed: old.size, log: 0 });
        };
        let path = self.path_between(new, (old.size, old.root)).await?;
        Ok(consistency_text(old.size, &path, &text))
    }

    /// The same for the log's first `size` entries, whatever their root: whoever kept the checkpoint of that size checks it
    /// against theirs. None where the log has not come so far.
    pub async fn consistency_from(&self, size: u64) -> Result<Option<String>, LogError> {
        let Some((text, new)) = self.signed().await?.filter(|(_, (newest, _))| size <= *newest) else {
            return Ok(None);
        };
        let root = tree::root_at(size, &self.tiles(tree::root_places(size)?).await?)?;
        let path = self.path_between(new, (size, root)).await?;
        Ok(Some(consistency_text(size, &path, &text)))
    }

    /// That the tree `new` begins with the tree `old`.
    pub(super) async fn assert_prefix(&self, new: Tree, old: Tree) -> Result<(), LogError> {
        self.path_between(new, old).await.map(drop)
    }

    async fn path_between(&self, new: Tree, old: Tree) -> Result<Vec<Digest>, LogError> {
        if old.0 > new.0 {
            return Err(LogError::Behind { witnessed: old.0, log: new.0 });
        }
        let tiles = self.tiles(tree::consistency_places(new.0, old.0)?).await?;
        tree::consistency(new, old, &tiles).map_err(|_| LogError::Forked { size: old.0 })
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    pub(super) async fn state(&self) -> Result<State, LogError> {
        tables::state(&mut &self.db).await?.ok_or(LogError::NotBegun)
    }

    /// The newest checkpoint's text with the size and root in it. The signature is the business of whoever checks.
    async fn signed(&self) -> Result<Option<(String, Tree)>, LogError> {
        let Some(text) = self.checkpoint().await? else {
            return Ok(None);
        };
        let tree = Checkpoint::peek_tree(&text)?;
        Ok(Some((text, tree)))
    }

    async fn tiles(&self, places: impl IntoIterator<Item = tree::Place>) -> Result<Tiles, LogError> {
        Ok(tables::tiles(&mut &self.db, places.into_iter().collect()).await?)
    }

    /// An entry bundle: each entry with its length (32) in two bytes before it.
    async fn entries(&self, number: u64, width: u32) -> Result<Option<Vec<u8>>, LogError> {
        let first = number.saturating_mul(u64::from(tree::FULL));
        let end = first.saturating_add(u64::from(width));
        if end > self.state().await?.size {
            return Ok(None);
        }
        let select = "select hash from fact where position > $1 and position <= $2 order by position";
        let hashes: Vec<(Vec<u8>,)> = (&self.db).all(sql(select).bind(first as i64).bind(end as i64)).await?;
        let mut bundle = Vec::with_capacity(hashes.len() * 34);
        for (hash,) in hashes {
            bundle.extend_from_slice(&(hash.len() as u16).to_be_bytes());
            bundle.extend_from_slice(&hash);
        }
        Ok((bundle.len() == width as usize * 34).then_some(bundle))
    }
}

impl std::fmt::Debug for LogReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogReader")
    }
}
