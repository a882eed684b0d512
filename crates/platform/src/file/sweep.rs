//! What has to go goes: files that nothing uses, files of persons who were erased, infected ones; and what waits is scanned.

use std::collections::HashSet;
use std::time::Duration;

use journal::erasures;
use kernel::Instant;
use store::{Read, Sql, sql};

use super::fact::MoveFile;
use super::uses::UNUSED;
use super::{FileError, FileId, FileRow, FileState, Files, Part, Verdict, read};
use crate::Edge;

/// How often is swept.
const PAUSE: Duration = Duration::from_secs(60);
/// Files looked at together.
const STEP: i64 = 500;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub unused: usize,
    pub erased: usize,
    pub infected: usize,
    pub scanned: usize,
}

impl Files {
    /// Sweeps for as long as the process runs; what fails is tried again. How many files of erased persons still lie there is told
    /// as `huying_files_of_the_erased`.
    pub async fn keep_clean(self, edge: Edge) {
        loop {
            match self.sweep(&edge).await {
                Ok(swept) if swept != Swept::default() => tracing::info!(?swept, "files were swept"),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "files could not be swept"),
            }
            match self.of_the_erased().await {
                Ok(left) => metrics::gauge!("huying_files_of_the_erased").set(left.len() as f64),
                Err(error) => tracing::error!(%error, "the files of erased persons could not be counted"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One sweep over all.
    pub async fn sweep(&self, edge: &Edge) -> Result<Swept, FileError> {
        let mut swept = Swept::default();
        for file in self.of_the_erased().await? {
            swept.erased += usize::from(self.remove(file, "erased", edge).await?);
        }
        for file in self.in_state(FileState::Waiting).await? {
            swept.scanned += usize::from(self.scan_again(&file, edge).await?);
        }
        for file in self.in_state(FileState::Infected).await? {
            swept.infected += usize::from(self.remove(file.id, "infected", edge).await?);
        }
        self.catch_up_uses().await?;
        for file in self.unused(edge.now() - UNUSED).await? {
            swept.unused += usize::from(self.remove(file, "unused", edge).await?);
        }
        Ok(swept)
    }

    /// The bytes first, so that the fact is true.
    async fn remove(&self, id: FileId, ground: &'static str, edge: &Edge) -> Result<bool, FileError> {
        self.delete(id).await?;
        self.put(MoveFile { id, to: FileState::Removed, ground: Some(ground) }, edge).await
    }

    async fn scan_again(&self, file: &FileRow, edge: &Edge) -> Result<bool, FileError> {
        let Some(bytes) = self.open(file.id, Part::Whole).await? else { return Ok(false) };
        let to = match self.scanner.scan(&bytes).await {
            Ok(Verdict::Clean) => FileState::Kept,
            Ok(Verdict::Infected) => FileState::Infected,
            Err(error) => {
                tracing::debug!(%error, "a file goes on waiting for the scanner");
                return Ok(false);
            }
        };
        self.put(MoveFile { id: file.id, to, ground: None }, edge).await
    }

    async fn put(&self, command: MoveFile, edge: &Edge) -> Result<bool, FileError> {
        match self.journal.submit(command, edge.submission(None)).await {
            Ok(journal::Answer::Done { output, .. }) => Ok(output),
            Ok(journal::Answer::Replayed { .. }) => Ok(false),
            Err(error) => Err(FileError::Command(error.to_string())),
        }
    }

    /// Files of which a person was erased, who left it or who reported what it came with, and whose bytes are still there: listed until it is done.
    pub async fn of_the_erased(&self) -> Result<Vec<FileId>, FileError> {
        let mut db = self.journal.db();
        let erased: HashSet<String> = erasures(&mut db).await?.into_iter().map(|one| one.subject).collect();
        if erased.is_empty() {
            return Ok(Vec::new());
        }
        self.catch_up_uses().await?;
        let select = sql("select id, subject, owner from file where removed_at is null order by id");
        let rows: Vec<(String, String, Option<String>)> = db.all(select).await?;
        let is_erased = |owner: &Option<String>| owner.as_ref().is_some_and(|owner| erased.contains(owner));
        let gone = rows.into_iter().filter(|(_, subject, owner)| erased.contains(subject) || is_erased(owner));
        Ok(gone.filter_map(|(id, ..)| id.parse().ok()).collect())
    }

    async fn in_state(&self, state: FileState) -> Result<Vec<FileRow>, FileError> {
        let columns = read::COLUMNS;
        let text = format!("select {columns} from file where removed_at is null and state = $1 order by id limit $2");
        let rows = (&mut self.journal.db()).all(Sql::composed(text).bind(state.word()).bind(STEP)).await?;
        Ok(rows.into_iter().filter_map(read::row).collect())
    }

    async fn unused(&self, before: Instant) -> Result<Vec<FileId>, FileError> {
        let text = "select id from file where removed_at is null and kept_at < $1 \
             and not exists (select 1 from file_use u where u.file = file.id) order by kept_at, id limit $2";
        let select = Sql::composed(text.to_owned()).replanned().bind(before.micros()).bind(STEP);
        let rows: Vec<(String,)> = (&mut self.journal.db()).all(select).await?;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }
}
