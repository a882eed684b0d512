//! Commands on cards as the journal runs them.

use journal::{Ahead, Declined, JournalError, Unit};
use kernel::Instant;
use store::{Read, sql};

use super::calls::context;
use super::orders::{self, Turn};
use super::rows::{self, Kept, Made};
use super::slate;
use super::{Watch, WatchRefusal};
use crate::card::{Card, CardFact, CardId, Command, Decided, FactRef, Propose, decide};
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
        self.caller.foresee_words(ahead);
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

/// A yellow card that stands.
pub(super) struct Yellow {
    pub fact: FactRef,
    pub issued_at: Instant,
}

/// An organization's yellow cards that stand, back from the one issued at `until` as far as they count, the oldest first.
pub(super) async fn standing(
    read: &mut impl Read,
    organization: &str,
    until: Instant,
    counts: impl Fn(Instant) -> bool,
) -> Result<Vec<Yellow>, JournalError> {
    const PAGE: i64 = 16;
    let select = "select id, version, issued_at from card_file where organization = $1 and stands = 1 \
         and issued_at <= $2 and (issued_at, id) < ($3, $4) and colour = 'yellow' order by issued_at desc, id desc limit $5";
    let (mut yellow, mut before) = (Vec::new(), (i64::MAX, String::new()));
    loop {
        let select = sql(select).bind(organization).bind(until.micros()).bind(before.0).bind(&before.1).bind(PAGE);
        let rows: Vec<(String, i64, i64)> = read.all(select).await?;
        let last = rows.last().map(|(id, _, issued)| (*issued, id.clone()));
        for (id, version, issued_at) in rows {
            let issued_at = Instant::from_micros(issued_at);
            if !counts(issued_at) {
                yellow.reverse();
                return Ok(yellow);
            }
            yellow.push(Yellow { fact: FactRef { stream: format!("{}{id}", Card::PREFIX), version }, issued_at });
        }
        let Some(last) = last else {
            yellow.reverse();
            return Ok(yellow);
        };
        before = last;
    }
}
