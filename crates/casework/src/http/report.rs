//! `POST /cases`: taking in.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::{Instant, Point};
use platform::resident::phone_of;
use platform::{By, Caller, Input, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaseworkState, caller, files, refused};
use crate::Opened;
use crate::case::{Channel, Evidence, Location, Register, Reporter, RequestKind, Settle, Urgency, Words};

/// What is taken in: an appeal, a finding, an alarm.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// What happened, in the reporter's words; at most 8,000 characters. Sealed.
    #[schema(value_type = String, example = "路口井盖破损，有行人绊倒")]
    words: Words,
    /// `event`, `component`, `enquiry`, `help`, `suggestion`, `complaint`, `report` or `emergency`.
    #[schema(value_type = String, example = "component")]
    kind: RequestKind,
    /// Code of a matter; the desk decides where none is given.
    matter: Option<String>,
    /// `ordinary`, `urgent`, `emergency`; the matter's own where left out.
    #[schema(value_type = Option<String>)]
    urgency: Option<Urgency>,
    /// Degrees, WGS 84. Outside the district it is refused; left out, the case has no place yet.
    #[schema(value_type = Option<PointBody>)]
    point: Option<Point>,
    /// Address as said. Sealed.
    address: Option<String>,
    /// Who reported, where the caller reports for someone. Sealed.
    name: Option<String>,
    phone: Option<String>,
    /// The reporter says that the words hold a state secret; then nothing is taken in and the answer says where to turn.
    #[serde(default)]
    declares_secret: bool,
    #[serde(default)]
    #[schema(value_type = Vec<EvidenceBody>)]
    evidence: Vec<Evidence>,
    /// Settled on the spot (即报即结): registered and closed at once; needs photographs before and after.
    #[serde(default)]
    settled: bool,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape of kernel::Point in the document")]
pub struct PointBody {
    longitude: f64,
    latitude: f64,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape of case::Evidence in the document")]
pub struct EvidenceBody {
    /// `photo_before`, `photo_after`, `photo`, `document`, `contact_record`, `text`.
    kind: String,
    attachment: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ReportedBody {
    pub id: String,
    pub number: String,
    /// The same key with the same body: the case of the first time.
    pub repeated: bool,
}

/// Registers a case. With an `Idempotency-Key`, a repeated request is the same case, not a second.
#[utoipa::path(post, path = "/cases", tag = "cases", request_body = ReportBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller")),
    responses(
        (status = 201, body = ReportedBody),
        (status = 200, body = ReportedBody, description = "carried out before"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "no such file, or not the caller's to use"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn report(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<ReportedBody>), Problem> {
    let Input(report) = Input::<ReportBody>::parse(&bytes, caller.language)?;
    let casework = files::usable(&state, &caller, None, &report.evidence).await?;
    let grant = caller::grant(&caller, &headers)?;
    let (acting, claimed_at, settled) = (caller::acting(&caller, grant), report.claimed_at, report.settled);
    let key = caller::key(&caller, &headers, "POST /cases", &bytes);
    let mut submission = state.platform.edge.submission(key);
    let reporter = match caller.by {
        By::Resident => Some(oneself(&state, &caller, &report).await?),
        By::Session | By::Client { .. } => reporter(&report, &mut submission.chance),
    };
    let channel = if caller.by == By::Resident { Channel::ResidentApp } else { Channel::StaffApp };
    let register = register(&state, report, reporter, channel);
    let outcome = if settled {
        casework.settle(acting, claimed_at, Settle { register }, submission).await
    } else {
        casework.register(acting, claimed_at, register, submission).await
    };
    match outcome.map_err(|error| refused(error, caller.language))? {
        journal::Answer::Done { output: Opened { id, number, .. }, .. } => {
            Ok((StatusCode::CREATED, Json(ReportedBody { id: id.to_string(), number, repeated: false })))
        }
        journal::Answer::Replayed { positions } => {
            let body = repeated(&state, positions.first).await;
            Ok((StatusCode::OK, Json(body.map_err(|error| Problem::internal(&error, caller.language))?)))
        }
    }
}

/// The case that an earlier request with the same key opened.
async fn repeated(state: &CaseworkState, position: i64) -> Result<ReportedBody, journal::JournalError> {
    let unreadable = || journal::JournalError::Unreadable { position, reason: "no case was opened here".into() };
    let fact = journal::tail::at(&mut state.platform.journal.db(), position).await?.ok_or_else(unreadable)?;
    let id = fact.stream.strip_prefix("case/").and_then(|id| id.parse().ok()).ok_or_else(unreadable)?;
    let case = state.casework.case(id).await?.ok_or_else(unreadable)?;
    Ok(ReportedBody { id: id.to_string(), number: case.number, repeated: true })
}

/// A resident who reports for itself: under its own subject, with the telephone it signed in by, so that it can be reached.
async fn oneself(state: &CaseworkState, caller: &Caller, report: &ReportBody) -> Result<Reporter, Problem> {
    let phone = phone_of(&state.platform.journal, caller.account()).await;
    let phone = phone.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok(Reporter { subject: caller.subject(), name: report.name.clone(), phone, email: None })
}

/// Who reported, where a post reports for someone: a subject of its own for each report.
fn reporter(report: &ReportBody, chance: &mut kernel::Chance) -> Option<Reporter> {
    (report.name.is_some() || report.phone.is_some() || report.address.is_some()).then(|| Reporter {
        subject: format!("reporter/{}", chance.uuid()),
        name: report.name.clone(),
        phone: report.phone.clone(),
        email: None,
    })
}

fn register(state: &CaseworkState, report: ReportBody, reporter: Option<Reporter>, channel: Channel) -> Register {
    Register {
        channel,
        kind: report.kind,
        words: report.words,
        reporter,
        address: report.address,
        location: location(state, report.point),
        desk: None,
        matter: report.matter,
        urgency: report.urgency,
        declares_secret: report.declares_secret,
        confidentiality: None,
        outer: None,
        evidence: report.evidence,
    }
}

fn location(state: &CaseworkState, point: Option<Point>) -> Location {
    let now = state.platform.edge.now();
    point.map_or(Location::Unknown, |point| Location::of(&state.profile.territory, point, now))
}
