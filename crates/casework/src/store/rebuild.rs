//! The tables from the facts alone, and whether they are equal.

use journal::{Fact, JournalError, tail};
use store::{Db, Read, Sql, Value, sql};

use super::erase::Erased;
use super::rows::{self, Rows, Steps};
use crate::case::{Case, CaseFact, CaseId};

/// A case whose rows are not what its facts make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub stream: String,
    /// What differs, in words for the operator.
    pub what: String,
}

/// A row of values from a tuple's fields.
macro_rules! values {
    ($($field:expr),*) => { vec![$(store::Bind::value($field)),*] };
}

/// How many facts are read at a time.
const BLOCK: i64 = 2_000;

/// Empties the tables and writes them again from the facts, in one transaction. Gives the number of cases.
pub async fn rebuild(db: &Db) -> Result<u64, JournalError> {
    let mut tx = db.begin().await?;
    let emptied = [
        "delete from assignment",
        "delete from case_organization",
        "delete from clock where owner like 'case/%'",
        "delete from case_file",
    ];
    for delete in emptied {
        tx.run(sql(delete)).await?;
    }
    let mut count = 0;
    let mut cases = Cases::without(Erased::read(&mut tx).await?);
    while let Some(done) = cases.next(&mut tx).await? {
        count += done.len() as u64;
        let mut steps = Steps::default();
        done.iter().for_each(|case| steps.add(None, case));
        steps.write(&mut tx).await?;
    }
    crate::watch::rebuild(&mut tx).await?;
    tx.commit().await?;
    Ok(count)
}

/// Compares the tables with what the facts make, changing nothing. An empty list means they are equal.
pub async fn compare(db: &Db) -> Result<Vec<Difference>, JournalError> {
    let mut read = db;
    let mut differences = Vec::new();
    let mut cases = Cases::without(Erased::read(&mut read).await?);
    let (mut files, mut assignments, mut organizations, mut clocks) = (0, 0, 0, 0);
    while let Some(done) = cases.next(&mut read).await? {
        for case in done {
            let expected = Rows::of(&case);
            files += 1;
            assignments += expected.assignments.len() as i64;
            organizations += expected.organizations.len() as i64;
            clocks += expected.clocks.len() as i64;
            let found = rows_in_tables(&mut read, case.id).await?;
            if let Some(what) = difference(&expected, &found) {
                differences.push(Difference { stream: rows::stream(&case), what });
            }
        }
    }
    let counts = [
        ("case_file", "select count(*) from case_file", files),
        ("assignment", "select count(*) from assignment", assignments),
        ("case_organization", "select count(*) from case_organization", organizations),
        ("clock", "select count(*) from clock where owner like 'case/%'", clocks),
    ];
    for (table, select, expected) in counts {
        let (found,): (i64,) = read.one(sql(select)).await?;
        if found != expected {
            differences.push(Difference { stream: table.to_owned(), what: format!("{found} rows, not {expected}") });
        }
    }
    differences.extend(crate::watch::compare(&mut read).await?);
    Ok(differences)
}

fn difference(expected: &Rows, found: &Rows) -> Option<String> {
    let parts = [
        ("case_file", std::slice::from_ref(&expected.file), std::slice::from_ref(&found.file)),
        ("assignment", &expected.assignments[..], &found.assignments[..]),
        ("case_organization", &expected.organizations[..], &found.organizations[..]),
        ("clock", &expected.clocks[..], &found.clocks[..]),
    ];
    let sorted = |rows: &[Vec<Value>]| {
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        rows
    };
    let (table, expected, found) = parts.into_iter().find(|(_, expected, found)| sorted(expected) != sorted(found))?;
    Some(format!("{table}: {found:?}, not {expected:?}"))
}

/// Cases read one after another, each with all its facts and without whom was erased.
struct Cases {
    erased: Erased,
    after: (String, i64),
    /// Facts of a stream of which more may come.
    partial: Vec<Fact>,
    ended: bool,
}

impl Cases {
    fn without(erased: Erased) -> Cases {
        Cases { erased, after: Default::default(), partial: Vec::new(), ended: false }
    }

    async fn next(&mut self, read: &mut impl Read) -> Result<Option<Vec<Case>>, JournalError> {
        if self.ended {
            return Ok(None);
        }
        let facts = tail::by_stream(read, "case/", (&self.after.0, self.after.1), BLOCK).await?;
        self.ended = (facts.len() as i64) < BLOCK;
        if let Some(last) = facts.last() {
            self.after = (last.stream.clone(), last.version);
        }
        let mut whole = Vec::new();
        for fact in facts {
            if self.partial.last().is_some_and(|last| last.stream != fact.stream) {
                whole.push(self.erased.leave_out(case(&std::mem::take(&mut self.partial))?));
            }
            self.partial.push(fact);
        }
        if self.ended && !self.partial.is_empty() {
            whole.push(self.erased.leave_out(case(&std::mem::take(&mut self.partial))?));
        }
        Ok(Some(whole))
    }
}

/// The case its facts make.
fn case(facts: &[Fact]) -> Result<Case, JournalError> {
    let unreadable =
        |fact: &Fact, reason: &str| JournalError::Unreadable { position: fact.position, reason: reason.to_owned() };
    let mut case: Option<Case> = None;
    for fact in facts {
        let read: CaseFact = fact.read()?;
        match &mut case {
            Some(case) => case.apply(&read),
            None => {
                let id: Option<CaseId> = fact.stream.strip_prefix("case/").and_then(|id| id.parse().ok());
                let id = id.ok_or_else(|| unreadable(fact, "the stream names no case"))?;
                let opened = Case::open(id, &read).ok_or_else(|| unreadable(fact, "a case begins otherwise"))?;
                case = Some(opened);
            }
        }
    }
    Ok(case.expect("a stream has a fact"))
}

async fn rows_in_tables(read: &mut impl Read, id: CaseId) -> Result<Rows, JournalError> {
    type File = (String, String, i64, String, i64, Option<String>, String, String);
    type More = (i64, Option<String>, String, Option<String>, Option<String>, i64, Option<String>, i64);
    type Rest = (i64, i64, Option<i64>, Option<String>, String, String);
    let columns: Vec<&str> = rows::FILE_COLUMNS.split(", ").map(str::trim).collect();
    let select = |columns: &[&str]| {
        Sql::composed(format!("select {} from case_file where id = $1", columns.join(", "))).bind(id.to_string())
    };
    let file: Option<File> = read.optional(select(&columns[..8])).await?;
    let more: Option<More> = read.optional(select(&columns[8..16])).await?;
    let rest: Option<Rest> = read.optional(select(&columns[16..])).await?;
    let file = match (file, more, rest) {
        (Some(a), Some(b), Some(c)) => values![a.0, a.1, a.2, a.3, a.4, a.5, a.6, a.7]
            .into_iter()
            .chain(values![b.0, b.1, b.2, b.3, b.4, b.5, b.6, b.7])
            .chain(values![c.0, c.1, c.2, c.3, c.4, c.5])
            .collect(),
        _ => Vec::new(),
    };
    let (assignments, organizations) = (assignments(read, id).await?, organizations(read, id).await?);
    Ok(Rows { file, assignments, organizations, clocks: clocks(read, id).await? })
}

async fn assignments(read: &mut impl Read, id: CaseId) -> Result<Vec<Vec<Value>>, JournalError> {
    type Columns =
        (String, i64, String, String, String, String, i64, String, Option<String>, Option<String>, i64, i64, i64, i64);
    let text = format!("select {} from assignment where case_id = $1", rows::ASSIGNMENT_COLUMNS);
    let found: Vec<Columns> = read.all(Sql::composed(text).bind(id.to_string())).await?;
    let row = |r: Columns| values![r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8, r.9, r.10, r.11, r.12, r.13];
    Ok(found.into_iter().map(row).collect())
}

async fn organizations(read: &mut impl Read, id: CaseId) -> Result<Vec<Vec<Value>>, JournalError> {
    let text = format!("select {} from case_organization where case_id = $1", rows::ORGANIZATION_COLUMNS);
    let found: Vec<(String, String)> = read.all(Sql::composed(text).bind(id.to_string())).await?;
    Ok(found.into_iter().map(|r| values![r.0, r.1]).collect())
}

async fn clocks(read: &mut impl Read, id: CaseId) -> Result<Vec<Vec<Value>>, JournalError> {
    type Columns = (String, String, String, i64, Option<i64>, Option<i64>, i64);
    let text = format!("select {} from clock where owner = $1", rows::CLOCK_COLUMNS);
    let found: Vec<Columns> = read.all(Sql::composed(text).bind(format!("case/{id}"))).await?;
    Ok(found.into_iter().map(|r| values![r.0, r.1, r.2, r.3, r.4, r.5, r.6]).collect())
}
