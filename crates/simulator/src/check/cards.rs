//! No card without its evidence: every fact it rests on is there, shows its ground, and against whom.

use casework::call::CallFact;
use casework::card::Proposed;
use casework::case::{CaseFact, Timer};
use district::cards::Ground;
use journal::{Fact, tail};
use kernel::ClockState;
use store::Db;

use super::{CheckError, Checked, Violation};

/// A card as it was proposed.
pub(super) struct Card {
    pub stream: String,
    pub proposed: Proposed,
}

pub(super) async fn check(db: &Db, cards: &[Card], checked: &mut Checked) -> Result<(), CheckError> {
    for card in cards {
        checked.cards += 1;
        if let Err(reason) = unfounded(db, &card.proposed).await? {
            checked.add(Violation::Card { stream: card.stream.clone(), reason });
        }
    }
    Ok(())
}

/// What the evidence of a card lacks.
async fn unfounded(db: &Db, card: &Proposed) -> Result<Result<(), String>, CheckError> {
    if card.evidence.is_empty() {
        return Ok(Err("it has no evidence".to_owned()));
    }
    for evidence in &card.evidence {
        let facts = tail::by_stream(&mut &*db, &evidence.stream, (&evidence.stream, evidence.version - 1), 1).await?;
        let there = facts.first().filter(|fact| fact.stream == evidence.stream && fact.version == evidence.version);
        let Some(fact) = there else {
            return Ok(Err(format!("{} version {} is not there", evidence.stream, evidence.version)));
        };
        if !shows(card, fact) {
            return Ok(Err(format!("{} version {} does not show it", evidence.stream, evidence.version)));
        }
    }
    Ok(Ok(()))
}

/// Whether a fact shows the ground of a card.
fn shows(card: &Proposed, fact: &Fact) -> bool {
    match card.ground {
        Ground::Lapse => {
            let lapsed = |timer: &Timer| {
                let ran_out = matches!(timer.state(), ClockState::Lapsed { .. } | ClockState::Late { .. });
                ran_out && timer.holder == card.organization
            };
            let clock = card.about.clock.as_deref();
            clocks(fact).iter().any(|(key, timer)| Some(key.as_str()) == clock && lapsed(timer))
        }
        Ground::ReturnRejected => fact.kind == "case.return_rejected",
        Ground::ReworkRepeated => fact.kind == "case.rework_ordered",
        Ground::FalseReport => fact.kind == "case.sample_checked",
        Ground::YellowUnanswered => fact.kind == "card.ran_out",
        Ground::YellowRepeated => fact.stream.starts_with("card/") && fact.kind != "card.proposed",
    }
}

fn clocks(fact: &Fact) -> Vec<(String, Timer)> {
    if fact.stream.starts_with("call/") {
        let read = fact.read::<CallFact>().map(|read| read.clocks).unwrap_or_default();
        return read.into_iter().map(|(key, timer)| (key.to_string(), timer)).collect();
    }
    let read = fact.read::<CaseFact>().map(|read| read.clocks).unwrap_or_default();
    read.into_iter().map(|(key, timer)| (key.to_string(), timer)).collect()
}
