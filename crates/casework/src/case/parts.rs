//! The small values cases and facts are made of.

use std::collections::BTreeSet;

use kernel::{Instant, Point};
use serde::{Deserialize, Serialize};

use super::Step;

/// How a case came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    StaffApp,
    ResidentApp,
    Chat,
    PhoneDesk,
    Hotline,
    Open311,
    Device,
    Warning,
    Department,
    Import,
}

/// What the reporter wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A finding of an event or a damaged component.
    Event,
    Component,
    Enquiry,
    Help,
    Suggestion,
    Complaint,
    Report,
    Emergency,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    #[default]
    Ordinary,
    Urgent,
    Emergency,
}

/// A matter at the version the case was opened under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterRef {
    pub code: String,
    /// The day the version is valid from as the profile has it; empty: since ever.
    pub version: String,
}

/// Where it is. Address text is personal and sealed apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub point: Option<Point>,
    /// Area codes from the district down to the smallest that is known.
    pub path: Vec<String>,
    /// Areas of special layers that cover the point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
}

/// One piece of evidence: its kind as matters name it, and the attachment that holds it, where one does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<String>,
}

impl Evidence {
    pub fn of(kind: &str) -> Evidence {
        Evidence { kind: kind.to_owned(), attachment: None }
    }
}

/// A department's part in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Lead,
    CoOperating,
}

/// An assignment as it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAssignment {
    /// Counts from 1 within the case.
    pub no: u16,
    pub organization: String,
    pub part: Part,
    /// Steps inside the organization; empty: one desk does it all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Step>,
    /// Named by arbitration: it cannot be returned (PRACTICE 6).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binding: bool,
}

/// A department's talk with the reporter, which the follow-up reads first (PRACTICE 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub way: ContactWay,
    pub reached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactWay {
    Phone,
    Message,
    InPerson,
}

/// A report of completion; the reply to the reporter is sealed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub outcome: Outcome,
    pub evidence: Vec<Evidence>,
    /// Person key of who reported: a verification needs another hand.
    pub by: Option<String>,
}

/// What an interim answer promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub due: Instant,
}

/// How it ended (PRACTICE 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Solved,
    /// Directed to the legal route: court, arbitration, reconsideration.
    Procedural,
    Explained,
    /// An interim answer with a tracked promise.
    Interim(Promise),
    NotWithinRemit,
    Withdrawn,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Solved => "solved",
            Outcome::Procedural => "procedural",
            Outcome::Explained => "explained",
            Outcome::Interim(_) => "interim",
            Outcome::NotWithinRemit => "not_within_remit",
            Outcome::Withdrawn => "withdrawn",
        }
    }

    /// What the follow-up asks: whether it was solved, whether it was explained well, or nothing (PRACTICE 8).
    pub fn question(self) -> Option<Question> {
        match self {
            Outcome::Solved | Outcome::Interim(_) => Some(Question::Solved),
            Outcome::Procedural | Outcome::Explained | Outcome::NotWithinRemit => Some(Question::Explained),
            Outcome::Withdrawn => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Solved,
    Explained,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_the_spot: bool,
}

/// One attempt to reach the reporter (回访).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visit {
    Unreachable,
    Reached {
        /// The answer to the closing's question.
        content: bool,
        /// 1 to 5, where the reporter gave one.
        satisfaction: Option<u8>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rater {
    Reporter,
    /// The desk that dispatched: its ratings weigh in the department's year (PRACTICE 12).
    Desk,
}

/// Who may see who reported (PRACTICE 13). The content stays with those who work on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confidentiality {
    /// Person keys.
    pub named: BTreeSet<String>,
    /// The unit complained of: neither it nor those above it ever see who.
    pub complained_of: Option<String>,
    /// The organizations whose posts are kept from it: that unit, those above it and its parts, as the tree stood when the
    /// case became confidential. Decided with the case, whatever a caller gives.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub barred: BTreeSet<String>,
}

/// An order of the city's hotline with a clock of its own (PRACTICE 4), or a target another system had set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OuterOrder {
    pub order: String,
    pub due: Option<Instant>,
}

/// What is asked of the city; the outer clock changes only when it grants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OuterRequest {
    Return,
    Extension { until: Instant },
    Unreasonable,
}
