//! `GET /matters`, `GET /organizations`

use axum::Json;
use axum::extract::State;
use platform::{Caller, ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;

use super::DistrictState;

/// A matter that can be chosen for a case.
#[derive(Serialize, ToSchema)]
pub struct MatterBody {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    /// May be reported and closed at once (即报即结).
    pub on_the_spot: bool,
    /// On the call-and-response list.
    pub callable: bool,
}

/// The matters valid now, in the profile's order.
#[utoipa::path(get, path = "/matters", tag = "district", responses(
    (status = 200, body = Vec<MatterBody>),
    (status = 401, body = ProblemBody),
))]
pub async fn matters(State(state): State<DistrictState>, _caller: Caller) -> Json<Vec<MatterBody>> {
    let valid = state.profile.matters.valid(state.platform.edge.now());
    let body = valid.map(|matter| MatterBody {
        code: matter.code.clone(),
        name_zh: matter.name.zh.clone(),
        name_en: matter.name.en.clone(),
        on_the_spot: matter.on_the_spot,
        callable: matter.callable,
    });
    Json(body.collect())
}

/// An organization a case can be given to.
#[derive(Serialize, ToSchema)]
pub struct OrganizationBody {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    /// `department`, `section`, `contractor`, `subdistrict` …
    #[schema(value_type = String)]
    pub kind: crate::OrganizationKind,
    pub parent: Option<String>,
}

/// The organizations of the district, in the profile's order.
#[utoipa::path(get, path = "/organizations", tag = "district", responses(
    (status = 200, body = Vec<OrganizationBody>),
    (status = 401, body = ProblemBody),
))]
pub async fn organizations(State(state): State<DistrictState>, _caller: Caller) -> Json<Vec<OrganizationBody>> {
    let all = state.profile.organizations.all().iter();
    let body = all.map(|one| OrganizationBody {
        code: one.code.clone(),
        name_zh: one.name.zh.clone(),
        name_en: one.name.en.clone(),
        kind: one.kind,
        parent: one.parent.clone(),
    });
    Json(body.collect())
}
