//! Reading cases and their time lines.

use std::collections::{BTreeMap, BTreeSet};

use journal::access::{self, LookError, Looker};
use journal::{Journal, JournalError, tail};
use kernel::{Actor, Instant};
use store::{Bind, Read, sql};

use super::rows;
use crate::case::{Case, CaseEvent, CaseFact, CaseId, Hand};
use crate::mask::{Masked, Showing};

pub(crate) async fn case(read: &mut impl Read, id: CaseId) -> Result<Option<Case>, JournalError> {
    let row = read.optional(sql("select body from case_file where id = $1").bind(id.to_string())).await?;
    row.map(parse).transpose()
}

pub(crate) async fn cases(read: &mut impl Read, ids: &[CaseId]) -> Result<Vec<Case>, JournalError> {
    let ids = ids.iter().map(|id| id.to_string().value()).collect();
    let bodies = store::texts_of(read, "case_file", "id", "body", ids).await?;
    bodies.into_iter().map(|body| parse((body,))).collect()
}

/// The case with this number, for a program that has a database and no journal.
pub async fn case_numbered(read: &mut impl Read, number: &str) -> Result<Option<Case>, JournalError> {
    let row = read.optional(sql("select body from case_file where number = $1").bind(number)).await?;
    row.map(parse).transpose()
}

pub(crate) async fn reported_by(read: &mut impl Read, subject: &str, limit: i64) -> Result<Vec<Case>, JournalError> {
    let select = "select body from case_file where reporter = $1 order by opened_at desc, id desc limit $2";
    read.all(sql(select).bind(subject).bind(limit)).await?.into_iter().map(parse).collect()
}

/// Cases in the order of their ids, from the one after `id`.
pub(crate) async fn cases_after(read: &mut impl Read, id: &str, limit: i64) -> Result<Vec<Case>, JournalError> {
    let select = "select body from case_file where id > $1 order by id limit $2";
    read.all(sql(select).bind(id).bind(limit)).await?.into_iter().map(parse).collect()
}

pub(crate) fn parse((body,): (String,)) -> Result<Case, JournalError> {
    serde_json::from_str(&body).map_err(|error| JournalError::Unreadable { position: 0, reason: error.to_string() })
}

/// Everything that happened on a case, in order.
#[derive(Clone, Debug)]
pub struct TimeLine(pub Vec<TimeLineEntry>);

/// One fact as it is shown: both instants of an act done offline (PRACTICE 18).
#[derive(Clone, Debug)]
pub struct TimeLineEntry {
    pub position: i64,
    pub version: i64,
    pub kind: String,
    pub at: Instant,
    pub claimed_at: Option<Instant>,
    pub effective_at: Instant,
    pub actor: Actor,
    pub fact: CaseFact,
    /// Personal values that the reader may see, by field; a field whose subject was erased is missing.
    pub values: BTreeMap<String, String>,
    /// Fields there are but not whole for this reader.
    pub masked: Vec<Masked>,
    /// Subjects that were erased.
    pub erased: Vec<String>,
}

/// `showing` is given the subject and the field. What is shown whole is on the access logs before it is given.
pub(crate) async fn time_line(
    journal: &Journal,
    case: &Case,
    looker: Looker,
    showing: impl Fn(&str, &str) -> Showing + Send + Sync,
) -> Result<TimeLine, LookError> {
    let facts = tail::stream(&mut journal.db(), &rows::stream(case)).await?;
    let opened = journal.sealer().open_all(&mut journal.db(), &facts).await?;
    let gone: BTreeSet<String> = opened.iter().flat_map(|opened| opened.erased.iter().cloned()).collect();
    let own = match &looker.actor {
        Actor::Resident { subject } => Some(subject.clone()),
        Actor::Post { .. } | Actor::System { .. } => None,
    };
    let mut entries = Vec::with_capacity(facts.len());
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (fact, opened) in facts.into_iter().zip(opened) {
        let (mut values, mut masked) = (BTreeMap::new(), Vec::new());
        for (field, one) in opened.fields {
            match showing(&one.subject, &field) {
                // Whoever reads what they wrote themselves looks at nobody.
                Showing::Whole if own.as_ref() == Some(&one.subject) => {
                    values.insert(field, one.value);
                }
                Showing::Whole => {
                    seen.entry(one.subject).or_default().insert(field.clone());
                    values.insert(field, one.value);
                }
                less => masked.push(Masked::new(field, &one.value, less)),
            }
        }
        let mut read: CaseFact = fact.read()?;
        let mut actor = fact.actor;
        leave_out(&gone, &mut read, &mut actor);
        entries.push(TimeLineEntry {
            position: fact.position,
            version: fact.version,
            kind: fact.kind,
            at: fact.at,
            claimed_at: fact.claimed_at,
            effective_at: fact.effective_at,
            actor,
            fact: read,
            values,
            masked,
            erased: opened.erased,
        });
    }
    access::record(journal, looker, rows::stream(case), seen).await?;
    Ok(TimeLine(entries))
}

/// Takes the keys of persons who were erased out of what is shown: no two time lines show that they are of one person.
fn leave_out(gone: &BTreeSet<String>, fact: &mut CaseFact, actor: &mut Actor) {
    const NOBODY: &str = "erased";
    if let CaseEvent::Registered(registered) = &mut fact.event {
        registered.reporter.take_if(|reporter| gone.contains(reporter));
    }
    if let Hand::Resident { subject } = &mut fact.hand
        && gone.contains(subject)
    {
        *subject = NOBODY.to_owned();
    }
    if let Actor::Resident { subject } = actor
        && gone.contains(subject)
    {
        *subject = NOBODY.to_owned();
    }
}
