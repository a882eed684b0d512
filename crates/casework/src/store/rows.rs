//! The rows a case makes: a function of its state alone, so that a rebuild gives the same.

use kernel::Instant;
use store::{Bind, Sql, StoreError, Tx, Value};

use crate::case::{Assignment, Case, ClockKey, Grouping, Timer, Urgency};
use crate::resource;

/// Stands for "no limit" where an order needs a number: beyond any due instant (the year 2255).
pub(crate) const NEVER: i64 = 9_000_000_000_000_000;

/// Everything the tables hold of a case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub file: Vec<Value>,
    pub assignments: Vec<Vec<Value>>,
    pub organizations: Vec<Vec<Value>>,
    pub clocks: Vec<Vec<Value>>,
}

pub(crate) const FILE_COLUMNS: &str = "id, number, version, state, open, matter, kind, channel, urgency, area, desk, \
     lead, reporter, confidential, head, due_at, rank, opened_at, closed_at, author, path, body";
pub(crate) const ASSIGNMENT_COLUMNS: &str = "case_id, no, organization, holder, part, state, open, number, matter, area, \
     urgency, due_at, rank, dispatched_at";
pub(crate) const ORGANIZATION_COLUMNS: &str = "case_id, organization";
pub(crate) const CLOCK_COLUMNS: &str = "owner, key, holder, due_at, remind_at, wake_at, provisional";

impl Rows {
    pub fn of(case: &Case) -> Rows {
        let (assignments, organizations) = (assignments(case), organizations(case));
        Rows { file: file(case), assignments, organizations, clocks: clocks(case) }
    }
}

fn assignments(case: &Case) -> Vec<Vec<Value>> {
    case.assignments.iter().map(|one| assignment(case, one)).collect()
}

fn organizations(case: &Case) -> Vec<Vec<Value>> {
    let row = |organization: String| vec![case.id.to_string().value(), organization.value()];
    resource::organizations(case).into_iter().map(row).collect()
}

fn clocks(case: &Case) -> Vec<Vec<Value>> {
    case.clocks.iter().filter_map(|(key, timer)| clock(case, *key, timer)).collect()
}

/// The journal's stream of a case.
pub fn stream(case: &Case) -> String {
    format!("case/{}", case.id)
}

/// Index of the first column of `file` that is the state's JSON.
const BODY: usize = 21;

fn file(case: &Case) -> Vec<Value> {
    let mut row = file_without_body(case);
    row.push(serde_json::to_string(case).expect("a case is plain data").value());
    row
}

fn file_without_body(case: &Case) -> Vec<Value> {
    let head = match case.group {
        Grouping::Member { head } => Some(head.to_string()),
        _ => None,
    };
    let due = micros(case.due_at());
    let closed_at = case.closed().map(|(_, at)| at.micros());
    vec![
        case.id.to_string().value(),
        case.number.as_str().value(),
        case.version.value(),
        case.state().name().value(),
        (!case.is_closed()).value(),
        case.matter.as_ref().map(|matter| matter.code.clone()).value(),
        text_of(&case.kind).value(),
        text_of(&case.channel).value(),
        urgency(case.urgency).value(),
        area(case).value(),
        case.desk.as_str().value(),
        case.lead().map(|lead| lead.organization.clone()).value(),
        case.reporter.clone().value(),
        case.confidentiality.is_some().value(),
        head.value(),
        due.value(),
        rank(case.urgency, due).value(),
        case.opened_at.micros().value(),
        closed_at.value(),
        case.registered_by.clone().value(),
        resource::path(case).value(),
    ]
}

fn assignment(case: &Case, one: &Assignment) -> Vec<Value> {
    let own = [ClockKey::Answer(one.no), ClockKey::Handle(one.no)];
    let due = micros(own.iter().filter_map(|key| case.clocks.get(key)?.due()).min());
    let holder = one.inner.holder.as_deref().unwrap_or(&one.organization);
    vec![
        case.id.to_string().value(),
        i64::from(one.no).value(),
        one.organization.as_str().value(),
        holder.value(),
        text_of(&one.part).value(),
        one.state_name().value(),
        (one.is_open() && !case.is_closed()).value(),
        case.number.as_str().value(),
        case.matter.as_ref().map(|matter| matter.code.clone()).value(),
        area(case).value(),
        urgency(case.urgency).value(),
        due.value(),
        rank(case.urgency, due).value(),
        one.dispatched_at.micros().value(),
    ]
}

/// Open clocks only. What has lapsed stays, but never wakes the timekeeper again.
fn clock(case: &Case, key: ClockKey, timer: &Timer) -> Option<Vec<Value>> {
    let due = timer.due()?;
    Some(vec![
        stream(case).value(),
        key.to_string().value(),
        timer.holder.as_str().value(),
        due.micros().value(),
        timer.remind_at.map(Instant::micros).value(),
        timer.wake_at().map(Instant::micros).value(),
        timer.provisional().value(),
    ])
}

fn area(case: &Case) -> Option<String> {
    case.place.as_ref()?.path.last().cloned()
}

fn micros(due: Option<Instant>) -> i64 {
    due.map_or(NEVER, Instant::micros)
}

pub(crate) fn urgency(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Ordinary => 0,
        Urgency::Urgent => 1,
        Urgency::Emergency => 2,
    }
}

/// One number that sorts by urgency, then by due instant.
fn rank(of: Urgency, due: i64) -> i64 {
    (2 - urgency(of)) * 10_000_000_000_000_000 + due
}

fn text_of(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("a plain enum is written as text, not {other:?}"),
    }
}

/// Rows that take the tables from the states of some cases to their next, with as few statements and index entries as the
/// differences need.
#[derive(Default)]
pub(crate) struct Steps {
    new_files: Vec<Vec<Value>>,
    /// Version, state and body only.
    moved: Vec<Vec<Value>>,
    /// These, and when the next limit runs out.
    timed: Vec<Vec<Value>>,
    /// Everything.
    changed: Vec<Vec<Value>>,
    new_assignments: Vec<Vec<Value>>,
    changed_assignments: Vec<Vec<Value>>,
    new_organizations: Vec<Vec<Value>>,
    gone_organizations: Vec<Vec<Value>>,
    gone_clocks: Vec<Vec<Value>>,
    put_clocks: Vec<Vec<Value>>,
}

impl Steps {
    /// From `before`, none where the case is not in the tables yet, to `after`.
    pub fn add(&mut self, before: Option<&Case>, after: &Case) {
        let Some(before) = before else {
            self.new_files.push(file(after));
            self.new_assignments.extend(assignments(after));
            self.new_organizations.extend(organizations(after));
            self.put_clocks.extend(clocks(after));
            return;
        };
        self.add_file(before, after);
        let (old, mut new) = (assignments(before), assignments(after));
        self.new_assignments.extend(new.drain(old.len().min(new.len())..));
        self.changed_assignments.extend(new.into_iter().zip(&old).filter(|(new, old)| new != *old).map(|(new, _)| new));

        let (old, new) = (organizations(before), organizations(after));
        self.gone_organizations.extend(old.iter().filter(|row| !new.contains(row)).cloned());
        self.new_organizations.extend(new.into_iter().filter(|row| !old.contains(row)));

        let (old, new) = (clocks(before), clocks(after));
        let gone = old.iter().filter(|old| !new.iter().any(|new| new[..2] == old[..2]));
        self.gone_clocks.extend(gone.map(|row| row[..2].to_vec()));
        self.put_clocks.extend(new.into_iter().filter(|row| !old.contains(row)));
    }

    /// An update rewrites the entries of every index whose columns it names, so it names only what has changed.
    fn add_file(&mut self, before: &Case, after: &Case) {
        let (old, new) = (file_without_body(before), file(after));
        let column = |name: &str| FILE_COLUMNS.split(", ").position(|one| one == name).expect("a column of case_file");
        let (version, state) = (column("version"), column("state"));
        let (due, rank) = (column("due_at"), column("rank"));
        let changed = |kept: &[usize]| (0..BODY).any(|at| !kept.contains(&at) && old[at] != new[at]);
        let these = |places: &[usize]| places.iter().map(|at| new[*at].clone()).collect();
        if !changed(&[version, state]) {
            self.moved.push(these(&[0, version, state, BODY]));
        } else if !changed(&[version, state, due, rank]) {
            self.timed.push(these(&[0, version, state, BODY, due, rank]));
        } else {
            self.changed.push(new);
        }
    }

    pub async fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let file = |columns: &[&str], rows| store::update_rows("case_file", &["id"], columns, rows);
        let every: Vec<&str> = FILE_COLUMNS.split(", ").skip(1).collect();
        let assignment: Vec<&str> = ASSIGNMENT_COLUMNS.split(", ").collect();
        let statements = [
            insert("case_file", FILE_COLUMNS, self.new_files),
            file(&["version", "state", "body"], self.moved),
            file(&["version", "state", "body", "due_at", "rank"], self.timed),
            file(&every, self.changed),
            insert("assignment", ASSIGNMENT_COLUMNS, self.new_assignments),
            store::update_rows("assignment", &assignment[..2], &assignment[2..], self.changed_assignments),
            store::delete_rows("case_organization", &["case_id", "organization"], self.gone_organizations),
            insert("case_organization", ORGANIZATION_COLUMNS, self.new_organizations),
            store::delete_rows("clock", &["owner", "key"], self.gone_clocks),
        ];
        for statement in statements.into_iter().flatten() {
            tx.run(statement).await?;
        }
        put_clocks(tx, self.put_clocks).await
    }
}

fn insert(table: &str, columns: &str, rows: Vec<Vec<Value>>) -> Vec<Sql> {
    Sql::insert_rows(&format!("insert into {table} ({columns}) values"), columns.split(", ").count(), rows, "")
}

pub(crate) async fn put_clocks(tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
    let head = "insert into clock (owner, key, holder, due_at, remind_at, wake_at, provisional) values";
    let tail = "on conflict (owner, key) do update set holder = excluded.holder, due_at = excluded.due_at, \
         remind_at = excluded.remind_at, wake_at = excluded.wake_at, provisional = excluded.provisional";
    for statement in Sql::insert_rows(head, 7, rows, tail) {
        tx.run(statement).await?;
    }
    Ok(())
}
