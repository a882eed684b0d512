//! Borders by topology: neighbours share their vertices, so what two outlines have in common cancels out, and what is
//! left is where the whole ends.

use std::collections::HashMap;

use super::outline::{Edge, Outline, Position, Side, signed_area};

/// An edge that no neighbour runs along in the other direction, with the area on its left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Loose {
    pub edge: Edge,
    /// Place of its outline in the list that was given.
    pub owner: usize,
}

/// Edges left over when each is paired with one of the opposite direction. Outer rings are taken counter-clockwise and
/// holes clockwise, however they were written; `turned` outlines the other way round.
pub(crate) fn loose_edges<'a>(outlines: impl Iterator<Item = (usize, &'a Outline, bool)>) -> Vec<Loose> {
    let mut edges: Vec<(Edge, bool, usize)> = Vec::new();
    for (owner, outline, turned) in outlines {
        for part in outline.parts() {
            for (place, ring) in part.iter().enumerate() {
                let backwards = (signed_area(ring) < 0.0) ^ (place > 0) ^ turned;
                for pair in ring.windows(2) {
                    let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
                    let falls = (bx, by) < (ax, ay);
                    let edge = if falls { [bx, by, ax, ay] } else { [ax, ay, bx, by] };
                    edges.push((edge, falls != backwards, owner));
                }
            }
        }
    }
    edges.sort_unstable_by(|(a, _, _), (b, _, _)| {
        a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut loose = Vec::new();
    for same in edges.chunk_by(|(a, _, _), (b, _, _)| a == b) {
        let forward = same.iter().filter(|(_, falls, _)| !falls);
        let backward = same.iter().filter(|(_, falls, _)| *falls);
        let pairs = forward.clone().count().min(backward.clone().count());
        for ([ax, ay, bx, by], falls, owner) in forward.skip(pairs).chain(backward.skip(pairs)) {
            let edge = if *falls { [*bx, *by, *ax, *ay] } else { [*ax, *ay, *bx, *by] };
            loose.push(Loose { edge, owner: *owner });
        }
    }
    loose
}

/// A closed ring of loose edges, and the owners of its edges.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    pub positions: Vec<Position>,
    pub owners: Vec<usize>,
}

impl Ring {
    fn of(edges: &[&Loose]) -> Ring {
        let mut positions: Vec<Position> = edges.iter().map(|loose| [loose.edge[0], loose.edge[1]]).collect();
        positions.push(positions[0]);
        let mut owners: Vec<usize> = edges.iter().map(|loose| loose.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        Ring { positions, owners }
    }

    /// Square degrees, negative when it runs clockwise.
    pub fn signed_area(&self) -> f64 {
        signed_area(&self.positions)
    }
}

/// Links loose edges into rings that do not touch themselves: whenever the way comes back to a vertex, what lies between is a
/// ring. Where several edges leave a vertex, the one that turns most to the left is taken.
pub(crate) fn rings(loose: &[Loose]) -> Vec<Ring> {
    let mut leaving: HashMap<[u64; 2], Vec<usize>> = HashMap::new();
    for (place, Loose { edge: [x, y, ..], .. }) in loose.iter().enumerate() {
        leaving.entry(vertex([*x, *y])).or_default().push(place);
    }
    let mut used = vec![false; loose.len()];
    let mut rings = Vec::new();
    for first in 0..loose.len() {
        let mut way: Vec<usize> = Vec::new();
        let mut on_way: HashMap<[u64; 2], usize> = HashMap::new();
        let mut next = (!used[first]).then_some(first);
        while let Some(current) = next {
            used[current] = true;
            let edge = loose[current].edge;
            on_way.insert(vertex([edge[0], edge[1]]), way.len());
            way.push(current);
            let end = vertex([edge[2], edge[3]]);
            if let Some(start) = on_way.get(&end).copied() {
                let ring: Vec<&Loose> = way.drain(start..).map(|place| &loose[place]).collect();
                for Loose { edge: [x, y, ..], .. } in &ring {
                    on_way.remove(&vertex([*x, *y]));
                }
                rings.push(Ring::of(&ring));
            }
            let free = leaving.get(&end).into_iter().flatten().copied().filter(|place| !used[*place]);
            next = free
                .max_by(|a, b| left_turn(&edge, &loose[*a].edge).total_cmp(&left_turn(&edge, &loose[*b].edge)))
                .filter(|_| !way.is_empty());
        }
    }
    rings
}

/// A position as a key. Adding zero makes one of the two zeros.
fn vertex([x, y]: Position) -> [u64; 2] {
    [(x + 0.0).to_bits(), (y + 0.0).to_bits()]
}

/// Angle from the direction of one edge to that of the next: from just above -π (back, by the right) to π.
fn left_turn([ax, ay, bx, by]: &Edge, [cx, cy, dx, dy]: &Edge) -> f64 {
    let turn = (dy - cy).atan2(dx - cx) - (by - ay).atan2(bx - ax);
    let whole = std::f64::consts::TAU;
    let turn = turn.rem_euclid(whole);
    if turn > whole / 2.0 { turn - whole } else { turn }
}

/// Polygons that loose edges enclose, each its outer ring and then its holes, the largest first.
pub(crate) fn polygons(loose: &[Loose]) -> Vec<Vec<Vec<Position>>> {
    let mut rings = rings(loose);
    rings.sort_by(|a, b| b.signed_area().abs().total_cmp(&a.signed_area().abs()));
    let (outer, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().partition(|ring| ring.signed_area() > 0.0);
    let mut polygons: Vec<Vec<Vec<Position>>> = outer.into_iter().map(|ring| vec![ring.positions]).collect();
    for hole in holes {
        // The smallest that holds it: the last, as they are sorted by size.
        let [x, y] = hole.positions[0];
        let around = polygons
            .iter_mut()
            .rev()
            .find(|polygon| Outline::new(vec![vec![polygon[0].clone()]]).side(x, y) != Side::Outside);
        if let Some(polygon) = around {
            polygon.push(hole.positions);
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64) -> Outline {
        Outline::new(vec![vec![vec![[x, y], [x + 1.0, y], [x + 1.0, y + 1.0], [x, y + 1.0], [x, y]]]])
    }

    fn check(squares: &[(f64, f64)], sizes: &[(usize, f64)]) {
        let outlines: Vec<Outline> = squares.iter().map(|(x, y)| square(*x, *y)).collect();
        let loose = loose_edges(outlines.iter().enumerate().map(|(place, outline)| (place, outline, false)));
        let found: Vec<(usize, f64)> = polygons(&loose)
            .into_iter()
            .map(|polygon| (polygon.len(), Outline::new(vec![polygon]).square_degrees()))
            .collect();
        assert_eq!(found, sizes);
    }

    #[test]
    fn neighbours_dissolve() {
        check(&[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], &[(1, 3.0)]);
        // Touching in one vertex only: two polygons.
        check(&[(0.0, 0.0), (1.0, 1.0)], &[(1, 1.0), (1, 1.0)]);
    }

    #[test]
    fn a_missing_middle_is_a_hole() {
        let around: Vec<(f64, f64)> =
            (0..9).filter(|place| *place != 4).map(|place| (f64::from(place % 3), f64::from(place / 3))).collect();
        check(&around, &[(2, 8.0)]);
    }
}
