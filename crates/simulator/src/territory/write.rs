//! The made geometry as files of the profile.

use std::fmt::Write as _;
use std::path::PathBuf;

use district::rows::{AreaRow, BuildingRow};
use serde::Serialize;

use super::buildings::Building;
use super::land::Land;
use super::layers::LayerArea;
use super::plan::Plan;
use super::staff::Staff;
use super::streets::Street;
use super::trace::Cell;
use super::{ProfileFile, TerritoryError};

const SAMPLE: &str = "sample: synthetic geometry";

pub fn drawings(plan: &Plan, land: &Land, streets: &[Street], layers: &[LayerArea]) -> Vec<ProfileFile> {
    let grids = land.communities.iter().flat_map(|community| &community.grids);
    let grids = grids.map(|(code, face)| feature(code, "Polygon", &polygon(&land.ring(*face))));
    let communities = land.communities.iter().filter_map(|community| {
        let faces: Vec<usize> = community.grids.iter().map(|(_, face)| *face).collect();
        Some(feature(&community.code, "Polygon", &polygon(&land.ring_around(&faces)?)))
    });
    let subdistricts = plan.territory.subdistrict.iter().filter_map(|subdistrict| {
        let ring = land.ring_around(&land.faces_of_subdistrict(&subdistrict.code))?;
        Some(feature(&subdistrict.code, "Polygon", &polygon(&ring)))
    });
    let merged_and_round = layers.iter().map(|area| feature(&area.code, "Polygon", &polygon(&area.ring)));
    let lines = streets.iter().map(|street| feature(&street.road, "LineString", &positions(&street.line(land))));
    vec![
        collection("areas/subdistricts.geojson", subdistricts.collect()),
        collection("areas/communities.geojson", communities.collect()),
        collection("areas/grids.geojson", grids.collect()),
        collection("areas/layers.geojson", merged_and_round.collect()),
        collection("roads.geojson", lines.collect()),
    ]
}

pub fn tables(areas: &[AreaRow], buildings: &[Building], staff: &Staff) -> Result<Vec<ProfileFile>, TerritoryError> {
    Ok(vec![
        table("areas.csv", areas)?,
        table("buildings.csv", &buildings.iter().map(building).collect::<Vec<_>>())?,
        table("organizations.csv", &staff.organizations)?,
        table("posts.csv", &staff.posts)?,
        table("rosters.csv", &staff.rosters)?,
    ])
}

pub fn areas(plan: &Plan, land: &Land, layers: &[LayerArea]) -> Vec<AreaRow> {
    let district = &plan.territory.district;
    let mut rows = vec![AreaRow {
        code: district.code.clone(),
        level: "district".into(),
        name_zh: district.name_zh.clone(),
        name_en: district.name_en.clone(),
        source: district.source.clone(),
        ..AreaRow::default()
    }];
    rows.extend(plan.territory.subdistrict.iter().map(|subdistrict| AreaRow {
        code: subdistrict.code.clone(),
        parent: district.code.clone(),
        level: "subdistrict".into(),
        name_zh: subdistrict.name_zh.clone(),
        name_en: subdistrict.name_en.clone(),
        source: subdistrict.source.clone(),
        ..AreaRow::default()
    }));
    rows.extend(plan.communities.iter().map(|community| AreaRow {
        code: community.code.clone(),
        parent: community.subdistrict.clone(),
        level: "community".into(),
        name_zh: community.name_zh.clone(),
        name_en: community.name_en.clone(),
        source: community.source.clone(),
        ..AreaRow::default()
    }));
    for (community, line) in land.communities.iter().zip(&plan.communities) {
        rows.extend(community.grids.iter().map(|(code, _)| {
            let number = &code[community.code.len()..];
            AreaRow {
                code: code.clone(),
                parent: community.code.clone(),
                level: "grid".into(),
                name_zh: format!("{}第{number}网格", line.name_zh),
                name_en: format!("{} Grid {number}", line.name_en),
                source: SAMPLE.into(),
                ..AreaRow::default()
            }
        }));
    }
    rows.extend(layers.iter().map(|area| AreaRow {
        code: area.code.clone(),
        parent: area.parent.clone(),
        layer: area.layer.clone(),
        name_zh: area.name_zh.clone(),
        name_en: area.name_en.clone(),
        source: SAMPLE.into(),
        ..AreaRow::default()
    }));
    rows
}

fn building(building: &Building) -> BuildingRow {
    BuildingRow {
        code: format!("{}{:03}", building.grid, building.sequence),
        grid: building.grid.clone(),
        road: building.road.clone(),
        number: building.number.clone(),
        longitude: degrees(building.place.0),
        latitude: degrees(building.place.1),
        source: SAMPLE.into(),
        ..BuildingRow::default()
    }
}

fn table<T: Serialize>(path: &str, rows: &[T]) -> Result<ProfileFile, TerritoryError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(TerritoryError::Table)?;
    }
    let bytes = writer.into_inner().map_err(|error| TerritoryError::Table(error.into_error().into()))?;
    Ok(ProfileFile { path: PathBuf::from(path), text: String::from_utf8_lossy(&bytes).into_owned() })
}

/// One feature a line, so that a fault has a line and a change a small difference.
fn collection(path: &str, features: Vec<String>) -> ProfileFile {
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"));
    ProfileFile { path: PathBuf::from(path), text }
}

fn feature(code: &str, kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

/// One closed ring.
fn polygon(ring: &[Cell]) -> String {
    let closed: Vec<Cell> = ring.iter().chain(ring.first()).copied().collect();
    format!("[{}]", positions(&closed))
}

fn positions(line: &[Cell]) -> String {
    let mut text = String::from("[");
    for (at, cell) in line.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}[{},{}]", degrees(cell.0), degrees(cell.1));
    }
    text.push(']');
    text
}

/// Whole cells as degrees, without a detour over floating point.
fn degrees(cells: i64) -> String {
    let sign = if cells < 0 { "-" } else { "" };
    format!("{sign}{}.{:07}", cells.abs() / 10_000_000, cells.abs() % 10_000_000)
}
