//! Receipts: what the journal holds of one stream (a case, a card, a vote), with the proof that it stands in the log.
//!
//! A receipt is one JSON file (`huying-receipt@v1`, described in `docs/verify/README.md`). Its bytes are fixed: two spaces of
//! indent, keys in the order of the types below, one line feed at the end; a file that says the same in other bytes is
//! refused. Personal values appear only where they were chosen to be disclosed; of the others the body has commitments.
//! It is checked against a verifier key that the checker brings. The receipt names none.

mod check;
mod make;
#[cfg(test)]
mod second;
#[cfg(test)]
mod tests;

pub use check::{Checked, CheckedFact, ReceiptFault, check};
pub use make::{Disclose, ReceiptError, make};

use serde::{Deserialize, Serialize};

/// First field of the file.
pub const FORMAT: &str = "huying-receipt@v1";

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub format: String,
    /// The stream all facts are of.
    pub stream: String,
    /// By version, from the first without a gap.
    pub facts: Vec<ReceiptFact>,
}

/// A fact: everything its hash covers, beside the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptFact {
    pub position: i64,
    pub version: i64,
    pub kind: String,
    /// RFC 3339 in UTC, at most six decimals, no zeros at their end.
    pub at: String,
    pub claimed_at: Option<String>,
    pub effective_at: String,
    /// Exact text, canonical JSON.
    pub actor: String,
    /// Exact text, canonical JSON.
    pub body: String,
    pub disclosed: Vec<Disclosed>,
    /// C2SP `tlog-proof@v1`; null while the log has not come so far.
    pub proof: Option<String>,
}

/// A personal value shown: the body's `sealed` has base64 of SHA-256(salt ‖ value) under the field's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    pub field: String,
    /// 16 bytes in base64.
    pub salt: String,
    pub value: String,
}

impl Receipt {
    /// The file's bytes.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a receipt is plain data") + "\n"
    }

    /// Positions that the log has not taken in yet.
    pub fn pending(&self) -> Vec<i64> {
        self.facts.iter().filter(|fact| fact.proof.is_none()).map(|fact| fact.position).collect()
    }
}
