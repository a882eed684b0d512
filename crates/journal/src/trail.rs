//! What auditors read, newest first: the acts of administrators, and looks at sealed values. An index of its own holds each.

use kernel::Instant;
use store::{Bind, Read, Sql, Value};

use crate::tail::{COLUMNS, FactRow, facts};
use crate::{Fact, JournalError};

/// A part of the journal that is read by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trail {
    /// Accounts, API clients, erasures.
    Acts,
    /// Looks at sealed values.
    Looks,
}

/// Which facts of a trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// The whole kind.
    pub kind: Option<String>,
    /// The account that acted.
    pub person: Option<String>,
    pub stream: Option<String>,
    pub from: Option<Instant>,
    /// Before it.
    pub until: Option<Instant>,
}

/// Where a page ended: the instant and position of its last fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailPlace {
    pub at: Instant,
    pub position: i64,
}

impl Trail {
    /// Word for word the condition of its index: only so does a store know that the index will do.
    fn condition(self) -> &'static str {
        match self {
            Trail::Acts => {
                "(substr(kind, 1, 8) = 'account.' or substr(kind, 1, 7) = 'client.' or kind = 'subject.erased')"
            }
            Trail::Looks => "kind = 'subject.looked_at'",
        }
    }

    fn asked(self, filter: &TrailFilter, after: Option<TrailPlace>) -> (String, Vec<Value>) {
        let (mut text, mut values) = (self.condition().to_owned(), Vec::new());
        let mut and = |condition: &str, some: Vec<Value>| {
            text += " and ";
            let mut pieces = condition.split('?');
            text += pieces.next().unwrap_or_default();
            for (value, piece) in some.into_iter().zip(pieces) {
                values.push(value);
                text += &format!("${}{piece}", values.len());
            }
        };
        if let Some(kind) = &filter.kind {
            and("kind = ?", vec![kind.value()]);
        }
        if let Some(person) = &filter.person {
            // The actor is canonical JSON.
            let person = serde_json::to_string(person).unwrap_or_default();
            let person = person.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            and("actor like ? escape '\\'", vec![format!("%\"person\":{person}%").value()]);
        }
        if let Some(stream) = &filter.stream {
            and("stream = ?", vec![stream.value()]);
        }
        if let Some(from) = filter.from {
            and("at >= ?", vec![from.micros().value()]);
        }
        if let Some(until) = filter.until {
            and("at < ?", vec![until.micros().value()]);
        }
        if let Some(place) = after {
            and("(at, position) < (?, ?)", vec![place.at.micros().value(), place.position.value()]);
        }
        (text, values)
    }

    /// Up to `limit` facts, the newest first, after a place.
    pub async fn newest(
        self,
        read: &mut impl Read,
        filter: &TrailFilter,
        after: Option<TrailPlace>,
        limit: i64,
    ) -> Result<Vec<Fact>, JournalError> {
        let (condition, mut values) = self.asked(filter, after);
        values.push(limit.value());
        let text = format!(
            "select {COLUMNS} from fact where {condition} order by at desc, position desc limit ${}",
            values.len()
        );
        let rows: Vec<FactRow> = read.all(Sql::composed(text).replanned().bind_all(values)).await?;
        facts(rows)
    }

    /// How many facts there are, counted up to `most`.
    pub async fn count(self, read: &mut impl Read, filter: &TrailFilter, most: i64) -> Result<i64, JournalError> {
        let (condition, mut values) = self.asked(filter, None);
        values.push(most.value());
        let text =
            format!("select count(*) from (select 1 from fact where {condition} limit ${}) as asked", values.len());
        let (count,): (i64,) = read.one(Sql::composed(text).replanned().bind_all(values)).await?;
        Ok(count)
    }

    /// How many facts each hour has that has any, from one instant to before another: the hour's beginning, and the count.
    pub async fn hours(
        self,
        read: &mut impl Read,
        from: Instant,
        until: Instant,
    ) -> Result<Vec<(Instant, i64)>, JournalError> {
        const HOUR: i64 = 3_600_000_000;
        let filter = TrailFilter { from: Some(from), until: Some(until), ..TrailFilter::default() };
        let (condition, values) = self.asked(&filter, None);
        let text = format!("select at / {HOUR}, count(*) from fact where {condition} group by at / {HOUR}");
        let rows: Vec<(i64, i64)> = read.all(Sql::composed(text).replanned().bind_all(values)).await?;
        Ok(rows.into_iter().map(|(hour, count)| (Instant::from_micros(hour * HOUR), count)).collect())
    }
}
