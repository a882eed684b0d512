//! How far outside a point lies, and which way.

use kernel::Point;
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::borders::Loose;
use super::outline::Edge;

/// No area of the district holds the point.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{metres:.0} m outside the district, {} of its border", self.direction())]
pub struct OutsideDistrict {
    /// From the nearest place of the border. Good to one in a hundred up to 100 km.
    pub metres: f64,
    /// Direction from that place to the point, degrees clockwise from north.
    pub bearing: f64,
}

impl OutsideDistrict {
    /// The bearing as one of eight compass points: `N`, `NE` …
    pub fn direction(&self) -> &'static str {
        const POINTS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
        POINTS[((self.bearing + 22.5).rem_euclid(360.0) / 45.0) as usize % 8]
    }
}

/// The outer border, on a plane whose unit is a degree of latitude everywhere.
#[derive(Debug)]
pub(super) struct Borders {
    tree: RTree<Segment>,
    /// How much shorter a degree of longitude is here.
    shrink: f64,
}

#[derive(Clone, Copy, Debug)]
struct Segment(Edge);

impl Segment {
    /// The place of the segment nearest to a point.
    fn nearest(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [ax, ay, bx, by] = self.0;
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let along = if length > 0.0 { (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        [ax + along * dx, ay + along * dy]
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        let [ax, ay, bx, by] = self.0;
        AABB::from_corners([ax, ay], [bx, by])
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        let [x, y] = self.nearest(*point);
        (x - point[0]).powi(2) + (y - point[1]).powi(2)
    }
}

impl Borders {
    pub fn new(loose: &[Loose]) -> Borders {
        let middle = loose.iter().map(|loose| loose.edge[1]).sum::<f64>() / loose.len().max(1) as f64;
        let shrink = middle.to_radians().cos();
        let on_plane = |[ax, ay, bx, by]: Edge| Segment([ax * shrink, ay, bx * shrink, by]);
        Borders { tree: RTree::bulk_load(loose.iter().map(|loose| on_plane(loose.edge)).collect()), shrink }
    }

    pub fn outside(&self, point: Point) -> OutsideDistrict {
        let here = [point.longitude() * self.shrink, point.latitude()];
        let border = self.tree.nearest_neighbor(here).map(|segment| segment.nearest(here));
        let border = border.and_then(|[x, y]| Point::new(x / self.shrink, y).ok());
        let Some(border) = border else { return OutsideDistrict { metres: f64::INFINITY, bearing: 0.0 } };
        let east = (point.longitude() - border.longitude()) * self.shrink;
        let north = point.latitude() - border.latitude();
        let bearing = east.atan2(north).to_degrees().rem_euclid(360.0);
        OutsideDistrict { metres: point.distance_metres(border), bearing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(point: (f64, f64), metres: f64, direction: &str) {
        let edges = [[113.0, 23.0, 114.0, 23.0], [114.0, 23.0, 114.0, 24.0], [114.0, 24.0, 113.0, 24.0]];
        let loose: Vec<Loose> = edges.iter().map(|edge| Loose { edge: *edge, owner: 0 }).collect();
        let outside = Borders::new(&loose).outside(Point::new(point.0, point.1).unwrap());
        assert!((outside.metres / metres - 1.0).abs() < 0.01, "{outside:?}");
        assert_eq!(outside.direction(), direction);
    }

    #[test]
    fn says_how_far_and_which_way() {
        // A degree of latitude is 111,195 m on the sphere; of longitude, at 23.5° north, 101,973 m.
        check((113.5, 22.99), 1_112.0, "S");
        check((114.01, 23.5), 1_020.0, "E");
        check((114.01, 22.99), (1_112.0f64.powi(2) + 1_023.0f64.powi(2)).sqrt(), "SE");
        check((113.5, 24.1), 11_120.0, "N");
    }
}
