//! The door of the crate, on `profiles/tiny`.

mod check;

use std::path::PathBuf;

/// The folder of the tiny profile.
fn tiny() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny")
}
