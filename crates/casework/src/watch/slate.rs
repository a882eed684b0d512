//! The calls, cards and outages that a group of commands works on.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use futures::future::BoxFuture;
use journal::{JournalError, Slate, Unit};
use store::{Bind, Tx};

use super::rows::{self, Kept};

/// Aggregates as the group's commands have left them, beside what the tables hold; by identifier.
pub(crate) struct Watched<K>(BTreeMap<String, Pages<K>>);

struct Pages<K> {
    stored: Option<K>,
    now: Option<K>,
    owed: bool,
}

impl<K> Default for Watched<K> {
    fn default() -> Self {
        Watched(BTreeMap::new())
    }
}

/// The aggregate as it stands within the group.
pub(crate) async fn load<K: Kept>(unit: &mut Unit, id: &str) -> Result<Option<K>, JournalError> {
    let slate: &mut Watched<K> = unit.slate_with(id.to_owned()).await?;
    Ok(slate.0.get(id).and_then(|pages| pages.now.clone()))
}

/// The aggregate as a command leaves it, `before` being how the command found it.
pub(super) fn put<K: Kept>(unit: &mut Unit, before: Option<&K>, after: &K) {
    let slate: &mut Watched<K> = unit.slate();
    let pages = slate.0.entry(after.id()).or_insert_with(|| Pages { stored: before.cloned(), now: None, owed: false });
    pages.now = Some(after.clone());
    pages.owed = true;
}

impl<K: Kept> Slate for Watched<K> {
    fn read<'a>(&'a mut self, tx: &'a mut Tx, ids: Vec<String>) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            let mut wanted = Vec::new();
            for id in ids {
                if let Entry::Vacant(place) = self.0.entry(id.clone()) {
                    place.insert(Pages { stored: None, now: None, owed: false });
                    wanted.push(id.value());
                }
            }
            for body in store::texts_of(tx, K::TABLE.0, "id", "body", wanted).await? {
                let found: K = rows::parse((body,))?;
                self.0.insert(found.id(), Pages { stored: Some(found.clone()), now: Some(found), owed: false });
            }
            Ok(())
        })
    }

    fn owes(&self) -> bool {
        self.0.values().any(|pages| pages.owed)
    }

    fn write<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            let owed = self.0.values().filter(|pages| pages.owed);
            let steps: Vec<(Option<&K>, &K)> =
                owed.filter_map(|pages| Some((pages.stored.as_ref(), pages.now.as_ref()?))).collect();
            rows::write(tx, &steps).await?;
            for pages in self.0.values_mut().filter(|pages| pages.owed) {
                pages.stored.clone_from(&pages.now);
                pages.owed = false;
            }
            Ok(())
        })
    }
}
