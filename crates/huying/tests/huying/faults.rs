//! `huying simulate --fault`, in small: a few hours of the tiny district under every kind of fault.

use serde_json::Value;

use crate::district::command;

/// The last line.
pub fn simulate(database: Option<&str>, more: &[&str]) -> (bool, Value) {
    let folder = tempfile::tempdir().unwrap();
    let fixed = ["--json", "simulate", "--data", "d", "--from", "2026-05-04"];
    let mut command = command(&[&fixed[..], more].concat(), folder.path());
    command.args(database.into_iter().flat_map(|url| ["--database", url]));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = said.lines().last().and_then(|line| serde_json::from_str(line).ok());
    if output.status.success() {
        let left = std::fs::read_dir(folder.path().join("d")).unwrap().count();
        assert_eq!(left, 0, "what a trial made is removed");
    }
    (output.status.success(), last.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

fn every_kind(database: Option<&str>) -> Value {
    let (sound, report) =
        simulate(database, &["--days", "1", "--events-per-day", "8", "--fault", "all", "--fault-exits", "5"]);
    assert!(sound, "{report:#}");
    assert_eq!(report["violations"], 0);
    let faults = report["faults"].as_object().unwrap();
    let kinds: Vec<&String> = faults.keys().collect();
    assert_eq!(kinds, ["clock", "connections", "delays", "deliveries", "disk", "exit"]);
    let exits: u64 = faults["exit"]["hits"].as_object().unwrap().values().map(|hits| hits.as_u64().unwrap()).sum();
    assert_eq!(exits, 5, "{report:#}");
    for (kind, hit) in [("clock", "back"), ("delays", "delayed"), ("deliveries", "twice"), ("disk", "refused")] {
        assert!(faults[kind]["hits"][hit].as_u64().is_some_and(|hits| hits > 0), "{kind}: {hit} in {report:#}");
    }
    report
}

#[test]
fn the_tiny_district_stands_every_kind_of_fault_on_sqlite() {
    let report = every_kind(None);
    assert!(report["faults"]["connections"]["left_out"].is_string());
}

#[test]
fn slow_the_tiny_district_stands_every_kind_of_fault_on_postgres() {
    let Ok(server) = std::env::var("HUYING_TEST_POSTGRES") else {
        assert!(std::env::var("HUYING_REQUIRE_POSTGRES").is_err(), "HUYING_TEST_POSTGRES names no server");
        return;
    };
    let report = every_kind(Some(&server));
    assert!(
        report["faults"]["connections"]["hits"]["commit unsent"].as_u64().is_some_and(|hits| hits > 0),
        "{report:#}"
    );
}
