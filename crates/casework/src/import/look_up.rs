//! From the words of a file to the codes of a profile.

use std::collections::{BTreeMap, HashMap};

use district::requests::{Located, Request, RequestMap};
use district::{OrganizationKind, OutsideDistrict, Profile};

use super::ImportRefusal;
use crate::case::{Location, Place};

/// Finds matters and departments by code, Chinese or English name; a word that the map translates, by what it says.
pub struct LookUp<'a> {
    profile: &'a Profile,
    matters: HashMap<&'a str, &'a str>,
    departments: HashMap<&'a str, &'a str>,
    matter_words: BTreeMap<String, String>,
    department_words: BTreeMap<String, String>,
}

impl<'a> LookUp<'a> {
    pub fn new(profile: &'a Profile, map: &RequestMap) -> LookUp<'a> {
        let matters = profile.matters.all().iter().map(|matter| (matter.code.as_str(), &matter.name));
        let departments = profile.organizations.all().iter().filter(|one| one.kind == OrganizationKind::Department);
        LookUp {
            profile,
            matters: by_word(matters),
            departments: by_word(departments.map(|one| (one.code.as_str(), &one.name))),
            matter_words: map.matters.clone(),
            department_words: map.departments.clone(),
        }
    }

    pub fn matter(&self, word: &str) -> Result<String, ImportRefusal> {
        let name = self.matter_words.get(word).map_or(word, String::as_str);
        let found = self.matters.get(name).map(|code| (*code).to_owned());
        found.ok_or_else(|| ImportRefusal::UnknownMatter { word: word.to_owned() })
    }

    pub fn department(&self, word: &str) -> Result<String, ImportRefusal> {
        let name = self.department_words.get(word).map_or(word, String::as_str);
        let found = self.departments.get(name).map(|code| (*code).to_owned());
        found.ok_or_else(|| ImportRefusal::UnknownDepartment { word: word.to_owned() })
    }

    /// The areas that held the request's point when it was opened.
    pub fn location(&self, request: &Request) -> Location {
        let Some(point) = request.located.point() else { return unplaced(request.located) };
        match self.profile.territory.locate(point, request.opened) {
            Ok(path) => Location::At(Place {
                point: Some(point),
                path: path.codes().map(str::to_owned).collect(),
                layers: path.layers.iter().map(|area| area.code.clone()).collect(),
                building: None,
            }),
            Err(OutsideDistrict { metres, bearing, .. }) => {
                Location::Outside { metres: metres.round() as u64, bearing: bearing.round() as u16 }
            }
        }
    }
}

fn unplaced(located: Located) -> Location {
    match located {
        Located::Fallback => Location::Fallback,
        Located::At(_) | Located::Nowhere => Location::Unknown,
    }
}

/// Codes win over names, and the first name over the ones after it.
fn by_word<'a>(named: impl Iterator<Item = (&'a str, &'a district::Name)> + Clone) -> HashMap<&'a str, &'a str> {
    let mut words = HashMap::new();
    for (code, _) in named.clone() {
        words.insert(code, code);
    }
    for (code, name) in named {
        for word in [name.en.as_str(), name.zh.as_str()] {
            words.entry(word).or_insert(code);
        }
    }
    words
}
