//! The list of erasures: kept outside the database, so that a restore brings nobody back.

use std::path::Path;

use kernel::Actor;
use store::Db;

use super::BackupError;
use crate::{EraseRefusal, EraseSubject, Erasure, Journal, Submission, SubmitError, erasures};

/// Writes everyone erased so far to `file`, one JSON object a line, in the place of an older list. It names subjects by
/// their keys, never by a personal value.
pub async fn write_erasures(db: &Db, file: &Path) -> Result<u64, BackupError> {
    let list = erasures(&mut &*db).await?;
    let lines: String =
        list.iter().map(|erasure| serde_json::to_string(erasure).expect("an erasure is plain data") + "\n").collect();
    let draft = file.with_extension("draft");
    let _ = std::fs::remove_file(&draft);
    super::files::write(&draft, lines.as_bytes())?;
    std::fs::rename(&draft, file).map_err(BackupError::file(file))?;
    Ok(list.len() as u64)
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

/// Carries out again what the restored database does not know of. Gives how many were erased anew.
pub async fn replay_erasures(
    journal: &Journal,
    list: &[Erasure],
    mut submission: impl FnMut() -> Submission,
) -> Result<u64, SubmitError<EraseRefusal>> {
    let mut erased = 0;
    for erasure in list {
        let actor = Actor::system("restore");
        let command = EraseSubject { subject: erasure.subject.clone(), actor, ground: "restore".to_owned() };
        match journal.submit(command, submission()).await {
            Ok(_) => erased += 1,
            // Unknown: the backup is older than all they left here, so there is nothing to erase.
            Err(SubmitError::Refused(EraseRefusal::AlreadyErased | EraseRefusal::UnknownSubject)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(erased)
}
