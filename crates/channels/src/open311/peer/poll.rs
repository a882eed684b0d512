//! Polling: when, how far, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use casework::Casework;
use district::Profile;
use district::open311::{Peer, PeerBy};
use jiff::SignedDuration;
use journal::{Journal, JournalError};
use kernel::{Chance, Instant};
use platform::Edge;
use platform::config::Secret;

use super::fetch::{self, FetchError};
use super::table::{self, Standing};
use super::theirs::Theirs;

/// Requests asked for at a time.
const PAGE: usize = 100;
/// Pages read in one poll; the next one goes on.
const PAGES: usize = 20;
/// Open requests asked for by their identifiers, in one poll.
const CHECKED: i64 = 50;
/// The longest time between polls of a peer that fails.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The specification has a span of 90 days, the last of which is today.
const BEGIN: SignedDuration = SignedDuration::from_hours(89 * 24);
/// What may come late on their clock, or be dated in the past by them.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// How often it is looked whether a poll is due.
const LOOK: Duration = Duration::from_secs(1);

/// Polls one other system.
#[derive(Clone)]
pub struct Poller {
    casework: Casework,
    profile: Arc<Profile>,
    peer: Arc<Peer>,
    key: Option<Secret>,
}

/// What came of a poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    pub seen: usize,
    /// Cases made.
    pub taken: usize,
    /// Cases that were brought in step.
    pub changed: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum PollError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("a command failed: {0}")]
    Command(String),
    #[error("it has more than {} requests that changed, in no order by which one could go on", PAGE * PAGES)]
    Unordered,
}

impl Poller {
    /// One for each peer of the profile; `keys` are those that peers want, by the key of the peer.
    pub fn all(casework: &Casework, profile: &Arc<Profile>, keys: &BTreeMap<String, Secret>) -> Vec<Poller> {
        let peers = profile.open311.iter().flat_map(|offered| &offered.peer);
        let poller = |peer: &Peer| Poller {
            casework: casework.clone(),
            profile: profile.clone(),
            key: keys.get(&peer.key).cloned(),
            peer: Arc::new(peer.clone()),
        };
        peers.map(poller).collect()
    }

    pub(super) fn casework(&self) -> &Casework {
        &self.casework
    }

    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    fn journal(&self) -> &Journal {
        self.casework.journal()
    }

    /// Polls whenever it is due, for as long as the process runs.
    pub async fn run(self, edge: Edge) {
        loop {
            match self.poll_if_due(&edge).await {
                Ok(Some(polled)) if polled.taken + polled.changed > 0 => {
                    tracing::info!(peer = self.peer.key, taken = polled.taken, changed = polled.changed, "polled");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(peer = self.peer.key, %error, "a poll failed"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Polls where it is due, and no other node does. After a failure the next poll is due later and later.
    pub async fn poll_if_due(&self, edge: &Edge) -> Result<Option<Polled>, PollError> {
        let (now, mut chance) = (edge.now(), edge.chance());
        let (db, key) = (self.journal().db(), self.peer.key.as_str());
        let interval = SignedDuration::from_secs(i64::from(self.peer.interval_seconds));
        let turn = table::take_turn(db, key, (now - BEGIN, now, now + interval)).await?;
        let Some(standing) = turn else { return Ok(None) };
        let mut polled = Polled::default();
        match self.poll(standing.clone(), edge, &mut polled).await {
            Ok(standing) => {
                table::keep(db, key, &Standing { failures: 0, ..standing }, now + interval).await?;
                Ok(Some(polled))
            }
            Err(error) => {
                let failures = standing.failures + 1;
                let next = now + wait(interval, failures, &mut chance);
                table::keep(db, key, &Standing { failures, ..standing }, next).await?;
                Err(error)
            }
        }
    }

    async fn poll(&self, mut standing: Standing, edge: &Edge, polled: &mut Polled) -> Result<Standing, PollError> {
        let now = edge.now();
        let (from, date): (&str, fn(&Theirs) -> Option<Instant>) = match self.peer.by {
            PeerBy::Updated => ("updated_after", |one| one.updated_at),
            PeerBy::Requested => ("start_date", |one| one.requested_at),
        };
        // Their instants may be cut to seconds.
        let begin = Instant::from_micros(standing.since.micros().div_euclid(1_000_000) * 1_000_000).to_string();
        let (mut newest, mut ordered, mut last, mut whole) = (standing.since, true, None, false);
        let mut first: Option<String> = None;
        for page in 1..=PAGES {
            let parameters = [(from, begin.clone()), ("page", page.to_string()), ("page_size", PAGE.to_string())];
            let requests = fetch::requests(&self.peer, self.key.as_ref(), &parameters).await?;
            // One that knows no pages says the same again.
            let again = requests.first().is_some_and(|one| first.as_ref() == Some(&one.id));
            if requests.is_empty() || again {
                whole = true;
                break;
            }
            first = requests.first().map(|one| one.id.clone());
            for theirs in &requests {
                let at = date(theirs);
                ordered &= at >= last;
                last = at;
                newest = newest.max(at.unwrap_or(newest));
                self.meet(theirs, edge, polled).await?;
            }
            if requests.len() < PAGE {
                whole = true;
                break;
            }
        }
        if !whole && !ordered {
            return Err(PollError::Unordered);
        }
        // A clock that is ahead there does not make anything be passed over.
        standing.since = if whole { now - OVERLAP } else { newest.min(now) };
        if self.peer.by == PeerBy::Requested {
            standing.checked = self.check_open(&standing.checked, edge, polled).await?;
        }
        Ok(standing)
    }

    async fn meet(&self, theirs: &Theirs, edge: &Edge, polled: &mut Polled) -> Result<(), PollError> {
        polled.seen += 1;
        let taken = table::taken(&mut self.journal().db(), &self.peer.key, &theirs.id).await;
        match taken.map_err(JournalError::from)? {
            None => polled.taken += usize::from(self.take(theirs, edge).await?),
            Some(taken) => polled.changed += usize::from(self.step(theirs, &taken, edge).await?),
        }
        Ok(())
    }

    /// Asks after some open ones by their identifiers; gives the last, or nothing when all have been asked after.
    async fn check_open(&self, after: &str, edge: &Edge, polled: &mut Polled) -> Result<String, PollError> {
        let open = table::open_after(self.journal().db(), &self.peer.key, after, CHECKED).await?;
        if open.is_empty() {
            return Ok(String::new());
        }
        let parameters = [("service_request_id", open.join(","))];
        for theirs in fetch::requests(&self.peer, self.key.as_ref(), &parameters).await? {
            if open.contains(&theirs.id) {
                self.meet(&theirs, edge, polled).await?;
            }
        }
        let is_last = (open.len() as i64) < CHECKED;
        Ok(if is_last { String::new() } else { open.into_iter().next_back().unwrap_or_default() })
    }
}

/// Twice as long after each failure, a tenth more or less by chance, so that many don't come back at once.
fn wait(interval: SignedDuration, failures: i64, chance: &mut Chance) -> SignedDuration {
    let doubled = interval.as_secs().saturating_mul(1_i64 << failures.clamp(0, 20));
    let seconds = doubled.min(LONGEST.as_secs().max(interval.as_secs()));
    SignedDuration::from_millis((seconds as f64 * 1_000.0 * (0.9 + 0.2 * chance.unit())) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_fails_is_left_alone_longer_and_longer() {
        let mut chance = Chance::seeded(1, "wait");
        let minute = SignedDuration::from_mins(1);
        for (failures, least, most) in [(1, 108, 132), (2, 216, 264), (6, 3_240, 3_960), (90, 3_240, 3_960)] {
            let seconds = wait(minute, failures, &mut chance).as_secs();
            assert!((least..=most).contains(&seconds), "{failures}: {seconds}");
        }
    }
}
