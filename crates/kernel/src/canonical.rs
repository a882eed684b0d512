//! One byte string for one value, so that a hash of it means something.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// JSON with object keys sorted, no white space, and numbers as serde_json writes them. The bytes, once stored, are the
/// truth: nothing is ever written again from a parsed copy.
///
/// Panics when `value` has a map with keys that are not strings: a defect of the type, not of the data.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    // serde_json's own map is ordered by key unless its `preserve_order` feature is on; a test below watches that.
    let value = serde_json::to_value(value).expect("a fact body is plain data");
    serde_json::to_vec(&value).expect("a JSON value can always be written")
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hash of the parts, each preceded by its length as 8 bytes big-endian, so that no two lists of parts share bytes.
    pub fn of(parts: &[&[u8]]) -> Digest {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Digest(hash.finalize().into())
    }

    pub fn hex(&self) -> String {
        use std::fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_whatever_the_order_of_the_fields() {
        let value = serde_json::json!({"b": 1, "a": {"d": [2.5, null], "c": "字"}});
        assert_eq!(canonical_json(&value), r#"{"a":{"c":"字","d":[2.5,null]},"b":1}"#.as_bytes());
    }

    #[test]
    fn the_cut_between_parts_counts() {
        assert_ne!(Digest::of(&[b"ab", b"c"]), Digest::of(&[b"a", b"bc"]));
    }
}
