//! Districts that begin with many cases: a loader writes the facts, a rebuild makes the tables.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::Instant;
use store::{Durability, Options};

use super::history::{Historian, Stock, facts};
use super::place::Place;
use crate::failure::Failure;
use crate::output::Output;

/// Fills the new database `name` and gives the number of its facts. Loading need not survive a power cut.
pub async fn put(place: &Place, name: &str, stocks: Vec<Stock>, output: &Output) -> Result<u64, Failure> {
    let db = place.database(name, Options { durability: Durability::ProcessOnly, ..Options::default() }).await?;
    let cases = stocks.iter().map(|stock| stock.count).sum::<u64>();
    let bar = output.progress("bench-loading", 0);
    let loaded = journal::load::load(&db, facts(stocks), |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    let bar = output.progress("rebuilding", 0);
    bar.enable_steady_tick(Duration::from_millis(200));
    let rebuilt = casework::rebuild(&db).await?;
    db.vacuum().await?;
    bar.finish_and_clear();
    db.close().await;
    if rebuilt != cases {
        return Err(Failure::Other(format!("{rebuilt} cases were made of {cases}")));
    }
    Ok(loaded)
}

/// An instant when offices have been open for an hour, in the newest year whose days off the profile knows for sure.
pub fn weekday_morning(historian: &Historian) -> Instant {
    let calendar = &historian.profile.calendar;
    let march: Instant = "2026-03-02T00:00:00Z".parse().expect("an instant");
    calendar.next_open(march) + SignedDuration::from_hours(1)
}
