//! The timekeeper beside the served district: clocks that are due, the cards that follow, outages that were declared.

use std::time::Duration;

use casework::Watch;

use crate::open::District;

/// How often it looks for what is due.
const PAUSE: Duration = Duration::from_secs(1);

/// Keeps time for as long as the process runs. What fails is tried again at the next look: nothing is lost, since what is
/// due stays due.
pub fn start(district: &District) {
    let watch = Watch::new(district.casework.clone(), district.profile.clone());
    let edge = district.edge.clone();
    tokio::spawn(async move {
        // The profile may have a list of holidays that it had not when the district was served last.
        loop {
            match watch.recount(edge.now()).await {
                Ok(0) => break,
                Ok(changed) => {
                    tracing::info!(changed, "due instants were counted again by a list of holidays");
                    break;
                }
                Err(casework::TimeError::Closed) => return,
                Err(error) => tracing::warn!(%error, "provisional due instants could not be counted again"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            match watch.keep_time(edge.now()).await {
                Ok(_) => {}
                Err(casework::TimeError::Closed) => return,
                Err(error) => tracing::warn!(%error, "the timekeeper could not act"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
}
