//! What has to hold whatever comes in: a law for each reader of things that others have written, tried by the fuzzers of
//! `fuzz/` with inputs they make up, and by this crate's tests with the seeds and changes of them.
//!
//! Each law takes the fuzzer's bytes and panics when it is broken. "No panic" is only the beginning of it: where an answer
//! can be had another way (slowly, or from how the input was made), the two must be equal.

pub mod address;
pub mod email;
pub mod geojson;
pub mod import;
pub mod open311;
pub mod receipts;
mod take;
#[cfg(test)]
mod tests;

/// A law by the name of its fuzz target.
pub type Law = fn(&[u8]);

/// Every law, by the name of its target and of the folder of its seeds.
pub const ALL: &[(&str, Law)] = &[
    ("address", address::law),
    ("email", email::law),
    ("geojson", geojson::law),
    ("import", import::law),
    ("open311", open311::law),
    ("receipts", receipts::law),
];
