//! The access log: who looked at a person's sealed values, and why. A stream for each person, which that person may read.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Actor, Instant};
use serde::{Deserialize, Serialize};
use store::Read;

use crate::{Command, Declined, Fact, Journal, JournalError, NewFact, Sealer, Submission, SubmitError, Unit, tail};

/// Kind of the fact that a look leaves.
pub const LOOKED: &str = "subject.looked_at";

/// Puts looks at the values of some persons on their access logs, all or none. It comes before the values are handed out.
#[derive(Clone, Debug)]
pub struct RecordLook {
    /// Of whom, which fields.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// What they stand in, such as `case/<uuid>`.
    pub stream: String,
    pub actor: Actor,
    /// Why, as a code: `receipt`, `time_line`.
    pub ground: String,
}

/// Why nothing is shown: it could not be read, or the look could not be put on record.
pub type LookError = SubmitError<std::convert::Infallible>;

/// Who looks, why and when.
#[derive(Clone, Debug)]
pub struct Looker {
    pub actor: Actor,
    /// Why, as a code.
    pub ground: String,
    pub submission: Submission,
}

#[derive(Serialize, Deserialize)]
struct LookedAt {
    v: u32,
    stream: String,
    fields: BTreeSet<String>,
    ground: String,
}

/// One look, as the person concerned reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub at: Instant,
    pub actor: Actor,
    pub stream: String,
    pub fields: BTreeSet<String>,
    pub ground: String,
}

impl Command for RecordLook {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let at = unit.at();
        for (subject, fields) in &self.fields {
            let (stream, ground) = (self.stream.clone(), self.ground.clone());
            let body = LookedAt { v: 1, stream, fields: fields.clone(), ground };
            let log = access_log(subject);
            let version = tail::version(unit.tx().await?, &log).await?;
            unit.append(&log, version, vec![NewFact::new(LOOKED, at, self.actor.clone(), &body)]).await?;
        }
        Ok(())
    }
}

/// Puts on record that `looker` sees these fields of these persons in `stream`; nothing where there are none. Only then
/// may they be handed out.
pub async fn record(
    journal: &Journal,
    looker: Looker,
    stream: String,
    fields: BTreeMap<String, BTreeSet<String>>,
) -> Result<(), LookError> {
    if fields.is_empty() {
        return Ok(());
    }
    let Looker { actor, ground, submission } = looker;
    journal.submit(RecordLook { fields, stream, actor, ground }, submission).await.map(drop)
}

/// The stream of a person's access log.
pub fn access_log(subject: &str) -> String {
    format!("access/{subject}")
}

/// Who looked at a person's values, the oldest first.
pub async fn looks_at(read: &mut impl Read, subject: &str) -> Result<Vec<Look>, JournalError> {
    let facts = tail::stream(read, &access_log(subject)).await?;
    let look = |fact: Fact| {
        let LookedAt { stream, fields, ground, .. } = fact.read()?;
        Ok(Look { at: fact.at, actor: fact.actor, stream, fields, ground })
    };
    facts.into_iter().map(look).collect()
}

/// Whose values the fields `names` of a stream are, as far as they can still be opened: whom a look at them concerns.
pub async fn concerned(
    read: &mut impl Read,
    sealer: &Sealer,
    stream: &str,
    names: &[&str],
) -> Result<BTreeMap<String, BTreeSet<String>>, JournalError> {
    let facts = tail::stream(read, stream).await?;
    let mut concerned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for opened in sealer.open_all(read, &facts).await? {
        for (field, value) in opened.fields.into_iter().filter(|(field, _)| names.contains(&field.as_str())) {
            concerned.entry(value.subject).or_default().insert(field);
        }
    }
    Ok(concerned)
}
