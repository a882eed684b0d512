//! Many rows with few statements.

use crate::{Read, Sql, StoreError, Value};

/// Statements that set `columns` of the rows of `table` that `keys` name. A row of `rows` holds its keys' values, then its
/// columns'; no two different rows name the same one.
pub fn update_rows(table: &str, keys: &[&str], columns: &[&str], rows: Vec<Vec<Value>>) -> Vec<Sql> {
    let all = [keys, columns].concat();
    let set: Vec<String> = columns.iter().map(|column| format!("{column} = changed.{column}")).collect();
    let tail = format!(") update {table} set {} from changed where {}", set.join(", "), same(table, keys, "changed"));
    Sql::filled_rows(&format!("with changed ({}) as (values", all.join(", ")), all.len(), rows, &tail)
}

/// Statements that delete the rows of `table` that `keys` name.
pub fn delete_rows(table: &str, keys: &[&str], rows: Vec<Vec<Value>>) -> Vec<Sql> {
    let names = keys.join(", ");
    let tail = format!(") delete from {table} where ({names}) in (select {names} from gone)");
    Sql::filled_rows(&format!("with gone ({names}) as (values"), keys.len(), rows, &tail)
}

/// Statements that select `columns` of the rows of `table` that `keys` name; one may come more than once.
pub fn select_rows(table: &str, keys: &[&str], columns: &[&str], rows: Vec<Vec<Value>>) -> Vec<Sql> {
    let columns: Vec<String> = columns.iter().map(|column| format!("{table}.{column}")).collect();
    let tail = format!(") select {} from wanted join {table} on {}", columns.join(", "), same(table, keys, "wanted"));
    let all = Sql::filled_rows(&format!("with wanted ({}) as (values", keys.join(", ")), keys.len(), rows, &tail);
    // A plan kept since the table was small goes through all of it, row by row.
    all.into_iter().map(Sql::replanned).collect()
}

/// Statements that ask `question` of `asked`, a table of these columns and rows; one may stand there more than once.
pub fn ask_rows(columns: &[&str], rows: Vec<Vec<Value>>, question: &str) -> Vec<Sql> {
    let head = format!("with asked ({}) as (values", columns.join(", "));
    let all = Sql::filled_rows(&head, columns.len(), rows, &format!(") {question}"));
    all.into_iter().map(Sql::replanned).collect()
}

/// The texts in `column` of the rows of `table` whose `key` is one of `values`, in no order. They must not hold the character
/// U+001E, as JSON never does: joined by it many come in one row, since each row is handed from thread to thread on SQLite.
pub async fn texts_of(
    read: &mut impl Read,
    table: &str,
    key: &str,
    column: &str,
    values: Vec<Value>,
) -> Result<Vec<String>, StoreError> {
    const BETWEEN: char = '\u{1e}';
    let question =
        format!("select string_agg({column}, '{BETWEEN}') from {table} where {key} in (select {key} from asked)");
    let mut texts = Vec::new();
    for select in ask_rows(&[key], values.into_iter().map(|value| vec![value]).collect(), &question) {
        let (joined,): (Option<String>,) = read.one(select).await?;
        texts.extend(joined.iter().flat_map(|joined| joined.split(BETWEEN)).map(str::to_owned));
    }
    Ok(texts)
}

fn same(table: &str, keys: &[&str], other: &str) -> String {
    let same: Vec<String> = keys.iter().map(|key| format!("{table}.{key} = {other}.{key}")).collect();
    same.join(" and ")
}
