//! Coordinates as maps of mainland China write them, converted at the edge. Inside, every place is WGS 84.
//!
//! GCJ-02 (Gaode, Tencent) and BD-09 (Baidu) have no published standard text; the conversions follow the formulas in
//! general use, and their inverse is refined until it returns what it started from.

use coordtransform::{bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02};
use kernel::{Point, PointError};

use crate::choice::choice;

choice! {
    /// What longitudes and latitudes refer to.
    Datum {
        /// WGS 84 and CGCS2000, which differ by less than a metre.
        Wgs84 = "wgs84",
        Gcj02 = "gcj02",
        Bd09 = "bd09",
    }
}

impl Datum {
    /// The place at a longitude and latitude of this datum. Outside mainland China, where GCJ-02 is not used, it is taken as
    /// it stands.
    pub fn to_point(self, longitude: f64, latitude: f64) -> Result<Point, PointError> {
        // Checked before: the formulas know no limits.
        let given = Point::new(longitude, latitude)?;
        let (longitude, latitude) = match self {
            Datum::Wgs84 => return Ok(given),
            Datum::Gcj02 => gcj02_to_wgs84(longitude, latitude),
            Datum::Bd09 => bd09_to_wgs84(longitude, latitude),
        };
        Point::new(longitude, latitude)
    }

    /// Longitude and latitude of a place in this datum, in degrees.
    pub fn of_point(self, point: Point) -> (f64, f64) {
        let (longitude, latitude) = (point.longitude(), point.latitude());
        match self {
            Datum::Wgs84 => (longitude, latitude),
            Datum::Gcj02 => wgs84_to_gcj02(longitude, latitude),
            Datum::Bd09 => wgs84_to_bd09(longitude, latitude),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(longitude: f64, latitude: f64) -> Point {
        Point::new(longitude, latitude).unwrap()
    }

    /// A government seat in Guangzhou, whose GCJ-02 place and its WGS 84 place by the public formula are known to the sixth
    /// decimal, which is about a decimetre.
    #[test]
    fn a_known_place_converts() {
        let found = Datum::Gcj02.to_point(113.266835, 23.128537).unwrap();
        assert!(found.distance_metres(point(113.261507, 23.131214)) < 0.2, "{found:?}");
        let (longitude, latitude) = Datum::Gcj02.of_point(found);
        assert!((longitude - found.longitude() - 0.00533).abs() < 0.00001);
        assert!((latitude - found.latitude() + 0.00268).abs() < 0.00001);
    }

    #[test]
    fn elsewhere_nothing_moves() {
        assert_eq!(Datum::Gcj02.to_point(-71.0587, 42.3594).unwrap(), point(-71.0587, 42.3594));
        assert!(Datum::Bd09.to_point(f64::NAN, 23.0).is_err());
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_place(longitude in 105.0..118.0f64, latitude in 25.0..38.0f64) {
            let here = point(longitude, latitude);
            for datum in [Datum::Wgs84, Datum::Gcj02, Datum::Bd09] {
                let (longitude, latitude) = datum.of_point(here);
                let back = datum.to_point(longitude, latitude).unwrap();
                prop_assert!(back.distance_metres(here) < 0.01, "{datum}: {back:?}");
            }
        }
    }
}
