//! The open cases and calls that a caller may read, wherever they lie.

use journal::{JournalError, tail};
use platform::Scope;
use store::{Db, Dialect, Read, Sql, Tx, Value};

use super::columns::columns;
use super::read;
use crate::call::Call;
use crate::case::Case;
use crate::resource::READ;
use crate::watch::{CallFilter, list_calls};

/// What was open when the journal ended at `position`.
pub(crate) struct Open {
    pub position: i64,
    /// Those first that the urgency puts first, then those whose limit runs out next.
    pub cases: Vec<Case>,
    /// Raised last first.
    pub calls: Vec<Call>,
}

/// At most `limit` of each.
pub(crate) async fn open_things(db: &Db, scope: &Scope, limit: i64) -> Result<Open, JournalError> {
    let mut tx = db.snapshot().await?;
    let position = tail::head(&mut tx).await?;
    let cases = open_cases(&mut tx, db.dialect(), scope, limit).await?;
    let open = CallFilter { open: Some(true), ..CallFilter::default() };
    let calls = list_calls(&mut tx, db.dialect(), scope, &open, None, limit).await?;
    Ok(Open { position, cases, calls })
}

async fn open_cases(tx: &mut Tx, dialect: Dialect, scope: &Scope, limit: i64) -> Result<Vec<Case>, JournalError> {
    let allowed = scope.sql(READ, columns(dialect), 1);
    let text = format!(
        "select f.body from case_file f where f.open = 1 and {} order by f.rank, f.id limit ${}",
        allowed.text,
        allowed.values.len() + 1
    );
    let select = Sql::composed(text).bind_all(allowed.values).bind(Value::Integer(Some(limit)));
    tx.all(select).await?.into_iter().map(read::parse).collect()
}
