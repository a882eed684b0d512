//! The access log: who looked at a person's sealed values, and why. A stream for each person, which that person may read.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Actor, Instant};
use serde::{Deserialize, Serialize};
use store::Read;

use crate::{
    Command, Declined, Fact, Journal, JournalError, NewFact, Personal, Sealer, Submission, SubmitError, Trail,
    TrailFilter, TrailPlace, Unit, tail,
};

/// Kind of the fact that a look leaves.
pub const LOOKED: &str = "subject.looked_at";
/// The field under which a look keeps the looker's words.
const REASON: &str = "reason";

/// Puts looks at the values of some persons on their access logs, all or none. It comes before the values are handed out.
#[derive(Clone, Debug)]
pub struct RecordLook {
    /// Of whom, which fields.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// What they stand in, such as `case/<uuid>`.
    pub stream: String,
    pub actor: Actor,
    pub why: Why,
}

/// Why someone looks, as the access log keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// A code: `receipt`, `time_line`, `contact`.
    pub ground: String,
    /// In the looker's own words, where they had to give some. Sealed under the looker's key.
    pub reason: Option<String>,
    /// Until then the person concerned is not told: the law keeps an investigation confidential.
    pub withheld_until: Option<Instant>,
}

impl Why {
    pub fn code(ground: impl Into<String>) -> Why {
        Why { ground: ground.into(), ..Why::default() }
    }
}

/// Why nothing is shown: it could not be read, or the look could not be put on record.
pub type LookError = SubmitError<std::convert::Infallible>;

/// Who looks, why and when.
#[derive(Clone, Debug)]
pub struct Looker {
    pub actor: Actor,
    pub why: Why,
    pub submission: Submission,
}

#[derive(Serialize, Deserialize)]
struct LookedAt {
    v: u32,
    stream: String,
    fields: BTreeSet<String>,
    ground: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withheld_until: Option<Instant>,
}

/// One look, as the person concerned reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its number in the person's log, from 1.
    pub number: i64,
    pub at: Instant,
    pub actor: Actor,
    pub stream: String,
    pub fields: BTreeSet<String>,
    pub why: Why,
}

impl Command for RecordLook {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let at = unit.at();
        for (subject, fields) in &self.fields {
            let (stream, ground) = (self.stream.clone(), self.why.ground.clone());
            let body =
                LookedAt { v: 1, stream, fields: fields.clone(), ground, withheld_until: self.why.withheld_until };
            let mut fact = NewFact::new(LOOKED, at, self.actor.clone(), &body);
            if let (Some(value), Some(looker)) = (self.why.reason.clone(), self.actor.subject()) {
                fact.personal.push(Personal { subject: looker, field: REASON, value });
            }
            let log = access_log(subject);
            let version = tail::version(unit.tx().await?, &log).await?;
            unit.append(&log, version, vec![fact]).await?;
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
    let Looker { actor, why, submission } = looker;
    journal.submit(RecordLook { fields, stream, actor, why }, submission).await.map(drop)
}

/// The stream of a person's access log.
pub fn access_log(subject: &str) -> String {
    format!("access/{subject}")
}

/// Who looked at a person's values, the oldest first; reasons stay sealed.
pub async fn looks_at(read: &mut impl Read, subject: &str) -> Result<Vec<Look>, JournalError> {
    let facts = tail::stream(read, &access_log(subject)).await?;
    facts.iter().map(look).collect()
}

/// Up to `limit` looks at a person's values, the newest first, before the one numbered `before`, with their reasons.
pub async fn newest_looks(
    read: &mut impl Read,
    sealer: &Sealer,
    subject: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Look>, JournalError> {
    let facts = tail::stream_backwards(read, &access_log(subject), before.unwrap_or(i64::MAX), limit).await?;
    let opened = sealer.open_all(read, &facts).await?;
    let with_reason = |(fact, opened): (&Fact, crate::Opened)| {
        let mut look = look(fact)?;
        look.why.reason = opened.value(REASON).map(str::to_owned);
        Ok(look)
    };
    facts.iter().zip(opened).map(with_reason).collect()
}

/// Looks among all that there were, as an auditor reads them: of whom, what, and where in the trail.
pub async fn audited(
    read: &mut impl Read,
    sealer: &Sealer,
    filter: &TrailFilter,
    after: Option<TrailPlace>,
    limit: i64,
) -> Result<Vec<(String, Look, TrailPlace)>, JournalError> {
    let facts = Trail::Looks.newest(read, filter, after, limit).await?;
    let opened = sealer.open_all(read, &facts).await?;
    let with_reason = |(fact, opened): (&Fact, crate::Opened)| {
        let mut look = look(fact)?;
        look.why.reason = opened.value(REASON).map(str::to_owned);
        let subject = fact.stream.strip_prefix("access/").unwrap_or(&fact.stream).to_owned();
        Ok((subject, look, TrailPlace { at: fact.at, position: fact.position }))
    };
    facts.iter().zip(opened).map(with_reason).collect()
}

fn look(fact: &Fact) -> Result<Look, JournalError> {
    let LookedAt { stream, fields, ground, withheld_until, .. } = fact.read()?;
    let why = Why { ground, reason: None, withheld_until };
    Ok(Look { number: fact.version, at: fact.at, actor: fact.actor.clone(), stream, fields, why })
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
