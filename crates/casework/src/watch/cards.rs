//! Commands on cards as the journal runs them.

use journal::{Ahead, Declined, JournalError, Unit};
use kernel::Instant;
use store::{Read, sql};

use super::calls::context;
use super::orders::{self, Turn};
use super::rows::{self, Made};
use super::slate;
use super::{Watch, WatchRefusal};
use crate::card::{Card, CardFact, CardId, Command, Decided, Propose, decide};
use crate::case::Caller;

/// Proposes a card by hand.
pub struct ProposeCard {
    pub(super) caller: Caller,
    pub(super) propose: Propose,
    pub(super) watch: Watch,
}

/// Acts on a card.
pub struct ActOnCard {
    pub(super) caller: Caller,
    pub(super) claimed_at: Option<Instant>,
    pub(super) card: CardId,
    pub(super) expected: Option<i64>,
    pub(super) command: Command,
    pub(super) watch: Watch,
}

impl journal::Command for ProposeCard {
    type Output = Card;
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Card, Declined<WatchRefusal>> {
        let mark = self.propose.evidence.first().map(|fact| format!("v{}", fact.version)).unwrap_or_default();
        let id = CardId::of(self.propose.ground, &self.propose.about.stream, &mark);
        match open(unit, &self.watch, &self.caller, id, &self.propose).await? {
            Ok(card) => Ok(card),
            Err(why) => Err(Declined::Refused(why)),
        }
    }
}

/// Opens the card `id`, or says why not.
pub(super) async fn open(
    unit: &mut Unit,
    watch: &Watch,
    caller: &Caller,
    id: CardId,
    propose: &Propose,
) -> Result<Result<Card, WatchRefusal>, JournalError> {
    let existing: Option<Card> = slate::load(unit, &id.to_string()).await?;
    let book = watch.casework.book();
    match propose.decide(existing.is_some(), &context(unit, &book, caller, None)) {
        Ok(decided) => {
            let made = decided.into_iter().map(made).collect();
            Ok(Ok(rows::open(unit, &id.to_string(), None, made).await?))
        }
        Err(why) => Ok(Err(why.into())),
    }
}

impl journal::Command for ActOnCard {
    type Output = Card;
    type Refusal = WatchRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        ahead.want::<slate::Watched<Card>>(self.card.to_string());
    }

    async fn decide(&self, unit: &mut Unit) -> Result<Card, Declined<WatchRefusal>> {
        let card: Option<Card> = slate::load(unit, &self.card.to_string()).await?;
        let card = card.ok_or(Declined::Refused(WatchRefusal::NotFound))?;
        if let Some(expected) = self.expected.filter(|expected| *expected != card.version) {
            return Err(Declined::Refused(WatchRefusal::Stale { expected, actual: card.version }));
        }
        let book = self.watch.casework.book();
        let cx = context(unit, &book, &self.caller, self.claimed_at);
        let decided = decide(&card, &self.command, &self.watch.profile.cards, &cx);
        let made = decided.map_err(|why| Declined::Refused(why.into()))?.into_iter().map(made).collect();
        let after = rows::keep(unit, &card, self.claimed_at, made).await?;
        let words = match &self.command {
            Command::Issue(issue) => Some(&issue.words),
            _ => None,
        };
        let cards = &self.watch.profile.cards;
        orders::follow(unit, &card, &after, Turn { cards, words, claimed_at: self.claimed_at, cx: &cx }).await?;
        Ok(after)
    }
}

pub(super) fn made(decided: Decided) -> Made<CardFact> {
    let Decided { fact, personal } = decided;
    Made { kind: fact.event.kind(), at: fact.at, actor: fact.hand.actor(), fact, personal }
}

pub(super) async fn in_state(read: &mut impl Read, state: &str, limit: i64) -> Result<Vec<Card>, JournalError> {
    let select = "select body from card_file where state = $1 order by proposed_at, id limit $2";
    read.all(sql(select).bind(state).bind(limit)).await?.into_iter().map(rows::parse).collect()
}

pub(super) async fn about(read: &mut impl Read, stream: &str) -> Result<Vec<Card>, JournalError> {
    let select = "select body from card_file where about = $1 order by proposed_at, id";
    read.all(sql(select).bind(stream)).await?.into_iter().map(rows::parse).collect()
}

/// An organization's cards that stand and were issued up to `until`, the oldest first.
pub(super) async fn standing(
    read: &mut impl Read,
    organization: &str,
    until: Instant,
) -> Result<Vec<Card>, JournalError> {
    let select = "select body from card_file where organization = $1 and stands = 1 and issued_at <= $2 \
         order by issued_at, id";
    read.all(sql(select).bind(organization).bind(until.micros())).await?.into_iter().map(rows::parse).collect()
}
