//! The areas valid between two redrawings.

use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::{Instant, Point};

use super::borders::loose_edges;
use super::distance::{Borders, OutsideDistrict};
use super::index::AreaIndex;
use super::{Outline, Path, Territory};
use crate::area::{Area, Rank};

/// What holds between two changes of the areas.
#[derive(Debug)]
pub(super) struct Epoch {
    /// Whether each area of the territory is valid.
    valid: Vec<bool>,
    children: HashMap<String, Vec<usize>>,
    /// The smallest areas, by code.
    leaves: Vec<usize>,
    /// For each of them the areas above it and itself, from the whole down.
    lines: Vec<Vec<usize>>,
    tree: AreaIndex,
    layers: Vec<(Vec<usize>, AreaIndex)>,
    /// For points outside; made when first asked for.
    borders: OnceLock<Borders>,
}

impl Epoch {
    pub(super) fn new(territory: &Territory, when: Instant) -> Epoch {
        let valid: Vec<bool> = territory.areas.iter().map(|area| area.period.covers(when)).collect();
        let mut children: HashMap<String, Vec<usize>> = HashMap::new();
        let mut of_code: HashMap<&str, usize> = HashMap::new();
        for (place, area) in territory.areas.iter().enumerate().filter(|(place, _)| valid[*place]) {
            of_code.insert(&area.code, place);
            if let (Rank::Level(_), Some(parent)) = (area.rank, &area.parent) {
                children.entry(parent.clone()).or_default().push(place);
            }
        }
        let with_outline = |rank: Rank| -> Vec<usize> {
            let drawn = |place: &usize| territory.areas[*place].rank == rank && territory.outlines[*place].is_some();
            (0..territory.areas.len()).filter(|place| valid[*place]).filter(drawn).collect()
        };
        let index = |places: &[usize]| {
            AreaIndex::new(places.iter().filter_map(|place| territory.outlines[*place].clone()).collect())
        };
        let leaves = with_outline(Rank::Level(territory.levels.len().saturating_sub(1)));
        let above = |place: &usize| of_code.get(territory.areas[*place].parent.as_deref()?).copied();
        let lines = leaves
            .iter()
            .map(|leaf| {
                let mut line: Vec<usize> =
                    std::iter::successors(Some(*leaf), above).take(territory.levels.len()).collect();
                line.reverse();
                line
            })
            .collect();
        let tree = index(&leaves);
        let layers = (0..territory.layers.len())
            .map(|layer| {
                let places = with_outline(Rank::Layer(layer));
                let areas = index(&places);
                (places, areas)
            })
            .collect();
        Epoch { valid, children, leaves, lines, tree, layers, borders: OnceLock::new() }
    }

    pub(super) fn holds(&self, place: usize) -> bool {
        self.valid[place]
    }

    pub(super) fn children(&self, code: &str) -> impl Iterator<Item = usize> {
        self.children.get(code).into_iter().flatten().copied()
    }

    fn borders(&self, territory: &Territory) -> &Borders {
        self.borders.get_or_init(|| {
            let outlines = self.leaves.iter().filter_map(|place| territory.outlines[*place].as_deref());
            Borders::new(&loose_edges(outlines.enumerate().map(|(place, outline)| (place, outline, false))))
        })
    }
}

/// Answers for points at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Locator<'a> {
    territory: &'a Territory,
    epoch: &'a Epoch,
}

impl<'a> Locator<'a> {
    pub(super) fn new(territory: &'a Territory, epoch: &'a Epoch) -> Locator<'a> {
        Locator { territory, epoch }
    }

    /// No area holds the point: the answer of `leaves`.
    pub const OUTSIDE: u32 = u32::MAX;

    /// The smallest areas, by code: what the answers of `leaves` are places in.
    pub fn smallest(&self) -> impl ExactSizeIterator<Item = &'a Area> {
        let territory = self.territory;
        self.epoch.leaves.iter().map(|place| &territory.areas[*place])
    }

    /// Their outlines, in the same order.
    pub fn outlines(&self) -> impl Iterator<Item = &'a Outline> {
        let territory = self.territory;
        self.epoch.leaves.iter().filter_map(|place| territory.outlines[*place].as_deref())
    }

    /// Bulk: for each longitude and latitude the place of the smallest area in `smallest`, or `OUTSIDE`.
    pub fn leaves(&self, points: &[[f64; 2]]) -> Vec<u32> {
        let mut found = Vec::new();
        self.epoch.tree.first_of_each(points, &mut found);
        found
    }

    /// The smallest area that holds the point.
    pub fn leaf(&self, point: Point) -> Option<&'a Area> {
        let leaf = self.epoch.tree.first(point.longitude(), point.latitude())?;
        Some(&self.territory.areas[self.epoch.leaves[leaf]])
    }

    /// All areas that hold the point.
    pub fn path(&self, point: Point) -> Result<Path<'a>, OutsideDistrict> {
        let (x, y) = (point.longitude(), point.latitude());
        let Some(leaf) = self.epoch.tree.first(x, y) else {
            return Err(self.epoch.borders(self.territory).outside(point));
        };
        let area = |place: &usize| &self.territory.areas[*place];
        let mut layers = Vec::new();
        for ((places, index), layer) in self.epoch.layers.iter().zip(&self.territory.layers) {
            let most = if layer.overlaps { usize::MAX } else { 1 };
            layers.extend(index.all(x, y).take(most).map(|found| area(&places[found])));
        }
        Ok(Path { levels: self.epoch.lines[leaf].iter().map(area).collect(), layers })
    }
}
