//! What the audit administrator reads: acts of administrators, attempts to sign in, looks at persons' values.

mod access;
mod acts;
mod days;
mod export;
mod person;
mod sign_ins;
mod unknown;

use journal::TrailPlace;
use kernel::text::Language;
use kernel::{Instant, Refusal};
use utoipa_axum::router::OpenApiRouter;

use crate::Problem;
use crate::caller::PlatformState;

pub fn routes() -> OpenApiRouter<PlatformState> {
    acts::routes().merge(sign_ins::routes()).merge(unknown::routes()).merge(access::routes()).merge(days::routes())
}

/// A file has at most so many rows; a list of more is refused, never cut.
const MOST: i64 = 200_000;
/// So many are read at a time for a file.
const PAGE: i64 = 1_000;

fn limit(asked: Option<i64>) -> i64 {
    asked.unwrap_or(50).clamp(1, 200)
}

/// `next` of a page: an instant and a position.
fn cursor_of(place: TrailPlace) -> String {
    format!("{}.{}", place.at.micros(), place.position)
}

fn place_of(cursor: Option<String>, language: Language) -> Result<Option<TrailPlace>, Problem> {
    let read = |cursor: &str| {
        let (at, position) = cursor.split_once('.')?;
        Some(TrailPlace { at: Instant::from_micros(at.parse().ok()?), position: position.parse().ok()? })
    };
    cursor.map(|cursor| read(&cursor).ok_or_else(|| Problem::of(unknown_cursor(), language))).transpose()
}

fn unknown_cursor() -> Refusal {
    Refusal::invalid("cursor", "cursor-unknown")
}

/// Refuses a list that is longer than a file may be.
fn fits(count: i64, language: Language) -> Result<(), Problem> {
    if count <= MOST {
        return Ok(());
    }
    let refusal = Refusal::invalid("limit", "export-too-large").with("most", MOST);
    Err(Problem::of(Refusal { field: None, ..refusal }, language))
}
