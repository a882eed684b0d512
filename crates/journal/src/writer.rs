//! The one writer of a node: it groups waiting commands into one transaction.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use store::{Db, Wake};
use tokio::sync::{mpsc, oneshot};

use crate::command::{Answer, Command, Declined, Positions, Submission};
use crate::error::{JournalError, SubmitError};
use crate::unit::{Known, Unit};
use crate::way::Way;
use crate::{Ahead, MasterKey, Sealer};

/// The journal of a district, open for commands. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    db: Db,
    sealer: Sealer,
    wake: Wake,
    queue: mpsc::Sender<Box<dyn Job>>,
    way: Option<Arc<Way>>,
}

#[derive(Clone, Copy, Debug)]
pub struct WriterOptions {
    /// At most so many commands share a transaction.
    pub group: usize,
    /// At most so many commands wait; more callers wait to be let in.
    pub queue: usize,
}

impl Default for WriterOptions {
    fn default() -> Self {
        WriterOptions { group: 256, queue: 1024 }
    }
}

/// How often a group looks in vain for one more command before it begins.
const PATIENCE: u32 = 32;

/// How often a command is decided again alone when others are in its way.
const TRIES: u32 = 8;

impl Journal {
    /// Starts the writer. The tables must be there. The writer ends when the last clone is dropped.
    pub fn start(db: Db, master: MasterKey, options: WriterOptions) -> Journal {
        let (queue, jobs) = mpsc::channel(options.queue.max(1));
        let wake = Wake::start(&db);
        let sealer = Sealer::new(master);
        let writer = Writer { db: db.clone(), sealer: sealer.clone(), wake: wake.clone(), group: options.group.max(1) };
        tokio::spawn(writer.run(jobs));
        Journal { db, sealer, wake, queue, way: None }
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    pub fn wake(&self) -> &Wake {
        &self.wake
    }

    /// The same journal, whose commands travel on `way`.
    pub fn on(&self, way: Option<Arc<Way>>) -> Journal {
        Journal { way, ..self.clone() }
    }

    /// Carries out `command` and answers once its facts are durable. Dropping the future cancels nothing.
    pub async fn submit<C: Command>(
        &self,
        command: C,
        submission: Submission,
    ) -> Result<Answer<C::Output>, SubmitError<C::Refusal>> {
        let command = Arc::new(command);
        match &self.way {
            Some(way) => way.deliver(self, command, submission).await,
            None => self.send(command, submission).await,
        }
    }

    pub(crate) async fn send<C: Command>(&self, command: Arc<C>, submission: Submission) -> Reply<C> {
        let (reply, answer) = oneshot::channel();
        let job = Pending { command, submission, outcome: None, reply: Some(reply) };
        self.queue.send(Box::new(job)).await.map_err(|_| SubmitError::Closed)?;
        answer.await.unwrap_or(Err(SubmitError::Closed))
    }
}

/// A command of any type on its way through the writer.
trait Job: Send {
    fn foresee(&self, ahead: &mut Ahead);
    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Result<(), JournalError>>;
    /// Answers the caller, the group being durable. `base` is the position before the group's first.
    fn acknowledge(self: Box<Self>, base: i64);
    fn fail(self: Box<Self>, error: Arc<JournalError>, unknown: bool);
}

/// What a caller gets.
pub(crate) type Reply<C> = Result<Answer<<C as Command>::Output>, SubmitError<<C as Command>::Refusal>>;

struct Pending<C: Command> {
    command: Arc<C>,
    submission: Submission,
    outcome: Option<Outcome<C>>,
    reply: Option<oneshot::Sender<Reply<C>>>,
}

enum Outcome<C: Command> {
    /// Positions count from the group's base.
    Done(C::Output, Positions),
    /// Positions are final where `shifted`, else they count from the group's base.
    Replayed {
        positions: Positions,
        shifted: bool,
    },
    Refused(SubmitError<C::Refusal>),
}

impl<C: Command> Pending<C> {
    async fn decide(&mut self, unit: &mut Unit) -> Result<Outcome<C>, JournalError> {
        unit.turn_to(self.submission.at, self.submission.chance.clone());
        if let Some(key) = &self.submission.key {
            match unit.known(key) {
                Some(Known::Before(positions)) => return Ok(Outcome::Replayed { positions, shifted: true }),
                Some(Known::InGroup(positions)) => return Ok(Outcome::Replayed { positions, shifted: false }),
                Some(Known::Reused) => return Ok(Outcome::Refused(SubmitError::KeyReused)),
                None => {}
            }
        }
        let (mark, writes) = (unit.appended(), unit.writes());
        match self.command.decide(unit).await {
            Ok(output) => {
                let count = (unit.appended() - mark) as i64;
                if let Some(key) = self.submission.key.clone() {
                    unit.note_key(key, mark);
                }
                Ok(Outcome::Done(output, Positions { first: mark as i64 + 1, count }))
            }
            Err(Declined::Refused(_)) if unit.appended() != mark || unit.writes() != writes => {
                Err(JournalError::WroteThenRefused)
            }
            Err(Declined::Refused(refusal)) => Ok(Outcome::Refused(SubmitError::Refused(refusal))),
            Err(Declined::Failed(error)) => Err(error),
        }
    }

    fn reply(&mut self, answer: Reply<C>) {
        if let Some(reply) = self.reply.take() {
            // A caller that has gone away cancels nothing.
            let _ = reply.send(answer);
        }
    }
}

impl<C: Command> Job for Pending<C> {
    fn foresee(&self, ahead: &mut Ahead) {
        if let Some(key) = &self.submission.key {
            ahead.keys.insert((key.scope.clone(), key.key.clone()));
        }
        self.command.foresee(ahead);
    }

    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            self.outcome = Some(self.decide(unit).await?);
            Ok(())
        })
    }

    fn acknowledge(mut self: Box<Self>, base: i64) {
        let shift = |positions: Positions| Positions { first: base + positions.first, ..positions };
        let answer = match self.outcome.take() {
            Some(Outcome::Done(output, positions)) => Ok(Answer::Done { output, positions: shift(positions) }),
            Some(Outcome::Replayed { positions, shifted: true }) => Ok(Answer::Replayed { positions }),
            Some(Outcome::Replayed { positions, shifted: false }) => {
                Ok(Answer::Replayed { positions: shift(positions) })
            }
            Some(Outcome::Refused(error)) => Err(error),
            None => Err(SubmitError::Closed),
        };
        self.reply(answer);
    }

    fn fail(mut self: Box<Self>, error: Arc<JournalError>, unknown: bool) {
        self.reply(Err(if unknown { SubmitError::Unknown(error) } else { SubmitError::Failed(error) }));
    }
}

struct Writer {
    db: Db,
    sealer: Sealer,
    wake: Wake,
    group: usize,
}

/// How a group ended when it did not commit.
enum Undone {
    /// Nothing was kept; deciding again is safe.
    RolledBack(JournalError),
    /// The connection broke while committing.
    Unknown(JournalError),
}

impl From<JournalError> for Undone {
    fn from(error: JournalError) -> Self {
        Undone::RolledBack(error)
    }
}

impl Writer {
    async fn run(self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut waiting = Vec::new();
        while jobs.recv_many(&mut waiting, self.group).await > 0 {
            self.gather(&mut jobs, &mut waiting).await;
            let mut group = std::mem::take(&mut waiting);
            match self.commit(&mut group).await {
                Ok(base) => self.acknowledge(group, base),
                Err(Undone::Unknown(error)) => fail(group, error, true),
                Err(Undone::RolledBack(error)) if group.len() == 1 => self.alone(group, Some(error)).await,
                Err(Undone::RolledBack(error)) => {
                    tracing::debug!(%error, commands = group.len(), "a group failed; deciding each alone");
                    for job in group {
                        self.alone(vec![job], None).await;
                    }
                }
            }
        }
    }

    /// Lets those in who come right behind: while they keep coming the group waits for them, for a few microseconds more
    /// it does not.
    async fn gather(&self, jobs: &mut mpsc::Receiver<Box<dyn Job>>, waiting: &mut Vec<Box<dyn Job>>) {
        let mut idle = 0;
        while idle < PATIENCE && waiting.len() < self.group {
            match jobs.try_recv() {
                Ok(job) => {
                    waiting.push(job);
                    idle = 0;
                }
                Err(_) => {
                    idle += 1;
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Decides one command by itself, again where others were in its way. `failed` is how its last try ended.
    async fn alone(&self, mut group: Vec<Box<dyn Job>>, mut failed: Option<JournalError>) {
        for attempt in 0..TRIES {
            if failed.as_ref().is_some_and(|error| !error.is_transient()) {
                break;
            }
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
            }
            match self.commit(&mut group).await {
                Ok(base) => return self.acknowledge(group, base),
                Err(Undone::Unknown(error)) => return fail(group, error, true),
                Err(Undone::RolledBack(error)) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            fail(group, error, false);
        }
    }

    async fn commit(&self, group: &mut [Box<dyn Job>]) -> Result<i64, Undone> {
        let started = std::time::Instant::now();
        let tx = self.db.begin().await.map_err(JournalError::from)?;
        let mut unit = Unit::new(tx, self.sealer.clone());
        let decided = self.decide_all(group, &mut unit).await;
        let base = match decided {
            Ok(Some(base)) => base,
            Ok(None) => {
                // Nothing but refusals and replays: there is nothing to make durable.
                let _ = unit.into_tx().rollback().await;
                return Ok(0);
            }
            Err(error) => {
                let _ = unit.into_tx().rollback().await;
                return Err(error.into());
            }
        };
        let facts = unit.sealed();
        match unit.into_tx().commit().await {
            Ok(()) => {
                metrics::counter!("huying_facts_total").increment(facts);
                metrics::histogram!("huying_group_commands").record(group.len() as f64);
                metrics::histogram!("huying_group_seconds").record(started.elapsed().as_secs_f64());
                Ok(base)
            }
            Err(error @ store::StoreError::Lost(_)) => Err(Undone::Unknown(error.into())),
            Err(store::StoreError::Planted(site)) if site == "after commit" => {
                Err(Undone::Unknown(store::StoreError::Planted(site).into()))
            }
            Err(error) => Err(Undone::RolledBack(error.into())),
        }
    }

    async fn decide_all(&self, group: &mut [Box<dyn Job>], unit: &mut Unit) -> Result<Option<i64>, JournalError> {
        let mut ahead = Ahead::default();
        group.iter().for_each(|job| job.foresee(&mut ahead));
        unit.look_ahead(ahead).await?;
        for job in group.iter_mut() {
            job.run(unit).await?;
        }
        if unit.is_untouched() {
            return Ok(None);
        }
        unit.seal_group().await.map(Some)
    }

    fn acknowledge(&self, group: Vec<Box<dyn Job>>, base: i64) {
        self.wake.ring();
        for job in group {
            job.acknowledge(base);
        }
    }
}

fn fail(group: Vec<Box<dyn Job>>, error: JournalError, unknown: bool) {
    tracing::warn!(%error, unknown, commands = group.len(), "commands were not carried out");
    let error = Arc::new(error);
    for job in group {
        job.fail(error.clone(), unknown);
    }
}
