//! A gentle bending of the whole plane, so that streets drawn straight run in curves that fit each other.

use kernel::Chance;

use super::mesh::Spot;

/// Two layers of smooth noise, wide and narrow. Their steepest change is well below one, so no two places meet.
pub struct Warp {
    layers: [Layer; 2],
}

impl Warp {
    pub fn seeded(seed: u64) -> Self {
        let layer = |label: &str, width, reach| Layer::drawn(&mut Chance::seeded(seed, label), width, reach);
        Warp { layers: [layer("bend wide", 1400.0, 150.0), layer("bend narrow", 420.0, 32.0)] }
    }

    pub fn bend(&self, spot: Spot) -> Spot {
        self.layers.iter().fold(spot, |bent, layer| {
            let shift = layer.at(spot);
            Spot { x: bent.x + shift.x, y: bent.y + shift.y }
        })
    }
}

const KNOTS: usize = 64;

struct Layer {
    /// Metres from knot to knot.
    width: f64,
    shifts: Vec<Spot>,
}

impl Layer {
    fn drawn(chance: &mut Chance, width: f64, reach: f64) -> Self {
        let mut shift = || reach * (2.0 * chance.unit() - 1.0);
        Layer { width, shifts: (0..KNOTS * KNOTS).map(|_| Spot { x: shift(), y: shift() }).collect() }
    }

    fn at(&self, spot: Spot) -> Spot {
        let (column, across) = self.knot(spot.x);
        let (row, up) = self.knot(spot.y);
        let knot = |column: usize, row: usize| self.shifts[(row % KNOTS) * KNOTS + column % KNOTS];
        let lower = knot(column, row).towards(knot(column + 1, row), across);
        let upper = knot(column, row + 1).towards(knot(column + 1, row + 1), across);
        lower.towards(upper, up)
    }

    /// The knot before a coordinate, and how far on to the next one, eased at both ends.
    fn knot(&self, metres: f64) -> (usize, f64) {
        let place = metres / self.width + (KNOTS / 2) as f64;
        let whole = place.floor();
        let on = place - whole;
        (whole.rem_euclid(KNOTS as f64) as usize, on * on * (3.0 - 2.0 * on))
    }
}
