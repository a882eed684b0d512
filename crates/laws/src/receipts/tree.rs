//! The tree in tiles against RFC 6962 written down as it stands.

use journal::log::{Checkpoint, check_consistency, check_inclusion};
use journal::testing::SignedTree;
use kernel::Digest;
use sha2::{Digest as _, Sha256};

use super::KEY;
use crate::take::Take;

/// Trees larger than this take the slow way too long.
const LARGEST: usize = 700;

pub fn law(data: &[u8]) {
    let mut take = Take(data);
    let size = 1 + take.below(LARGEST);
    let (old, index) = (take.below(size + 1), take.below(size));
    let salt = take.byte();
    let entries: Vec<Digest> = (0..size).map(|number| Digest::of(&[&[salt], &number.to_be_bytes()])).collect();
    let tree = SignedTree::new(KEY.clone(), &entries);
    let checkpoint = tree.checkpoint();
    assert_eq!(checkpoint.root.0, root(&entries));
    let smaller = SignedTree::new(KEY.clone(), &entries[..old]).checkpoint();
    assert_eq!(smaller.root.0, root(&entries[..old]));

    let proof = tree.inclusion(index as u64).expect("an entry of the tree can be proved");
    let (proved, at) = check_inclusion(&proof, &entries[index], KEY.verifier()).expect("a proof made is accepted");
    assert_eq!((proved, &at), (index as u64, &checkpoint));
    let continues = tree.consistency(&smaller).expect("a tree continues its beginning");
    assert_eq!(check_consistency(&continues, &smaller, KEY.verifier()).ok().as_ref(), Some(&checkpoint));

    let other = SignedTree::new(KEY.clone(), &[&entries[..old], &[Digest::of(&[b"other"])]].concat()).checkpoint();
    if other.size <= checkpoint.size {
        assert!(check_consistency(&continues, &other, KEY.verifier()).is_err(), "a fork is seen");
    }
    spoiled(&proof, &entries[index], &checkpoint, &mut take);
    tiles(&tree, &checkpoint, &mut take);
}

/// A proof with a byte changed proves nothing, or the same by a witness's line that nobody asked for.
fn spoiled(proof: &str, entry: &Digest, checkpoint: &Checkpoint, take: &mut Take<'_>) {
    let mut bytes = proof.as_bytes().to_vec();
    let at = take.below(bytes.len());
    let flip = 1 + take.byte() % 0x7f;
    bytes[at] ^= flip;
    let Ok(changed) = String::from_utf8(bytes) else { return };
    let accepted = check_inclusion(&changed, entry, KEY.verifier());
    assert!(accepted.is_err(), "byte {at} of a proof under {} entries changed by {flip:#x}", checkpoint.size);
}

/// The edge loaded from stored tiles is the tree's own; from spoiled ones it is none, or another root.
fn tiles(tree: &SignedTree, checkpoint: &Checkpoint, take: &mut Take<'_>) {
    assert_eq!(tree.loaded(|_| {}), Some(checkpoint.root));
    let (at, cut, flip) = (take.below(4), take.below(64), take.byte());
    let spoil = |tiles: &mut Vec<&mut Vec<u8>>| {
        let count = tiles.len();
        let tile = &mut tiles[at % count];
        if cut == 0 {
            tile.truncate(tile.len() / 2);
        } else {
            let byte = cut % tile.len();
            tile[byte] ^= flip | 1;
        }
    };
    let spoiled = tree.loaded(spoil);
    assert_ne!(spoiled, Some(checkpoint.root), "tile {at}, byte {cut}");
}

/// RFC 6962 §2.1: the Merkle tree hash of entries.
fn root(entries: &[Digest]) -> [u8; 32] {
    match entries {
        [] => Sha256::digest([]).into(),
        [one] => Sha256::new().chain_update([0]).chain_update(one.0).finalize().into(),
        several => {
            let split = several.len().next_power_of_two() / 2;
            let (left, right) = (root(&several[..split]), root(&several[split..]));
            Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        }
    }
}
