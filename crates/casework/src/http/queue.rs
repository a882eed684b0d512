//! `GET /queue`: the open queue of the caller's post, page by page.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use district::OrganizationKind;
use kernel::{Instant, Refusal};
use platform::{Caller, Grant, Params, Problem, ProblemBody, Reach};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{self, NamedBody};
use super::list::page_limit;
use super::{CaseworkState, caller};
use crate::resource::READ;
use crate::{Page, Queue, QueueRow, Sort};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// `due` (what lapses next first), `opened` (oldest first) or `urgency`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    sort: Sort,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct QueueBody {
    /// Whose queue it is.
    pub organization: NamedBody,
    pub rows: Vec<QueueRowBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct QueueRowBody {
    pub id: String,
    /// Number of the assignment; 0 at a desk.
    pub assignment: i64,
    pub number: String,
    pub matter: Option<NamedBody>,
    pub area: Option<NamedBody>,
    pub state: String,
    /// `ordinary`, `urgent`, `emergency`.
    pub urgency: String,
    /// When the next clock lapses; absent: no limit runs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Instant>,
    /// Dispatched, or opened at a desk.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
}

/// Open cases of the caller's organization: a department's assignments, or what lies at a desk.
#[utoipa::path(get, path = "/queue", tag = "cases", params(QueueQuery), responses(
    (status = 200, body = QueueBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
pub async fn queue(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Params(query): Params<QueueQuery>,
) -> Result<Json<QueueBody>, Problem> {
    caller.require(READ)?;
    let grant = caller::grant(&caller, &headers)?;
    let cursor = query.cursor.map(|cursor| cursor.parse()).transpose();
    let after = cursor.map_err(|_| Problem::of(Refusal::invalid("cursor", "cursor-unknown"), caller.language))?;
    let limit = page_limit(query.limit, &caller)?;
    let (organization, whose) = queue_of(&state, grant);
    let page = Page { sort: query.sort, after, limit };
    let (rows, next) = visible(&state, &caller, grant, &whose, page).await?;
    let rows = rows.into_iter().map(|row| row_body(&state, row)).collect();
    Ok(Json(QueueBody { organization: body::organization(&state.profile, &organization), rows, next }))
}

/// A department's people see its assignments, a section's or crew's what it holds; everyone else a desk.
fn queue_of(state: &CaseworkState, grant: &Grant) -> (String, Queue) {
    let own = grant.organization.clone();
    let line: Vec<_> = state.profile.organizations.line(&own).collect();
    if let Some(department) = state.profile.organizations.department_of(&own) {
        let organization = department.code.clone();
        let holder = (organization != own).then(|| own.clone());
        return (own, Queue::Assignments { organization, holder });
    }
    let desk = line.iter().find(|one| one.kind == OrganizationKind::Subdistrict).map_or(own, |one| one.code.clone());
    (desk.clone(), Queue::Desk { organization: desk })
}

/// The rows the post may see. A post whose area is smaller than the desk's reads on until its page is full.
async fn visible(
    state: &CaseworkState,
    caller: &Caller,
    grant: &Grant,
    queue: &Queue,
    mut page: Page,
) -> Result<(Vec<QueueRow>, Option<String>), Problem> {
    const READS: usize = 20;
    let (limit, now) = (page.limit as usize, state.platform.edge.now());
    let mut rows = Vec::new();
    for _ in 0..READS {
        let found = state.casework.queue(queue, &page).await;
        let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
        let full = found.len() == limit;
        page.after = found.last().map(|row| row.cursor);
        for row in found {
            if sees(state, grant, &row, now) {
                rows.push(row);
                if rows.len() == limit {
                    let next = rows.last().map(|row| row.cursor.to_string());
                    return Ok((rows, next));
                }
            }
        }
        if !full {
            return Ok((rows, None));
        }
    }
    Ok((rows, page.after.map(|cursor| cursor.to_string())))
}

fn sees(state: &CaseworkState, grant: &Grant, row: &QueueRow, now: Instant) -> bool {
    match grant.reach {
        Reach::District | Reach::Organization => true,
        Reach::Area => {
            let path = state.profile.area_path(row.area.as_deref(), now);
            grant.area.is_empty() || path.starts_with(&grant.area)
        }
        Reach::Own => false,
    }
}

fn row_body(state: &CaseworkState, row: QueueRow) -> QueueRowBody {
    QueueRowBody {
        id: row.case.to_string(),
        assignment: row.no,
        number: row.number,
        matter: row.matter.map(|code| body::matter(&state.profile, &code, row.since)),
        area: row.area.map(|code| body::area(&state.profile, &code, row.since)),
        state: row.state,
        urgency: body::urgency(row.urgency).to_owned(),
        due_at: row.due_at,
        since: row.since,
    }
}
