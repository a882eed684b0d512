//! `GET /cases/{id}`

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use kernel::text::Language;
use kernel::{ClockState, Instant, Point, Refusal};
use platform::{Caller, Problem, ProblemBody, Tagged};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, NamedBody};
use super::report::PointBody;
use super::{CaseworkState, caller};
use crate::case::{Assignment, Case, Context, Offer, Timer, Urgency};

/// A case as it stands, and what the caller may do with it.
#[derive(Serialize, ToSchema)]
pub struct CaseBody {
    pub id: String,
    pub number: String,
    /// Give it with an act, so that nothing is done on an older state.
    pub version: i64,
    /// `registered`, `accepted`, `dispatched`, `answered`, `handled`, `verified`, `closed`, `rated`.
    pub state: String,
    pub open: bool,
    #[schema(value_type = String)]
    pub channel: crate::case::Channel,
    #[schema(value_type = String)]
    pub kind: crate::case::RequestKind,
    pub matter: Option<NamedBody>,
    #[schema(value_type = String)]
    pub urgency: Urgency,
    #[schema(value_type = Option<PointBody>)]
    pub point: Option<Point>,
    /// From the district down.
    pub areas: Vec<NamedBody>,
    /// The organization that accepts, dispatches, verifies and closes.
    pub desk: NamedBody,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    pub confidential: bool,
    /// How it was closed, as `case::Outcome` names it.
    pub outcome: Option<String>,
    pub assignments: Vec<AssignmentBody>,
    pub clocks: Vec<ClockBody>,
    /// What the caller's post may do now, and why not what it may not.
    pub acts: Vec<ActBody>,
}

#[derive(Serialize, ToSchema)]
pub struct AssignmentBody {
    pub no: u16,
    pub organization: NamedBody,
    /// `lead` or `co_operating`.
    #[schema(value_type = String)]
    pub part: crate::case::Part,
    /// `dispatched`, `answered`, `reported`, `handled`, `returned`, `taken_away`.
    pub state: String,
    /// Steps inside the organization, where it has any.
    #[schema(value_type = Vec<String>)]
    pub chain: Vec<crate::case::Step>,
    /// Index of the step at hand.
    pub at: usize,
    pub holder: Option<NamedBody>,
}

#[derive(Serialize, ToSchema)]
pub struct ClockBody {
    /// Such as `accept` or `handle/2`.
    pub key: String,
    pub holder: NamedBody,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Instant,
    /// `running`, `met`, `late`, `lapsed`, `cancelled`.
    pub state: String,
    /// The due instant touches a year without a published list of holidays and will be worked out again.
    pub provisional: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ActBody {
    pub command: String,
    pub assignment: Option<u16>,
    pub allowed: bool,
    /// Why not, in the caller's language.
    pub reason: Option<String>,
}

/// One case, by its identifier or its number.
#[utoipa::path(get, path = "/cases/{id}", tag = "cases",
    params(("id" = String, Path, description = "identifier or number")),
    responses(
        (status = 200, body = CaseBody, headers(("ETag" = String, description = "the version, for `If-Match`"))),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "not there, or not for this caller"),
    ))]
pub async fn show(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Tagged<CaseBody>, Problem> {
    let case = caller::readable(&state, &caller, &id).await?;
    let grant = caller::grant(&caller, &headers)?;
    let acting = caller::acting(&caller, grant);
    let (book, at) = (state.casework.book(), state.platform.edge.now());
    let cx = Context { book: &book, at, claimed_at: None, caller: &acting, draw: 1.0, head: None };
    let offers = case.offers(&cx);
    Ok(Tagged { version: case.version, body: case_body(&state, &caller, &case, offers) })
}

pub fn case_body(state: &CaseworkState, caller: &Caller, case: &Case, offers: Vec<Offer>) -> CaseBody {
    let (profile, opened) = (&state.profile, case.opened_at);
    let path = case.place.as_ref().map_or(&[][..], |place| &place.path);
    CaseBody {
        id: case.id.to_string(),
        number: case.number.clone(),
        version: case.version,
        state: case.state().name().to_owned(),
        open: !case.is_closed(),
        channel: case.channel,
        kind: case.kind,
        matter: case.matter.as_ref().map(|matter| body::matter(profile, &matter.code, opened)),
        urgency: case.urgency,
        point: case.place.as_ref().and_then(|place| place.point),
        areas: path.iter().map(|code| body::area(profile, code, opened)).collect(),
        desk: body::organization(profile, &case.desk),
        opened_at: opened,
        confidential: case.confidentiality.is_some(),
        outcome: case.closed().map(|(closing, _)| closing.outcome.name().to_owned()),
        assignments: case.assignments.iter().map(|one| assignment_body(state, one)).collect(),
        clocks: case.clocks.iter().map(|(key, timer)| clock_body(state, key.to_string(), timer)).collect(),
        acts: offers.into_iter().map(|offer| act_body(caller, offer)).collect(),
    }
}

fn assignment_body(state: &CaseworkState, one: &Assignment) -> AssignmentBody {
    AssignmentBody {
        no: one.no,
        organization: body::organization(&state.profile, &one.organization),
        part: one.part,
        state: one.state_name().to_owned(),
        chain: one.inner.chain.clone(),
        at: one.inner.at,
        holder: one.inner.holder.as_ref().map(|code| body::organization(&state.profile, code)),
    }
}

pub fn clock_body(state: &CaseworkState, key: String, timer: &Timer) -> ClockBody {
    ClockBody {
        key,
        holder: body::organization(&state.profile, &timer.holder),
        started_at: timer.started(),
        due_at: timer.due_at(),
        state: state_name(&timer.state()).to_owned(),
        provisional: timer.provisional(),
    }
}

fn act_body(caller: &Caller, offer: Offer) -> ActBody {
    ActBody::new(offer.command, offer.assignment, offer.refusal.as_ref().map(Refusal::from), caller.language)
}

impl ActBody {
    pub fn new(command: &str, assignment: Option<u16>, refusal: Option<Refusal>, language: Language) -> ActBody {
        let reason = refusal.map(|why| why.message(language));
        ActBody { command: command.to_owned(), assignment, allowed: reason.is_none(), reason }
    }
}

fn state_name(state: &ClockState) -> &'static str {
    match state {
        ClockState::Running => "running",
        ClockState::Lapsed { .. } => "lapsed",
        ClockState::Met { .. } => "met",
        ClockState::Late { .. } => "late",
        ClockState::Cancelled { .. } => "cancelled",
    }
}
