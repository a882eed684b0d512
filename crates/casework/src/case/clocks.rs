//! The clocks of a case: which there are, who holds each, and how they change.

use std::fmt;
use std::str::FromStr;

use kernel::{Clock, ClockState, Excluded, Instant, Limit, Stay};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Case, MatterRule, Rulebook, Stage};

/// Names one clock of a case. Written `accept`, `handle/2`, `letter/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockKey {
    /// Registration to acceptance; held by the desk.
    Accept,
    /// Acceptance to dispatch; held by the desk.
    Dispatch,
    /// Dispatch to answer of an assignment.
    Answer(u16),
    /// Dispatch, or the order to rework, to the report of completion.
    Handle(u16),
    /// How long an assignment is suspended; it ends by itself.
    Suspension(u16),
    /// The desk's or reviewer's decision on what an assignment asked for.
    Review(u16),
    /// Last completion to verification; held by the desk.
    Verify,
    /// Registration to the closing reply; held by the desk.
    Reply,
    /// The city's clock (PRACTICE 4): moves only when the city grants it.
    Outer,
    /// An interim answer's promise (PRACTICE 8).
    Promise,
    /// A supervision order.
    Supervision(u16),
    /// A letter to a city body: shown, not scored (PRACTICE 14).
    Letter(u16),
}

/// A clock with the organization that holds it: cards go to the holder (PRACTICE 11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    pub holder: String,
    pub counted: Counted,
    /// When the holder is to be reminded; none where that is past or no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// By a limit and the district's calendar.
    Limit(Clock),
    /// To an instant that someone set.
    Until { started: Instant, due: Instant, state: ClockState },
}

impl Timer {
    pub fn start(book: &Rulebook, holder: &str, at: Instant, limit: Limit, legal: Option<Limit>) -> Timer {
        let clock = Clock::start(&book.calendar, at, limit, legal);
        let remind_at = reminder(book, &clock, at);
        Timer { holder: holder.to_owned(), remind_at, counted: Counted::Limit(clock) }
    }

    /// As [`Timer::start`], but nobody is reminded: where something comes by itself when the time is over.
    pub fn unreminded(book: &Rulebook, holder: &str, at: Instant, limit: Limit) -> Timer {
        Timer { remind_at: None, ..Timer::start(book, holder, at, limit, None) }
    }

    pub fn until(holder: &str, started: Instant, due: Instant) -> Timer {
        let counted = Counted::Until { started, due, state: ClockState::Running };
        Timer { holder: holder.to_owned(), counted, remind_at: None }
    }

    /// The due instant while something is owed.
    pub fn due(&self) -> Option<Instant> {
        self.is_open().then(|| self.due_at())
    }

    /// When the timekeeper has to look: the reminder, then the due instant; never again at what has lapsed.
    pub fn wake_at(&self) -> Option<Instant> {
        self.is_running().then(|| self.remind_at.map_or(self.due_at(), |remind| remind.min(self.due_at())))
    }

    /// The due instant, whatever the state.
    pub fn due_at(&self) -> Instant {
        match &self.counted {
            Counted::Limit(clock) => clock.due().at,
            Counted::Until { due, .. } => *due,
        }
    }

    pub fn started(&self) -> Instant {
        match &self.counted {
            Counted::Limit(clock) => clock.started(),
            Counted::Until { started, .. } => *started,
        }
    }

    /// The due instant was counted without a published list of holidays (PRACTICE 5).
    pub fn provisional(&self) -> bool {
        matches!(&self.counted, Counted::Limit(clock) if clock.due().provisional)
    }

    pub fn state(&self) -> ClockState {
        match &self.counted {
            Counted::Limit(clock) => clock.state(),
            Counted::Until { state, .. } => *state,
        }
    }

    /// Something is still owed, in time or not.
    pub fn is_open(&self) -> bool {
        self.state().end().is_none()
    }

    /// Open and not yet found to have lapsed.
    pub fn is_running(&self) -> bool {
        matches!(self.state(), ClockState::Running)
    }

    /// Stopped at `at`, met or late; unchanged where it had ended or had not begun.
    pub fn stopped(&self, at: Instant) -> Timer {
        let at = at.max(self.started());
        match &self.counted {
            Counted::Limit(clock) => match clock.stop(at) {
                Ok(clock) => self.with(Counted::Limit(clock)),
                Err(_) => self.clone(),
            },
            Counted::Until { started, due, state } if state.end().is_none() => {
                let state = if at <= *due { ClockState::Met { at } } else { ClockState::Late { at, due: *due } };
                self.with(Counted::Until { started: *started, due: *due, state })
            }
            Counted::Until { .. } => self.clone(),
        }
    }

    /// Nothing is owed any more.
    pub fn cancelled(&self, at: Instant) -> Timer {
        let at = at.max(self.started());
        match &self.counted {
            Counted::Limit(clock) => match clock.cancel(at) {
                Ok(clock) => self.with(Counted::Limit(clock)),
                Err(_) => self.clone(),
            },
            Counted::Until { started, due, state } if state.end().is_none() => {
                self.with(Counted::Until { started: *started, due: *due, state: ClockState::Cancelled { at } })
            }
            Counted::Until { .. } => self.clone(),
        }
    }

    /// Found to have run out, seen at `now`; none where it has not.
    pub fn lapsed(&self, now: Instant) -> Option<Timer> {
        match &self.counted {
            Counted::Limit(clock) => clock.lapse(now).ok().map(|clock| self.with(Counted::Limit(clock))),
            Counted::Until { started, due, state: ClockState::Running } if now > *due => {
                let state = ClockState::Lapsed { since: *due };
                Some(self.with(Counted::Until { started: *started, due: *due, state }))
            }
            Counted::Until { .. } => None,
        }
    }

    /// Leaves a span out of the count (PRACTICE 6, 17). Instants that someone set do not move.
    pub fn excluding(&self, book: &Rulebook, from: Instant, to: Instant, stay: Stay) -> Timer {
        match &self.counted {
            Counted::Limit(clock) if to > clock.started() => {
                match clock.exclude(&book.calendar, Excluded { from, to, stay }) {
                    Ok(clock) => self.moved(book, clock, to),
                    Err(_) => self.clone(),
                }
            }
            _ => self.clone(),
        }
    }

    /// The same limit with the same spans left out, running: its end is taken back.
    pub fn begun_anew(&self, book: &Rulebook) -> Timer {
        let Some(clock) = self.clock() else { return self.clone() };
        let begun = Timer::start(book, &self.holder, clock.started(), clock.limit(), clock.legal());
        clock.excluded().iter().fold(begun, |timer, out| timer.excluding(book, out.from, out.to, out.stay))
    }

    /// Another clock in place of this one's, decided at `at`: a later due instant has a reminder of its own.
    pub fn moved(&self, book: &Rulebook, clock: Clock, at: Instant) -> Timer {
        let remind_at = if clock.due() == self.clock().map_or(clock.due(), Clock::due) {
            self.remind_at
        } else {
            reminder(book, &clock, at)
        };
        Timer { remind_at, ..self.with(Counted::Limit(clock)) }
    }

    pub fn reminded(&self) -> Timer {
        Timer { remind_at: None, ..self.clone() }
    }

    pub fn clock(&self) -> Option<&Clock> {
        match &self.counted {
            Counted::Limit(clock) => Some(clock),
            Counted::Until { .. } => None,
        }
    }

    fn with(&self, counted: Counted) -> Timer {
        Timer { counted, ..self.clone() }
    }
}

/// When the share of the limit that the profile names is all that is left; none where that is not after `at`.
fn reminder(book: &Rulebook, clock: &Clock, at: Instant) -> Option<Instant> {
    let used_up = ((1.0 - book.rules.reminder_share.clamp(0.0, 1.0)) * 100.0).round() as u8;
    let remind_at = clock.at_share(&book.calendar, used_up);
    (remind_at > at && remind_at < clock.due().at).then_some(remind_at)
}

impl MatterRule {
    /// A clock of a stage, where the matter has a limit for it.
    pub fn timer(&self, book: &Rulebook, stage: Stage, holder: &str, at: Instant) -> Option<Timer> {
        let (limit, legal) = match (self.limits.get(&stage), self.legal.get(&stage)) {
            (Some(limit), legal) => (*limit, legal.copied()),
            (None, Some(legal)) => (*legal, None),
            (None, None) => return None,
        };
        Some(Timer::start(book, holder, at, limit, legal))
    }
}

impl Case {
    /// The open timer of `key`, stopped at `at`.
    pub(crate) fn stopping(&self, key: ClockKey, at: Instant) -> Option<(ClockKey, Timer)> {
        self.clocks.get(&key).filter(|timer| timer.is_open()).map(|timer| (key, timer.stopped(at)))
    }

    /// Every open timer that `which` names, cancelled at `at`.
    pub(crate) fn cancelling(&self, at: Instant, which: impl Fn(ClockKey) -> bool) -> Vec<(ClockKey, Timer)> {
        let open = self.clocks.iter().filter(|(key, timer)| which(**key) && timer.is_open());
        open.map(|(key, timer)| (*key, timer.cancelled(at))).collect()
    }
}

impl ClockKey {
    /// The assignment it belongs to.
    pub fn assignment(self) -> Option<u16> {
        match self {
            ClockKey::Answer(no) | ClockKey::Handle(no) | ClockKey::Suspension(no) | ClockKey::Review(no) => Some(no),
            _ => None,
        }
    }

    /// Whether lateness counts: letters and the end of a suspension are shown only (PRACTICE 14).
    pub fn scored(self) -> bool {
        !matches!(self, ClockKey::Letter(_) | ClockKey::Suspension(_))
    }

    pub fn name(self) -> &'static str {
        match self {
            ClockKey::Accept => "accept",
            ClockKey::Dispatch => "dispatch",
            ClockKey::Answer(_) => "answer",
            ClockKey::Handle(_) => "handle",
            ClockKey::Suspension(_) => "suspension",
            ClockKey::Review(_) => "review",
            ClockKey::Verify => "verify",
            ClockKey::Reply => "reply",
            ClockKey::Outer => "outer",
            ClockKey::Promise => "promise",
            ClockKey::Supervision(_) => "supervision",
            ClockKey::Letter(_) => "letter",
        }
    }

    fn number(self) -> Option<u16> {
        match self {
            ClockKey::Supervision(no) | ClockKey::Letter(no) => Some(no),
            other => other.assignment(),
        }
    }
}

impl fmt::Display for ClockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(no) => write!(f, "{}/{no}", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// Text that names no clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no clock of a case")]
pub struct UnknownClock(String);

impl FromStr for ClockKey {
    type Err = UnknownClock;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownClock(text.to_owned());
        let (name, no) = match text.split_once('/') {
            Some((name, no)) => (name, Some(no.parse::<u16>().map_err(|_| unknown())?)),
            None => (text, None),
        };
        Ok(match (name, no) {
            ("accept", None) => ClockKey::Accept,
            ("dispatch", None) => ClockKey::Dispatch,
            ("verify", None) => ClockKey::Verify,
            ("reply", None) => ClockKey::Reply,
            ("outer", None) => ClockKey::Outer,
            ("promise", None) => ClockKey::Promise,
            ("answer", Some(no)) => ClockKey::Answer(no),
            ("handle", Some(no)) => ClockKey::Handle(no),
            ("suspension", Some(no)) => ClockKey::Suspension(no),
            ("review", Some(no)) => ClockKey::Review(no),
            ("supervision", Some(no)) => ClockKey::Supervision(no),
            ("letter", Some(no)) => ClockKey::Letter(no),
            _ => return Err(unknown()),
        })
    }
}

impl Serialize for ClockKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
