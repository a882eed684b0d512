//! The district over HTTP: what it is called, its areas and matters, and where a point lies.

mod areas;
mod district;
mod matters;
mod posts;

use std::sync::Arc;

use axum::extract::FromRef;
use platform::PlatformState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Profile;

#[derive(Clone)]
pub struct DistrictState {
    pub platform: PlatformState,
    pub profile: Arc<Profile>,
}

impl FromRef<DistrictState> for PlatformState {
    fn from_ref(state: &DistrictState) -> PlatformState {
        state.platform.clone()
    }
}

/// `/district`, `/areas`, `/place`, `/matters`, `/organizations`, `/posts`, `/duty`.
pub fn routes() -> OpenApiRouter<DistrictState> {
    OpenApiRouter::new()
        .routes(routes!(district::district))
        .routes(routes!(areas::areas))
        .routes(routes!(areas::place))
        .routes(routes!(matters::matters))
        .routes(routes!(matters::organizations))
        .routes(routes!(posts::posts))
        .routes(routes!(posts::duty))
}
