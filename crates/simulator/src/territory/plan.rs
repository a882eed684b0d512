//! What the generator is told: a folder `plan` inside the profile, of files written by hand.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::TerritoryError;
use super::mesh::Spot;
use super::trace::Cell;

/// Everything read from the profile's `plan` folder and its `roads.csv`.
pub struct Plan {
    pub territory: TerritoryFile,
    pub communities: Vec<CommunityLine>,
    pub streets: Vec<StreetLine>,
}

/// `plan/territory.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerritoryFile {
    pub seed: u64,
    pub district: Named,
    pub plane: Plane,
    /// Square kilometres of the whole, met within a few square metres.
    pub area_km2: f64,
    pub grids: usize,
    pub buildings: usize,
    /// Longitude and latitude of the corners of the district, counter-clockwise; they are rounded off.
    pub outline: Vec<[f64; 2]>,
    pub subdistrict: Vec<SubdistrictPlan>,
    pub merged_layer: MergedLayer,
    pub round_layer: RoundLayer,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubdistrictPlan {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    /// Longitude and latitude near which it should come to lie.
    pub near: [f64; 2],
    /// Its share of the area, against those of the others.
    pub share: f64,
    pub source: String,
}

/// A layer whose areas are neighbouring grids merged, across the borders of communities.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergedLayer {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
    /// How many grids make one.
    pub grids: usize,
}

/// A layer of roundish areas around a place, over whatever grids lie there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundLayer {
    pub key: String,
    pub area: Vec<RoundArea>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundArea {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub subdistrict: String,
    pub radius_metres: f64,
}

/// `plan/communities.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct CommunityLine {
    pub code: String,
    pub subdistrict: String,
    pub name_zh: String,
    pub name_en: String,
    /// Its share of the subdistrict's area, against those of the others.
    pub share: f64,
    pub source: String,
}

/// `plan/streets.csv`: which roads get a line, the longest first, and where about.
#[derive(Clone, Debug, Deserialize)]
pub struct StreetLine {
    pub road: String,
    /// Codes of subdistricts, separated by `|`.
    pub near: String,
}

impl Plan {
    pub fn read(profile: &Path) -> Result<Self, TerritoryError> {
        let territory: TerritoryFile = read_toml(&profile.join("plan/territory.toml"))?;
        let communities: Vec<CommunityLine> = read_csv(&profile.join("plan/communities.csv"))?;
        let streets: Vec<StreetLine> = read_csv(&profile.join("plan/streets.csv"))?;
        let known = |code: &str| territory.subdistrict.iter().any(|plan| plan.code == code);
        let named = communities.iter().map(|line| line.subdistrict.as_str());
        let named = named.chain(streets.iter().flat_map(|line| line.near.split('|')));
        let named = named.chain(territory.round_layer.area.iter().map(|area| area.subdistrict.as_str()));
        match named.into_iter().find(|code| !known(code)) {
            Some(code) => Err(TerritoryError::UnknownSubdistrict(code.to_owned())),
            None => Ok(Plan { territory, communities, streets }),
        }
    }
}

pub(super) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, TerritoryError> {
    let text = std::fs::read_to_string(path).map_err(|source| TerritoryError::Read { path: path.into(), source })?;
    toml::from_str(&text).map_err(|source| TerritoryError::Toml { path: path.into(), source: Box::new(source) })
}

pub(super) fn read_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, TerritoryError> {
    let failed = |source| TerritoryError::Csv { path: path.into(), source };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader.deserialize().collect::<Result<Vec<T>, csv::Error>>().map_err(failed)
}

/// A flat drawing plane around a centre: true to a few centimetres per kilometre over a city district.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plane {
    /// Longitude and latitude in degrees.
    pub centre: [f64; 2],
    /// Metres to one degree of longitude and of latitude at the centre, on the WGS 84 ellipsoid.
    pub metres_per_degree: [f64; 2],
    /// Stretches every distance from the centre; set so that the district has its area.
    #[serde(skip, default = "unstretched")]
    pub stretch: f64,
}

fn unstretched() -> f64 {
    1.0
}

/// Cells to one degree.
const CELLS: f64 = 1e7;

impl Plane {
    pub fn spot(&self, [longitude, latitude]: [f64; 2]) -> Spot {
        Spot {
            x: (longitude - self.centre[0]) * self.metres_per_degree[0],
            y: (latitude - self.centre[1]) * self.metres_per_degree[1],
        }
    }

    pub fn cell(&self, spot: Spot) -> Cell {
        let degrees = |at: usize, metres: f64| self.centre[at] + metres * self.stretch / self.metres_per_degree[at];
        ((degrees(0, spot.x) * CELLS).round() as i64, (degrees(1, spot.y) * CELLS).round() as i64)
    }

    /// Metres east and north of the centre, on the ground.
    pub fn ground(&self, cell: Cell) -> Spot {
        self.spot([cell.0 as f64 / CELLS, cell.1 as f64 / CELLS])
    }

    /// The cell of a place on the ground.
    pub fn cell_on_ground(&self, spot: Spot) -> Cell {
        Plane { stretch: 1.0, ..self.clone() }.cell(spot)
    }
}
