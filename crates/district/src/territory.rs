//! The territory: areas of every level and layer, and which of them hold a point.
//!
//! **Border rule.** An area owns its inside and its border; a point on the border of several belongs to the one whose code
//! sorts first, decided exactly.

pub(crate) mod borders;
mod distance;
mod epoch;
pub(crate) mod index;
pub(crate) mod outline;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use kernel::{Instant, Point};

pub use distance::OutsideDistrict;
pub use epoch::Locator;
pub use outline::{Extent, Outline, Position, Side};

use crate::area::{Area, Layer, Level, Rank};
use epoch::Epoch;

/// The areas of a district through all its redrawings.
#[derive(Debug)]
pub struct Territory {
    levels: Vec<Level>,
    layers: Vec<Layer>,
    /// By code, then by start of validity.
    areas: Vec<Area>,
    outlines: Vec<Option<Arc<Outline>>>,
    by_code: HashMap<String, Vec<usize>>,
    /// When areas changed, in order; between two changes one epoch holds, made when first asked for.
    changes: Vec<Instant>,
    epochs: Vec<OnceLock<Epoch>>,
}

/// The areas that hold a point.
#[derive(Clone, Debug)]
pub struct Path<'a> {
    /// From the whole down to the smallest, one of each level.
    pub levels: Vec<&'a Area>,
    /// Of each layer that has one there; several of a layer that overlaps itself. In order of layer and code.
    pub layers: Vec<&'a Area>,
}

impl<'a> Path<'a> {
    /// The smallest area.
    pub fn leaf(&self) -> &'a Area {
        self.levels[self.levels.len() - 1]
    }

    pub fn codes(&self) -> impl Iterator<Item = &'a str> {
        self.levels.iter().map(|area| area.code.as_str())
    }
}

impl Territory {
    /// Takes areas with their outlines; a last-level area without one holds no point.
    pub(crate) fn new(levels: Vec<Level>, layers: Vec<Layer>, areas: Vec<(Area, Option<Arc<Outline>>)>) -> Territory {
        let mut areas = areas;
        areas.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code).then(a.period.from.cmp(&b.period.from)));
        let changes: BTreeSet<Instant> =
            areas.iter().flat_map(|(area, _)| [area.period.from, area.period.until]).flatten().collect();
        let (areas, outlines): (Vec<_>, Vec<_>) = areas.into_iter().unzip();
        let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, area) in areas.iter().enumerate() {
            by_code.entry(area.code.clone()).or_default().push(place);
        }
        let epochs = (0..=changes.len()).map(|_| OnceLock::new()).collect();
        Territory { levels, layers, areas, outlines, by_code, changes: changes.into_iter().collect(), epochs }
    }

    /// From the whole down.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Every version of every area, by code.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Place of a level's key.
    pub fn level(&self, key: &str) -> Option<usize> {
        self.levels.iter().position(|level| level.key == key)
    }

    /// The version of an area that is valid at an instant.
    pub fn area(&self, code: &str, when: Instant) -> Option<&Area> {
        self.versions(code).find(|area| area.period.covers(when))
    }

    /// Every version of an area.
    pub fn versions(&self, code: &str) -> impl Iterator<Item = &Area> {
        self.by_code.get(code).into_iter().flatten().map(|place| &self.areas[*place])
    }

    /// Areas valid at an instant, by code.
    pub fn valid(&self, when: Instant) -> impl Iterator<Item = &Area> {
        self.areas.iter().filter(move |area| area.period.covers(when))
    }

    /// Areas of a level valid at an instant, by code.
    pub fn of_level(&self, level: usize, when: Instant) -> impl Iterator<Item = &Area> {
        self.valid(when).filter(move |area| area.rank == Rank::Level(level))
    }

    /// Parts of an area valid at an instant: one level below, by code.
    pub fn children<'a>(&'a self, code: &'a str, when: Instant) -> impl Iterator<Item = &'a Area> {
        self.epoch(when).children(code).map(|place| &self.areas[place])
    }

    /// An area and those above it, from the whole down; empty when it is not valid then.
    pub fn line(&self, code: &str, when: Instant) -> Vec<&Area> {
        let parent = |area: &&Area| area.parent.as_deref().and_then(|parent| self.area(parent, when));
        let mut line: Vec<&Area> =
            std::iter::successors(self.area(code, when), parent).take(self.levels.len() + 1).collect();
        line.reverse();
        line
    }

    /// The polygons of an area: its outline, or what the outlines of its smallest parts enclose together.
    pub fn shape(&self, code: &str, when: Instant) -> Vec<Vec<Vec<Position>>> {
        let epoch = self.epoch(when);
        let mut parts: Vec<usize> =
            self.by_code.get(code).into_iter().flatten().copied().filter(|place| epoch.holds(*place)).collect();
        let mut next = 0;
        let mut outlines = Vec::new();
        while let Some(place) = parts.get(next).copied() {
            next += 1;
            match &self.outlines[place] {
                Some(outline) => outlines.push(outline.as_ref()),
                None => parts.extend(epoch.children(&self.areas[place].code)),
            }
        }
        match outlines.as_slice() {
            [whole] => whole.parts().to_vec(),
            parts => borders::polygons(&borders::loose_edges(
                parts.iter().enumerate().map(|(place, outline)| (place, *outline, false)),
            )),
        }
    }

    /// The areas that hold a point at an instant.
    pub fn locate(&self, point: Point, when: Instant) -> Result<Path<'_>, OutsideDistrict> {
        self.locator(when).path(point)
    }

    /// Answers for many points at one instant.
    pub fn locator(&self, when: Instant) -> Locator<'_> {
        Locator::new(self, self.epoch(when))
    }

    /// The outline an area was given, at an instant; areas above the smallest may have none: see `shape`.
    pub fn outline(&self, code: &str, when: Instant) -> Option<&Outline> {
        let versions = self.by_code.get(code)?;
        let valid = versions.iter().find(|place| self.areas[**place].period.covers(when))?;
        self.outlines[*valid].as_deref()
    }

    fn epoch(&self, when: Instant) -> &Epoch {
        let place = self.changes.partition_point(|change| *change <= when);
        self.epochs[place].get_or_init(|| Epoch::new(self, when))
    }

    /// An instant within each epoch, in order.
    pub(crate) fn instants(&self) -> Vec<Instant> {
        let before = self.changes.first().map_or(Instant::EPOCH, |first| Instant::from_micros(first.micros() - 1));
        std::iter::once(before).chain(self.changes.iter().copied()).collect()
    }
}
