//! `roads.csv`, `roads.geojson`, `buildings.csv`

use std::collections::HashMap;

use kernel::Point;

use super::Codes;
use super::cells::Line;
use crate::fault::{Faults, codes};
use crate::place::{Building, Places, Road};
use crate::read::Files;
use crate::territory::{Locator, Territory};

pub(super) fn build(files: &mut Files, codes: &Codes, territory: &Territory, faults: &mut Faults) -> Places {
    let roads = roads(files, faults);
    let buildings = buildings(files, codes, &roads, territory, faults);
    Places::new(roads, buildings)
}

fn roads(files: &mut Files, faults: &mut Faults) -> Vec<Road> {
    let mut seen = HashMap::new();
    let mut roads = Vec::new();
    let mut by_code = HashMap::new();
    for row in &files.roads.rows {
        let mut line = Line::of(&files.roads, row, faults);
        let name = line.name(&row.name_zh, &row.name_en);
        let source = line.filled("source", &row.source);
        if line.unique("code", &row.code, &mut seen) {
            by_code.insert(row.code.trim().to_owned(), roads.len());
            let code = row.code.trim().to_owned();
            roads.push(Road { code, name, aliases: row.aliases.clone(), lines: Vec::new(), source });
        }
    }
    for feature in std::mem::take(&mut files.road_lines) {
        match by_code.get(&feature.code) {
            Some(place) => roads[*place].lines.extend(feature.geometry.into_parts()),
            None => faults.add(feature.fault("code", codes::UNKNOWN_ROAD).with("value", &feature.code)),
        }
    }
    roads
}

fn buildings(
    files: &Files,
    known: &Codes,
    roads: &[Road],
    territory: &Territory,
    faults: &mut Faults,
) -> Vec<Building> {
    let roads: HashMap<&str, &Road> = roads.iter().map(|road| (road.code.as_str(), road)).collect();
    // Where an area has a fault, nothing is said of what lies in it.
    let areas_are_sound = !faults.concern("areas");
    let locators: Vec<Locator<'_>> = territory.instants().into_iter().map(|when| territory.locator(when)).collect();
    let mut seen = HashMap::new();
    let mut buildings = Vec::new();
    for row in &files.buildings.rows {
        let mut line = Line::of(&files.buildings, row, faults);
        let unique = line.unique("code", &row.code, &mut seen);
        let source = line.filled("source", &row.source);
        let name = match (row.name_zh.trim(), row.name_en.trim()) {
            ("", "") => None,
            _ => Some(line.name(&row.name_zh, &row.name_en)),
        };
        let road = line.reference("road", &row.road, roads.contains_key(row.road.trim()), codes::UNKNOWN_ROAD);
        if road.is_none() && !row.number.trim().is_empty() {
            line.fault("number", codes::NUMBER_WITHOUT_ROAD, &[]);
        }
        let longitude = line.number("longitude", &row.longitude, -180.0, 180.0);
        let latitude = line.number("latitude", &row.latitude, -90.0, 90.0);
        let grid = line.filled("grid", &row.grid);
        if !grid.is_empty() && !known.areas.contains(&grid) {
            line.fault("grid", codes::UNKNOWN_AREA, &[("value", &grid)]);
            continue;
        }
        let (Some(longitude), Some(latitude)) = (longitude, latitude) else { continue };
        let Ok(point) = Point::new(longitude, latitude) else { continue };
        if areas_are_sound {
            in_its_grid(&mut line, row.code.trim(), &grid, point, &locators);
        }
        if unique {
            let (code, number) = (row.code.trim().to_owned(), row.number.trim().to_owned());
            buildings.push(Building { code, grid, name, road, number, point, source });
        }
    }
    buildings
}

/// The point lies in the grid at least between some two redrawings.
fn in_its_grid(line: &mut Line<'_>, code: &str, grid: &str, point: Point, locators: &[Locator<'_>]) {
    let mut actual = None;
    for locator in locators.iter().rev() {
        let Some(leaf) = locator.leaf(point) else { continue };
        if leaf.code == grid {
            return;
        }
        actual = actual.or(Some(leaf.code.as_str()));
    }
    let actual = actual.unwrap_or("—");
    line.fault("grid", codes::BUILDING_ELSEWHERE, &[("value", &code), ("area", &grid), ("actual", &actual)]);
}
