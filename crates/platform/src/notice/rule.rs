//! `notices.toml`: who is told of what, by which way, and when.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Event;

/// `notices.toml`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRules {
    pub source: String,
    /// When mail and short messages wait, but for emergencies; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    #[serde(default)]
    pub rule: Vec<NoticeRule>,
}

/// Hours of the day by the calendar's zone; from the evening into the morning where `until` is the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    pub from: TimeOfDay,
    pub until: TimeOfDay,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRule {
    /// Names the rule in rows and addresses; unique.
    pub key: String,
    /// Kinds of facts: `case.lapsed`, or `case.*` for all of a slice.
    pub kinds: Vec<String>,
    /// Traits of the event, each with the values of which it must have one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, Vec<String>>,
    pub to: Vec<Recipient>,
    pub channels: Vec<Channel>,
    #[serde(default, skip_serializing_if = "Delivery::is_at_once")]
    pub delivery: Delivery,
}

/// Exactly one of `relation`, `post`, `role`, `mail` and `phone`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Whom the event concerns in this way: `desk`, `holder`, `lead`, `assigned`, `on_duty`, `registered_by` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// Of a relation to organizations: only posts with one of these roles; empty is every post.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// An address outside, such as that of a unit's duty room. It is told only of what is not confidential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// A number outside; as `mail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Recipient {
    /// How many of the ways to name a recipient are used.
    pub fn ways(&self) -> usize {
        [&self.relation, &self.post, &self.role, &self.mail, &self.phone].into_iter().flatten().count()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Inbox,
    Mail,
    Sms,
    Webhook,
}

impl Channel {
    pub fn word(self) -> &'static str {
        match self {
            Channel::Inbox => "inbox",
            Channel::Mail => "mail",
            Channel::Sms => "sms",
            Channel::Webhook => "webhook",
        }
    }

    pub fn parse(word: &str) -> Option<Channel> {
        [Channel::Inbox, Channel::Mail, Channel::Sms, Channel::Webhook].into_iter().find(|one| one.word() == word)
    }
}

/// When mail and short messages go out. Written `at_once`, `hourly`, `daily 08:30`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Delivery {
    #[default]
    AtOnce,
    /// Gathered, at the full hour.
    Hourly,
    /// Gathered, at this time of the day.
    Daily(TimeOfDay),
}

impl Delivery {
    fn is_at_once(&self) -> bool {
        *self == Delivery::AtOnce
    }
}

/// Minutes after midnight, written `08:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    pub fn minutes(self) -> u16 {
        self.0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not {1}")]
pub struct Unreadable(String, &'static str);

impl FromStr for TimeOfDay {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<TimeOfDay, Unreadable> {
        let wrong = || Unreadable(text.to_owned(), "a time of day such as 08:30");
        let (hours, minutes) = text.split_once(':').filter(|_| text.len() == 5).ok_or_else(wrong)?;
        let number = |part: &str, most: u16| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|number| digits && *number <= most).ok_or_else(wrong)
        };
        Ok(TimeOfDay(number(hours, 23)? * 60 + number(minutes, 59)?))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<TimeOfDay, Unreadable> {
        text.parse()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

impl TryFrom<String> for Delivery {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<Delivery, Unreadable> {
        match text.as_str() {
            "at_once" => Ok(Delivery::AtOnce),
            "hourly" => Ok(Delivery::Hourly),
            _ => match text.strip_prefix("daily ") {
                Some(time) => time.parse().map(Delivery::Daily),
                None => Err(Unreadable(text, "at_once, hourly or daily HH:MM")),
            },
        }
    }
}

impl From<Delivery> for String {
    fn from(delivery: Delivery) -> String {
        match delivery {
            Delivery::AtOnce => "at_once".into(),
            Delivery::Hourly => "hourly".into(),
            Delivery::Daily(time) => format!("daily {time}"),
        }
    }
}

/// Whether `kind` is what `pattern` names: itself, or all of a slice by `case.*`.
pub fn is_kind_of(kind: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => prefix.ends_with('.') && kind.starts_with(prefix),
        None => kind == pattern,
    }
}

impl NoticeRule {
    pub(super) fn is_for_kind(&self, kind: &str) -> bool {
        self.kinds.iter().any(|pattern| is_kind_of(kind, pattern))
    }

    /// Whether the event has what the rule asks for.
    pub(super) fn holds(&self, event: &Event) -> bool {
        self.when.iter().all(|(name, values)| {
            event.traits.get(name.as_str()).is_some_and(|found| values.iter().any(|value| value == found))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_as_it_is_written() {
        for text in ["00:00", "08:30", "23:59"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        for text in ["24:00", "8:30", "08:60", "+8:30", "08-30", ""] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        for text in ["at_once", "hourly", "daily 08:30"] {
            assert_eq!(String::from(Delivery::try_from(text.to_owned()).unwrap()), text);
        }
        assert!(Delivery::try_from("daily".to_owned()).is_err());
    }

    #[test]
    fn a_pattern_is_a_kind_or_all_of_a_slice() {
        assert!(is_kind_of("case.lapsed", "case.lapsed") && is_kind_of("case.lapsed", "case.*"));
        assert!(!is_kind_of("case.lapsed", "case.laps") && !is_kind_of("casework.x", "case*"));
        assert!(!is_kind_of("call.rung", "case.*"));
    }
}
