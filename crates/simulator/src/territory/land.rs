//! The division of the district: outline, subdistricts, communities, grids, and the lines they are drawn with.

use kernel::Chance;

use super::TerritoryError;
use super::divide::{Part, area, divide};
use super::mesh::{Level, Mesh, Spot, sides};
use super::outline::around;
use super::plan::{Plan, Plane, SubdistrictPlan};
use super::trace::{Cell, Lines, Pen};

/// The finished geometry.
pub struct Land {
    pub mesh: Mesh,
    pub lines: Lines,
    pub plane: Plane,
    /// In the order of the plan.
    pub communities: Vec<Community>,
}

pub struct Community {
    pub code: String,
    pub subdistrict: String,
    /// Code and face of each grid, north to south and west to east.
    pub grids: Vec<(String, usize)>,
}

impl Land {
    pub fn survey(plan: &Plan) -> Result<Self, TerritoryError> {
        let (mesh, faces) = partition(plan)?;
        let pen = Pen::new(&mesh, plan.territory.seed);
        let plane = stretched(plan, &mesh, &pen)?;
        let lines = pen.draw(&plane);
        let numbered = plan.communities.iter().zip(faces).map(|(line, faces)| Community {
            code: line.code.clone(),
            subdistrict: line.subdistrict.clone(),
            grids: numbered(&mesh, faces).map(|(number, face)| (format!("{}{number:02}", line.code), face)).collect(),
        });
        let communities = numbered.collect();
        Ok(Land { communities, mesh, lines, plane })
    }

    pub fn ring(&self, face: usize) -> Vec<Cell> {
        self.lines.ring(&self.mesh.faces[face])
    }

    /// The one ring around several faces; none where they do not hang together or leave a hole.
    pub fn ring_around(&self, faces: &[usize]) -> Option<Vec<Cell>> {
        match &around(&self.mesh, faces)[..] {
            [ring] => Some(self.lines.ring(ring)),
            _ => None,
        }
    }

    pub fn faces_of_subdistrict(&self, subdistrict: &str) -> Vec<usize> {
        let within = self.communities.iter().filter(|community| community.subdistrict == subdistrict);
        within.flat_map(|community| community.grids.iter().map(|(_, face)| *face)).collect()
    }
}

/// Cuts the outline into grids and gives the faces of each community, in the order of the plan.
fn partition(plan: &Plan) -> Result<(Mesh, Vec<Vec<usize>>), TerritoryError> {
    let territory = &plan.territory;
    let mut chance = Chance::seeded(territory.seed, "division");
    let corners = territory.outline.iter().map(|&corner| territory.plane.spot(corner)).collect();
    let mut mesh = Mesh::new(rounded_off(corners));
    let sited = |plan: &SubdistrictPlan| Part { weight: plan.share, site: Some(territory.plane.spot(plan.near)) };
    let parts: Vec<Part> = territory.subdistrict.iter().map(sited).collect();
    let subdistricts = divide(&mut mesh, 0, &parts, Level::Subdistrict, &mut chance)?;
    let mut communities = vec![usize::MAX; plan.communities.len()];
    for (subdistrict, face) in territory.subdistrict.iter().zip(subdistricts) {
        let lines: Vec<usize> =
            (0..communities.len()).filter(|&at| plan.communities[at].subdistrict == subdistrict.code).collect();
        let part = |&at: &usize| Part { weight: plan.communities[at].share, site: None };
        let parts: Vec<Part> = lines.iter().map(part).collect();
        for (at, face) in lines.into_iter().zip(divide(&mut mesh, face, &parts, Level::Community, &mut chance)?) {
            communities[at] = face;
        }
    }
    let counts = counts(plan, &mesh, &communities, &mut chance)?;
    let mut faces = Vec::new();
    for (face, count) in communities.into_iter().zip(counts) {
        let parts: Vec<Part> = (0..count).map(|_| Part { weight: 0.6 + 0.9 * chance.unit(), site: None }).collect();
        faces.push(divide(&mut mesh, face, &parts, Level::Grid, &mut chance)?);
    }
    Ok((mesh, faces))
}

/// Cuts off every corner, a quarter of the way along its sides (Chaikin's scheme).
fn rounded_off(ring: Vec<Spot>) -> Vec<Spot> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).flat_map(|(a, b)| [a.towards(*b, 0.25), a.towards(*b, 0.75)]).collect()
}

/// How many grids each community has: a few, more where it is large, and `grids` in all.
fn counts(plan: &Plan, mesh: &Mesh, faces: &[usize], chance: &mut Chance) -> Result<Vec<usize>, TerritoryError> {
    let wanted = plan.territory.grids;
    // The cube root lets a large community have more grids, and larger ones, than a small one.
    let mut wish = |face: usize| cube_root(area(&mesh.ring(face))) * (0.8 + 0.4 * chance.unit());
    let wishes: Vec<f64> = faces.iter().map(|&face| wish(face)).collect();
    let per_wish = wanted as f64 / wishes.iter().sum::<f64>();
    let mut counts: Vec<usize> = wishes.iter().map(|wish| ((wish * per_wish) as usize).clamp(2, 99)).collect();
    let mut hungry: Vec<usize> = (0..counts.len()).collect();
    let lack = |counts: &[usize], at: usize| wishes[at] * per_wish - counts[at] as f64;
    while counts.iter().sum::<usize>() < wanted {
        hungry.sort_by(|&a, &b| lack(&counts, b).total_cmp(&lack(&counts, a)).then(a.cmp(&b)));
        counts[hungry[0]] += 1;
    }
    if counts.iter().sum::<usize>() > wanted {
        return Err(TerritoryError::TooFewGrids { grids: wanted, communities: faces.len() });
    }
    Ok(counts)
}

/// By Newton's method, so that every machine gets the same bits.
fn cube_root(number: f64) -> f64 {
    (0..60).fold(number.sqrt(), |root, _| (2.0 * root + number / (root * root)) / 3.0)
}

/// The plane, stretched so that the drawn district has the area of the plan.
fn stretched(plan: &Plan, mesh: &Mesh, pen: &Pen) -> Result<Plane, TerritoryError> {
    let every: Vec<usize> = (0..mesh.faces.len()).collect();
    let rings = around(mesh, &every);
    let [ring] = &rings[..] else { return Err(TerritoryError::Torn { rings: rings.len() }) };
    let strokes = sides(ring).flat_map(|(a, b)| pen.stroke(a, b).into_iter().skip(1));
    let drawn = area(&strokes.collect::<Vec<Spot>>());
    let stretch = (plan.territory.area_km2 * 1e6 / drawn).sqrt();
    Ok(Plane { stretch, ..plan.territory.plane.clone() })
}

/// Grids are numbered from north to south in bands as high as a grid, and from west to east in each, the order
/// that Xi'an's DB6101/T 3185-2024 prescribes.
fn numbered(mesh: &Mesh, faces: Vec<usize>) -> impl Iterator<Item = (usize, usize)> {
    let total: f64 = faces.iter().map(|&face| area(&mesh.ring(face))).sum();
    let band = (total / faces.len() as f64).sqrt();
    let mut placed: Vec<(i64, f64, usize)> = faces
        .into_iter()
        .map(|face| {
            let middle = middle(&mesh.ring(face));
            (-(middle.y / band).floor() as i64, middle.x, face)
        })
        .collect();
    placed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    placed.into_iter().enumerate().map(|(at, (_, _, face))| (at + 1, face))
}

/// The mean of the corners.
pub fn middle(ring: &[Spot]) -> Spot {
    let count = ring.len() as f64;
    let sum = ring.iter().fold(Spot { x: 0.0, y: 0.0 }, |sum, spot| Spot { x: sum.x + spot.x, y: sum.y + spot.y });
    Spot { x: sum.x / count, y: sum.y / count }
}
