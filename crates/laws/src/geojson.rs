//! Outlines of areas, and which of them hold a point.

mod slow;

use std::collections::BTreeMap;

use district::{Fault, Locator, Territory};
use kernel::text::Language;
use kernel::{Instant, Point};

use crate::take::Take;
use slow::holder;

const DISTRICT: &str = include_str!("../../../profiles/tiny/district.toml");
const AREAS: &str = include_str!("../../../profiles/tiny/areas.csv");
const LAYERS: &str = include_str!("../../../profiles/tiny/areas/layers.geojson");
const GRIDS: &str = "areas/grids.geojson";
/// The grids of the tiny district, two rows of three.
const CODES: [&str; 6] =
    ["99990100100101", "99990100100201", "99990100200101", "99990100100102", "99990100100202", "99990100200102"];

/// A file as it is, where the first byte is `{`; otherwise the bytes move the corners of the tiny district's grids, so that
/// sound territories of odd shapes come of them too.
pub fn law(data: &[u8]) {
    let (text, points) = match data.first() {
        Some(b'{') => (String::from_utf8_lossy(data).into_owned(), Vec::new()),
        _ => {
            let mut take = Take(data);
            let text = drawn(&mut take);
            (text, (0..16).map(|_| [corner(120.0, &mut take, 16), corner(30.0, &mut take, 11)]).collect())
        }
    };
    let files = [("district.toml", DISTRICT), ("areas.csv", AREAS), ("areas/layers.geojson", LAYERS), (GRIDS, &text)];
    let files: BTreeMap<String, String> = files.map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    let (territory, faults) = district::testing::territory(files);
    assert!(faults.len() <= 64 + text.len(), "{} faults of {} bytes", faults.len(), text.len());
    for fault in &faults {
        sound_fault(fault, &text);
    }
    if faults.is_empty() {
        answers_equal_the_slow_way(&territory, points);
    }
}

fn sound_fault(fault: &Fault, text: &str) {
    let message = fault.message(Language::English);
    assert!(!message.is_empty() && message != fault.code, "{fault:?}");
    if fault.file == GRIDS {
        assert!(fault.line <= text.lines().count().max(1) as u64, "{fault:?}");
    }
}

/// A place on a lattice so coarse that points fall on borders.
fn corner(base: f64, take: &mut Take<'_>, cells: usize) -> f64 {
    (base * 400.0 + take.below(4 * cells) as f64 - cells as f64 / 4.0).round() / 400.0
}

/// The grids with their twelve corners moved, and a bend in the middle of some edges.
fn drawn(take: &mut Take<'_>) -> String {
    let mut corners = [[[0.0; 2]; 4]; 3];
    for (row, line) in corners.iter_mut().enumerate() {
        for (column, corner) in line.iter_mut().enumerate() {
            let mut moved = || (f64::from(take.byte() % 9) - 4.0) / 800.0;
            let (x, y) = (120.0 + 0.01 * column as f64 + moved(), 30.0 + 0.01 * row as f64 + moved());
            *corner = [(x * 800.0).round() / 800.0, (y * 800.0).round() / 800.0];
        }
    }
    let bent = take.byte();
    let middle = |[ax, ay]: [f64; 2], [bx, by]: [f64; 2]| [(ax + bx) / 2.0, (ay + by) / 2.0];
    let mut lines = vec![r#"{"type":"FeatureCollection","features":["#.to_owned()];
    for (place, code) in CODES.iter().enumerate() {
        let (row, column) = (place / 3, place % 3);
        let [south_west, south_east] = [corners[row][column], corners[row][column + 1]];
        let [north_east, north_west] = [corners[row + 1][column + 1], corners[row + 1][column]];
        let mut ring = vec![south_west, south_east, north_east, north_west, south_west];
        // Both neighbours of an upright edge have its middle, or neither.
        if bent >> (column + 1) & 1 == 1 {
            ring.insert(2, middle(south_east, north_east));
        }
        if bent >> column & 1 == 1 {
            let at = ring.len() - 1;
            ring.insert(at, middle(north_west, south_west));
        }
        if bent >> (5 + place % 3) & 1 == 1 {
            ring.reverse();
        }
        let comma = if place + 1 < CODES.len() { "," } else { "" };
        let ring = serde_json::to_string(&ring).expect("numbers are JSON");
        lines.push(format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}{comma}"#
        ));
    }
    lines.push("]}".to_owned());
    lines.join("\n")
}

fn answers_equal_the_slow_way(territory: &Territory, mut points: Vec<[f64; 2]>) {
    let locator = territory.locator(Instant::EPOCH);
    let outlines: Vec<_> = locator.outlines().map(|outline| outline.parts()).collect();
    for ring in outlines.iter().copied().flatten().flatten().take(64) {
        for pair in ring.windows(2).take(64) {
            points.push(pair[0]);
            points.push([(pair[0][0] + pair[1][0]) / 2.0, (pair[0][1] + pair[1][1]) / 2.0]);
        }
    }
    let bulk = locator.leaves(&points);
    for (point, answer) in points.iter().zip(bulk) {
        let slow = holder(&outlines, *point);
        assert_eq!(slow.map_or(Locator::OUTSIDE, |place| place as u32), answer, "{point:?}");
        let Ok(point) = Point::new(point[0], point[1]) else { continue };
        let slow = holder(&outlines, [point.longitude(), point.latitude()]);
        let leaf = slow.and_then(|place| locator.smallest().nth(place));
        assert_eq!(locator.leaf(point).map(|area| &area.code), leaf.map(|area| &area.code), "{point:?}");
        match locator.path(point) {
            Ok(path) => {
                assert_eq!(path.levels.len(), territory.levels().len());
                assert_eq!(Some(&path.leaf().code), leaf.map(|area| &area.code));
            }
            Err(outside) => {
                assert!(leaf.is_none(), "{point:?}");
                assert!(outside.metres >= 0.0 && outside.metres.is_finite(), "{outside:?}");
                assert!(!outside.direction().is_empty());
            }
        }
    }
    // The whole is as large as its parts.
    let size = |code: &str| slow::square_degrees(&territory.shape(code, Instant::EPOCH));
    let parts: f64 = locator.smallest().map(|area| size(&area.code)).sum();
    let whole = size("999901");
    assert!((whole - parts).abs() <= 1e-9 * (1.0 + parts), "{whole} of {parts}");
}
