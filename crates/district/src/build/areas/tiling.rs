//! Whether the smallest areas tile the district: no gap, no overlap, common borders by common vertices.
//!
//! Where neighbours share their vertices, each edge of an area but those on the outside runs along one of the opposite
//! direction. What is left are rings: the outside, and one around each gap or overlap. Measured only where it is needed.

use std::collections::{BTreeSet, HashMap};

use geo::{Area as _, BooleanOps, Coord, LineString, MultiPolygon, Polygon};
use kernel::Instant;

use super::{Drawn, Found};
use crate::area::{Layer, Level, Rank};
use crate::fault::{Fault, Faults, codes};
use crate::settings::GeometryKind;
use crate::territory::borders::{Loose, Ring, loose_edges, rings};
use crate::territory::outline::{Edge, Outline, Position, Side, meeting};

/// Square metres below which a gap or overlap is two borders that run along each other without sharing their vertices.
const SLIVER: f64 = 0.01;

/// Metres of a degree of latitude on the sphere.
const METRES: f64 = 111_195.08;

pub(super) fn check(
    found: &[Found],
    levels: &[Level],
    layers: &[Layer],
    kind: GeometryKind,
    instants: &[Instant],
    faults: &mut Faults,
) {
    let tolerance = kind.tolerance_square_metres();
    let last = Rank::Level(levels.len() - 1);
    for when in instants {
        let valid = |rank: Rank| -> Vec<&Found> {
            found.iter().filter(|found| found.area.rank == rank && found.area.period.covers(*when)).collect()
        };
        Tiles { found: valid(last), tolerance }.check(true, faults);
        for (place, _) in layers.iter().enumerate().filter(|(_, layer)| !layer.overlaps) {
            Tiles { found: valid(Rank::Layer(place)), tolerance }.check(false, faults);
        }
        let parts = parts(found, valid(last), *when);
        for level in 0..levels.len() - 1 {
            for whole in valid(Rank::Level(level)) {
                let Some(drawn) = &whole.outline else { continue };
                let found = parts.get(whole.area.code.as_str()).cloned().unwrap_or_default();
                Tiles { found, tolerance }.check_against(whole, drawn, faults);
            }
        }
    }
}

/// The smallest areas under each area.
fn parts<'a>(found: &'a [Found], leaves: Vec<&'a Found>, when: Instant) -> HashMap<&'a str, Vec<&'a Found>> {
    let valid = found.iter().filter(|found| found.area.period.covers(when));
    let by_code: HashMap<&str, &Found> = valid.map(|found| (found.area.code.as_str(), found)).collect();
    let above = |found: &&Found| by_code.get(found.area.parent.as_deref()?).copied();
    let mut parts: HashMap<&str, Vec<&Found>> = HashMap::new();
    for leaf in leaves {
        for whole in std::iter::successors(above(&leaf), above).take(16) {
            parts.entry(whole.area.code.as_str()).or_default().push(leaf);
        }
    }
    parts
}

/// Areas that should lie side by side.
struct Tiles<'a> {
    found: Vec<&'a Found>,
    tolerance: f64,
}

impl Tiles<'_> {
    fn outline(&self, owner: usize) -> &Outline {
        // Tiling is checked only when every area has its outline.
        self.found[owner].outline.as_ref().map(|drawn| drawn.outline.as_ref()).expect("an outline for every tile")
    }

    fn loose(&self, whole: Option<&Outline>) -> Vec<Loose> {
        let tiles = (0..self.found.len()).map(|owner| (owner, self.outline(owner), false));
        loose_edges(tiles.chain(whole.map(|whole| (usize::MAX, whole, true))))
    }

    fn check(&self, gaps_matter: bool, faults: &mut Faults) {
        let loose = self.loose(None);
        let rings = rings(&loose);
        let mut pairs = crossing_owners(&loose);
        let filled: Vec<Outline> = rings.iter().map(|ring| Outline::new(vec![vec![ring.positions.clone()]])).collect();
        for (place, ring) in rings.iter().enumerate() {
            let area = square_metres(ring);
            if area.abs() < SLIVER {
                self.unshared(ring, faults);
            } else if area < 0.0 && gaps_matter && -area > self.tolerance {
                faults.add(measured(
                    self.found[ring.owners[0]].outline_fault(codes::AREAS_GAP),
                    -area,
                    ring.positions[0],
                ));
            } else if area > 0.0 && depth(ring, place, &rings, &filled) > 0 {
                self.pairs_around(ring, &mut pairs);
            }
        }
        for (a, b) in pairs {
            self.overlap(a, b, faults);
        }
    }

    /// The tiles against the outline of what they should fill.
    fn check_against(&self, whole: &Found, drawn: &Drawn, faults: &mut Faults) {
        for ring in rings(&self.loose(Some(&drawn.outline))) {
            let area = square_metres(&ring);
            if area.abs() < SLIVER && self.tolerance == 0.0 {
                let fault = whole.outline_fault(codes::AREAS_BORDER);
                let part = ring.owners.iter().find_map(|owner| self.found.get(*owner)).unwrap_or(&whole);
                faults.add(at(fault.with("other", &part.area.code), ring.positions[0]));
            } else if area.abs() > self.tolerance {
                let code = if area < 0.0 { codes::PARTS_GAP } else { codes::PARTS_EXCESS };
                faults.add(measured(whole.outline_fault(code), area.abs(), ring.positions[0]));
            }
        }
    }

    /// A ring around next to nothing: one side has a vertex where the other has none.
    fn unshared(&self, ring: &Ring, faults: &mut Faults) {
        if self.tolerance > 0.0 {
            return;
        }
        let [a, .., b] = ring.owners[..] else { return };
        let fault = self.found[a].outline_fault(codes::AREAS_BORDER).with("other", &self.found[b].area.code);
        faults.add(at(fault, ring.positions[0]));
    }

    /// Pairs that may overlap inside a ring that lies within another: its owners, and whatever lies beneath.
    fn pairs_around(&self, ring: &Ring, pairs: &mut BTreeSet<(usize, usize)>) {
        let [x, y] = ring.positions[0];
        let beneath = (0..self.found.len()).filter(|owner| self.outline(*owner).side(x, y) != Side::Outside);
        let all: BTreeSet<usize> = ring.owners.iter().copied().chain(beneath).collect();
        for a in &all {
            pairs.extend(all.range(a + 1..).map(|b| (*a, *b)));
        }
    }

    fn overlap(&self, a: usize, b: usize, faults: &mut Faults) {
        let common = polygons(self.outline(a)).intersection(&polygons(self.outline(b)));
        let Some(Coord { x, y }) = common.0.first().and_then(|part| part.exterior().coords().next()).copied() else {
            return;
        };
        let area = common.unsigned_area() * METRES * METRES * y.to_radians().cos();
        if area > self.tolerance.max(1e-6) {
            let fault = self.found[a].outline_fault(codes::AREAS_OVERLAP).with("other", &self.found[b].area.code);
            faults.add(measured(fault, area, [x, y]));
        }
    }
}

/// Owners of loose edges that meet elsewhere than in a common vertex.
fn crossing_owners(loose: &[Loose]) -> BTreeSet<(usize, usize)> {
    let west = |edge: &Edge| edge[0].min(edge[2]);
    let east = |edge: &Edge| edge[0].max(edge[2]);
    let ends = |edge: &Edge| [[edge[0], edge[1]], [edge[2], edge[3]]];
    let mut sorted: Vec<&Loose> = loose.iter().collect();
    sorted.sort_by(|a, b| west(&a.edge).total_cmp(&west(&b.edge)));
    let mut pairs = BTreeSet::new();
    for (place, a) in sorted.iter().enumerate() {
        for b in sorted[place + 1..].iter().take_while(|b| west(&b.edge) <= east(&a.edge)) {
            let apart = !ends(&a.edge).iter().any(|end| ends(&b.edge).contains(end));
            if a.owner != b.owner && apart && meeting(&a.edge, &b.edge).is_some() {
                pairs.insert((a.owner.min(b.owner), a.owner.max(b.owner)));
            }
        }
    }
    pairs
}

/// How many areas lie beneath a ring: rings around it that run counter-clockwise, less those that run clockwise. `filled` are
/// the rings as outlines.
fn depth(ring: &Ring, place: usize, rings: &[Ring], filled: &[Outline]) -> i32 {
    let [x, y] = middle(ring);
    let others = rings.iter().zip(filled).enumerate().filter(|(other, _)| *other != place);
    let around = others.filter(|(_, (_, outline))| outline.side(x, y) == Side::Inside);
    around.map(|(_, (other, _))| if other.signed_area() > 0.0 { 1 } else { -1 }).sum()
}

/// The middle of the ring's first edge.
fn middle(ring: &Ring) -> Position {
    let [[ax, ay], [bx, by]] = [ring.positions[0], ring.positions[1]];
    [(ax + bx) / 2.0, (ay + by) / 2.0]
}

fn square_metres(ring: &Ring) -> f64 {
    ring.signed_area() * METRES * METRES * ring.positions[0][1].to_radians().cos()
}

fn polygons(outline: &Outline) -> MultiPolygon<f64> {
    let line = |ring: &Vec<Position>| LineString::from(ring.clone());
    let polygon = |part: &Vec<Vec<Position>>| {
        let mut rings = part.iter().map(line);
        Polygon::new(rings.next().unwrap_or(LineString::new(Vec::new())), rings.collect())
    };
    MultiPolygon(outline.parts().iter().map(polygon).collect())
}

fn at(fault: Fault, [x, y]: Position) -> Fault {
    fault.with("longitude", x).with("latitude", y)
}

fn measured(fault: Fault, area: f64, place: Position) -> Fault {
    at(fault.with("area", format!("{area:.1}")), place)
}
