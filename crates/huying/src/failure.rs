//! Why a command could not do its work.

use std::process::ExitCode;

use district::Fault;
use journal::JournalError;
use kernel::Refusal;
use kernel::text::{Language, text};
use platform::config::ConfigError;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{what}: {source}")]
    File { what: String, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the profile has {} faults", .0.len())]
    Profile(Vec<Fault>),
    /// Anything else that stood in the way, in words.
    #[error("{0}")]
    Other(String),
    /// A rule refused it.
    #[error("{}", .0.code)]
    Refused(Refusal),
}

impl Failure {
    pub fn file(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Failure {
        let what = what.to_string();
        move |source| Failure::File { what, source }
    }

    pub fn other(error: impl std::fmt::Display) -> Failure {
        Failure::Other(error.to_string())
    }

    /// What a person is told.
    pub fn message(&self, language: Language) -> String {
        let (code, reason) = match self {
            Failure::Refused(refusal) => return refusal.message(language),
            Failure::Store(StoreError::NotDurable(reason)) => ("failed-not-durable", reason.clone()),
            Failure::Store(error @ StoreError::Lost(_)) => ("failed-database-lost", error.to_string()),
            Failure::Store(error @ StoreError::Full(_)) => ("failed-disk-full", error.to_string()),
            Failure::Config(error) => ("failed-configuration", error.to_string()),
            Failure::File { .. } => ("failed-file", self.to_string()),
            Failure::Profile(faults) => ("profile-faults", faults.len().to_string()),
            Failure::Store(_) | Failure::Journal(_) | Failure::Other(_) => ("command-failed", self.to_string()),
        };
        text(language, code, &[("reason", reason.clone()), ("count", reason)].into())
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Profile(_) => ExitCode::from(1),
            Failure::Refused(_) => ExitCode::from(4),
            _ => ExitCode::from(3),
        }
    }
}
