//! A journal for tests.

use kernel::{Chance, Digest, Instant};
use store::Db;

use crate::log::{self, Checkpoint, Edge, LogKey, Tiles, TreeError};
use crate::{Journal, MasterKey, Submission, WriterOptions};

/// A journal over `db` with a master key from a seed.
pub fn journal(db: &Db) -> Journal {
    Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default())
}

/// A submission at `at` without a key, its chance seeded by `label`.
pub fn submission(at: &str, label: &str) -> Submission {
    let at: Instant = at.parse().expect("an RFC 3339 instant");
    Submission { at, chance: Chance::seeded(1, label), key: None }
}

/// A log of entries in memory, signed.
pub struct SignedTree {
    key: LogKey,
    entries: Vec<Digest>,
    edge: Edge,
    tiles: Tiles,
}

impl SignedTree {
    pub fn new(key: LogKey, entries: &[Digest]) -> SignedTree {
        let (mut edge, mut tiles) = (Edge::default(), Tiles::new());
        for entry in entries {
            edge.append(entry, &mut tiles);
        }
        tiles.extend(edge.partial().map(|(place, data)| (place, data.to_vec())));
        SignedTree { key, entries: entries.to_vec(), edge, tiles }
    }

    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::sign(&self.key, self.edge.size(), self.edge.root(), None)
    }

    /// The text of the proof that the entry stands at `index`.
    pub fn inclusion(&self, index: u64) -> Result<String, TreeError> {
        let (size, root) = (self.edge.size(), self.edge.root());
        let entry = self.entries.get(index as usize).ok_or(TreeError::Range { from: index, to: size })?;
        let path = log::inclusion(size, root, index, entry, &self.tiles)?;
        Ok(log::inclusion_text(index, &path, &self.checkpoint().text))
    }

    /// The text of the proof that the tree begins with that of `old`.
    pub fn consistency(&self, old: &Checkpoint) -> Result<String, TreeError> {
        let path = log::consistency((self.edge.size(), self.edge.root()), (old.size, old.root), &self.tiles)?;
        Ok(log::consistency_text(old.size, &path, &self.checkpoint().text))
    }

    /// The root of the tree loaded from its stored tiles of the right edge, after something was done to them; none where
    /// they are refused.
    pub fn loaded(&self, spoil: impl FnOnce(&mut Vec<&mut Vec<u8>>)) -> Option<Digest> {
        let (size, places) = (self.edge.size(), Edge::places(self.edge.size()));
        let mut tiles: Tiles =
            self.tiles.iter().filter(|(place, _)| places.contains(place)).map(|(p, data)| (*p, data.clone())).collect();
        spoil(&mut tiles.values_mut().collect());
        Edge::load(size, &tiles).ok().map(|edge| edge.root())
    }
}
