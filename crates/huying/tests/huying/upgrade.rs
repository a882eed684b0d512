//! A rehearsal of the upgrade from every released schema: what a release left behind is restored by the program of today, on
//! both stores, and nothing is missing or different.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::district::command;

fn releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/huying/releases");
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = command(arguments, folder).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// Restores a release's backup into `more`'s database and looks at it from every side.
fn rehearse(release: &Path, more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(release.join("manifest.json")).unwrap()).unwrap();
    let (from, keys) = (release.display().to_string(), release.join("keys").display().to_string());
    let with = |arguments: &[&str]| run(folder.path(), &[arguments, &["--data", "d"], more].concat());
    with(&["--json", "restore", "--from", &from, "--keys", &keys, "--no-witness", "--no-erasures"]);
    let again = folder.path().join("again");
    with(&["rebuild", "--check"]);
    let key = with(&["key"]);
    with(&["verify", "--key", key.trim()]);
    with(&["rebuild"]);
    with(&["rebuild", "--check"]);
    // Whatever the release kept is kept again by the backup of today.
    with(&["backup", "--out", &again.display().to_string()]);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(again.join("manifest.json")).unwrap()).unwrap();
    let rows = |manifest: &Value, table: &str| {
        let tables = manifest["tables"].as_array().unwrap();
        tables.iter().find(|one| one["name"] == table).map(|one| one["rows"].clone())
    };
    for table in manifest["tables"].as_array().unwrap() {
        let name = table["name"].as_str().unwrap();
        assert_eq!(rows(&kept, name), Some(table["rows"].clone()), "{}: {name}", release.display());
    }
}

#[test]
fn each_released_schema_becomes_that_of_today_on_sqlite() {
    releases().iter().for_each(|release| rehearse(release, &[]));
}

#[tokio::test]
async fn each_released_schema_becomes_that_of_today_on_postgresql() {
    let Ok(server) = std::env::var("HUYING_TEST_POSTGRES") else {
        assert!(std::env::var("HUYING_REQUIRE_POSTGRES").is_err(), "HUYING_TEST_POSTGRES names no server");
        return;
    };
    for (number, release) in releases().into_iter().enumerate() {
        let name = format!("test_{}_release_{number}", std::process::id());
        let address = store::scratch::create(&server, &name).await.unwrap();
        let task = tokio::task::spawn_blocking(move || {
            rehearse(&release, &["--database", &address]);
        });
        task.await.unwrap();
        store::scratch::remove(&server, &name).await.unwrap();
    }
}
