//! Erasing a person who reported: their key, and what in the tables tells that two cases are of one person.

use std::collections::HashSet;
use std::sync::Arc;

use journal::{Declined, EraseRefusal, EraseSubject, JournalError, Unit, erasures};
use store::{Read, sql};

use super::slate::Cases;
use crate::case::Case;

/// Destroys a person's key and forgets in the tables what they reported, in one transaction. The facts keep the key's name,
/// since no fact is changed: it opens nothing any more.
#[derive(Clone, Debug)]
pub struct Erase(pub EraseSubject);

impl journal::Command for Erase {
    type Output = ();
    type Refusal = EraseRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<EraseRefusal>> {
        self.0.decide(unit).await?;
        let select = sql("select id from case_file where reporter = $1 order by id").bind(&self.0.subject);
        let found: Vec<(String,)> = unit.tx().await?.all(select).await?;
        for id in found.into_iter().filter_map(|(id,)| id.parse().ok()) {
            if let Some(case) = Cases::load(unit, id).await? {
                let mut case = Case::clone(&case);
                case.forget_reporter();
                Cases::keep(unit, Arc::new(case));
            }
        }
        Ok(())
    }
}

/// Who has been erased, for whoever makes cases from their facts.
pub(super) struct Erased(HashSet<String>);

impl Erased {
    pub async fn read(read: &mut impl Read) -> Result<Erased, JournalError> {
        Ok(Erased(erasures(read).await?.into_iter().map(|erasure| erasure.subject).collect()))
    }

    /// The case as the tables may hold it.
    pub fn leave_out(&self, mut case: Case) -> Case {
        if case.reporter.as_ref().is_some_and(|reporter| self.0.contains(reporter)) {
            case.forget_reporter();
        }
        case
    }
}
