//! The log's place among the readers of the tail: it follows the journal's end for as long as the process runs.

use std::time::Duration;

use kernel::Instant;
use store::Waiter;

use super::LogError;
use super::integrate::Log;
use super::witness::{Witness, tell_witnesses};

/// Takes in and signs what is committed, at most once in `pause`, and tells the witnesses; never returns. A failure is
/// logged and tried again: until it is mended nothing is signed, and receipts of newer facts stay pending.
///
/// `now` is the edge's clock, for the witnesses' pauses alone.
pub async fn follow(
    log: Log,
    witnesses: Vec<Box<dyn Witness>>,
    mut waiter: Waiter,
    pause: Duration,
    now: impl Fn() -> Instant,
) {
    let mut failed = false;
    loop {
        let step = step(&log, &witnesses, now()).await;
        match step {
            Ok(()) => failed = false,
            Err(error) if failed => tracing::debug!(%error, "the transparency log still cannot go on"),
            Err(error) => {
                failed = true;
                tracing::error!(%error, "the transparency log cannot go on");
            }
        }
        metrics::gauge!("huying_log_failing").set(f64::from(u8::from(failed)));
        tokio::time::sleep(pause).await;
        waiter.wait().await;
    }
}

async fn step(log: &Log, witnesses: &[Box<dyn Witness>], now: Instant) -> Result<(), LogError> {
    log.integrate().await?;
    let size = log.reader().integrated().await?.map_or(0, |(size, _)| size);
    metrics::gauge!("huying_log_entries").set(size as f64);
    tell_witnesses(log.reader(), log.verifier(), witnesses, now).await
}
