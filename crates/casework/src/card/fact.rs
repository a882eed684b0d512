//! What can happen to a card.

use std::collections::BTreeSet;

use district::cards::{Colour, Ground};
use kernel::Instant;
use serde::{Deserialize, Serialize};

use super::{About, Card, CardClock, CardId, FactRef, Rectification, Standing};
use crate::case::{BODY_VERSION, Context, Evidence, Hand, Personal, Timer, Words};

/// One fact of a card: who, when it counts, what happened, and the clocks it left changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CardFact {
    pub v: u16,
    /// When it counts (`effective_at`).
    pub at: Instant,
    pub hand: Hand,
    pub event: CardEvent,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<(CardClock, Timer)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardEvent {
    Proposed(Box<Proposed>),
    Issued,
    /// With a red card: to put right what is wrong, by the clock beside it.
    SupervisionOrdered,
    Dismissed,
    Void,
    Appealed,
    AppealDecided {
        upheld: bool,
    },
    TalkRecorded,
    Rectified {
        evidence: Vec<Evidence>,
    },
    RectificationReturned,
    Cancelled,
    RanOut {
        clock: CardClock,
    },
    OutageExcluded {
        from: Instant,
        until: Instant,
    },
    /// The lists of holidays of these years were at hand when provisional due instants were counted again.
    Recounted {
        years: BTreeSet<i16>,
    },
}

/// What a proposal leaves on record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposed {
    pub colour: Colour,
    pub ground: Ground,
    pub organization: String,
    pub about: About,
    pub evidence: Vec<FactRef>,
}

/// A fact to append, with the personal values to seal beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub fact: CardFact,
    pub personal: Vec<Personal>,
}

impl Decided {
    pub(crate) fn new(cx: &Context, event: CardEvent) -> Decided {
        let (at, hand) = (cx.effective_at(), cx.caller.hand.clone());
        Decided { fact: CardFact { v: BODY_VERSION, at, hand, event, clocks: Vec::new() }, personal: Vec::new() }
    }

    pub(crate) fn clocks(mut self, clocks: impl IntoIterator<Item = (CardClock, Timer)>) -> Decided {
        self.fact.clocks.extend(clocks);
        self
    }

    pub(super) fn says(mut self, cx: &Context, field: &'static str, words: &Words) -> Decided {
        self.personal.push(Personal::new(cx.caller.hand.subject(), field, words.as_str()));
        self
    }
}

impl CardEvent {
    /// Kind of the fact in the journal, such as `card.issued`.
    pub fn kind(&self) -> &'static str {
        match self {
            CardEvent::Proposed(_) => "card.proposed",
            CardEvent::Issued => "card.issued",
            CardEvent::SupervisionOrdered => "card.supervision_ordered",
            CardEvent::Dismissed => "card.dismissed",
            CardEvent::Void => "card.void",
            CardEvent::Appealed => "card.appealed",
            CardEvent::AppealDecided { .. } => "card.appeal_decided",
            CardEvent::TalkRecorded => "card.talk_recorded",
            CardEvent::Rectified { .. } => "card.rectified",
            CardEvent::RectificationReturned => "card.rectification_returned",
            CardEvent::Cancelled => "card.cancelled",
            CardEvent::RanOut { .. } => "card.ran_out",
            CardEvent::OutageExcluded { .. } => "card.outage_excluded",
            CardEvent::Recounted { .. } => "card.recounted",
        }
    }
}

impl Card {
    /// The card after its first fact; none where that is no proposal.
    pub fn begin(id: CardId, fact: &CardFact) -> Option<Card> {
        let CardEvent::Proposed(proposed) = &fact.event else { return None };
        Some(Card {
            id,
            version: 1,
            colour: proposed.colour,
            ground: proposed.ground,
            organization: proposed.organization.clone(),
            about: proposed.about.clone(),
            evidence: proposed.evidence.clone(),
            proposed_at: fact.at,
            issuer: None,
            issued_at: None,
            standing: Standing::Proposed,
            talked: false,
            clocks: fact.clocks.iter().cloned().collect(),
        })
    }

    pub fn apply(&mut self, fact: &CardFact) {
        self.version += 1;
        self.clocks.extend(fact.clocks.iter().cloned());
        let at = fact.at;
        match &fact.event {
            // Only a stream's first fact proposes: see `begin`.
            CardEvent::Proposed(_)
            | CardEvent::RanOut { .. }
            | CardEvent::OutageExcluded { .. }
            | CardEvent::Recounted { .. } => {}
            CardEvent::Issued => {
                self.issuer = fact.hand.person().map(str::to_owned);
                self.issued_at = Some(at);
                self.standing = Standing::Issued { work: Rectification::None };
            }
            CardEvent::SupervisionOrdered | CardEvent::RectificationReturned => self.set_work(Rectification::Ordered),
            CardEvent::Dismissed => self.standing = Standing::Dismissed { at },
            CardEvent::Void => self.standing = Standing::Void { at },
            CardEvent::Appealed => {
                let work = self.work().cloned().unwrap_or(Rectification::None);
                self.standing = Standing::Appealed { at, work };
            }
            CardEvent::AppealDecided { upheld: true } => {
                let work = self.work().cloned().unwrap_or(Rectification::None);
                self.standing = Standing::Upheld { work };
            }
            CardEvent::AppealDecided { upheld: false } => self.standing = Standing::Revoked { at },
            CardEvent::TalkRecorded => self.talked = true,
            CardEvent::Rectified { evidence } => {
                self.set_work(Rectification::Reported { at, evidence: evidence.clone() })
            }
            CardEvent::Cancelled => self.standing = Standing::Cancelled { at },
        }
    }

    fn set_work(&mut self, new: Rectification) {
        match &mut self.standing {
            Standing::Issued { work } | Standing::Appealed { work, .. } | Standing::Upheld { work } => *work = new,
            _ => {}
        }
    }
}
