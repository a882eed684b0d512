//! How many cases are open, by the smallest area known of each, as far as the caller may read them.

use journal::JournalError;
use platform::{Columns, Scope};
use store::{Db, Dialect, Read, Sql};

use crate::resource::READ;

/// What [`crate::resource::resource`] makes of a case, in SQL. Who registered it, the way to its area and whom it is confided to
/// stand in its state only.
const SQLITE: Columns = Columns {
    author: "json_extract(f.body, '$.registered_by')",
    area: "coalesce((select group_concat(value || '/', '') from json_each(f.body, '$.place.path')), '')",
    organization: ORGANIZATION,
    confidential: "f.confidential",
    named: "exists (select 1 from json_each(f.body, '$.confidentiality.named') n where n.value = {})",
    barred: "exists (select 1 from json_each(f.body, '$.confidentiality.barred') b where b.value = {})",
};
const POSTGRES: Columns = Columns {
    author: "(f.body::json ->> 'registered_by')",
    area: "coalesce((select string_agg(value || '/', '' order by ordinality) collate \"C\" from \
         json_array_elements_text(f.body::json -> 'place' -> 'path') with ordinality), '')",
    organization: ORGANIZATION,
    confidential: "f.confidential",
    named: "((f.body::jsonb -> 'confidentiality' -> 'named') ? {})",
    barred: "coalesce((f.body::jsonb -> 'confidentiality' -> 'barred') ? {}, false)",
};

const ORGANIZATION: &str = "(f.desk in ({}) or exists (select 1 from assignment a where a.case_id = f.id \
     and (a.organization in ({}) or a.holder in ({}))))";

/// The open cases of each area that have it as their smallest; none is of cases without a place.
pub(crate) async fn open_by_area(mut db: &Db, scope: &Scope) -> Result<Vec<(Option<String>, i64)>, JournalError> {
    let allowed = scope.sql(READ, columns(db.dialect()), 1);
    let text = format!(
        "select f.area, count(*) from case_file f where f.open = 1 and {} group by f.area order by coalesce(f.area, '')",
        allowed.text
    );
    Ok(db.all(Sql::composed(text).bind_all(allowed.values)).await?)
}

/// The columns of `case_file f` that permission asks for.
pub(super) fn columns(dialect: Dialect) -> &'static Columns {
    match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    }
}
