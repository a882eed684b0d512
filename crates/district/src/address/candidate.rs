//! What an address may mean, and why.

use std::collections::BTreeMap;

use kernel::Point;
use kernel::text::{Language, text};

use crate::name::Name;
use crate::place::{Building, Road};

/// A place an address may mean.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    pub found: Found<'a>,
    /// 0 to 1: a rank, not a probability.
    pub score: f64,
    pub reasons: Vec<AddressReason>,
    /// None for a road or crossing without a known line.
    pub point: Option<Point>,
}

#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    Building(&'a Building),
    Road(&'a Road),
    Crossing(&'a Road, &'a Road),
}

impl Found<'_> {
    /// Code of the building or (first) road.
    pub fn code(&self) -> &str {
        match self {
            Found::Building(building) => &building.code,
            Found::Road(road) | Found::Crossing(road, _) => &road.code,
        }
    }
}

/// Why a place is proposed.
#[derive(Clone, Debug, PartialEq)]
pub enum AddressReason {
    /// The building's name stands in the text.
    Name,
    /// A name like the building's stands in the text.
    NameLike,
    /// The road's name stands in the text.
    Road(Name),
    /// Another spelling of the road's name does.
    RoadAlias { road: Name, alias: String },
    /// A name like the road's does.
    RoadLike { road: Name, written: String },
    /// The house number is the one asked for.
    Number(String),
    /// One number lies in the other's range.
    NumberInRange(String),
    /// The nearest number there is.
    NumberNear(String),
    /// Two roads are named.
    Crossing,
    /// It lies in an area that is named.
    Area(Name),
}

impl AddressReason {
    pub fn code(&self) -> &'static str {
        match self {
            AddressReason::Name => "address-name",
            AddressReason::NameLike => "address-name-like",
            AddressReason::Road(_) => "address-road",
            AddressReason::RoadAlias { .. } => "address-road-alias",
            AddressReason::RoadLike { .. } => "address-road-like",
            AddressReason::Number(_) => "address-number",
            AddressReason::NumberInRange(_) => "address-number-in-range",
            AddressReason::NumberNear(_) => "address-number-near",
            AddressReason::Crossing => "address-crossing",
            AddressReason::Area(_) => "address-area",
        }
    }

    /// The reason in a sentence.
    pub fn message(&self, language: Language) -> String {
        let mut values = BTreeMap::new();
        match self {
            AddressReason::Name | AddressReason::NameLike | AddressReason::Crossing => {}
            AddressReason::Road(name) | AddressReason::Area(name) => {
                values.insert("name", name.in_language(language).to_owned());
            }
            AddressReason::RoadAlias { road, alias } => {
                values.insert("name", road.in_language(language).to_owned());
                values.insert("written", alias.clone());
            }
            AddressReason::RoadLike { road, written } => {
                values.insert("name", road.in_language(language).to_owned());
                values.insert("written", written.clone());
            }
            AddressReason::Number(number)
            | AddressReason::NumberInRange(number)
            | AddressReason::NumberNear(number) => {
                values.insert("number", number.clone());
            }
        }
        text(language, self.code(), &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_text() {
        let name = Name::new("东亭路", "Dongting Road");
        let number = "12".to_owned();
        let reasons = [
            AddressReason::Name,
            AddressReason::NameLike,
            AddressReason::Road(name.clone()),
            AddressReason::RoadAlias { road: name.clone(), alias: "甲".to_owned() },
            AddressReason::RoadLike { road: name.clone(), written: "乙".to_owned() },
            AddressReason::Number(number.clone()),
            AddressReason::NumberInRange(number.clone()),
            AddressReason::NumberNear(number),
            AddressReason::Crossing,
            AddressReason::Area(name),
        ];
        for reason in reasons {
            for language in Language::ALL {
                let message = reason.message(language);
                assert!(message != reason.code() && !message.contains('{'), "{message}");
            }
        }
    }
}
