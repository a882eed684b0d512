//! Territories from texts in memory, for what tries the readers with hostile ones.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::build::areas;
use crate::fault::{Fault, Faults};
use crate::read::{Files, Folder};
use crate::territory::Territory;

/// The territory that `district.toml`, `areas.csv` and `areas/*.geojson` describe, given by their paths, and what is wrong
/// with these files. A territory with faults is never used; it is handed out so that making it can be tried.
pub fn territory(files: BTreeMap<String, String>) -> (Territory, Vec<Fault>) {
    let given: Vec<String> = files.keys().cloned().collect();
    let mut faults = Faults::default();
    let mut files = Files::of(&Folder::Memory(files), &mut faults);
    let settings = files.district.take();
    let zone = settings.as_ref().and_then(|settings| TimeZone::get(&settings.time_zone).ok()).unwrap_or(TimeZone::UTC);
    let territory = areas::build(&mut files, settings.as_deref(), &zone, &mut faults);
    let faults = faults.into_sorted().into_iter().filter(|fault| given.contains(&fault.file)).collect();
    (territory, faults)
}
