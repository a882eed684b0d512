//! What passes for a receipt, a checkpoint, a proof or a tile's address.

mod tree;

use std::sync::LazyLock;

use journal::log::{Checkpoint, LogKey, Resource, check_consistency, check_inclusion};
use journal::receipt::{Receipt, ReceiptFact, check};
use kernel::Digest;

use crate::take::Take;

/// Given by the log that `KEY` signs for: five facts of a stream, their phones shown.
static GIVEN: LazyLock<Receipt> = LazyLock::new(|| {
    let text = include_str!("../../../fuzz/seeds/receipts/given.json");
    check(text.as_bytes(), KEY.verifier()).expect("the receipt of the seeds is sound");
    serde_json::from_str(text).expect("a receipt that was checked is one")
});
static KEY: LazyLock<LogKey> = LazyLock::new(|| LogKey::from_seed("huying/440104", [7; 32]).expect("a name"));

/// The first byte says what the rest is: `{` a receipt's file, `t` a tree to prove, `p` the address of a tile, `c` a
/// checkpoint or a proof, anything else the changes to be made of a given receipt.
pub fn law(data: &[u8]) {
    match data.split_first() {
        Some((b'{', _)) => refused_or_given(data),
        Some((b't', rest)) => tree::law(rest),
        Some((b'p', rest)) => address(&String::from_utf8_lossy(rest)),
        Some((b'c', rest)) => note(&String::from_utf8_lossy(rest)),
        _ => changed(Take(data)),
    }
}

/// Nothing is accepted but facts as they were given, from the first on, and of what is shown only what is true.
fn refused_or_given(file: &[u8]) {
    let Ok(checked) = check(file, KEY.verifier()) else { return };
    let receipt: Receipt = serde_json::from_slice(file).expect("a receipt that was checked is one");
    assert_eq!(receipt.to_text().as_bytes(), file, "there is one way to write it");
    assert_eq!(receipt.stream, GIVEN.stream);
    assert_eq!(checked.facts.len(), receipt.facts.len());
    assert!(receipt.facts.len() <= GIVEN.facts.len());
    for (fact, given) in receipt.facts.iter().zip(&GIVEN.facts) {
        let plain = |fact: &ReceiptFact| ReceiptFact { disclosed: Vec::new(), proof: None, ..fact.clone() };
        assert_eq!(plain(fact), plain(given));
        for shown in &fact.disclosed {
            assert!(given.disclosed.contains(shown), "{shown:?} was never committed to");
        }
    }
}

/// A given receipt with some changes: each change that the file's facts can have.
fn changed(mut take: Take<'_>) {
    let mut receipt = GIVEN.clone();
    while !take.is_empty() && !receipt.facts.is_empty() {
        let at = usize::from(take.byte()) % receipt.facts.len();
        let other = GIVEN.facts[usize::from(take.byte()) % GIVEN.facts.len()].clone();
        let fact = &mut receipt.facts[at];
        match take.byte() % 16 {
            0 => fact.proof.clone_from(&other.proof),
            1 => fact.disclosed.clone_from(&other.disclosed),
            2 => fact.disclosed.clear(),
            3 => fact.disclosed.extend(other.disclosed),
            4 => fact.position = other.position + i64::from(take.byte()) - 2,
            5 => fact.version = i64::from(take.byte() % 8) - 1,
            6 => fact.body = edited(&fact.body, &mut take),
            7 => fact.actor = edited(&fact.actor, &mut take),
            8 => fact.at = edited(&fact.at, &mut take),
            9 => fact.claimed_at = Some(edited(&fact.at, &mut take)),
            10 => fact.kind = edited(&fact.kind, &mut take),
            11 => fact.proof = fact.proof.as_ref().map(|proof| edited(proof, &mut take)),
            12 => drop(receipt.facts.remove(at)),
            13 => receipt.facts.insert(at, other),
            14 => receipt.facts.truncate(at),
            _ => receipt.stream = edited(&receipt.stream, &mut take),
        }
        if receipt.facts.len() > 16 {
            break;
        }
    }
    refused_or_given(receipt.to_text().as_bytes());
}

/// A text with one stretch of it replaced.
fn edited(text: &str, take: &mut Take<'_>) -> String {
    let characters: Vec<char> = text.chars().collect();
    let from = take.below(characters.len() + 1);
    let until = (from + usize::from(take.byte() % 4)).min(characters.len());
    let length = usize::from(take.byte() % 4);
    let new: String = (0..length).map(|_| char::from(take.byte() & 0x7f)).collect();
    characters[..from].iter().collect::<String>() + &new + &characters[until..].iter().collect::<String>()
}

/// A tile's address is read only in the one way it is written.
fn address(path: &str) {
    if let Some(resource) = Resource::parse(path) {
        assert_eq!(resource.to_string(), path);
        assert_eq!(Resource::parse(&resource.to_string()), Some(resource));
    }
}

/// Text that may be a checkpoint or a proof: only what the log signed is one.
fn note(text: &str) {
    let signed = |checkpoint: &Checkpoint| {
        let given = GIVEN.facts[0].proof.as_deref().expect("a given receipt has proofs");
        let (_, note) = given.split_once("\n\n").expect("a proof ends with its checkpoint");
        let given = Checkpoint::open(note, KEY.verifier()).expect("a given checkpoint is one");
        assert_eq!((checkpoint.size, checkpoint.root), (given.size, given.root), "this was never signed");
    };
    if let Ok(checkpoint) = Checkpoint::open(text, KEY.verifier()) {
        signed(&checkpoint);
        assert_eq!(Checkpoint::peek(text), Some((checkpoint.origin.clone(), checkpoint.size)));
        let same = check_consistency(&format!("old {}\n\n{text}", checkpoint.size), &checkpoint, KEY.verifier());
        assert!(same.is_ok(), "a log continues itself");
    }
    // Of an entry that the log does not have there is no proof.
    let stranger = Digest::of(&[b"never taken in"]);
    if let Ok((index, _)) = check_inclusion(text, &stranger, KEY.verifier()) {
        panic!("a stranger stands at {index}");
    }
}
