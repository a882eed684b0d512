//! `GET /posts`, `GET /duty`

use axum::Json;
use axum::extract::{Query, State};
use jiff::SignedDuration;
use kernel::{Instant, Kind, Refusal};
use platform::{Caller, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::DistrictState;
use crate::{OnDuty, Post, Profile};

/// Nobody looks further ahead for the next shift.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
const STEP: SignedDuration = SignedDuration::from_mins(15);

#[derive(Deserialize, IntoParams)]
pub struct PostQuery {
    /// Only posts that allow this action, such as `case.read`.
    action: Option<String>,
    /// Only posts of exactly this organization.
    organization: Option<String>,
}

/// A post of the profile: a role in an organization.
#[derive(Serialize, ToSchema)]
pub struct PostEntryBody {
    pub key: String,
    pub role: String,
    pub organization: String,
    pub name_zh: String,
    pub name_en: String,
    /// What it allows.
    pub actions: Vec<String>,
}

/// The posts of the district, in the profile's order.
#[utoipa::path(get, path = "/posts", tag = "district", params(PostQuery), responses(
    (status = 200, body = Vec<PostEntryBody>),
    (status = 401, body = ProblemBody),
))]
pub async fn posts(
    State(state): State<DistrictState>,
    _caller: Caller,
    Query(query): Query<PostQuery>,
) -> Json<Vec<PostEntryBody>> {
    let actions =
        |post: &Post| state.profile.roles.get(&post.role).map(|role| role.actions.clone()).unwrap_or_default();
    let wanted = state.profile.posts.all().iter().filter(|post| {
        query.organization.as_ref().is_none_or(|code| *code == post.organization)
            && query.action.as_ref().is_none_or(|action| actions(post).contains(action))
    });
    let body = wanted.map(|post| PostEntryBody {
        key: post.key.clone(),
        role: post.role.clone(),
        organization: post.organization.clone(),
        name_zh: post.name.zh.clone(),
        name_en: post.name.en.clone(),
        actions: actions(post),
    });
    Json(body.collect())
}

#[derive(Deserialize, IntoParams)]
pub struct DutyQuery {
    /// Code of the organization.
    organization: String,
}

/// Who of an organization answers now, and who comes next.
#[derive(Serialize, ToSchema)]
pub struct DutyBody {
    pub organization: String,
    /// Absent where nobody is on duty at this instant.
    pub now: Option<ShiftBody>,
    /// The shift after that; absent where none begins within seven days.
    pub next: Option<ShiftBody>,
}

/// A shift of the roster.
#[derive(Serialize, ToSchema)]
pub struct ShiftBody {
    /// Key of the shift in the roster.
    pub shift: String,
    pub on_duty: DutyPostBody,
    pub deputy: Option<DutyPostBody>,
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// When it hands over.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
}

/// A post on duty.
#[derive(Serialize, ToSchema)]
pub struct DutyPostBody {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
}

/// Who of an organization is on duty now, with the deputy, until when, and who comes next.
#[utoipa::path(get, path = "/duty", tag = "district", params(DutyQuery), responses(
    (status = 200, body = DutyBody),
    (status = 401, body = ProblemBody),
    (status = 404, body = ProblemBody, description = "there is no such organization"),
))]
pub async fn duty(
    State(state): State<DistrictState>,
    caller: Caller,
    Query(DutyQuery { organization }): Query<DutyQuery>,
) -> Result<Json<DutyBody>, Problem> {
    let profile = state.profile.as_ref();
    if profile.organizations.get(&organization).is_none() {
        let refusal = Refusal { field: Some("organization"), ..Refusal::new(Kind::NotFound, "organization-unknown") };
        return Err(Problem::of(refusal.with("code", organization), caller.language));
    }
    let at = state.platform.edge.now();
    let now = profile.on_duty(&organization, at);
    let next = next(profile, &organization, now.as_ref().map_or(at, |duty| duty.until), at);
    let (now, next) = (now.map(|duty| body_of(profile, duty)), next.map(|duty| body_of(profile, duty)));
    Ok(Json(DutyBody { organization, now, next }))
}

/// The first shift that covers `from` or an instant after it.
fn next<'a>(profile: &'a Profile, organization: &str, from: Instant, now: Instant) -> Option<OnDuty<'a>> {
    let mut at = from;
    while at.since(now) <= AHEAD {
        if let Some(duty) = profile.on_duty(organization, at) {
            return Some(duty);
        }
        at = at + STEP;
    }
    None
}

fn body_of(profile: &Profile, duty: OnDuty<'_>) -> ShiftBody {
    let post = |key: &str| {
        let (name_zh, name_en) =
            profile.posts.get(key).map(|post| (post.name.zh.clone(), post.name.en.clone())).unwrap_or_default();
        DutyPostBody { key: key.to_owned(), name_zh, name_en }
    };
    ShiftBody {
        shift: duty.shift.key.clone(),
        on_duty: post(duty.on_duty),
        deputy: duty.deputy.map(post),
        from: duty.from,
        until: duty.until,
    }
}
