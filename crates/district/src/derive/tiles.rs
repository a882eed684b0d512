//! Areas from labelled points: the Voronoi cells of the points, dissolved by label.
//!
//! Every point of the plane goes to the label of its nearest site. The outside is made of sites too (`outline`), so the
//! rim of the district needs no clipping, and all neighbours share the very same vertices.

use std::collections::{BTreeMap, HashMap};

use kernel::Point;
use spade::{DelaunayTriangulation, HasPosition, Point2, Triangulation};

use super::outline::outside;
use super::rings::{Edge, polygons};

/// A place known to lie in the area `label`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    pub point: Point,
    pub label: usize,
}

/// One polygon: the outer ring, anticlockwise, then its holes, clockwise; closed rings of `[longitude, latitude]`.
pub type Polygon = Vec<Vec<[f64; 2]>>;

/// The polygons of each label that has any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tiles {
    pub areas: BTreeMap<usize, Vec<Polygon>>,
}

/// Vertices nearer than this, in degrees (about a millimetre), are one: circumcentres of four sites on one circle come
/// out in two ways.
const SAME_VERTEX: f64 = 1e-8;

/// Dissolves the cells of `sites`. `reach` in metres is the distance up to which land belongs to the site near it: the rim
/// runs between half of it and all of it from the outermost sites.
pub fn tile(sites: &[Site], reach: f64) -> Tiles {
    let Some(plane) = Plane::around(sites) else { return Tiles::default() };
    let inner = sites.iter().map(|site| Cell { at: plane.flatten(site.point), label: Some(site.label) });
    let mut cells: Vec<Cell> = inner.collect();
    let points: Vec<[f64; 2]> = cells.iter().map(|cell| [cell.at.x, cell.at.y]).collect();
    cells.extend(outside(&points, reach).into_iter().map(|[x, y]| Cell { at: Point2::new(x, y), label: None }));
    let cells = DelaunayTriangulation::<Cell>::bulk_load_stable(cells).expect("sites are finite places");
    let mut vertices = Vertices::default();
    let mut edges: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in cells.directed_edges() {
        let (own, other) = (edge.from().data().label, edge.to().data().label);
        let (Some(label), Some(right), Some(left)) = (own, edge.rev().face().as_inner(), edge.face().as_inner()) else {
            continue;
        };
        if own == other {
            continue;
        }
        let ends = [right, left].map(|face| plane.raise(face.circumcenter()));
        let (from, to) = (vertices.id(ends[0]), vertices.id(ends[1]));
        if from != to {
            edges.entry(label).or_default().push(Edge { from, to });
        }
    }
    let areas = edges.into_iter().map(|(label, edges)| (label, polygons(edges, &vertices.places))).collect();
    Tiles { areas }
}

struct Cell {
    at: Point2<f64>,
    /// None outside the district.
    label: Option<usize>,
}

impl HasPosition for Cell {
    type Scalar = f64;
    fn position(&self) -> Point2<f64> {
        self.at
    }
}

/// A flat map of the surroundings in metres: good to a part in a thousand over a city, and straight lines stay straight.
struct Plane {
    middle: [f64; 2],
    metres: [f64; 2],
}

impl Plane {
    fn around(sites: &[Site]) -> Option<Plane> {
        if sites.is_empty() {
            return None;
        }
        let of = |degrees: fn(Point) -> f64| {
            let all = sites.iter().map(|site| degrees(site.point));
            let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
            (low + high) / 2.0
        };
        let middle = [of(Point::longitude), of(Point::latitude)];
        let degree = 6_371_008.8_f64.to_radians();
        Some(Plane { middle, metres: [degree * middle[1].to_radians().cos(), degree] })
    }

    fn flatten(&self, point: Point) -> Point2<f64> {
        Point2::new(
            (point.longitude() - self.middle[0]) * self.metres[0],
            (point.latitude() - self.middle[1]) * self.metres[1],
        )
    }

    fn raise(&self, at: Point2<f64>) -> [f64; 2] {
        [at.x / self.metres[0] + self.middle[0], at.y / self.metres[1] + self.middle[1]]
    }
}

/// The distinct corners of the cells.
#[derive(Default)]
struct Vertices {
    places: Vec<[f64; 2]>,
    by_square: HashMap<[i64; 2], usize>,
}

impl Vertices {
    fn id(&mut self, [x, y]: [f64; 2]) -> usize {
        let square = [x, y].map(|degrees| (degrees / SAME_VERTEX).round() as i64);
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            if let Some(&id) = self.by_square.get(&[square[0] + dx, square[1] + dy]) {
                return id;
            }
        }
        let id = self.places.len();
        // Nine decimals are a tenth of a millimetre: what is written is what is meant.
        self.places.push([x, y].map(|degrees| (degrees * 1e9).round() / 1e9));
        self.by_square.insert(square, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(east: f64, north: f64, label: usize) -> Site {
        Site { point: Point::new(east * 1e-3, north * 1e-3).unwrap(), label }
    }

    /// Twice the area of a ring in square degrees, positive when anticlockwise.
    fn doubled(ring: &[[f64; 2]]) -> f64 {
        ring.windows(2).map(|edge| edge[0][0] * edge[1][1] - edge[1][0] * edge[0][1]).sum()
    }

    #[test]
    fn an_enclave_is_a_hole_of_its_surroundings() {
        let around =
            [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)];
        let mut sites: Vec<Site> = around.iter().map(|(x, y)| site(*x, *y, 0)).collect();
        sites.push(site(0.0, 0.0, 1));
        let tiles = tile(&sites, 200.0);
        assert_eq!(tiles.areas[&0].len(), 1);
        assert_eq!(tiles.areas[&0][0].len(), 2, "one outer ring and one hole");
        let (hole, enclave) = (&tiles.areas[&0][0][1], &tiles.areas[&1][0][0]);
        assert!(doubled(hole) < 0.0 && doubled(enclave) > 0.0);
        assert!((doubled(hole) + doubled(enclave)).abs() < 1e-15);
    }

    /// Four sites at the corners of a square, labels crosswise: their cells meet in one point.
    #[test]
    fn areas_that_meet_crosswise_in_a_point_are_whole_rings() {
        let sites = [site(0.0, 0.0, 0), site(1.0, 1.0, 0), site(1.0, 0.0, 1), site(0.0, 1.0, 1)];
        let tiles = tile(&sites, 200.0);
        for polygons in tiles.areas.values() {
            let rings: Vec<_> = polygons.iter().flatten().collect();
            assert!(rings.iter().all(|ring| ring.len() >= 4 && ring.first() == ring.last()));
            for ring in rings {
                let mut corners: Vec<_> = ring[1..].iter().map(|at| at.map(f64::to_bits)).collect();
                corners.sort_unstable();
                corners.dedup();
                assert_eq!(corners.len(), ring.len() - 1, "no ring touches itself");
            }
        }
    }
}
