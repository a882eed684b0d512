//! What must hold when a stream has been read to its end: no clock that nobody looked at, no outage counted, no call that
//! goes on for ever.

use std::collections::BTreeMap;

use casework::call::{Call, CallFact};
use casework::case::Timer;
use casework::outage::{Outage, OutageFact};
use jiff::SignedDuration;
use journal::{JournalError, tail};
use kernel::{Excluded, Instant, Stay};
use store::Db;

use super::Violation;

/// A day after its last limit a call is over.
const CALL_IS_OVER_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What streams are held to at their end.
pub(super) struct Ends {
    /// When the run ended; none where that is not known.
    end: Option<Instant>,
    /// Outages that were declared and applied.
    outages: Vec<Excluded>,
}

impl Ends {
    pub async fn read(db: &Db, end: Option<Instant>) -> Result<Ends, JournalError> {
        let mut outages: Vec<Outage> = Vec::new();
        let mut after = (String::new(), 0);
        loop {
            let facts = tail::by_stream(&mut &*db, "outage/", (&after.0, after.1), 1_000).await?;
            let Some(last) = facts.last() else { break };
            after = (last.stream.clone(), last.version);
            for fact in &facts {
                // One that cannot be read is named by the pass over all facts.
                let Ok(read) = fact.read::<OutageFact>() else { continue };
                let id = fact.stream.strip_prefix("outage/").and_then(|id| id.parse().ok());
                match (outages.last_mut().filter(|one| Some(one.id) == id), id) {
                    (Some(one), _) => one.apply(&read),
                    (None, Some(id)) => outages.extend(Outage::begin(id, &read)),
                    (None, None) => {}
                }
            }
        }
        let applied = outages.iter().filter(|one| one.applied_at.is_some());
        let span = |one: &Outage| Excluded { from: one.from, to: one.until, stay: Stay::Outage };
        Ok(Ends { end, outages: applied.map(span).collect() })
    }
}

/// One stream as far as it has been read.
#[derive(Default)]
pub(super) struct Stream {
    pub name: String,
    /// Every clock as the last fact about it left it.
    pub clocks: BTreeMap<String, Timer>,
    call: Option<Call>,
}

impl Stream {
    pub fn named(name: &str) -> Stream {
        Stream { name: name.to_owned(), ..Stream::default() }
    }

    pub fn hear(&mut self, fact: &CallFact) {
        match &mut self.call {
            Some(call) => call.apply(fact),
            None => {
                let id = self.name.strip_prefix("call/").and_then(|id| id.parse().ok());
                self.call = id.and_then(|id| Call::begin(id, fact));
            }
        }
    }

    /// What must not be, now that it has been read to its end.
    pub fn end(&self, ends: &Ends) -> Vec<Violation> {
        let mut violations = Vec::new();
        let stream = || self.name.clone();
        for (clock, timer) in &self.clocks {
            if ends.end.is_some_and(|end| timer.is_running() && timer.due_at() < end) {
                violations.push(Violation::NotWatched { stream: stream(), clock: clock.clone() });
            }
            if ends.outages.iter().any(|outage| counts(timer, outage)) {
                violations.push(Violation::OutageCounted { stream: stream(), clock: clock.clone() });
            }
        }
        let due = self.clocks.values().map(Timer::due_at).max();
        if let (Some(call), Some(end)) = (&self.call, ends.end) {
            let last = due.map_or(call.raised_at, |due| due.max(call.raised_at));
            if !call.is_over() && last + CALL_IS_OVER_WITHIN < end {
                violations.push(Violation::CallOpen { stream: stream(), state: call.state().to_owned() });
            }
        }
        violations
    }
}

/// Whether a clock by a limit ran in an outage that is not left out of it.
fn counts(timer: &Timer, outage: &Excluded) -> bool {
    let Some(clock) = timer.clock() else { return false };
    let ran = clock.started() < outage.to && clock.state().end().is_none_or(|end| end > outage.from);
    ran && !clock.excluded().contains(outage)
}
