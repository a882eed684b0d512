//! Why a command could not do its work.

use std::process::ExitCode;

use district::Fault;
use journal::JournalError;
use kernel::Refusal;
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

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Profile(_) => ExitCode::from(1),
            Failure::Refused(_) => ExitCode::from(4),
            _ => ExitCode::from(3),
        }
    }
}
