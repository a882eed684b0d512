//! Whether a ring is one: closed, long enough, not crossing or touching itself or its neighbours in the outline.

use robust::{Coord, orient2d};

use crate::fault::{Fault, codes};
use crate::territory::outline::{Edge, Extent, Outline, Position, meeting};

/// What is wrong with the rings of an outline.
pub(super) enum Flaw {
    Empty,
    Short(usize),
    Open,
    Crosses(Position),
}

impl Flaw {
    pub fn fault(&self, file: &str, line: u64) -> Fault {
        let fault = |code| Fault::new(file, line, "geometry", code);
        match self {
            Flaw::Empty => fault(codes::OUTLINE_EMPTY),
            Flaw::Short(count) => fault(codes::RING_SHORT).with("count", count),
            Flaw::Open => fault(codes::RING_OPEN),
            Flaw::Crosses([x, y]) => fault(codes::RING_CROSSES).with("longitude", x).with("latitude", y),
        }
    }
}

/// The outline, unless it has a flaw.
pub(super) fn outline(parts: Vec<Vec<Vec<Position>>>, flaw: &mut impl FnMut(Flaw)) -> Option<Outline> {
    let mut sound = true;
    let mut report = |reason| {
        sound = false;
        flaw(reason);
    };
    for ring in parts.iter().flatten() {
        if ring.len() < 4 {
            report(Flaw::Short(ring.len()));
        } else if ring.first() != ring.last() {
            report(Flaw::Open);
        }
    }
    if parts.iter().all(Vec::is_empty) {
        report(Flaw::Empty);
    }
    if !sound {
        return None;
    }
    let outline = Outline::new(parts);
    if let Some(place) = crossing(&outline) {
        flaw(Flaw::Crosses(place));
        return None;
    }
    if outline.square_degrees() <= 0.0 {
        flaw(Flaw::Empty);
        return None;
    }
    Some(outline)
}

/// Where two edges of the outline meet that are not neighbours in a ring.
fn crossing(outline: &Outline) -> Option<Position> {
    // Edges sorted by their west end: only those that begin before another ends can meet it.
    let mut edges: Vec<(Edge, usize, usize, usize)> = Vec::new();
    for (ring, positions) in outline.rings().enumerate() {
        let count = positions.len() - 1;
        for (place, pair) in positions.windows(2).enumerate() {
            edges.push(([pair[0][0], pair[0][1], pair[1][0], pair[1][1]], ring, place, count));
        }
    }
    let west = |edge: &Edge| edge[0].min(edge[2]);
    let east = |edge: &Edge| edge[0].max(edge[2]);
    edges.sort_by(|(a, ..), (b, ..)| west(a).total_cmp(&west(b)));
    for (first, (edge, ring, place, count)) in edges.iter().enumerate() {
        for (other, other_ring, other_place, _) in &edges[first + 1..] {
            if west(other) > east(edge) {
                break;
            }
            let steps = place.abs_diff(*other_place);
            let neighbours = ring == other_ring && (steps == 1 || steps == count - 1);
            if let Some(at) = if neighbours { overlap(edge, other) } else { meeting(edge, other) } {
                return Some(at);
            }
        }
    }
    None
}

/// Whether neighbours that share a vertex also run back over each other.
fn overlap(a: &Edge, b: &Edge) -> Option<Position> {
    let ends = |edge: &Edge| [[edge[0], edge[1]], [edge[2], edge[3]]];
    let on = |edge: &Edge, [x, y]: Position| {
        let turn = orient2d(Coord { x: edge[0], y: edge[1] }, Coord { x: edge[2], y: edge[3] }, Coord { x, y });
        turn == 0.0 && Extent::of(ends(edge).into_iter()).contains(x, y)
    };
    let shared = |end: Position| ends(a).contains(&end) && ends(b).contains(&end);
    let beyond = |edge: &Edge, other: &Edge| ends(other).into_iter().find(|end| !shared(*end) && on(edge, *end));
    // An edge of no length is a vertex written twice.
    ends(a)
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
        .or_else(|| beyond(a, b))
        .or_else(|| beyond(b, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ring: &[Position], expected: Option<Position>) {
        let outline = Outline::new(vec![vec![ring.to_vec()]]);
        assert_eq!(crossing(&outline), expected);
    }

    #[test]
    fn crossings_touches_and_spikes_are_found() {
        check(&[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]], None);
        check(&[[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]], Some([1.0, 1.0]));
        check(&[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], Some([1.0, 0.0]));
        check(&[[0.0, 0.0], [2.0, 0.0], [3.0, 0.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]], Some([2.0, 0.0]));
        check(&[[0.0, 0.0], [2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]], Some([2.0, 0.0]));
    }
}
