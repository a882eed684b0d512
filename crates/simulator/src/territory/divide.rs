//! Dividing a face among parts of given weights by straight cuts, each part near its site where it has one.

use kernel::Chance;

use super::TerritoryError;
use super::mesh::{End, Level, Mesh, Spot};

/// One share of a face: how much of its area, and where about, if that matters.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub weight: f64,
    pub site: Option<Spot>,
}

/// Directions a cut may take: about every ten degrees of a half circle, as whole numbers so that no library's sine
/// decides where a border runs.
const DIRECTIONS: [(f64, f64); 18] = [
    (1.0, 0.0),
    (11.0, 2.0),
    (11.0, 4.0),
    (7.0, 4.0),
    (6.0, 5.0),
    (5.0, 6.0),
    (4.0, 7.0),
    (4.0, 11.0),
    (2.0, 11.0),
    (0.0, 1.0),
    (-2.0, 11.0),
    (-4.0, 11.0),
    (-4.0, 7.0),
    (-5.0, 6.0),
    (-6.0, 5.0),
    (-7.0, 4.0),
    (-11.0, 4.0),
    (-11.0, 2.0),
];

/// Cuts `face` into as many faces as there are parts and returns them in the order of `parts`.
pub fn divide(
    mesh: &mut Mesh,
    face: usize,
    parts: &[Part],
    level: Level,
    chance: &mut Chance,
) -> Result<Vec<usize>, TerritoryError> {
    let order: Vec<usize> = (0..parts.len()).collect();
    let mut faces = vec![usize::MAX; parts.len()];
    share_out(mesh, face, parts, &order, level, chance, &mut faces)?;
    Ok(faces)
}

fn share_out(
    mesh: &mut Mesh,
    face: usize,
    parts: &[Part],
    chosen: &[usize],
    level: Level,
    chance: &mut Chance,
    faces: &mut [usize],
) -> Result<(), TerritoryError> {
    if let [only] = chosen {
        faces[*only] = face;
        return Ok(());
    }
    let cut = best_cut(&mesh.ring(face), parts, chosen, chance).ok_or(TerritoryError::NoCut { level, face })?;
    let ends = cut.ends.map(|end| end.on(&mesh.faces[face]));
    let new = mesh.cut(face, ends[0], ends[1], level);
    share_out(mesh, face, parts, &cut.right, level, chance, faces)?;
    share_out(mesh, new, parts, &cut.left, level, chance, faces)
}

/// Like `End`, by position in the ring.
#[derive(Clone, Copy)]
enum Place {
    Corner(usize),
    Side(usize, Spot),
}

impl Place {
    fn on(self, ring: &[usize]) -> End {
        match self {
            Place::Corner(at) => End::Corner(ring[at]),
            Place::Side(at, spot) => End::Side(ring[at], ring[(at + 1) % ring.len()], spot),
        }
    }
}

struct Cut {
    ends: [Place; 2],
    right: Vec<usize>,
    left: Vec<usize>,
    cost: f64,
}

fn best_cut(ring: &[Spot], parts: &[Part], chosen: &[usize], chance: &mut Chance) -> Option<Cut> {
    let mut best: Option<Cut> = None;
    for (x, y) in DIRECTIONS {
        let length = Spot { x, y }.length();
        let normal = Spot { x: x / length, y: y / length };
        let whim = 0.85 + 0.3 * chance.unit();
        for (right, left) in partitions(parts, chosen, normal) {
            let share = weight(parts, &right) / (weight(parts, &right) + weight(parts, &left));
            let Some((ends, level, shape)) = chord(ring, normal, share, chosen.len()) else { continue };
            let strays: f64 = right.iter().map(|&part| stray(parts[part], normal, level, 1.0)).sum::<f64>()
                + left.iter().map(|&part| stray(parts[part], normal, level, -1.0)).sum::<f64>();
            let cost = (shape + strays / 100.0) * whim;
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                best = Some(Cut { ends, right, left, cost });
            }
        }
    }
    best
}

fn weight(parts: &[Part], chosen: &[usize]) -> f64 {
    chosen.iter().map(|&part| parts[part].weight).sum()
}

/// How many metres a part's site lies on the wrong side of the line, or too near to it on the right one.
fn stray(part: Part, normal: Spot, level: f64, side: f64) -> f64 {
    part.site.map_or(0.0, |site| ((site.dot(normal) - level) * side + 150.0).max(0.0))
}

/// Ways to put the parts on the two sides of a line: those with sites in the order of the line's normal, any number of
/// them first; the others in two halves.
fn partitions(parts: &[Part], chosen: &[usize], normal: Spot) -> Vec<(Vec<usize>, Vec<usize>)> {
    let Some(sites) = chosen.iter().map(|&part| parts[part].site).collect::<Option<Vec<Spot>>>() else {
        let middle = chosen.len() / 2;
        return vec![(chosen[..middle].to_vec(), chosen[middle..].to_vec())];
    };
    let mut ranked: Vec<(f64, usize)> = sites.iter().map(|site| site.dot(normal)).zip(chosen.iter().copied()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let ranked: Vec<usize> = ranked.into_iter().map(|(_, part)| part).collect();
    (1..ranked.len()).map(|middle| (ranked[..middle].to_vec(), ranked[middle..].to_vec())).collect()
}

/// The straight cut across the ring, at right angles to `normal`, that leaves `share` of the area below it: its ends, its
/// level along the normal, and a cost that grows as the pieces get long, thin or sharp. None where the line meets the
/// ring more than twice or comes too near to another of its corners.
fn chord(ring: &[Spot], normal: Spot, share: f64, pieces: usize) -> Option<([Place; 2], f64, f64)> {
    let whole = area(ring);
    let snap = 0.11 * (whole / pieces as f64).sqrt();
    let level = level_of_share(ring, normal, share * whole);
    let heights: Vec<f64> = ring.iter().map(|spot| spot.dot(normal) - level).collect();
    let next = |at: usize| (at + 1) % ring.len();
    let crossings: Vec<usize> =
        (0..ring.len()).filter(|&at| (heights[at] < 0.0) != (heights[next(at)] < 0.0)).collect();
    let [first, second] = crossings[..] else { return None };
    // The lower part lies to the right of the cut, which therefore starts where the ring goes down.
    let (start, end) = if heights[first] < 0.0 { (second, first) } else { (first, second) };
    let place = |at: usize| {
        let side = ring[next(at)].minus(ring[at]).length();
        let share = heights[at] / (heights[at] - heights[next(at)]);
        match share * side {
            along if along < snap && along <= side / 2.0 => Place::Corner(at),
            along if side - along < snap => Place::Corner(next(at)),
            _ => Place::Side(at, ring[at].towards(ring[next(at)], share)),
        }
    };
    let ends = [place(start), place(end)];
    let (right, left) = pieces_of(ring, ends)?;
    let (lower, upper) = (area(&right), area(&left));
    let (from, to) = (right[0], left[0]);
    let touches = |spot: &Spot| *spot != from && *spot != to && distance(*spot, from, to) < 0.45 * snap;
    if lower <= 0.0 || upper <= 0.0 || ring.iter().any(touches) {
        return None;
    }
    let slant = sharpness(&right) + sharpness(&left);
    let unfair = ((lower / whole) - share).abs() / share.min(1.0 - share);
    Some((ends, level, stretch(&right) + stretch(&left) + 3.0 * slant + 2.0 * unfair))
}

/// The level along `normal` below which `wanted` square metres of the ring lie.
fn level_of_share(ring: &[Spot], normal: Spot, wanted: f64) -> f64 {
    let heights = || ring.iter().map(|spot| spot.dot(normal));
    let (mut low, mut high) = (heights().fold(f64::MAX, f64::min), heights().fold(f64::MIN, f64::max));
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if area_below(ring, normal, middle) < wanted { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

fn area_below(ring: &[Spot], normal: Spot, level: f64) -> f64 {
    let mut below = Vec::with_capacity(ring.len() + 4);
    for (at, spot) in ring.iter().enumerate() {
        let next = ring[(at + 1) % ring.len()];
        let (here, there) = (spot.dot(normal) - level, next.dot(normal) - level);
        if here < 0.0 {
            below.push(*spot);
        }
        if (here < 0.0) != (there < 0.0) {
            below.push(spot.towards(next, here / (here - there)));
        }
    }
    area(&below)
}

/// The rings right and left of a cut, the right one from the cut's start to its end and the left one back. None where the
/// cut would leave nothing on one side.
fn pieces_of(ring: &[Spot], [start, end]: [Place; 2]) -> Option<(Vec<Spot>, Vec<Spot>)> {
    let spot = |place: Place| match place {
        Place::Corner(at) => ring[at],
        Place::Side(_, spot) => spot,
    };
    let walk = |from: Place, to: Place| {
        let (Place::Corner(first) | Place::Side(first, _)) = from;
        let stop = match to {
            Place::Corner(at) => at,
            Place::Side(at, _) => (at + 1) % ring.len(),
        };
        let between = (1..ring.len()).map(|step| (first + step) % ring.len()).take_while(|&at| at != stop);
        let mut piece = vec![spot(from)];
        piece.extend(between.map(|at| ring[at]));
        piece.push(spot(to));
        piece
    };
    let same = matches!((start, end), (Place::Corner(a), Place::Corner(b)) if a == b);
    let (right, left) = (walk(start, end), walk(end, start));
    (!same && right.len() >= 3 && left.len() >= 3).then_some((right, left))
}

/// Square metres; negative when the ring runs clockwise.
pub fn area(ring: &[Spot]) -> f64 {
    let doubled: f64 = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| a.cross(*b)).sum();
    doubled / 2.0
}

/// 1 for a square, more for anything longer or more ragged.
fn stretch(ring: &[Spot]) -> f64 {
    let round: f64 = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| b.minus(*a).length()).sum();
    round * round / (16.0 * area(ring))
}

/// How far below 37 degrees the angles at the two ends of the cut are; the cut is the piece's last side.
fn sharpness(piece: &[Spot]) -> f64 {
    let last = piece.len() - 1;
    let at = |corner: usize, beside: usize, across: usize| {
        let (along, over) = (piece[beside].minus(piece[corner]), piece[across].minus(piece[corner]));
        let sine = along.cross(over).abs() / (along.length() * over.length());
        if along.dot(over) > 0.0 { (0.6 - sine).max(0.0) } else { 0.0 }
    };
    at(0, 1, last) + at(last, last - 1, 0)
}

fn distance(spot: Spot, from: Spot, to: Spot) -> f64 {
    let line = to.minus(from);
    let share = (spot.minus(from).dot(line) / line.dot(line)).clamp(0.0, 1.0);
    spot.minus(from.towards(to, share)).length()
}
