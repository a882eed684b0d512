//! Buildings stand along the named streets, odd numbers on one side and even ones on the other; grids without such a
//! front get buildings in the rear, numbered after the nearest one on a street.

use std::collections::BTreeMap;

use kernel::Chance;

use super::cross::inside;
use super::land::Land;
use super::mesh::Spot;
use super::plan::Plan;
use super::streets::Street;
use super::trace::Cell;

pub struct Building {
    pub grid: String,
    /// Counted in its grid.
    pub sequence: usize,
    pub road: String,
    pub number: String,
    pub place: Cell,
}

/// Every grid has at least this many.
const LEAST: usize = 2;

struct Stand {
    face: usize,
    street: usize,
    number: String,
    place: Cell,
}

pub fn build(plan: &Plan, land: &Land, streets: &[Street]) -> Vec<Building> {
    let mut chance = Chance::seeded(plan.territory.seed, "buildings");
    let fronts = fronts(land, streets, plan.territory.buildings, &mut chance);
    let mut by_face: BTreeMap<usize, Vec<Stand>> = BTreeMap::new();
    let places: Vec<(Spot, usize, String)> =
        fronts.iter().map(|stand| (land.plane.ground(stand.place), stand.street, stand.number.clone())).collect();
    for stand in fronts {
        by_face.entry(stand.face).or_default().push(stand);
    }
    fill_rears(plan, land, &places, &mut by_face, &mut chance);
    let mut buildings = Vec::new();
    for community in &land.communities {
        for (grid, face) in &community.grids {
            for (at, stand) in by_face.remove(face).unwrap_or_default().into_iter().enumerate() {
                buildings.push(Building {
                    grid: grid.clone(),
                    sequence: at + 1,
                    road: streets[stand.street].road.clone(),
                    number: stand.number,
                    place: stand.place,
                });
            }
        }
    }
    buildings
}

/// Stands along both sides of every street. The spacing is such that they are about four fifths of what the plan wants.
fn fronts(land: &Land, streets: &[Street], wanted: usize, chance: &mut Chance) -> Vec<Stand> {
    let length = |line: &[Cell]| {
        let pairs = line.windows(2);
        pairs.map(|pair| land.plane.ground(pair[1]).minus(land.plane.ground(pair[0])).length()).sum::<f64>()
    };
    let metres: f64 = streets.iter().map(|street| length(&street.line(land))).sum();
    let spacing = 2.0 * metres / (0.72 * wanted as f64);
    let mut stands = Vec::new();
    for (at, street) in streets.iter().enumerate() {
        for side in 0..2 {
            let mut number = if side == 0 { 1 } else { 2 };
            let mut due = spacing * (0.3 + 0.4 * chance.unit());
            for (line, faces) in street.stretches(land) {
                let Some(face) = faces[side] else { continue };
                let ring = land.ring(face);
                for pair in line.windows(2) {
                    let (from, to) = (land.plane.ground(pair[0]), land.plane.ground(pair[1]));
                    let step = to.minus(from);
                    due -= step.length();
                    if due > 0.0 {
                        continue;
                    }
                    let back = (9.0 + 6.0 * chance.unit()) * if side == 0 { 1.0 } else { -1.0 } / step.length();
                    let middle = from.towards(to, 0.5);
                    let place = Spot { x: middle.x - step.y * back, y: middle.y + step.x * back };
                    let place = land.plane.cell_on_ground(place);
                    due += spacing * (0.75 + 0.5 * chance.unit());
                    if inside(&ring, place) {
                        stands.push(Stand { face, street: at, number: number.to_string(), place });
                        number += if chance.happens(0.15) { 4 } else { 2 };
                    }
                }
            }
        }
    }
    stands
}

/// Puts rear buildings into the grids with the fewest until there are as many as the plan wants.
fn fill_rears(
    plan: &Plan,
    land: &Land,
    fronts: &[(Spot, usize, String)],
    by_face: &mut BTreeMap<usize, Vec<Stand>>,
    chance: &mut Chance,
) {
    let mut rears: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let mut built = fronts.len();
    let mut least = LEAST;
    while built < plan.territory.buildings {
        let lacking = |face: &usize| by_face.get(face).is_none_or(|stands| stands.len() < least);
        let faces: Vec<usize> = (0..land.mesh.faces.len()).filter(lacking).collect();
        least += usize::from(faces.is_empty());
        for face in faces {
            if built >= plan.territory.buildings && least > LEAST {
                break;
            }
            let ring = land.ring(face);
            let place = place_within(land, &ring, chance);
            let here = land.plane.ground(place);
            let far = |front: &(Spot, usize, String)| front.0.minus(here).dot(front.0.minus(here));
            let Some((_, street, number)) = fronts.iter().min_by(|a, b| far(a).total_cmp(&far(b))) else { return };
            let rear = rears.entry((*street, number.clone())).or_default();
            *rear += 1;
            let number = format!("{number}-{rear}");
            by_face.entry(face).or_default().push(Stand { face, street: *street, number, place });
            built += 1;
        }
    }
}

/// A place inside the ring: the mean of its points, or of a random three of them, whichever comes to lie inside.
fn place_within(land: &Land, ring: &[Cell], chance: &mut Chance) -> Cell {
    loop {
        let weights = [chance.unit(), chance.unit(), chance.unit()];
        let total: f64 = weights.iter().sum();
        let mut spot = Spot { x: 0.0, y: 0.0 };
        for weight in weights {
            let corner = land.plane.ground(ring[chance.below(ring.len() as u64) as usize]);
            spot = Spot { x: spot.x + corner.x * weight / total, y: spot.y + corner.y * weight / total };
        }
        let place = land.plane.cell_on_ground(spot);
        if inside(ring, place) {
            return place;
        }
    }
}
