//! The log of a running district: takes in new positions, signs, and refuses to contradict itself.

use std::sync::Arc;

use kernel::Digest;
use store::{Db, Tx};
use tokio::sync::Mutex;

use super::LogError;
use super::checkpoint::{Checkpoint, Succession};
use super::key::{LogKey, VerifierKey};
use super::reader::LogReader;
use super::tables::{self, State};
use super::tree::{Edge, Tiles};

/// Positions taken in at most in one transaction.
const BATCH: u32 = 16_384;

/// The log with its signing key. Cheap to clone. Several nodes may hold one: each step is taken by one of them.
#[derive(Clone, Debug)]
pub struct Log {
    reader: LogReader,
    key: Arc<LogKey>,
    edge: Arc<Mutex<Edge>>,
}

impl Log {
    /// Opens the log of `db`, or begins it, and takes in what the journal holds already.
    ///
    /// `witnessed` are the newest checkpoints that others hold, as texts signed by this log. The log is refused, and so
    /// nothing more is signed, when one of them has more entries than the journal, or another root for the same number: the
    /// database is then an older or another one than the one signed for. [`super::begin_anew`] is the way out.
    pub async fn open(db: &Db, key: LogKey, witnessed: &[String]) -> Result<Log, LogError> {
        let reader = LogReader::new(db.clone());
        let mut tx = db.begin().await?;
        tables::begin(&mut tx, key.origin(), Edge::default().root()).await?;
        tx.commit().await?;
        let state = reader.state().await?;
        if state.origin != key.origin() {
            return Err(LogError::OtherKey { key: key.origin().to_owned(), database: state.origin });
        }
        let edge = Arc::new(Mutex::new(Edge::default()));
        let log = Log { reader, key: Arc::new(key), edge };
        log.assert_own_checkpoint(&state).await?;
        log.reload(&mut *log.edge.lock().await, &state).await?;
        while log.take_in().await? {}
        let floor = tables::floor(&mut log.reader.db()).await?;
        for text in witnessed.iter().chain(&floor) {
            log.assert_continues(text).await?;
        }
        log.sign().await?;
        Ok(log)
    }

    /// Keeps `witnessed`, the newest checkpoint that the outside holds, in a database just restored: from then on the log is
    /// opened only if it continues that, or as another log that names the old ([`super::begin_anew`]).
    pub async fn set_floor(db: &Db, witnessed: &Checkpoint) -> Result<(), LogError> {
        let mut tx = db.begin().await?;
        tables::begin(&mut tx, &witnessed.origin, Edge::default().root()).await?;
        tables::set_floor(&mut tx, &witnessed.text).await?;
        Ok(tx.commit().await?)
    }

    pub fn reader(&self) -> &LogReader {
        &self.reader
    }

    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Takes in all positions committed so far and signs for them. The new checkpoint, where there is one.
    pub async fn integrate(&self) -> Result<Option<Checkpoint>, LogError> {
        while self.take_in().await? {}
        self.sign().await
    }

    /// Takes in the next batch, durably; false when nothing was waiting.
    async fn take_in(&self) -> Result<bool, LogError> {
        let mut edge = self.edge.lock().await;
        let state = self.reader.state().await?;
        if state.origin != self.key.origin() {
            return Err(LogError::OtherKey { key: self.key.origin().to_owned(), database: state.origin });
        }
        if state.size != edge.size() {
            self.reload(&mut edge, &state).await?;
        }
        let entries = tables::hashes(&mut self.reader.db(), state.size, BATCH).await?;
        if entries.is_empty() {
            return Ok(false);
        }
        let (mut next, mut full) = (edge.clone(), Tiles::new());
        for (position, hash) in entries {
            if position as u64 != next.size() + 1 {
                return Err(LogError::Gap { position: next.size() + 1 });
            }
            next.append(&tables::digest(&hash), &mut full);
        }
        let mut tx = self.reader.db().begin().await?;
        if self.store(&mut tx, &state, &next, &full).await? {
            tx.commit().await?;
            *edge = next;
        } else {
            // Another node took this step; the next call starts from what it left.
            tx.rollback().await?;
        }
        Ok(true)
    }

    async fn store(&self, tx: &mut Tx, old: &State, next: &Edge, full: &Tiles) -> Result<bool, LogError> {
        if !tables::advance(tx, old, next.size(), next.root()).await? {
            return Ok(false);
        }
        let tiles = full.iter().map(|(place, data)| (*place, data.as_slice())).chain(next.partial());
        tables::put_tiles(tx, tiles).await?;
        Ok(true)
    }

    /// Signs for what has been taken in, which is durable by now, unless it was signed for already.
    async fn sign(&self) -> Result<Option<Checkpoint>, LogError> {
        let state = self.reader.state().await?;
        if state.signed_size >= state.size as i64 || state.origin != self.key.origin() {
            return Ok(None);
        }
        if let Some(text) = &state.checkpoint {
            let signed = Checkpoint::open(text, self.key.verifier())?;
            self.reader.assert_prefix((state.size, state.root), (signed.size, signed.root)).await?;
        }
        let succeeds = state.succeeds.as_deref().map(str::parse).transpose()?;
        let checkpoint = Checkpoint::sign(&self.key, state.size, state.root, succeeds.as_ref());
        let mut tx = self.reader.db().begin().await?;
        let published = tables::publish(&mut tx, &state.origin, state.size, &checkpoint.text).await?;
        tx.commit().await?;
        Ok(published.then_some(checkpoint))
    }

    async fn reload(&self, edge: &mut Edge, state: &State) -> Result<(), LogError> {
        let tiles = tables::tiles(&mut self.reader.db(), Edge::places(state.size)).await?;
        let loaded = Edge::load(state.size, &tiles)?;
        if loaded.root() != state.root {
            return Err(super::TreeError::Root { size: state.size }.into());
        }
        *edge = loaded;
        Ok(())
    }

    async fn assert_own_checkpoint(&self, state: &State) -> Result<(), LogError> {
        let end = tables::journal_end(&mut self.reader.db()).await?;
        if end < state.size {
            return Err(LogError::JournalShorter { journal: end, log: state.size });
        }
        match &state.checkpoint {
            Some(text) => {
                let signed = Checkpoint::open(text, self.key.verifier())?;
                if signed.size > state.size {
                    return Err(LogError::Behind { witnessed: signed.size, log: state.size });
                }
                self.reader.assert_prefix((state.size, state.root), (signed.size, signed.root)).await
            }
            None => Ok(()),
        }
    }

    /// That a checkpoint someone else holds is one this log continues.
    async fn assert_continues(&self, witnessed: &str) -> Result<(), LogError> {
        let state = self.reader.state().await?;
        let ancestor: Option<Succession> = state.succeeds.as_deref().map(str::parse).transpose()?;
        if let (Some(ancestor), Some((origin, size))) = (&ancestor, Checkpoint::peek(witnessed))
            && origin == ancestor.origin
            && size <= ancestor.size
        {
            // Of the log this one succeeds, and it says so itself up to there.
            return Ok(());
        }
        let seen = Checkpoint::open(witnessed, self.key.verifier())?;
        if seen.size > state.size {
            return Err(LogError::Behind { witnessed: seen.size, log: state.size });
        }
        self.reader.assert_prefix((state.size, state.root), (seen.size, seen.root)).await
    }
}

/// Size and root.
pub(super) type Tree = (u64, Digest);
