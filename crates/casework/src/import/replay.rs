//! Histories through the journal.

use std::sync::Arc;

use journal::{Answer, Declined, Journal, Key, Submission, SubmitError, Unit};
use kernel::{Chance, Digest, Instant};

use super::{History, ImportRefusal};
use crate::Casework;
use crate::case::{Caller, CaseId, CaseRefusal, Hand, IMPORT, Rulebook};
use crate::store::write;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// A new case with so many facts.
    Taken { facts: i64 },
    /// Taken in before.
    Known,
}

/// Takes histories of one source in, each once.
#[derive(Clone)]
pub struct Importer {
    journal: Journal,
    book: Arc<Rulebook>,
    caller: Caller,
    scope: String,
}

impl Importer {
    /// `source` names the other system for ever: with a request's number there it is the key that keeps it from coming in
    /// twice.
    pub fn new(casework: &Casework, source: &str) -> Importer {
        Importer {
            journal: casework.journal().clone(),
            book: casework.book(),
            caller: Caller::new(Hand::System { name: IMPORT.to_owned() }, []),
            scope: format!("import {source}"),
        }
    }

    /// Takes one history in, in one journal command. `fingerprint` is of the record's exact content.
    pub async fn take(
        &self,
        number: &str,
        fingerprint: Digest,
        history: History,
        at: Instant,
        chance: Chance,
    ) -> Result<Imported, SubmitError<ImportRefusal>> {
        let key = Key { scope: self.scope.clone(), key: number.to_owned(), fingerprint };
        let replay = Replay { history, book: self.book.clone(), caller: self.caller.clone() };
        match self.journal.submit(replay, Submission { at, chance, key: Some(key) }).await {
            Ok(Answer::Done { positions, .. }) => Ok(Imported::Taken { facts: positions.count }),
            Ok(Answer::Replayed { .. }) => Ok(Imported::Known),
            Err(SubmitError::Refused(why)) => Err(SubmitError::Refused(why.into())),
            Err(SubmitError::KeyReused) => Err(SubmitError::Refused(ImportRefusal::Changed)),
            Err(SubmitError::Failed(error)) => Err(SubmitError::Failed(error)),
            Err(SubmitError::Unknown(error)) => Err(SubmitError::Unknown(error)),
            Err(SubmitError::Closed) => Err(SubmitError::Closed),
        }
    }

    /// What a matter asks of a report of completion, at the version in force at `when`.
    pub fn evidence(&self, matter: &str, when: Instant) -> Vec<String> {
        self.book.matter(matter, when).map(|rule| rule.evidence.iter().cloned().collect()).unwrap_or_default()
    }
}

struct Replay {
    history: History,
    book: Arc<Rulebook>,
    caller: Caller,
}

impl journal::Command for Replay {
    type Output = CaseId;
    type Refusal = CaseRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<CaseId, Declined<CaseRefusal>> {
        let id = CaseId::draw(unit.chance());
        let number = write::number(self.history.opened, &self.book, unit.chance());
        let (at, draw) = (unit.at(), unit.chance().unit());
        let (case, decided) =
            self.history.decide(id, &number, &self.book, &self.caller, at, draw).map_err(Declined::Refused)?;
        write::open(unit, case, decided, None).await?;
        Ok(id)
    }
}
