//! GeoJSON written one feature a line, so that a fault has a line and a change a small diff.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Folder;
use crate::fault::{Fault, Faults, codes};

/// One feature and where it stands.
pub(crate) struct Feature<G> {
    pub file: String,
    pub line: u64,
    pub code: String,
    /// The version it belongs to; empty where the code has only one.
    pub valid_from: String,
    pub geometry: G,
}

impl<G> Feature<G> {
    pub fn fault(&self, field: &str, code: &'static str) -> Fault {
        Fault::new(&self.file, self.line, field, code)
    }
}

/// Longitude and latitude in degrees.
type Position = [f64; 2];

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
pub(crate) enum Polygons {
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

impl Polygons {
    /// Polygons, each its outer ring and then its holes.
    pub fn into_parts(self) -> Vec<Vec<Vec<Position>>> {
        match self {
            Polygons::Polygon(rings) => vec![rings],
            Polygons::MultiPolygon(parts) => parts,
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
pub(crate) enum Lines {
    LineString(Vec<Position>),
    MultiLineString(Vec<Vec<Position>>),
}

impl Lines {
    pub fn into_parts(self) -> Vec<Vec<Position>> {
        match self {
            Lines::LineString(line) => vec![line],
            Lines::MultiLineString(lines) => lines,
        }
    }
}

#[derive(Deserialize)]
struct Written<G> {
    properties: Properties,
    geometry: G,
}

#[derive(Deserialize)]
struct Properties {
    code: String,
    #[serde(default)]
    valid_from: String,
}

/// The features of a file. Its first line opens the collection, its last closes it, each between is a feature.
pub(super) fn read<G: DeserializeOwned>(folder: &Folder, file: &str, faults: &mut Faults) -> Vec<Feature<G>> {
    let Some(text) = folder.text(file, faults) else { return Vec::new() };
    let mut features = Vec::new();
    let mut syntax = |line: u64, cause: &str| {
        faults.add(Fault::new(file, line, "", codes::FILE_SYNTAX).with("cause", cause));
    };
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).peekable();
    match lines.next() {
        Some((_, first)) if first.trim_start().starts_with('{') && first.trim_end().ends_with('[') => {}
        _ => {
            syntax(1, "the first line has to open a FeatureCollection and its list of features");
            return features;
        }
    }
    while let Some((line, written)) = lines.next() {
        if lines.peek().is_none() {
            if written.split_whitespace().collect::<String>() != "]}" {
                syntax(line, "the last line has to close the list and the collection");
            }
            break;
        }
        let written = written.trim().trim_end_matches(',');
        match serde_json::from_str::<Written<G>>(written) {
            Ok(Written { properties: Properties { code, valid_from }, geometry }) => {
                features.push(Feature { file: file.to_owned(), line, code, valid_from, geometry });
            }
            Err(error) => syntax(line, &error.to_string()),
        }
    }
    features
}
