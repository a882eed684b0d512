//! From straight sides to drawn borders: each side becomes one line of many points, bent and roughened once, rounded to
//! whole cells of 1e-7 degrees, and used by the faces on both of its sides.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Chance;

use super::cross::crossings;
use super::mesh::{Mesh, Spot, sides};
use super::plan::Plane;
use super::warp::Warp;

/// A corner of a border: degrees times ten million, longitude then latitude.
pub type Cell = (i64, i64);

/// The least number of points an outline of a grid has.
pub const LEAST_POINTS: usize = 60;

/// The line of each side, from its lower corner number to its higher one, both ends included.
pub struct Lines(BTreeMap<(usize, usize), Vec<Cell>>);

impl Lines {
    /// From corner `a` to corner `b`, without `b`.
    pub fn along(&self, a: usize, b: usize) -> Box<dyn Iterator<Item = Cell> + '_> {
        let line = &self.0[&(a.min(b), a.max(b))];
        let steps = line.len() - 1;
        if a < b { Box::new(line[..steps].iter().copied()) } else { Box::new(line[1..].iter().rev().copied()) }
    }

    pub fn ring(&self, corners: &[usize]) -> Vec<Cell> {
        sides(corners).flat_map(|(a, b)| self.along(a, b)).collect()
    }
}

/// Draws single sides of a mesh, each always the same way.
pub struct Pen<'a> {
    mesh: &'a Mesh,
    seed: u64,
    warp: Warp,
    steps: BTreeMap<(usize, usize), usize>,
}

impl<'a> Pen<'a> {
    pub fn new(mesh: &'a Mesh, seed: u64) -> Self {
        Pen { mesh, seed, warp: Warp::seeded(seed), steps: steps(mesh) }
    }

    /// The line from corner `a` to corner `b` on the drawing plane, both ends included.
    pub fn stroke(&self, a: usize, b: usize) -> Vec<Spot> {
        let mut stroke = self.calmed((a.min(b), a.max(b)), 0);
        if a > b {
            stroke.reverse();
        }
        stroke
    }

    /// All lines on the ground. A side whose line touches another is drawn again with half its roughness until none does.
    pub fn draw(&self, plane: &Plane) -> Lines {
        let on_ground = |stroke: Vec<Spot>| stroke.into_iter().map(|spot| plane.cell(spot)).collect::<Vec<Cell>>();
        let mut lines: BTreeMap<(usize, usize), Vec<Cell>> =
            self.steps.keys().map(|&(a, b)| ((a, b), on_ground(self.stroke(a, b)))).collect();
        let mut calm: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        loop {
            let touching: BTreeSet<(usize, usize)> = crossings(&lines);
            if touching.is_empty() {
                return Lines(lines);
            }
            for side in touching {
                let calm = calm.entry(side).or_default();
                *calm += 1;
                lines.insert(side, on_ground(self.calmed(side, *calm)));
            }
        }
    }

    fn calmed(&self, side: (usize, usize), calm: u32) -> Vec<Spot> {
        let rough = rough(self.mesh, side, self.steps[&side], calm, self.seed);
        rough.into_iter().map(|spot| self.warp.bend(spot)).collect()
    }
}

/// How many steps each side is drawn in: one every few metres, and more on the longest sides of faces that would have
/// fewer than `LEAST_POINTS` points.
fn steps(mesh: &Mesh) -> BTreeMap<(usize, usize), usize> {
    let key = |(a, b): (usize, usize)| (a.min(b), a.max(b));
    let length = |(a, b): (usize, usize)| mesh.corners[a].minus(mesh.corners[b]).length();
    let mut steps: BTreeMap<(usize, usize), usize> = mesh
        .faces
        .iter()
        .flat_map(|ring| sides(ring))
        .map(|side| (key(side), ((length(side) / 11.0) as usize).max(2)))
        .collect();
    for ring in &mesh.faces {
        while sides(ring).map(|side| steps[&key(side)]).sum::<usize>() < LEAST_POINTS {
            let coarse = |side: &(usize, usize)| length(*side) / steps[&key(*side)] as f64;
            let coarsest = sides(ring).max_by(|a, b| coarse(a).total_cmp(&coarse(b)));
            if let Some(side) = coarsest {
                *steps.entry(key(side)).or_default() += 1;
            }
        }
    }
    steps
}

/// A line from the lower corner to the higher one by midpoint displacement, with chance of its own for each side.
fn rough(mesh: &Mesh, (a, b): (usize, usize), steps: usize, calm: u32, seed: u64) -> Vec<Spot> {
    let (from, to) = (mesh.corners[a], mesh.corners[b]);
    let along = to.minus(from);
    let mut chance = Chance::seeded(seed, &format!("border {a} {b}"));
    let mut offsets = vec![0.0; steps + 1];
    let roughness = if calm > 5 { 0.0 } else { 0.055 / f64::from(1 << calm) };
    displace(&mut offsets, 0, steps, roughness, &mut chance);
    let straight = |at: usize| from.towards(to, at as f64 / steps as f64);
    let drawn = offsets.iter().enumerate().map(|(at, &off)| {
        let spot = straight(at);
        Spot { x: spot.x - along.y * off, y: spot.y + along.x * off }
    });
    drawn.collect()
}

/// Moves the middle of a stretch off the line between its ends, then the middles of both halves by about half as much.
fn displace(offsets: &mut [f64], low: usize, high: usize, roughness: f64, chance: &mut Chance) {
    if high - low < 2 {
        return;
    }
    let middle = (low + high) / 2;
    let share = (middle - low) as f64 / (high - low) as f64;
    let between = offsets[low] + (offsets[high] - offsets[low]) * share;
    offsets[middle] = between + roughness * (2.0 * chance.unit() - 1.0);
    displace(offsets, low, middle, roughness * 0.45, chance);
    displace(offsets, middle, high, roughness * 0.45, chance);
}
