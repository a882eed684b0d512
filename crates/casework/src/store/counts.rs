//! How many cases are open, by the smallest area known of each, as far as the caller may read them.

use journal::JournalError;
use platform::Scope;
use store::{Db, Read, Sql};

use super::columns::columns;
use crate::resource::READ;

/// The open cases of each area that have it as their smallest; none is of cases without a place.
pub(crate) async fn open_by_area(mut db: &Db, scope: &Scope) -> Result<Vec<(Option<String>, i64)>, JournalError> {
    let allowed = scope.sql(READ, columns(db.dialect()), 1);
    let text = format!(
        "select f.area, count(*) from case_file f where f.open = 1 and {} group by f.area order by coalesce(f.area, '')",
        allowed.text
    );
    Ok(db.all(Sql::composed(text).bind_all(allowed.values)).await?)
}
