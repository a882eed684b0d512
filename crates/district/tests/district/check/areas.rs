//! Faults of areas, their outlines, and the places in them.

use std::fs;

use super::{check, plant};
use crate::{copy, tiny};

#[test]
fn the_tree_of_areas() {
    let file = "areas.csv";
    plant(
        file,
        "Z01,999901001,,dedicated_grid,",
        "Z01,999901001,grid,dedicated_grid,",
        "level",
        "profile-value-excess",
    );
    plant(file, "W1,,,ward,", "W1,,,wards,", "layer", "profile-unknown-layer");
    plant(
        file,
        "99990100100101,999901001001,grid,",
        "99990100100101,999901001001,cell,",
        "level",
        "profile-unknown-level",
    );
    plant(
        file,
        "999901001001,999901001,community,",
        "999901001001,999901009,community,",
        "parent",
        "profile-unknown-area",
    );
    plant(file, "99990100100101,999901001001,", "99990100100101,999901001,", "parent", "profile-area-parent-level");
    plant(file, "99990100100101,999901001001,", "99990100100101,,", "parent", "profile-value-empty");
    plant(file, "999901,,district", "999901,999901001,district", "parent", "profile-value-excess");
    plant(
        file,
        "W2,,,ward,第二选区,Ward 2,,,",
        "W2,,,ward,第二选区,Ward 2,2026-02-01,2026-01-01,",
        "valid_until",
        "profile-period-empty",
    );
    plant(
        file,
        "W2,,,ward,第二选区,Ward 2,,,",
        "W2,,,ward,第二选区,Ward 2,2026/02/01,,",
        "valid_from",
        "profile-value-not-a-date",
    );
    plant(file, "桂花第1网格,Guihua Grid 1,,,sample", "桂花第1网格,,,,sample", "name_en", "profile-value-empty");
    plant(file, "桂花第1网格,Guihua Grid 1,,,sample", "桂花第1网格,Guihua Grid 1,,,", "source", "profile-value-empty");
    check(&[(file, "W1,,,ward,", "W1,,,ward,甲,A,,,sample\nW1,,,ward,")], &[(file, 17, "code", "profile-duplicate")]);
    check(
        &[(file, "W1,,,ward,", "W1,,,ward,甲,A,2026-01-01,,sample\nW1,,,ward,")],
        &[(file, 17, "code", "profile-versions-overlap")],
    );
    check(
        &[(file, "999901001,", "9999,,district,,甲,A,,,sample\n999901001,")],
        &[(file, 3, "code", "profile-area-childless"), (file, 3, "level", "profile-area-root")],
    );
    check(
        &[(file, "银杏社区,Yinxing Community,,,", "银杏社区,Yinxing Community,2020-01-01,,")],
        &[(file, 10, "parent", "profile-area-parent-period"), (file, 11, "parent", "profile-area-parent-period")],
    );
    check(
        &[(file, "99990100200102,", "W3,,,ward,甲,A,,,sample\n99990100200102,")],
        &[(file, 13, "code", "profile-area-without-outline")],
    );
}

#[test]
fn rings_of_outlines() {
    let file = "areas/layers.geojson";
    let z02 = "[[[120.012,30.012],[120.018,30.012],[120.018,30.018],[120.012,30.018],[120.012,30.012]]]";
    plant(file, z02, "[[[120.012,30.012],[120.018,30.012],[120.012,30.012]]]", "geometry", "profile-ring-short");
    plant(
        file,
        z02,
        "[[[120.012,30.012],[120.018,30.012],[120.018,30.018],[120.012,30.018]]]",
        "geometry",
        "profile-ring-open",
    );
    let bow_tie = "[[[120.012,30.012],[120.018,30.018],[120.018,30.012],[120.012,30.018],[120.012,30.012]]]";
    plant(file, z02, bow_tie, "geometry", "profile-ring-crosses");
    plant(file, z02, "[]", "geometry", "profile-outline-empty");
    let without = ("areas.csv", 15, "code", "profile-area-without-outline");
    check(&[(file, "\"code\":\"Z02\"", "\"code\":\"Z09\"")], &[without, (file, 3, "code", "profile-unknown-area")]);
    check(&[(file, "\"code\":\"Z02\"", "\"code\":\"Z01\"")], &[without, (file, 3, "code", "profile-duplicate")]);
}

/// The vertex in the middle of the lower left grid's upper border: `longitude,latitude`.
fn corner(first_grid: &str) -> &str {
    first_grid.split("[120.01,30.01],[").nth(1).unwrap().split(']').next().unwrap()
}

#[test]
fn gaps_and_overlaps() {
    let file = "areas/grids.geojson";
    let text = fs::read_to_string(tiny().join(file)).unwrap();
    let first = text.lines().nth(1).unwrap();
    check(
        &[(file, first, &first.replacen(corner(first), "120.0049,30.014", 1))],
        &[(file, 2, "geometry", "profile-areas-overlap")],
    );
    check(
        &[(file, first, &first.replacen(corner(first), "120.0049,30.006", 1))],
        &[(file, 2, "geometry", "profile-areas-gap")],
    );
    // A vertex that the neighbour has not, on the line between two that both have.
    let corner: [f64; 2] = serde_json::from_str(&format!("[{}]", corner(first))).unwrap();
    let between = [(corner[0] + 120.01) / 2.0, (corner[1] + 30.01) / 2.0];
    let more = first.replacen("[120.01,30.01],", &format!("[120.01,30.01],[{},{}],", between[0], between[1]), 1);
    check(&[(file, first, &more)], &[(file, 2, "geometry", "profile-areas-border")]);
    // Wards may not overlap, but need not tile.
    let file = "areas/layers.geojson";
    check(
        &[(file, "[120.015,30.0],[120.015,30.02]", "[120.016,30.0],[120.016,30.02]")],
        &[(file, 4, "geometry", "profile-areas-overlap")],
    );
}

#[test]
fn outlines_above_the_smallest() {
    let file = "areas/layers.geojson";
    let square = |code: &str, east: &str| {
        format!(
            "\"features\":[\n{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{code}\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":\
             [[[120.0,30.0],[{east},30.0],[{east},30.02],[120.0,30.02],[120.0,30.0]]]}}}},"
        )
    };
    // The grids' borders bend, so a plain square leaves some of itself uncovered and is exceeded elsewhere.
    let faults = |code: &str, east: &str| {
        let folder = tempfile::tempdir().unwrap();
        copy(&tiny(), folder.path());
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("\"features\":[", &square(code, east), 1)).unwrap();
        district::check(folder.path()).faults
    };
    let found = faults("999901", "120.03");
    assert!(!found.is_empty());
    assert!(found.iter().all(|fault| fault.file == file && fault.line == 2), "{found:?}");
    assert!(found.iter().any(|fault| fault.code == "profile-parts-gap"));
    assert!(found.iter().any(|fault| fault.code == "profile-parts-excess"));
}

#[test]
fn places() {
    let file = "buildings.csv";
    plant(file, "B0002,99990100100101", "B0002,99990100100102", "grid", "profile-building-elsewhere");
    plant(file, "B0002,99990100100101", "B0002,99990100100109", "grid", "profile-unknown-area");
    plant(file, "B0002,99990100100101,,,R01,", "B0002,99990100100101,,,R09,", "road", "profile-unknown-road");
    plant(file, "B0002,99990100100101,,,R01,", "B0002,99990100100101,,,,", "number", "profile-number-without-road");
    plant(
        file,
        "B0002,99990100100101,,,R01,4,120.0040000",
        "B0002,99990100100101,,,R01,4,12O.004",
        "longitude",
        "profile-value-not-a-number",
    );
    plant(
        file,
        "B0002,99990100100101,,,R01,4,120.0040000,30.0048000",
        "B0002,99990100100101,,,R01,4,120.004,130.0",
        "latitude",
        "profile-value-out-of-range",
    );
    plant(file, "B0002,", "B0001,", "code", "profile-duplicate");
    plant("roads.geojson", "\"code\":\"R04\"", "\"code\":\"R09\"", "code", "profile-unknown-road");
}
