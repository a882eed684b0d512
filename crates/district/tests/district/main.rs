//! The door of the crate, on `profiles/tiny`.

mod address;
mod check;
mod derive;
mod people;
mod requests;
mod territory;

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the tiny profile.
fn tiny() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
