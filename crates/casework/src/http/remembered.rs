//! Things as they stood just after each of their facts, kept in memory between one fact and the next.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use journal::{Fact, Journal, JournalError, tail};

use crate::call::{Call, CallFact};
use crate::case::{Case, CaseFact, CaseId};

/// Things of each kind that are kept.
const REMEMBERED: usize = 512;

/// What is followed from fact to fact.
pub(super) trait Followed: Clone + Send {
    /// Of its streams.
    const PREFIX: &'static str;

    /// Number of facts so far.
    fn version(&self) -> i64;

    /// The thing after its next fact.
    fn after(before: Option<Self>, id: &str, fact: &Fact) -> Result<Self, JournalError>;
}

pub(super) struct Remembered<T>(Mutex<HashMap<String, T>>);

impl<T> Default for Remembered<T> {
    fn default() -> Remembered<T> {
        Remembered(Mutex::default())
    }
}

impl<T: Followed> Remembered<T> {
    /// The thing before the fact and just after it; none where the fact is of something else.
    pub async fn step(&self, journal: &Journal, fact: &Fact) -> Result<Option<(Option<T>, T)>, JournalError> {
        let Some(id) = fact.stream.strip_prefix(T::PREFIX) else { return Ok(None) };
        let before = match self.recall(id, fact.version - 1) {
            Some(thing) => Some(thing),
            None if fact.version == 1 => None,
            None => {
                let mut facts = tail::stream(&mut journal.db(), &fact.stream).await?;
                facts.retain(|one| one.version < fact.version);
                facts.iter().try_fold(None, |thing, fact| T::after(thing, id, fact).map(Some))?
            }
        };
        let thing = T::after(before.clone(), id, fact)?;
        self.remember(id, &thing);
        Ok(Some((before, thing)))
    }

    fn recall(&self, id: &str, version: i64) -> Option<T> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.get(id).filter(|thing| thing.version() == version).cloned()
    }

    fn remember(&self, id: &str, thing: &T) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.get(id).is_some_and(|known| known.version() > thing.version()) {
            return;
        }
        if remembered.len() >= REMEMBERED && !remembered.contains_key(id) {
            // Whatever is forgotten is read again when it is needed.
            remembered.clear();
        }
        remembered.insert(id.to_owned(), thing.clone());
    }
}

impl Followed for Case {
    const PREFIX: &'static str = "case/";

    fn version(&self) -> i64 {
        self.version
    }

    fn after(before: Option<Case>, id: &str, fact: &Fact) -> Result<Case, JournalError> {
        let read: CaseFact = fact.read()?;
        match before {
            Some(mut case) => {
                case.apply(&read);
                Ok(case)
            }
            None => {
                let id: CaseId = id.parse().map_err(|_| unreadable(fact, "its stream names no case"))?;
                Case::open(id, &read).ok_or_else(|| unreadable(fact, "a case does not begin with it"))
            }
        }
    }
}

impl Followed for Call {
    const PREFIX: &'static str = "call/";

    fn version(&self) -> i64 {
        self.version
    }

    fn after(before: Option<Call>, id: &str, fact: &Fact) -> Result<Call, JournalError> {
        let read: CallFact = fact.read()?;
        match before {
            Some(mut call) => {
                call.apply(&read);
                Ok(call)
            }
            None => {
                let id = id.parse().map_err(|_| unreadable(fact, "its stream names no call"))?;
                Call::begin(id, &read).ok_or_else(|| unreadable(fact, "a call does not begin with it"))
            }
        }
    }
}

fn unreadable(fact: &Fact, reason: &str) -> JournalError {
    JournalError::Unreadable { position: fact.position, reason: reason.to_owned() }
}
