//! `POST /cases/{id}/acts`

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use kernel::Instant;
use platform::{Caller, IfMatch, Input, Problem, ProblemBody, Tagged};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaseworkState, caller, files, refused};
use crate::case::Command;

/// An act on a case: `command` names it, the command's own fields stand beside (docs/RULES.md lists them).
#[derive(Deserialize, ToSchema)]
pub struct CommandBody {
    /// The version the caller saw; another one is a conflict and nothing is done.
    version: Option<i64>,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    command: Command,
}

/// What was acted on, after the act.
#[derive(Serialize, ToSchema)]
pub struct ActedBody {
    pub version: i64,
    pub state: String,
    /// The same key with the same body: it was carried out before, and not again.
    pub repeated: bool,
}

impl ActedBody {
    pub fn tagged(version: i64, state: &str, repeated: bool) -> Tagged<ActedBody> {
        Tagged { version, body: ActedBody { version, state: state.to_owned(), repeated } }
    }
}

/// Acts on a case. With an `Idempotency-Key`, a repeated request is the same act.
#[utoipa::path(post, path = "/cases/{id}/acts", tag = "cases", request_body = CommandBody,
    params(
        ("id" = String, Path, description = "identifier or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller"),
        ("If-Match" = Option<String>, Header, description = "the `ETag` of what the caller saw"),
    ),
    responses(
        (status = 200, body = ActedBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "another state or version than the request supposes"),
        (status = 412, body = ProblemBody, description = "another version than `If-Match` names"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn act(
    State(state): State<CaseworkState>,
    caller: Caller,
    seen: IfMatch,
    headers: HeaderMap,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Tagged<ActedBody>, Problem> {
    let case = caller::readable(&state, &caller, &id).await?;
    let Input(CommandBody { version, claimed_at, command }) = Input::parse(&bytes, caller.language)?;
    let casework = files::usable(&state, &caller, Some(&crate::stream_of(&case)), &command).await?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let key = caller::key(&caller, &headers, &format!("POST /cases/{}/acts", case.id), &bytes);
    let submission = state.platform.edge.submission(key);
    let outcome =
        casework.act(acting, claimed_at, case.id, seen.expected(version, case.version), command, submission).await;
    match outcome.map_err(|error| seen.refused(refused(error, caller.language)))? {
        journal::Answer::Done { output, .. } => {
            Ok(ActedBody::tagged(output.case.version, output.case.state().name(), false))
        }
        journal::Answer::Replayed { .. } => {
            let case = caller::readable(&state, &caller, &id).await?;
            Ok(ActedBody::tagged(case.version, case.state().name(), true))
        }
    }
}
