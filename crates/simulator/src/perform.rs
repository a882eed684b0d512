//! Carrying out one step through the door of casework.

use std::sync::Arc;
use std::time::Duration;

use casework::case::{Case, CaseFact, CaseId, Sample};
use casework::{ActRefusal, Casework};
use journal::{Answer, JournalError, Key, Positions, Submission, SubmitError, tail};
use kernel::{Chance, Digest, Refusal};

use crate::life::{Act, Life, Step};
use crate::run::Keys;

/// How a step ended.
pub(crate) enum Performed {
    /// With the case as it now stands, none where nothing more can follow; and with its group's head, where that changed.
    Done {
        case: Option<Box<Case>>,
        head: Option<Box<Case>>,
        positions: Positions,
    },
    Refused {
        reason: String,
    },
}

/// Why a step could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    #[error("{command} on case {number} was not carried out: {reason}")]
    Failed { command: &'static str, number: u64, reason: Arc<JournalError> },
    #[error("the journal is closed")]
    Closed,
    #[error("the key of {command} on case {number} belongs to another request")]
    KeyReused { command: &'static str, number: u64 },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Submits steps, with chance that belongs to the step alone.
#[derive(Clone)]
pub(crate) struct Performer {
    pub casework: Casework,
    pub seed: u64,
    pub keys: Keys,
    /// How often a step whose outcome is not known is tried again, with its key.
    pub tries: u32,
}

/// What one submission gave.
enum Sent {
    Opened { id: CaseId, over: bool, positions: Positions },
    Acted { case: Box<Case>, grouped: bool, positions: Positions },
    Replayed { positions: Positions },
    Refused(ActRefusal),
    Lost(Arc<JournalError>),
}

impl Performer {
    pub async fn perform(&self, life: &Life, step: &Step) -> Result<Performed, PerformError> {
        let told = &life.told[step.of];
        let mut attempt = 0;
        let sent = loop {
            match self.send(life, step).await? {
                Sent::Lost(reason) if attempt >= self.tries => {
                    return Err(PerformError::Failed { command: step.act.name(), number: told.number, reason });
                }
                Sent::Lost(_) => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_millis(20 << attempt.min(6))).await;
                }
                sent => break sent,
            }
        };
        match sent {
            Sent::Opened { over: true, positions, .. } => Ok(Performed::Done { case: None, head: None, positions }),
            Sent::Opened { id, positions, .. } => {
                let case = self.casework.case(id).await?.map(Box::new);
                Ok(Performed::Done { case, head: None, positions })
            }
            Sent::Acted { case, grouped, positions } => {
                let head = match (&life.told[0].case, grouped) {
                    (Some(head), true) => self.casework.case(head.id).await?.map(Box::new),
                    _ => None,
                };
                Ok(Performed::Done { case: Some(case), head, positions })
            }
            Sent::Replayed { positions } => {
                let settled = matches!(step.act, Act::Settle(_));
                let case = self.replayed(told.case.as_deref(), positions).await?;
                let case = case.filter(|case| !settled || case.sample == Sample::Drawn);
                let head = match &life.told[0].case {
                    Some(head) if step.of > 0 => self.replayed(Some(head), positions).await?,
                    _ => None,
                };
                Ok(Performed::Done { case, head, positions })
            }
            Sent::Refused(reason) => Ok(Performed::Refused { reason: Refusal::from(&reason).code.to_owned() }),
            Sent::Lost(_) => Err(PerformError::Closed),
        }
    }

    async fn send(&self, life: &Life, step: &Step) -> Result<Sent, PerformError> {
        let told = &life.told[step.of];
        let submission = self.submission(told.number, told.steps, step);
        let (caller, claimed_at) = (step.caller.clone(), step.claimed_at);
        let failed = |error: SubmitError<ActRefusal>| match error {
            SubmitError::Refused(reason) => Ok(Sent::Refused(reason)),
            SubmitError::Failed(reason) | SubmitError::Unknown(reason) => Ok(Sent::Lost(reason)),
            SubmitError::KeyReused => Err(PerformError::KeyReused { command: step.act.name(), number: told.number }),
            SubmitError::Closed => Err(PerformError::Closed),
        };
        let opened = match &step.act {
            Act::Register(register) => {
                self.casework.register(caller, claimed_at, (**register).clone(), submission).await
            }
            Act::Settle(settle) => self.casework.settle(caller, claimed_at, (**settle).clone(), submission).await,
            Act::Command(command) => {
                let Some(case) = &told.case else { return Err(PerformError::Closed) };
                let acted = self.casework.act(caller, claimed_at, case.id, None, command.clone(), submission).await;
                return match acted {
                    Ok(Answer::Done { output, positions }) => {
                        let grouped = positions.count as usize > output.facts;
                        Ok(Sent::Acted { case: output.case, grouped, positions })
                    }
                    Ok(Answer::Replayed { positions }) => Ok(Sent::Replayed { positions }),
                    Err(error) => failed(error),
                };
            }
        };
        match opened {
            Ok(Answer::Done { output, positions }) => {
                let over = matches!(step.act, Act::Settle(_)) && !output.sampled;
                Ok(Sent::Opened { id: output.id, over, positions })
            }
            Ok(Answer::Replayed { positions }) => Ok(Sent::Replayed { positions }),
            Err(error) => failed(error),
        }
    }

    /// Instant, chance and key of a step: they follow from the seed, the case and the step, never from the order of arrival.
    fn submission(&self, number: u64, nth: u32, step: &Step) -> Submission {
        let name = step.act.name();
        let label = format!("step/{number}/{nth}");
        let intake = !matches!(step.act, Act::Command(_));
        let wanted = match self.keys {
            Keys::All => true,
            Keys::Intake => intake,
        };
        let key = wanted.then(|| Key {
            scope: format!("simulator/{} {name}", self.seed),
            key: format!("{number}/{nth}"),
            fingerprint: Digest::of(&[label.as_bytes(), name.as_bytes(), &step.at.micros().to_be_bytes()]),
        });
        Submission { at: step.at, chance: Chance::seeded(self.seed, &label), key }
    }

    /// The case as the facts of an earlier run left it after this step.
    async fn replayed(&self, before: Option<&Case>, positions: Positions) -> Result<Option<Box<Case>>, JournalError> {
        let facts = tail::after(&mut self.casework.journal().db(), positions.first - 1, positions.count).await?;
        let mut case = before.cloned();
        for fact in facts {
            let Some(id) = fact.stream.strip_prefix("case/").and_then(|id| id.parse::<CaseId>().ok()) else { continue };
            let read: CaseFact = fact.read()?;
            match &mut case {
                Some(case) if case.id == id => case.apply(&read),
                Some(_) => {}
                None => case = Case::open(id, &read),
            }
        }
        Ok(case.map(Box::new))
    }
}
