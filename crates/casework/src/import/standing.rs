//! How imported cases stand, read back from the tables: for checks against the record they came from.

use std::collections::HashMap;

use journal::{Journal, JournalError};
use kernel::{ClockState, Instant};

use crate::case::{Case, ClockKey, Place};
use crate::store::read;

/// One imported case.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub place: Option<Place>,
    /// The file gave its fallback point.
    pub unplaced: bool,
    pub matter: Option<String>,
    pub lead: Option<String>,
    /// Due instant and state of the clock that the recorded target became.
    pub target: Option<(Instant, ClockState)>,
    pub closed: Option<Instant>,
}

/// Every case that came with an order of another system, by that order's number.
pub async fn standings(journal: &Journal) -> Result<HashMap<String, Standing>, JournalError> {
    let mut standings = HashMap::new();
    let mut after = String::new();
    loop {
        let cases = read::cases_after(&mut journal.db(), &after, 1_000).await?;
        let Some(last) = cases.last() else { return Ok(standings) };
        after = last.id.to_string();
        standings
            .extend(cases.into_iter().filter_map(|case| Some((case.outer.as_ref()?.order.clone(), standing(case)))));
    }
}

fn standing(case: Case) -> Standing {
    let clock = case.clocks.get(&ClockKey::Outer);
    Standing {
        target: clock.map(|timer| (timer.due_at(), timer.state())),
        closed: case.closed().map(|(_, at)| at),
        lead: case.lead().map(|lead| lead.organization.clone()),
        matter: case.matter.map(|matter| matter.code),
        unplaced: case.unplaced,
        place: case.place,
    }
}
