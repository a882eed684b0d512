//! The laws over their seeds and over some thousand changes of each: so few that they run with every test, so that neither
//! seeds nor laws can rot between two days of fuzzing.

use std::path::{Path, PathBuf};

use kernel::Chance;

use super::*;

fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect()
}

/// One small change of the kind a fuzzer makes.
fn change(bytes: &mut Vec<u8>, others: &[(PathBuf, Vec<u8>)], chance: &mut Chance) {
    let at = chance.below(bytes.len() as u64 + 1) as usize;
    let end = (at + 1 + chance.below(16) as usize).min(bytes.len());
    match chance.below(5) {
        0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        1 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
        2 => drop(bytes.drain(at..end)),
        3 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        _ => {
            let other = &others[chance.below(others.len() as u64) as usize].1;
            let from = chance.below(other.len() as u64 + 1) as usize;
            let piece = other[from..(from + 24).min(other.len())].to_vec();
            bytes.splice(at..end, piece);
        }
    }
}

fn check(name: &str, changes: usize) {
    let (_, law) = ALL.iter().find(|(known, _)| *known == name).expect("a law of this name");
    let seeds = seeds(name);
    assert!(seeds.len() >= 4, "{name} has {} seeds", seeds.len());
    let mut chance = Chance::seeded(1, name);
    for (_, seed) in &seeds {
        law(seed);
        let mut bytes = seed.clone();
        for number in 0..changes / seeds.len() {
            if number % 8 == 0 {
                bytes.clone_from(seed);
            }
            change(&mut bytes, &seeds, &mut chance);
            law(&bytes);
        }
    }
}

#[test]
fn an_address_means_places_of_the_district() {
    check("address", 2_000);
}

#[test]
fn mail_goes_to_one_address_and_says_what_was_set() {
    check("email", 2_000);
}

#[test]
fn outlines_are_refused_or_answer_like_the_slow_way() {
    check("geojson", 1_000);
}

#[test]
fn files_of_requests_are_read_or_refused() {
    check("import", 1_000);
}

#[test]
fn answers_of_other_systems_are_read_or_refused() {
    check("open311", 2_000);
}

#[test]
fn nothing_passes_as_a_receipt_that_was_not_given() {
    check("receipts", 1_000);
}
