//! The timekeeper: acts on every clock that is due, in due order, and effective when it was due (PRACTICE 11, 16, 17).
//!
//! It looks only at what is due: one index holds the instants at which something has to be looked at. Each act is decided
//! anew in the writer's transaction, so two nodes never act twice; after days without it, it catches up in order.

use std::sync::Arc;

use futures::future::join_all;
use journal::{JournalError, Submission, SubmitError, tail};
use kernel::{Chance, Instant};
use store::{Read, sql};

use super::outages::{self, NoteApplied};
use super::proposals::{Consider, Considered, causes};
use super::{Watch, WatchRefusal};
use crate::ActRefusal;
use crate::call::{self, CallClock};
use crate::card::{self, CardClock};
use crate::case::{self, Caller, ClockKey, Hand, TIMEKEEPER};
use crate::outage::Outage;

/// How many clocks are claimed at a time, and how many facts are read.
const BATCH: i64 = 256;
/// Name of the reader that proposes cards.
const READER: &str = "cards";

/// What one round of the timekeeper did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    pub reminders: u64,
    pub lapses: u64,
    /// Suspensions that ended, calls that passed, rings, limits of cards that ran out.
    pub turns: u64,
    pub proposed: u64,
    pub voided: u64,
    /// Outages applied.
    pub outages: u64,
    /// What another had done before, or what was not due after all.
    pub passed_over: u64,
}

impl Watched {
    /// Whether anything was done.
    pub fn is_idle(&self) -> bool {
        Watched { passed_over: 0, ..*self } == Watched::default()
    }

    fn add(&mut self, other: Watched) {
        self.reminders += other.reminders;
        self.lapses += other.lapses;
        self.turns += other.turns;
        self.proposed += other.proposed;
        self.voided += other.voided;
        self.outages += other.outages;
        self.passed_over += other.passed_over;
    }
}

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

#[derive(Clone, Copy)]
enum Sort {
    Reminder,
    Lapse,
    Turn,
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
            done.add(round);
            if round.is_idle() {
                return Ok(done);
            }
        }
    }

    /// Looks at every clock whose instant has come, once.
    async fn turn_clocks(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut done = Watched::default();
        let mut after = (i64::MIN, String::new(), String::new());
        loop {
            let rows = self.due(now, &after).await?;
            let Some(last) = rows.last() else { return Ok(done) };
            after = (last.wake_at, last.owner.clone(), last.key.clone());
            // Sent in due order; the writer decides them one after another in that order.
            let acts = rows.iter().filter_map(|row| act_on(row, now).map(|(sort, act)| (row, sort, act)));
            let acts = acts.map(|(row, sort, act)| async move { (sort, self.submit(row, act, now).await) });
            for (sort, outcome) in join_all(acts).await {
                match (outcome?, sort) {
                    (false, _) => done.passed_over += 1,
                    (true, Sort::Reminder) => done.reminders += 1,
                    (true, Sort::Lapse) => done.lapses += 1,
                    (true, Sort::Turn) => done.turns += 1,
                }
            }
        }
    }

    async fn due(&self, now: Instant, after: &(i64, String, String)) -> Result<Vec<Row>, TimeError> {
        let select = "select owner, key, due_at, wake_at from clock where wake_at < $1 \
             and (wake_at, owner, key) > ($2, $3, $4) order by wake_at, owner, key limit $5";
        let select = sql(select).bind(now.micros()).bind(after.0).bind(&after.1).bind(&after.2).bind(BATCH);
        let rows: Vec<(String, String, i64, i64)> =
            self.casework.journal().db().all(select).await.map_err(JournalError::from)?;
        let row = |(owner, key, due, wake_at)| Row { owner, key, due_at: Instant::from_micros(due), wake_at };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Whether the act was carried out; false where it was not due any more.
    async fn submit(&self, row: &Row, act: Act, now: Instant) -> Result<bool, TimeError> {
        let submission = submission(now, &format!("{}/{}@{}", row.owner, row.key, row.wake_at));
        match act {
            Act::Case(id, command) => {
                let answer = self.casework.act(timekeeper(), None, id, None, command, submission).await;
                settled(answer.map(|_| ()), |why| matches!(why, ActRefusal::NotFound | ActRefusal::Case(_)))
            }
            Act::Call(id, command) => {
                let answer = self.act_on_call(timekeeper(), None, id, None, command, submission).await;
                settled(answer.map(|_| ()), |_: &WatchRefusal| true)
            }
            Act::Card(id, command) => {
                let answer = self.act_on_card(timekeeper(), None, id, None, command, submission).await;
                settled(answer.map(|_| ()), |_: &WatchRefusal| true)
            }
        }
    }

    /// Proposes, and takes back, the cards that facts since the last time earn.
    async fn follow_facts(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut done = Watched::default();
        let mut db = self.casework.journal().db();
        let kept = tail::reader_position(&mut db, READER).await?;
        let mut position = kept;
        loop {
            let facts = tail::after(&mut db, position, BATCH).await?;
            let Some(last) = facts.last() else { break };
            position = last.position;
            let mut considered = Vec::new();
            for cause in facts.iter().map(causes).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
                let label = format!("{}/{}:{:?}", cause.fact.stream, cause.fact.version, cause.what);
                let consider = Consider { cause, caller: timekeeper(), watch: self.clone() };
                considered.push(self.casework.journal().submit(consider, submission(now, &label)));
            }
            for outcome in join_all(considered).await {
                match outcome {
                    Ok(journal::Answer::Done { output: Considered::Proposed, .. }) => done.proposed += 1,
                    Ok(journal::Answer::Done { output: Considered::Voided, .. }) => done.voided += 1,
                    other => drop(settled(other.map(|_| ()), |_: &WatchRefusal| true)?),
                }
            }
        }
        if position != kept {
            let mut tx = db.begin().await.map_err(JournalError::from)?;
            tail::keep_reader_position(&mut tx, READER, position).await?;
            tx.commit().await.map_err(JournalError::from)?;
        }
        Ok(done)
    }

    /// Leaves every outage that is declared and not applied yet out of the clocks that ran in it.
    async fn apply_outages(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut done = Watched::default();
        for outage in outages::all(&mut self.casework.journal().db()).await? {
            if outage.applied_at.is_none() {
                self.apply(&outage, now).await?;
                let note = NoteApplied { caller: timekeeper(), outage: outage.id, watch: self.clone() };
                let answer =
                    self.casework.journal().submit(note, submission(now, &format!("outage/{}", outage.id))).await;
                done.outages += u64::from(settled(answer.map(|_| ()), |_: &WatchRefusal| true)?);
            }
        }
        Ok(done)
    }

    async fn apply(&self, outage: &Outage, now: Instant) -> Result<(), TimeError> {
        let (from, until) = (outage.from, outage.until);
        for (table, began, ended) in [("case_file", "opened_at", "closed_at"), ("call_file", "raised_at", "null")] {
            let mut after = String::new();
            loop {
                let text = format!(
                    "select id from {table} where id > $1 and {began} < $2 and coalesce({ended}, $2) > $3 order by id limit $4"
                );
                let select =
                    store::Sql::composed(text).bind(&after).bind(until.micros()).bind(from.micros()).bind(BATCH);
                let ids: Vec<(String,)> = self.casework.journal().db().all(select).await.map_err(JournalError::from)?;
                let Some((last,)) = ids.last() else { break };
                after = last.clone();
                let acts = ids.iter().filter_map(|(id,)| exclude(table, id, from, until).map(|act| (id, act)));
                let acts = acts.map(|(id, act)| async move {
                    let owner = format!("{table}/{id}/{}", outage.id);
                    let row = Row { owner, key: String::new(), due_at: until, wake_at: 0 };
                    self.submit(&row, act, now).await
                });
                join_all(acts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            }
        }
        Ok(())
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

fn exclude(table: &str, id: &str, from: Instant, until: Instant) -> Option<Act> {
    if table == "call_file" {
        let exclude = call::ExcludeOutage { from, until };
        return Some(Act::Call(id.parse().ok()?, call::Command::ExcludeOutage(exclude)));
    }
    Some(Act::Case(id.parse().ok()?, case::Command::ExcludeOutage(case::ExcludeOutage { from, until })))
}

fn timekeeper() -> Caller {
    Caller::new(Hand::System { name: TIMEKEEPER.to_owned() }, [])
}

/// Nothing secret is drawn for the timekeeper's acts: the chance comes from what it acts on, the same on every node.
fn submission(at: Instant, label: &str) -> Submission {
    Submission { at, chance: Chance::seeded(0, label), key: None }
}

/// True where it was carried out, false where it was refused for a reason that is no failure.
fn settled<R>(answer: Result<(), SubmitError<R>>, harmless: impl Fn(&R) -> bool) -> Result<bool, TimeError> {
    match answer {
        Ok(()) => Ok(true),
        Err(SubmitError::Refused(why)) if harmless(&why) => Ok(false),
        Err(SubmitError::Refused(_) | SubmitError::KeyReused) => Ok(false),
        Err(SubmitError::Failed(error) | SubmitError::Unknown(error)) => Err(TimeError::Act(error)),
        Err(SubmitError::Closed) => Err(TimeError::Closed),
    }
}
