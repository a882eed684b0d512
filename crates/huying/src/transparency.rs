//! The district's transparency log as the commands open it: its key, its witnesses, its place among the readers of the tail.

use std::time::Duration;

use journal::log::{FileWitness, Log, LogKey, LogReader, Witness, follow, witnessed};
use platform::{Config, Edge};
use store::{Db, Faults, Waiter};

use crate::failure::Failure;
use crate::webhook::WebhookWitness;

/// New facts are signed for at most once in so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Those whom the configuration names.
pub fn witnesses(config: &Config, faults: &Faults) -> Result<Vec<Box<dyn Witness>>, Failure> {
    let mut witnesses: Vec<Box<dyn Witness>> = Vec::new();
    for file in &config.witness_files {
        witnesses.push(Box::new(FileWitness::new(file, faults.clone())));
    }
    for address in &config.witness_webhooks {
        witnesses.push(Box::new(WebhookWitness::new(address).map_err(Failure::other)?));
    }
    Ok(witnesses)
}

/// Opens the log, which takes in and signs what is committed so far. Refused when a witness knows of more, or of another log.
pub async fn open(db: &Db, key: LogKey, witnesses: &[Box<dyn Witness>]) -> Result<Log, Failure> {
    let held = witnessed(witnesses, key.verifier()).await;
    Log::open(db, key, &held).await.map_err(Failure::other)
}

/// Whether the database has a log, so that there is a key somewhere which a new one would not replace.
pub async fn has_begun(db: &Db) -> Result<bool, Failure> {
    Ok(LogReader::new(db.clone()).integrated().await.map_err(Failure::other)?.is_some())
}

/// Opens the log and lets it follow the journal for as long as the process runs.
pub async fn start(config: &Config, db: &Db, key: LogKey, waiter: Waiter, edge: Edge) -> Result<LogReader, Failure> {
    let witnesses = witnesses(config, db.faults())?;
    let log = open(db, key, &witnesses).await?;
    let reader = log.reader().clone();
    tokio::spawn(follow(log, witnesses, waiter, PAUSE, move || edge.now()));
    Ok(reader)
}
