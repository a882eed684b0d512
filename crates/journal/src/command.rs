//! Commands and what comes of them.

use std::future::Future;

use kernel::{Chance, Digest, Instant};
use store::StoreError;

use crate::{Ahead, JournalError, Unit};

/// Something a caller wants done. It is decided in the writer's transaction, perhaps more than once, so it holds all it
/// needs and changes nothing outside the unit.
pub trait Command: Send + Sync + 'static {
    type Output: Send + 'static;
    type Refusal: Send + 'static;

    /// Says what [`Command::decide`] is going to need, so that it is read for all commands of a group at once. What is not
    /// said is read when it is needed.
    fn foresee(&self, _ahead: &mut Ahead) {}

    /// Loads, decides, changes own tables and appends facts, all through `unit`. A refusal comes before the first write.
    fn decide(&self, unit: &mut Unit) -> impl Future<Output = Result<Self::Output, Declined<Self::Refusal>>> + Send;
}

/// Why a command yields no facts.
#[derive(Debug)]
pub enum Declined<R> {
    Refused(R),
    Failed(JournalError),
}

impl<R> From<StoreError> for Declined<R> {
    fn from(error: StoreError) -> Self {
        Declined::Failed(error.into())
    }
}

impl<R> From<JournalError> for Declined<R> {
    fn from(error: JournalError) -> Self {
        Declined::Failed(error)
    }
}

/// What the edge gives along with a command: when, which chance, and the caller's key.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The server's instant.
    pub at: Instant,
    /// Ids, salts and nonces come from here; the same chance gives the same facts.
    pub chance: Chance,
    pub key: Option<Key>,
}

/// An idempotency key: the same request under it is carried out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Caller and operation, such as `person/7 POST /cases`.
    pub scope: String,
    /// As the caller chose it.
    pub key: String,
    /// Of the request's exact content: another content under the same key is refused.
    pub fingerprint: Digest,
}

/// The positions a command's facts took: `count` of them from `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Positions {
    pub first: i64,
    pub count: i64,
}

impl Positions {
    pub fn last(self) -> i64 {
        self.first + self.count - 1
    }
}

/// What came of a command that was carried out, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    Done {
        output: T,
        positions: Positions,
    },
    /// The key was used before by the same request, which made these positions.
    Replayed {
        positions: Positions,
    },
}

impl<T> Answer<T> {
    pub fn positions(&self) -> Positions {
        match self {
            Answer::Done { positions, .. } | Answer::Replayed { positions } => *positions,
        }
    }
}
