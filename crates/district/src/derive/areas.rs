//! Areas and their outlines from the places of requests.

use std::collections::BTreeMap;

use serde_json::json;

use super::survey::Labels;
use super::tiles::{Polygon, Site, Tiles, tile};
use super::words::Words;
use crate::rows::AreaRow;

/// Areas of one level or layer, and the outline of each.
pub struct Areas {
    pub rows: Vec<AreaRow>,
    /// One GeoJSON feature a line.
    pub features: Vec<String>,
    /// Code by the name in the file.
    pub codes: BTreeMap<String, String>,
    /// West, south, east, north in degrees.
    pub bounds: Option<[f64; 4]>,
}

/// Where areas of one kind belong in the profile.
pub struct Kind<'a> {
    /// Key of a level, or empty.
    pub level: &'a str,
    /// Key of a layer, or empty.
    pub layer: &'a str,
    pub parent: &'a str,
    /// What precedes the running number in a code.
    pub prefix: &'a str,
    /// Said before a name that is only a number, such as `Ward`.
    pub title: &'a str,
}

/// Dissolves the points of `labels` into areas, numbered in the order of their names (numbers by value).
pub fn areas(labels: &Labels, kind: &Kind<'_>, reach: f64, words: &Words, source: &str) -> Areas {
    let mut names: Vec<&str> = labels.names().into_iter().collect();
    names.sort_by_key(|name| (name.parse::<u32>().unwrap_or(u32::MAX), *name));
    let number: BTreeMap<&str, usize> = names.iter().enumerate().map(|(index, name)| (*name, index)).collect();
    let sites: Vec<Site> = labels.places().map(|(point, name)| Site { point, label: number[name] }).collect();
    let tiles = tile(&sites, reach);
    let digits = names.len().to_string().len().max(2);
    let code = |index: usize| format!("{}{:0digits$}", kind.prefix, index + 1);
    // A name that never wins a point has no area.
    let kept = || names.iter().enumerate().filter(|(index, _)| tiles.areas.contains_key(index));
    let rows = kept().map(|(index, name)| row(kind, code(index), name, words, source)).collect();
    let codes = kept().map(|(index, name)| ((*name).to_owned(), code(index))).collect();
    let features = tiles.areas.iter().map(|(index, polygons)| feature(&code(*index), polygons)).collect();
    Areas { rows, features, codes, bounds: bounds(&tiles) }
}

fn row(kind: &Kind<'_>, code: String, name: &str, words: &Words, source: &str) -> AreaRow {
    let numbered = !kind.title.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let name = if numbered { format!("{} {name}", kind.title) } else { name.to_owned() };
    AreaRow {
        code,
        parent: kind.parent.to_owned(),
        level: kind.level.to_owned(),
        layer: kind.layer.to_owned(),
        name_zh: words.chinese(&name),
        name_en: name,
        source: source.to_owned(),
        ..AreaRow::default()
    }
}

fn feature(code: &str, polygons: &[Polygon]) -> String {
    let geometry = match polygons {
        [one] => json!({"type": "Polygon", "coordinates": one}),
        many => json!({"type": "MultiPolygon", "coordinates": many}),
    };
    json!({"type": "Feature", "properties": {"code": code}, "geometry": geometry}).to_string()
}

fn bounds(tiles: &Tiles) -> Option<[f64; 4]> {
    let places = tiles.areas.values().flatten().flatten().flatten();
    places.fold(None, |bounds: Option<[f64; 4]>, [x, y]| {
        let [west, south, east, north] = bounds.unwrap_or([*x, *y, *x, *y]);
        Some([west.min(*x), south.min(*y), east.max(*x), north.max(*y)])
    })
}
