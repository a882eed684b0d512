//! The map: which column of a file of requests means what. `docs/IMPORT.md` describes every entry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kernel::{Instant, Point, PointError};
use serde::Deserialize;

#[derive(Debug, thiserror::Error)]
pub enum MapError {
    #[error("cannot open the map {}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("the map {} is not understood", path.display())]
    Parse { path: PathBuf, source: Box<toml::de::Error> },
    #[error("the map {} names a time zone that is not known: {name}", path.display())]
    TimeZone { path: PathBuf, name: String },
    #[error("the map {} gives a fallback point that is no place", path.display())]
    Fallback { path: PathBuf, source: PointError },
}

/// A map file. The parts that only `profile derive` needs (names, calendar, rules of the profile made) stay a TOML table
/// here and are read there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestMap {
    pub source: Source,
    pub columns: Columns,
    #[serde(default)]
    pub place: Place,
    /// The column of the areas that tile the district, and how its spellings are brought to one.
    pub area: AreaColumn,
    /// Layers that lie across the areas, by the layer's name.
    #[serde(default)]
    pub layers: BTreeMap<String, LayerColumn>,
    /// Channel, as facts name it, by the word in the file; a word that is not here becomes `import`.
    #[serde(default)]
    pub channels: BTreeMap<String, String>,
    /// Name or code of a department by the word in the file; a word that is not here is a name or code itself.
    #[serde(default)]
    pub departments: BTreeMap<String, String>,
    /// The same of matters.
    #[serde(default)]
    pub matters: BTreeMap<String, String>,
    /// For `profile derive`.
    #[serde(default)]
    pub profile: toml::Table,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Names the source for ever: with the request's own number it is the key that keeps a row from coming in twice.
    pub name: String,
    /// IANA name; times in the file are local times of this zone.
    pub time_zone: String,
    /// strptime formats, tried in order. What a workbook stores as a date is understood besides.
    pub times: Vec<String>,
    /// Where the data come from and under which licence, for the files made from them.
    #[serde(default)]
    pub note: String,
}

/// Names in the header row. Those that are left out here are taken as never filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    pub id: String,
    pub opened: String,
    pub matter: String,
    pub department: String,
    pub target: Option<String>,
    pub closed: Option<String>,
    pub on_time: Option<String>,
    pub closure: Option<String>,
    pub title: Option<String>,
    pub class: Option<String>,
    pub queue: Option<String>,
    pub address: Option<String>,
    pub longitude: Option<String>,
    pub latitude: Option<String>,
    pub channel: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Points `[longitude, latitude]` that stand for "place unknown" in the file.
    #[serde(default)]
    pub fallback: Vec<[f64; 2]>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaColumn {
    pub column: String,
    #[serde(flatten)]
    pub naming: Naming,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerColumn {
    pub column: String,
    /// Read only the digits, as a number: "Ward 5", "05" and "5" are one.
    #[serde(default)]
    pub number: bool,
    #[serde(flatten)]
    pub naming: Naming,
}

/// How the spellings of a column are brought to one name each.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Naming {
    /// Spelling in the file → name.
    #[serde(default)]
    pub spellings: BTreeMap<String, String>,
    /// Words that name no area of this kind, such as the whole city's name.
    #[serde(default)]
    pub unknown: Vec<String>,
}

impl Naming {
    /// The area meant by `spelling`, or none.
    pub fn name<'a>(&'a self, spelling: &'a str) -> Option<&'a str> {
        if spelling.is_empty() || self.unknown.iter().any(|word| word == spelling) {
            return None;
        }
        Some(self.spellings.get(spelling).map_or(spelling, String::as_str))
    }
}

impl LayerColumn {
    /// The area of the layer meant by `spelling`, or none.
    pub fn name(&self, spelling: &str) -> Option<String> {
        let name = self.naming.name(spelling)?;
        if !self.number {
            return Some(name.to_owned());
        }
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok().map(|number| number.to_string())
    }
}

impl RequestMap {
    pub fn load(path: &Path) -> Result<RequestMap, MapError> {
        let text = std::fs::read_to_string(path).map_err(|source| MapError::Open { path: path.to_owned(), source })?;
        let map: RequestMap = toml::from_str(&text)
            .map_err(|source| MapError::Parse { path: path.to_owned(), source: Box::new(source) })?;
        TimeZone::get(&map.source.time_zone)
            .map_err(|_| MapError::TimeZone { path: path.to_owned(), name: map.source.time_zone.clone() })?;
        for [longitude, latitude] in &map.place.fallback {
            Point::new(*longitude, *latitude).map_err(|source| MapError::Fallback { path: path.to_owned(), source })?;
        }
        Ok(map)
    }
}

impl Source {
    /// The zone of the file's times; `load` has found it to be known.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// A local time of the file as an instant. One that a clock change skips is read as if the clock had not been
    /// changed; of one that comes twice the first is meant.
    pub fn instant(&self, zone: &TimeZone, text: &str) -> Option<Instant> {
        let local = self.times.iter().find_map(|format| DateTime::strptime(format, text).ok());
        let local = local.or_else(|| text.parse::<DateTime>().ok())?;
        let zoned = zone.to_ambiguous_zoned_datetime(local).compatible().ok()?;
        Some(Instant::from_timestamp(zoned.timestamp()))
    }
}
