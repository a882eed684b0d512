//! The log built again from the facts, and held against what is stored, signed and witnessed.

use std::collections::BTreeMap;

use kernel::Digest;
use store::Db;

use super::{Against, Finding, Verified, VerifyError, Whose};
use crate::log::{Checkpoint, Edge, FULL, LogReader, Place, Tiles, digest, tile};

pub(super) struct LogCheck {
    edge: Edge,
    full: Tiles,
    log_size: u64,
    /// Roots that someone stands for, by size.
    claims: BTreeMap<u64, Vec<(Digest, Whose)>>,
}

impl LogCheck {
    pub async fn begin(db: &Db, against: Against<'_>, verified: &mut Verified) -> Result<LogCheck, VerifyError> {
        let mut claims: BTreeMap<u64, Vec<(Digest, Whose)>> = BTreeMap::new();
        for checkpoint in against.witnessed {
            verified.witnessed += 1;
            claims.entry(checkpoint.size).or_default().push((checkpoint.root, Whose::Witness));
        }
        let reader = LogReader::new(db.clone());
        if let Some((size, root)) = reader.integrated().await? {
            verified.log_size = size;
            claims.entry(size).or_default().push((root, Whose::Log));
        }
        if let Some(text) = reader.checkpoint().await? {
            let opened = match against.key {
                Some(key) => Checkpoint::open(&text, key).map(|checkpoint| (checkpoint.size, checkpoint.root)),
                None => Checkpoint::peek_tree(&text),
            };
            match opened {
                Ok((size, root)) => {
                    verified.checkpoint = Some(size);
                    verified.signature_checked = against.key.is_some();
                    claims.entry(size).or_default().push((root, Whose::Checkpoint));
                }
                Err(error) => verified.add(Finding::Signature { reason: error.to_string() }),
            }
        }
        let (edge, full, log_size) = (Edge::default(), Tiles::new(), verified.log_size);
        let mut check = LogCheck { edge, full, log_size, claims };
        check.roots(verified);
        Ok(check)
    }

    /// The next fact's stored hash.
    pub async fn entry(&mut self, db: &Db, hash: &[u8], verified: &mut Verified) -> Result<(), VerifyError> {
        self.edge.append(&digest(hash), &mut self.full);
        if self.edge.size() <= self.log_size {
            for (place, built) in std::mem::take(&mut self.full) {
                compare(db, place, &built, verified).await?;
            }
        }
        if self.edge.size() == self.log_size {
            for (place, built) in self.edge.partial().map(|(place, data)| (place, data.to_vec())).collect::<Vec<_>>() {
                compare(db, place, &built, verified).await?;
            }
        }
        self.full.clear();
        self.roots(verified);
        Ok(())
    }

    /// What someone stands for beyond the journal's end.
    pub fn end(self, verified: &mut Verified) {
        verified.root = Some(self.edge.root());
        let facts = self.edge.size();
        for (size, claims) in self.claims.range(facts + 1..) {
            for (_, whose) in claims {
                verified.add(Finding::Shorter { size: *size, facts, whose: *whose });
            }
        }
    }

    fn roots(&mut self, verified: &mut Verified) {
        let size = self.edge.size();
        let Some(claims) = self.claims.get(&size) else {
            return;
        };
        let root = self.edge.root();
        for (_, whose) in claims.iter().filter(|(claimed, _)| *claimed != root) {
            verified.add(Finding::Root { size, whose: *whose });
        }
    }
}

/// Holds a stored tile against the built one; at the lowest level it tells which facts differ.
async fn compare(db: &Db, place: Place, built: &[u8], verified: &mut Verified) -> Result<(), VerifyError> {
    let stored = tile(&mut &*db, place).await?;
    let Some(stored) = stored.as_deref().and_then(|stored| stored.get(..built.len())) else {
        verified.add(Finding::Tile(place));
        return Ok(());
    };
    if stored == built {
        return Ok(());
    }
    verified.add(Finding::Tile(place));
    if place.level == 0 {
        not_in_log(place.number * u64::from(FULL), stored, built, verified);
    }
    Ok(())
}

/// Runs of leaves that differ, as positions; `before` is the position before the tile's first.
fn not_in_log(before: u64, stored: &[u8], built: &[u8], verified: &mut Verified) {
    let differs: Vec<bool> = stored.chunks(32).zip(built.chunks(32)).map(|(stored, built)| stored != built).collect();
    let mut position = before;
    for run in differs.chunk_by(|a, b| a == b) {
        let to = position + run.len() as u64;
        if run[0] {
            verified.add(Finding::NotInLog { from: position + 1, to });
        }
        position = to;
    }
}
