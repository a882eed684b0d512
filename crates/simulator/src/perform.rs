//! Carrying out one step through the doors of casework.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use casework::call::{Call, CallFact, CallId};
use casework::card::{About, Card, CardFact, CardId, FactRef, Propose};
use casework::case::{Case, CaseFact, CaseId, ClockKey, Sample, Timer};
use casework::{Acted, Opened, Owner, TimeError, Watch, Watched};
use journal::{Answer, Fact, JournalError, Key, Positions, Submission, SubmitError, tail};
use kernel::{Chance, ClockState, Digest, Instant, Refusal};
use serde::de::DeserializeOwned;

use crate::lives::{Act, Became, Life, Step};
use crate::run::Keys;

/// How a step ended.
pub(crate) enum Performed {
    Done {
        became: Became,
        positions: Positions,
    },
    /// The timekeeper looked; in vain where it counts nothing.
    Looked {
        became: Became,
        watched: Watched,
    },
    Refused {
        reason: String,
    },
}

/// Why a step could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    #[error("{command}, step {step}, was not carried out: {reason}")]
    Failed { command: &'static str, step: String, reason: Arc<JournalError> },
    #[error("the journal is closed")]
    Closed,
    #[error("the key of {command}, step {step}, belongs to another request")]
    KeyReused { command: &'static str, step: String },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Submits steps, with chance that belongs to the step alone.
#[derive(Clone)]
pub(crate) struct Performer {
    pub watch: Watch,
    pub seed: u64,
    pub keys: Keys,
    /// How often a step whose outcome is not known is tried again, with its key.
    pub tries: u32,
    /// The latest instant of an earlier run that is taken up; set when a run begins.
    pub before: Arc<OnceLock<Option<Instant>>>,
}

/// What one submission gave.
enum Sent {
    Opened(Opened, Positions),
    Acted(Acted, Positions),
    Done(Became, Positions),
    Replayed(Positions),
    Refused(Refusal),
    Lost(Arc<JournalError>),
}

impl Performer {
    pub async fn perform(&self, life: &Life, step: &Step) -> Result<Performed, PerformError> {
        if step.is_look() {
            return self.look(life, step).await;
        }
        let mut attempt = 0;
        let sent = loop {
            match self.send(life, step).await? {
                Sent::Lost(reason) if attempt >= self.tries => {
                    let (command, step) = (step.act.name().1, life.label(step));
                    return Err(PerformError::Failed { command, step, reason });
                }
                Sent::Lost(_) => pause(&mut attempt).await,
                sent => break sent,
            }
        };
        let (became, positions) = match sent {
            Sent::Opened(opened, positions) => {
                let over = matches!(step.act, Act::Settle(_)) && !opened.sampled;
                (Became::Case { case: (!over).then_some(opened.case), head: None }, positions)
            }
            Sent::Acted(acted, positions) => (Became::Case { case: Some(acted.case), head: acted.head }, positions),
            Sent::Done(became, positions) => (became, positions),
            Sent::Replayed(positions) => (self.replayed(life, step, positions).await?, positions),
            Sent::Refused(reason) => return Ok(Performed::Refused { reason: reason.code.to_owned() }),
            Sent::Lost(_) => return Err(PerformError::Closed),
        };
        Ok(Performed::Done { became, positions })
    }

    async fn send(&self, life: &Life, step: &Step) -> Result<Sent, PerformError> {
        let submission = self.submission(life, step);
        let (caller, claimed_at) = (step.caller.clone(), step.claimed_at);
        match (&step.act, life) {
            (Act::Register(register), _) => {
                let door = self.watch.casework();
                self.sent(
                    life,
                    step,
                    door.register(caller, claimed_at, (**register).clone(), submission).await,
                    Sent::Opened,
                )
            }
            (Act::Settle(settle), _) => {
                let door = self.watch.casework();
                self.sent(
                    life,
                    step,
                    door.settle(caller, claimed_at, (**settle).clone(), submission).await,
                    Sent::Opened,
                )
            }
            (Act::OnCase(command), Life::Event(event)) => {
                let Some(case) = &event.told[step.of].case else { return Err(PerformError::Closed) };
                let door = self.watch.casework();
                let answer = door.act(caller, claimed_at, case.id, None, command.clone(), submission).await;
                self.sent(life, step, answer, Sent::Acted)
            }
            (Act::Raise(raise), _) => {
                let answer = self.watch.raise(caller, claimed_at, (**raise).clone(), submission).await;
                self.sent(life, step, answer, |call, at| Sent::Done(Became::Call(Box::new(call)), at))
            }
            (Act::OnCall(command), Life::Call(of)) => {
                let Some(call) = &of.call else { return Err(PerformError::Closed) };
                let door = &self.watch;
                let answer = door.act_on_call(caller, claimed_at, call.id, None, command.clone(), submission).await;
                self.sent(life, step, answer, |call, at| Sent::Done(Became::Call(Box::new(call)), at))
            }
            (Act::Propose(propose), Life::Event(event)) => {
                let evidence = self.evidence(propose, step.at).await?;
                let propose = Propose { evidence, ..propose.clone() };
                let answer = self.watch.propose(caller, propose, submission).await;
                let case = event.told[step.of].case.clone();
                self.sent(life, step, answer, |_, at| Sent::Done(Became::Case { case, head: None }, at))
            }
            (Act::OnCard(command), Life::Card(of)) => {
                let (door, card) = (&self.watch, of.card.id);
                let answer = door.act_on_card(caller, claimed_at, card, None, command.clone(), submission).await;
                self.sent(life, step, answer, |card, at| Sent::Done(Became::Card(Box::new(card)), at))
            }
            (Act::Declare(declare), _) => {
                let answer = self.watch.declare(caller, declare.clone(), submission).await;
                self.sent(life, step, answer, |_, at| Sent::Done(Became::Outage, at))
            }
            (Act::HandOver(note), _) => {
                let answer = self.watch.hand_over(caller, claimed_at, note.clone(), submission).await;
                self.sent(life, step, answer, |_, at| Sent::Done(Became::Duty, at))
            }
            (Act::TakeOver(taken), _) => {
                let answer = self.watch.take_over(caller, claimed_at, taken.clone(), submission).await;
                self.sent(life, step, answer, |_, at| Sent::Done(Became::Duty, at))
            }
            _ => Err(PerformError::Closed),
        }
    }

    fn sent<T, R>(
        &self,
        life: &Life,
        step: &Step,
        answer: Result<Answer<T>, SubmitError<R>>,
        done: impl FnOnce(T, Positions) -> Sent,
    ) -> Result<Sent, PerformError>
    where
        Refusal: for<'a> From<&'a R>,
    {
        match answer {
            Ok(Answer::Done { output, positions }) => Ok(done(output, positions)),
            Ok(Answer::Replayed { positions }) => Ok(Sent::Replayed(positions)),
            Err(SubmitError::Refused(reason)) => Ok(Sent::Refused(Refusal::from(&reason))),
            Err(SubmitError::Failed(reason) | SubmitError::Unknown(reason)) => Ok(Sent::Lost(reason)),
            Err(SubmitError::KeyReused) => {
                Err(PerformError::KeyReused { command: step.act.name().1, step: life.label(step) })
            }
            Err(SubmitError::Closed) => Err(PerformError::Closed),
        }
    }

    /// Instant, chance and key of a step: they follow from the seed, the life and the step, never from the order of arrival.
    fn submission(&self, life: &Life, step: &Step) -> Submission {
        let (of, name) = step.act.name();
        let step_of_life = life.label(step);
        let label = format!("step/{step_of_life}");
        let wanted = match self.keys {
            Keys::All => true,
            Keys::Intake => matches!(step.act, Act::Register(_) | Act::Settle(_)),
        };
        let key = wanted.then(|| Key {
            scope: format!("simulator/{} {of}.{name}", self.seed),
            key: step_of_life,
            fingerprint: Digest::of(&[label.as_bytes(), name.as_bytes(), &step.at.micros().to_be_bytes()]),
        });
        Submission { at: step.at, chance: Chance::seeded(self.seed, &label), key }
    }

    /// The timekeeper looks at the clocks of one stream. Its acts have no key: what is done once is not due any more.
    async fn look(&self, life: &Life, step: &Step) -> Result<Performed, PerformError> {
        let Some(stream) = life.stream(step) else { return Err(PerformError::Closed) };
        let Some(owner) = life.owner(step) else { return Err(PerformError::Closed) };
        let ((watched, left), at_once) = self.timed("look", || self.watch.keep_time_of(&owner, step.at)).await?;
        // Nothing was due: unless an earlier run or try has seen to it, all stands as it stood.
        let idle = at_once && watched.is_idle() && watched.passed_over == 0 && self.is_new(step.at);
        let became = match left.or(idle.then_some(owner)) {
            Some(Owner::Case(case)) => Became::Case { case: Some(case), head: None },
            Some(Owner::Call(call)) => Became::Call(call),
            Some(Owner::Card(card)) => Became::Card(card),
            None => self.as_of(&stream, step.at).await?,
        };
        Ok(Performed::Looked { became, watched })
    }

    /// Whether no earlier run has come to this instant.
    fn is_new(&self, at: Instant) -> bool {
        self.before.get().is_some_and(|before| before.is_none_or(|last| last < at))
    }

    /// The timekeeper goes its round of everything that is due at `at`; false where it was cut off before it came to its end,
    /// and so does not tell all it did.
    pub async fn round(&self, at: Instant) -> Result<(Watched, bool), PerformError> {
        self.timed("round", || self.watch.keep_time(at)).await
    }

    /// Counts again whatever was counted provisionally; with how many cases, calls and cards came out otherwise.
    pub async fn recount(&self, at: Instant) -> Result<u64, PerformError> {
        Ok(self.timed("recount", || self.watch.recount(at)).await?.0)
    }

    async fn timed<T, F: Future<Output = Result<T, TimeError>>>(
        &self,
        command: &'static str,
        keep: impl Fn() -> F,
    ) -> Result<(T, bool), PerformError> {
        let mut attempt = 0;
        loop {
            match keep().await {
                Ok(done) => return Ok((done, attempt == 0)),
                Err(TimeError::Closed) => return Err(PerformError::Closed),
                Err(error) if attempt >= self.tries => {
                    let reason = match error {
                        TimeError::Journal(reason) => Arc::new(reason),
                        TimeError::Act(reason) => reason,
                        TimeError::Closed => return Err(PerformError::Closed),
                    };
                    return Err(PerformError::Failed { command, step: "timekeeper".to_owned(), reason });
                }
                Err(_) => pause(&mut attempt).await,
            }
        }
    }

    /// The fact that last showed that the clock a card is about ran out, as whoever proposes one finds it in the case's history.
    async fn evidence(&self, propose: &Propose, at: Instant) -> Result<Vec<FactRef>, JournalError> {
        let About { stream, clock } = &propose.about;
        let mut last = None;
        for fact in tail::stream(&mut self.watch.casework().journal().db(), stream).await? {
            let shows = |(key, timer): &(ClockKey, Timer)| {
                let ran_out = matches!(timer.state(), ClockState::Lapsed { .. } | ClockState::Late { .. });
                ran_out && clock.as_ref() == Some(&key.to_string())
            };
            if fact.at <= at && fact.read::<CaseFact>()?.clocks.iter().any(shows) {
                last = Some(FactRef { stream: stream.clone(), version: fact.version });
            }
        }
        Ok(last.into_iter().collect())
    }

    /// The streams that hold the facts at these positions.
    pub async fn streams(&self, positions: Positions) -> Result<BTreeSet<String>, JournalError> {
        let db = &mut self.watch.casework().journal().db();
        let facts = tail::after(db, positions.first - 1, positions.count).await?;
        Ok(facts.into_iter().map(|fact| fact.stream).collect())
    }

    /// What a stream holds as its facts up to `at` left it.
    pub async fn as_of(&self, stream: &str, at: Instant) -> Result<Became, JournalError> {
        let mut facts = tail::stream(&mut self.watch.casework().journal().db(), stream).await?;
        facts.retain(|fact| fact.at <= at);
        became(stream, None, &facts)
    }

    /// What the facts of an earlier run left after this step.
    async fn replayed(&self, life: &Life, step: &Step, positions: Positions) -> Result<Became, JournalError> {
        let db = &mut self.watch.casework().journal().db();
        let facts = tail::after(db, positions.first - 1, positions.count).await?;
        let Some(first) = facts.first() else { return Ok(Became::Outage) };
        let standing = |case: &Case| Became::Case { case: Some(Arc::new(case.clone())), head: None };
        match life {
            Life::Event(event) => {
                let before = event.told[step.of].case.as_deref();
                let stream = before.map_or_else(|| first.stream.clone(), |case| format!("case/{}", case.id));
                let mut after = became(&stream, before.map(standing), &facts)?;
                if let Became::Case { case, head } = &mut after {
                    let settled = matches!(step.act, Act::Settle(_));
                    *case = case.take().filter(|case| !settled || case.sample == Sample::Drawn);
                    if let Some(of) = head_of(life).filter(|_| step.of > 0) {
                        let stream = format!("case/{}", of.id);
                        if let Became::Case { case, .. } = became(&stream, Some(standing(of)), &facts)? {
                            *head = case;
                        }
                    }
                }
                Ok(after)
            }
            Life::Call(call) => became(&first.stream, call.call.clone().map(Became::Call), &facts),
            Life::Card(card) => became(&first.stream, Some(Became::Card(card.card.clone())), &facts),
            Life::Outage(_) => Ok(Became::Outage),
            Life::Duty(_) => Ok(Became::Duty),
        }
    }
}

/// What the facts of `stream` make of what stood before them.
fn became(stream: &str, before: Option<Became>, facts: &[Fact]) -> Result<Became, JournalError> {
    let own = || facts.iter().filter(|fact| fact.stream == stream);
    let (kind, id) = stream.split_once('/').unwrap_or_default();
    Ok(match (kind, before) {
        ("call", before) => {
            let before = if let Some(Became::Call(call)) = before { Some(*call) } else { None };
            let id = id.parse::<CallId>().ok();
            let begin = |fact: &CallFact| Call::begin(id?, fact);
            folded(own(), before, begin, Call::apply)?.map_or(Became::Outage, |call| Became::Call(Box::new(call)))
        }
        ("card", before) => {
            let before = if let Some(Became::Card(card)) = before { Some(*card) } else { None };
            let id = id.parse::<CardId>().ok();
            let begin = |fact: &CardFact| Card::begin(id?, fact);
            folded(own(), before, begin, Card::apply)?.map_or(Became::Outage, |card| Became::Card(Box::new(card)))
        }
        ("case", before) => {
            let before =
                if let Some(Became::Case { case, .. }) = before { case.map(Arc::unwrap_or_clone) } else { None };
            let id = id.parse::<CaseId>().ok();
            let open = |fact: &CaseFact| Case::open(id?, fact);
            Became::Case { case: folded(own(), before, open, Case::apply)?.map(Arc::new), head: None }
        }
        _ => Became::Outage,
    })
}

fn folded<'a, S, F: DeserializeOwned>(
    facts: impl Iterator<Item = &'a Fact>,
    before: Option<S>,
    begin: impl Fn(&F) -> Option<S>,
    apply: impl Fn(&mut S, &F),
) -> Result<Option<S>, JournalError> {
    let mut state = before;
    for fact in facts {
        let read: F = fact.read()?;
        match &mut state {
            Some(state) => apply(state, &read),
            None => state = begin(&read),
        }
    }
    Ok(state)
}

/// The case that a life's others may be grouped under.
fn head_of(life: &Life) -> Option<&Case> {
    match life {
        Life::Event(event) => event.told[0].case.as_deref(),
        _ => None,
    }
}

async fn pause(attempt: &mut u32) {
    *attempt += 1;
    tokio::time::sleep(Duration::from_millis(20 << (*attempt).min(6))).await;
}
