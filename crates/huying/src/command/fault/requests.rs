//! A small file of requests of another system, made up: one closed in time, one late, one open, one that is refused.

use std::path::Path;

use casework::case::IMPORT;
use district::{CaseKind, Matter, OrganizationKind, Profile};
use kernel::Actor;
use platform::Config;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::open;

const FILE: &str = "requests.csv";
const MAP: &str = "requests.map.toml";

/// Rows that are taken in, and those that are refused.
const TAKEN: usize = 3;
const REFUSED: usize = 1;

/// What follows a row's matter and department: opened, due, closed, where.
const ROWS: [&str; TAKEN] = [
    "2026-03-02 09:00,2026-03-04 09:00,2026-03-04 09:00,nowhere,0,0",
    "2026-03-02 09:00,2026-03-04 09:00,2026-03-04 09:01,nowhere,0,0",
    "2026-03-02 10:00,2026-03-05 10:00,,nowhere,0,0",
];

const COLUMNS: &str = r#"
[source]
name = "elsewhere"
time_zone = "Asia/Shanghai"
times = ["%Y-%m-%d %H:%M"]
[columns]
id = "No"
opened = "Opened"
target = "Due"
closed = "Done"
matter = "Kind"
department = "Team"
longitude = "Lon"
latitude = "Lat"
[area]
column = "Part"
unknown = ["nowhere"]
[place]
fallback = [[0.0, 0.0]]
"#;

/// Writes the file and its map to `folder`, in the words of the profile.
pub fn write(profile: &Profile, folder: &Path) -> Result<(), Failure> {
    let ever = |one: &&Matter| one.kind == CaseKind::Event && one.version.is_empty();
    let matter = profile.matters.all().iter().find(ever).map_or("", |one| &one.code);
    let departments = profile.organizations.all().iter().filter(|one| one.kind == OrganizationKind::Department);
    let department = departments.map(|one| one.code.as_str()).next().unwrap_or_default();
    let mut text = "No,Kind,Team,Opened,Due,Done,Part,Lat,Lon\n".to_owned();
    for (row, rest) in ROWS.iter().enumerate() {
        text += &format!("{},{matter},{department},{rest}\n", row + 1);
    }
    text += &format!("{},no such matter,{department},{}\n", TAKEN + REFUSED, ROWS[0]);
    for (name, text) in [(FILE, text.as_str()), (MAP, COLUMNS)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(Failure::file(path.display()))?;
    }
    Ok(())
}

/// The command that takes it in, given in that folder.
pub fn command() -> Vec<String> {
    ["import", "cases", FILE, "--map", MAP].map(str::to_owned).to_vec()
}

/// What is wrong after the file was taken in, and once `again`: every row has to be known, each has one case, and the refused
/// one stands in the file of rejects once.
pub async fn look_over(config: &Config, again: &Value) -> Result<Vec<String>, Failure> {
    let mut violations = Vec::new();
    for (name, count) in [("rows", TAKEN + REFUSED), ("taken", 0), ("known", TAKEN), ("refused", REFUSED)] {
        if again[name] != json!(count) {
            violations.push(format!("import cases: {} {name}, not {count}", again[name]));
        }
    }
    let rejects = config.data.join("imports").join("elsewhere-requests.rejects.csv");
    let refused = std::fs::read_to_string(&rejects).unwrap_or_default().lines().count().saturating_sub(1);
    if refused != REFUSED {
        violations.push(format!("import cases: {refused} rows in {}, not {REFUSED}", rejects.display()));
    }
    let db = open::existing_database(config).await?;
    let facts = journal::tail::after(&mut &db, 0, i64::MAX).await.map_err(Failure::other)?;
    db.close().await;
    let by_import = |fact: &&journal::Fact| fact.actor == Actor::system(IMPORT) && fact.kind == "case.registered";
    let cases = facts.iter().filter(by_import).count();
    if cases != TAKEN {
        violations.push(format!("import cases: {cases} cases, not {TAKEN}"));
    }
    Ok(violations)
}
