//! Areas beside the tree: grids merged across community borders, and roundish areas over whatever lies there.

use std::collections::BTreeSet;

use kernel::Chance;

use super::cross::inside;
use super::land::{Land, middle};
use super::mesh::{Spot, sides};
use super::outline::around;
use super::plan::{Plan, RoundArea};
use super::trace::Cell;

#[derive(Clone)]
pub struct LayerArea {
    pub code: String,
    /// Subdistrict it lies in.
    pub parent: String,
    pub layer: String,
    pub name_zh: String,
    pub name_en: String,
    pub ring: Vec<Cell>,
}

/// Merges neighbouring grids of one subdistrict into areas of about the planned size, each in one piece without holes.
pub fn merged(plan: &Plan, land: &Land) -> Vec<LayerArea> {
    let layer = &plan.territory.merged_layer;
    let mut areas = Vec::new();
    for subdistrict in &plan.territory.subdistrict {
        let mut free: BTreeSet<usize> = land.faces_of_subdistrict(&subdistrict.code).into_iter().collect();
        let mut number = 0;
        while let Some(first) = westernmost(land, &free) {
            let group = grow(land, first, layer.grids, &mut free);
            let Some(ring) = land.ring_around(&group) else { continue };
            number += 1;
            areas.push(LayerArea {
                code: format!("{}C{number:02}", subdistrict.code),
                parent: subdistrict.code.clone(),
                layer: layer.key.clone(),
                name_zh: format!("{}{}{number:02}", subdistrict.name_zh, layer.name_zh),
                name_en: format!("{} {} {number:02}", subdistrict.name_en, layer.name_en),
                ring,
            });
        }
    }
    areas
}

fn westernmost(land: &Land, free: &BTreeSet<usize>) -> Option<usize> {
    let west = |face: usize| middle(&land.mesh.ring(face)).x;
    free.iter().copied().min_by(|&a, &b| west(a).total_cmp(&west(b)))
}

/// Takes from `free` the grid itself and then, again and again, the nearest neighbour that keeps the group in one ring.
fn grow(land: &Land, first: usize, size: usize, free: &mut BTreeSet<usize>) -> Vec<usize> {
    free.remove(&first);
    let mut group = vec![first];
    let start = middle(&land.mesh.ring(first));
    while group.len() < size {
        let beside = group.iter().flat_map(|&face| sides(&land.mesh.faces[face]));
        let mut next: Vec<usize> = beside.filter_map(|(a, b)| land.mesh.left_of(b, a)).collect();
        next.retain(|face| free.contains(face));
        next.sort_by(|&a, &b| {
            let far = |face: usize| middle(&land.mesh.ring(face)).minus(start).length();
            far(a).total_cmp(&far(b)).then(a.cmp(&b))
        });
        let fits = |face: &usize| one_ring(land, group.iter().chain([face]).copied().collect());
        let Some(face) = next.into_iter().find(fits) else { break };
        free.remove(&face);
        group.push(face);
    }
    group
}

/// Whether the faces have one ring around them that meets no corner twice.
fn one_ring(land: &Land, faces: Vec<usize>) -> bool {
    let rings = around(&land.mesh, &faces);
    rings.len() == 1 && rings[0].iter().collect::<BTreeSet<_>>().len() == rings[0].len()
}

/// Points of a full circle from the rational parametrization of its quarter: no sine is asked.
const QUARTER: usize = 16;

/// The distances from the centre that shape one round area.
const KNOTS: usize = 8;

pub fn round(plan: &Plan, land: &Land) -> Vec<LayerArea> {
    let layer = &plan.territory.round_layer;
    let around = |area: &RoundArea| {
        let mut chance = Chance::seeded(plan.territory.seed, &format!("round {}", area.code));
        LayerArea {
            code: area.code.clone(),
            parent: area.subdistrict.clone(),
            layer: layer.key.clone(),
            name_zh: area.name_zh.clone(),
            name_en: area.name_en.clone(),
            ring: round_ring(land, &area.subdistrict, area.radius_metres, &mut chance),
        }
    };
    layer.area.iter().map(around).collect()
}

/// A ragged circle around the middle of some grid, inside its subdistrict; half as wide where it would not fit.
fn round_ring(land: &Land, subdistrict: &str, radius: f64, chance: &mut Chance) -> Vec<Cell> {
    let faces = land.faces_of_subdistrict(subdistrict);
    let outline = land.ring_around(&faces).unwrap_or_default();
    let mut radius = radius;
    for tries in 0_u32.. {
        let Some(&face) = chance.pick(&faces) else { break };
        let places: Vec<Spot> = land.ring(face).into_iter().map(|cell| land.plane.ground(cell)).collect();
        let centre = middle(&places);
        let knots: Vec<f64> = (0..KNOTS).map(|_| radius * (0.75 + 0.5 * chance.unit())).collect();
        let ring: Vec<Cell> = circle()
            .enumerate()
            .map(|(at, way)| {
                let reach = reach(&knots, at);
                land.plane.cell_on_ground(Spot { x: centre.x + way.x * reach, y: centre.y + way.y * reach })
            })
            .collect();
        if ring.iter().all(|&cell| inside(&outline, cell)) {
            return ring;
        }
        if tries % 64 == 63 {
            radius /= 2.0;
        }
    }
    Vec::new()
}

/// How far the line runs from the centre at a point of the circle: from knot to knot with rounded transitions.
fn reach(knots: &[f64], at: usize) -> f64 {
    let steps = 4 * QUARTER / KNOTS;
    let (knot, on) = (at / steps, (at % steps) as f64 / steps as f64);
    let next = knots[(knot + 1) % knots.len()];
    knots[knot] + (next - knots[knot]) * on * on * (3.0 - 2.0 * on)
}

fn circle() -> impl Iterator<Item = Spot> {
    let quarter = (0..QUARTER).map(|step| {
        let t = step as f64 / QUARTER as f64;
        let whole = 1.0 + t * t;
        Spot { x: (1.0 - t * t) / whole, y: 2.0 * t / whole }
    });
    let quarter: Vec<Spot> = quarter.collect();
    (0..4).flat_map(move |turns| {
        let turned = |spot: &Spot| match turns {
            0 => *spot,
            1 => Spot { x: -spot.y, y: spot.x },
            2 => Spot { x: -spot.x, y: -spot.y },
            _ => Spot { x: spot.y, y: -spot.x },
        };
        quarter.iter().map(turned).collect::<Vec<Spot>>()
    })
}
