//! The lines of a profile's files as they are written: primitives only, for reading and for programs that write profiles.
//! What each means stands in `docs/PROFILE.md`; `Profile` turns them into the types the rest of the house uses.
//!
//! Cells are kept as text, so that one bad cell is one fault and the rest of its line is still checked.

mod tables;
mod toml_files;

pub use tables::{
    AreaRow, BuildingRow, ClassRow, LimitRow, MatterRow, OrganizationRow, PostRow, PowerRow, RoadRow, RosterRow,
};
pub use toml_files::{
    App, CalendarFile, CallRules, CardRule, CardsFile, Chain, Confidential, DistrictFile, Duty, Exclusion, Extension,
    FollowUp, Geometry, GreenChannel, Holiday, HolidayFile, LayerRow, LevelRow, Offline, Opening, Outage, Points,
    Rating, Reason, Reopening, Returns, Rework, RoleRow, RolesFile, RulesFile, SampleCheck, Secrets, Supervision,
    Suspension, Switch,
};

/// A list in a CSV cell: items separated by `|`, an empty cell is the empty list.
pub mod list {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(items: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&items.join("|"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.split('|').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }
}
