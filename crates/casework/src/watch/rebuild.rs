//! The tables of calls, cards and outages from the facts alone, and whether they are equal.

use journal::{Fact, JournalError, tail};
use store::{Read, Sql, Tx, Value};

use super::rows::{self, Kept};
use crate::Difference;
use crate::call::Call;
use crate::card::Card;
use crate::handover::Handover;
use crate::outage::Outage;
use crate::store::rows::CLOCK_COLUMNS;

/// How many facts are read at a time.
const BLOCK: i64 = 2_000;
const SUMMONS: &[&str] = &["call_id", "no", "organization", "state", "open", "due_at"];
/// Stands for a null where rows are compared as text.
const NULL: &str = "∅";

/// Empties the tables and writes them again, in the transaction of the whole rebuild.
pub(crate) async fn rebuild(tx: &mut Tx) -> Result<(), JournalError> {
    tx.run(store::sql("delete from summons")).await?;
    rebuild_of::<Call>(tx).await?;
    rebuild_of::<Card>(tx).await?;
    rebuild_of::<Outage>(tx).await?;
    rebuild_of::<Handover>(tx).await
}

/// Compares the tables with what the facts make, changing nothing.
pub(crate) async fn compare(read: &mut impl Read) -> Result<Vec<Difference>, JournalError> {
    let mut differences = Vec::new();
    let mut summons = Vec::new();
    compare_of::<Call>(read, &mut summons, &mut differences).await?;
    let found = as_text(read, "summons", SUMMONS, "").await?;
    difference("summons", summons, found, &mut differences);
    compare_of::<Card>(read, &mut Vec::new(), &mut differences).await?;
    compare_of::<Outage>(read, &mut Vec::new(), &mut differences).await?;
    compare_of::<Handover>(read, &mut Vec::new(), &mut differences).await?;
    Ok(differences)
}

async fn rebuild_of<K: Kept>(tx: &mut Tx) -> Result<(), JournalError> {
    tx.run(Sql::composed(format!("delete from {}", K::TABLE.0))).await?;
    tx.run(Sql::composed("delete from clock where owner like $1".to_owned()).bind(format!("{}%", K::PREFIX))).await?;
    let all = all::<K>(tx).await?;
    let steps: Vec<(Option<&K>, &K)> = all.iter().map(|one| (None, one)).collect();
    rows::write(tx, &steps).await?;
    Ok(())
}

async fn compare_of<K: Kept>(
    read: &mut impl Read,
    parts: &mut Vec<String>,
    differences: &mut Vec<Difference>,
) -> Result<(), JournalError> {
    let (mut files, mut clocks) = (Vec::new(), Vec::new());
    for one in all::<K>(read).await? {
        files.push(line(&one.file()));
        clocks.extend(one.clock_rows().iter().map(|row| line(row)));
        parts.extend(one.parts().iter().map(|row| line(row)));
    }
    let (table, columns) = K::TABLE;
    difference(table, files, as_text(read, table, columns, "").await?, differences);
    let columns: Vec<&str> = CLOCK_COLUMNS.split(", ").collect();
    let found = as_text(read, "clock", &columns, &format!("where owner like '{}%'", K::PREFIX)).await?;
    difference("clock", clocks, found, differences);
    Ok(())
}

/// Every aggregate of a kind, from its facts.
async fn all<K: Kept>(read: &mut impl Read) -> Result<Vec<K>, JournalError> {
    let mut whole: Vec<K> = Vec::new();
    let mut after = (String::new(), 0);
    loop {
        let after_last = (after.0.as_str(), after.1);
        let facts = if K::NAMED {
            tail::by_named_stream(read, K::PREFIX, after_last, BLOCK).await?
        } else {
            tail::by_stream(read, K::PREFIX, after_last, BLOCK).await?
        };
        let Some(last) = facts.last() else { return Ok(whole) };
        after = (last.stream.clone(), last.version);
        for fact in facts {
            let read: K::Fact = fact.read()?;
            match whole.last_mut() {
                Some(one) if one.stream() == fact.stream => one.apply(&read),
                _ => whole.push(begun(&fact, &read)?),
            }
        }
    }
}

fn begun<K: Kept>(fact: &Fact, read: &K::Fact) -> Result<K, JournalError> {
    let id = fact.stream.strip_prefix(K::PREFIX).unwrap_or_default();
    let reason = || format!("a stream of {} begins otherwise", K::PREFIX);
    K::begin(id, read).ok_or_else(|| JournalError::Unreadable { position: fact.position, reason: reason() })
}

/// The rows of a table, each as one line of text.
async fn as_text(
    read: &mut impl Read,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Result<Vec<String>, JournalError> {
    let columns: Vec<String> = columns.iter().map(|c| format!("coalesce(cast({c} as text), '{NULL}')")).collect();
    let text = format!("select {} from {table} {condition}", columns.join(" || '|' || "));
    let rows: Vec<(String,)> = read.all(Sql::composed(text)).await?;
    Ok(rows.into_iter().map(|(line,)| line).collect())
}

fn line(row: &[Value]) -> String {
    let text = |value: &Value| match value {
        Value::Integer(Some(number)) => number.to_string(),
        Value::Text(Some(text)) => text.to_string(),
        Value::Real(_) | Value::Bytes(_) => unreachable!("the tables hold whole numbers and text"),
        _ => NULL.to_owned(),
    };
    row.iter().map(text).collect::<Vec<_>>().join("|")
}

fn difference(table: &str, mut expected: Vec<String>, mut found: Vec<String>, differences: &mut Vec<Difference>) {
    expected.sort();
    found.sort();
    let missing = expected.iter().filter(|row| found.binary_search(row).is_err()).map(|row| format!("missing: {row}"));
    let extra =
        found.iter().filter(|row| expected.binary_search(row).is_err()).map(|row| format!("not of a fact: {row}"));
    differences.extend(missing.chain(extra).map(|what| Difference { stream: table.to_owned(), what }));
}
