//! Rows into the types the rest of the house uses; whatever does not fit is a fault.

pub(crate) mod areas;
mod calendar;
mod cells;
mod matters;
mod notices;
mod open311;
mod organizations;
mod places;
mod rules;
mod settings;

use std::collections::HashSet;

use jiff::tz::TimeZone;

use crate::address::AreaNames;
use crate::fault::Faults;
use crate::profile::Profile;
use crate::read::Files;
use crate::vocabulary::Vocabulary;

/// Codes that some row has, sound or not: what refers to a row at fault is not itself at fault.
struct Codes {
    areas: HashSet<String>,
    organizations: HashSet<String>,
}

impl Codes {
    fn of(files: &Files) -> Codes {
        Codes {
            areas: files.areas.rows.iter().map(|row| row.code.trim().to_owned()).collect(),
            organizations: files.organizations.rows.iter().map(|row| row.code.trim().to_owned()).collect(),
        }
    }
}

/// The profile that the files describe. It is whole only when no fault was found.
pub(crate) fn build(mut files: Files, vocabulary: Option<&Vocabulary>, faults: &mut Faults) -> Option<Profile> {
    let settings = files.district.take();
    if let Some(settings) = &settings {
        settings::check(settings, faults);
    }
    let zone = settings.as_ref().and_then(|settings| TimeZone::get(&settings.time_zone).ok()).unwrap_or(TimeZone::UTC);
    let calendar = calendar::build(&files, settings.as_deref(), faults);

    let codes = Codes::of(&files);
    let territory = areas::build(&mut files, settings.as_deref(), &zone, faults);
    let places = places::build(&mut files, &codes, &territory, faults);
    let organizations = organizations::build(&files, &codes, faults);
    let (posts, rosters) = organizations::posts(&files, &codes, &organizations, &zone, faults);
    let classes = matters::classes(&files, faults);
    let matters = matters::build(&files, &codes, &organizations, &territory, &zone, faults);
    let powers = matters::powers(&files, &codes, &organizations, &territory, faults);
    if let Some(calendar) = &calendar {
        organizations::check_rosters(&files, &matters, &organizations, &rosters, calendar, faults);
    }
    rules::check(&files, &codes, vocabulary, faults);
    open311::check(&files, faults);
    notices::check(&files, vocabulary, faults);

    let area_names = AreaNames::new(&territory);
    Some(Profile {
        settings: settings?.value,
        zone,
        territory,
        places,
        organizations,
        roles: files.roles?.value,
        posts,
        rosters,
        classes,
        matters,
        powers,
        cards: files.cards?.value,
        rules: files.rules?.value,
        open311: files.open311.map(|file| file.value),
        notices: files.notices.map(|file| file.value).unwrap_or_default().into(),
        calendar: calendar?,
        secrets: files.secrets,
        area_names,
    })
}
