//! What can go wrong with the journal.

use std::sync::Arc;

use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stream moved on since it was loaded; the same command, decided again, may succeed.
    #[error("stream {stream} is not at version {expected}")]
    Stale { stream: String, expected: i64 },
    /// The person was erased; nothing more can be sealed for them.
    #[error("subject {0} was erased")]
    SubjectErased(String),
    /// A subject's key was wrapped by a master key that is not the one given.
    #[error("subject keys are wrapped by master key {needed}, not by the one given")]
    WrongMasterKey { needed: String },
    #[error("sealed values do not open: altered, or of another key")]
    Unsealable,
    #[error("the fact at position {position} cannot be read: {reason}")]
    Unreadable { position: i64, reason: String },
    /// A command refused after it had already written: a defect, and nothing of it was kept.
    #[error("a command wrote before it refused")]
    WroteThenRefused,
}

impl JournalError {
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            JournalError::Store(error) => error.is_transient(),
            JournalError::Stale { .. } => true,
            _ => false,
        }
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError<R> {
    /// By the slice's own rules; nothing was written.
    #[error("refused")]
    Refused(R),
    /// The idempotency key was used before with another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// Nothing was kept.
    #[error(transparent)]
    Failed(Arc<JournalError>),
    /// The connection broke while committing: it may or may not have been kept. Ask again with the same key.
    #[error("the outcome is unknown: {0}")]
    Unknown(Arc<JournalError>),
    /// The writer has stopped.
    #[error("the journal is closed")]
    Closed,
}

impl<R> SubmitError<R> {
    /// The same with the slice's refusal put otherwise.
    pub fn map<S>(self, refused: impl FnOnce(R) -> S) -> SubmitError<S> {
        match self {
            SubmitError::Refused(why) => SubmitError::Refused(refused(why)),
            SubmitError::KeyReused => SubmitError::KeyReused,
            SubmitError::Failed(error) => SubmitError::Failed(error),
            SubmitError::Unknown(error) => SubmitError::Unknown(error),
            SubmitError::Closed => SubmitError::Closed,
        }
    }
}

impl SubmitError<std::convert::Infallible> {
    /// The same of a command that refuses nothing.
    pub fn never<S>(self) -> SubmitError<S> {
        self.map(|never| match never {})
    }
}

impl<R> From<JournalError> for SubmitError<R> {
    fn from(error: JournalError) -> SubmitError<R> {
        SubmitError::Failed(Arc::new(error))
    }
}
