//! The list of erasures: kept outside the database, so that a restore brings nobody back.

use std::path::{Path, PathBuf};

use kernel::Actor;
use store::file::{self, Kind, Readers, What};
use store::{Db, Waiter};

use super::BackupError;
use crate::erasure::ERASED;
use crate::{Command, EraseRefusal, EraseSubject, Erasure, Journal, Submission, SubmitError, erasures, tail};

/// Writes everyone erased so far to the file `path`, one JSON object a line, in the place of an older list. It names subjects by
/// their keys, never by a personal value.
pub async fn write_erasures(db: &Db, path: &Path) -> Result<u64, BackupError> {
    let list = erasures(&mut &*db).await?;
    let lines: String =
        list.iter().map(|erasure| serde_json::to_string(erasure).expect("an erasure is plain data") + "\n").collect();
    let kind = Kind { what: What("list of erasures"), readers: Readers::Owner, faults: db.faults() };
    file::replace(kind, path, lines.as_bytes()).map_err(BackupError::file(path))?;
    Ok(list.len() as u64)
}

/// Keeps the list in `file` up to date for as long as the process runs; never returns. A failure is logged and tried again.
pub async fn keep_erasures(db: Db, file: PathBuf, mut waiter: Waiter) {
    let mut seen = None;
    loop {
        match keep_once(&db, &file, seen).await {
            Ok(position) => seen = Some(position),
            Err(error) => tracing::error!(%error, "the list of erasures cannot be written"),
        }
        waiter.wait().await;
    }
}

/// Writes the list if someone was erased after position `seen`, or if that is not known. Gives the position it is good for.
async fn keep_once(db: &Db, file: &Path, seen: Option<i64>) -> Result<i64, BackupError> {
    let head = tail::head(&mut &*db).await?;
    let news = match seen {
        Some(seen) => tail::newest_of_kind(&mut &*db, ERASED, seen).await?.is_some(),
        None => true,
    };
    if news {
        write_erasures(db, file).await?;
    }
    Ok(head)
}

pub fn read_erasures(file: &Path) -> Result<Vec<Erasure>, BackupError> {
    let text = std::fs::read_to_string(file).map_err(BackupError::file(file))?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.is_empty());
    lines
        .map(|(text, line)| {
            serde_json::from_str(text).map_err(|error| BackupError::Erasures { line, reason: error.to_string() })
        })
        .collect()
}

/// Carries out again what the restored database does not know of. Gives how many were erased anew. `erase` is the command that
/// also clears the tables of those who keep the person's key; by itself [`EraseSubject`] is one.
pub async fn replay_erasures<C: Command<Refusal = EraseRefusal>>(
    journal: &Journal,
    list: &[Erasure],
    erase: impl Fn(EraseSubject) -> C,
    mut submission: impl FnMut() -> Submission,
) -> Result<u64, SubmitError<EraseRefusal>> {
    let mut erased = 0;
    for erasure in list {
        let actor = Actor::system("restore");
        let command = EraseSubject { subject: erasure.subject.clone(), actor, ground: "restore".to_owned() };
        match journal.submit(erase(command), submission()).await {
            Ok(_) => erased += 1,
            // Unknown: the backup is older than all they left here, so there is nothing to erase.
            Err(SubmitError::Refused(EraseRefusal::AlreadyErased | EraseRefusal::UnknownSubject)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(erased)
}

#[cfg(test)]
mod tests {
    use store::on_both_stores;

    use super::*;
    use crate::MIGRATIONS;
    use crate::log::tests::append;
    use crate::testing::{journal, submission};

    on_both_stores!(the_list_is_written_at_the_start_and_when_someone_is_erased, MIGRATIONS, |db: Db| async move {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("erasures.jsonl");
        let mut seen = keep_once(&db, &file, None).await.unwrap();
        assert_eq!(read_erasures(&file).unwrap(), []);
        std::fs::remove_file(&file).unwrap();
        append(&db, "case/1", 3).await;
        seen = keep_once(&db, &file, Some(seen)).await.unwrap();
        assert!(!file.exists(), "nobody was erased");
        let (actor, ground) = (Actor::system("test"), "request".to_owned());
        let erase = EraseSubject { subject: "person/1".into(), actor, ground };
        journal(&db).submit(erase, submission("2026-03-02T00:00:00Z", "erase")).await.unwrap();
        keep_once(&db, &file, Some(seen)).await.unwrap();
        assert_eq!(read_erasures(&file).unwrap()[0].subject, "person/1");
    });
}
