//! Roads and buildings from the street addresses of requests.

use std::collections::BTreeMap;

use super::survey::{Labels, Points};
use super::words::{Codes, Words};
use crate::rows::{BuildingRow, RoadRow};

#[derive(Default)]
pub struct Streets {
    pub roads: Vec<RoadRow>,
    pub buildings: Vec<BuildingRow>,
}

/// What begins with a house number becomes a building at the point met most often with it; its street becomes a road.
/// `separator` is what stands between the street and the town in the file.
pub fn streets(
    addresses: &BTreeMap<String, Points>,
    separator: &str,
    areas: (&Labels, &BTreeMap<String, String>),
    words: &Words,
    source: &str,
) -> Streets {
    let mut streets = Streets::default();
    let (mut road_codes, mut building_codes) = (Codes::default(), Codes::default());
    let mut roads: BTreeMap<&str, String> = BTreeMap::new();
    let (labels, codes) = areas;
    for (address, points) in addresses {
        let street = if separator.is_empty() { address } else { address.split(separator).next().unwrap_or(address) };
        let Some((number, road)) = street.trim().split_once(' ').filter(|(number, _)| is_house_number(number)) else {
            continue;
        };
        let point = points.commonest();
        let area = point.and_then(|point| codes.get(labels.at(point)?));
        let (Some(point), Some(area)) = (point, area) else { continue };
        let road = roads.entry(road.trim()).or_insert_with_key(|road| road_codes.of(road)).clone();
        streets.buildings.push(BuildingRow {
            code: building_codes.of(street),
            grid: area.clone(),
            road,
            number: number.to_owned(),
            longitude: point.longitude().to_string(),
            latitude: point.latitude().to_string(),
            source: source.to_owned(),
            ..BuildingRow::default()
        });
    }
    streets.roads = roads
        .into_iter()
        .map(|(name, code)| RoadRow {
            code,
            name_zh: words.chinese(name),
            name_en: name.to_owned(),
            aliases: Vec::new(),
            source: source.to_owned(),
        })
        .collect();
    streets
}

/// `12`, `12A`, `145-151`, `12-3`.
fn is_house_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
        && word.split('-').all(|part| {
            let letters = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
            letters.len() < part.len() && letters.len() <= 1 && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_numbers_are_told_from_street_names() {
        for number in ["12", "12A", "145-151", "12-3"] {
            assert!(is_house_number(number), "{number}");
        }
        for word in ["INTERSECTION", "1st", "-3", "12-", "A12"] {
            assert!(!is_house_number(word), "{word}");
        }
    }
}
