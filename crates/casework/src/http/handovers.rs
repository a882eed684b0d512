//! `/handovers/{organization}`: the hand-over notes of a duty.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use journal::access::Why;
use kernel::{Instant, Kind, Refusal};
use platform::{Caller, IfMatch, Input, Problem, ProblemBody, Tagged};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::act::ActedBody;
use super::body::{self, NamedBody};
use super::facts::looker;
use super::{CaseworkState, caller, refused};
use crate::case::{Action, Words};
use crate::handover::{HandOver, Handover, TakeOver, Turn};

/// The last note of an organization.
#[derive(Serialize, ToSchema)]
pub struct HandoverBody {
    pub organization: NamedBody,
    pub version: i64,
    pub left: TurnBody,
    /// Streams of what is open, such as `case/` and an identifier.
    pub open: BTreeSet<String>,
    /// What to watch; absent where its writer was erased.
    pub words: Option<String>,
    /// Who took it over; absent while it waits.
    pub taken: Option<TurnBody>,
}

#[derive(Serialize, ToSchema)]
pub struct TurnBody {
    pub post: NamedBody,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// A note for whoever is on duty next.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveBody {
    /// Streams of cases and calls to look after, beside the calls that are open anyway.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    open: BTreeSet<String>,
    /// What to watch. Sealed.
    #[schema(value_type = String, example = "东亭路井盖已围挡，明早八点复查")]
    words: Words,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
}

/// Nothing has to be said when a note is taken over.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBody {
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
}

/// Why a note is looked at, as the access log keeps it.
const GROUND: &str = "hand_over";

/// The last note of an organization, for those who keep its duty. Its writer finds the look on their access log.
#[utoipa::path(get, path = "/handovers/{organization}", tag = "duty", params(("organization" = String, Path)), responses(
    (status = 200, body = HandoverBody, headers(("ETag" = String, description = "the version, for `If-Match`"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody, description = "no note was left, or not for this caller"),
))]
pub async fn note(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(organization): Path<String>,
) -> Result<Tagged<HandoverBody>, Problem> {
    let found = readable(&state, &caller, &organization).await?;
    let grant = caller::grant(&caller, &headers)?;
    let looker = looker(&state, &caller, grant, Why::code(GROUND));
    let words = state.watch().handover_words(&found, looker).await;
    let words = words.map_err(|error| Problem::unrefused(error, caller.language))?;
    let turn = |turn: &Turn| TurnBody { post: body::post(&state.profile, &turn.post), at: turn.at };
    let body = HandoverBody {
        organization: body::organization(&state.profile, &found.organization),
        version: found.version,
        left: turn(&found.note.left),
        open: found.note.open.clone(),
        words,
        taken: found.note.taken.as_ref().map(turn),
    };
    Ok(Tagged { version: found.version, body })
}

/// Leaves a duty with a note.
#[utoipa::path(post, path = "/handovers/{organization}", operation_id = "leave_duty", tag = "duty", request_body = LeaveBody,
    params(
        ("organization" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller"),
    ),
    responses(
        (status = 200, body = ActedBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "a note waits that was not taken over"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn leave(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(organization): Path<String>,
    bytes: Bytes,
) -> Result<Tagged<ActedBody>, Problem> {
    caller.require(Action::KeepDuty.name())?;
    let Input(LeaveBody { open, words, claimed_at }) = Input::parse(&bytes, caller.language)?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let key = caller::key(&caller, &headers, &format!("POST /handovers/{organization}"), &bytes);
    let leave = HandOver { organization: organization.clone(), open, words };
    let outcome = state.watch().hand_over(acting, claimed_at, leave, state.platform.edge.submission(key)).await;
    match outcome.map_err(|error| refused(error, caller.language))? {
        journal::Answer::Done { output, .. } => Ok(ActedBody::tagged(output.version, "waiting", false)),
        journal::Answer::Replayed { .. } => {
            let found = readable(&state, &caller, &organization).await?;
            Ok(ActedBody::tagged(found.version, standing(&found), true))
        }
    }
}

/// Takes the waiting note over.
#[utoipa::path(post, path = "/handovers/{organization}/taking", tag = "duty", request_body = TakeBody,
    params(
        ("organization" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller"),
        ("If-Match" = Option<String>, Header, description = "the `ETag` of the note the caller saw"),
    ),
    responses(
        (status = 200, body = ActedBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "no note waits"),
        (status = 412, body = ProblemBody, description = "another note than `If-Match` names"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn take(
    State(state): State<CaseworkState>,
    caller: Caller,
    seen: IfMatch,
    headers: HeaderMap,
    Path(organization): Path<String>,
    bytes: Bytes,
) -> Result<Tagged<ActedBody>, Problem> {
    let found = readable(&state, &caller, &organization).await?;
    if let Some(expected) = seen.expected(None, found.version).filter(|expected| *expected != found.version) {
        let refusal = Refusal::new(Kind::Conflict, "watch-stale").with("expected", expected);
        let problem = Problem::of(refusal.with("actual", found.version), caller.language);
        return Err(seen.refused(problem));
    }
    let claimed_at = match bytes.is_empty() {
        true => None,
        false => Input::<TakeBody>::parse(&bytes, caller.language)?.0.claimed_at,
    };
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let key = caller::key(&caller, &headers, &format!("POST /handovers/{organization}/taking"), &bytes);
    let take = TakeOver { organization: organization.clone() };
    let outcome = state.watch().take_over(acting, claimed_at, take, state.platform.edge.submission(key)).await;
    match outcome.map_err(|error| refused(error, caller.language))? {
        journal::Answer::Done { output, .. } => Ok(ActedBody::tagged(output.version, standing(&output), false)),
        journal::Answer::Replayed { .. } => Ok(ActedBody::tagged(found.version, standing(&found), true)),
    }
}

/// The notes of an organization in the line of a post that keeps duty there.
async fn readable(state: &CaseworkState, caller: &Caller, organization: &str) -> Result<Handover, Problem> {
    let action = Action::KeepDuty.name();
    caller.require(action)?;
    let missing = || {
        let refusal = Refusal { field: Some("organization"), ..Refusal::new(Kind::NotFound, "watch-not-found") };
        Problem::of(refusal, caller.language)
    };
    let mut keeping = caller.scope.grants().iter().filter(|grant| grant.actions.contains(action));
    let is_theirs = keeping.any(|grant| {
        grant.organizations.contains(organization)
            || state.profile.organizations.is_within(&grant.organization, organization)
    });
    if !is_theirs {
        return Err(missing());
    }
    let found = state.watch().handover(organization).await;
    found.map_err(|error| Problem::internal(&error, caller.language))?.ok_or_else(missing)
}

fn standing(handover: &Handover) -> &'static str {
    if handover.note.taken.is_some() { "taken" } else { "waiting" }
}
