//! A profile made from real requests: areas by where the requests lie, organizations and matters by who answered for what,
//! limits by the targets that were set. What requests cannot tell (rules, roles, hours) comes from a base folder.
//!
//! Areas and limits are found on the odd rows of the file alone; the even rows are left to test them.

mod addresses;
mod areas;
mod base;
mod check;
pub mod limits;
mod matters;
mod outline;
mod plan;
mod rings;
mod survey;
mod tiles;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use kernel::Calendar;

pub use base::BaseError;
use base::{Base, Out};
pub use check::{AreaCheck, LimitCheck, MatterCheck, Miss, Share};
use limits::{Counter, Version};
pub use plan::{Plan, PlanError};
pub use survey::Survey;
pub use tiles::{Polygon, Site, Tiles, tile};
use words::Words;

use crate::requests::RequestMap;
use crate::rows::{AreaRow, OrganizationRow, PostRow};

#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Base(#[from] BaseError),
    #[error("no request of the file has both an area and a place")]
    NoPlaces,
}

/// What was made.
#[derive(Debug)]
pub struct Derived {
    pub rows: usize,
    pub areas: usize,
    /// Areas of each layer.
    pub layers: BTreeMap<String, usize>,
    pub departments: usize,
    pub sections: usize,
    pub matters: usize,
    pub roads: usize,
    pub buildings: usize,
    /// The limits found, by matter.
    pub versions: BTreeMap<String, Vec<Version>>,
}

/// Writes the profile that `survey` shows into the folder `out`; `map_folder` is where the map lies, from which the base
/// is named.
pub fn derive(survey: &Survey, map: &RequestMap, map_folder: &Path, out: &Path) -> Result<Derived, DeriveError> {
    let plan = Plan::of(map)?;
    let base = Base(map_folder.join(&plan.base));
    let out = Out(out.to_owned());
    let calendar = base.calendar(&map.source.time_zone)?;
    let counter = Counter { calendar: &calendar, zone: map.source.zone() };
    let (words, source) = (Words(plan.chinese.clone()), map.source.note.as_str());
    base.copy_to(&out)?;

    let tree = plan.area_kind();
    let areas = areas::areas(&survey.areas, &tree, plan.reach_metres, &words, source);
    if areas.rows.is_empty() {
        return Err(DeriveError::NoPlaces);
    }
    out.write("district.toml", &base.district(areas.bounds)?)?;
    out.features("areas/areas.geojson", &areas.features)?;
    let mut area_rows: Vec<AreaRow> = base.rows("areas.csv")?;
    area_rows.extend(areas.rows.iter().cloned());
    let mut layers = BTreeMap::new();
    for (layer, labels) in &survey.layers {
        let made = areas::areas(labels, &plan.layer_kind(layer), plan.reach_metres, &words, source);
        out.features(&format!("areas/{layer}.geojson"), &made.features)?;
        layers.insert(layer.clone(), made.rows.len());
        area_rows.extend(made.rows);
    }
    out.table("areas.csv", &area_rows)?;

    let streets =
        addresses::streets(&survey.addresses, &plan.address_separator, (&survey.areas, &areas.codes), &words, source);
    out.table("roads.csv", &streets.roads)?;
    out.table("buildings.csv", &streets.buildings)?;

    let mut organizations: Vec<OrganizationRow> = base.rows("organizations.csv")?;
    let made = matters::organizations(survey, &plan.root, &map.departments, &words, source);
    organizations.extend(made.rows.iter().cloned());
    organizations.extend(plan.offices(&areas.rows));
    out.table("organizations.csv", &organizations)?;
    let mut posts: Vec<PostRow> = base.rows("posts.csv")?;
    posts.extend(plan.posts(&organizations));
    out.table("posts.csv", &posts)?;

    let found = matters::matters(survey, &made, &counter, &words, source);
    out.table("matters.csv", &found.matters)?;
    out.table("limits.csv", &found.limits)?;
    out.table("classes.csv", &found.classes)?;
    let sections = made.rows.iter().filter(|row| row.kind == "section").count();
    Ok(Derived {
        rows: survey.rows,
        areas: areas.rows.len(),
        layers,
        departments: made.departments.len(),
        sections,
        matters: survey.matters.len(),
        roads: streets.roads.len(),
        buildings: streets.buildings.len(),
        versions: found.versions,
    })
}

/// The calendar that `derive` counts by, for checks of the limits found.
pub fn calendar(map: &RequestMap, map_folder: &Path) -> Result<(Calendar, TimeZone), DeriveError> {
    let plan = Plan::of(map)?;
    let calendar = Base(map_folder.join(&plan.base)).calendar(&map.source.time_zone)?;
    Ok((calendar, map.source.zone()))
}
