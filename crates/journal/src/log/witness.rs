//! Witnesses: those who keep our checkpoints where we cannot reach, so that rewriting the log would be found out.
//!
//! Without one, an operator who holds the signing key can rewrite everything and sign again. A witness that fails never
//! stops the log: it is told again later, at longer and longer intervals, and how far each has come is kept.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use futures::future::BoxFuture;
use jiff::SignedDuration;
use kernel::Instant;
use store::Faults;
use store::file::{self, Kind, Readers, What};

use super::checkpoint::Checkpoint;
use super::key::VerifierKey;
use super::reader::LogReader;
use super::{LogError, tables};

/// The longest pause between two tries.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// How much of a witness's file is read to find its newest checkpoint.
const TAIL: u64 = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    #[error("the witness has seen {seen} entries of this log already, and was shown {shown}")]
    Ahead { seen: u64, shown: u64 },
    #[error("{}: {source}", .file.display())]
    File { file: PathBuf, source: std::io::Error },
    /// Any other way an outside party fails; the text holds no secret.
    #[error("{0}")]
    Other(String),
}

/// Someone outside who keeps checkpoints.
pub trait Witness: Send + Sync {
    /// By which its progress is kept; stays the same between starts.
    fn name(&self) -> &str;

    /// Success means that the witness keeps it for good.
    fn tell<'a>(&'a self, checkpoint: &'a Checkpoint) -> BoxFuture<'a, Result<(), WitnessError>>;

    /// The newest checkpoint signed by `key` that the witness holds, where it can be asked.
    fn newest<'a>(&'a self, key: &'a VerifierKey) -> BoxFuture<'a, Result<Option<Checkpoint>, WitnessError>>;
}

/// A file to which checkpoints are appended, each flushed to disk: on another machine's share, on write-once storage, or at
/// the least outside the database. An empty line stands after each.
#[derive(Clone, Debug)]
pub struct FileWitness {
    name: String,
    file: PathBuf,
    faults: Faults,
}

impl FileWitness {
    pub fn new(file: &Path, faults: Faults) -> FileWitness {
        FileWitness { name: format!("file:{}", file.display()), file: file.to_owned(), faults }
    }

    fn append(&self, checkpoint: &Checkpoint) -> Result<(), WitnessError> {
        let held = self.held()?.into_iter().rev().find_map(|text| Checkpoint::peek(&text));
        match held {
            Some((origin, seen)) if origin == checkpoint.origin && seen > checkpoint.size => {
                return Err(WitnessError::Ahead { seen, shown: checkpoint.size });
            }
            Some((origin, seen)) if origin == checkpoint.origin && seen == checkpoint.size => return Ok(()),
            _ => {}
        }
        self.write(&checkpoint.text).map_err(|source| self.failed(source))
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        // After a write cut short, the next one begins anew.
        let gap = if self.is_whole()? { "" } else { "\n\n" };
        let kind = Kind { what: What("witness file"), readers: Readers::Others, faults: &self.faults };
        file::append(kind, &self.file, format!("{gap}{text}\n").as_bytes())
    }

    fn is_whole(&self) -> std::io::Result<bool> {
        let mut file = match File::open(&self.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
            opened => opened?,
        };
        let mut end = [0; 2];
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(2)))?;
        Ok(length == 0 || (file.read(&mut end)? == 2 && &end == b"\n\n"))
    }

    /// The last notes in the file, oldest first; what is cut short is left out.
    fn held(&self) -> Result<Vec<String>, WitnessError> {
        let tail = match self.tail() {
            Ok(tail) => tail,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.failed(source)),
        };
        let blocks: Vec<&str> = tail.split("\n\n").collect();
        // The last block has no empty line after it: it is nothing, or cut short.
        let whole = &blocks[..blocks.len() - 1];
        let notes = whole.windows(2).filter(|pair| pair[1].starts_with("— "));
        Ok(notes.map(|pair| format!("{}\n\n{}\n", pair[0].trim_start(), pair[1])).collect())
    }

    fn tail(&self) -> std::io::Result<String> {
        let mut file = File::open(&self.file)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn failed(&self, source: std::io::Error) -> WitnessError {
        WitnessError::File { file: self.file.clone(), source }
    }
}

impl Witness for FileWitness {
    fn name(&self) -> &str {
        &self.name
    }

    fn tell<'a>(&'a self, checkpoint: &'a Checkpoint) -> BoxFuture<'a, Result<(), WitnessError>> {
        let (witness, checkpoint) = (self.clone(), checkpoint.clone());
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || witness.append(&checkpoint)).await;
            written.unwrap_or_else(|error| Err(WitnessError::Other(error.to_string())))
        })
    }

    fn newest<'a>(&'a self, key: &'a VerifierKey) -> BoxFuture<'a, Result<Option<Checkpoint>, WitnessError>> {
        Box::pin(async move {
            let held = self.held()?;
            Ok(held.iter().rev().find_map(|text| Checkpoint::open(text, key).ok()))
        })
    }
}

/// How far a witness has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessState {
    pub name: String,
    pub origin: String,
    /// Size of the newest checkpoint it has taken; none yet when it never took one.
    pub size: Option<u64>,
    /// Last try.
    pub at: Instant,
    /// Tries in a row that failed, and why the last one did.
    pub failures: u32,
    pub failure: Option<String>,
}

/// The checkpoints that `witnesses` hold of the log of `key`: what [`super::Log::open`] asks for. One that cannot be asked
/// now is passed over with a warning.
pub async fn witnessed(witnesses: &[Box<dyn Witness>], key: &VerifierKey) -> Vec<String> {
    let mut held = Vec::new();
    for witness in witnesses {
        match witness.newest(key).await {
            Ok(newest) => held.extend(newest.map(|checkpoint| checkpoint.text)),
            Err(error) => tracing::warn!(witness = witness.name(), %error, "a witness could not be asked"),
        }
    }
    held
}

/// Tells the newest checkpoint to each witness that has not taken it and whose pause is over.
pub async fn tell_witnesses(
    log: &LogReader,
    key: &VerifierKey,
    witnesses: &[Box<dyn Witness>],
    at: Instant,
) -> Result<(), LogError> {
    let Some(text) = log.checkpoint().await? else {
        return Ok(());
    };
    let checkpoint = Checkpoint::open(&text, key)?;
    let states = log.witnesses().await?;
    let mut failing = 0;
    for witness in witnesses {
        let state = states.iter().find(|state| state.name == witness.name());
        if state.is_some_and(|state| !is_due(state, &checkpoint, at)) {
            failing += u32::from(state.is_some_and(|state| state.failures > 0));
            continue;
        }
        let told = witness.tell(&checkpoint).await;
        let mut tx = log.db().begin().await?;
        match told {
            Ok(()) => {
                tables::witnessed(&mut tx, witness.name(), &checkpoint.origin, checkpoint.size, at.micros()).await?;
            }
            Err(error) => {
                failing += 1;
                metrics::counter!("huying_witness_failures_total").increment(1);
                let failures = state.map_or(0, |state| state.failures);
                tracing::warn!(witness = witness.name(), failures, %error, "a witness did not take a checkpoint");
                let why = error.to_string();
                tables::witness_failed(&mut tx, witness.name(), &checkpoint.origin, at.micros(), &why).await?;
            }
        }
        tx.commit().await?;
    }
    // By number alone: the name of a witness may hold what is nobody else's business, such as an address with a token.
    metrics::gauge!("huying_witnesses_failing").set(f64::from(failing));
    Ok(())
}

fn is_due(state: &WitnessState, checkpoint: &Checkpoint, at: Instant) -> bool {
    if state.origin == checkpoint.origin && state.size.is_some_and(|size| size >= checkpoint.size) {
        return false;
    }
    let pause = SignedDuration::from_secs(1 << state.failures.min(12)).min(LONGEST_PAUSE);
    state.failures == 0 || at.since(state.at) >= pause
}

impl LogReader {
    /// How far each witness has come that was ever told.
    pub async fn witnesses(&self) -> Result<Vec<WitnessState>, LogError> {
        let rows = tables::witnesses(&mut self.db()).await?;
        let state = |(name, origin, size, at, failures, failure): tables::WitnessRow| WitnessState {
            name,
            origin,
            size: u64::try_from(size).ok(),
            at: Instant::from_micros(at),
            failures: failures as u32,
            failure,
        };
        Ok(rows.into_iter().map(state).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::Digest;
    use store::{Db, on_both_stores};

    use super::super::tests::{append, key};
    use super::super::{Log, LogKey};
    use super::*;
    use crate::MIGRATIONS;

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint::sign(&key(), size, Digest([size as u8; 32]), None)
    }

    fn file_witness() -> (tempfile::TempDir, FileWitness) {
        let folder = tempfile::tempdir().unwrap();
        let witness = FileWitness::new(&folder.path().join("witness/checkpoints"), Faults::default());
        (folder, witness)
    }

    #[tokio::test]
    async fn a_file_keeps_what_it_was_told_and_gives_back_the_newest() {
        let (_folder, witness) = file_witness();
        let verifier = key().verifier().clone();
        assert_eq!(witness.newest(&verifier).await.unwrap(), None);
        for size in [1, 5, 5, 9] {
            witness.tell(&checkpoint(size)).await.unwrap();
        }
        assert_eq!(witness.newest(&verifier).await.unwrap(), Some(checkpoint(9)));
        assert_eq!(witness.held().unwrap().len(), 3, "the same one is kept once");
        let answer = witness.tell(&checkpoint(8)).await;
        assert!(matches!(answer, Err(WitnessError::Ahead { seen: 9, shown: 8 })), "{answer:?}");
        let other = LogKey::from_seed("huying/440105", [7; 32]).unwrap();
        assert_eq!(witness.newest(other.verifier()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_write_cut_short_hides_nothing_before_or_after_it() {
        let whole = checkpoint(9).text + "\n";
        for cut in 0..whole.len() {
            let (_folder, witness) = file_witness();
            witness.tell(&checkpoint(5)).await.unwrap();
            let before = std::fs::read(&witness.file).unwrap();
            std::fs::write(&witness.file, [&before[..], &whole.as_bytes()[..cut]].concat()).unwrap();
            let verifier = key().verifier().clone();
            assert_eq!(witness.newest(&verifier).await.unwrap().unwrap().size, 5, "cut at {cut}");
            witness.write(&checkpoint(12).text).unwrap();
            assert_eq!(witness.newest(&verifier).await.unwrap().unwrap().size, 12, "cut at {cut}");
        }
    }

    /// Takes checkpoints while `works`.
    #[derive(Default)]
    struct Flaky {
        works: Mutex<bool>,
        tries: Mutex<u32>,
    }

    impl Witness for std::sync::Arc<Flaky> {
        fn name(&self) -> &str {
            "flaky"
        }

        fn tell<'a>(&'a self, _: &'a Checkpoint) -> BoxFuture<'a, Result<(), WitnessError>> {
            *self.tries.lock().unwrap() += 1;
            let works = *self.works.lock().unwrap();
            Box::pin(async move { if works { Ok(()) } else { Err(WitnessError::Other("no answer".into())) } })
        }

        fn newest<'a>(&'a self, _: &'a VerifierKey) -> BoxFuture<'a, Result<Option<Checkpoint>, WitnessError>> {
            Box::pin(async { Err(WitnessError::Other("no answer".into())) })
        }
    }

    on_both_stores!(a_failing_witness_is_told_again_and_stops_nobody, MIGRATIONS, |db: Db| async move {
        append(&db, "case/1", 5).await;
        let log = Log::open(&db, key(), &[]).await.unwrap();
        let flaky = std::sync::Arc::new(Flaky::default());
        let (_folder, file) = file_witness();
        let witnesses: Vec<Box<dyn Witness>> = vec![Box::new(flaky.clone()), Box::new(file.clone())];
        let at = |seconds| Instant::EPOCH + SignedDuration::from_secs(seconds);
        let tell = async |seconds| {
            tell_witnesses(log.reader(), log.verifier(), &witnesses, at(seconds)).await.unwrap();
            *flaky.tries.lock().unwrap()
        };
        assert_eq!((tell(0).await, tell(1).await, tell(2).await), (1, 1, 2), "two seconds after the first failure");
        assert_eq!((tell(5).await, tell(6).await), (2, 3), "four seconds after the second");
        assert_eq!(file.newest(log.verifier()).await.unwrap().unwrap().size, 5);
        let states = log.reader().witnesses().await.unwrap();
        assert_eq!((states[1].failures, states[1].size), (3, None));
        assert_eq!((states[0].failures, states[0].size), (0, Some(5)));
        *flaky.works.lock().unwrap() = true;
        assert_eq!((tell(20).await, tell(40).await), (4, 4), "told once");
        assert_eq!(log.reader().witnesses().await.unwrap()[1].size, Some(5));
        append(&db, "case/2", 5).await;
        log.integrate().await.unwrap();
        assert_eq!(tell(41).await, 5);
        assert_eq!(witnessed(&witnesses, log.verifier()).await.len(), 1, "the one that can be asked");
    });
}
