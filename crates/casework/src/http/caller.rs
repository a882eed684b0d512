//! A signed-in caller in the words of casework.

use std::str::FromStr;

use axum::http::HeaderMap;
use journal::{Key, tail};
use kernel::{Digest, Kind, Refusal};
use platform::{By, Caller, Grant, Problem, Sensitivity};

use super::CaseworkState;
use crate::After;
use crate::case::{self, Action, Case, CaseId, Hand};
use crate::mask::{IDENTITY, Showing};
use crate::resource::{READ, resource};

/// The caller's post: the one named in `X-Post`, else the first.
pub fn grant<'a>(caller: &'a Caller, headers: &HeaderMap) -> Result<&'a Grant, Problem> {
    let named = headers.get("x-post").and_then(|value| value.to_str().ok());
    let mut grants = caller.scope.grants().iter();
    let found = match named {
        Some(post) => grants.find(|grant| grant.post == post),
        None => grants.next(),
    };
    found.ok_or_else(|| {
        let refusal = Refusal { field: Some("X-Post"), ..Refusal::new(Kind::Forbidden, "no-such-post") };
        Problem::of(refusal, caller.language)
    })
}

/// The caller acting by one post.
pub fn acting(caller: &Caller, grant: &Grant) -> case::Caller {
    let hand = match caller.by {
        By::Resident => Hand::Resident { subject: caller.subject() },
        By::Session | By::Client { .. } => Hand::Post {
            person: caller.account().to_owned(),
            post: grant.post.clone(),
            organization: grant.organization.clone(),
        },
    };
    // Actions of other slices are no actions of casework.
    case::Caller::new(hand, grant.actions.iter().filter_map(|name| Action::from_str(name).ok()))
}

/// The case, when the caller may read it; one that it may not read is not there for it.
pub async fn readable(state: &CaseworkState, caller: &Caller, id: &str) -> Result<Case, Problem> {
    caller.require(READ)?;
    let missing = || {
        let refusal = Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "case-not-found") };
        Problem::of(refusal, caller.language)
    };
    let found = match id.parse::<CaseId>() {
        Ok(id) => state.casework.case(id).await,
        Err(_) => state.casework.numbered(id).await,
    };
    let case = found.map_err(|error| Problem::internal(&error, caller.language))?.ok_or_else(missing)?;
    if caller.scope.allows(READ, &resource(&case)) { Ok(case) } else { Err(missing()) }
}

/// How a sealed field of the case is shown to the caller before it has said why it needs more. Residents see their own.
pub fn showing(caller: &Caller, case: &Case, subject: &str, field: &str) -> Showing {
    if caller.by == By::Resident && subject == caller.subject() {
        return Showing::Whole;
    }
    let case = resource(case);
    let works = caller.scope.sensitivity(READ, &case).is_some_and(|sees| sees >= Sensitivity::Internal);
    match (IDENTITY.contains(&field), works) {
        (true, _) if caller.scope.identifies(READ, &case) => Showing::Hint,
        (false, true) => Showing::Whole,
        _ => Showing::Nothing,
    }
}

/// The caller's `Idempotency-Key`, bound to caller, operation and the request's exact bytes.
pub fn key(caller: &Caller, headers: &HeaderMap, operation: &str, body: &[u8]) -> Option<Key> {
    let key = headers.get("idempotency-key")?.to_str().ok()?.to_owned();
    let scope = format!("account/{} {operation}", caller.account());
    Some(Key { scope, key, fingerprint: Digest::of(&[operation.as_bytes(), body]) })
}

/// Where the page before ended, written `micros.id`.
pub fn after(caller: &Caller, cursor: Option<String>) -> Result<After, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let (value, id) = cursor.split_once('.')?;
        let id: uuid::Uuid = id.parse().ok()?;
        Some((value.parse().ok()?, id.to_string()))
    };
    let unknown = || Problem::of(Refusal::invalid("cursor", "cursor-unknown"), caller.language);
    read().map(Some).ok_or_else(unknown)
}

/// A page of at most `limit`, and where it ends when more was found.
pub fn cut<T>(mut found: Vec<T>, limit: i64, key: impl Fn(&T) -> (i64, String)) -> (Vec<T>, Option<String>) {
    let more = found.len() as i64 > limit;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| {
        let (value, id) = key(last);
        format!("{value}.{id}")
    });
    (found, next)
}

/// The identifier of what an earlier request with the same key opened.
pub async fn opened_at(state: &CaseworkState, caller: &Caller, position: i64, prefix: &str) -> Result<String, Problem> {
    let found = tail::at(&mut state.platform.journal.db(), position).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let id = found.and_then(|fact| Some(fact.stream.strip_prefix(prefix)?.to_owned()));
    id.ok_or_else(|| Problem::internal(&format!("nothing of {prefix} was opened at {position}"), caller.language))
}

/// Refuses a fact named as evidence that is not in the journal.
pub async fn on_record(state: &CaseworkState, caller: &Caller, stream: &str, version: i64) -> Result<(), Problem> {
    let known = !stream.contains('\0')
        && tail::of_stream(&mut state.platform.journal.db(), stream, version)
            .await
            .map_err(|error| Problem::internal(&error, caller.language))?
            .is_some();
    let missing = || Refusal::invalid("evidence", "evidence-not-on-record").with("stream", stream.replace('\0', ""));
    if known { Ok(()) } else { Err(Problem::of(missing(), caller.language)) }
}
