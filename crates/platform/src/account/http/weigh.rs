//! Whether a password is taken: hashed as often as need be, away from the threads that answer.

use tokio::task::{JoinError, spawn_blocking};

use crate::PlatformState;
use crate::account::{Hashed, LEAST, PasswordRefusal, password};

pub(super) enum Weighed {
    Taken(Hashed),
    Refused(PasswordRefusal),
}

/// `before` are hashes of passwords that must not come back.
pub(super) async fn weigh(
    platform: &PlatformState,
    login: &str,
    before: Vec<String>,
    password: String,
) -> Result<Weighed, JoinError> {
    let (rules, login, mut chance) = (platform.people.clone(), login.to_owned(), platform.edge.chance());
    let work = move || {
        if let Err(refusal) = password::check(&rules, &login, &password) {
            return Weighed::Refused(refusal);
        }
        if before.into_iter().any(|one| Hashed::stored(one).matches(&password)) {
            return Weighed::Refused(PasswordRefusal::Former { count: rules.password_former });
        }
        match Hashed::new(&password, &mut chance) {
            Ok(hashed) => Weighed::Taken(hashed),
            Err(_) => Weighed::Refused(PasswordRefusal::TooShort { least: LEAST }),
        }
    };
    spawn_blocking(work).await
}

/// Whether `password` is the one that was hashed so.
pub(super) async fn matches(hash: String, password: String) -> Result<bool, JoinError> {
    spawn_blocking(move || Hashed::stored(hash).matches(&password)).await
}
