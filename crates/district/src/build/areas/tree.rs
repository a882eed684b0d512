//! Whether the areas make one tree on every day, and each smallest one has an outline.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use kernel::Instant;

use super::Found;
use crate::area::{Level, Rank};
use crate::fault::{Fault, Faults, codes};

pub(super) fn check(found: &[Found], levels: &[Level], instants: &[Instant], zone: &TimeZone, faults: &mut Faults) {
    let mut versions: HashMap<&str, Vec<&Found>> = HashMap::new();
    let mut children: HashMap<&str, Vec<&Found>> = HashMap::new();
    for found in found {
        versions.entry(&found.area.code).or_default().push(found);
        if let (Rank::Level(_), Some(parent)) = (found.area.rank, &found.area.parent) {
            children.entry(parent).or_default().push(found);
        }
    }
    root(found, instants, faults);
    // An outline that could not be read is not missing.
    let unreadable = faults.has("areas/", codes::FILE_SYNTAX);
    for found in found {
        parent(found, &versions, levels, zone, faults);
        match found.area.rank {
            Rank::Level(level) if level + 1 < levels.len() => {
                let below = children.get(found.area.code.as_str()).map_or(&[][..], Vec::as_slice);
                if let Some(when) = uncovered(found, below, instants) {
                    faults.add(found.fault("code", codes::AREA_CHILDLESS).with("date", day(when, zone)));
                }
            }
            Rank::Level(_) | Rank::Layer(_) if found.outline.is_none() && !unreadable => {
                faults.add(found.fault("code", codes::AREA_WITHOUT_OUTLINE));
            }
            _ => {}
        }
    }
}

fn day(when: Instant, zone: &TimeZone) -> String {
    zone.to_datetime(when.timestamp()).date().to_string()
}

/// There is one whole whenever there is any area.
fn root(found: &[Found], instants: &[Instant], faults: &mut Faults) {
    for when in instants {
        let valid = found.iter().filter(|found| found.area.period.covers(*when));
        let roots: Vec<&Found> = valid.clone().filter(|found| found.area.rank == Rank::Level(0)).collect();
        if valid.count() > 0 && roots.len() != 1 {
            let fault = Fault::new("areas.csv", roots.get(1).map_or(0, |root| root.line), "level", codes::AREA_ROOT);
            return faults.add(fault.with("count", roots.len()));
        }
    }
}

/// An area's parent is known, of the level above, and valid as long as the area is.
fn parent(
    found: &Found,
    versions: &HashMap<&str, Vec<&Found>>,
    levels: &[Level],
    zone: &TimeZone,
    faults: &mut Faults,
) {
    let fault = |code| found.fault("parent", code);
    let Some(parent) = &found.area.parent else {
        if !matches!(found.area.rank, Rank::Level(0) | Rank::Layer(_)) {
            faults.add(fault(codes::VALUE_EMPTY));
        }
        return;
    };
    if found.area.rank == Rank::Level(0) {
        return faults.add(fault(codes::VALUE_EXCESS).with("value", parent));
    }
    let Some(parents) = versions.get(parent.as_str()) else {
        return faults.add(fault(codes::UNKNOWN_AREA).with("value", parent));
    };
    if let Rank::Level(level) = found.area.rank
        && parents.iter().any(|above| above.area.rank != Rank::Level(level - 1))
    {
        let above = &levels[level - 1].key;
        return faults.add(fault(codes::AREA_PARENT_LEVEL).with("parent", parent).with("level", above));
    }
    let mut changes: Vec<Instant> = parents.iter().filter_map(|above| above.area.period.until).collect();
    changes.push(found.area.period.from.unwrap_or(Instant::from_micros(i64::MIN)));
    let gap = changes.into_iter().find(|when| {
        let begins = found.area.period.covers(*when);
        begins && !parents.iter().any(|above| above.area.period.covers(*when))
    });
    if let Some(when) = gap {
        let date = if when.micros() == i64::MIN { "…".to_owned() } else { day(when, zone) };
        faults.add(fault(codes::AREA_PARENT_PERIOD).with("parent", parent).with("date", date));
    }
}

/// The first change at which an area is valid but nothing below it.
fn uncovered(found: &Found, below: &[&Found], instants: &[Instant]) -> Option<Instant> {
    instants
        .iter()
        .copied()
        .filter(|when| found.area.period.covers(*when))
        .find(|when| !below.iter().any(|child| child.area.period.covers(*when)))
}
