//! A whole file, row by row.

use std::io;
use std::path::{Path, PathBuf};

use district::Profile;
use district::requests::{Read, Reader, ReaderError, Request, RequestMap, Row, SheetError};
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use journal::SubmitError;
use kernel::Digest;
use platform::Edge;

use super::position::{Counts, Keeper, Position};
use super::rejects::Rejects;
use super::{History, ImportRefusal, Imported, Importer, LookUp};
use crate::Casework;
use crate::case::Location;

/// Rows on their way through the writer at once, so that it can group them.
const IN_FLIGHT: usize = 256;

/// Rows after which the position is kept.
const STRIDE: u64 = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Reader(#[from] ReaderError),
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error("cannot keep {}", path.display())]
    Keep { path: PathBuf, source: io::Error },
    #[error("row {row} could not be stored: {reason}")]
    Store { row: u64, reason: String },
}

/// What to import, and where to keep what has to be remembered.
pub struct Import<'a> {
    pub casework: &'a Casework,
    pub profile: &'a Profile,
    pub edge: &'a Edge,
    pub file: &'a Path,
    pub map: &'a RequestMap,
    /// The position file.
    pub position: PathBuf,
    /// The rejects file.
    pub rejects: PathBuf,
}

/// A row on its way.
struct Settled {
    row: Row,
    unplaced: bool,
    outcome: Result<Imported, SubmitError<ImportRefusal>>,
}

impl Import<'_> {
    /// Imports every row after the kept position. `watch` is told of each row settled and may show how far it is. Dropping
    /// the future at any time loses nothing: rows in between are asked for again and are known.
    pub async fn run(&self, mut reader: Reader, mut watch: impl FnMut(&Counts)) -> Result<Counts, ImportError> {
        let faults = self.casework.journal().db().faults();
        let keeper = Keeper { path: self.position.clone(), faults: faults.clone() };
        let start = Position::start(self.file, &self.map.source.name).map_err(cannot_keep(self.file))?;
        let mut position = keeper.resume(start);
        let width = reader.header().len();
        let mut rejects = Rejects::open(&self.rejects, reader.header(), position.rejects, faults.clone())
            .map_err(cannot_keep(&self.rejects))?;
        let importer = Importer::new(self.casework, &self.map.source.name);
        let look_up = LookUp::new(self.profile, self.map);
        let done = position.counts.rows;
        let mut on_their_way = FuturesOrdered::new();
        loop {
            let next = reader.next().transpose()?;
            let over = next.is_none();
            if let Some(read) = next.filter(|read| read.row.number > done) {
                on_their_way.push_back(self.send(read, &importer, &look_up));
            }
            while on_their_way.len() >= IN_FLIGHT || (over && !on_their_way.is_empty()) {
                let Some(settled) = on_their_way.next().await else { break };
                settle(settled, width, &mut position.counts, &mut rejects, &self.rejects)?;
                watch(&position.counts);
                if position.counts.rows.is_multiple_of(STRIDE) {
                    self.keep(&keeper, &mut position, &mut rejects)?;
                }
            }
            if over {
                position.finished = true;
                self.keep(&keeper, &mut position, &mut rejects)?;
                return Ok(position.counts);
            }
        }
    }

    fn keep(&self, keeper: &Keeper, position: &mut Position, rejects: &mut Rejects) -> Result<(), ImportError> {
        position.rejects = rejects.settle().map_err(cannot_keep(&self.rejects))?;
        keeper.keep(position).map_err(cannot_keep(&self.position))
    }

    /// Turns a row into a history and takes it in.
    fn send(&self, read: Read, importer: &Importer, look_up: &LookUp<'_>) -> impl Future<Output = Settled> + use<> {
        let fingerprint = Digest::of(&read.row.cells.iter().map(String::as_bytes).collect::<Vec<_>>());
        let Read { row, request } = read;
        let made = request.map_err(ImportRefusal::from).and_then(|request| {
            let history = self.history(&request, importer, look_up)?;
            Ok((request.id, history))
        });
        let (importer, edge) = (importer.clone(), self.edge.clone());
        async move {
            let (id, history) = match made {
                Ok(made) => made,
                Err(why) => return Settled { row, unplaced: false, outcome: Err(SubmitError::Refused(why)) },
            };
            let unplaced = history.register.location == Location::Fallback;
            let take = || {
                let submission = edge.submission(None);
                importer.take(&id, fingerprint, history.clone(), submission.at, submission.chance)
            };
            let outcome = match take().await {
                // It may have been kept: the key tells.
                Err(SubmitError::Unknown(_)) => take().await,
                outcome => outcome,
            };
            Settled { row, unplaced, outcome }
        }
    }

    fn history(&self, request: &Request, importer: &Importer, look_up: &LookUp<'_>) -> Result<History, ImportRefusal> {
        let evidence = importer.evidence(&look_up.matter(&request.matter)?, request.opened);
        History::of(request, &self.map.source.name, look_up, &evidence)
    }
}

fn settle(
    settled: Settled,
    width: usize,
    counts: &mut Counts,
    rejects: &mut Rejects,
    path: &Path,
) -> Result<(), ImportError> {
    match settled.outcome {
        Ok(Imported::Taken { facts }) => {
            counts.taken += 1;
            counts.facts += facts as u64;
            counts.unplaced += u64::from(settled.unplaced);
        }
        Ok(Imported::Known) => counts.known += 1,
        Err(SubmitError::Refused(why)) => {
            counts.refused += 1;
            rejects.add(&settled.row, width, &why).map_err(cannot_keep(path))?;
        }
        Err(error) => return Err(ImportError::Store { row: settled.row.number, reason: error.to_string() }),
    }
    counts.rows += 1;
    Ok(())
}

fn cannot_keep(path: &Path) -> impl FnOnce(io::Error) -> ImportError {
    let path = path.to_owned();
    move |source| ImportError::Keep { path, source }
}
