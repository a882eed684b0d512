//! Deliveries that are repeated, late, or overtaken.

use std::sync::Arc;

use journal::Way;
use store::Db;

use super::{Outcome, Trial, TrialError};

pub(super) async fn run(trial: &Trial, db: &Db) -> Result<Outcome, TrialError> {
    let way = Arc::new(Way::repeating(trial.settings.seed));
    let ran = trial.live(db, Some(way.clone())).await?;
    way.settle().await;
    let mut outcome = trial.check(db, &ran).await?;
    outcome.violations.extend(way.wrong());
    Ok(outcome.hits(way.counts()))
}
