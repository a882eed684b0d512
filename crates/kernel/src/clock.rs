//! A limit that runs: started, suspended, extended, met or lapsed.

use serde::{Deserialize, Serialize};

use crate::{Calendar, Due, Excluded, Instant, Limit, Spent, Stay};

/// A running limit. Whether it was met depends on when things happened alone, never on when a program looked: stopping
/// late is late though nobody recorded the lapse, and the lapse is effective at the due instant.
///
/// Every change is a new value; `due` always follows from the other fields by the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    limit: Limit,
    /// A limit set by law beside the matter's own: the earlier binds (PRACTICE 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    legal: Option<Limit>,
    started: Instant,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extensions: Vec<Limit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<Excluded>,
    due: Due,
    state: ClockState,
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ClockState {
    Running,
    /// Past due, still to be done; `since` is the due instant.
    Lapsed {
        since: Instant,
    },
    /// Done in time.
    Met {
        at: Instant,
    },
    /// Done, but after `due`.
    Late {
        at: Instant,
        due: Instant,
    },
    /// Nothing is owed any more: withdrawn, handed to another.
    Cancelled {
        at: Instant,
    },
}

/// Which of two limits is the one that binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    Matter,
    Legal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    #[error("the clock has ended at {0}")]
    Ended(Instant),
    #[error("the clock was due at {0}")]
    PastDue(Instant),
    #[error("the clock is due at {0} only")]
    NotYetDue(Instant),
    #[error("the clock started at {0} only")]
    NotYetStarted(Instant),
    #[error("the clock is suspended until {0}")]
    Suspended(Instant),
    #[error("the clock is not suspended")]
    NotSuspended,
    #[error("a span that begins at {from} cannot end at {to}")]
    EmptySpan { from: Instant, to: Instant },
}

impl Clock {
    /// Starts a clock; with a legal limit beside the matter's, the earlier binds.
    pub fn start(calendar: &Calendar, at: Instant, limit: Limit, legal: Option<Limit>) -> Clock {
        let due = Due { at, provisional: false };
        let (extensions, excluded) = (Vec::new(), Vec::new());
        let clock = Clock { limit, legal, started: at, extensions, excluded, due, state: ClockState::Running };
        clock.counted_again(calendar)
    }

    /// Suspends from `at` until `until`, when it runs on by itself (PRACTICE 7: a suspension has an end). `at` is in time where
    /// it is not after the due instant, also when the clock was found to have lapsed since: see [`Clock::extend`].
    pub fn suspend(&self, calendar: &Calendar, at: Instant, until: Instant) -> Result<Clock, ClockError> {
        self.running_at(at)?;
        if let Some(until) = self.suspended(at) {
            return Err(ClockError::Suspended(until));
        }
        if until <= at {
            return Err(ClockError::EmptySpan { from: at, to: until });
        }
        let mut clock = self.clone();
        clock.excluded.push(Excluded { from: at, to: until, stay: Stay::Suspension });
        Ok(clock.counted_again(calendar))
    }

    /// Ends a suspension before its time. One that would end in the instant it began is undone.
    pub fn resume(&self, calendar: &Calendar, at: Instant) -> Result<Clock, ClockError> {
        self.running_at(at)?;
        let mut clock = self.clone();
        let suspension =
            clock.excluded.iter_mut().find(|out| out.stay == Stay::Suspension && out.from <= at && at < out.to);
        suspension.ok_or(ClockError::NotSuspended)?.to = at;
        clock.excluded.retain(|out| out.from < out.to);
        Ok(clock.counted_again(calendar))
    }

    /// Gives more time, asked for at `at`, before the clock was due. A legal limit does not move. Whoever decides may take
    /// longer than the clock: what lapsed meanwhile runs again where the new due instant is later.
    pub fn extend(&self, calendar: &Calendar, at: Instant, by: Limit) -> Result<Clock, ClockError> {
        self.running_at(at)?;
        let mut clock = self.clone();
        clock.extensions.push(by);
        Ok(clock.counted_again(calendar))
    }

    /// Leaves a past span out of the count, whatever the state: an outage, a return that was granted. What lapsed or was
    /// late only because of it is no longer so.
    pub fn exclude(&self, calendar: &Calendar, span: Excluded) -> Result<Clock, ClockError> {
        if span.to <= span.from {
            return Err(ClockError::EmptySpan { from: span.from, to: span.to });
        }
        let mut clock = self.clone();
        if !clock.excluded.contains(&span) {
            clock.excluded.push(span);
        }
        Ok(clock.counted_again(calendar))
    }

    /// Records that the clock ran out, seen at `now`; effective at the due instant.
    pub fn lapse(&self, now: Instant) -> Result<Clock, ClockError> {
        match self.state {
            ClockState::Running if now > self.due.at => Ok(self.with(ClockState::Lapsed { since: self.due.at })),
            ClockState::Running => Err(ClockError::NotYetDue(self.due.at)),
            ClockState::Lapsed { since } => Err(ClockError::PastDue(since)),
            ended => Err(ClockError::Ended(ended.end().unwrap_or(now))),
        }
    }

    /// What was owed is done at `at`: met when that is not after the due instant.
    pub fn stop(&self, at: Instant) -> Result<Clock, ClockError> {
        self.open_at(at)?;
        Ok(self.with(self.judged(at)))
    }

    /// What was owed is owed no more.
    pub fn cancel(&self, at: Instant) -> Result<Clock, ClockError> {
        self.open_at(at)?;
        Ok(self.with(ClockState::Cancelled { at }))
    }

    /// A new round of the same duty, such as rework, with a limit of its own; the round before must have ended.
    pub fn restart(&self, calendar: &Calendar, at: Instant, limit: Limit) -> Result<Clock, ClockError> {
        match self.state.end() {
            Some(end) if at < end => Err(ClockError::Ended(end)),
            Some(_) => Ok(Clock::start(calendar, at, limit, self.legal)),
            None => Err(ClockError::NotYetDue(self.due.at)),
        }
    }

    /// The same clock by another calendar, such as one in which a list of holidays has been published since.
    pub fn recount(&self, calendar: &Calendar) -> Clock {
        self.clone().counted_again(calendar)
    }

    pub fn limit(&self) -> Limit {
        self.limit
    }

    pub fn legal(&self) -> Option<Limit> {
        self.legal
    }

    pub fn started(&self) -> Instant {
        self.started
    }

    pub fn extensions(&self) -> &[Limit] {
        &self.extensions
    }

    pub fn excluded(&self) -> &[Excluded] {
        &self.excluded
    }

    pub fn due(&self) -> Due {
        self.due
    }

    pub fn state(&self) -> ClockState {
        self.state
    }

    /// The end of the suspension that `at` lies in.
    pub fn suspended(&self, at: Instant) -> Option<Instant> {
        let within = |out: &&Excluded| out.stay == Stay::Suspension && out.from <= at && at < out.to;
        self.excluded.iter().find(within).map(|out| out.to)
    }

    /// Which limit the due instant comes from.
    pub fn binding(&self, calendar: &Calendar) -> Binding {
        match self.due_by_law(calendar) {
            Some(law) if law.at < self.due_by_matter(calendar).at => Binding::Legal,
            _ => Binding::Matter,
        }
    }

    /// How much has been counted up to `now`, or the end.
    pub fn used(&self, calendar: &Calendar, now: Instant) -> Spent {
        let until = self.state.end().map_or(now, |end| end.min(now)).max(self.started);
        calendar.elapsed_excluding(self.limit.unit(), self.started, until, &self.excluded)
    }

    /// How much is left at `now`; negative past due. No days left means due today.
    pub fn remaining(&self, calendar: &Calendar, now: Instant) -> Spent {
        let now = now.max(self.started);
        calendar.elapsed_excluding(self.limit.unit(), now, self.due.at, &self.excluded)
    }

    /// The instant at which `percent` of the time is used up: for a reminder.
    pub fn at_share(&self, calendar: &Calendar, percent: u8) -> Instant {
        calendar.at_share(self.limit.unit(), self.started, self.due.at, percent, &self.excluded)
    }

    fn running_at(&self, at: Instant) -> Result<(), ClockError> {
        self.open_at(at)?;
        if at > self.due.at { Err(ClockError::PastDue(self.due.at)) } else { Ok(()) }
    }

    fn open_at(&self, at: Instant) -> Result<(), ClockError> {
        match self.state.end() {
            Some(end) => Err(ClockError::Ended(end)),
            None if at < self.started => Err(ClockError::NotYetStarted(self.started)),
            None => Ok(()),
        }
    }

    fn with(&self, state: ClockState) -> Clock {
        Clock { state, ..self.clone() }
    }

    fn judged(&self, at: Instant) -> ClockState {
        if at <= self.due.at { ClockState::Met { at } } else { ClockState::Late { at, due: self.due.at } }
    }

    fn counted_again(mut self, calendar: &Calendar) -> Clock {
        let matter = self.due_by_matter(calendar);
        let before = self.due.at;
        self.due = match self.due_by_law(calendar) {
            Some(law) if law.at < matter.at => law,
            _ => matter,
        };
        self.state = match self.state {
            ClockState::Lapsed { .. } if self.due.at > before => ClockState::Running,
            ClockState::Lapsed { .. } => ClockState::Lapsed { since: self.due.at },
            // What was met once stays met: a list published later takes nothing back.
            ClockState::Late { at, .. } => self.judged(at),
            other => other,
        };
        self
    }

    fn due_by_matter(&self, calendar: &Calendar) -> Due {
        let mut limit = self.limit;
        let mut later: Vec<Limit> = Vec::new();
        for extension in &self.extensions {
            // Amounts of one unit are counted in one go, so that a last day that moved is not counted on from.
            match later.last().map_or(limit, |last| *last).plus(*extension) {
                Some(sum) => *later.last_mut().unwrap_or(&mut limit) = sum,
                None => later.push(*extension),
            }
        }
        let first = calendar.due_excluding(self.started, &limit, &self.excluded);
        later.iter().fold(first, |due, limit| {
            let next = calendar.due_excluding(due.at, limit, &self.excluded);
            Due { at: next.at, provisional: due.provisional || next.provisional }
        })
    }

    fn due_by_law(&self, calendar: &Calendar) -> Option<Due> {
        self.legal.map(|limit| calendar.due_excluding(self.started, &limit, &self.excluded))
    }
}

impl ClockState {
    /// When it ended; none while something is still owed.
    pub fn end(self) -> Option<Instant> {
        match self {
            ClockState::Running | ClockState::Lapsed { .. } => None,
            ClockState::Met { at } | ClockState::Late { at, .. } | ClockState::Cancelled { at } => Some(at),
        }
    }
}

#[cfg(test)]
mod tests;
