//! `areas.csv` and the outlines.

mod rings;
mod tiling;
mod tree;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::tz::TimeZone;
use kernel::Instant;

use super::cells::Line;
use crate::area::{Area, Layer, Level, Rank};
use crate::fault::{Fault, Faults, codes};
use crate::name::Name;
use crate::read::Files;
use crate::rows::AreaRow;
use crate::settings::Settings;
use crate::territory::{Outline, Territory};

/// An area with the lines it comes from.
pub(super) struct Found {
    pub area: Area,
    /// In `areas.csv`.
    pub line: u64,
    valid_from: String,
    pub outline: Option<Drawn>,
}

/// An outline and where it stands.
#[derive(Clone)]
pub(super) struct Drawn {
    pub outline: Arc<Outline>,
    pub file: String,
    pub line: u64,
}

impl Found {
    fn fault(&self, field: &str, code: &'static str) -> Fault {
        Fault::new("areas.csv", self.line, field, code).with("value", &self.area.code)
    }

    /// At the outline where there is one, else at the row.
    fn outline_fault(&self, code: &'static str) -> Fault {
        match &self.outline {
            Some(drawn) => Fault::new(&drawn.file, drawn.line, "geometry", code).with("value", &self.area.code),
            None => self.fault("code", code),
        }
    }
}

pub(crate) fn build(files: &mut Files, settings: Option<&Settings>, zone: &TimeZone, faults: &mut Faults) -> Territory {
    let Some(settings) = settings else { return Territory::new(Vec::new(), Vec::new(), Vec::new()) };
    let levels: Vec<Level> = settings
        .level
        .iter()
        .map(|level| Level { key: level.key.clone(), name: Name::new(&level.name_zh, &level.name_en) })
        .collect();
    let layers: Vec<Layer> = settings
        .layer
        .iter()
        .map(|layer| Layer {
            key: layer.key.clone(),
            name: Name::new(&layer.name_zh, &layer.name_en),
            overlaps: layer.overlaps,
        })
        .collect();

    let mut found = rows(files, &levels, &layers, zone, faults);
    outlines(files, &mut found, faults);
    let instants = instants(&found);
    tree::check(&found, &levels, &instants, zone, faults);
    // Borders mean something only when every area is there with an outline that is one.
    if !faults.concern("areas") {
        tiling::check(&found, &levels, &layers, settings.geometry.kind, &instants, faults);
    }
    let areas = found.into_iter().map(|found| (found.area, found.outline.map(|drawn| drawn.outline))).collect();
    Territory::new(levels, layers, areas)
}

/// One instant in each stretch between changes of the areas.
fn instants(found: &[Found]) -> Vec<Instant> {
    let periods = found.iter().map(|found| found.area.period);
    let changes: BTreeSet<Instant> = periods.flat_map(|period| [period.from, period.until]).flatten().collect();
    let before = changes.first().map_or(Instant::EPOCH, |first| Instant::from_micros(first.micros() - 1));
    std::iter::once(before).chain(changes).collect()
}

fn rows(files: &Files, levels: &[Level], layers: &[Layer], zone: &TimeZone, faults: &mut Faults) -> Vec<Found> {
    let mut versions = HashMap::new();
    let mut found = Vec::new();
    for row in &files.areas.rows {
        let mut line = Line::of(&files.areas, row, faults);
        let name = line.name(&row.name_zh, &row.name_en);
        let source = line.filled("source", &row.source);
        let period = line.period(&row.valid_from, &row.valid_until, zone);
        let rank = rank(&mut line, row, levels, layers);
        if !line.version(&row.code, period, &mut versions) {
            continue;
        }
        let Some(rank) = rank else { continue };
        let parent = Some(row.parent.trim().to_owned()).filter(|parent| !parent.is_empty());
        let area = Area { code: row.code.trim().to_owned(), parent, rank, name, period, source };
        found.push(Found { area, line: row.line, valid_from: row.valid_from.trim().to_owned(), outline: None });
    }
    found
}

fn rank(line: &mut Line<'_>, row: &AreaRow, levels: &[Level], layers: &[Layer]) -> Option<Rank> {
    let (level, layer) = (row.level.trim(), row.layer.trim());
    if !layer.is_empty() {
        if !level.is_empty() {
            line.fault("level", codes::VALUE_EXCESS, &[("value", &level)]);
        }
        let place = layers.iter().position(|known| known.key == layer);
        if place.is_none() {
            line.fault("layer", codes::UNKNOWN_LAYER, &[("value", &layer)]);
        }
        return place.map(Rank::Layer);
    }
    if level.is_empty() {
        line.fault("level", codes::VALUE_EMPTY, &[]);
        return None;
    }
    let place = levels.iter().position(|known| known.key == level);
    if place.is_none() {
        line.fault("level", codes::UNKNOWN_LEVEL, &[("value", &level)]);
    }
    place.map(Rank::Level)
}

/// Gives each area its outline.
fn outlines(files: &mut Files, found: &mut [Found], faults: &mut Faults) {
    let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, found) in found.iter().enumerate() {
        by_code.entry(found.area.code.clone()).or_default().push(place);
    }
    for feature in std::mem::take(&mut files.outlines) {
        let versions = by_code.get(&feature.code).map_or(&[][..], Vec::as_slice);
        let version = match versions {
            [only] if feature.valid_from.is_empty() => Some(*only),
            several => several.iter().copied().find(|place| found[*place].valid_from == feature.valid_from),
        };
        let Some(version) = version else {
            if versions.is_empty() && files.areas.rows.iter().any(|row| row.code.trim() == feature.code) {
                continue; // Its row is at fault and has been reported.
            }
            let code = format!("{} {}", feature.code, feature.valid_from);
            faults.add(feature.fault("code", codes::UNKNOWN_AREA).with("value", code.trim()));
            continue;
        };
        if let Some(first) = &found[version].outline {
            let fault = feature.fault("code", codes::DUPLICATE).with("value", &feature.code);
            faults.add(fault.with("first", first.line));
            continue;
        }
        let (file, line, code) = (feature.file, feature.line, feature.code);
        let mut flaw = |reason: rings::Flaw| {
            faults.add(reason.fault(&file, line).with("value", &code));
        };
        let outline = rings::outline(feature.geometry.into_parts(), &mut flaw);
        // An empty outline stands for a faulty one, so that no fault is told twice.
        let outline = Arc::new(outline.unwrap_or_else(|| Outline::new(Vec::new())));
        found[version].outline = Some(Drawn { outline, file, line });
    }
}
