//! Where time and chance come from: the one place that reads the clock and the system's entropy.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use journal::{Key, Submission};
use kernel::{Chance, Instant};

/// The clock and the entropy of a running program. Tests and simulations put their own in. Clones share both.
#[derive(Clone)]
pub struct Edge {
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// Microseconds of the latest instant given.
    latest: Arc<AtomicI64>,
    chance: Arc<Mutex<Chance>>,
}

impl Edge {
    /// The system's clock and entropy.
    pub fn system() -> Result<Edge, getrandom::Error> {
        let mut entropy = [0; 32];
        getrandom::fill(&mut entropy)?;
        Ok(Edge::new(system_clock, Chance::from_entropy(entropy)))
    }

    pub fn new(clock: impl Fn() -> Instant + Send + Sync + 'static, chance: Chance) -> Edge {
        let latest = Arc::new(AtomicI64::new(i64::MIN));
        Edge { clock: Arc::new(clock), latest, chance: Arc::new(Mutex::new(chance)) }
    }

    /// Never before an instant given earlier: where the clock is put back, instants stand still until it has caught up.
    pub fn now(&self) -> Instant {
        let now = (self.clock)();
        Instant::from_micros(self.latest.fetch_max(now.micros(), Ordering::Relaxed)).max(now)
    }

    /// Gives no instant before `floor`, such as that of the journal's newest fact. How far the clock is behind it.
    pub fn not_before(&self, floor: Instant) -> Option<SignedDuration> {
        self.latest.fetch_max(floor.micros(), Ordering::Relaxed);
        let behind = floor.since((self.clock)());
        behind.is_positive().then_some(behind)
    }

    /// A stream of chance of its own for one request.
    pub fn chance(&self) -> Chance {
        self.chance.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).split()
    }

    /// What a command is submitted with now.
    pub fn submission(&self, key: Option<Key>) -> Submission {
        Submission { at: self.now(), chance: self.chance(), key }
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the edge")]
fn system_clock() -> Instant {
    Instant::from_timestamp(jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_stand_still_where_the_clock_is_put_back() {
        let clock = Arc::new(AtomicI64::new(50));
        let read = clock.clone();
        let edge = Edge::new(move || Instant::from_micros(read.load(Ordering::Relaxed)), Chance::seeded(1, "edge"));
        let at = |micros| {
            clock.store(micros, Ordering::Relaxed);
            edge.now().micros()
        };
        assert_eq!([at(50), at(90), at(20), at(89), at(91)], [50, 90, 90, 90, 91]);
        assert_eq!(edge.not_before(Instant::from_micros(100)), Some(SignedDuration::from_micros(9)));
        assert_eq!(edge.clone().now().micros(), 100, "clones share the latest instant");
        assert_eq!(edge.not_before(Instant::from_micros(60)), None);
    }
}
