//! What the facts of cases, calls and cards earn: cards proposed, and cards whose ground fell away.
//!
//! Follows the journal's tail. Whatever is considered twice proposes the same card, so nothing is lost and nothing doubled
//! when two nodes follow or one starts again.

use std::sync::Arc;

use district::Stage;
use district::cards::{Cards, Colour, Ground};
use journal::{Ahead, Declined, Fact, JournalError, Unit};
use kernel::{ClockState, Instant};
use store::{Read, sql};

use super::orders::{self, Turn};
use super::rows::{self, Kept};
use super::slate;
use super::{Watch, WatchRefusal, cards};
use crate::call::{Call, CallClock, CallEvent, CallFact};
use crate::card::{
    About, Card, CardClock, CardEvent, CardFact, CardId, Command, FactRef, Occurrence, Propose, Void, colour_for,
    counts_with, decide,
};
use crate::case::{Caller, Case, CaseEvent, CaseFact, CaseId, ClockKey, Hand, IMPORT, Timer};
use crate::store::slate::Cases;

/// Something a fact says that may earn a card or take one back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cause {
    pub fact: FactRef,
    pub at: Instant,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Lapse {
        clock: String,
        due: Instant,
    },
    /// A clock that has run since `started` did not run out after all.
    Freed {
        clock: String,
        started: Instant,
    },
    ReturnRejected {
        assignment: u16,
    },
    Rework {
        assignment: u16,
    },
    /// A check found that what was reported as done was not.
    FalseReport,
    YellowIssued,
    YellowUnanswered,
    /// The time after a yellow card, running since `started`, is not over after all.
    YellowFreed {
        started: Instant,
    },
}

/// What considering a cause came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Considered {
    Nothing,
    Proposed(CardId),
    /// With the cases on which an order was lifted.
    Voided {
        cards: Vec<CardId>,
        cases: Vec<CaseId>,
    },
}

impl Cause {
    /// It takes cards back; every other proposes one.
    pub fn frees(&self) -> bool {
        matches!(self.what, What::Freed { .. } | What::YellowFreed { .. })
    }

    /// Whether it is worth a look: of a clock of no stage, or of a stage that no rule of the profile names, there is no card,
    /// save one proposed by hand, which whatever frees the clock takes back.
    pub fn is_worth_a_look(&self, cards: &Cards) -> bool {
        let What::Lapse { clock, .. } = &self.what else { return true };
        let name = clock.split('/').next().unwrap_or_default();
        // A rework runs on the clock of the handling.
        let stages = [stage(name), stage("rework").filter(|_| name == "handle")];
        let named = |stage: Stage| {
            let mut rules = cards.rule.iter().filter(|rule| rule.ground == Ground::Lapse);
            rules.any(|rule| rule.stages.is_empty() || rule.stages.contains(&stage))
        };
        stages.into_iter().flatten().any(named)
    }
}

/// The causes in a fact; none in most.
pub(super) fn causes(fact: &Fact) -> Result<Vec<Cause>, JournalError> {
    let whats = match fact.stream.split_once('/') {
        Some(("case", _)) if may_matter(fact) => of_case(&fact.read()?),
        Some(("call", _)) if may_matter(fact) => of_call(&fact.read()?),
        Some(("card", _)) if matches!(fact.kind.as_str(), "card.issued" | "card.ran_out" | "card.outage_excluded") => {
            of_card(&fact.read()?)
        }
        _ => Vec::new(),
    };
    let reference = FactRef { stream: fact.stream.clone(), version: fact.version };
    let cause = |what| Cause { fact: reference.clone(), at: fact.effective_at, what };
    Ok(whats.into_iter().map(cause).collect())
}

/// Spares reading every body: the kinds that matter, and clocks that were stopped late before anyone saw them lapse.
fn may_matter(fact: &Fact) -> bool {
    const KINDS: [&str; 12] = [
        "case.lapsed",
        "case.return_rejected",
        "case.rework_ordered",
        "case.sample_checked",
        "case.outage_excluded",
        "case.return_granted",
        "case.extension_granted",
        "case.suspension_granted",
        "case.recounted",
        "call.recounted",
        "call.lapsed",
        "call.outage_excluded",
    ];
    const LATE: &[u8] = b"\"is\":\"late\"";
    KINDS.contains(&fact.kind.as_str()) || fact.body.windows(LATE.len()).any(|window| window == LATE)
}

fn of_case(fact: &CaseFact) -> Vec<What> {
    if matches!(&fact.hand, Hand::System { name } if name == IMPORT) {
        // Imported history was judged where it happened.
        return Vec::new();
    }
    let frees = matches!(
        fact.event,
        CaseEvent::OutageExcluded { .. }
            | CaseEvent::ReturnGranted { .. }
            | CaseEvent::ExtensionGranted { .. }
            | CaseEvent::SuspensionGranted { .. }
            | CaseEvent::Recounted { .. }
    );
    let scored = fact.clocks.iter().filter(|(key, _)| key.scored());
    let mut whats: Vec<What> = scored.filter_map(|(key, timer)| of_clock(key.to_string(), timer, frees)).collect();
    match &fact.event {
        CaseEvent::ReturnRejected { assignment } => whats.push(What::ReturnRejected { assignment: *assignment }),
        CaseEvent::ReworkOrdered { assignments } => {
            whats.extend(assignments.iter().map(|assignment| What::Rework { assignment: *assignment }));
        }
        CaseEvent::SampleChecked { passed: false, .. } => whats.push(What::FalseReport),
        _ => {}
    }
    whats
}

fn of_call(fact: &CallFact) -> Vec<What> {
    let frees = matches!(fact.event, CallEvent::OutageExcluded { .. } | CallEvent::Recounted { .. });
    let scored = fact.clocks.iter().filter(|(key, _)| key.scored());
    scored.filter_map(|(key, timer)| of_clock(key.to_string(), timer, frees)).collect()
}

fn of_card(fact: &CardFact) -> Vec<What> {
    match fact.event {
        CardEvent::Issued => vec![What::YellowIssued],
        CardEvent::RanOut { clock: CardClock::Follow } => vec![What::YellowUnanswered],
        CardEvent::OutageExcluded { .. } => {
            let follows = fact.clocks.iter().filter(|(clock, timer)| *clock == CardClock::Follow && timer.is_running());
            follows.map(|(_, timer)| What::YellowFreed { started: timer.started() }).collect()
        }
        _ => Vec::new(),
    }
}

fn of_clock(clock: String, timer: &Timer, frees: bool) -> Option<What> {
    match timer.state() {
        ClockState::Lapsed { since: due } | ClockState::Late { due, .. } => Some(What::Lapse { clock, due }),
        _ => frees.then(|| What::Freed { clock, started: timer.started() }),
    }
}

/// Considers one cause in a transaction.
pub(super) struct Consider {
    pub cause: Cause,
    pub caller: Caller,
    pub watch: Watch,
}

impl journal::Command for Consider {
    type Output = Considered;
    type Refusal = WatchRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        match self.cause.fact.stream.split_once('/') {
            Some(("case", id)) => ahead.want::<Cases>(id.to_owned()),
            Some(("call", id)) => ahead.want::<slate::Watched<Call>>(id.to_owned()),
            Some(("card", id)) => ahead.want::<slate::Watched<Card>>(id.to_owned()),
            _ => {}
        }
    }

    async fn decide(&self, unit: &mut Unit) -> Result<Considered, Declined<WatchRefusal>> {
        match &self.cause.what {
            What::Freed { clock, started } => {
                let freed = |card: &Card| {
                    card.ground == Ground::Lapse
                        && card.about.clock.as_deref() == Some(clock)
                        && card.proposed_at >= *started
                };
                return Ok(self.void(unit, freed).await?);
            }
            What::YellowFreed { started } => {
                let freed = |card: &Card| card.ground == Ground::YellowUnanswered && card.proposed_at >= *started;
                return Ok(self.void(unit, freed).await?);
            }
            _ => {}
        }
        let Some((mark, propose)) = self.proposal(unit).await? else { return Ok(Considered::Nothing) };
        let id = CardId::of(propose.ground, &propose.about.stream, &mark);
        // The one refusal there can be is that the card stands already.
        let opened = cards::open(unit, &self.watch, &self.caller, id, &propose).await?;
        Ok(opened.map_or(Considered::Nothing, |card| Considered::Proposed(card.id)))
    }
}

impl Consider {
    /// The card the cause earns by the profile's rules, with the mark that tells it from others.
    async fn proposal(&self, unit: &mut Unit) -> Result<Option<(String, Propose)>, JournalError> {
        let stream = &self.cause.fact.stream;
        let version = self.cause.fact.version;
        let found = match (&self.cause.what, stream.split_once('/')) {
            (What::Lapse { clock, due }, Some((kind, id))) => {
                let Some((holder, stage)) = lapsed(unit, kind, id, clock, *due).await? else { return Ok(None) };
                let mark = format!("{clock}@{}", due.micros());
                let times = self.times(unit, Ground::Lapse).await?;
                let earned = self.earned(&Occurrence::Lapse { stage, times });
                earned.map(|colour| (mark, colour, Ground::Lapse, holder, Some(clock.clone()), *due))
            }
            (What::ReturnRejected { assignment } | What::Rework { assignment }, Some((_, id))) => {
                let Some(case) = case(unit, id).await? else { return Ok(None) };
                let Ok(assignment) = case.assignment(*assignment) else { return Ok(None) };
                let (ground, occurrence) = match self.cause.what {
                    What::Rework { .. } => {
                        (Ground::ReworkRepeated, Occurrence::Rework { times: u32::from(assignment.reworks) })
                    }
                    _ => {
                        (Ground::ReturnRejected, Occurrence::ReturnRejected { times: u32::from(case.returns_rejected) })
                    }
                };
                let mark = format!("v{version}/{}", assignment.no);
                let holder = assignment.organization.clone();
                self.earned(&occurrence).map(|colour| (mark, colour, ground, holder, None, self.cause.at))
            }
            (What::FalseReport, Some((_, id))) => {
                let Some(case) = case(unit, id).await? else { return Ok(None) };
                let times = self.times(unit, Ground::FalseReport).await?;
                let earned = self.earned(&Occurrence::FalseReport { times });
                earned.map(|colour| {
                    (format!("v{version}"), colour, Ground::FalseReport, case.desk.clone(), None, self.cause.at)
                })
            }
            (What::YellowIssued | What::YellowUnanswered, Some((_, id))) => {
                let Some(card) = slate::load::<Card>(unit, id).await? else { return Ok(None) };
                return self.red_for_yellow(unit, &card).await;
            }
            _ => None,
        };
        Ok(found.map(|(mark, colour, ground, organization, clock, since)| {
            let about = About { stream: stream.clone(), clock };
            let evidence = vec![self.cause.fact.clone()];
            (mark, Propose { colour, ground, organization, about, evidence, since })
        }))
    }

    /// A red card for a yellow one whose ground goes on, or for several.
    async fn red_for_yellow(&self, unit: &mut Unit, card: &Card) -> Result<Option<(String, Propose)>, JournalError> {
        if card.colour != Colour::Yellow || !card.stands() {
            return Ok(None);
        }
        let Some(issued) = card.issued_at else { return Ok(None) };
        let own = FactRef { stream: card.stream(), version: self.cause.fact.version };
        let (earned, ground, evidence) = if self.cause.what == What::YellowIssued {
            let (rules, calendar) = (&self.watch.profile.cards, &self.watch.profile.calendar);
            let counts = |at| counts_with(rules, calendar, issued, at);
            let yellow = cards::standing(unit.tx().await?, &card.organization, issued, counts).await?;
            let instants: Vec<Instant> = yellow.iter().map(|one| one.issued_at).collect();
            let evidence = yellow.into_iter().map(|one| one.fact).collect();
            (self.earned(&Occurrence::YellowRepeated { issued: &instants }), Ground::YellowRepeated, evidence)
        } else {
            if !self.still_lapsed(unit, card).await? {
                return Ok(None);
            }
            let now = unit.at();
            (self.earned(&Occurrence::YellowUnanswered { issued, now }), Ground::YellowUnanswered, vec![own])
        };
        let about = About { stream: card.stream(), clock: None };
        let (organization, since) = (card.organization.clone(), self.cause.at);
        let mark = format!("v{}", self.cause.fact.version);
        Ok(earned.map(|colour| (mark, Propose { colour, ground, organization, about, evidence, since })))
    }

    fn earned(&self, what: &Occurrence) -> Option<Colour> {
        colour_for(&self.watch.profile.cards, &self.watch.profile.calendar, what)
    }

    /// The how-manieth of its ground the cause is on its case or call.
    async fn times(&self, unit: &mut Unit, ground: Ground) -> Result<u32, JournalError> {
        let select = sql("select count(*) from card_file where about = $1 and ground = $2");
        let (before,): (i64,) = unit.tx().await?.one(select.bind(&self.cause.fact.stream).bind(ground.word())).await?;
        Ok(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Whether the clock that a yellow card is about has still not been stopped.
    async fn still_lapsed(&self, unit: &mut Unit, card: &Card) -> Result<bool, JournalError> {
        let (Some(clock), Some((kind, id))) = (&card.about.clock, card.about.stream.split_once('/')) else {
            return Ok(false);
        };
        let timer = timer(unit, kind, id, clock).await?;
        Ok(timer.is_some_and(|(timer, _)| matches!(timer.state(), ClockState::Lapsed { .. })))
    }

    /// Takes back every card about the cause's stream that is `freed`: for a clock that did not run out after all; an earlier
    /// round of it that did, such as the one before a rework, keeps its card.
    async fn void(
        &self,
        unit: &mut Unit,
        freed: impl Fn(&Card) -> bool + Send + Sync,
    ) -> Result<Considered, JournalError> {
        let (mut voided, mut cases) = (Vec::new(), Vec::new());
        for card in cards::about(unit.tx().await?, &self.cause.fact.stream).await? {
            if !freed(&card) {
                continue;
            }
            let book = self.watch.casework.book();
            let cx = super::calls::context(unit, &book, &self.caller, None);
            // One that does not stand any more is refused, and stays as it is.
            if let Ok(decided) = decide(&card, &Command::Void(Void {}), &self.watch.profile.cards, &cx) {
                let made = decided.into_iter().map(cards::made).collect();
                let after = rows::keep(unit, &card, None, made).await?;
                let cards = &self.watch.profile.cards;
                cases.extend(
                    orders::follow(unit, &card, &after, Turn { cards, words: None, claimed_at: None, cx: &cx }).await?,
                );
                voided.push(card.id);
            }
        }
        Ok(if voided.is_empty() { Considered::Nothing } else { Considered::Voided { cards: voided, cases } })
    }
}

async fn case(unit: &mut Unit, id: &str) -> Result<Option<Arc<Case>>, JournalError> {
    match id.parse() {
        Ok(id) => Cases::load(unit, id).await,
        Err(_) => Ok(None),
    }
}

/// A clock of a case or a call, with the stage it times.
async fn timer(
    unit: &mut Unit,
    kind: &str,
    id: &str,
    clock: &str,
) -> Result<Option<(Timer, Option<Stage>)>, JournalError> {
    if kind == "call" {
        let (Some(call), Ok(clock)) = (slate::load::<Call>(unit, id).await?, clock.parse::<CallClock>()) else {
            return Ok(None);
        };
        return Ok(call.clocks.get(&clock).map(|timer| (timer.clone(), stage(clock.name()))));
    }
    let (Some(case), Ok(key)) = (case(unit, id).await?, clock.parse::<ClockKey>()) else { return Ok(None) };
    let reworked = |no| case.assignment(no).is_ok_and(|assignment| assignment.reworks > 0);
    let name = if matches!(key, ClockKey::Handle(no) if reworked(no)) { "rework" } else { key.name() };
    Ok(case.clocks.get(&key).map(|timer| (timer.clone(), stage(name))))
}

fn stage(name: &str) -> Option<Stage> {
    Stage::ALL.iter().copied().find(|stage| stage.word() == name)
}

/// Who held a clock that ran out at `due` and is still found to have, and its stage; none where the lapse was taken back, or
/// the clock times no stage of a matter.
async fn lapsed(
    unit: &mut Unit,
    kind: &str,
    id: &str,
    clock: &str,
    due: Instant,
) -> Result<Option<(String, Stage)>, JournalError> {
    let Some((timer, Some(stage))) = timer(unit, kind, id, clock).await? else { return Ok(None) };
    let stands = match timer.state() {
        ClockState::Lapsed { since } => since == due,
        ClockState::Late { due: late, .. } => late == due,
        _ => false,
    };
    Ok(stands.then_some((timer.holder, stage)))
}
