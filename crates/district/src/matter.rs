//! Matters: what is called for, who answers, in what time; and the list of powers.

use std::collections::{BTreeMap, HashMap};

use kernel::{Instant, Limit};

use crate::choice::choice;
use crate::name::{Name, Period};

choice! {
    /// What sort of case a matter makes.
    CaseKind {
        Event = "event",
        Component = "component",
        Enquiry = "enquiry",
        Help = "help",
        Suggestion = "suggestion",
        Complaint = "complaint",
        /// A tip about someone's wrongdoing (举报).
        Report = "report",
        Emergency = "emergency",
    }
}

choice! {
    Urgency {
        Ordinary = "ordinary",
        Urgent = "urgent",
        Emergency = "emergency",
    }
}

choice! {
    /// A stretch of the life cycle with a clock. What each counts stands in `docs/PROFILE.md`.
    Stage {
        Accept = "accept",
        Dispatch = "dispatch",
        Answer = "answer",
        Arrive = "arrive",
        Handle = "handle",
        Verify = "verify",
        Reply = "reply",
        Rework = "rework",
    }
}

choice! {
    /// What a report "done" has to carry.
    Evidence {
        PhotoBefore = "photo_before",
        PhotoAfter = "photo_after",
        Photo = "photo",
        Document = "document",
        ContactRecord = "contact_record",
        Text = "text",
    }
}

choice! {
    PowerKind {
        Licence = "licence",
        Penalty = "penalty",
        Coercion = "coercion",
        Inspection = "inspection",
        Service = "service",
        Coordination = "coordination",
    }
}

/// Who answers: an organization, or the one that governs the place's area of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    Organization(String),
    /// Key of a level, written `@subdistrict`.
    OfLevel(String),
}

impl Party {
    pub(crate) fn parse(text: &str) -> Party {
        match text.strip_prefix('@') {
            Some(level) => Party::OfLevel(level.to_owned()),
            None => Party::Organization(text.to_owned()),
        }
    }
}

/// The limits of one stage. Where both are given, the earlier due instant binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageLimits {
    pub own: Option<Limit>,
    /// Set by law or a higher body.
    pub legal: Option<Limit>,
}

/// One version of a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    pub code: String,
    /// The day it is valid from as the file has it, empty for "since ever": with the code it names the version.
    pub version: String,
    pub period: Period,
    pub name: Name,
    pub kind: CaseKind,
    pub lead: Party,
    pub cooperating: Vec<Party>,
    /// On the call-and-response list.
    pub callable: bool,
    pub urgency: Urgency,
    /// Codes of component and event classes.
    pub classes: Vec<String>,
    pub evidence: Vec<Evidence>,
    /// May be reported and closed at once.
    pub on_the_spot: bool,
    /// False: it deliberately has no limits.
    pub timed: bool,
    /// Key of a chain of signatures.
    pub chain: Option<String>,
    pub keywords: Vec<String>,
    pub basis: String,
    pub source: String,
    pub limits: BTreeMap<Stage, StageLimits>,
}

impl Matter {
    pub fn limits(&self, stage: Stage) -> StageLimits {
        self.limits.get(&stage).copied().unwrap_or_default()
    }
}

/// Something a subdistrict may do itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Power {
    pub code: String,
    pub name: Name,
    pub kind: PowerKind,
    pub lead: Party,
    pub cooperating: Vec<Party>,
    pub matters: Vec<String>,
    pub basis: String,
    pub source: String,
}

/// A component or event class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// `component:0101` or `event:0203`.
    pub code: String,
    /// First two digits.
    pub group: String,
    pub name: Name,
    pub group_name: Name,
    /// `transcribed`, `background` or `local`.
    pub basis: ClassBasis,
    pub source: String,
}

choice! {
    /// How a class came to be known.
    ClassBasis {
        /// From a transcription of the standard.
        Transcribed = "transcribed",
        /// From professional background, unchecked.
        Background = "background",
        /// Added by the district.
        Local = "local",
    }
}

/// All versions of all matters, in the order of the file.
#[derive(Debug, Default)]
pub struct Matters {
    list: Vec<Matter>,
    by_code: HashMap<String, Vec<usize>>,
}

impl Matters {
    pub(crate) fn new(list: Vec<Matter>) -> Matters {
        let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, matter) in list.iter().enumerate() {
            by_code.entry(matter.code.clone()).or_default().push(place);
        }
        Matters { list, by_code }
    }

    /// Every version.
    pub fn all(&self) -> &[Matter] {
        &self.list
    }

    /// How many codes there are.
    pub fn count(&self) -> usize {
        self.by_code.len()
    }

    fn versions(&self, code: &str) -> impl Iterator<Item = &Matter> {
        self.by_code.get(code).into_iter().flatten().map(|place| &self.list[*place])
    }

    /// The version valid at an instant.
    pub fn at(&self, code: &str, when: Instant) -> Option<&Matter> {
        self.versions(code).find(|matter| matter.period.covers(when))
    }

    /// The version a case was opened under.
    pub fn version(&self, code: &str, version: &str) -> Option<&Matter> {
        self.versions(code).find(|matter| matter.version == version)
    }

    /// What may be chosen at an instant.
    pub fn valid(&self, when: Instant) -> impl Iterator<Item = &Matter> {
        self.list.iter().filter(move |matter| matter.period.covers(when))
    }

    /// Matters a component or event class maps to, at an instant.
    pub fn of_class<'a>(&'a self, class: &'a str, when: Instant) -> impl Iterator<Item = &'a Matter> {
        self.valid(when).filter(move |matter| matter.classes.iter().any(|code| code == class))
    }
}
