//! Profiles made from requests. The town is made up; the last test reads real requests where `HUYING_DATA` is set.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use district::derive::limits::Counter;
use district::derive::{self, AreaCheck, LimitCheck, Miss, Share, Site, Survey, tile};
use district::requests::{Reader, Request, RequestMap};
use district::{Profile, check};
use geo::{Contains, LineString, MultiPolygon};
use kernel::Point;
use proptest::prelude::*;

/// The map of Boston is an ordinary one: the made-up files use its columns.
fn map() -> (RequestMap, PathBuf) {
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles");
    (RequestMap::load(&profiles.join("boston.map.toml")).unwrap(), profiles)
}

const HEADER: &str = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_STATUS,CLOSURE_REASON,CASE_TITLE,SUBJECT,\
    REASON,TYPE,QUEUE,Department,Location,neighborhood,ward,precinct,LATITUDE,LONGITUDE,Source";

/// A town of two parts, west and east of a river, eighty rows in each; lamps are due in two business days, from April in
/// one; trees are due in thirty days, and every seventh tree by somebody's word.
fn town() -> String {
    let mut text = HEADER.to_owned();
    for row in 0..160 {
        let (east, north) = (row % 8, row / 8);
        let part = if east < 4 { "West Town" } else { "East Town" };
        let day = if row < 80 { format!("03/{:02}", 2 + row % 4) } else { format!("04/{:02}", 6 + row % 3) };
        let due = if row < 80 { format!("03/{:02}", 4 + row % 4) } else { format!("04/{:02}", 7 + row % 3) };
        let (kind, due) = match row % 4 {
            // Of the odd rows half are lamps and half are trees.
            0 | 1 => ("Lamp", format!("{due}/2015 10:00:00 AM")),
            _ if row % 28 == 2 => ("Tree", "12/24/2015 03:00:00 PM".to_owned()),
            _ => (
                "Tree",
                format!(
                    "{}/2015 10:00:00 AM",
                    if row < 80 { plus_thirty(2 + row % 4) } else { format!("05/{:02}", 6 + row % 3) }
                ),
            ),
        };
        write!(
            text,
            "\n{row},{day}/2015 10:00:00 AM,{due},,,Open,,{kind},Works,Lights,{kind},Works_{kind}s,Works,{row} River St  Town,\
             {part},Ward {},,{:.4},{:.4},Constituent Call",
            1 + east / 4,
            42.3 + f64::from(north) * 0.002,
            -71.1 + f64::from(east + east / 4 * 2) * 0.002,
        )
        .unwrap();
    }
    text
}

/// Thirty days after a day of early March.
fn plus_thirty(day: i32) -> String {
    if day + 30 > 31 { format!("04/{:02}", day + 30 - 31) } else { format!("03/{:02}", day + 30) }
}

fn requests(file: &Path, map: &RequestMap, most: usize) -> Vec<Request> {
    let rows = Reader::open(file, map.clone()).unwrap().take(most);
    rows.map(|read| read.unwrap().request.unwrap()).collect()
}

/// The profile made of a file's first rows, and what the rows say of it: areas of even rows, limits.
fn derived(file: &Path, most: usize, out: &Path) -> (derive::Derived, AreaCheck, Share, Vec<(String, Vec<Miss>)>) {
    let (map, folder) = map();
    let requests = requests(file, &map, most);
    let mut survey = Survey::default();
    requests.iter().for_each(|request| survey.add(request));
    let derived = derive::derive(&survey, &map, &folder, out).unwrap();
    assert_eq!(check(out).faults, []);

    let profile = Profile::load(out).unwrap();
    let (calendar, zone) = derive::calendar(&map, &folder).unwrap();
    let mut limits = LimitCheck::new(&derived.versions, Counter { calendar: &calendar, zone });
    let mut areas = AreaCheck::default();
    for request in &requests {
        limits.add(request);
        if let Some(point) = request.located.point().filter(|_| request.row.is_multiple_of(2)) {
            let path = profile.territory.locate(point, request.opened).ok();
            areas.add(request.area.as_deref(), path.as_ref().map(|path| path.leaf().name.en.as_str()));
        }
    }
    let (all_rows, matters) = (limits.all_rows, limits.matters);
    let misses = matters.into_iter().map(|(name, one)| (name, one.misses.into_keys().collect())).collect();
    (derived, areas, all_rows, misses)
}

#[test]
fn a_town_becomes_a_sound_profile_that_its_even_rows_agree_with() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("town.csv");
    std::fs::write(&file, town()).unwrap();
    let (derived, areas, _, _) = derived(&file, 200, &folder.path().join("town"));
    assert_eq!((derived.rows, derived.areas, derived.layers["ward"]), (160, 2, 2));
    assert_eq!((derived.departments, derived.sections, derived.matters), (1, 2, 2));
    assert_eq!((derived.roads, derived.buildings), (1, 80), "an address for each odd row");
    assert_eq!(areas.share, Share { of: 80, agree: 80 });
    assert_eq!((areas.outside, areas.unrecorded), (0, 0));
}

#[test]
fn limits_are_read_off_with_the_day_they_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("town.csv");
    std::fs::write(&file, town()).unwrap();
    let out = folder.path().join("town");
    derived(&file, 200, &out);
    let limits = std::fs::read_to_string(out.join("limits.csv")).unwrap();
    let lines: Vec<&str> = limits.lines().skip(1).map(|line| line.split(",no,").next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "lamp,,handle,2,rolling_working_day",
            "lamp,2015-04-06,handle,1,rolling_working_day",
            "tree,,handle,720,continuous_hour",
        ]
    );
}

#[test]
fn a_moved_target_is_named_a_miss() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("town.csv");
    // Rows 1, 5 and 9 below the header: on another business day, at the opening itself, at nobody's hour.
    let moved = [("0", "03/09/2015 10:00:00 AM"), ("4", "03/02/2015 10:01:00 AM"), ("8", "03/04/2015 01:17:00 PM")];
    let mut lines: Vec<String> = town().lines().map(str::to_owned).collect();
    for (row, target) in moved {
        let line = lines.iter_mut().find(|line| line.starts_with(&format!("{row},"))).unwrap();
        let mut cells: Vec<&str> = line.split(',').collect();
        cells[2] = target;
        *line = cells.join(",");
    }
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (_, _, all, misses) = derived(&file, 200, &folder.path().join("town"));
    assert_eq!(all, Share { of: 80, agree: 77 });
    assert_eq!(misses, [("Lamp".to_owned(), vec![Miss::AtOpening, Miss::OtherBusinessDays, Miss::ByHand])]);
}

/// Real requests, a few thousand of them: `huying import check` looks at all.
#[test]
fn real_requests_agree_with_the_profile_made_of_them() {
    let Some(data) = std::env::var_os("HUYING_DATA") else { return };
    let file = Path::new(&data).join("boston311/2015-01-to-09.csv.gz");
    let folder = tempfile::tempdir().unwrap();
    let (derived, areas, limits, _) = derived(&file, 4_000, folder.path());
    assert_eq!((derived.rows, derived.areas), (4_000, 17));
    assert!(areas.share.of > 1_000 && areas.share.ratio() > 0.94, "{:?} {:?}", areas.share, areas.borders);
    assert!(limits.of > 1_000 && limits.ratio() > 0.95, "{limits:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every site lies in its own area, and what one area's border turns inward another's turns outward: the areas leave no
    /// gap among them and nowhere overlap.
    #[test]
    fn areas_tile(places in prop::collection::btree_map((0..40u16, 0..40u16), 0..4usize, 3..80)) {
        let sites: Vec<Site> = places
            .iter()
            .map(|((x, y), label)| Site {
                point: Point::new(10.0 + f64::from(*x) * 1e-4, 50.0 + f64::from(*y) * 1e-4).unwrap(),
                label: *label,
            })
            .collect();
        let tiles = tile(&sites, 60.0);
        for site in &sites {
            let area = multi(&tiles.areas[&site.label]);
            prop_assert!(area.contains(&geo::Point::new(site.point.longitude(), site.point.latitude())), "{site:?}");
        }
        let mut edges = std::collections::HashMap::new();
        for ring in tiles.areas.values().flatten().flatten() {
            for pair in ring.windows(2) {
                *edges.entry([pair[0].map(f64::to_bits), pair[1].map(f64::to_bits)]).or_insert(0) += 1;
            }
        }
        prop_assert!(edges.values().all(|times| *times == 1), "a piece of border has one area on its left");
        // What has no other side is the rim of the whole: it closes, so as many pieces leave each vertex as reach it.
        let rim = edges.keys().filter(|[from, to]| !edges.contains_key(&[*to, *from]));
        let mut balance = std::collections::HashMap::new();
        for [from, to] in rim {
            *balance.entry(*from).or_insert(0) += 1;
            *balance.entry(*to).or_insert(0) -= 1;
        }
        prop_assert!(balance.values().all(|net| *net == 0));
    }
}

fn multi(polygons: &[derive::Polygon]) -> MultiPolygon {
    let line = |ring: &Vec<[f64; 2]>| LineString::from(ring.iter().map(|[x, y]| (*x, *y)).collect::<Vec<_>>());
    let polygon = |rings: &derive::Polygon| geo::Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect());
    MultiPolygon::new(polygons.iter().map(polygon).collect())
}
