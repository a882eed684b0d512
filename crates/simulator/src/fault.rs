//! The same days again under one kind of fault: every invariant has to hold all the same.
//!
//! Processes that end at a numbered write are started by the binary; what can be done within one process is here.

mod clock;
mod connections;
mod deliveries;
mod disk;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use casework::{Casework, TimeError};
use district::Profile;
use journal::backup::BackupError;
use journal::log::{KeyError, LogKey};
use journal::{Journal, JournalError, MasterKey, Sealer, Way, WriterOptions};
use kernel::Chance;
use store::{Db, Migration, StoreError};

use crate::check::{CheckError, Checked, Checks};
use crate::run::{Keys, Ran, Settings, Simulation, SimulationError};
use crate::town::{Town, TownError};

pub(crate) use deliveries::Delays;

/// Days to be lived through, each time in an empty journal.
#[derive(Clone)]
pub struct Trial {
    pub profile: Arc<Profile>,
    pub settings: Settings,
    /// The tables of the databases it runs on, those of slices it knows nothing of among them.
    pub migrations: Vec<Migration>,
}

/// What came of one trial.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How often each thing happened.
    pub hits: BTreeMap<String, u64>,
    pub events: u64,
    pub facts: u64,
    pub hash: String,
    /// Everything that must never be, in words.
    pub violations: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    #[error(transparent)]
    Town(#[from] TownError),
    #[error(transparent)]
    Rulebook(#[from] casework::RulebookError),
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    #[error(transparent)]
    Time(#[from] TimeError),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the loopback proxy: {0}")]
    Proxy(#[source] std::io::Error),
    #[error("the address of the database names no host to stand in for")]
    Address,
}

/// How often a run that was cut off is taken up.
const TAKEN_UP: u64 = 500;

impl Trial {
    /// No fault at all: what the others are held against.
    pub async fn calm(&self, db: &Db) -> Result<Outcome, TrialError> {
        let ran = self.live(db, None).await?;
        self.check(db, &ran).await
    }

    /// Deliveries come twice, together, once more when it is long past, or overtaken by others. The hash is that of calm days.
    pub async fn deliveries(&self, db: &Db) -> Result<Outcome, TrialError> {
        deliveries::repeated(self, db).await
    }

    /// What people do reaches the server late, with the instant it claims. The instants differ, and so does the hash.
    pub async fn delays(&self, db: &Db) -> Result<Outcome, TrialError> {
        deliveries::delayed(self, db).await
    }

    /// The server's clock jumps back and forth by hours. The instants differ, and so does the hash.
    pub async fn clock(&self, db: &Db) -> Result<Outcome, TrialError> {
        clock::run(self, db).await
    }

    /// Room runs out again and again, and is made. The hash is that of calm days. `folder` is for copies.
    pub async fn disk(&self, db: &Db, folder: &Path) -> Result<Outcome, TrialError> {
        disk::run(self, db, folder).await
    }

    /// Connections to PostgreSQL break, in the middle of commits too. The hash is that of calm days. None on SQLite, which has no
    /// connection to lose.
    pub async fn connections(&self, db: &Db) -> Result<Option<Outcome>, TrialError> {
        connections::run(self, db).await
    }

    async fn live(&self, db: &Db, way: Option<Arc<Way>>) -> Result<Ran, TrialError> {
        Ok(self.simulation(db, way)?.run(|_| ()).await?)
    }

    fn simulation(&self, db: &Db, way: Option<Arc<Way>>) -> Result<Simulation, TrialError> {
        let Settings { seed, from, days, .. } = self.settings;
        let town = Arc::new(Town::new(self.profile.clone(), seed, from, days)?);
        let settings = Settings { keys: Keys::All, ..self.settings.clone() };
        Ok(Simulation::new(town, self.casework(db, way)?, settings))
    }

    fn casework(&self, db: &Db, way: Option<Arc<Way>>) -> Result<Casework, TrialError> {
        let journal = Journal::start(db.clone(), self.master(), WriterOptions::default()).on(way);
        Ok(Casework::new(journal, casework::rulebook(&self.profile)?))
    }

    /// The same, taken up again whenever it is cut off; with how often that was.
    async fn live_on(&self, db: &Db, way: &Arc<Way>) -> Result<(Ran, u64), TrialError> {
        for taken_up in 0.. {
            match self.live(db, Some(way.clone())).await {
                Err(TrialError::Simulation(reason)) if taken_up < TAKEN_UP => {
                    tracing::debug!(%reason, taken_up, "the run was cut off");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                ended => return Ok((ended?, taken_up)),
            }
        }
        unreachable!("the loop returns")
    }

    async fn check(&self, db: &Db, ran: &Ran) -> Result<Outcome, TrialError> {
        let checked = self.checked(db, Some(ran)).await?;
        let Checked { hash, violations, .. } = checked;
        let violations = violations.iter().map(ToString::to_string).collect();
        let (events, facts) = (ran.tally.events, ran.tally.facts);
        Ok(Outcome { hits: BTreeMap::new(), events, facts, hash, violations })
    }

    async fn checked(&self, db: &Db, ran: Option<&Ran>) -> Result<Checked, TrialError> {
        let sealer = Sealer::new(self.master());
        let seed = self.chance("log key").bytes();
        let log_key = LogKey::from_seed(&format!("huying/{}", self.profile.settings.code), seed)?;
        let plan = self.profile.calendar.plan();
        let checks = Checks { db, sealer: &sealer, log_key: &log_key, plan, later: None, ran, receipts: 20 };
        Ok(checks.run(|| Duration::ZERO, |_| ()).await?)
    }

    /// Nothing that is kept: the district is gone with the trial.
    fn master(&self) -> MasterKey {
        MasterKey::draw(&mut self.chance("master key"))
    }

    fn chance(&self, of: &str) -> Chance {
        Chance::seeded(self.settings.seed, &format!("fault/{of}"))
    }
}

impl Outcome {
    fn hits<'a>(mut self, hits: impl IntoIterator<Item = (&'a str, u64)>) -> Outcome {
        self.hits.extend(hits.into_iter().map(|(what, count)| (what.to_owned(), count)));
        self
    }
}
