//! Whole tables out of one database and into another, whichever of the two stores each is: for backup and restore.

use futures::TryStreamExt;
use sqlx::{ColumnIndex, Decode, Type};

use crate::tx::Inner;
use crate::{Read, Sql, StoreError, Tx, Value, sql};

/// Rows of an insert; PostgreSQL allows 65,535 placeholders, SQLite 32,766.
const BLOCK: usize = 64;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
}

/// A table's name and columns, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<(String, Kind)>,
}

/// The program's tables in the order they were made, so that one comes after those it refers to. The record of migrations is
/// not among them.
pub async fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let (names, columns) = if tx.is_postgres() {
        (
            "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = current_schema() and c.relkind = 'r' order by c.oid",
            "select column_name::text, data_type::text from information_schema.columns
             where table_schema = current_schema() and table_name = $1 order by ordinal_position",
        )
    } else {
        (
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite~_%' escape '~' order by rowid",
            "select name, lower(type) from pragma_table_info($1) order by cid",
        )
    };
    let names: Vec<(String,)> = tx.all(sql(names)).await?;
    let mut tables = Vec::with_capacity(names.len());
    for (name,) in names.into_iter().filter(|(name,)| name != "_sqlx_migrations") {
        let columns: Vec<(String, String)> = tx.all(sql(columns).bind(&name)).await?;
        let columns = columns.into_iter().map(|(column, kind)| match kind_of(&kind) {
            Some(kind) => Ok((column, kind)),
            None => Err(StoreError::ColumnType { table: name.clone(), column, kind }),
        });
        let columns = columns.collect::<Result<_, _>>()?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

fn kind_of(name: &str) -> Option<Kind> {
    match name {
        "bigint" | "integer" | "int" => Some(Kind::Integer),
        "double precision" | "real" => Some(Kind::Real),
        "text" => Some(Kind::Text),
        "bytea" | "blob" => Some(Kind::Bytes),
        _ => None,
    }
}

/// Versions of the migrations that have run.
pub async fn migrated(tx: &mut Tx) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = tx.all(sql("select version from _sqlx_migrations order by version")).await?;
    Ok(rows.into_iter().map(|(version,)| version).collect())
}

/// Hands every row of `table` to `take`, one by one.
pub async fn export<E: From<StoreError>>(
    tx: &mut Tx,
    table: &Table,
    mut take: impl FnMut(Vec<Value>) -> Result<(), E>,
) -> Result<(), E> {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, kind)| match kind {
            Kind::Integer => format!("cast(\"{name}\" as bigint)"),
            _ => format!("\"{name}\""),
        })
        .collect();
    let text = format!("select {} from \"{}\"", columns.join(", "), table.name);
    let (failed, select) = (|error| StoreError::of(&text, error), Sql::composed(text.clone()).uncached());
    match &mut tx.inner {
        Inner::Sqlite(tx) => {
            let mut rows = select.for_sqlite().fetch(&mut **tx);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                take(values(&row, table).map_err(failed)?)?;
            }
        }
        Inner::Postgres(tx) => {
            let mut rows = select.for_postgres().fetch(&mut **tx);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                take(values(&row, table).map_err(failed)?)?;
            }
        }
    }
    Ok(())
}

fn values<'r, R>(row: &'r R, table: &Table) -> Result<Vec<Value>, sqlx::Error>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    f64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    let value = |(at, (_, kind)): (usize, &(String, Kind))| {
        Ok(match kind {
            Kind::Integer => Value::Integer(row.try_get(at)?),
            Kind::Real => Value::Real(row.try_get(at)?),
            Kind::Text => Value::Text(row.try_get::<Option<String>, _>(at)?.map(Into::into)),
            Kind::Bytes => Value::Bytes(row.try_get(at)?),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}

/// Removes all rows of `table`: those that migrations put in, before a backup's own go in.
pub async fn clear(tx: &mut Tx, table: &Table) -> Result<(), StoreError> {
    tx.run(Sql::composed(format!("delete from \"{}\"", table.name)).uncached()).await.map(drop)
}

/// Puts rows into `table`, each with a value for every column.
pub async fn import(tx: &mut Tx, table: &Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
    let columns: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let block: Vec<Vec<Value>> = rows.by_ref().take(BLOCK).collect();
        let width = columns.len();
        let tuple = |row: usize| -> String {
            let places: Vec<String> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
            format!("({})", places.join(", "))
        };
        let tuples: Vec<String> = (0..block.len()).map(tuple).collect();
        let text = format!("insert into \"{}\" ({}) values {}", table.name, columns.join(", "), tuples.join(", "));
        tx.run(Sql::composed(text).bind_all(block.into_iter().flatten())).await?;
    }
    Ok(())
}
