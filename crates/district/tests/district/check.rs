use district::Profile;

use crate::tiny;

#[test]
fn the_tiny_profile_is_sound() {
    let report = district::check(&tiny());
    let faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let counts = ["subdistricts", "communities", "grids", "departments", "matters", "powers"];
    assert_eq!(counts.map(|key| report.counts[key]), [2, 3, 6, 6, 9, 3]);
    assert!(Profile::load(&tiny()).is_ok());
}
