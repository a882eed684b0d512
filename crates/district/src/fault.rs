//! What is wrong with a profile, said so that the line can be found and mended.

use std::collections::BTreeMap;
use std::fmt;

use kernel::text::{Language, text};
use serde::Serialize;

/// One thing that is wrong. Ordered by file and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// Path inside the profile's folder, with `/`.
    pub file: String,
    /// From 1; 0 where the whole file is meant.
    pub line: u64,
    /// Column, or dotted path in a TOML file; empty where the whole line is meant.
    pub field: String,
    /// Names the reason: see `codes` below and the texts of the kernel.
    pub code: &'static str,
    /// What the text mentions.
    pub values: BTreeMap<&'static str, String>,
}

impl Fault {
    pub(crate) fn new(file: &str, line: u64, field: &str, code: &'static str) -> Fault {
        Fault { file: file.to_owned(), line, field: field.to_owned(), code, values: BTreeMap::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Fault {
        self.values.insert(name, value.to_string());
        self
    }

    /// The reason in a sentence.
    pub fn message(&self, language: Language) -> String {
        text(language, self.code, &self.values)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if !self.field.is_empty() {
            write!(f, " {}", self.field)?;
        }
        write!(f, ": {}", self.message(Language::English))
    }
}

/// Codes of reasons, each with a text in both languages.
pub(crate) mod codes {
    macro_rules! codes {
        ($($name:ident = $code:literal;)+) => {
            $(pub(crate) const $name: &str = $code;)+
            #[cfg(test)]
            pub(crate) const ALL: &[&str] = &[$($code),+];
        };
    }

    codes! {
        FILE_MISSING = "profile-file-missing";
        FILE_UNREADABLE = "profile-file-unreadable";
        FILE_SYNTAX = "profile-file-syntax";
        FILE_EMPTY = "profile-file-empty";
        COLUMN_MISSING = "profile-column-missing";
        COLUMN_UNKNOWN = "profile-column-unknown";
        ROW_LENGTH = "profile-row-length";
        VALUE_EMPTY = "profile-value-empty";
        VALUE_EXCESS = "profile-value-excess";
        VALUE_CONTROL = "profile-value-control";
        VALUE_NOT_ALLOWED = "profile-value-not-allowed";
        VALUE_NOT_A_NUMBER = "profile-value-not-a-number";
        VALUE_OUT_OF_RANGE = "profile-value-out-of-range";
        VALUE_NOT_A_DATE = "profile-value-not-a-date";
        VALUE_NOT_A_TIME = "profile-value-not-a-time";
        VALUE_NOT_A_LIMIT = "profile-value-not-a-limit";
        VALUE_NOT_A_COLOUR = "profile-value-not-a-colour";
        VALUE_NOT_A_ZONE = "profile-value-not-a-zone";
        VALUE_NOT_AN_ACTION = "profile-value-not-an-action";
        DUPLICATE = "profile-duplicate";
        VERSIONS_OVERLAP = "profile-versions-overlap";
        PERIOD_EMPTY = "profile-period-empty";
        UNKNOWN_LEVEL = "profile-unknown-level";
        UNKNOWN_LAYER = "profile-unknown-layer";
        UNKNOWN_AREA = "profile-unknown-area";
        UNKNOWN_ROAD = "profile-unknown-road";
        UNKNOWN_ORGANIZATION = "profile-unknown-organization";
        UNKNOWN_ROLE = "profile-unknown-role";
        UNKNOWN_ACTION = "profile-unknown-action";
        ROLE_OF_TWO_ADMINISTRATIONS = "profile-role-of-two-administrations";
        ROLE_ADMINISTERS_AND_WORKS = "profile-role-administers-and-works";
        UNKNOWN_STEP = "profile-unknown-step";
        UNKNOWN_POST = "profile-unknown-post";
        UNKNOWN_KIND = "profile-unknown-kind";
        UNKNOWN_RELATION = "profile-unknown-relation";
        UNKNOWN_TRAIT = "profile-unknown-trait";
        UNKNOWN_CLASS = "profile-unknown-class";
        UNKNOWN_MATTER = "profile-unknown-matter";
        UNKNOWN_CHAIN = "profile-unknown-chain";
        AREA_ROOT = "profile-area-root";
        AREA_PARENT_LEVEL = "profile-area-parent-level";
        AREA_PARENT_PERIOD = "profile-area-parent-period";
        AREA_CHILDLESS = "profile-area-childless";
        AREA_WITHOUT_OUTLINE = "profile-area-without-outline";
        OUTLINE_EMPTY = "profile-outline-empty";
        RING_SHORT = "profile-ring-short";
        RING_OPEN = "profile-ring-open";
        RING_CROSSES = "profile-ring-crosses";
        AREAS_OVERLAP = "profile-areas-overlap";
        AREAS_GAP = "profile-areas-gap";
        AREAS_BORDER = "profile-areas-border";
        PARTS_GAP = "profile-parts-gap";
        PARTS_EXCESS = "profile-parts-excess";
        BUILDING_ELSEWHERE = "profile-building-elsewhere";
        NUMBER_WITHOUT_ROAD = "profile-number-without-road";
        ORGANIZATION_ROOT = "profile-organization-root";
        ORGANIZATION_ORPHAN = "profile-organization-orphan";
        ORGANIZATION_CIRCLE = "profile-organization-circle";
        ORGANIZATION_WITHOUT_AREA = "profile-organization-without-area";
        ROSTER_MISSING = "profile-roster-missing";
        ROSTER_HOLE = "profile-roster-hole";
        ROSTER_FOREIGN_POST = "profile-roster-foreign-post";
        LEAD_NOBODY = "profile-lead-nobody";
        LIMIT_MISSING = "profile-limit-missing";
        LIMIT_NEEDLESS = "profile-limit-needless";
        NOTICE_RECIPIENT = "profile-notice-recipient";
        NOTICE_CHANNEL = "profile-notice-channel";
        NOTICE_KEY = "profile-notice-key";
        NOTICE_ADDRESS = "profile-notice-address";
        SWITCH_WITHOUT_GROUND = "profile-switch-without-ground";
        CALENDAR_YEAR_MISSING = "profile-calendar-year-missing";
        CALENDAR_WRONG_YEAR = "profile-calendar-wrong-year";
        CALENDAR_OPENINGS_OVERLAP = "profile-calendar-openings-overlap";
    }

    #[cfg(test)]
    #[test]
    fn every_reason_has_a_text_in_both_languages() {
        for code in ALL {
            assert!(kernel::text::has(code), "{code}");
        }
    }
}

/// Collects the faults of a profile while it is read.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any is in a file whose path begins so.
    pub(crate) fn concern(&self, files: &str) -> bool {
        self.0.iter().any(|fault| fault.file.starts_with(files))
    }

    /// Whether there is one of this reason in a file whose path begins so.
    pub(crate) fn has(&self, files: &str, code: &str) -> bool {
        self.0.iter().any(|fault| fault.code == code && fault.file.starts_with(files))
    }

    /// In order of file and line, each once.
    pub(crate) fn into_sorted(mut self) -> Vec<Fault> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}
