//! The Merkle tree of RFC 6962 in tiles of 256 hashes (C2SP `tlog-tiles`): pure, over bytes in memory.
//!
//! A tile of level L holds roots of full subtrees of 256^L entries. A narrower tile is the beginning of the wider one at
//! the same place, so one stored row a place serves every width up to its own.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use kernel::Digest;
use tlog_tiles::{Hash, HashReader, Tile, node_hash, record_hash};

/// Tiles have 2^8 hashes.
const HEIGHT: u8 = 8;
/// Hashes in a full tile.
pub const FULL: u32 = 256;
const HASH: usize = 32;

/// Where a tile stands: its level, and its number within the level from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub level: u8,
    pub number: u64,
}

/// Bytes of the tiles at hand, each a whole number of hashes.
pub type Tiles = BTreeMap<Place, Vec<u8>>;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    #[error("tile {} of level {} is missing or too short", .0.number, .0.level)]
    Tile(Place),
    #[error("the tiles do not add up to the root of the tree with {size} entries")]
    Root { size: u64 },
    #[error("there is no proof from {from} to {to}: a tree is proved against one at least as large")]
    Range { from: u64, to: u64 },
}

/// The growing right edge of the tree: for each level the hashes that do not fill a tile yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<u8>>,
}

impl Edge {
    /// The places whose tiles [`Edge::load`] needs for a tree of `size` entries.
    pub fn places(size: u64) -> Vec<Place> {
        widths(size).filter(|(_, width)| *width > 0).map(|(place, _)| place).collect()
    }

    /// The edge of the tree with `size` entries, out of stored tiles. They are not believed: the caller compares
    /// [`Edge::root`] with what was signed.
    pub fn load(size: u64, tiles: &Tiles) -> Result<Edge, TreeError> {
        let mut levels = Vec::new();
        for (place, width) in widths(size) {
            let data = match width {
                0 => Vec::new(),
                _ => tiles
                    .get(&place)
                    .and_then(|data| data.get(..width as usize * HASH))
                    .ok_or(TreeError::Tile(place))?
                    .to_vec(),
            };
            levels.push(data);
        }
        Ok(Edge { size, levels })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds one entry; tiles that it fills go to `full`.
    pub fn append(&mut self, entry: &Digest, full: &mut Tiles) {
        let mut hash = record_hash(&entry.0);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(FULL as usize * HASH));
            }
            let tile = &mut self.levels[level];
            tile.extend_from_slice(&hash.0);
            if tile.len() < FULL as usize * HASH {
                break;
            }
            let data = std::mem::take(tile);
            hash = Tile::subtree_hash(&data);
            let number = self.size >> (u32::from(HEIGHT) * (level as u32 + 1));
            full.insert(Place { level: level as u8, number }, data);
        }
        self.size += 1;
    }

    /// The tiles of the edge that are not full.
    pub fn partial(&self) -> impl Iterator<Item = (Place, &[u8])> {
        widths(self.size)
            .zip(&self.levels)
            .filter(|(_, data)| !data.is_empty())
            .map(|((place, _), data)| (place, &data[..]))
    }

    /// Root over all entries; of none, the hash of nothing (RFC 6962 §2.1).
    pub fn root(&self) -> Digest {
        let mut root: Option<Hash> = None;
        for data in &self.levels {
            let width = data.len() / HASH;
            for bit in 0..HEIGHT {
                if width >> bit & 1 == 1 {
                    let start = (width >> (bit + 1)) << (bit + 1);
                    let peak = Tile::subtree_hash(&data[start * HASH..(start + (1 << bit)) * HASH]);
                    root = Some(root.map_or(peak, |right| node_hash(peak, right)));
                }
            }
        }
        Digest(root.unwrap_or(tlog_tiles::EMPTY_HASH).0)
    }
}

/// For each level of a tree of `size` entries, the last tile's place and how many hashes it has; 0 when the level ends
/// with a full tile.
fn widths(size: u64) -> impl Iterator<Item = (Place, u32)> {
    (0..8u8).map_while(move |level| {
        let hashes = size >> (u32::from(HEIGHT) * u32::from(level));
        let place = Place { level, number: hashes >> HEIGHT };
        (hashes > 0).then_some((place, (hashes % u64::from(FULL)) as u32))
    })
}

/// The tiles a proof needs.
fn needed(ask: impl FnOnce(&Asked) -> Result<(), TreeError>) -> Result<Vec<Place>, TreeError> {
    let asked = Asked(RefCell::default());
    ask(&asked)?;
    Ok(asked.0.into_inner().into_iter().collect())
}

/// Remembers what it is asked for and answers with zeros.
#[derive(Debug, Default)]
struct Asked(RefCell<BTreeSet<Place>>);

impl HashReader for Asked {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        self.0.borrow_mut().extend(indexes.iter().map(|&index| place_of(&Tile::from_index(HEIGHT, index))));
        Ok(vec![Hash::default(); indexes.len()])
    }
}

struct Held<'a>(&'a Tiles);

impl HashReader for Held<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        indexes
            .iter()
            .map(|&index| {
                let tile = Tile::from_index(HEIGHT, index);
                let data = self.0.get(&place_of(&tile)).ok_or(tlog_tiles::Error::InvalidTile)?;
                tile.hash_at_index(data, index)
            })
            .collect()
    }
}

fn place_of(tile: &Tile) -> Place {
    Place { level: tile.level(), number: tile.level_index() }
}

/// Places needed for [`inclusion`].
pub fn inclusion_places(size: u64, index: u64) -> Result<Vec<Place>, TreeError> {
    needed(|asked| {
        tlog_tiles::prove_record(size, index, asked).map(drop).map_err(|_| TreeError::Range { from: index, to: size })
    })
}

/// The audit path (RFC 6962 §2.1.1) of the entry at `index` in the tree of `size` entries, checked against `root`: swapped
/// or altered tiles are an error here, not a false proof.
pub fn inclusion(size: u64, root: Digest, index: u64, entry: &Digest, tiles: &Tiles) -> Result<Vec<Digest>, TreeError> {
    let wrong = TreeError::Root { size };
    let proof = tlog_tiles::prove_record(size, index, &Held(tiles)).map_err(|_| TreeError::Root { size })?;
    tlog_tiles::check_record(&proof, size, Hash(root.0), index, record_hash(&entry.0)).map_err(|_| wrong)?;
    Ok(proof.into_iter().map(|hash| Digest(hash.0)).collect())
}

/// Places needed for [`consistency`].
pub fn consistency_places(new: u64, old: u64) -> Result<Vec<Place>, TreeError> {
    if old == 0 {
        return Ok(Vec::new());
    }
    needed(|asked| {
        tlog_tiles::prove_tree(new, old, asked).map(drop).map_err(|_| TreeError::Range { from: old, to: new })
    })
}

/// The proof (RFC 6962 §2.1.2) that the tree `new` begins with the tree `old`, each given as size and root; checked. From the
/// empty tree the proof is empty.
pub fn consistency(new: (u64, Digest), old: (u64, Digest), tiles: &Tiles) -> Result<Vec<Digest>, TreeError> {
    if old.0 == 0 {
        return Ok(Vec::new());
    }
    let wrong = |_| TreeError::Root { size: new.0 };
    let proof = tlog_tiles::prove_tree(new.0, old.0, &Held(tiles)).map_err(wrong)?;
    tlog_tiles::check_tree(&proof, new.0, Hash(new.1.0), old.0, Hash(old.1.0)).map_err(wrong)?;
    Ok(proof.into_iter().map(|hash| Digest(hash.0)).collect())
}

/// Places needed for [`root_at`].
pub fn root_places(size: u64) -> Result<Vec<Place>, TreeError> {
    needed(|asked| tlog_tiles::tree_hash(size, asked).map(drop).map_err(|_| TreeError::Root { size }))
}

/// The root over the first `size` entries of a larger tree.
pub fn root_at(size: u64, tiles: &Tiles) -> Result<Digest, TreeError> {
    tlog_tiles::tree_hash(size, &Held(tiles)).map(|hash| Digest(hash.0)).map_err(|_| TreeError::Root { size })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(number: u64) -> Digest {
        Digest::of(&[&number.to_be_bytes()])
    }

    /// Edge and all tiles (full and partial) of a tree of `size` entries.
    fn grown(size: u64) -> (Edge, Tiles) {
        let (mut edge, mut tiles) = (Edge::default(), Tiles::new());
        for number in 0..size {
            edge.append(&entry(number), &mut tiles);
        }
        tiles.extend(edge.partial().map(|(place, data)| (place, data.to_vec())));
        (edge, tiles)
    }

    /// RFC 6962 §2.1, word for word.
    fn by_definition(entries: &[Digest]) -> Hash {
        match entries {
            [] => tlog_tiles::EMPTY_HASH,
            [one] => record_hash(&one.0),
            _ => {
                let split = 1 << (entries.len() - 1).ilog2();
                node_hash(by_definition(&entries[..split]), by_definition(&entries[split..]))
            }
        }
    }

    fn check(size: u64) {
        let (edge, tiles) = grown(size);
        let entries: Vec<Digest> = (0..size).map(entry).collect();
        assert_eq!(edge.root().0, by_definition(&entries).0, "root of {size}");
        assert_eq!(Edge::load(size, &tiles).unwrap(), edge);
        assert!(Edge::places(size).iter().all(|place| tiles.contains_key(place)));
    }

    #[test]
    fn roots_follow_the_definition_around_the_ends_of_tiles() {
        for size in (0..40).chain([255, 256, 257, 511, 512, 513, 700, 65_537]) {
            check(size);
        }
    }

    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_of_the_standards_example() {
        // C2SP tlog-tiles, "Partial Tiles".
        let (_, tiles) = grown(70_000);
        let widths = |level| -> Vec<usize> {
            tiles.iter().filter(|(place, _)| place.level == level).map(|(_, data)| data.len() / HASH).collect()
        };
        assert_eq!(widths(0).iter().filter(|width| **width == 256).count(), 273);
        assert_eq!(widths(0).last(), Some(&112));
        assert_eq!((widths(1), widths(2)), (vec![256, 17], vec![1]));
    }

    #[test]
    fn a_swapped_or_altered_tile_gives_no_proof() {
        let (edge, tiles) = grown(700);
        let mut swapped = tiles.clone();
        let (a, b) = (Place { level: 0, number: 0 }, Place { level: 0, number: 1 });
        let (first, second) = (tiles[&a].clone(), tiles[&b].clone());
        swapped.insert(a, second);
        swapped.insert(b, first);
        assert_eq!(inclusion(700, edge.root(), 5, &entry(5), &swapped), Err(TreeError::Root { size: 700 }));
        let mut altered = tiles.clone();
        altered.get_mut(&a).unwrap()[3] ^= 1;
        assert_eq!(inclusion(700, edge.root(), 5, &entry(5), &altered), Err(TreeError::Root { size: 700 }));
        assert!(inclusion(700, edge.root(), 5, &entry(5), &tiles).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn every_entry_and_every_earlier_tree_can_be_proved(size in 1u64..1_500, a in 0u64..1_500, b in 1u64..1_500) {
            let (index, old) = (a % size, b % size + 1);
            let (edge, tiles) = grown(size);
            let held = |places: Vec<Place>| -> Tiles {
                places.into_iter().map(|place| (place, tiles[&place].clone())).collect()
            };
            let few = held(inclusion_places(size, index).unwrap());
            prop_assert!(inclusion(size, edge.root(), index, &entry(index), &few).is_ok());
            prop_assert!(inclusion(size, edge.root(), index, &entry(index + 1), &few).is_err());
            let few = held(root_places(old).unwrap());
            let earlier = root_at(old, &few).unwrap();
            prop_assert_eq!(earlier, grown(old).0.root());
            let few = held(consistency_places(size, old).unwrap());
            prop_assert!(consistency((size, edge.root()), (old, earlier), &few).is_ok());
            prop_assert!(consistency((size, edge.root()), (old, entry(0)), &few).is_err());
        }
    }
}
