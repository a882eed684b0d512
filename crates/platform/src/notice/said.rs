//! What a notice says: a code and values, put into words in the language of whoever reads it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kernel::Instant;
use kernel::text::{Language, text};
use serde::{Deserialize, Serialize};

/// A value that a text mentions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The same in every language: a case's number.
    Plain(String),
    /// Code of a text.
    Code(String),
    Names {
        zh: String,
        en: String,
    },
    At(Instant),
}

/// The text in words; instants by the zone.
pub fn tell(language: Language, code: &str, said: &BTreeMap<String, Said>, zone: &TimeZone) -> String {
    let mut values: BTreeMap<&'static str, String> = BTreeMap::new();
    for (name, value) in said {
        let Some(name) = NAMES.iter().find(|known| **known == name) else { continue };
        values.insert(name, value.words(language, zone));
    }
    text(language, code, &values)
}

/// What texts of notices mention.
const NAMES: &[&str] = &["number", "what", "clock", "due", "matter", "colour", "organization", "count"];

impl Said {
    fn words(&self, language: Language, zone: &TimeZone) -> String {
        match self {
            Said::Plain(words) => words.clone(),
            Said::Code(code) => text(language, code, &BTreeMap::new()),
            Said::Names { zh, en } => match language {
                Language::Chinese => zh.clone(),
                Language::English => en.clone(),
            },
            Said::At(instant) => {
                let local = zone.to_datetime(instant.timestamp());
                format!(
                    "{:04}-{:02}-{:02} {:02}:{:02}",
                    local.year(),
                    local.month(),
                    local.day(),
                    local.hour(),
                    local.minute()
                )
            }
        }
    }
}
