//! Files into rows, with the line each came from. Nothing is judged here but the form.

mod geojson;
mod table;
mod toml;

use std::path::{Path, PathBuf};

use kernel::HolidayList;
use platform::notice::NoticeRules;

use crate::cards::Cards;
use crate::fault::{Fault, Faults, codes};
use crate::rows::{
    AreaRow, BuildingRow, ClassRow, LimitRow, MatterRow, OrganizationRow, PostRow, PowerRow, RoadRow, RosterRow,
};

use crate::open311::Open311;
use crate::rules::{Roles, Rules};
use crate::settings::{CalendarSettings, Settings};

pub(crate) use geojson::{Feature, Lines, Polygons};
pub(crate) use table::{Row, Table};
pub(crate) use toml::Toml;

/// Every file of a profile as it is written.
pub(crate) struct Files {
    pub district: Option<Toml<Settings>>,
    pub areas: Table<AreaRow>,
    pub outlines: Vec<Feature<Polygons>>,
    pub roads: Table<RoadRow>,
    pub road_lines: Vec<Feature<Lines>>,
    pub buildings: Table<BuildingRow>,
    pub organizations: Table<OrganizationRow>,
    pub roles: Option<Toml<Roles>>,
    pub posts: Table<PostRow>,
    pub rosters: Table<RosterRow>,
    pub classes: Table<ClassRow>,
    pub matters: Table<MatterRow>,
    pub limits: Table<LimitRow>,
    pub powers: Table<PowerRow>,
    pub cards: Option<Toml<Cards>>,
    pub rules: Option<Toml<Rules>>,
    /// None where the profile offers nothing to other systems.
    pub open311: Option<Toml<Open311>>,
    /// None where nobody is told of anything.
    pub notices: Option<Toml<NoticeRules>>,
    pub calendar: Option<Toml<CalendarSettings>>,
    /// With their files, by year.
    pub holidays: Vec<(String, HolidayList)>,
    pub secrets: Vec<String>,
}

impl Files {
    pub fn read(folder: &Path, faults: &mut Faults) -> Files {
        Files::of(&Folder::Disk(folder.to_owned()), faults)
    }

    pub fn of(folder: &Folder, faults: &mut Faults) -> Files {
        Files {
            district: Toml::read(folder, "district.toml", faults),
            areas: Table::read(folder, "areas.csv", faults),
            outlines: folder
                .list("areas", "geojson")
                .iter()
                .flat_map(|file| geojson::read::<Polygons>(folder, file, faults))
                .collect(),
            roads: Table::read(folder, "roads.csv", faults),
            road_lines: if folder.has("roads.geojson") {
                geojson::read::<Lines>(folder, "roads.geojson", faults)
            } else {
                Vec::new()
            },
            buildings: Table::read(folder, "buildings.csv", faults),
            organizations: Table::read(folder, "organizations.csv", faults),
            roles: Toml::read(folder, "roles.toml", faults),
            posts: Table::read(folder, "posts.csv", faults),
            rosters: Table::read(folder, "rosters.csv", faults),
            classes: Table::read(folder, "classes.csv", faults),
            matters: Table::read(folder, "matters.csv", faults),
            limits: Table::read(folder, "limits.csv", faults),
            powers: Table::read(folder, "powers.csv", faults),
            cards: Toml::read(folder, "cards.toml", faults),
            rules: Toml::read(folder, "rules.toml", faults),
            open311: folder.has("open311.toml").then(|| Toml::read(folder, "open311.toml", faults)).flatten(),
            notices: folder.has("notices.toml").then(|| Toml::read(folder, "notices.toml", faults)).flatten(),
            calendar: Toml::read(folder, "calendar.toml", faults),
            holidays: holidays(folder, faults),
            secrets: secrets(folder, faults),
        }
    }
}

fn holidays(folder: &Folder, faults: &mut Faults) -> Vec<(String, HolidayList)> {
    let mut years = Vec::new();
    for file in folder.list("calendar", "json") {
        let Some(text) = folder.text(&file, faults) else { continue };
        match serde_json::from_str::<HolidayList>(&text) {
            Ok(year) => years.push((file, year)),
            Err(error) => {
                let line = error.line() as u64;
                faults.add(Fault::new(&file, line, "", codes::FILE_SYNTAX).with("cause", error));
            }
        }
    }
    years.sort_by_key(|(_, list)| list.year);
    years
}

fn secrets(folder: &Folder, faults: &mut Faults) -> Vec<String> {
    let text = folder.text("secrets.txt", faults).unwrap_or_default();
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|phrase| !phrase.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Where a profile's files are.
pub(crate) enum Folder {
    Disk(PathBuf),
    /// By their paths inside the profile.
    #[cfg(feature = "testing")]
    Memory(std::collections::BTreeMap<String, String>),
}

impl Folder {
    fn has(&self, file: &str) -> bool {
        match self {
            Folder::Disk(folder) => folder.join(file).is_file(),
            #[cfg(feature = "testing")]
            Folder::Memory(files) => files.contains_key(file),
        }
    }

    /// The whole file; a fault when it is missing or not UTF-8.
    fn text(&self, file: &str, faults: &mut Faults) -> Option<String> {
        let read = match self {
            Folder::Disk(folder) => std::fs::read_to_string(folder.join(file)),
            #[cfg(feature = "testing")]
            Folder::Memory(files) => files.get(file).cloned().ok_or(std::io::ErrorKind::NotFound.into()),
        };
        match read {
            Ok(text) => Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                faults.add(Fault::new(file, 0, "", codes::FILE_MISSING));
                None
            }
            Err(error) => {
                faults.add(Fault::new(file, 0, "", codes::FILE_UNREADABLE).with("cause", error));
                None
            }
        }
    }

    /// Files of a sub-folder with the ending, by name, as paths inside the profile.
    fn list(&self, under: &str, ending: &str) -> Vec<String> {
        let is_meant = |name: &str| name.rsplit_once('.').is_some_and(|(_, found)| found == ending);
        match self {
            Folder::Disk(folder) => {
                let Ok(entries) = std::fs::read_dir(folder.join(under)) else { return Vec::new() };
                let mut names: Vec<String> = entries
                    .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                    .filter(|name| is_meant(name))
                    .map(|name| format!("{under}/{name}"))
                    .collect();
                names.sort();
                names
            }
            #[cfg(feature = "testing")]
            Folder::Memory(files) => files
                .keys()
                .filter(|file| file.split_once('/').is_some_and(|(folder, name)| folder == under && is_meant(name)))
                .cloned()
                .collect(),
        }
    }
}
