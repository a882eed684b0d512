//! Where time and chance come from: the one place that reads the clock and the system's entropy.

use std::sync::{Arc, Mutex};

use journal::{Key, Submission};
use kernel::{Chance, Instant};

/// The clock and the entropy of a running program. Tests and simulations put their own in.
#[derive(Clone)]
pub struct Edge {
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
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
        Edge { clock: Arc::new(clock), chance: Arc::new(Mutex::new(chance)) }
    }

    pub fn now(&self) -> Instant {
        (self.clock)()
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
