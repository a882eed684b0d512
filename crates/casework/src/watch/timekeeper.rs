//! The timekeeper: acts on every clock that is due, in due order, and effective when it was due (PRACTICE 11, 16, 17).
//!
//! It looks only at what is due: one index holds the instants at which something has to be looked at. Each act is decided
//! anew in the writer's transaction, so two nodes never act twice; after days without it, it catches up in order.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use futures::future::join_all;
use journal::{Answer, JournalError, Submission, SubmitError, tail};
use kernel::{Chance, Instant};
use store::{Read, sql};

use super::Watch;
use super::proposals::{Cause, Consider, Considered, causes};
use super::rows::Kept;
use super::watched::{Name, Sort, Watched};
use crate::call::{self, Call, CallClock};
use crate::card::{self, Card, CardClock};
use crate::case::{self, Caller, Case, ClockKey, Hand, TIMEKEEPER, Timer};
use crate::store::stream_of;

/// How many clocks are claimed at a time, and how many facts are read.
pub(super) const BATCH: i64 = 256;
/// How many facts are followed at a time for the cards they earn.
const STRETCH: i64 = 65_536;
/// Name of the reader that proposes cards.
const READER: &str = "cards";

/// Why the timekeeper stopped; what it had done stands.
#[derive(Debug, thiserror::Error)]
pub enum TimeError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("an act of the timekeeper was not kept: {0}")]
    Act(Arc<JournalError>),
    #[error("the journal is closed")]
    Closed,
}

/// A clock that has to be looked at.
#[derive(Clone, Debug)]
struct Row {
    owner: String,
    key: String,
    due_at: Instant,
    wake_at: i64,
}

/// What is to be done about it.
enum Act {
    Case(case::CaseId, case::Command),
    Call(call::CallId, call::Command),
    Card(card::CardId, card::Command),
}

/// What a clock belongs to, after an act of the timekeeper.
#[derive(Clone, Debug)]
pub enum Owner {
    Case(Arc<Case>),
    Call(Box<Call>),
    Card(Box<Card>),
}

impl Owner {
    pub fn stream(&self) -> String {
        match self {
            Owner::Case(case) => stream_of(case),
            Owner::Call(call) => Kept::stream(&**call),
            Owner::Card(card) => Kept::stream(&**card),
        }
    }

    /// Its clocks that have to be looked at some time, as the table has them.
    fn rows(&self) -> Vec<Row> {
        let stream = self.stream();
        let row = |(key, timer): (String, &Timer)| {
            let (owner, due_at) = (stream.clone(), timer.due_at());
            timer.wake_at().map(|wake| Row { owner, key, due_at, wake_at: wake.micros() })
        };
        match self {
            Owner::Case(case) => {
                case.clocks.iter().map(|(key, timer)| (key.to_string(), timer)).filter_map(row).collect()
            }
            Owner::Call(call) => Kept::clocks(&**call).into_iter().filter_map(row).collect(),
            Owner::Card(card) => Kept::clocks(&**card).into_iter().filter_map(row).collect(),
        }
    }
}

/// An act that was carried out.
struct Done {
    owner: Owner,
    facts: i64,
}

impl Watch {
    /// Does everything that is due at `now`: outages declared meanwhile first, then clocks in due order, then the cards
    /// that follow; again until nothing is left.
    pub async fn keep_time(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut done = Watched::default();
        loop {
            let mut round = self.apply_outages(now).await?;
            round.add(self.turn_clocks(now).await?);
            round.add(self.follow_facts(now).await?);
            let idle = round.is_idle();
            done.add(round);
            if idle {
                return Ok(done);
            }
        }
    }

    /// Looks once, in due order, at the clocks of one case, call or card that are due at `now`, for who has it at hand as it
    /// stands. Gives it as it then stands, where anything was done.
    pub async fn keep_time_of(&self, owner: &Owner, now: Instant) -> Result<(Watched, Option<Owner>), TimeError> {
        let mut rows = owner.rows();
        rows.retain(|row| row.wake_at < now.micros());
        rows.sort_by(|one, other| (one.wake_at, &one.key).cmp(&(other.wake_at, &other.key)));
        let (mut watched, mut left) = (Watched::default(), None);
        for row in &rows {
            let Some((sort, act)) = act_on(row, now) else { continue };
            let command = act.command();
            match self.submit(row, act, now).await? {
                Some(done) => {
                    watched.act(sort, command, &row.owner, done.facts);
                    left = Some(done.owner);
                }
                None => watched.passed_over += 1,
            }
        }
        Ok((watched, left))
    }

    /// Looks at every clock whose instant has come, once.
    async fn turn_clocks(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut watched = Watched::default();
        let mut after = (i64::MIN, String::new(), String::new());
        loop {
            let rows = self.due(now, &after).await?;
            let Some(last) = rows.last() else { return Ok(watched) };
            after = (last.wake_at, last.owner.clone(), last.key.clone());
            // Sent in due order; the writer decides them one after another in that order.
            let acts = rows.iter().filter_map(|row| act_on(row, now).map(|(sort, act)| (row, sort, act)));
            let acts = acts.map(|(row, sort, act)| {
                let command = act.command();
                (&row.owner, async move { (row, sort, command, self.submit(row, act, now).await) })
            });
            for (row, sort, command, outcome) in in_turn(acts, |(.., outcome)| outcome.is_err()).await {
                match outcome? {
                    Some(done) => watched.act(sort, command, &row.owner, done.facts),
                    None => watched.passed_over += 1,
                }
            }
        }
    }

    async fn due(&self, now: Instant, after: &(i64, String, String)) -> Result<Vec<Row>, TimeError> {
        let select = "select owner, key, due_at, wake_at from clock where wake_at < $1 \
             and (wake_at, owner, key) > ($2, $3, $4) order by wake_at, owner, key limit $5";
        let select = sql(select).bind(now.micros()).bind(after.0).bind(&after.1).bind(&after.2).bind(BATCH);
        self.rows(select).await
    }

    async fn rows(&self, select: store::Sql) -> Result<Vec<Row>, TimeError> {
        let rows: Vec<(String, String, i64, i64)> =
            self.casework.journal().db().all(select).await.map_err(JournalError::from)?;
        let row = |(owner, key, due, wake_at)| Row { owner, key, due_at: Instant::from_micros(due), wake_at };
        Ok(rows.into_iter().map(row).collect())
    }

    /// What the act left, where it was carried out; none where it was not due any more.
    async fn submit(&self, row: &Row, act: Act, now: Instant) -> Result<Option<Done>, TimeError> {
        let submission = submission(now, &format!("{}/{}@{}", row.owner, row.key, row.wake_at));
        let done = |(owner, facts): (Owner, i64)| Done { owner, facts };
        let carried_out = match act {
            Act::Case(id, command) => {
                let answer = self.casework.act(timekeeper(), None, id, None, command, submission).await;
                let acted = settled(answer)?;
                acted.map(|(acted, facts)| (Owner::Case(acted.case), facts))
            }
            Act::Call(id, command) => {
                let answer = self.act_on_call(timekeeper(), None, id, None, command, submission).await;
                settled(answer)?.map(|(call, facts)| (Owner::Call(Box::new(call)), facts))
            }
            Act::Card(id, command) => {
                let answer = self.act_on_card(timekeeper(), None, id, None, command, submission).await;
                settled(answer)?.map(|(card, facts)| (Owner::Card(Box::new(card)), facts))
            }
        };
        Ok(carried_out.map(done))
    }

    /// Proposes, and takes back, the cards that facts since the last time earn.
    async fn follow_facts(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut watched = Watched::default();
        let mut db = self.casework.journal().db();
        let mut kept = tail::reader_position(&mut db, READER).await?;
        loop {
            let (position, causes) = self.causes_after(kept, now, &mut watched).await?;
            if position == kept {
                return Ok(watched);
            }
            self.consider(causes, now, &mut watched).await?;
            let mut tx = db.begin().await.map_err(JournalError::from)?;
            tail::keep_reader_position(&mut tx, READER, position).await?;
            tx.commit().await.map_err(JournalError::from)?;
            kept = position;
        }
    }

    /// The causes in the next facts after `position`, at most [`STRETCH`] of them, and the position of the last. What frees
    /// a clock comes first: so which card stands when another is considered does not depend on the order in which facts of
    /// different streams were committed.
    async fn causes_after(
        &self,
        position: i64,
        now: Instant,
        watched: &mut Watched,
    ) -> Result<(i64, Vec<Cause>), TimeError> {
        let mut db = self.casework.journal().db();
        let (mut last, mut found) = (position, Vec::new());
        while last - position < STRETCH {
            let facts = tail::after(&mut db, last, BATCH).await?;
            let Some(newest) = facts.last() else { break };
            last = newest.position;
            self.exclude_from_late(&facts, now, watched).await?;
            for fact in &facts {
                found.extend(causes(fact)?.into_iter().filter(|cause| cause.is_worth_a_look(&self.profile.cards)));
            }
        }
        found.sort_by_key(|cause| !cause.frees());
        Ok((last, found))
    }

    async fn consider(&self, causes: Vec<Cause>, now: Instant, watched: &mut Watched) -> Result<(), TimeError> {
        let mut causes = causes.into_iter().peekable();
        while let Some(first) = causes.peek() {
            // All that free before any that earn, also where others wait in the queue between them.
            let frees = first.frees();
            let next = std::iter::from_fn(|| causes.next_if(|cause| cause.frees() == frees)).take(BATCH as usize);
            let submitted = next.map(|cause| {
                let label = format!("{}/{}:{:?}", cause.fact.stream, cause.fact.version, cause.what);
                let stream = cause.fact.stream.clone();
                let consider = Consider { cause, caller: timekeeper(), watch: self.clone() };
                (stream, self.casework.journal().submit(consider, submission(now, &label)))
            });
            for outcome in in_turn(submitted.collect::<Vec<_>>(), Result::is_err).await {
                match settled(outcome)? {
                    Some((Considered::Proposed(card), facts)) => watched.proposed_card(card, facts),
                    Some((Considered::Voided { cards, cases }, facts)) => watched.voided_cards(&cards, &cases, facts),
                    Some((Considered::Nothing, _)) | None => {}
                }
            }
        }
        Ok(())
    }
}

/// Does what there is to do with one stream in its order, and nothing more with it once something failed: what comes later must
/// not overtake what is tried again. Different streams go side by side, begun in the order given.
async fn in_turn<K: Eq + Hash, F: Future>(
    acts: impl IntoIterator<Item = (K, F)>,
    failed: impl Fn(&F::Output) -> bool,
) -> Vec<F::Output> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut streams: Vec<Vec<F>> = Vec::new();
    for (key, act) in acts {
        let place = *places.entry(key).or_insert(streams.len());
        match streams.get_mut(place) {
            Some(stream) => stream.push(act),
            None => streams.push(vec![act]),
        }
    }
    let failed = &failed;
    let one = |acts: Vec<F>| async move {
        let mut done = Vec::with_capacity(acts.len());
        for act in acts {
            done.push(act.await);
            if done.last().is_some_and(failed) {
                break;
            }
        }
        done
    };
    join_all(streams.into_iter().map(one)).await.into_iter().flatten().collect()
}

impl Act {
    fn command(&self) -> Name {
        match self {
            Act::Case(_, command) => ("case", command.name()),
            Act::Call(_, command) => ("call", command.name()),
            Act::Card(_, command) => ("card", command.name()),
        }
    }
}

/// What a clock that has come due asks for; nothing where its owner is of no kind known here.
fn act_on(row: &Row, now: Instant) -> Option<(Sort, Act)> {
    let (kind, id) = row.owner.split_once('/')?;
    let over = row.due_at < now;
    match kind {
        "case" => {
            let (id, clock) = (id.parse().ok()?, row.key.parse::<ClockKey>().ok()?);
            let (sort, command) = if over {
                let sort = if matches!(clock, ClockKey::Suspension(_)) { Sort::Turn } else { Sort::Lapse };
                (sort, case::Command::Lapse(case::Lapse { clock }))
            } else {
                let remind = case::Remind { assignment: clock.assignment(), clock: Some(clock), words: None };
                (Sort::Reminder, case::Command::Remind(remind))
            };
            Some((sort, Act::Case(id, command)))
        }
        "call" => {
            let (id, clock) = (id.parse().ok()?, row.key.parse::<CallClock>().ok()?);
            let (sort, command) = match clock {
                CallClock::Objection => (Sort::Turn, call::Command::Pass(call::Pass {})),
                CallClock::Ring(summons) => (Sort::Turn, call::Command::Ring(call::Ring { summons })),
                _ if over => (Sort::Lapse, call::Command::Lapse(call::Lapse { clock })),
                _ => (Sort::Reminder, call::Command::Remind(call::Remind { clock })),
            };
            Some((sort, Act::Call(id, command)))
        }
        "card" => {
            let clock = CardClock::ALL.into_iter().find(|clock| clock.name() == row.key)?;
            Some((Sort::Turn, Act::Card(id.parse().ok()?, card::Command::RunOut(card::RunOut { clock }))))
        }
        _ => None,
    }
}

pub(super) fn timekeeper() -> Caller {
    Caller::new(Hand::System { name: TIMEKEEPER.to_owned() }, [])
}

/// Nothing secret is drawn for the timekeeper's acts: the chance comes from what it acts on, the same on every node.
pub(super) fn submission(at: Instant, label: &str) -> Submission {
    Submission { at, chance: Chance::seeded(0, label), key: None }
}

/// What came of it and how many facts, where it was carried out; none where it was refused for a reason that is no failure.
pub(super) fn settled<T, R>(answer: Result<Answer<T>, SubmitError<R>>) -> Result<Option<(T, i64)>, TimeError> {
    match answer {
        Ok(Answer::Done { output, positions }) => Ok(Some((output, positions.count))),
        // No act of the timekeeper has a key: it is done once because it is decided anew.
        Ok(Answer::Replayed { .. }) | Err(SubmitError::Refused(_) | SubmitError::KeyReused) => Ok(None),
        Err(SubmitError::Failed(error) | SubmitError::Unknown(error)) => Err(TimeError::Act(error)),
        Err(SubmitError::Closed) => Err(TimeError::Closed),
    }
}
