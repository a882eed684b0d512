//! The TOML files and the years of the calendar. Limits are text here: `4 working_hour`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

macro_rules! table {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $kind:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind),+ }
    };
}

table! {
    /// `district.toml`
    DistrictFile {
        code: String,
        name_zh: String,
        name_en: String,
        time_zone: String,
        language: String,
        /// West, south, east, north in degrees.
        bounds: [f64; 4],
        note_zh: String,
        note_en: String,
        geometry: Geometry,
        level: Vec<LevelRow>,
        #[serde(default)] layer: Vec<LayerRow>,
        theme: BTreeMap<String, String>,
        apps: BTreeMap<String, App>,
    }
}
table! { Geometry { kind: String, note_zh: String, note_en: String } }
table! { LevelRow { key: String, name_zh: String, name_en: String } }
table! { LayerRow { key: String, name_zh: String, name_en: String, overlaps: bool } }
table! { App { name_zh: String, name_en: String } }

table! { /// `roles.toml`
RolesFile { role: Vec<RoleRow> } }
table! {
    RoleRow {
        key: String,
        name_zh: String,
        name_en: String,
        reach: String,
        sensitivity: String,
        actions: Vec<String>,
    }
}

table! {
    /// `cards.toml`
    CardsFile {
        reminder_share: f64,
        appeal: String,
        rectification: String,
        source: String,
        points: Points,
        rule: Vec<CardRule>,
    }
}
table! { Points { yellow: f64, red: f64 } }
table! {
    CardRule {
        colour: String,
        ground: String,
        #[serde(default)] stages: Vec<String>,
        #[serde(default = "once")] count: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")] after: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] window: Option<String>,
    }
}

fn once() -> u32 {
    1
}

table! {
    /// `rules.toml`
    RulesFile {
        source: String,
        duty: Duty,
        call: CallRules,
        returns: Returns,
        extension: Extension,
        suspension: Suspension,
        reopening: Reopening,
        rework: Rework,
        sample: SampleCheck,
        follow_up: FollowUp,
        exclusion: Exclusion,
        supervision: Supervision,
        confidential: Confidential,
        green_channel: GreenChannel,
        secrets: Secrets,
        offline: Offline,
        outage: Outage,
        rating: Rating,
        #[serde(default)] chain: Vec<Chain>,
        #[serde(default)] switch: Vec<Switch>,
    }
}
table! { Duty { centre: String, ring_after: String } }
table! { CallRules { objection: String, low_rating: u32 } }
table! { Returns { most: u32, window: String, review: String, reviewer: String, arbitrators: Vec<String> } }
table! { Reason { key: String, name_zh: String, name_en: String } }
table! { Extension { most: u32, longest: String, before_due: String, reasons: Vec<Reason> } }
table! { Suspension { longest: String, reasons: Vec<Reason> } }
table! { Reopening { window: String } }
table! { Rework { share: f64, most: u32 } }
table! { SampleCheck { share: f64 } }
table! { FollowUp { organization: String, attempts: u32, interval: String } }
table! { Exclusion { panel: u32, reasons: Vec<Reason> } }
table! { Supervision { organization: String } }
table! { Confidential { organization: String, retention: String } }
table! { GreenChannel { leader_post: String } }
table! { Secrets { instruction_zh: String, instruction_en: String } }
table! { Offline { lag: String } }
table! { Outage { declarer: String } }
table! { Rating { scale: u32, least: u32 } }
table! { Chain { key: String, steps: Vec<String> } }
table! {
    Switch {
        key: String,
        on: bool,
        #[serde(default)] ground_zh: String,
        #[serde(default)] ground_en: String,
    }
}

table! {
    /// `calendar.toml`
    CalendarFile {
        source: String,
        last_day_off_moves: bool,
        working_day_hours: u32,
        open: Vec<Opening>,
    }
}
table! { Opening { days: Vec<String>, from: String, until: String } }

/// `calendar/YYYY.json`, the holiday-cn format; its other keys are left unread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayFile {
    pub year: i16,
    pub papers: Vec<String>,
    pub days: Vec<Holiday>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    pub name: String,
    pub date: String,
    #[serde(rename = "isOffDay")]
    pub is_off_day: bool,
}
