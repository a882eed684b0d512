//! `/outages`: when the platform itself was down, which is not counted against anyone.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::Instant;
use platform::{Caller, Input, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaseworkState, caller, refused};
use crate::case::{Action, Words};
use crate::outage::{Declare, Outage};
use crate::resource::READ;

#[derive(Serialize, ToSchema)]
pub struct OutageBody {
    pub id: String,
    pub version: i64,
    /// From this instant to before `until`.
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub declared_at: Instant,
    /// When every clock that ran in it had been looked at; absent until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub applied_at: Option<Instant>,
}

/// An outage that is over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareBody {
    #[schema(value_type = String, format = DateTime)]
    from: Instant,
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
    /// How it is known. Sealed.
    #[schema(value_type = String, example = "机房断电，值班日志第 12 条")]
    words: Words,
}

#[derive(Serialize, ToSchema)]
pub struct DeclaredBody {
    #[serde(flatten)]
    pub outage: OutageBody,
    /// The same key with the same body: the outage of the first time.
    pub repeated: bool,
}

/// Every outage on record, the oldest first. Their words stay with those who declared them.
#[utoipa::path(get, path = "/outages", tag = "outages", responses(
    (status = 200, body = Vec<OutageBody>),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
))]
pub async fn outages(State(state): State<CaseworkState>, caller: Caller) -> Result<Json<Vec<OutageBody>>, Problem> {
    caller.require(READ)?;
    let found = state.watch().outages().await.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok(Json(found.iter().map(body).collect()))
}

/// Declares an outage. The timekeeper then leaves it out of every clock that ran in it.
#[utoipa::path(post, path = "/outages", tag = "outages", request_body = DeclareBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller")),
    responses(
        (status = 201, body = DeclaredBody),
        (status = 200, body = DeclaredBody, description = "carried out before"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "another outage on record overlaps it"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn declare(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<DeclaredBody>), Problem> {
    caller.require(Action::DeclareOutage.name())?;
    let Input(DeclareBody { from, until, words }) = Input::parse(&bytes, caller.language)?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let key = caller::key(&caller, &headers, "POST /outages", &bytes);
    let submission = state.platform.edge.submission(key);
    let outcome = state.watch().declare(acting, Declare { from, until, words }, submission).await;
    let (status, outage, repeated) = match outcome.map_err(|error| refused(error, caller.language))? {
        journal::Answer::Done { output, .. } => (StatusCode::CREATED, output, false),
        journal::Answer::Replayed { positions } => {
            let id = caller::opened_at(&state, &caller, positions.first, "outage/").await?;
            let all = state.watch().outages().await.map_err(|error| Problem::internal(&error, caller.language))?;
            let found = all.into_iter().find(|one| one.id.to_string() == id);
            let lost = || Problem::internal(&"an outage is on record and not in its table", caller.language);
            (StatusCode::OK, found.ok_or_else(lost)?, true)
        }
    };
    Ok((status, Json(DeclaredBody { outage: body(&outage), repeated })))
}

fn body(outage: &Outage) -> OutageBody {
    OutageBody {
        id: outage.id.to_string(),
        version: outage.version,
        from: outage.from,
        until: outage.until,
        declared_at: outage.declared_at,
        applied_at: outage.applied_at,
    }
}
