//! `GET /demo/people`: who a visitor can sign in as, where the server was started for a demonstration.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use kernel::{Kind, Refusal};
use platform::{Lang, Problem, ProblemBody};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::demo::DemoPerson;

pub fn routes() -> OpenApiRouter<Arc<[DemoPerson]>> {
    OpenApiRouter::new().routes(routes!(people))
}

/// The demo people with their password; there are none unless the server was started with `--demo`.
#[utoipa::path(get, path = "/demo/people", tag = "session", responses(
    (status = 200, body = Vec<DemoPerson>),
    (status = 404, body = ProblemBody, description = "this is no demonstration"),
), security(()))]
async fn people(
    State(people): State<Arc<[DemoPerson]>>,
    Lang(language): Lang,
) -> Result<Json<Vec<DemoPerson>>, Problem> {
    if people.is_empty() {
        return Err(Problem::of(Refusal::new(Kind::NotFound, "no-demo"), language));
    }
    Ok(Json(people.to_vec()))
}
