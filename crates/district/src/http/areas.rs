//! `GET /areas`, `GET /place`

use axum::Json;
use axum::extract::State;
use kernel::{Kind, Point, PointError, Refusal};
use platform::{Caller, Params, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::DistrictState;
use crate::{Area, OutsideDistrict, Rank};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AreasQuery {
    /// Code of an area: its parts, one level below, are asked for. The whole district where left out.
    parent: Option<String>,
}

/// The parts of an area as GeoJSON (WGS 84), valid now; of the whole district, itself when `parent` is left out.
///
/// Properties of a feature: `code`, `level`, `name_zh`, `name_en`, `parts` (how many areas lie one level below). Beside the
/// features, `path` leads from the whole down to the parent.
#[utoipa::path(get, path = "/areas", tag = "district", params(AreasQuery), responses(
    (status = 200, body = Value, description = "a GeoJSON FeatureCollection"),
    (status = 401, body = ProblemBody),
    (status = 404, body = ProblemBody),
))]
pub async fn areas(
    State(state): State<DistrictState>,
    caller: Caller,
    Params(query): Params<AreasQuery>,
) -> Result<Json<Value>, Problem> {
    let territory = &state.profile.territory;
    let now = state.platform.edge.now();
    let found: Vec<&Area> = match &query.parent {
        None => territory.of_level(0, now).collect(),
        Some(parent) if territory.area(parent, now).is_none() => {
            let refusal = Refusal { field: Some("parent"), ..Refusal::new(Kind::NotFound, "area-not-found") };
            return Err(Problem::of(refusal.with("code", parent), caller.language));
        }
        Some(parent) => territory.children(parent, now).collect(),
    };
    let features: Vec<Value> = found
        .into_iter()
        .map(|area| {
            let level = match area.rank {
                Rank::Level(level) => territory.levels().get(level).map(|level| level.key.as_str()),
                Rank::Layer(layer) => territory.layers().get(layer).map(|layer| layer.key.as_str()),
            };
            json!({
                "type": "Feature",
                "properties": {
                    "code": area.code,
                    "level": level,
                    "name_zh": area.name.zh,
                    "name_en": area.name.en,
                    "parts": territory.children(&area.code, now).count(),
                },
                "geometry": {"type": "MultiPolygon", "coordinates": territory.shape(&area.code, now)},
            })
        })
        .collect();
    let path: Vec<AreaBody> = match &query.parent {
        None => Vec::new(),
        Some(parent) => territory.line(parent, now).into_iter().map(AreaBody::of).collect(),
    };
    Ok(Json(json!({"type": "FeatureCollection", "path": path, "features": features})))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    /// Degrees, WGS 84.
    longitude: f64,
    /// Degrees, WGS 84.
    latitude: f64,
}

/// The areas that hold a point now.
#[derive(Serialize, ToSchema)]
pub struct PlaceBody {
    /// From the whole down, one of each level.
    pub areas: Vec<AreaBody>,
    /// Of each layer that has an area there.
    pub layers: Vec<AreaBody>,
}

#[derive(Serialize, ToSchema)]
pub struct AreaBody {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
}

impl AreaBody {
    fn of(area: &Area) -> AreaBody {
        AreaBody { code: area.code.clone(), name_zh: area.name.zh.clone(), name_en: area.name.en.clone() }
    }
}

/// Where a point lies: the area of every level, and of every layer that has one there.
#[utoipa::path(get, path = "/place", tag = "district", params(PlaceQuery), responses(
    (status = 200, body = PlaceBody),
    (status = 401, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "outside the district: says how far and which way"),
))]
pub async fn place(
    State(state): State<DistrictState>,
    caller: Caller,
    Params(query): Params<PlaceQuery>,
) -> Result<Json<PlaceBody>, Problem> {
    let refused = |refusal: Refusal| Problem::of(refusal, caller.language);
    let point = Point::new(query.longitude, query.latitude).map_err(|error| refused(not_a_point(error)))?;
    let found = state.profile.territory.locate(point, state.platform.edge.now());
    let path = found.map_err(|outside| refused(outside_refusal(&outside)))?;
    let body = |area: &&Area| AreaBody {
        code: area.code.clone(),
        name_zh: area.name.zh.clone(),
        name_en: area.name.en.clone(),
    };
    Ok(Json(PlaceBody {
        areas: path.levels.iter().map(body).collect(),
        layers: path.layers.iter().map(body).collect(),
    }))
}

fn not_a_point(error: PointError) -> Refusal {
    match error {
        PointError::Longitude(value) => Refusal::invalid("longitude", "point-longitude").with("value", value),
        PointError::Latitude(value) => Refusal::invalid("latitude", "point-latitude").with("value", value),
    }
}

/// Outside the district, in words for people.
pub fn outside_refusal(outside: &OutsideDistrict) -> Refusal {
    let refusal = Refusal::invalid("place", "point-outside");
    refusal.with("metres", outside.metres.round()).with("direction", outside.direction())
}
