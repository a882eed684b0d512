//! What permission asks of a case, in SQL.

use platform::Columns;
use store::Dialect;

/// What [`crate::resource::resource`] makes of a case, in SQL over `case_file f`. Whom a case is confided to stands in its state only.
pub(crate) fn columns(dialect: Dialect) -> &'static Columns {
    match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    }
}

/// True when one of the organizations put for `{}` has to do with the case.
pub(crate) const ORGANIZATION: &str =
    "exists (select 1 from case_organization o where o.case_id = f.id and o.organization in ({}))";

const SQLITE: Columns = Columns {
    author: "f.author",
    area: "f.path",
    organization: ORGANIZATION,
    confided: ORGANIZATION,
    confidential: "f.confidential",
    named: "exists (select 1 from json_each(f.body, '$.confidentiality.named') n where n.value = {})",
    barred: "exists (select 1 from json_each(f.body, '$.confidentiality.barred') b where b.value = {})",
};
/// What is asked of a confidential case stands in its state: a question to another table would be planned for every list, though
/// hardly a row of it is confidential.
const POSTGRES: Columns = Columns {
    confided: "(f.desk in ({}) \
         or jsonb_path_query_array(f.body::jsonb, '$.assignments[*].organization') ?| array[{}] \
         or jsonb_path_query_array(f.body::jsonb, '$.assignments[*].inner.holder') ?| array[{}])",
    named: "((f.body::jsonb -> 'confidentiality' -> 'named') ? {})",
    barred: "coalesce((f.body::jsonb -> 'confidentiality' -> 'barred') ? {}, false)",
    ..SQLITE
};
