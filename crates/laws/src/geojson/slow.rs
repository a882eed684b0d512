//! Which outline holds a point, edge by edge with no index: what the quick way is measured against.

use robust::{Coord, orient2d};

type Position = [f64; 2];

/// The first of the outlines that holds the point, border included.
pub fn holder(outlines: &[&[Vec<Vec<Position>>]], point: Position) -> Option<usize> {
    outlines.iter().position(|parts| holds(parts, point))
}

fn holds(parts: &[Vec<Vec<Position>>], [x, y]: Position) -> bool {
    let edges = || parts.iter().flatten().flat_map(|ring| ring.windows(2).map(|pair| (pair[0], pair[1])));
    let turn = |[ax, ay]: Position, [bx, by]: Position| {
        orient2d(Coord { x: ax, y: ay }, Coord { x: bx, y: by }, Coord { x, y })
    };
    let between = |a: f64, b: f64, c: f64| a.min(b) <= c && c <= a.max(b);
    let on = |a: Position, b: Position| turn(a, b) == 0.0 && between(a[0], b[0], x) && between(a[1], b[1], y);
    if edges().any(|(a, b)| on(a, b)) {
        return true;
    }
    // Times the rings go round the point: once around the inside of an outline, whichever way they run.
    let crossings = edges().filter(|(a, b)| {
        let (low, high) = if a[1] < b[1] { (*a, *b) } else { (*b, *a) };
        low[1] <= y && y < high[1] && turn(low, high) > 0.0
    });
    crossings.count() % 2 == 1
}

/// Square degrees of polygons, each its outer ring and then its holes.
pub fn square_degrees(polygons: &[Vec<Vec<Position>>]) -> f64 {
    let ring = |ring: &Vec<Position>| {
        let Some([ox, oy]) = ring.first().copied() else { return 0.0 };
        let edge = |pair: &[Position]| (pair[0][0] - ox) * (pair[1][1] - oy) - (pair[1][0] - ox) * (pair[0][1] - oy);
        (ring.windows(2).map(edge).sum::<f64>() / 2.0).abs()
    };
    let polygon =
        |rings: &Vec<Vec<Position>>| rings.first().map_or(0.0, ring) - rings.iter().skip(1).map(ring).sum::<f64>();
    polygons.iter().map(polygon).sum()
}
