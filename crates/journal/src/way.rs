//! What can happen to a command on its way to the writer: it comes twice, once more when others have long been carried out, or
//! after others that were sent later; and the clock that says when it came may jump.
//!
//! For the simulator's faults. A journal without a way asks one question of an option.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use kernel::{Chance, Instant};

use crate::command::{Answer, Command, Positions, Submission};
use crate::error::{JournalError, SubmitError};
use crate::writer::{Journal, Reply};

/// Deliveries that are brought again wait until so many wait.
const WAITING: usize = 16;

type Clock = Box<dyn Fn(Instant) -> Instant + Send + Sync>;
type Watcher = Box<dyn Fn(&JournalError) + Send + Sync>;

/// How commands travel.
#[derive(Default)]
pub struct Way {
    /// Repeats and reorders deliveries that have a key, by chance drawn from this seed and the key.
    seed: Option<u64>,
    clock: Option<Clock>,
    watcher: Option<Watcher>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counts: BTreeMap<&'static str, u64>,
    wrong: Vec<String>,
    waiting: Vec<Waiting>,
}

/// A delivery that was acknowledged, to be brought again.
struct Waiting {
    name: String,
    positions: Positions,
    again: Box<dyn FnOnce() -> BoxFuture<'static, Option<Positions>> + Send>,
}

impl Way {
    /// Deliveries with a key come twice, together with themselves, again much later, or late: about half of them.
    pub fn repeating(seed: u64) -> Way {
        Way { seed: Some(seed), ..Way::default() }
    }

    /// Every command comes when `clock` says, which is told when it should have come.
    pub fn under_clock(clock: impl Fn(Instant) -> Instant + Send + Sync + 'static) -> Way {
        Way { clock: Some(Box::new(clock)), ..Way::default() }
    }

    /// `watch` is told why a command was not carried out, where that was no rule.
    pub fn watched(watch: impl Fn(&JournalError) + Send + Sync + 'static) -> Way {
        Way { watcher: Some(Box::new(watch)), ..Way::default() }
    }

    /// How often each thing happened.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.state().counts.clone()
    }

    /// Deliveries that were done twice, or answered otherwise than the first time.
    pub fn wrong(&self) -> Vec<String> {
        self.state().wrong.clone()
    }

    /// Brings everything that waits, the last one first.
    pub async fn settle(&self) {
        loop {
            let Some(waiting) = self.state().waiting.pop() else { return };
            self.bring(waiting).await;
        }
    }

    pub(crate) async fn deliver<C: Command>(
        &self,
        journal: &Journal,
        command: Arc<C>,
        mut submission: Submission,
    ) -> Reply<C> {
        if let Some(clock) = &self.clock {
            submission.at = clock(submission.at);
        }
        let reply = match (self.seed, &submission.key) {
            (Some(seed), Some(key)) => {
                let name = format!("{} {}", key.scope, key.key);
                self.repeat(journal, command, submission, seed, &name).await
            }
            _ => journal.send(command, submission).await,
        };
        if let (Some(watch), Err(SubmitError::Failed(error) | SubmitError::Unknown(error))) = (&self.watcher, &reply) {
            watch(error);
        }
        reply
    }

    async fn repeat<C: Command>(
        &self,
        journal: &Journal,
        command: Arc<C>,
        submission: Submission,
        seed: u64,
        name: &str,
    ) -> Reply<C> {
        let mut chance = Chance::seeded(seed, &format!("delivery/{name}"));
        let send = || journal.send(command.clone(), submission.clone());
        let reply = match chance.below(8) {
            0 => {
                let first = send().await;
                if let Ok(answer) = &first {
                    let again = positions_if_replayed(&send().await);
                    self.judge("twice", name, answer.positions(), again);
                }
                first
            }
            1 => {
                let (one, other) = futures::future::join(send(), send()).await;
                let is_done = |reply: &Reply<C>| matches!(reply, Ok(Answer::Done { .. }));
                let (first, second) = if is_done(&other) && !is_done(&one) { (other, one) } else { (one, other) };
                if let Ok(answer) = &first {
                    self.judge("together", name, answer.positions(), positions_if_replayed(&second));
                }
                first
            }
            2 => {
                tokio::time::sleep(Duration::from_millis(1 + chance.below(8))).await;
                self.count("overtaken");
                send().await
            }
            3 => {
                let first = send().await;
                if let Ok(answer) = &first {
                    let (journal, positions) = (journal.on(None), answer.positions());
                    let (command, submission) = (command.clone(), submission.clone());
                    let again = move || -> BoxFuture<'static, Option<Positions>> {
                        Box::pin(async move { positions_if_replayed(&journal.send(command, submission).await) })
                    };
                    self.state().waiting.push(Waiting { name: name.to_owned(), positions, again: Box::new(again) });
                }
                first
            }
            _ => send().await,
        };
        let late = {
            let mut state = self.state();
            let place = chance.below(state.waiting.len().max(1) as u64) as usize;
            (state.waiting.len() > WAITING).then(|| state.waiting.swap_remove(place))
        };
        if let Some(late) = late {
            self.bring(late).await;
        }
        reply
    }

    async fn bring(&self, waiting: Waiting) {
        let Waiting { name, positions, again } = waiting;
        self.judge("late", &name, positions, again().await);
    }

    fn judge(&self, what: &'static str, name: &str, expected: Positions, found: Option<Positions>) {
        self.count(what);
        if found != Some(expected) {
            let wrong = format!("{name}, delivered {what}: {found:?} instead of {expected:?}");
            self.state().wrong.push(wrong);
        }
    }

    fn count(&self, what: &'static str) {
        *self.state().counts.entry(what).or_default() += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Where the facts of an earlier delivery stand, if that is the answer.
fn positions_if_replayed<T, R>(reply: &Result<Answer<T>, SubmitError<R>>) -> Option<Positions> {
    match reply {
        Ok(Answer::Replayed { positions }) => Some(*positions),
        _ => None,
    }
}
