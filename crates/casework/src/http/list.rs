//! `GET /cases`: cases by what they are.

use axum::Json;
use axum::extract::State;
use kernel::{Instant, Refusal};
use platform::{Both, Caller, Params, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::CaseworkState;
use super::body::{self, NamedBody};
use super::filter::FilterQuery;
use super::find::behind;
use crate::resource::READ;
use crate::{CaseRow, ListPage, Order};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `newest` (opened last first), `oldest`, `due` (what lapses next first; open cases), `urgency` (open cases), `closed`
    /// (closed last first; closed cases).
    #[serde(default)]
    #[param(value_type = Option<String>)]
    sort: Order,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct ListBody {
    pub rows: Vec<CaseRowBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
    /// Facts that the index has not read yet; absent where no `text` was asked for.
    pub behind: Option<i64>,
}

/// A case in a list. No personal value.
#[derive(Serialize, ToSchema)]
pub struct CaseRowBody {
    pub id: String,
    pub number: String,
    pub version: i64,
    /// `registered`, `accepted`, `dispatched`, `answered`, `handled`, `verified`, `closed`, `rated`.
    pub state: String,
    pub matter: Option<NamedBody>,
    pub kind: String,
    pub channel: String,
    /// `ordinary`, `urgent`, `emergency`.
    pub urgency: String,
    /// The smallest known.
    pub area: Option<NamedBody>,
    pub desk: NamedBody,
    /// The department that leads.
    pub lead: Option<NamedBody>,
    pub confidential: bool,
    /// When the next clock lapses; absent: no limit runs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Instant>,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Instant>,
}

/// Cases that the caller may read, by filters that all hold, page by page.
#[utoipa::path(get, path = "/cases", tag = "cases", params(FilterQuery, ListQuery), responses(
    (status = 200, body = ListBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "a parameter that is unknown, or a value that names nothing, or a `text` that \
        more than 5,000 cases hold"),
    (status = 503, body = ProblemBody, description = "the index is not at hand"),
))]
pub async fn list(
    State(state): State<CaseworkState>,
    caller: Caller,
    Params(Both(filter, query)): Params<Both<FilterQuery, ListQuery>>,
) -> Result<Json<ListBody>, Problem> {
    caller.require(READ)?;
    // Before the index is asked: what it reads on meanwhile is told of too.
    let behind = match filter.text {
        Some(_) => Some(behind(&state, &caller).await?),
        None => None,
    };
    let filter = filter.filter(&state, &caller).await?;
    let after = query.cursor.map(|cursor| cursor.parse()).transpose();
    let after = after.map_err(|_| Problem::of(Refusal::invalid("cursor", "cursor-unknown"), caller.language))?;
    let limit = page_limit(query.limit, &caller)?;
    // One more shows whether there is a next page.
    let page = ListPage { order: query.sort, after, limit: limit + 1 };
    let found = state.casework.list(&caller.scope, &filter, &page).await;
    let mut rows = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.cursor.to_string());
    Ok(Json(ListBody { rows: rows.into_iter().map(|row| row_body(&state, row)).collect(), next, behind }))
}

/// How many lines a page has; 50 where the caller says nothing.
pub fn page_limit(limit: Option<i64>, caller: &Caller) -> Result<i64, Problem> {
    const MOST: i64 = 200;
    let limit = limit.unwrap_or(50);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::of(Refusal::invalid("limit", "limit-out-of-range").with("most", MOST), caller.language))
}

pub fn row_body(state: &CaseworkState, row: CaseRow) -> CaseRowBody {
    let (profile, opened) = (&state.profile, row.opened_at);
    CaseRowBody {
        id: row.case.to_string(),
        number: row.number,
        version: row.version,
        state: row.state,
        matter: row.matter.map(|code| body::matter(profile, &code, opened)),
        kind: row.kind,
        channel: row.channel,
        urgency: body::urgency(row.urgency).to_owned(),
        area: row.area.map(|code| body::area(profile, &code, opened)),
        desk: body::organization(profile, &row.desk),
        lead: row.lead.map(|code| body::organization(profile, &code)),
        confidential: row.confidential,
        due_at: row.due_at,
        opened_at: opened,
        closed_at: row.closed_at,
    }
}
