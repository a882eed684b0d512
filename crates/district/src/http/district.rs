//! `GET /district`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::DistrictState;

/// What a district is called and how it looks: enough to draw the first page.
#[derive(Serialize, ToSchema)]
pub struct DistrictBody {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub language: String,
    pub time_zone: String,
    /// West, south, east, north in degrees, WGS 84.
    pub bounds: [f64; 4],
    /// What is sample in this district's profile.
    pub note_zh: String,
    pub note_en: String,
    /// From the whole down.
    pub levels: Vec<LevelBody>,
    /// Colours `#RRGGBB` by use.
    pub theme: BTreeMap<String, String>,
    pub apps: BTreeMap<String, AppBody>,
}

#[derive(Serialize, ToSchema)]
pub struct LevelBody {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
}

#[derive(Serialize, ToSchema)]
pub struct AppBody {
    pub name_zh: String,
    pub name_en: String,
}

/// The district: open to everyone.
#[utoipa::path(get, path = "/district", tag = "district", responses((status = 200, body = DistrictBody)), security(()))]
pub async fn district(State(state): State<DistrictState>) -> Json<DistrictBody> {
    let settings = &state.profile.settings;
    let levels = settings.level.iter().map(|level| LevelBody {
        key: level.key.clone(),
        name_zh: level.name_zh.clone(),
        name_en: level.name_en.clone(),
    });
    let apps = settings
        .apps
        .iter()
        .map(|(key, app)| (key.clone(), AppBody { name_zh: app.name_zh.clone(), name_en: app.name_en.clone() }));
    Json(DistrictBody {
        code: settings.code.clone(),
        name_zh: settings.name_zh.clone(),
        name_en: settings.name_en.clone(),
        language: settings.language.clone(),
        time_zone: settings.time_zone.clone(),
        bounds: settings.bounds,
        note_zh: settings.note_zh.clone(),
        note_en: settings.note_en.clone(),
        levels: levels.collect(),
        theme: settings.theme.clone(),
        apps: apps.collect(),
    })
}
