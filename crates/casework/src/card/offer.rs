//! Which acts on a card are open to a caller: each command is tried with a stand-in for what a person would fill in.

use district::cards::{Cards, Colour};

use super::{
    AppealAgainst, Cancel, Card, CardRefusal, Command, DecideAppeal, Dismiss, Issue, RecordTalk, Rectify,
    ReturnRectification, decide,
};
use crate::case::{Context, Evidence, Words};

/// An act on a card, and why it is not open where it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// As `Command` names it.
    pub command: &'static str,
    pub refusal: Option<CardRefusal>,
}

impl Card {
    /// The acts a person may think of, in the order a card meets them.
    pub fn offers(&self, cards: &Cards, cx: &Context) -> Vec<Offer> {
        let words = || Words::new("-").expect("a dash is a text");
        let mut acts = vec![
            Command::Issue(Issue { words: words() }),
            Command::Dismiss(Dismiss { reason: words() }),
            Command::AppealAgainst(AppealAgainst { words: words() }),
            Command::DecideAppeal(DecideAppeal { upheld: true, reason: words() }),
        ];
        if self.colour == Colour::Red {
            acts.push(Command::RecordTalk(RecordTalk { words: words() }));
            acts.push(Command::Rectify(Rectify { evidence: vec![Evidence::of("document")], words: words() }));
            acts.push(Command::ReturnRectification(ReturnRectification { reason: words() }));
            acts.push(Command::Cancel(Cancel { words: words() }));
        }
        let offer = |command: &Command| Offer {
            command: command.name(),
            refusal: decide(self, command, cards, cx).err().filter(|why| *why != CardRefusal::EvidenceMissing),
        };
        acts.iter().map(offer).collect()
    }
}
