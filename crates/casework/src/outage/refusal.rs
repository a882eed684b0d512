//! Why an outage is not declared.

use kernel::{Instant, Kind, Refusal};

use crate::case::Action;

/// Each has a text in both languages under its code and a test in docs/RULES.md.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutageRefusal {
    #[error("no post of the caller allows {action}")]
    NotPermitted { action: Action },
    #[error("only {declarer} declares outages")]
    NotTheDeclarer { declarer: String },
    #[error("the interval is empty")]
    Empty,
    #[error("the interval is not over at {at}")]
    NotOver { at: Instant },
    #[error("an outage from {from} to {until} is on record")]
    Overlaps { from: Instant, until: Instant },
    #[error("the outage has been applied")]
    AlreadyApplied,
}

impl OutageRefusal {
    /// Key of the text: `outage-` and the variant.
    pub fn code(&self) -> &'static str {
        match self {
            OutageRefusal::NotPermitted { .. } => "outage-not-permitted",
            OutageRefusal::NotTheDeclarer { .. } => "outage-not-the-declarer",
            OutageRefusal::Empty => "outage-empty",
            OutageRefusal::NotOver { .. } => "outage-not-over",
            OutageRefusal::Overlaps { .. } => "outage-overlaps",
            OutageRefusal::AlreadyApplied => "outage-already-applied",
        }
    }

    pub fn refusal(&self) -> Refusal {
        let code = self.code();
        match self {
            OutageRefusal::NotPermitted { action } => Refusal::new(Kind::Forbidden, code).with("action", action),
            OutageRefusal::NotTheDeclarer { declarer } => {
                Refusal::new(Kind::Forbidden, code).with("declarer", declarer)
            }
            OutageRefusal::Empty => Refusal::invalid("until", code),
            OutageRefusal::NotOver { at } => Refusal::invalid("until", code).with("at", at),
            OutageRefusal::Overlaps { from, until } => {
                Refusal::invalid("from", code).with("from", from).with("until", until)
            }
            OutageRefusal::AlreadyApplied => Refusal::new(Kind::Conflict, code),
        }
    }
}
