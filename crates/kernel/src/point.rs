//! A place on the ground.

use serde::{Deserialize, Serialize};

/// Longitude and latitude in degrees, WGS 84 (CGCS2000 differs by less than a metre). Always finite and in range, and kept to
/// nine decimals (a tenth of a millimetre): more than any device knows, and few enough digits that JSON gives back exactly
/// what was written. With all 17, what is read from a fact would differ in the last one from what was decided on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Point {
    longitude: f64,
    latitude: f64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Raw {
    longitude: f64,
    latitude: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PointError {
    #[error("longitude {0} is not between -180 and 180 degrees")]
    Longitude(f64),
    #[error("latitude {0} is not between -90 and 90 degrees")]
    Latitude(f64),
}

impl Point {
    pub fn new(longitude: f64, latitude: f64) -> Result<Self, PointError> {
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(PointError::Longitude(longitude));
        }
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(PointError::Latitude(latitude));
        }
        let rounded = |degrees: f64| (degrees * 1e9).round() / 1e9;
        Ok(Point { longitude: rounded(longitude), latitude: rounded(latitude) })
    }

    pub fn longitude(self) -> f64 {
        self.longitude
    }

    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Metres along the sphere of radius 6,371,008.8 m (haversine).
    pub fn distance_metres(self, other: Point) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (dy, dx) = (b - a, (other.longitude - self.longitude).to_radians());
        let h = (dy / 2.0).sin().powi(2) + a.cos() * b.cos() * (dx / 2.0).sin().powi(2);
        2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin()
    }
}

impl TryFrom<Raw> for Point {
    type Error = PointError;
    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        Point::new(raw.longitude, raw.latitude)
    }
}

impl From<Point> for Raw {
    fn from(point: Point) -> Raw {
        Raw { longitude: point.longitude, latitude: point.latitude }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_gives_back_exactly_what_was_written() {
        let mut chance = crate::Chance::seeded(1, "points");
        for _ in 0..20_000 {
            let point = Point::new(chance.unit() * 360.0 - 180.0, chance.unit() * 180.0 - 90.0).unwrap();
            let text = serde_json::to_string(&point).unwrap();
            assert_eq!(serde_json::from_str::<Point>(&text).unwrap(), point, "{text}");
        }
    }
}
