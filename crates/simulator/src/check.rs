//! The invariants of the house, held against a journal and its tables. Nothing is believed that can be worked out again.
//!
//! Each finds its planted fault: `tests/simulator/planted.rs`.

mod cards;
mod cases;
mod clocks;
mod facts;
mod handovers;
mod receipts;
mod streams;

use std::time::Duration;

use journal::log::{Log, LogError, LogKey};
use journal::receipt::ReceiptError;
use journal::verify::{Against, Finding, VerifyError, verify};
use journal::{JournalError, Sealer};
use kernel::{CalendarPlan, Instant};
use serde::Serialize;
use store::{Db, StoreError};

use self::streams::Ends;
use crate::run::Ran;

/// What the checks bring along.
pub struct Checks<'a> {
    pub db: &'a Db,
    pub sealer: &'a Sealer,
    pub log_key: &'a LogKey,
    pub plan: &'a CalendarPlan,
    /// The plan of whatever happened from a round on, where a list of holidays was published before it.
    pub later: Option<(Instant, &'a CalendarPlan)>,
    /// What was acknowledged; without it nothing can be said of what is lost or doubled.
    pub ran: Option<&'a Ran>,
    /// So many cases, and as many calls, cards and outages together, have their receipts made and checked.
    pub receipts: usize,
}

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    #[error("journal: {0}")]
    Journal(Finding),
    #[error("tables of {stream} are not what its facts make: {what}")]
    Tables { stream: String, what: String },
    #[error("{stream} version {version}: clock {clock} is due at {found}, a second calendar says {expected}")]
    Clock { stream: String, version: i64, clock: String, found: String, expected: String },
    #[error("{stream} version {version}: clock {clock} stands as {state}, which its due instant does not allow")]
    ClockState { stream: String, version: i64, clock: String, state: String },
    #[error("{stream} version {version} came before the fact before it, or counts before it came")]
    RanBack { stream: String, version: i64 },
    #[error("{stream} version {version} says something personal in its public body")]
    Personal { stream: String, version: i64 },
    #[error("{stream} version {version} cannot be read: {reason}")]
    Unreadable { stream: String, version: i64, reason: String },
    #[error("event {number} was acknowledged at position {position}, where neither a registration nor a call stands")]
    Lost { number: u64, position: i64 },
    #[error("{stream} was never acknowledged as a case or a call")]
    Doubled { stream: String },
    #[error("the number {number} stands {times} times")]
    NumberTwice { number: String, times: i64 },
    #[error("{facts} facts were acknowledged, {found} are there")]
    Facts { facts: u64, found: u64 },
    #[error("{stream}: clock {clock} ran out before the end, and nobody looked at it")]
    NotWatched { stream: String, clock: String },
    #[error("{stream}: clock {clock} counts an outage that was declared")]
    OutageCounted { stream: String, clock: String },
    #[error("{stream} is still {state} a day after its last limit")]
    CallOpen { stream: String, state: String },
    #[error("{stream}: {reason}")]
    Card { stream: String, reason: String },
    #[error("{stream} version {version}: a note was left while another waited, or taken by nobody else")]
    Handover { stream: String, version: i64 },
    #[error("the receipt of {stream}: {reason}")]
    Receipt { stream: String, reason: String },
}

/// What was checked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checked {
    pub facts: u64,
    /// Those of them that the timekeeper made.
    pub kept_time: u64,
    pub streams: u64,
    /// SHA-256 over the public bodies, stream by stream in the order of their names: see `docs/SIMULATOR.md`.
    pub hash: String,
    /// Due instants worked out a second time.
    pub clocks: u64,
    /// Cards whose evidence was looked up.
    pub cards: u64,
    pub receipts: u64,
    pub seconds: Seconds,
    #[serde(skip)]
    pub violations: Vec<Violation>,
    /// All, also those that are not listed.
    pub violated: u64,
}

/// How long each check took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Seconds {
    pub log: f64,
    pub journal: f64,
    pub facts: f64,
    pub cases: f64,
    pub cards: f64,
    pub tables: f64,
    pub receipts: f64,
}

#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
}

/// Violations that are listed; the rest are counted.
const LISTED: usize = 200;

impl Checked {
    fn add(&mut self, violation: Violation) {
        self.violated += 1;
        if self.violations.len() < LISTED {
            self.violations.push(violation);
        }
    }

    fn extend(&mut self, violations: impl IntoIterator<Item = Violation>) {
        violations.into_iter().for_each(|violation| self.add(violation));
    }
}

impl Checks<'_> {
    /// Brings the transparency log up to date, then checks everything. `now` measures how long each part takes; `progress` is
    /// told the name of each part as it begins.
    pub async fn run(
        &self,
        now: impl Fn() -> Duration,
        mut progress: impl FnMut(&'static str),
    ) -> Result<Checked, CheckError> {
        let mut checked = Checked::default();
        let mut seconds = Seconds::default();
        let mut begun = now();
        let mut took = |into: &mut f64| {
            let instant = now();
            *into = (instant - begun).as_secs_f64();
            begun = instant;
        };

        progress("log");
        match self.bring_log_up_to_date().await {
            // The log takes in nothing beyond a missing position; the journal's own check names it.
            Ok(()) | Err(LogError::Gap { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        took(&mut seconds.log);

        progress("journal");
        let key = Some(self.log_key.verifier());
        let against = Against { key, sealer: Some(self.sealer), witnessed: &[] };
        let verified = verify(self.db, against, |_, _| ()).await?;
        checked.violated += verified.more;
        checked.extend(verified.findings.into_iter().map(Violation::Journal));
        took(&mut seconds.journal);

        progress("facts");
        let ends = Ends::read(self.db, self.ran.and_then(|ran| ran.end)).await?;
        let found = facts::check(self.db, (self.plan, self.later), &ends, &mut checked).await?;
        took(&mut seconds.facts);

        progress("cases");
        cases::check(self.db, self.ran, &mut checked).await?;
        took(&mut seconds.cases);

        progress("cards");
        cards::check(self.db, &found.cards, &mut checked).await?;
        handovers::check(self.db, &mut checked).await?;
        took(&mut seconds.cards);

        progress("tables");
        match casework::compare(self.db).await {
            Ok(differences) => checked
                .extend(differences.into_iter().map(|one| Violation::Tables { stream: one.stream, what: one.what })),
            // A fact that cannot be read was named above; what its case should look like cannot be said.
            Err(JournalError::Unreadable { reason, .. }) => {
                checked.add(Violation::Tables { stream: "case".to_owned(), what: reason });
            }
            Err(error) => return Err(error.into()),
        }
        took(&mut seconds.tables);

        progress("receipts");
        receipts::check(self.db, self.log_key.verifier(), self.receipts, &found.streams, &mut checked).await?;
        took(&mut seconds.receipts);
        checked.seconds = seconds;
        Ok(checked)
    }

    async fn bring_log_up_to_date(&self) -> Result<(), LogError> {
        let log = Log::open(self.db, self.log_key.clone(), &[]).await?;
        log.integrate().await.map(|_| ())
    }
}
