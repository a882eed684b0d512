//! `GET /cases/{id}/facts`: the time line.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use journal::access::Looker;
use kernel::{Actor, Instant};
use platform::{Caller, Problem, ProblemBody};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{self, NamedBody};
use super::{CaseworkState, caller};
use crate::TimeLineEntry;

/// One thing that happened. Three instants: the server's, a device's where it was done offline, and the one that counts.
#[derive(Serialize, ToSchema)]
pub struct FactBody {
    /// Its place in the district's journal, with which a receipt can be asked for.
    pub position: i64,
    pub version: i64,
    /// Such as `case.dispatched`.
    pub kind: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_at: Option<Instant>,
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Instant,
    /// The post that acted; absent for a resident or a program.
    pub post: Option<NamedBody>,
    /// `post`, `resident`, or the name of a program.
    pub by: String,
    /// What happened, with keys and codes.
    pub event: Value,
    /// Sealed values the caller may see, by field.
    pub values: BTreeMap<String, String>,
    /// Fields there are but not for this caller.
    pub masked: Vec<String>,
    /// True where a person it speaks of was erased.
    pub erased: bool,
}

/// Why a time line is looked at, as the access log keeps it.
const GROUND: &str = "time_line";

/// Everything that happened on a case, in order. Whose sealed values are shown finds the look on their access log: who, when, in
/// which case, which fields. Where the look cannot be put on record, nothing is shown.
#[utoipa::path(get, path = "/cases/{id}/facts", tag = "cases",
    params(("id" = String, Path, description = "identifier or number")),
    responses(
        (status = 200, body = Vec<FactBody>),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    ))]
pub async fn facts(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Vec<FactBody>>, Problem> {
    let case = caller::readable(&state, &caller, &id).await?;
    let grant = caller::grant(&caller, &headers)?;
    let book = state.casework.book();
    let may_see = |_: &str, field: &str| caller::may_see(&caller, grant, &case, &book, field);
    let looker = Looker {
        actor: Actor::Post { person: caller.account().to_owned(), post: grant.post.clone() },
        ground: GROUND.to_owned(),
        submission: state.platform.edge.submission(None),
    };
    let line = state.casework.time_line(&case, looker, may_see).await;
    let line = line.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok(Json(line.0.into_iter().map(|entry| fact_body(&state, entry)).collect()))
}

fn fact_body(state: &CaseworkState, entry: TimeLineEntry) -> FactBody {
    let (post, by) = match &entry.actor {
        Actor::Post { post, .. } => (Some(body::post(&state.profile, post)), "post".to_owned()),
        Actor::Resident { .. } => (None, "resident".to_owned()),
        Actor::System { name } => (None, name.clone()),
    };
    FactBody {
        position: entry.position,
        version: entry.version,
        kind: entry.kind,
        at: entry.at,
        claimed_at: entry.claimed_at,
        effective_at: entry.effective_at,
        post,
        by,
        event: serde_json::to_value(&entry.fact.event).unwrap_or_default(),
        values: entry.values,
        masked: entry.masked,
        erased: !entry.erased.is_empty(),
    }
}
