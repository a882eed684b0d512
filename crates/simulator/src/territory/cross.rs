//! Which lines touch each other anywhere but at the ends they share: exact, in whole cells.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::trace::Cell;

type Side = (usize, usize);

/// One step of a side's line.
type Segment = (Side, Cell, Cell);

/// Width of the squares segments are sorted into, in cells: about 20 metres.
const SQUARE: i64 = 2_000;

/// Every line that crosses or touches another, or itself, anywhere but where both have an end.
pub fn crossings(lines: &BTreeMap<Side, Vec<Cell>>) -> BTreeSet<Side> {
    let mut squares: HashMap<(i64, i64), Vec<Segment>> = HashMap::new();
    let mut touching = BTreeSet::new();
    for (&side, line) in lines {
        for pair in line.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            for square in squares_of(a, b) {
                let here = squares.entry(square).or_default();
                for &(other, c, d) in here.iter() {
                    if touch(a, b, c, d) {
                        touching.extend([side, other]);
                    }
                }
                here.push((side, a, b));
            }
        }
    }
    touching
}

fn squares_of(a: Cell, b: Cell) -> impl Iterator<Item = (i64, i64)> {
    let span = |p: i64, q: i64| p.min(q).div_euclid(SQUARE)..=p.max(q).div_euclid(SQUARE);
    let rows = span(a.1, b.1);
    span(a.0, b.0).flat_map(move |column| rows.clone().map(move |row| (column, row)))
}

/// Whether two segments have a point in common that is not an end of both.
pub fn touch(a: Cell, b: Cell, c: Cell, d: Cell) -> bool {
    if a == b || c == d {
        return true;
    }
    let shared = [(a, b, c, d), (a, b, d, c), (b, a, c, d), (b, a, d, c)];
    if let Some((from, to, _, end)) = shared.into_iter().find(|(from, _, start, _)| from == start) {
        // They leave one corner together: they overlap only in one direction.
        return turn(from, to, end) == 0 && dot(from, to, end) > 0;
    }
    let straddles = |p, q, r, s| turn(p, q, r).signum() * turn(p, q, s).signum() <= 0;
    let near = |p: i64, q: i64, r: i64, s: i64| p.max(q) >= r.min(s) && r.max(s) >= p.min(q);
    near(a.0, b.0, c.0, d.0) && near(a.1, b.1, c.1, d.1) && straddles(a, b, c, d) && straddles(c, d, a, b)
}

/// Positive when `c` lies to the left of the line from `a` to `b`.
pub fn turn(a: Cell, b: Cell, c: Cell) -> i64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

fn dot(a: Cell, b: Cell, c: Cell) -> i64 {
    (b.0 - a.0) * (c.0 - a.0) + (b.1 - a.1) * (c.1 - a.1)
}

/// Whether a place lies inside a ring; places on the ring count either way.
pub fn inside(ring: &[Cell], place: Cell) -> bool {
    let mut within = false;
    for (at, &a) in ring.iter().enumerate() {
        let b = ring[(at + 1) % ring.len()];
        if (a.1 > place.1) != (b.1 > place.1) {
            let left = turn(a, b, place) > 0;
            within ^= left == (b.1 > a.1);
        }
    }
    within
}
