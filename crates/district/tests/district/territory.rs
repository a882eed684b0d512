//! Points to areas.

use std::fs;

use district::{Locator, OutsideDistrict, Profile, Side};
use kernel::{Instant, Point};
use proptest::prelude::*;

use crate::{copy, tiny};

fn at(longitude: f64, latitude: f64) -> Point {
    Point::new(longitude, latitude).unwrap()
}

#[test]
fn a_point_lies_in_one_area_of_each_level_and_in_layers() {
    let profile = Profile::load(&tiny()).unwrap();
    let path = profile.territory.locate(at(120.013, 30.013), Instant::EPOCH).unwrap();
    assert_eq!(path.codes().collect::<Vec<_>>(), ["999901", "999901001", "999901001002", "99990100100202"]);
    // The market and the school overlap here.
    assert_eq!(path.layers.iter().map(|area| area.code.as_str()).collect::<Vec<_>>(), ["Z01", "Z02", "W1"]);
    assert_eq!(path.leaf().name.en, "Yinxing Grid 2");
}

#[test]
fn a_point_on_a_border_belongs_to_the_code_that_sorts_first() {
    let profile = Profile::load(&tiny()).unwrap();
    let leaf = |longitude, latitude| {
        let path = profile.territory.locate(at(longitude, latitude), Instant::EPOCH).unwrap();
        path.leaf().code.clone()
    };
    // Four grids meet here.
    assert_eq!(leaf(120.01, 30.01), "99990100100101");
    assert_eq!(leaf(120.01, 30.02), "99990100100102");
    assert_eq!(leaf(120.03, 30.01), "99990100200101");
    // On the line between two wards.
    let path = profile.territory.locate(at(120.015, 30.005), Instant::EPOCH).unwrap();
    assert_eq!(path.layers.last().unwrap().code, "W1");
}

#[test]
fn outside_it_says_how_far_and_which_way() {
    let profile = Profile::load(&tiny()).unwrap();
    let outside = |longitude, latitude| profile.territory.locate(at(longitude, latitude), Instant::EPOCH).unwrap_err();
    let OutsideDistrict { metres, bearing } = outside(120.0, 29.99);
    assert!((metres - 1112.0).abs() < 2.0 && (bearing - 180.0).abs() < 0.1, "{metres} {bearing}");
    let north_east = outside(120.04, 30.03);
    assert_eq!(north_east.direction(), "NE");
    assert_eq!(north_east.to_string(), "1471 m outside the district, NE of its border");
}

#[test]
fn last_years_case_stays_in_last_years_grid() {
    let folder = tempfile::tempdir().unwrap();
    copy(&tiny(), folder.path());
    let edit = |file: &str, old: &str, new: &str| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{old}");
        fs::write(&path, text.replace(old, new)).unwrap();
    };
    // From 2026 the two grids of Hetang have changed codes.
    let areas = fs::read_to_string(tiny().join("areas.csv")).unwrap();
    for (code, other) in [("99990100200101", "99990100200102"), ("99990100200102", "99990100200101")] {
        let row = areas.lines().find(|line| line.starts_with(code)).unwrap();
        let (before, after) =
            (row.replace(",,,sample", ",,2026-01-01,sample"), row.replace(",,,sample", ",2026-01-01,,sample"));
        edit("areas.csv", row, &format!("{before}\n{after}"));
        let outlines = fs::read_to_string(tiny().join("areas/grids.geojson")).unwrap();
        let drawn = outlines.lines().find(|line| line.contains(code)).unwrap().trim_end_matches(',');
        let now = drawn.replace(&format!("\"{code}\""), &format!("\"{other}\",\"valid_from\":\"2026-01-01\""));
        edit("areas/grids.geojson", drawn, &format!("{drawn},\n{now}"));
    }
    let faults = Profile::load(folder.path()).err();
    assert_eq!(faults, None);
    let profile = Profile::load(folder.path()).unwrap();
    let leaf = |when: &str| {
        let path = profile.territory.locate(at(120.025, 30.005), when.parse().unwrap()).unwrap();
        path.leaf().code.clone()
    };
    assert_eq!(leaf("2025-12-31T23:59:59+08:00"), "99990100200101");
    assert_eq!(leaf("2026-01-01T00:00:00+08:00"), "99990100200102");
}

#[test]
fn areas_without_an_outline_have_the_shape_of_their_parts() {
    let profile = Profile::load(&tiny()).unwrap();
    let square_degrees = |code: &str| -> f64 {
        let shape = profile.territory.shape(code, Instant::EPOCH);
        assert!(shape.iter().all(|polygon| polygon.len() == 1), "{code} has a hole");
        shape
            .iter()
            .flatten()
            .map(|ring| ring.windows(2).map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1]).sum::<f64>() / 2.0)
            .sum()
    };
    let whole = square_degrees("999901");
    let parts = square_degrees("999901001") + square_degrees("999901002");
    assert!((whole - parts).abs() < 1e-9 && whole > 0.0005, "{whole} {parts}");
}

/// The raster against every outline, one after the other.
fn slowly(locator: Locator<'_>, [x, y]: [f64; 2]) -> u32 {
    locator
        .outlines()
        .position(|outline| outline.side(x, y) != Side::Outside)
        .map_or(Locator::OUTSIDE, |place| place as u32)
}

proptest! {
    #[test]
    fn the_index_agrees_with_the_outlines(points in prop::collection::vec((119.998..120.032f64, 29.998..30.022f64), 200)) {
        thread_local!(static TINY: Profile = Profile::load(&tiny()).unwrap());
        TINY.with(|profile| {
            let locator = profile.territory.locator(Instant::EPOCH);
            let points: Vec<[f64; 2]> = points.into_iter().map(|(x, y)| [x, y]).collect();
            for (point, found) in points.iter().zip(locator.leaves(&points)) {
                prop_assert_eq!(found, slowly(locator, *point), "{:?}", point);
            }
            Ok(())
        })?;
    }
}

#[test]
fn the_index_agrees_on_every_vertex_and_middle_of_an_edge() {
    let profile = Profile::load(&tiny()).unwrap();
    let locator = profile.territory.locator(Instant::EPOCH);
    let rings = locator.outlines().flat_map(|outline| outline.parts().iter().flatten());
    let points: Vec<[f64; 2]> = rings
        .flat_map(|ring| ring.windows(2))
        .flat_map(|pair| [pair[0], [(pair[0][0] + pair[1][0]) / 2.0, (pair[0][1] + pair[1][1]) / 2.0]])
        .collect();
    let slow: Vec<u32> = points.iter().map(|point| slowly(locator, *point)).collect();
    assert_eq!(locator.leaves(&points), slow);
    assert!(points.len() > 90);
}
