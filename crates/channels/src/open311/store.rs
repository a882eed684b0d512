//! What the public may find: a reading of the journal, with where it has come to. It can be made anew from nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::Casework;
use casework::case::{Case, CaseEvent, CaseFact, CaseId};
use district::Profile;
use district::open311::{Open311, ServiceType};
use journal::{Fact, JournalError, tail};
use kernel::Instant;
use store::{Bind, Db, Read, Sql, Tx, Value, sql};

use super::query::Listed;

/// The name among the readers of the tail.
const READER: &str = "open311";
/// Facts taken at a time.
const STEP: i64 = 1_000;
/// Steps taken for a request that is waiting; the rest is left to who follows.
const STEPS: usize = 8;

/// Where cases can be found as the public may see them.
#[derive(Clone)]
pub struct Reading {
    casework: Casework,
    profile: Arc<Profile>,
}

/// A case found, and when it last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub case: CaseId,
    pub updated_at: Instant,
}

/// What a step of facts says of one case.
struct Touched {
    updated_at: i64,
    /// It was, at some moment, something that is never shown.
    hidden: bool,
}

impl Reading {
    pub fn new(casework: Casework, profile: Arc<Profile>) -> Reading {
        Reading { casework, profile }
    }

    /// Follows the journal for as long as the process runs; what fails is tried again.
    pub async fn follow(self) {
        let mut waiter = self.casework.journal().wake().waiter();
        loop {
            match self.step().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the public reading could not be brought up to date"),
            }
            waiter.wait().await;
        }
    }

    /// Takes in what was committed so far, or the greater part of a long way.
    pub async fn catch_up(&self) -> Result<(), JournalError> {
        for _ in 0..STEPS {
            if !self.step().await? {
                break;
            }
        }
        Ok(())
    }

    /// Takes in the next facts; false where there were none.
    async fn step(&self) -> Result<bool, JournalError> {
        let db = self.casework.journal().db();
        let position = tail::reader_position(&mut &*db, READER).await?;
        let facts = tail::after(&mut &*db, position, STEP).await?;
        let Some(last) = facts.last().map(|fact| fact.position) else { return Ok(false) };
        let touched = self.touched(&facts)?;
        let ids: Vec<CaseId> = touched.keys().copied().collect();
        let cases = self.casework.cases(&ids).await?;
        let rows = cases.iter().map(|case| self.row(case, &touched[&case.id])).collect();
        let mut tx = db.begin().await?;
        // Of two nodes one has been quicker; the other takes it from there.
        if tail::reader_position(&mut tx, READER).await? == position {
            put(&mut tx, rows).await?;
            tail::keep_reader_position(&mut tx, READER, last).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(true)
    }

    fn touched(&self, facts: &[Fact]) -> Result<BTreeMap<CaseId, Touched>, JournalError> {
        let mut touched: BTreeMap<CaseId, Touched> = BTreeMap::new();
        for fact in facts {
            let Some(id) = fact.stream.strip_prefix("case/").and_then(|id| id.parse().ok()) else { continue };
            let hidden = self.hides(fact)?;
            let one = touched.entry(id).or_insert(Touched { updated_at: 0, hidden: false });
            one.updated_at = one.updated_at.max(fact.at.micros());
            one.hidden |= hidden;
        }
        Ok(touched)
    }

    /// The case is confidential from here on, or is of a matter that is never shown: the reporter was told so, whatever the
    /// desk makes of it later.
    fn hides(&self, fact: &Fact) -> Result<bool, JournalError> {
        let matter = match fact.read::<CaseFact>()?.event {
            CaseEvent::Registered(registered) if registered.confidentiality.is_some() => return Ok(true),
            CaseEvent::Registered(registered) => registered.matter,
            CaseEvent::Accepted { matter, .. } | CaseEvent::Reclassified { matter, .. } => Some(matter),
            _ => None,
        };
        let offered = self.profile.open311.as_ref();
        Ok(matter.zip(offered).is_some_and(|(matter, offered)| offered.is_blackbox(&matter.code)))
    }

    fn row(&self, case: &Case, touched: &Touched) -> Vec<Value> {
        let channel = if case.channel == casework::case::Channel::Open311 { OPEN311 } else { "other" };
        vec![
            case.id.to_string().value(),
            case.number.as_str().value(),
            case.matter.as_ref().map(|matter| matter.code.clone()).value(),
            channel.value(),
            (!case.is_closed()).value(),
            (touched.hidden || case.confidentiality.is_some()).value(),
            case.opened_at.micros().value(),
            touched.updated_at.value(),
        ]
    }

    /// Those of these numbers that the public may see, in no order.
    pub async fn numbered(&self, offered: &Open311, numbers: &[String]) -> Result<Vec<Found>, JournalError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let mut condition = visible(offered);
        condition.one_of("number", numbers);
        self.find(condition, "").await
    }

    /// The number of a case by its token.
    pub async fn number_of(&self, offered: &Open311, token: CaseId) -> Result<Option<String>, JournalError> {
        let mut condition = visible(offered);
        condition.compare("case_id =", token.to_string());
        let Condition { text, values } = condition;
        let select = Sql::composed(format!("select number from open311_case c where {text}")).bind_all(values);
        let found: Option<(String,)> = (&mut self.db()).optional(select).await?;
        Ok(found.map(|(number,)| number))
    }

    /// The newest first; where it was asked by change, what changed first comes first, so that a caller can go on from the last.
    pub async fn listed(&self, offered: &Open311, listed: &Listed) -> Result<Vec<Found>, JournalError> {
        let mut condition = visible(offered);
        for (column, span) in [("opened_at", listed.opened), ("updated_at", listed.updated)] {
            if let Some((from, until)) = span {
                condition.compare(&format!("{column} >="), from);
                condition.compare(&format!("{column} <"), until);
            }
        }
        if let Some(open) = listed.open {
            condition.compare("open =", open);
        }
        if let Some(matters) = &listed.matters {
            condition.one_of("matter", matters);
        }
        let order = match listed.updated {
            Some(_) => "updated_at, case_id",
            None => "opened_at desc, case_id desc",
        };
        let limit = condition.place(listed.limit);
        let offset = condition.place(listed.offset);
        self.find(condition, &format!("order by {order} limit {limit} offset {offset}")).await
    }

    async fn find(&self, condition: Condition, tail: &str) -> Result<Vec<Found>, JournalError> {
        let Condition { text, values } = condition;
        let text = format!("select case_id, updated_at from open311_case c where {text} {tail}");
        let rows: Vec<(String, i64)> = (&mut self.db()).all(Sql::composed(text).bind_all(values)).await?;
        let found = rows
            .into_iter()
            .filter_map(|(id, at)| Some(Found { case: id.parse().ok()?, updated_at: Instant::from_micros(at) }));
        Ok(found.collect())
    }

    fn db(&self) -> &Db {
        self.casework.journal().db()
    }
}

/// Forgets the reading, in a transaction of the caller's: who follows makes it anew.
pub async fn forget(tx: &mut Tx) -> Result<(), JournalError> {
    tx.run(sql("delete from open311_case")).await?;
    tail::forget_reader(tx, READER).await
}

const OPEN311: &str = "open311";

async fn put(tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), JournalError> {
    let head =
        "insert into open311_case (case_id, number, matter, channel, open, hidden, opened_at, updated_at) values";
    let tail = "on conflict (case_id) do update set matter = excluded.matter, open = excluded.open, \
         hidden = case when open311_case.hidden = 1 then 1 else excluded.hidden end, updated_at = excluded.updated_at";
    for statement in Sql::insert_rows(head, 8, rows, tail) {
        tx.run(statement).await?;
    }
    Ok(())
}

/// A condition and the values of its places.
struct Condition {
    text: String,
    values: Vec<Value>,
}

impl Condition {
    fn place(&mut self, value: impl Bind) -> String {
        self.values.push(value.value());
        format!("${}", self.values.len())
    }

    fn compare(&mut self, column: &str, value: impl Bind) {
        let place = self.place(value);
        self.text += &format!(" and {column} {place}");
    }

    fn one_of<'a>(&mut self, column: &str, values: impl IntoIterator<Item = &'a String>) {
        let places: Vec<String> = values.into_iter().map(|value| self.place(value)).collect();
        self.text += &format!(" and {column} in ({})", places.join(", "));
    }
}

/// What of all is public: never what is hidden, of a matter that is never shown, or another system's to show.
fn visible(offered: &Open311) -> Condition {
    let own = "hidden = 0 and not exists (select 1 from open311_taken t where t.case_id = c.case_id)";
    let mut condition = Condition { text: own.to_owned(), values: Vec::new() };
    let black = |one: &&district::open311::Service| one.r#type == ServiceType::Blackbox;
    let (black, shown): (Vec<_>, Vec<_>) = offered.service.iter().partition(black);
    let channel = condition.place(OPEN311);
    if offered.publish.every_channel && !shown.is_empty() {
        let places: Vec<String> = shown.iter().map(|service| condition.place(&service.matter)).collect();
        condition.text += &format!(" and (channel = {channel} or matter in ({}))", places.join(", "));
    } else {
        condition.text += &format!(" and channel = {channel}");
    }
    if !black.is_empty() {
        let matters: BTreeSet<&String> = black.iter().map(|service| &service.matter).collect();
        let places: Vec<String> = matters.into_iter().map(|matter| condition.place(matter)).collect();
        condition.text += &format!(" and (matter is null or matter not in ({}))", places.join(", "));
    }
    condition
}
