//! The committed geometry is what its plan makes, and it tiles: shown from the text of the files alone.

use std::collections::{BTreeMap, BTreeSet};

use super::cross::{crossings, touch, turn};
use super::trace::{Cell, LEAST_POINTS};
use super::*;

fn yuexiu() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/yuexiu")
}

#[test]
fn the_committed_files_are_what_the_plan_makes() {
    for file in generate(&yuexiu()).expect("the plan can be carried out") {
        let committed = std::fs::read_to_string(yuexiu().join(&file.path)).unwrap_or_default();
        let line = committed.lines().zip(file.text.lines()).position(|(old, new)| old != new);
        assert!(
            committed == file.text,
            "{} is stale from line {:?}: run `huying profile generate profiles/yuexiu`",
            file.path.display(),
            line.map(|at| at + 1)
        );
    }
}

#[test]
fn the_profile_has_no_fault_and_the_counts_that_are_reported_of_yuexiu() {
    let report = district::check(&yuexiu());
    assert!(report.faults.is_empty(), "{:#?}", report.faults);
    let counts =
        ["subdistricts", "communities", "grids", "departments", "matters", "powers"].map(|of| report.counts[of]);
    assert_eq!(counts, [18, 222, 1843, 57, 51, 99]);
}

#[test]
fn the_grids_of_yuexiu_tile_the_district() {
    let grids = rings(&yuexiu().join("areas/grids.geojson"));
    assert_eq!(grids.len(), 1843);
    assert_eq!(faults(&grids), Vec::<String>::new());
    let square_metres = whole(&grids) as f64 / 2.0 * 102_421.8 * 110_745.8 / 1e14;
    assert!((square_metres - 33_820_000.0).abs() < 100.0, "{square_metres}");
}

#[test]
fn communities_and_subdistricts_are_the_unions_of_their_grids_in_one_piece() {
    let grids = rings(&yuexiu().join("areas/grids.geojson"));
    for (file, digits, count) in [("areas/subdistricts.geojson", 9, 18), ("areas/communities.geojson", 12, 222)] {
        let areas = rings(&yuexiu().join(file));
        assert_eq!(areas.len(), count);
        for (code, ring) in areas {
            let within: Vec<&Vec<Cell>> =
                grids.iter().filter(|(grid, _)| grid[..digits] == code).map(|(_, ring)| ring).collect();
            let used: BTreeSet<(Cell, Cell)> = within.iter().flat_map(|ring| edges(ring)).collect();
            let open: BTreeSet<(Cell, Cell)> = used.iter().copied().filter(|&(a, b)| !used.contains(&(b, a))).collect();
            assert_eq!(open, edges(&ring).into_iter().collect(), "{code} is not the union of its grids");
            assert_eq!(doubled_area(&ring), within.iter().map(|ring| doubled_area(ring)).sum::<i64>(), "{code}");
        }
    }
}

#[test]
fn any_seed_gives_a_tiling_and_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seen = BTreeSet::new();
    for seed in [1, 2, 3] {
        small_plan(folder.path(), seed);
        let files = generate(folder.path()).expect("the plan can be carried out");
        assert_eq!(generate(folder.path()).expect("and again"), files);
        write(folder.path(), &files).expect("the folder can be written to");
        let grids = rings(&folder.path().join("areas/grids.geojson"));
        assert_eq!(grids.len(), 40);
        assert_eq!(faults(&grids), Vec::<String>::new(), "seed {seed}");
        seen.insert(grids);
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn a_plan_that_cannot_be_carried_out_says_why() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refused = |spoil: &dyn Fn(&str) -> String, file: &str| {
        small_plan(folder.path(), 1);
        let path = folder.path().join("plan").join(file);
        let text = std::fs::read_to_string(&path).expect("the plan was written");
        std::fs::write(&path, spoil(&text)).expect("the plan can be spoilt");
        generate(folder.path()).expect_err("a spoilt plan")
    };
    let error = refused(&|text| text.replace("grids = 40", "grids = 7"), "territory.toml");
    assert!(matches!(error, TerritoryError::TooFewGrids { grids: 7, communities: 6 }), "{error}");
    let error = refused(&|text| text.replace(",2,", ",9,"), "communities.csv");
    assert!(matches!(error, TerritoryError::UnknownSubdistrict(code) if code == "9"));
    let error = refused(&|text| text.replace("seed", "sead"), "territory.toml");
    assert!(matches!(error, TerritoryError::Toml { .. }), "{error}");
    let error = refused(&|text| text.replace("share", "part"), "communities.csv");
    assert!(matches!(error, TerritoryError::Csv { .. }), "{error}");
    let error = generate(&folder.path().join("nowhere")).expect_err("no plan");
    assert!(matches!(error, TerritoryError::Read { .. }), "{error}");
}

/// Two subdistricts, six communities, forty grids within a lozenge about three kilometres wide.
fn small_plan(profile: &Path, seed: u64) {
    let put = |file: &str, text: &str| {
        let path = profile.join("plan").join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(profile)).expect("a temporary folder can be written to");
        std::fs::write(path, text).expect("a temporary folder can be written to");
    };
    put("territory.toml", &SMALL_PLAN.replace("SEED", &seed.to_string()));
    let community = |at: usize| format!("{at}0000,{},社区{at},Community {at},1.{at},sample\n", 1 + at % 2);
    let communities: String = (0..6).map(community).collect();
    put("communities.csv", &format!("code,subdistrict,name_zh,name_en,share,source\n{communities}"));
    put("streets.csv", "road,near\nR1,1|2\nR2,1\nR3,2\n");
    put("organizations.csv", "code,kind,parent,name_zh,name_en,area,source\nroot,government,,区,District,,sample\n");
    put("staff.toml", "pattern = []\n");
}

const SMALL_PLAN: &str = r#"
seed = SEED
area_km2 = 4.0
grids = 40
buildings = 100
outline = [[119.985, 30.0], [120.0, 29.99], [120.015, 30.0], [120.0, 30.012]]
[district]
code = "9"
name_zh = "区"
name_en = "District"
source = "sample"
[plane]
centre = [120.0, 30.0]
metres_per_degree = [96486.0, 110852.0]
[[subdistrict]]
code = "1"
name_zh = "西"
name_en = "West"
near = [119.995, 30.0]
share = 1.0
source = "sample"
[[subdistrict]]
code = "2"
name_zh = "东"
name_en = "East"
near = [120.005, 30.0]
share = 1.5
source = "sample"
[merged_layer]
key = "merged"
name_zh = "合"
name_en = "Merged"
grids = 4
[round_layer]
key = "round"
area = [{ code = "D1", name_zh = "圆", name_en = "Round", subdistrict = "2", radius_metres = 200.0 }]
"#;

#[test]
fn a_moved_corner_a_missing_grid_and_a_crossed_border_are_seen() {
    let grids = rings(&yuexiu().join("areas/grids.geojson"));
    let spoilt = |spoil: &dyn Fn(&mut Vec<Grid>)| {
        let mut grids = grids.clone();
        spoil(&mut grids);
        faults(&grids)
    };
    assert!(!spoilt(&|grids| grids[900].1[7].0 += 1).is_empty());
    assert!(!spoilt(&|grids| drop(grids.remove(900))).is_empty());
    assert!(!spoilt(&|grids| grids[900].1.swap(7, 9)).is_empty());
    assert!(!spoilt(&|grids| grids[900].1.truncate(59)).is_empty());
}

#[test]
fn touching_is_told_exactly() {
    let check = |a, b, c, d, expected| assert_eq!(touch(a, b, c, d), expected, "{a:?} {b:?} {c:?} {d:?}");
    check((0, 0), (9, 9), (0, 9), (9, 0), true);
    check((0, 0), (9, 0), (4, 0), (4, 5), true);
    check((0, 0), (9, 0), (4, 1), (4, 5), false);
    check((0, 0), (9, 0), (9, 0), (9, 9), false);
    check((0, 0), (9, 0), (9, 0), (3, 0), true);
    check((0, 0), (9, 0), (9, 0), (12, 0), false);
    check((0, 0), (9, 0), (9, 0), (0, 0), true);
    check((0, 0), (4, 0), (5, 0), (9, 0), false);
    check((3, 3), (3, 3), (5, 0), (9, 0), true);
}

/// Code and ring.
type Grid = (String, Vec<Cell>);

/// Everything that keeps outlines from tiling one simple district, in words.
fn faults(grids: &[Grid]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut owner: BTreeMap<(Cell, Cell), &str> = BTreeMap::new();
    for (code, ring) in grids {
        if ring.len() < LEAST_POINTS {
            faults.push(format!("{code} has {} points", ring.len()));
        }
        if doubled_area(ring) <= 0 {
            faults.push(format!("{code} does not run counter-clockwise"));
        }
        for edge in edges(ring) {
            if let Some(other) = owner.insert(edge, code) {
                faults.push(format!("{code} and {other} both lie left of {edge:?}"));
            }
        }
    }
    let outline: BTreeMap<Cell, Cell> = owner.keys().copied().filter(|&(a, b)| !owner.contains_key(&(b, a))).collect();
    let ring: Vec<Cell> = outline.first_key_value().map(|(&start, _)| walk(&outline, start)).unwrap_or_default();
    if ring.len() != outline.len() {
        faults.push(format!("{} of {} open sides make the outline", ring.len(), outline.len()));
    }
    if whole(grids) != doubled_area(&ring) {
        faults.push("the grids together are not as large as the outline".into());
    }
    let lines = owner.keys().filter(|&&(a, b)| a < b || !owner.contains_key(&(b, a))).enumerate();
    let lines: BTreeMap<(usize, usize), Vec<Cell>> = lines.map(|(at, &(a, b))| ((at, 0), vec![a, b])).collect();
    faults.extend(crossings(&lines).iter().map(|side| format!("{:?} touches another side", lines[side])));
    faults
}

/// Twice the area of a ring, in cells; positive when it runs counter-clockwise.
fn doubled_area(ring: &[Cell]) -> i64 {
    ring.windows(2).map(|pair| turn(ring[0], pair[0], pair[1])).sum()
}

fn whole(grids: &[Grid]) -> i64 {
    grids.iter().map(|(_, ring)| doubled_area(ring)).sum()
}

fn walk(onward: &BTreeMap<Cell, Cell>, start: Cell) -> Vec<Cell> {
    let mut ring = vec![start];
    while let Some(&next) = ring.last().and_then(|here| onward.get(here)) {
        if next == start || ring.len() > onward.len() {
            break;
        }
        ring.push(next);
    }
    ring
}

fn edges(ring: &[Cell]) -> Vec<(Cell, Cell)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)).collect()
}

/// Code and ring of each feature, read back from the text in whole cells; rings must be closed.
fn rings(file: &Path) -> Vec<Grid> {
    let text = std::fs::read_to_string(file).expect("the file is there");
    let whole: serde_json::Value = serde_json::from_str(&text).expect("the file is JSON");
    let features = whole["features"].as_array().expect("a collection has features");
    let cells = |value: &serde_json::Value| (value.as_f64().expect("a coordinate is a number") * 1e7).round() as i64;
    let ring = |feature: &serde_json::Value| {
        let ring = feature["geometry"]["coordinates"][0].as_array().expect("a polygon has a ring");
        let mut ring: Vec<Cell> = ring.iter().map(|place| (cells(&place[0]), cells(&place[1]))).collect();
        assert_eq!(ring.first(), ring.last());
        ring.pop();
        (feature["properties"]["code"].as_str().expect("a feature has a code").to_owned(), ring)
    };
    features.iter().map(ring).collect()
}
