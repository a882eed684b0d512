//! `GET /cases/{id}/facts`: the time line.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use journal::access::{Looker, Why};
use kernel::{Actor, Instant};
use platform::{Caller, Grant, Problem, ProblemBody};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{self, NamedBody};
use super::{CaseworkState, caller};
use crate::TimeLineEntry;
use crate::mask::Masked;

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
    /// Sealed values that are not shown whole.
    pub masked: Vec<MaskedBody>,
    /// True where a person it speaks of was erased.
    pub erased: bool,
}

/// A sealed value that is not shown whole.
#[derive(Serialize, ToSchema)]
pub struct MaskedBody {
    #[schema(example = "phone")]
    pub field: String,
    /// Enough to recognize a value one knows, for who may have it unmasked; absent for everyone else.
    #[schema(example = "138****5678")]
    pub hint: Option<String>,
}

/// Why a time line is looked at, as the access log keeps it.
const GROUND: &str = "time_line";

/// Everything that happened on a case, in order. Names, telephones and addresses are masked: `POST /cases/{id}/unmasking` shows
/// them. Whose sealed values are shown finds the look on their access log: who, when, in which case, which fields. Where the look cannot be put on record, nothing is shown.
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
    let looker = looker(&state, &caller, grant, Why::code(GROUND));
    let showing = |subject: &str, field: &str| caller::showing(&caller, &case, subject, field);
    let line = state.casework.time_line(&case, looker, showing).await;
    let line = line.map_err(|error| Problem::unrefused(error, caller.language))?;
    Ok(Json(line.0.into_iter().map(|entry| fact_body(&state, entry)).collect()))
}

pub fn looker(state: &CaseworkState, caller: &Caller, grant: &Grant, why: Why) -> Looker {
    let actor = caller.actor(&grant.post);
    Looker { actor, why, submission: state.platform.edge.submission(None) }
}

fn masked_body(masked: Masked) -> MaskedBody {
    MaskedBody { field: masked.field, hint: masked.hint }
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
        masked: entry.masked.into_iter().map(masked_body).collect(),
        erased: !entry.erased.is_empty(),
    }
}
