//! A card: yellow or red, proposed with its evidence by the system, issued or dismissed by the supervision office
//! (PRACTICE 11).
//!
//! Pure. A card goes to whoever held the clock. A red card brings a supervision order, a talk and a rectification with a
//! deadline of its own, and is cancelled when that is done. What a card counts is known when no appeal is open any more.

mod command;
mod fact;
mod offer;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use district::cards::{Cards, Colour, Ground};
use kernel::{Digest, Instant};
use serde::{Deserialize, Serialize};

use crate::case::{Context, Evidence, Timer};

pub use command::{
    AppealAgainst, Cancel, Command, DecideAppeal, Dismiss, ExcludeOutage, Issue, Propose, RecordTalk, Rectify,
    ReturnRectification, RunOut, Void,
};
pub use fact::{CardEvent, CardFact, Decided, Proposed};
pub use offer::Offer;
pub use refusal::CardRefusal;
pub use rules::{Occurrence, colour_for, counts_with};

kernel::id!(
    /// Identifier of a card; its journal stream is `card/` and this.
    CardId
);

impl CardId {
    /// The identifier of the card that one occurrence earns: whoever proposes it again, proposes the same card. `mark` tells
    /// the occurrence from others of its ground on `stream`.
    pub fn of(ground: Ground, stream: &str, mark: &str) -> CardId {
        let Digest(hash) = Digest::of(&[ground.word().as_bytes(), stream.as_bytes(), mark.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        CardId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// The whole state of a card, rebuilt from its facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub id: CardId,
    /// Number of facts so far.
    pub version: i64,
    pub colour: Colour,
    pub ground: Ground,
    /// Who held the clock, returned the case, or reported falsely.
    pub organization: String,
    pub about: About,
    /// Facts that show the ground; at least one.
    pub evidence: Vec<FactRef>,
    pub proposed_at: Instant,
    /// Person key of who issued it: another person decides the appeal.
    pub issuer: Option<String>,
    pub issued_at: Option<Instant>,
    pub standing: Standing,
    pub talked: bool,
    pub clocks: BTreeMap<CardClock, Timer>,
}

/// What a card is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Of a case or a call, such as `case/<uuid>`; of the organization's cards where several make one red.
    pub stream: String,
    /// Its clock that lapsed, where that is the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
}

/// A fact of the journal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactRef {
    pub stream: String,
    pub version: i64,
}

/// How a card stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Proposed,
    /// Not issued.
    Dismissed {
        at: Instant,
    },
    /// Its ground fell away: an outage was declared over the lapse.
    Void {
        at: Instant,
    },
    Issued {
        work: Rectification,
    },
    /// An appeal is open; a rectification goes on beside it.
    Appealed {
        at: Instant,
        work: Rectification,
    },
    /// The appeal did not succeed.
    Upheld {
        work: Rectification,
    },
    /// The appeal succeeded.
    Revoked {
        at: Instant,
    },
    /// A red card, rectified.
    Cancelled {
        at: Instant,
    },
}

/// How far the rectification after a red card has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rectification {
    /// None is owed: the card is yellow.
    None,
    Ordered,
    Reported {
        at: Instant,
        evidence: Vec<Evidence>,
    },
}

/// The clocks of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardClock {
    /// In which an appeal may be made; held by the carded organization, its end is no fault.
    Appeal,
    /// A red card's rectification.
    Rectification,
    /// A yellow card's ground is to be gone by then, or a red one is proposed.
    Follow,
}

impl CardClock {
    pub const ALL: [CardClock; 3] = [CardClock::Appeal, CardClock::Rectification, CardClock::Follow];

    pub fn name(self) -> &'static str {
        match self {
            CardClock::Appeal => "appeal",
            CardClock::Rectification => "rectification",
            CardClock::Follow => "follow",
        }
    }
}

/// Facts to append, in order, or why not.
pub type Decision = Result<Vec<Decided>, CardRefusal>;

/// Decides a command on an existing card; a proposal has a function of its own: [`Propose::decide`].
pub fn decide(card: &Card, command: &Command, cards: &Cards, cx: &Context) -> Decision {
    command.decide(card, cards, cx)
}

impl Card {
    pub fn state(&self) -> &'static str {
        match self.standing {
            Standing::Proposed => "proposed",
            Standing::Dismissed { .. } => "dismissed",
            Standing::Void { .. } => "void",
            Standing::Issued { .. } => "issued",
            Standing::Appealed { .. } => "appealed",
            Standing::Upheld { .. } => "upheld",
            Standing::Revoked { .. } => "revoked",
            Standing::Cancelled { .. } => "cancelled",
        }
    }

    /// What the card counts at `when`: nothing before it is settled that it stands, that is, while an appeal is open or
    /// may still be made.
    pub fn counts(&self, cards: &Cards, when: Instant) -> Option<f64> {
        let points = match self.colour {
            Colour::Yellow => cards.points.yellow,
            Colour::Red => cards.points.red,
        };
        let appeal_over = self.clocks.get(&CardClock::Appeal).is_none_or(|appeal| when > appeal.due_at());
        match self.standing {
            Standing::Upheld { .. } | Standing::Cancelled { .. } => Some(points),
            Standing::Issued { .. } if appeal_over => Some(points),
            Standing::Dismissed { .. } | Standing::Void { .. } | Standing::Revoked { .. } => Some(0.0),
            Standing::Proposed | Standing::Issued { .. } | Standing::Appealed { .. } => None,
        }
    }

    /// It was issued and has not been taken back.
    pub fn stands(&self) -> bool {
        matches!(
            self.standing,
            Standing::Issued { .. } | Standing::Appealed { .. } | Standing::Upheld { .. } | Standing::Cancelled { .. }
        )
    }

    /// The rectification while the card is in force.
    fn work(&self) -> Option<&Rectification> {
        match &self.standing {
            Standing::Issued { work } | Standing::Appealed { work, .. } | Standing::Upheld { work } => Some(work),
            _ => None,
        }
    }
}
