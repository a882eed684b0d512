//! A journal for tests.

use kernel::{Chance, Instant};
use store::Db;

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
