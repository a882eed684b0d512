//! `GET /cases/export`: a filtered list as a file.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures::stream::{StreamExt, try_unfold};
use kernel::text::{self, Language};
use kernel::{Instant, Kind, Refusal};
use platform::sheet::{Pages, SheetError, SheetFormat};
use platform::{Both, Caller, Params, Problem, ProblemBody, Scope};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::NamedBody;
use super::export_personal::{self, Reader};
use super::filter::FilterQuery;
use super::list::row_body;
use super::{CaseworkState, caller};
use crate::resource::{EXPORT, READ};
use crate::{CaseRow, Filter, ListPage, Order};

/// How many rows one file has at most; a list of more is refused, never cut.
const MOST: i64 = 200_000;
/// How many are read at a time.
const PAGE: i64 = 1_000;

/// What the columns are called: codes of texts.
const HEAD: [&str; 15] = [
    "export-number",
    "export-state",
    "export-kind",
    "export-channel",
    "export-urgency",
    "export-matter-code",
    "export-matter",
    "export-area-code",
    "export-area",
    "export-desk",
    "export-lead",
    "export-confidential",
    "export-opened",
    "export-due",
    "export-closed",
];

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv` or `xlsx`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: SheetFormat,
    /// As of the list.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    sort: Order,
    /// Also what was reported and by whom, of at most 1,000 rows: the words to whoever works with the case, name, telephone and address by
    /// a hint to whoever may know them, `***` to others. Whose words are in the file finds the look on their access log.
    #[serde(default)]
    personal: bool,
}

/// The list of `GET /cases` as a file, all of it, in the caller's language; without personal values unless they are asked for. Codes and
/// instants (UTC) are text, and no cell is a formula.
#[utoipa::path(get, path = "/cases/export", tag = "cases", params(FilterQuery, ExportQuery), responses(
    (status = 200, description = "the file; a CSV comes page by page", content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), headers(("Row-Limit" = i64, description = "how many rows one file has at most"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "an unknown parameter, or more rows than one file has"),
    (status = 503, body = ProblemBody, description = "the index is not at hand"),
))]
pub async fn export(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Params(Both(filter, query)): Params<Both<FilterQuery, ExportQuery>>,
) -> Result<Response, Problem> {
    caller.require(READ)?;
    caller.require(EXPORT)?;
    let internal = |error: &dyn std::fmt::Display| Problem::internal(error, caller.language);
    let filter = filter.filter(&state, &caller).await?;
    let most = if query.personal { export_personal::MOST } else { MOST };
    let count = state.casework.count_up_to(&caller.scope, &filter, query.sort, most + 1).await;
    if count.map_err(|error| internal(&error))? > most {
        let refusal = Refusal::new(Kind::Invalid, "export-too-large").with("most", most);
        return Err(Problem::of(refusal, caller.language));
    }
    let reader = match query.personal {
        true => Some(Reader { post: caller::grant(&caller, &headers)?.post.clone(), caller: caller.clone() }),
        false => None,
    };
    let language = caller.language;
    let name = |code: &&str| text::text(language, code, &Default::default());
    let personal = export_personal::HEAD.iter().filter(|_| query.personal);
    let head = HEAD.iter().chain(personal).map(name).collect();
    let pages = pages(state, caller.scope, reader, filter, query.sort, language);
    let body = query.format.body(head, pages).await.map_err(|error| Problem::internal(&error, language))?;
    let file = format!("attachment; filename=\"cases.{}\"", query.format.extension());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(query.format.content_type())),
        (CONTENT_DISPOSITION, HeaderValue::from_str(&file).map_err(|error| Problem::internal(&error, language))?),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("row-limit"), HeaderValue::from(most)),
    ];
    Ok((headers, body).into_response())
}

fn pages(
    state: CaseworkState,
    scope: Scope,
    reader: Option<Reader>,
    filter: Filter,
    order: Order,
    language: Language,
) -> Pages {
    let limit = if reader.is_some() { export_personal::PAGE } else { PAGE };
    let first = Some(ListPage { order, after: None, limit });
    let next = move |page: Option<ListPage>| {
        let (state, scope, reader, filter) = (state.clone(), scope.clone(), reader.clone(), filter.clone());
        async move {
            let Some(page) = page else { return Ok(None) };
            let found = state.casework.list(&scope, &filter, &page).await;
            let found = found.map_err(|error| SheetError::Page(Box::new(error)))?;
            let full = found.len() as i64 == limit;
            let after = found.last().map(|row| row.cursor);
            let mut rows = Vec::with_capacity(found.len());
            for row in found {
                let case = row.case;
                let mut cells = cells(&state, row, language);
                if let Some(reader) = &reader {
                    cells.extend(reader.cells(&state, case).await?);
                }
                rows.push(cells);
            }
            Ok(Some((rows, full.then_some(ListPage { after, ..page }))))
        }
    };
    try_unfold(first, next).boxed()
}

fn cells(state: &CaseworkState, row: CaseRow, language: Language) -> Vec<String> {
    let row = row_body(state, row);
    let code = |named: &Option<NamedBody>| named.as_ref().map(|named| named.code.clone()).unwrap_or_default();
    let name = |named: &NamedBody| match language {
        Language::Chinese => named.name_zh.clone(),
        Language::English => named.name_en.clone(),
    };
    let may_name = |named: &Option<NamedBody>| named.as_ref().map(name).unwrap_or_default();
    let instant = |at: Option<Instant>| at.map(|at| at.to_string()).unwrap_or_default();
    vec![
        row.number.clone(),
        row.state.clone(),
        row.kind.clone(),
        row.channel.clone(),
        row.urgency.clone(),
        code(&row.matter),
        may_name(&row.matter),
        code(&row.area),
        may_name(&row.area),
        name(&row.desk),
        may_name(&row.lead),
        if row.confidential { "1" } else { "0" }.to_owned(),
        instant(Some(row.opened_at)),
        instant(row.due_at),
        instant(row.closed_at),
    ]
}
