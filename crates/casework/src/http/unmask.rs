//! `POST /cases/{id}/unmasking`: who someone is, for whoever says why they need it.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use journal::access::Why;
use kernel::{Instant, Kind, Refusal};
use platform::{Caller, Input, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::looker;
use super::{CaseworkState, caller};
use crate::mask::{IDENTITY, Showing};
use crate::resource::{READ, WITHHOLD, resource};

/// How long a look can be withheld at most; a longer investigation looks again.
const LONGEST_DAYS: i64 = 366;
/// How many letters a reason has.
const REASON: std::ops::RangeInclusive<usize> = 4..=200;

/// What is to be unmasked, and why. The person concerned reads both on their access log.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmaskBody {
    /// `name`, `phone`, `address`.
    #[schema(value_type = Vec<String>, example = json!(["phone"]))]
    fields: BTreeSet<String>,
    ground: Ground,
    /// 4 to 200 letters.
    #[schema(example = "回电核实井盖位置")]
    reason: String,
    /// Until when the person is not told, at most a year; only for a post with `access.withhold` on the ground
    /// `investigation` (Personal Information Protection Law, articles 18 and 35).
    #[schema(value_type = Option<String>, format = DateTime)]
    withheld_until: Option<Instant>,
}

/// Why an act needs to know who someone is.
#[derive(Clone, Copy, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// To reach the person.
    Contact,
    /// To see whether what is reported is so.
    Verify,
    /// To do what was asked for.
    Handle,
    FollowUp,
    Investigation,
    Other,
}

/// Values in the order of the time line.
#[derive(Serialize, ToSchema)]
pub struct UnmaskedBody {
    /// Position of the fact that keeps it.
    pub position: i64,
    pub field: String,
    #[schema(example = "13800005678")]
    pub value: String,
}

/// Shows sealed values whole. The look, with its ground and reason, is on the person's access log before anything is shown.
#[utoipa::path(post, path = "/cases/{id}/unmasking", tag = "cases", request_body = UnmaskBody,
    params(("id" = String, Path, description = "identifier or number")),
    responses(
        (status = 200, body = Vec<UnmaskedBody>),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "none of the caller's posts may know who the person is"),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody),
    ))]
pub async fn unmask(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Json<Vec<UnmaskedBody>>, Problem> {
    let case = caller::readable(&state, &caller, &id).await?;
    let problem = |refusal: Refusal| Problem::of(refusal, caller.language);
    if !caller.scope.identifies(READ, &resource(&case)) {
        return Err(problem(Refusal::new(Kind::Forbidden, "unmasking-not-permitted")));
    }
    let Input(body) = Input::<UnmaskBody>::parse(&bytes, caller.language)?;
    body.check(&caller, state.platform.edge.now()).map_err(problem)?;
    let UnmaskBody { fields, ground, reason, withheld_until } = body;
    let why = Why { ground: ground.code().to_owned(), reason: Some(reason), withheld_until };
    let looker = looker(&state, &caller, caller::grant(&caller, &headers)?, why);
    let showing = |_: &str, field: &str| if fields.contains(field) { Showing::Whole } else { Showing::Nothing };
    let line = state.casework.time_line(&case, looker, showing).await;
    let line = line.map_err(|error| Problem::unrefused(error, caller.language))?;
    let values = line.0.into_iter().flat_map(|entry| {
        let of = move |(field, value)| UnmaskedBody { position: entry.position, field, value };
        entry.values.into_iter().map(of)
    });
    Ok(Json(values.collect()))
}

impl UnmaskBody {
    fn check(&self, caller: &Caller, now: Instant) -> Result<(), Refusal> {
        if self.fields.is_empty() || self.fields.iter().any(|field| !IDENTITY.contains(&field.as_str())) {
            return Err(Refusal::invalid("fields", "unmasking-fields").with("fields", IDENTITY.join(", ")));
        }
        if !REASON.contains(&self.reason.trim().chars().count()) {
            let (least, most) = (REASON.start(), REASON.end());
            return Err(Refusal::invalid("reason", "unmasking-reason").with("least", least).with("most", most));
        }
        let Some(until) = self.withheld_until else { return Ok(()) };
        if self.ground != Ground::Investigation || !caller.scope.has(WITHHOLD) {
            let refusal = Refusal::new(Kind::Forbidden, "unmasking-not-withheld");
            return Err(Refusal { field: Some("withheld_until"), ..refusal });
        }
        if until <= now || until.since(now).as_hours() > LONGEST_DAYS * 24 {
            return Err(Refusal::invalid("withheld_until", "unmasking-too-long").with("days", LONGEST_DAYS));
        }
        Ok(())
    }
}

impl Ground {
    fn code(self) -> &'static str {
        match self {
            Ground::Contact => "contact",
            Ground::Verify => "verify",
            Ground::Handle => "handle",
            Ground::FollowUp => "follow_up",
            Ground::Investigation => "investigation",
            Ground::Other => "other",
        }
    }
}
