//! Deliveries that are repeated, late, or overtaken; and acts that reach the server long after they were done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::SignedDuration;
use journal::Way;
use kernel::{Chance, Instant};
use store::Db;

use super::{Outcome, Trial, TrialError};
use crate::lives::Step;

pub(super) async fn repeated(trial: &Trial, db: &Db) -> Result<Outcome, TrialError> {
    let way = Arc::new(Way::repeating(trial.settings.seed));
    let ran = trial.live(db, Some(way.clone())).await?;
    way.settle().await;
    let mut outcome = trial.check(db, &ran).await?;
    outcome.violations.extend(way.wrong());
    Ok(outcome.hits(way.counts()))
}

pub(super) async fn delayed(trial: &Trial, db: &Db) -> Result<Outcome, TrialError> {
    let delays = Delays { seed: trial.settings.seed, count: Arc::default() };
    let ran = trial.simulation(db, None)?.delayed(delays.clone()).run(|_| ()).await?;
    let outcome = trial.check(db, &ran).await?;
    Ok(outcome.hits([("delayed", delays.count.load(Ordering::Relaxed))]))
}

/// A third of what people do comes minutes late, before the timekeeper's next round, and claims the instant at which it was
/// done, as a device without network does.
#[derive(Clone)]
pub(crate) struct Delays {
    seed: u64,
    count: Arc<AtomicU64>,
}

impl Delays {
    pub fn delay(&self, step: &mut Step, label: &str, latest: Instant) {
        let mut chance = Chance::seeded(self.seed, &format!("delay/{label}"));
        let late = step.at + SignedDuration::from_secs(60 + chance.below(50 * 60) as i64);
        if step.is_look() || !chance.happens(0.33) || late >= latest {
            return;
        }
        step.claimed_at.get_or_insert(step.at);
        step.at = late;
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}
