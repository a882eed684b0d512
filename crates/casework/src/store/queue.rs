//! Open queues, page by page: of a department, of a part of it, of a desk.

use std::fmt;
use std::str::FromStr;

use journal::JournalError;
use kernel::Instant;
use serde::{Deserialize, Serialize};
use store::{Read, Sql};

use super::rows::NEVER;
use crate::case::CaseId;

/// Whose queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Work of a department; of one of its parts where `holder` is given.
    Assignments { organization: String, holder: Option<String> },
    /// Open cases at a desk.
    Desk { organization: String },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// What lapses next comes first.
    #[default]
    Due,
    /// Oldest first, by dispatch or opening.
    Opened,
    /// Emergencies first, then what lapses next.
    Urgency,
}

/// Which page, by where the one before ended.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub sort: Sort,
    pub after: Option<Cursor>,
    /// 1 to 500; 50 where it is 0.
    pub limit: i64,
}

/// Where a page ended. Written `value.no.case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    value: i64,
    case: CaseId,
    no: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not where a page ended")]
pub struct UnknownCursor(pub(super) String);

/// A line of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRow {
    pub case: CaseId,
    /// Number of the assignment; 0 in a desk's queue.
    pub no: i64,
    pub number: String,
    pub matter: Option<String>,
    pub area: Option<String>,
    /// Of the assignment, or of the case in a desk's queue.
    pub state: String,
    /// 0 ordinary, 1 urgent, 2 emergency.
    pub urgency: i64,
    /// When the next clock lapses; none: no limit.
    pub due_at: Option<Instant>,
    /// Dispatched, or opened in a desk's queue.
    pub since: Instant,
    /// Give it to the next page.
    pub cursor: Cursor,
}

type Columns = (String, i64, String, Option<String>, Option<String>, String, i64, i64, i64, i64);

pub(crate) async fn page(read: &mut impl Read, queue: &Queue, page: &Page) -> Result<Vec<QueueRow>, JournalError> {
    let rows: Vec<Columns> = read.all(statement(queue, page)).await?;
    rows.into_iter().map(row).collect()
}

fn statement(queue: &Queue, page: &Page) -> Sql {
    let after = page.after.unwrap_or(Cursor { value: -1, case: CaseId::from_uuid(Default::default()), no: 0 });
    let limit = if page.limit == 0 { 50 } else { page.limit.clamp(1, 500) };
    let sort = match (queue, page.sort) {
        (_, Sort::Due) => "due_at",
        (_, Sort::Urgency) => "rank",
        (Queue::Assignments { .. }, Sort::Opened) => "dispatched_at",
        (Queue::Desk { .. }, Sort::Opened) => "opened_at",
    };
    match queue {
        Queue::Assignments { organization, holder } => {
            let part = if holder.is_some() { "and holder = $6" } else { "" };
            let text = format!(
                "select case_id, no, number, matter, area, state, urgency, due_at, dispatched_at, {sort} from assignment \
                 where organization = $1 and open = 1 and ({sort}, case_id, no) > ($2, $3, $4) {part} \
                 order by {sort}, case_id, no limit $5"
            );
            let sql = Sql::composed(text).bind(organization).bind(after.value).bind(after.case.to_string());
            let sql = sql.bind(after.no).bind(limit);
            if let Some(holder) = holder { sql.bind(holder) } else { sql }
        }
        Queue::Desk { organization } => {
            let text = format!(
                "select id, cast(0 as bigint), number, matter, area, state, urgency, due_at, opened_at, {sort} from case_file \
                 where desk = $1 and open = 1 and ({sort}, id) > ($2, $3) order by {sort}, id limit $4"
            );
            Sql::composed(text).bind(organization).bind(after.value).bind(after.case.to_string()).bind(limit)
        }
    }
}

fn row(row: Columns) -> Result<QueueRow, JournalError> {
    let (id, no, number, matter, area, state, urgency, due_at, since, value) = row;
    let case: CaseId = id
        .parse()
        .map_err(|_| JournalError::Unreadable { position: 0, reason: format!("{id} is not a case's identifier") })?;
    Ok(QueueRow {
        case,
        no,
        number,
        matter,
        area,
        state,
        urgency,
        due_at: (due_at < NEVER).then(|| Instant::from_micros(due_at)),
        since: Instant::from_micros(since),
        cursor: Cursor { value, case, no },
    })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.value, self.no, self.case)
    }
}

impl FromStr for Cursor {
    type Err = UnknownCursor;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownCursor(text.to_owned());
        let mut parts = text.splitn(3, '.');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (value, no) = (number().ok_or_else(unknown)?, number().ok_or_else(unknown)?);
        let case = parts.next().and_then(|case| case.parse().ok()).ok_or_else(unknown)?;
        Ok(Cursor { value, case, no })
    }
}
