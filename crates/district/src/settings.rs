//! `district.toml` and `calendar.toml`: what a district is called, how it looks, when its offices are open.

use std::collections::BTreeMap;

use kernel::Opening;
use serde::{Deserialize, Serialize};

use crate::choice::choice;

/// `district.toml`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// National code, digits.
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47: `zh-CN` or `en`; shown before a person chooses.
    pub language: String,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// What is sample in this profile.
    pub note_zh: String,
    pub note_en: String,
    pub geometry: Geometry,
    /// From the whole down.
    pub level: Vec<LevelSettings>,
    #[serde(default)]
    pub layer: Vec<LayerSettings>,
    /// Colours `#RRGGBB` by use.
    pub theme: BTreeMap<String, String>,
    /// By app: resident, pioneer, desk, wall.
    pub apps: BTreeMap<String, AppSettings>,
}

/// Where the outlines come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    pub kind: GeometryKind,
    pub note_zh: String,
    pub note_en: String,
}

choice! {
    GeometryKind {
        /// Made by a program.
        Synthetic = "synthetic",
        Surveyed = "surveyed",
    }
}

impl GeometryKind {
    /// Gaps and overlaps up to this many square metres are let pass.
    pub const fn tolerance_square_metres(self) -> f64 {
        match self {
            GeometryKind::Synthetic => 0.0,
            GeometryKind::Surveyed => 1.0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelSettings {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerSettings {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
    pub overlaps: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSettings {
    pub name_zh: String,
    pub name_en: String,
}

/// `calendar.toml`; the holidays stand in `calendar/YYYY.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSettings {
    pub source: String,
    /// A last calendar day that is a day off moves to the next working day.
    pub last_day_off_moves: bool,
    /// Working hours that one working day is worth, where a rule counts working days in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_day_hours: Option<u16>,
    /// Opening hours of a make-up working day.
    #[serde(default)]
    pub make_up: Vec<Opening>,
    pub week: Week,
}

/// Opening hours by day; a day left out is a weekly day of rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    pub mon: Vec<Opening>,
    pub tue: Vec<Opening>,
    pub wed: Vec<Opening>,
    pub thu: Vec<Opening>,
    pub fri: Vec<Opening>,
    pub sat: Vec<Opening>,
    pub sun: Vec<Opening>,
}

impl Week {
    /// Monday first.
    pub fn days(&self) -> [&[Opening]; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }
}
