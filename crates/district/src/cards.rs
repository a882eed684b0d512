//! `cards.toml`: when a yellow or red card is proposed (PRACTICE 11).

use kernel::Limit;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::choice::choice;
use crate::matter::Stage;

/// `cards.toml`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cards {
    /// A reminder goes out when this share (0 to 1) of a limit is left.
    pub reminder_share: f64,
    /// How long after issue a card may be appealed against.
    pub appeal: Limit,
    /// How long a rectification after a red card may take.
    pub rectification: Limit,
    pub source: String,
    pub points: CardPoints,
    /// The first that matches proposes.
    pub rule: Vec<CardRule>,
}

/// What a card counts in assessment, after appeal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardPoints {
    pub yellow: f64,
    pub red: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardRule {
    pub colour: Colour,
    pub ground: Ground,
    /// Of a lapse: which clocks; empty is every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// How many times, on one case or, for `yellow_repeated`, in the window.
    #[serde(default = "once")]
    pub count: u32,
    /// Of `yellow_unanswered`: how long after the yellow card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Limit>,
    /// Of `yellow_repeated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

fn once() -> u32 {
    1
}

choice! {
    Colour {
        Yellow = "yellow",
        Red = "red",
    }
}

choice! {
    /// Why a card is proposed.
    Ground {
        /// A clock ran out.
        Lapse = "lapse",
        /// A return was asked for and refused.
        ReturnRejected = "return_rejected",
        ReworkRepeated = "rework_repeated",
        FalseReport = "false_report",
        /// Still not done some time after a yellow card.
        YellowUnanswered = "yellow_unanswered",
        /// Several yellow cards to one organization in the window.
        YellowRepeated = "yellow_repeated",
    }
}

/// In which cards are counted together: the calendar month, or a time looking back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    CalendarMonth,
    Last(Limit),
}

const CALENDAR_MONTH: &str = "calendar_month";

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Window::CalendarMonth => serializer.serialize_str(CALENDAR_MONTH),
            Window::Last(limit) => limit.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == CALENDAR_MONTH {
            return Ok(Window::CalendarMonth);
        }
        text.parse().map(Window::Last).map_err(de::Error::custom)
    }
}
