//! A district that has been at work for a while, for a first look.

use std::sync::Arc;

use casework::Casework;
use district::Profile;
use jiff::SignedDuration;
use kernel::Instant;

use crate::run::{Keys, Progress, Ran, Settings, Simulation, SimulationError};
use crate::town::{Town, TownError};

#[derive(Debug, thiserror::Error)]
pub enum FillError {
    #[error(transparent)]
    Town(#[from] TownError),
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

/// Lets the district live through the `days` days that end at `now`. All people and words in it are marked as simulated.
pub async fn fill(
    profile: Arc<Profile>,
    casework: Casework,
    seed: u64,
    days: u32,
    now: Instant,
    progress: impl FnMut(Progress),
) -> Result<Ran, FillError> {
    let from = now - SignedDuration::from_hours(24 * i64::from(days));
    let town = Arc::new(Town::new(profile, seed, from, days)?);
    let settings =
        Settings { seed, from, days, events_per_day: None, keys: Keys::Intake, tries: 3, window_minutes: 60 };
    Ok(Simulation::new(town, casework, settings).run(progress).await?)
}
