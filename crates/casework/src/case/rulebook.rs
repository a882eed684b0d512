//! The district's rules as this domain needs them: plain data, made from the profile at the edge.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Calendar, Instant, Limit};
use serde::{Deserialize, Serialize};

use super::{Place, Urgency};

/// Everything a decision may look up.
#[derive(Clone, Debug)]
pub struct Rulebook {
    pub rules: Rules,
    /// Versions of each matter by code, oldest first.
    pub matters: BTreeMap<String, Vec<MatterRule>>,
    pub organizations: BTreeMap<String, Organization>,
    /// The district centre's organization, where what no subdistrict holds ends up.
    pub centre: String,
    /// The organization that governs an area, by the area's code; with the level's key.
    pub governing: BTreeMap<String, Governing>,
    pub calendar: Calendar,
    /// Phrases that mark a state secret at entry (PRACTICE 13); the reporter is told where to turn instead.
    pub secret_phrases: Vec<String>,
    pub secret_instruction: Instruction,
}

/// Where to turn with a state secret, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instruction {
    pub chinese: String,
    pub english: String,
}

/// Who governs an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Governing {
    pub organization: String,
    /// Key of the area's level, such as `subdistrict`.
    pub level: String,
    /// Whether it runs a desk: accepts, dispatches, verifies, closes.
    pub desk: bool,
}

/// An organization as far as casework cares: what it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    pub parent: Option<String>,
}

/// One version of a matter. A case keeps the version it was opened under.
#[derive(Clone, Debug)]
pub struct MatterRule {
    pub code: String,
    /// With the code it names the version.
    pub version: String,
    /// None: since ever.
    pub valid_from: Option<Instant>,
    /// None: without end.
    pub valid_until: Option<Instant>,
    pub lead: Party,
    pub co_operating: Vec<Party>,
    pub urgency: Urgency,
    pub limits: BTreeMap<Stage, Limit>,
    /// Limits set by law beside the matter's own; the earlier of the two binds (PRACTICE 5).
    pub legal: BTreeMap<Stage, Limit>,
    /// Kinds of evidence a report of completion must bring, such as `photo_after`.
    pub evidence: BTreeSet<String>,
    /// Whether a grid worker may settle it on the spot (PRACTICE 3).
    pub on_the_spot: bool,
    /// Steps inside the organization from the registry to the last signature (PRACTICE 2); empty: one desk does it all.
    pub chain: Vec<Step>,
}

/// Who answers for a matter: an organization, or the one that governs the place's area of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    Organization(String),
    OfLevel(String),
}

/// A stage with a clock of its own: what each counts stands in docs/PROFILE.md under `limits.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Accept,
    Dispatch,
    Answer,
    /// On a call: arrival at the place.
    Arrive,
    Handle,
    Verify,
    /// Registration to the closing reply.
    Reply,
    /// Handling after a rework or a reopening (PRACTICE 10: shorter).
    Rework,
}

/// A step of the work inside an organization (PRACTICE 2), named by the role that takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 收发.
    Registry,
    /// A section or subordinate unit.
    Section,
    Contractor,
    /// 经办人.
    Handler,
    /// Signs first.
    SectionHead,
    /// Signs last.
    Leader,
}

impl Step {
    pub const ALL: [Step; 6] =
        [Step::Registry, Step::Section, Step::Contractor, Step::Handler, Step::SectionHead, Step::Leader];

    /// Signing steps come after the report of completion, the others before it.
    pub fn signs(self) -> bool {
        matches!(self, Step::SectionHead | Step::Leader)
    }

    /// As in the chains of `rules.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Step::Registry => "registry",
            Step::Section => "section",
            Step::Contractor => "contractor",
            Step::Handler => "handler",
            Step::SectionHead => "section_head",
            Step::Leader => "leader",
        }
    }
}

/// Rules that hold for every matter (`rules.toml` of the profile).
#[derive(Clone, Debug)]
pub struct Rules {
    pub returns: ReturnRules,
    pub extension: ExtensionRules,
    pub suspension: SuspensionRules,
    pub reopening: ReopeningRules,
    pub follow_up: FollowUpRules,
    /// PRACTICE 3: share of the cases settled on the spot that someone else checks, 0 to 1.
    pub sample_share: f64,
    /// PRACTICE 10: reasons on which the panel of two may exclude a case.
    pub exclusion_reasons: BTreeSet<String>,
    /// The office that issues supervision orders (PRACTICE 11).
    pub supervisor: String,
    /// The post that signs letters to city bodies (PRACTICE 14).
    pub letter_leader: String,
    /// PRACTICE 18: the longest lag, in minutes, between a device's time and the server's at which the former counts.
    pub offline_lag_minutes: i64,
    /// A reminder is due when this share of a limit is left, 0 to 1.
    pub reminder_share: f64,
    /// Of 5: at or below it a rating needs a reason (PRACTICE 12).
    pub low_rating: u8,
}

/// PRACTICE 6.
#[derive(Clone, Debug)]
pub struct ReturnRules {
    /// How long after dispatch a return may be asked for.
    pub window: Limit,
    /// How many returns a case may see before arbitration.
    pub most: u8,
    /// How long the review may take.
    pub review: Limit,
    pub reviewer: String,
    /// Bodies that may name a unit that must take the case.
    pub arbitrators: Vec<String>,
}

/// PRACTICE 7.
#[derive(Clone, Debug)]
pub struct ExtensionRules {
    pub most: u8,
    pub longest: Limit,
    /// To be asked for at least so long before due.
    pub before_due: Limit,
    pub reasons: BTreeSet<String>,
}

/// PRACTICE 7.
#[derive(Clone, Debug)]
pub struct SuspensionRules {
    pub longest: Limit,
    pub reasons: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub struct ReopeningRules {
    /// How long after closing a case may be reopened.
    pub window: Limit,
}

/// PRACTICE 10.
#[derive(Clone, Debug)]
pub struct FollowUpRules {
    /// Independent of every handler.
    pub organization: String,
    pub attempts: u8,
    /// The least time between two attempts.
    pub interval: Limit,
}

impl Rulebook {
    /// The version of a matter in force at `when`.
    pub fn matter(&self, code: &str, when: Instant) -> Option<&MatterRule> {
        let from = |rule: &MatterRule| rule.valid_from.is_none_or(|from| from <= when);
        let until = |rule: &MatterRule| rule.valid_until.is_none_or(|until| when < until);
        self.matters.get(code)?.iter().rev().find(|rule| from(rule) && until(rule))
    }

    /// A known version of a matter.
    pub fn version(&self, code: &str, version: &str) -> Option<&MatterRule> {
        self.matters.get(code)?.iter().find(|rule| rule.version == version)
    }

    /// The organization a matter names, at a place.
    pub fn party(&self, party: &Party, place: Option<&Place>) -> Option<&str> {
        match party {
            Party::Organization(code) => self.organizations.get_key_value(code).map(|(code, _)| code.as_str()),
            Party::OfLevel(level) => {
                let mut governing = place?.path.iter().filter_map(|area| self.governing.get(area));
                governing.find(|one| one.level == *level).map(|one| one.organization.as_str())
            }
        }
    }

    /// The organization whose desk takes a case at a place: the smallest governing one that runs a desk, else the centre.
    pub fn desk(&self, place: Option<&Place>) -> &str {
        let path = place.map_or(&[][..], |place| &place.path);
        let governing = path.iter().rev().filter_map(|area| self.governing.get(area)).find(|one| one.desk);
        governing.map_or(&self.centre, |one| &one.organization)
    }

    /// Whether `code` is `ancestor` or stands below it.
    pub fn is_under(&self, code: &str, ancestor: &str) -> bool {
        let mut at = Some(code);
        // A profile's tree is checked for cycles; the bound keeps a broken one from hanging a decision.
        for _ in 0..16 {
            match at {
                Some(here) if here == ancestor => return true,
                Some(here) => at = self.organizations.get(here).and_then(|o| o.parent.as_deref()),
                None => return false,
            }
        }
        false
    }

    /// The first phrase of the list that the words contain, letter case and white space aside.
    pub fn secret_phrase(&self, words: &str) -> Option<&str> {
        let words = plain(words);
        self.secret_phrases.iter().map(String::as_str).find(|phrase| words.contains(&plain(phrase)))
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
