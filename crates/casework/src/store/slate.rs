//! The cases that a group of commands works on.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use journal::{JournalError, Slate, Unit};
use store::{Bind, Tx};

use super::{read, rows};
use crate::case::{Case, CaseId};

/// Cases as the group's commands have left them, beside what the tables hold. In the order of their ids, so that two nodes
/// that write the same cases do so in the same order.
#[derive(Default)]
pub(crate) struct Cases(BTreeMap<CaseId, Kept>);

#[derive(Default)]
struct Kept {
    stored: Option<Arc<Case>>,
    now: Option<Arc<Case>>,
}

impl Kept {
    fn owes(&self) -> bool {
        match (&self.stored, &self.now) {
            (Some(stored), Some(now)) => !Arc::ptr_eq(stored, now),
            (stored, now) => stored.is_some() != now.is_some(),
        }
    }
}

impl Cases {
    /// The case as it stands within the group.
    pub async fn load(unit: &mut Unit, id: CaseId) -> Result<Option<Arc<Case>>, JournalError> {
        let cases: &mut Cases = unit.slate_with(id.to_string()).await?;
        Ok(cases.0.get(&id).and_then(|kept| kept.now.clone()))
    }

    /// The case as a command leaves it.
    pub fn keep(unit: &mut Unit, case: Arc<Case>) {
        let kept = unit.slate::<Cases>().0.entry(case.id).or_default();
        kept.now = Some(case);
    }
}

impl Slate for Cases {
    fn read<'a>(&'a mut self, tx: &'a mut Tx, ids: Vec<String>) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            let mut wanted = Vec::new();
            for id in ids {
                let Ok(parsed) = id.parse::<CaseId>() else { continue };
                if let std::collections::btree_map::Entry::Vacant(place) = self.0.entry(parsed) {
                    place.insert(Kept::default());
                    wanted.push(id.value());
                }
            }
            for body in store::texts_of(tx, "case_file", "id", "body", wanted).await? {
                let case = Arc::new(read::parse((body,))?);
                self.0.insert(case.id, Kept { stored: Some(case.clone()), now: Some(case) });
            }
            Ok(())
        })
    }

    fn owes(&self) -> bool {
        self.0.values().any(Kept::owes)
    }

    fn write<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            let mut steps = rows::Steps::default();
            for kept in self.0.values_mut().filter(|kept| kept.owes()) {
                if let Some(now) = &kept.now {
                    steps.add(kept.stored.as_deref(), now);
                }
                kept.stored.clone_from(&kept.now);
            }
            Ok(steps.write(tx).await?)
        })
    }
}
