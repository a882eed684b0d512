//! Proofs as text that anyone can check without asking the log.
//!
//! Inclusion is C2SP `tlog-proof@v1`. Consistency is the request body of C2SP `tlog-witness`, `add-checkpoint`: the line
//! `old <size>`, the hashes, an empty line, the newer checkpoint.

use std::fmt::Write as _;

use kernel::Digest;
use tlog_tiles::{Hash, check_record, check_tree, record_hash};

use super::checkpoint::{Checkpoint, CheckpointError};
use super::key::VerifierKey;

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error("this is not a proof in the form of C2SP tlog-proof@v1")]
    Malformed,
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("the entry is not at index {index} of the log of {size} entries that was signed")]
    NotIncluded { index: u64, size: u64 },
    #[error("the log of {new} entries does not begin with the log of {old} entries")]
    NotConsistent { old: u64, new: u64 },
}

/// The text of a proof that an entry stands at `index` (position − 1) of the log that `checkpoint` (a signed note) is of.
pub fn inclusion_text(index: u64, path: &[Digest], checkpoint: &str) -> String {
    text(&format!("{HEADER}index {index}\n"), path, checkpoint)
}

/// Checks such a text against the verifier key the checker holds, and gives back index and checkpoint.
pub fn check_inclusion(text: &str, entry: &Digest, key: &VerifierKey) -> Result<(u64, Checkpoint), ProofError> {
    let (index, path, checkpoint) = parse(text.strip_prefix(HEADER).ok_or(ProofError::Malformed)?, "index ")?;
    let checkpoint = Checkpoint::open(checkpoint, key)?;
    check_record(&path, checkpoint.size, Hash(checkpoint.root.0), index, record_hash(&entry.0))
        .map_err(|_| ProofError::NotIncluded { index, size: checkpoint.size })?;
    Ok((index, checkpoint))
}

/// The text of a proof that the log of `checkpoint` begins with the log of `old` entries.
pub fn consistency_text(old: u64, path: &[Digest], checkpoint: &str) -> String {
    text(&format!("old {old}\n"), path, checkpoint)
}

/// Checks such a text: `old` is the checkpoint the checker kept.
pub fn check_consistency(text: &str, old: &Checkpoint, key: &VerifierKey) -> Result<Checkpoint, ProofError> {
    let (size, path, checkpoint) = parse(text, "old ")?;
    let new = Checkpoint::open(checkpoint, key)?;
    let wrong = ProofError::NotConsistent { old: old.size, new: new.size };
    if size != old.size || old.size > new.size || (size == 0 && !path.is_empty()) {
        return Err(wrong);
    }
    if size > 0 {
        check_tree(&path, new.size, Hash(new.root.0), old.size, Hash(old.root.0)).map_err(|_| wrong)?;
    }
    Ok(new)
}

fn text(head: &str, path: &[Digest], checkpoint: &str) -> String {
    let mut text = head.to_owned();
    for hash in path {
        let _ = writeln!(text, "{}", Hash(hash.0));
    }
    text + "\n" + checkpoint
}

fn parse<'a>(text: &'a str, word: &str) -> Result<(u64, Vec<Hash>, &'a str), ProofError> {
    let malformed = ProofError::Malformed;
    let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Malformed)?;
    let mut lines = head.split('\n');
    let digits = lines.next().and_then(|line| line.strip_prefix(word)).ok_or(malformed)?;
    let number: u64 = digits.parse().map_err(|_| ProofError::Malformed)?;
    let hashes: Result<Vec<Hash>, _> = lines.map(Hash::parse_hash).collect();
    let hashes = hashes.map_err(|_| ProofError::Malformed)?;
    // A path is as long as the tree is high; longer ones are not worth walking.
    if number.to_string() != digits || hashes.len() > 128 {
        return Err(ProofError::Malformed);
    }
    Ok((number, hashes, checkpoint))
}

#[cfg(test)]
mod tests {
    use super::super::key::LogKey;
    use super::super::tree::{self, Edge, Tiles};
    use super::*;

    fn entry(number: u64) -> Digest {
        Digest::of(&[&number.to_be_bytes()])
    }

    fn signed(size: u64) -> (LogKey, Checkpoint, Tiles) {
        let key = LogKey::from_seed("huying/440104", [7; 32]).unwrap();
        let (mut edge, mut tiles) = (Edge::default(), Tiles::new());
        for number in 0..size {
            edge.append(&entry(number), &mut tiles);
        }
        tiles.extend(edge.partial().map(|(place, data)| (place, data.to_vec())));
        let checkpoint = Checkpoint::sign(&key, size, edge.root(), None);
        (key, checkpoint, tiles)
    }

    #[test]
    fn no_byte_of_an_inclusion_proof_can_be_changed() {
        let (key, checkpoint, tiles) = signed(300);
        let path = tree::inclusion(300, checkpoint.root, 77, &entry(77), &tiles).unwrap();
        let text = inclusion_text(77, &path, &checkpoint.text);
        assert_eq!(check_inclusion(&text, &entry(77), key.verifier()).unwrap(), (77, checkpoint));
        assert!(check_inclusion(&text, &entry(78), key.verifier()).is_err());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(check_inclusion(&changed, &entry(77), key.verifier()).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_larger_log_proves_that_it_continues_the_smaller() {
        let (key, new, tiles) = signed(600);
        for size in [0, 1, 255, 256, 300, 600] {
            let (_, old, _) = signed(size);
            let path = tree::consistency((600, new.root), (size, old.root), &tiles).unwrap();
            let text = consistency_text(size, &path, &new.text);
            assert_eq!(check_consistency(&text, &old, key.verifier()).unwrap(), new);
            if size > 0 {
                let other = Checkpoint::sign(&key, size, entry(9), None);
                let answer = check_consistency(&text, &other, key.verifier());
                assert!(matches!(answer, Err(ProofError::NotConsistent { .. })), "{size}");
            }
        }
    }
}
