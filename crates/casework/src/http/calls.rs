//! `/calls`: summoning departments to one place.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use district::Profile;
use kernel::{Instant, Kind, Point, Refusal};
use platform::{Caller, IfMatch, Input, Params, Problem, ProblemBody, Tagged};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::act::ActedBody;
use super::body::{self, NamedBody};
use super::filter::{among, list, organizations};
use super::list::page_limit;
use super::report::PointBody;
use super::show::{ActBody, ClockBody, clock_body};
use super::trail::{self, TrailBody};
use super::{CaseworkState, caller, files, refused};
use crate::call::{Call, CallId, Command, Duty, Raise, Summons};
use crate::case::{CaseId, Context, Location, Place, Urgency, Words};
use crate::resource::{self, READ_CALL};
use crate::{CallFilter, Watch};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallsQuery {
    /// `checking`, `standing`, `objected`, `called_off`, `ended`; several with commas between them.
    state: Option<String>,
    /// Only calls that stand or are checked, or only those that are over.
    open: Option<bool>,
    /// Codes of subdistricts that called.
    caller: Option<String>,
    /// Codes of organizations that are summoned; parts of a named one count.
    organization: Option<String>,
    /// Codes of matters.
    matter: Option<String>,
    /// Identifier of the case they were raised for.
    #[param(value_type = Option<String>)]
    case: Option<CaseId>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct CallsBody {
    /// Raised last first.
    pub rows: Vec<CallRowBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CallRowBody {
    pub id: String,
    pub version: i64,
    /// `checking`, `standing`, `objected`, `called_off`, `ended`.
    pub state: String,
    pub caller: NamedBody,
    pub case: Option<String>,
    pub matter: NamedBody,
    #[schema(value_type = String)]
    pub urgency: Urgency,
    #[schema(value_type = Option<PointBody>)]
    pub point: Option<Point>,
    /// From the district down.
    pub areas: Vec<NamedBody>,
    #[schema(value_type = String, format = DateTime)]
    pub raised_at: Instant,
    pub summons: Vec<SummonsBody>,
}

#[derive(Serialize, ToSchema)]
pub struct SummonsBody {
    pub no: u16,
    pub organization: NamedBody,
    /// `waiting`, `rung`, `answered`, `arrived`, `acted`, `released`.
    pub state: String,
    /// Posts rung so far: on duty, deputy, centre.
    pub rung: Vec<NamedBody>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub arrived_at: Option<Instant>,
    /// When the next clock of it lapses.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Instant>,
    pub score: Option<u8>,
}

/// A call as it stands, and what the caller may do with it.
#[derive(Serialize, ToSchema)]
pub struct CallBody {
    #[serde(flatten)]
    pub call: CallRowBody,
    pub clocks: Vec<ClockBody>,
    /// What the caller's post may do now, and why not what it may not; `assignment` is the number of the summons.
    pub acts: Vec<ActBody>,
}

/// What is called for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseBody {
    /// Code of a matter on the call-and-response list.
    matter: String,
    /// `ordinary`, `urgent`, `emergency`; the matter's own where it is higher.
    #[schema(value_type = Option<String>)]
    urgency: Option<Urgency>,
    /// Identifier of the case it is raised for; its place is the call's where none is given.
    #[schema(value_type = Option<String>)]
    case: Option<CaseId>,
    #[schema(value_type = Option<PointBody>)]
    point: Option<Point>,
    /// Codes of those that are to come.
    organizations: Vec<String>,
    /// What is asked of them. Sealed.
    #[schema(value_type = String, example = "路面塌陷，请排水和交警到场")]
    words: Words,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
}

#[derive(Serialize, ToSchema)]
pub struct RaisedBody {
    pub id: String,
    pub version: i64,
    pub state: String,
    /// The same key with the same body: the call of the first time.
    pub repeated: bool,
}

/// An act on a call: `command` names it, the command's own fields stand beside (docs/RULES.md lists them).
#[derive(Deserialize, ToSchema)]
pub struct CallCommandBody {
    /// The version the caller saw; another one is a conflict and nothing is done.
    version: Option<i64>,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    command: Command,
}

/// Calls that the caller may read, by filters that all hold.
#[utoipa::path(get, path = "/calls", tag = "calls", params(CallsQuery), responses(
    (status = 200, body = CallsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
pub async fn calls(
    State(state): State<CaseworkState>,
    caller: Caller,
    Params(query): Params<CallsQuery>,
) -> Result<Json<CallsBody>, Problem> {
    const STATES: [&str; 5] = ["checking", "standing", "objected", "called_off", "ended"];
    caller.require(READ_CALL)?;
    let problem = |refusal| Problem::of(refusal, caller.language);
    let filter = CallFilter {
        states: among("state", query.state, |name| STATES.contains(&name)).map_err(problem)?,
        open: query.open,
        callers: list("caller", query.caller).map_err(problem)?,
        organizations: organizations(&state.profile, query.organization).map_err(problem)?,
        matters: list("matter", query.matter).map_err(problem)?,
        case: query.case.map(|case| case.to_string()),
    };
    let (after, limit) = (caller::after(&caller, query.cursor)?, page_limit(query.limit, &caller)?);
    let found = state.watch().list_calls(&caller.scope, &filter, after, limit + 1).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let key = |call: &Call| (call.raised_at.micros(), call.id.to_string());
    let (found, next) = caller::cut(found, limit, key);
    Ok(Json(CallsBody { rows: found.iter().map(|call| row_body(&state.profile, call)).collect(), next }))
}

/// One call.
#[utoipa::path(get, path = "/calls/{id}", tag = "calls", params(("id" = String, Path)), responses(
    (status = 200, body = CallBody, headers(("ETag" = String, description = "the version, for `If-Match`"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
))]
pub async fn call(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Tagged<CallBody>, Problem> {
    let call = readable(&state, &caller, &id).await?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let (book, at) = (state.casework.book(), state.platform.edge.now());
    let cx = Context { book: &book, at, claimed_at: None, caller: &acting, draw: 1.0, head: None };
    let acts = call.offers(Duty(&state.profile), &cx).into_iter().map(|offer| {
        let refusal = offer.refusal.map(|why| why.refusal());
        ActBody::new(offer.command, offer.summons, refusal, caller.language)
    });
    let acts = acts.collect();
    let clocks = call.clocks.iter().map(|(key, timer)| clock_body(&state, key.to_string(), timer)).collect();
    Ok(Tagged { version: call.version, body: CallBody { call: row_body(&state.profile, &call), clocks, acts } })
}

/// Everything that happened on a call, in order. Whose words are shown finds the look on their access log.
#[utoipa::path(get, path = "/calls/{id}/facts", operation_id = "call_facts", tag = "calls", params(("id" = String, Path)), responses(
    (status = 200, body = Vec<TrailBody>),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
))]
pub async fn facts(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Vec<TrailBody>>, Problem> {
    let call = readable(&state, &caller, &id).await?;
    trail::of(&state, &caller, &headers, (&format!("call/{}", call.id), READ_CALL, &resource::call(&call))).await
}

/// Raises a call. With an `Idempotency-Key`, a repeated request is the same call, not a second.
#[utoipa::path(post, path = "/calls", tag = "calls", request_body = RaiseBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller")),
    responses(
        (status = 201, body = RaisedBody),
        (status = 200, body = RaisedBody, description = "carried out before"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "the case is not there, or not for this caller"),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody),
    ))]
pub async fn raise(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<RaisedBody>), Problem> {
    caller.require(crate::case::Action::RaiseCall.name())?;
    let Input(body) = Input::<RaiseBody>::parse(&bytes, caller.language)?;
    let place = place(&state, &caller, &body).await?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let key = caller::key(&caller, &headers, "POST /calls", &bytes);
    let RaiseBody { matter, urgency, case, organizations, words, claimed_at, .. } = body;
    let raise = Raise { matter, urgency, case, place, organizations, words };
    let submission = state.platform.edge.submission(key);
    let outcome = state.watch().raise(acting, claimed_at, raise, submission).await;
    let (status, call, repeated) = match outcome.map_err(|error| refused(error, caller.language))? {
        journal::Answer::Done { output, .. } => (StatusCode::CREATED, output, false),
        journal::Answer::Replayed { positions } => {
            let id = caller::opened_at(&state, &caller, positions.first, "call/").await?;
            (StatusCode::OK, readable(&state, &caller, &id).await?, true)
        }
    };
    let (id, version, state) = (call.id.to_string(), call.version, call.state().to_owned());
    Ok((status, Json(RaisedBody { id, version, state, repeated })))
}

/// Acts on a call. With an `Idempotency-Key`, a repeated request is the same act.
#[utoipa::path(post, path = "/calls/{id}/acts", operation_id = "act_on_call", tag = "calls", request_body = CallCommandBody,
    params(
        ("id" = String, Path),
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
    let call = readable(&state, &caller, &id).await?;
    let Input(CallCommandBody { version, claimed_at, command }) = Input::parse(&bytes, caller.language)?;
    let casework = files::usable(&state, &caller, Some(&format!("call/{}", call.id)), &command).await?;
    let key = caller::key(&caller, &headers, &format!("POST /calls/{}/acts", call.id), &bytes);
    let expected = seen.expected(version, call.version);
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let submission = state.platform.edge.submission(key);
    let watch = Watch::new(casework, state.profile.clone());
    let outcome = watch.act_on_call(acting, claimed_at, call.id, expected, command, submission).await;
    let (call, repeated) = match outcome.map_err(|error| seen.refused(refused(error, caller.language)))? {
        journal::Answer::Done { output, .. } => (output, false),
        journal::Answer::Replayed { .. } => (readable(&state, &caller, &id).await?, true),
    };
    Ok(ActedBody::tagged(call.version, call.state(), repeated))
}

async fn readable(state: &CaseworkState, caller: &Caller, id: &str) -> Result<Call, Problem> {
    caller.require(READ_CALL)?;
    let missing = || {
        let refusal = Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "watch-not-found") };
        Problem::of(refusal, caller.language)
    };
    let id: CallId = id.parse().map_err(|_| missing())?;
    let call = state.watch().call(id).await.map_err(|error| Problem::internal(&error, caller.language))?;
    // Whoever was rung may be of a section of the organization summoned, or of the centre.
    let was_rung = |call: &Call| {
        let grants = caller.scope.grants().iter();
        grants.filter(|grant| grant.actions.contains(READ_CALL)).any(|grant| call.has_rung(&grant.post))
    };
    let may_read = |call: &Call| caller.scope.allows(READ_CALL, &resource::call(call)) || was_rung(call);
    call.filter(may_read).ok_or_else(missing)
}

/// Where the departments are to come: the point given, else the place of the case.
async fn place(state: &CaseworkState, caller: &Caller, body: &RaiseBody) -> Result<Place, Problem> {
    let case = match body.case {
        Some(id) => Some(caller::readable(state, caller, &id.to_string()).await?),
        None => None,
    };
    let Some(point) = body.point else {
        return Ok(case.and_then(|case| case.place).unwrap_or_default());
    };
    match Location::of(&state.profile.territory, point, state.platform.edge.now()) {
        Location::At(place) => Ok(place),
        _ => Err(Problem::of(Refusal::invalid("point", "call-place-missing"), caller.language)),
    }
}

pub fn row_body(profile: &Profile, call: &Call) -> CallRowBody {
    let raised = call.raised_at;
    CallRowBody {
        id: call.id.to_string(),
        version: call.version,
        state: call.state().to_owned(),
        caller: body::organization(profile, &call.caller),
        case: call.case.map(|case| case.to_string()),
        matter: body::matter(profile, &call.matter.code, raised),
        urgency: call.urgency,
        point: call.place.point,
        areas: call.place.path.iter().map(|code| body::area(profile, code, raised)).collect(),
        raised_at: raised,
        summons: call.summons.iter().map(|one| summons_body(profile, call, one)).collect(),
    }
}

fn summons_body(profile: &Profile, call: &Call, one: &Summons) -> SummonsBody {
    SummonsBody {
        no: one.no,
        organization: body::organization(profile, &one.organization),
        state: one.state_name().to_owned(),
        rung: one.rung.iter().map(|post| body::post(profile, post)).collect(),
        answered_at: one.answered_at,
        arrived_at: one.arrived_at,
        due_at: call.due_of(one.no),
        score: one.scored.map(|scored| scored.score),
    }
}
