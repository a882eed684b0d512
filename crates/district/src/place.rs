//! Roads and buildings.

use std::collections::HashMap;

use kernel::Point;

use crate::address::AddressBook;
use crate::name::Name;

#[derive(Clone, Debug, PartialEq)]
pub struct Road {
    pub code: String,
    pub name: Name,
    /// Other spellings and former names.
    pub aliases: Vec<String>,
    /// Where its line is known: longitude and latitude in degrees.
    pub lines: Vec<Vec<[f64; 2]>>,
    pub source: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Building {
    pub code: String,
    /// Smallest area it stands in.
    pub grid: String,
    /// A building may have only its number.
    pub name: Option<Name>,
    /// Code of its road.
    pub road: Option<String>,
    /// `12`, `12-3`, `12A`, `145-151`.
    pub number: String,
    pub point: Point,
    pub source: String,
}

/// The roads and buildings of a district, in the order of the files.
#[derive(Debug, Default)]
pub struct Places {
    roads: Vec<Road>,
    buildings: Vec<Building>,
    road_by_code: HashMap<String, usize>,
    building_by_code: HashMap<String, usize>,
    book: AddressBook,
}

impl Places {
    pub(crate) fn new(roads: Vec<Road>, buildings: Vec<Building>) -> Places {
        let road_by_code = roads.iter().enumerate().map(|(place, road)| (road.code.clone(), place)).collect();
        let building_by_code =
            buildings.iter().enumerate().map(|(place, building)| (building.code.clone(), place)).collect();
        let book = AddressBook::new(&roads, &buildings);
        Places { roads, buildings, road_by_code, building_by_code, book }
    }

    pub(crate) fn book(&self) -> &AddressBook {
        &self.book
    }

    pub fn roads(&self) -> &[Road] {
        &self.roads
    }

    pub fn buildings(&self) -> &[Building] {
        &self.buildings
    }

    pub fn road(&self, code: &str) -> Option<&Road> {
        self.road_by_code.get(code).map(|place| &self.roads[*place])
    }

    pub fn building(&self, code: &str) -> Option<&Building> {
        self.building_by_code.get(code).map(|place| &self.buildings[*place])
    }

    /// Road and number of a building, as people write them.
    pub fn address(&self, building: &Building) -> Option<Name> {
        let road = self.road(building.road.as_deref()?)?;
        let number = building.number.as_str();
        if number.is_empty() {
            return Some(road.name.clone());
        }
        Some(Name { zh: format!("{}{number}号", road.name.zh), en: format!("{number} {}", road.name.en) })
    }
}
