//! `GET /cases/counts`: open cases by area.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use kernel::{Kind, Refusal};
use platform::{Caller, Params, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::CaseworkState;
use crate::resource::READ;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CountsQuery {
    /// Code of an area: its parts, one level below, are counted. The whole district where left out.
    parent: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CountsBody {
    /// Open cases in the parent, whatever part of it they lie in; without a parent those without a place too.
    pub open: i64,
    /// The same areas that `GET /areas` gives, also those with none.
    pub areas: Vec<CountBody>,
}

#[derive(Serialize, ToSchema)]
pub struct CountBody {
    pub code: String,
    pub open: i64,
}

/// How many of the cases that the caller may read are open, by area as it is valid now.
#[utoipa::path(get, path = "/cases/counts", tag = "cases", params(CountsQuery), responses(
    (status = 200, body = CountsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody, description = "no area has this code"),
))]
pub async fn counts(
    State(state): State<CaseworkState>,
    caller: Caller,
    Params(query): Params<CountsQuery>,
) -> Result<Json<CountsBody>, Problem> {
    caller.require(READ)?;
    let (territory, now) = (&state.profile.territory, state.platform.edge.now());
    let parent = query.parent.as_deref();
    if let Some(parent) = parent.filter(|parent| territory.area(parent, now).is_none()) {
        let refusal = Refusal { field: Some("parent"), ..Refusal::new(Kind::NotFound, "area-not-found") };
        return Err(Problem::of(refusal.with("code", parent), caller.language));
    }
    let mut counted: BTreeMap<&str, i64> = match parent {
        None => territory.of_level(0, now).map(|area| (area.code.as_str(), 0)).collect(),
        Some(parent) => territory.children(parent, now).map(|area| (area.code.as_str(), 0)).collect(),
    };
    let found = state.casework.open_by_area(&caller.scope).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let mut open = 0;
    for (area, cases) in found {
        let line = area.map(|code| territory.line(&code, now)).unwrap_or_default();
        if parent.is_none_or(|parent| line.iter().any(|area| area.code == parent)) {
            open += cases;
        }
        for area in line {
            if let Some(of_part) = counted.get_mut(area.code.as_str()) {
                *of_part += cases;
            }
        }
    }
    let areas = counted.into_iter().map(|(code, open)| CountBody { code: code.to_owned(), open }).collect();
    Ok(Json(CountsBody { open, areas }))
}
