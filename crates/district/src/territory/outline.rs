//! One area's outline, prepared for exact point tests.

use robust::{Coord, orient2d};

/// Longitude and latitude in degrees.
pub type Position = [f64; 2];

/// From one vertex to the next: `[x, y, x, y]`.
pub(crate) type Edge = [f64; 4];

/// Where a point lies as seen from an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Inside,
    /// Exactly on an edge or vertex.
    Border,
    Outside,
}

/// West, south, east, north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Extent {
    const NOTHING: Extent =
        Extent { west: f64::INFINITY, south: f64::INFINITY, east: f64::NEG_INFINITY, north: f64::NEG_INFINITY };

    pub(crate) fn of(positions: impl Iterator<Item = Position>) -> Extent {
        positions.fold(Extent::NOTHING, |extent, [x, y]| extent.union(&Extent { west: x, south: y, east: x, north: y }))
    }

    pub(crate) fn union(&self, other: &Extent) -> Extent {
        Extent {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    pub(crate) fn contains(&self, x: f64, y: f64) -> bool {
        self.west <= x && x <= self.east && self.south <= y && y <= self.north
    }

    pub(crate) fn meets(&self, other: &Extent) -> bool {
        self.west <= other.east && other.west <= self.east && self.south <= other.north && other.south <= self.north
    }
}

/// Polygons that make up one area. A horizontal line through a point crosses few of its edges; slabs of latitude
/// find those few.
#[derive(Debug)]
pub struct Outline {
    /// Polygons, each its outer ring and then its holes; rings are closed.
    parts: Vec<Vec<Vec<Position>>>,
    extent: Extent,
    slabs_per_degree: f64,
    /// Where the edges of each slab begin in `edges`, and the end of the last.
    slabs: Vec<u32>,
    edges: Vec<Edge>,
}

impl Outline {
    /// Rings are closed and hold at least four positions: reading has checked it.
    pub(crate) fn new(parts: Vec<Vec<Vec<Position>>>) -> Outline {
        let mut outline =
            Outline { parts, extent: Extent::NOTHING, slabs_per_degree: 0.0, slabs: Vec::new(), edges: Vec::new() };
        let edges: Vec<Edge> = outline.all_edges().collect();
        outline.extent = Extent::of(edges.iter().map(|[x, y, ..]| [*x, *y]));
        outline.lay_slabs(&edges);
        outline
    }

    pub fn parts(&self) -> &[Vec<Vec<Position>>] {
        &self.parts
    }

    pub fn extent(&self) -> Extent {
        self.extent
    }

    pub(crate) fn rings(&self) -> impl Iterator<Item = &Vec<Position>> {
        self.parts.iter().flatten()
    }

    /// The edges as written, ring by ring.
    pub(crate) fn all_edges(&self) -> impl Iterator<Item = Edge> {
        self.rings().flat_map(|ring| ring.windows(2).map(|pair| [pair[0][0], pair[0][1], pair[1][0], pair[1][1]]))
    }

    fn lay_slabs(&mut self, edges: &[Edge]) {
        let count = (edges.len() / 2).max(1);
        let height = self.extent.north - self.extent.south;
        self.slabs_per_degree = if height > 0.0 { count as f64 / height } else { 0.0 };
        let range = |edge: &Edge| (self.slab(edge[1].min(edge[3]), count), self.slab(edge[1].max(edge[3]), count));
        let mut starts = vec![0u32; count + 1];
        for edge in edges {
            let (first, last) = range(edge);
            for slab in first..=last {
                starts[slab + 1] += 1;
            }
        }
        for slab in 0..count {
            starts[slab + 1] += starts[slab];
        }
        let mut next = starts.clone();
        let mut sorted = vec![[0.0; 4]; starts[count] as usize];
        for edge in edges {
            let (first, last) = range(edge);
            for place in &mut next[first..=last] {
                sorted[*place as usize] = *edge;
                *place += 1;
            }
        }
        (self.slabs, self.edges) = (starts, sorted);
    }

    /// The slab of a latitude inside the extent. The same rounding for edges and points, and monotone, so that an edge
    /// stands in every slab of the latitudes it reaches.
    fn slab(&self, y: f64, count: usize) -> usize {
        (((y - self.extent.south) * self.slabs_per_degree) as usize).min(count - 1)
    }

    /// Exact for every point: borders are decided by adaptive-precision arithmetic, not within a tolerance.
    pub fn side(&self, x: f64, y: f64) -> Side {
        if !self.extent.contains(x, y) {
            return Side::Outside;
        }
        let slab = self.slab(y, self.slabs.len() - 1);
        let edges = &self.edges[self.slabs[slab] as usize..self.slabs[slab + 1] as usize];
        let mut inside = false;
        for &[ax, ay, bx, by] in edges {
            if (ay > y) != (by > y) {
                if ax < x && bx < x {
                    continue;
                }
                if ax > x && bx > x {
                    inside = !inside;
                    continue;
                }
                let turn = orient2d(Coord { x: ax, y: ay }, Coord { x: bx, y: by }, Coord { x, y });
                if turn == 0.0 {
                    return Side::Border;
                }
                inside ^= (turn > 0.0) == (by > ay);
                continue;
            }
            // It does not cross the line through the point, but may end or lie on it.
            let ends_here = (ay == y && ax == x) || (by == y && bx == x);
            let passes_here = ay == y && by == y && (ax < x) != (bx < x);
            if ends_here || passes_here {
                return Side::Border;
            }
        }
        if inside { Side::Inside } else { Side::Outside }
    }

    /// Square degrees: positive, holes taken off.
    pub(crate) fn square_degrees(&self) -> f64 {
        let part = |rings: &Vec<Vec<Position>>| {
            let outer = rings.first().map_or(0.0, |ring| signed_area(ring).abs());
            outer - rings.iter().skip(1).map(|ring| signed_area(ring).abs()).sum::<f64>()
        };
        self.parts.iter().map(part).sum()
    }
}

/// Square degrees of a closed ring, positive when it runs counter-clockwise.
pub(crate) fn signed_area(ring: &[Position]) -> f64 {
    let Some([ox, oy]) = ring.first().copied() else { return 0.0 };
    let twice: f64 =
        ring.windows(2).map(|pair| (pair[0][0] - ox) * (pair[1][1] - oy) - (pair[1][0] - ox) * (pair[0][1] - oy)).sum();
    twice / 2.0
}

/// A place that two edges have in common.
pub(crate) fn meeting(a: &Edge, b: &Edge) -> Option<Position> {
    let extent = |edge: &Edge| Extent::of([[edge[0], edge[1]], [edge[2], edge[3]]].into_iter());
    if !extent(a).meets(&extent(b)) {
        return None;
    }
    let turn = |edge: &Edge, x: f64, y: f64| {
        orient2d(Coord { x: edge[0], y: edge[1] }, Coord { x: edge[2], y: edge[3] }, Coord { x, y })
    };
    let (b_start, b_end) = (turn(a, b[0], b[1]), turn(a, b[2], b[3]));
    let (a_start, a_end) = (turn(b, a[0], a[1]), turn(b, a[2], a[3]));
    if b_start * b_end < 0.0 && a_start * a_end < 0.0 {
        let along = a_start / (a_start - a_end);
        return Some([a[0] + along * (a[2] - a[0]), a[1] + along * (a[3] - a[1])]);
    }
    // An end of one on the other.
    [(b_start, b[0], b[1], a), (b_end, b[2], b[3], a), (a_start, a[0], a[1], b), (a_end, a[2], a[3], b)]
        .into_iter()
        .find(|(turn, x, y, edge)| *turn == 0.0 && extent(edge).contains(*x, *y))
        .map(|(_, x, y, _)| [x, y])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(outline: &Outline, [x, y]: Position, expected: Side) {
        assert_eq!(outline.side(x, y), expected, "{x}, {y}");
    }

    fn square_with_hole() -> Outline {
        let square = |low: f64, high: f64| vec![[low, low], [high, low], [high, high], [low, high], [low, low]];
        Outline::new(vec![vec![square(0.0, 4.0), square(1.0, 3.0)]])
    }

    #[test]
    fn borders_of_rings_and_holes_are_exact() {
        let outline = square_with_hole();
        check(&outline, [0.5, 2.0], Side::Inside);
        check(&outline, [2.0, 2.0], Side::Outside);
        check(&outline, [5.0, 2.0], Side::Outside);
        for border in [[0.0, 0.0], [4.0, 4.0], [2.0, 0.0], [2.0, 4.0], [0.0, 2.0], [4.0, 3.0], [1.0, 1.0], [3.0, 2.0]] {
            check(&outline, border, Side::Border);
        }
        check(&outline, [0.0f64.next_up(), 2.0], Side::Inside);
        check(&outline, [0.0f64.next_down(), 2.0], Side::Outside);
        check(&outline, [1.0f64.next_up(), 2.0], Side::Outside);
        assert_eq!(outline.square_degrees(), 12.0);
    }

    proptest! {
        /// A star around the origin: a point on the way to a vertex is inside, beyond it outside, the vertex border.
        #[test]
        fn a_star_knows_its_inside(radii in prop::collection::vec(0.5f64..2.0, 5..80), share in 0.01f64..0.3) {
            let vertex = |place: usize| {
                let turn = std::f64::consts::TAU * place as f64 / radii.len() as f64;
                [radii[place] * turn.cos(), radii[place] * turn.sin()]
            };
            let mut ring: Vec<Position> = (0..radii.len()).map(vertex).collect();
            ring.push(ring[0]);
            let outline = Outline::new(vec![vec![ring.clone()]]);
            for [x, y] in ring {
                check(&outline, [x, y], Side::Border);
                check(&outline, [x * share, y * share], Side::Inside);
                check(&outline, [x * 1.001, y * 1.001], Side::Outside);
            }
        }
    }
}
