//! The lines of a profile's CSV files as they are written: text only, for reading and for programs that write profiles.
//! What each means stands in `docs/PROFILE.md`; `Profile` turns them into the types the rest of the house uses.
//!
//! Cells are kept as text, so that one bad cell is one fault and the rest of its line is still checked.

use serde::{Deserialize, Serialize};

macro_rules! row {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $kind:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind),+ }
    };
}

row! {
    /// `areas.csv`
    AreaRow {
        code: String,
        parent: String,
        level: String,
        layer: String,
        name_zh: String,
        name_en: String,
        #[serde(default)] valid_from: String,
        #[serde(default)] valid_until: String,
        source: String,
    }
}

row! {
    /// `roads.csv`
    RoadRow {
        code: String,
        name_zh: String,
        name_en: String,
        #[serde(default, with = "list")] aliases: Vec<String>,
        source: String,
    }
}

row! {
    /// `buildings.csv`; longitude and latitude in degrees, WGS 84.
    BuildingRow {
        code: String,
        grid: String,
        name_zh: String,
        name_en: String,
        road: String,
        number: String,
        longitude: String,
        latitude: String,
        source: String,
    }
}

row! {
    /// `organizations.csv`
    OrganizationRow {
        code: String,
        kind: String,
        parent: String,
        name_zh: String,
        name_en: String,
        area: String,
        source: String,
    }
}

row! {
    /// `posts.csv`
    PostRow {
        key: String,
        role: String,
        organization: String,
        area: String,
        name_zh: String,
        name_en: String,
        source: String,
    }
}

row! {
    /// `rosters.csv`
    RosterRow {
        organization: String,
        shift: String,
        days: String,
        from: String,
        until: String,
        #[serde(with = "list")] on_duty: Vec<String>,
        #[serde(with = "list")] deputy: Vec<String>,
        #[serde(default)] valid_from: String,
        #[serde(default)] valid_until: String,
        source: String,
    }
}

row! {
    /// `classes.csv`
    ClassRow {
        code: String,
        group: String,
        name_zh: String,
        name_en: String,
        group_zh: String,
        group_en: String,
        basis: String,
        source: String,
    }
}

row! {
    /// `matters.csv`
    MatterRow {
        code: String,
        #[serde(default)] valid_from: String,
        #[serde(default)] valid_until: String,
        name_zh: String,
        name_en: String,
        kind: String,
        lead: String,
        #[serde(with = "list")] cooperating: Vec<String>,
        callable: String,
        urgency: String,
        #[serde(with = "list")] classes: Vec<String>,
        #[serde(with = "list")] evidence: Vec<String>,
        on_the_spot: String,
        timed: String,
        chain: String,
        #[serde(default, with = "list")] keywords: Vec<String>,
        basis: String,
        source: String,
    }
}

row! {
    /// `limits.csv`
    LimitRow {
        matter: String,
        #[serde(default)] valid_from: String,
        stage: String,
        amount: String,
        unit: String,
        legal: String,
        source: String,
    }
}

row! {
    /// `powers.csv`
    PowerRow {
        code: String,
        name_zh: String,
        name_en: String,
        kind: String,
        lead: String,
        #[serde(with = "list")] cooperating: Vec<String>,
        #[serde(default, with = "list")] matters: Vec<String>,
        basis: String,
        source: String,
    }
}

/// A list in a cell: items separated by `|`, an empty cell is the empty list.
mod list {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(items: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&items.join("|"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.split('|').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }
}
