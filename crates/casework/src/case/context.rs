//! What a decision is made with besides the case and the command.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::{Actor, Instant};
use serde::{Deserialize, Serialize};

use super::{Action, Case, CaseRefusal, Rulebook};

/// Pure input: the instant, the caller, the rules and one draw of chance.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    pub book: &'a Rulebook,
    /// The server's instant.
    pub at: Instant,
    /// The device's or the imported record's instant.
    pub claimed_at: Option<Instant>,
    pub caller: &'a Caller,
    /// Uniform in [0, 1): decides whether a case settled on the spot is checked (PRACTICE 3).
    pub draw: f64,
    /// The case this one is, or is to be, grouped under.
    pub head: Option<&'a Case>,
}

/// Who calls, and what its posts let it do.
#[derive(Clone, Debug)]
pub struct Caller {
    pub hand: Hand,
    /// Actions of the roles behind the caller's posts. A reporter has none and needs none: see `Caller::may`.
    pub actions: Arc<BTreeSet<Action>>,
}

/// Whose hand a fact came from. Keys only, never a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    Post {
        person: String,
        post: String,
        organization: String,
    },
    /// A resident or enterprise; `subject` is the key its personal values are sealed under.
    Resident {
        subject: String,
    },
    /// `timekeeper`, `import`, `city`, …
    System {
        name: String,
    },
}

/// The program that replays imported history; it acts in everyone's place.
pub const IMPORT: &str = "import";
/// The program that acts when an instant has come.
pub const TIMEKEEPER: &str = "timekeeper";

impl Hand {
    pub fn person(&self) -> Option<&str> {
        match self {
            Hand::Post { person, .. } => Some(person),
            _ => None,
        }
    }

    /// The account behind the hand: of a post, or of a resident who has one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Hand::Post { person, .. } => Some(person),
            Hand::Resident { subject } => subject.strip_prefix("person/"),
            Hand::System { .. } => None,
        }
    }

    pub fn organization(&self) -> Option<&str> {
        match self {
            Hand::Post { organization, .. } => Some(organization),
            _ => None,
        }
    }

    pub fn actor(&self) -> Actor {
        match self {
            Hand::Post { person, post, .. } => Actor::Post { person: person.clone(), post: post.clone() },
            Hand::Resident { subject } => Actor::Resident { subject: subject.clone() },
            Hand::System { name } => Actor::System { name: name.clone() },
        }
    }

    /// The key that free text written by this hand is sealed under; free text is personal to its author.
    pub fn subject(&self) -> String {
        match self {
            Hand::Post { person, .. } => format!("person/{person}"),
            Hand::Resident { subject } => subject.clone(),
            Hand::System { name } => format!("system/{name}"),
        }
    }

    fn is_system(&self, wanted: &str) -> bool {
        matches!(self, Hand::System { name } if name == wanted)
    }
}

impl Caller {
    pub fn new(hand: Hand, actions: impl IntoIterator<Item = Action>) -> Caller {
        Caller { hand, actions: Arc::new(actions.into_iter().collect()) }
    }

    /// Whether the caller's posts allow `action`. Import stands in for everyone whose acts it replays.
    pub fn may(&self, action: Action) -> bool {
        self.is_import() || self.actions.contains(&action)
    }

    pub fn is_import(&self) -> bool {
        self.hand.is_system(IMPORT)
    }
}

impl Context<'_> {
    /// When the act counts (PRACTICE 18): the claimed instant where it is not ahead of the server's and lags by no more
    /// than the profile allows; imported history counts when it happened, whatever the lag.
    pub fn effective_at(&self) -> Instant {
        let Some(claimed) = self.claimed_at else { return self.at };
        let lag = self.at.since(claimed);
        let allowed = lag.as_secs() <= self.book.rules.offline_lag_minutes * 60;
        if !lag.is_negative() && (allowed || self.caller.is_import()) { claimed } else { self.at }
    }

    pub fn require(&self, action: Action) -> Result<(), CaseRefusal> {
        if self.caller.may(action) { Ok(()) } else { Err(CaseRefusal::NotPermitted { action }) }
    }

    /// The timekeeper, or import replaying what a timekeeper would have done.
    pub fn require_timekeeper(&self) -> Result<(), CaseRefusal> {
        if self.caller.hand.is_system(TIMEKEEPER) || self.caller.is_import() {
            Ok(())
        } else {
            Err(CaseRefusal::NotPermitted { action: Action::KeepTime })
        }
    }

    /// Allowed, and at the case's desk, above it, or at the district centre.
    pub fn require_desk(&self, case: &Case, action: Action) -> Result<(), CaseRefusal> {
        self.require(action)?;
        if self.caller.is_import()
            || self.is_at(&case.desk)
            || self.is_at(&self.book.centre)
            || self.is_above(&case.desk)
        {
            return Ok(());
        }
        Err(CaseRefusal::NotAtDesk { desk: case.desk.clone() })
    }

    /// Whether the caller's organization is `organization` or part of it.
    pub fn is_at(&self, organization: &str) -> bool {
        self.caller.hand.organization().is_some_and(|own| self.book.is_under(own, organization))
    }

    fn is_above(&self, organization: &str) -> bool {
        self.caller.hand.organization().is_some_and(|own| self.book.is_under(organization, own))
    }
}
