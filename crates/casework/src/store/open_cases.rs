//! The open cases that a caller may read, wherever they lie.

use journal::{JournalError, tail};
use platform::Scope;
use store::{Db, Read, Sql, Value};

use super::columns::columns;
use super::read;
use crate::case::Case;
use crate::resource::READ;

/// Those first that the urgency puts first, then those whose limit runs out next; at most `limit`. With the position at which the
/// journal ended then.
pub(crate) async fn open_cases(db: &Db, scope: &Scope, limit: i64) -> Result<(i64, Vec<Case>), JournalError> {
    let mut tx = db.snapshot().await?;
    let head = tail::head(&mut tx).await?;
    let allowed = scope.sql(READ, columns(db.dialect()), 1);
    let text = format!(
        "select f.body from case_file f where f.open = 1 and {} order by f.rank, f.id limit ${}",
        allowed.text,
        allowed.values.len() + 1
    );
    let select = Sql::composed(text).bind_all(allowed.values).bind(Value::Integer(Some(limit)));
    let cases = tx.all(select).await?.into_iter().map(read::parse).collect::<Result<_, _>>()?;
    Ok((head, cases))
}
