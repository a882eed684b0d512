//! The log's place among the readers of the tail: it follows the journal's end for as long as the process runs.

use std::time::Duration;

use kernel::Instant;
use store::Waiter;

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
        let step = match log.integrate().await {
            Ok(_) => tell_witnesses(log.reader(), log.verifier(), &witnesses, now()).await,
            Err(error) => Err(error),
        };
        match step {
            Ok(()) => failed = false,
            Err(error) if failed => tracing::debug!(%error, "the transparency log still cannot go on"),
            Err(error) => {
                failed = true;
                tracing::error!(%error, "the transparency log cannot go on");
            }
        }
        tokio::time::sleep(pause).await;
        waiter.wait().await;
    }
}
