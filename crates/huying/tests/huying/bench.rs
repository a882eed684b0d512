//! Each bench at its small size: that it runs, compares what it says it compares, and reports in the form that is promised.
//! How quick anything is, is nothing that a test says.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Runs a bench on SQLite, and on PostgreSQL where there is a server; gives each last line.
fn quick(name: &str, flags: &[&str]) -> Vec<Value> {
    let mut reports = vec![run(name, flags, None)];
    match std::env::var("HUYING_TEST_POSTGRES") {
        Ok(server) => reports.push(run(name, flags, Some(&server))),
        Err(_) => {
            assert!(std::env::var("HUYING_REQUIRE_POSTGRES").is_err(), "HUYING_TEST_POSTGRES names no server");
        }
    }
    reports
}

fn run(name: &str, flags: &[&str], server: Option<&str>) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny");
    let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
    command.args(["--json", "bench", name, "--quick", "--profile"]).arg(&profile).args(flags);
    command.arg("--work").arg(folder.path()).current_dir(folder.path()).env("HUYING_LANGUAGE", "en");
    if let Some(server) = server {
        command.args(["--database", server]);
    }
    let done = command.output().unwrap();
    let (said, errors) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8_lossy(&done.stderr).into_owned());
    assert!(done.status.success(), "{said}{errors}");
    let report: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap();
    assert_eq!(report["bench"], name);
    assert_eq!(report["quick"], true);
    for number in ["goal", "ratio"] {
        assert!(report[number].as_f64().is_some_and(|number| number > 0.0), "{number}: {report}");
    }
    assert!(report["met"].is_boolean());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    report
}

#[test]
fn names_are_listed() {
    let listed = Command::new(env!("CARGO_BIN_EXE_huying")).args(["--json", "bench"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(names.iter().any(|one| one["bench"] == "intake"));
    assert!(names.iter().all(|one| one["what"].as_str().is_some_and(|what| !what.is_empty())));
}

#[test]
fn questions_find_something_in_an_index_beside_the_texts() {
    let report = run("search", &[], None);
    assert_eq!(report["cases"], 2000);
    assert!(report["hits"].as_u64().unwrap() > 0, "{report}");
    assert!(report["index_over_texts"]["ratio"].as_f64().unwrap() > 0.0);
    assert!(report["like"]["times"].as_f64().unwrap() > 0.0);
}

#[test]
fn intake_writes_the_same_rows_on_both_sides() {
    for report in quick("intake", &["--registrations", "96"]) {
        let rows = &report["rows_a_slice"];
        for table in ["fact", "case_file", "subject_key", "idempotency"] {
            assert_eq!(rows[table], 96, "{table}: {rows}");
        }
        assert!(report["http"]["ratio"].as_f64().unwrap() > 0.0);
        let statements = report["floor_statements"].to_string();
        for table in ["fact", "case_file", "clock", "subject_key", "idempotency", "head"] {
            assert!(statements.contains(table), "{table}: {statements}");
        }
    }
}

#[test]
fn lists_are_the_same_with_the_condition_of_a_scope_and_without() {
    for report in quick("permission", &[]) {
        assert!(report["allows"]["ratio"].as_f64().unwrap() > 0.0, "{report}");
        let share = report["allowed_share"].as_f64().unwrap();
        assert!(share > 0.0 && share < 1.0, "{report}");
        for kind in ["organization_by_newest", "district_by_due"] {
            assert!(report[kind]["lines"].as_u64().unwrap() > 0, "{kind}: {report}");
        }
    }
}

#[test]
fn locate_answers_as_shapely_does() {
    let report = run("locate", &[], None);
    assert_eq!(report["same_answers"], true);
    assert_eq!(report["points"], 2_000);
}

#[test]
fn the_first_page_is_the_same_with_many_closed_cases_and_with_few() {
    for report in quick("queue", &[]) {
        assert_eq!(report["closed"], serde_json::json!([400, 40]));
        // Of five closed cases four have two facts and one has four; each open one has three.
        assert_eq!(
            report["facts"],
            serde_json::json!([400 / 5 * (4 * 2 + 4) + 120 * 3, 40 / 5 * (4 * 2 + 4) + 120 * 3])
        );
        for queue in ["department_by_due", "department_by_opened", "department_by_urgency", "desk_by_due"] {
            assert!(report[queue]["p99_us"][0].as_f64().unwrap() > 0.0, "{queue}: {report}");
        }
    }
}

#[test]
fn the_timekeeper_acts_on_what_is_due() {
    for report in quick("timekeeper", &[]) {
        assert_eq!(report["open_clocks"], serde_json::json!([600, 60]));
        assert_eq!(report["slices_ms"][0].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_served_district_answers_as_its_tables_stand() {
    for report in quick("ready", &[]) {
        assert_eq!(report["cases"], 300);
        assert!(report["rows"].as_u64().unwrap() > 0);
        assert!(report["resident_mb"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn a_year_is_lived_through_and_checked() {
    for report in quick("year", &[]) {
        assert_eq!((&report["days"], &report["violations"]), (&2.into(), &0.into()));
        assert!(report["events"].as_u64().unwrap() > 0);
    }
}

#[test]
fn requests_are_taken_in_and_held_against_their_file() {
    let town = crate::import::Town::new("ONTIME");
    let (file, map) =
        (town.path("town.csv"), Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/boston.map.toml"));
    let flags = ["--file", file.to_str().unwrap(), "--map", map.to_str().unwrap()];
    for report in quick("boston", &flags) {
        assert_eq!(
            (&report["rows"], &report["imported"]["taken"], &report["missing"]),
            (&40.into(), &40.into(), &0.into())
        );
        assert_eq!(report["ratio"], 1.0);
    }
}

#[test]
fn every_listener_is_told_what_its_scope_allows() {
    for report in quick("live", &[]) {
        assert_eq!((&report["clients"], &report["scopes"]), (&serde_json::json!(40), &serde_json::json!(12)));
        assert!(report["told"].as_u64().is_some_and(|told| told > 100), "{report}");
        assert_eq!((&report["lost"], &report["unpermitted"]), (&serde_json::json!(0), &serde_json::json!(0)));
    }
}
