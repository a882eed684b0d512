//! The supervision order that a red card brings on its case: one decision, in one transaction (PRACTICE 11).

use std::sync::Arc;

use district::cards::{Cards, Colour};
use journal::{JournalError, Unit};
use kernel::Instant;

use super::slate;
use crate::call::Call;
use crate::card::{Card, Standing};
use crate::case::{Case, CaseId, Context, Supervise, Words};
use crate::store::slate::Cases;
use crate::store::write;

/// What an act on a card is carried on with.
pub(super) struct Turn<'a> {
    pub cards: &'a Cards,
    /// Of the order, where the act issues the card.
    pub words: Option<&'a Words>,
    pub claimed_at: Option<Instant>,
    pub cx: &'a Context<'a>,
}

/// Issues the order on the card's case with the card, and lifts it where the card was taken back. Gives the case it changed.
pub(super) async fn follow(
    unit: &mut Unit,
    before: &Card,
    after: &Card,
    turn: Turn<'_>,
) -> Result<Option<CaseId>, JournalError> {
    if after.colour != Colour::Red || before.standing == after.standing {
        return Ok(None);
    }
    let taken_back = matches!(after.standing, Standing::Void { .. } | Standing::Revoked { .. });
    if turn.words.is_none() && !taken_back {
        return Ok(None);
    }
    let Some(case) = case_of(unit, after).await? else { return Ok(None) };
    let decided = match turn.words {
        Some(words) => {
            let (organization, limit, words) = (after.organization.clone(), turn.cards.rectification, words.clone());
            case.supervise_by_card(after.id, &Supervise { organization, limit, words }, turn.cx)
        }
        None => case.lift_supervision(after.id, turn.cx),
    };
    let Some(decided) = decided else { return Ok(None) };
    write::store(unit, &case, vec![decided], turn.claimed_at).await?;
    Ok(Some(case.id))
}

/// The case a card is about: its own, its call's, or that of the card it is about. A call may belong to no case.
async fn case_of(unit: &mut Unit, card: &Card) -> Result<Option<Arc<Case>>, JournalError> {
    let mut about = card.about.stream.clone();
    loop {
        let Some((kind, id)) = about.split_once('/') else { return Ok(None) };
        match (kind, id.parse()) {
            ("case", Ok(id)) => return Cases::load(unit, id).await,
            ("call", _) => match slate::load::<Call>(unit, id).await?.and_then(|call| call.case) {
                Some(case) => return Cases::load(unit, case).await,
                None => return Ok(None),
            },
            ("card", _) => match slate::load::<Card>(unit, id).await? {
                // A card is about what stood before it, so this comes to an end.
                Some(other) => about = other.about.stream,
                None => return Ok(None),
            },
            _ => return Ok(None),
        }
    }
}
