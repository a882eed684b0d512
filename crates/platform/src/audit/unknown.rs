//! `GET /audit/unknown-sign-ins`: attempts by logins that are nobody's.

use axum::Json;
use axum::extract::State;
use kernel::{Instant, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::acts::PageQuery;
use super::{limit, unknown_cursor};
use crate::administration::AUDIT_READ;
use crate::caller::{Caller, PlatformState};
use crate::sign_in::unknown::{Unknown, list};
use crate::{Both, Params, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(unknown_sign_ins))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnknownSignInsQuery {
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Before it.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

/// Attempts by unknown logins, the newest hour first.
#[derive(Serialize, ToSchema)]
pub struct UnknownSignInsBody {
    pub unknown: Vec<UnknownSignInBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

/// How often one thing that is nobody's login was typed in one hour.
#[derive(Serialize, ToSchema)]
pub struct UnknownSignInBody {
    /// The beginning of the hour.
    #[schema(value_type = String, format = DateTime)]
    pub hour: Instant,
    /// The same for the same text; what the text was, nobody can tell by it.
    #[schema(example = "5f1c9a0be2d44871")]
    pub fingerprint: String,
    pub attempts: i64,
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Instant,
}

const HOUR: i64 = 3_600_000_000;

/// Attempts to sign in by logins that are nobody's, hour by hour, of the last year. What was typed is not kept: it is a password now
/// and then.
#[utoipa::path(get, path = "/audit/unknown-sign-ins", tag = "audit", params(UnknownSignInsQuery, PageQuery), responses(
    (status = 200, body = UnknownSignInsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn unknown_sign_ins(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, page)): Params<Both<UnknownSignInsQuery, PageQuery>>,
) -> Result<Json<UnknownSignInsBody>, Problem> {
    caller.require(AUDIT_READ)?;
    let refused = |refusal: Refusal| Problem::of(refusal, caller.language);
    let after = page.cursor.as_deref().map(place_of).transpose().map_err(refused)?;
    let limit = limit(page.limit);
    let from = query.from.unwrap_or(Instant::EPOCH);
    let until = query.until.unwrap_or(Instant::from_micros(i64::MAX));
    let found = list(&mut platform.journal.db(), from, until, after, limit).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let next = found.last().filter(|_| found.len() as i64 == limit).map(cursor_of);
    Ok(Json(UnknownSignInsBody { unknown: found.iter().map(body).collect(), next }))
}

fn body(one: &Unknown) -> UnknownSignInBody {
    let fingerprint = hex::encode(&one.typed[..one.typed.len().min(8)]);
    let hour = Instant::from_micros(one.hour * HOUR);
    UnknownSignInBody { hour, fingerprint, attempts: one.attempts, last_at: one.last_at }
}

fn cursor_of(one: &Unknown) -> String {
    format!("{}.{}.{}", one.hour, one.attempts, hex::encode(&one.typed))
}

fn place_of(cursor: &str) -> Result<(i64, i64, Vec<u8>), Refusal> {
    let read = || {
        let mut parts = cursor.split('.');
        let (hour, attempts, typed) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        let typed = hex::decode(typed).ok().filter(|typed| typed.len() == 32)?;
        parts.next().is_none().then_some((hour, attempts, typed))
    };
    read().ok_or_else(unknown_cursor)
}
