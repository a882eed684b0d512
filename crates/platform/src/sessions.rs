//! The sessions of one account: listed, and ended, by its owner.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use kernel::{Instant, Kind, Refusal};
use serde::Serialize;
use store::{Read, StoreError, Tx, sql};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::{Caller, PlatformState};
use crate::session::{hash, is_over, token_of};
use crate::{Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(list_sessions)).routes(routes!(end_session))
}

/// One place where the caller is signed in.
#[derive(Serialize, ToSchema)]
pub struct OpenSessionBody {
    #[schema(example = "0123456789abcdef")]
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Instant,
    /// The browser's name, where it is one of those that are known.
    #[schema(example = "Firefox")]
    pub browser: Option<String>,
    /// The system's name, such as `Windows`, where it is one of those that are known.
    #[schema(example = "Windows")]
    pub system: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The caller's open sessions, the one used last first.
#[utoipa::path(get, path = "/me/sessions", tag = "me", responses(
    (status = 200, body = Vec<OpenSessionBody>),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "the password has to be changed first"),
))]
async fn list_sessions(
    State(platform): State<PlatformState>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Json<Vec<OpenSessionBody>>, Problem> {
    let found = open_of(&platform, caller.account()).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let own = token_of(&headers).map(|token| hash(&token));
    let body = |one: Open| OpenSessionBody {
        id: one.id(),
        opened_at: one.opened_at,
        seen_at: one.seen_at,
        current: own.is_some_and(|own| own.as_slice() == one.token),
        browser: one.browser,
        system: one.os,
    };
    Ok(Json(found.into_iter().map(body).collect()))
}

/// Ends one of the caller's own sessions.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "me",
    params(("id" = String, Path, description = "identifier of the session")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "the password has to be changed first"),
        (status = 404, body = ProblemBody),
    ))]
async fn end_session(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, caller.language);
    let found = open_of(&platform, caller.account()).await.map_err(failed)?;
    let Some(one) = found.into_iter().find(|one| one.id() == id) else {
        let refusal = Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "session-unknown") };
        return Err(Problem::of(refusal, caller.language));
    };
    let mut tx = platform.journal.db().begin().await.map_err(failed)?;
    tx.run(sql("delete from session where token = $1").bind(one.token)).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

struct Open {
    token: Vec<u8>,
    opened_at: Instant,
    seen_at: Instant,
    browser: Option<String>,
    os: Option<String>,
}

impl Open {
    /// The beginning of the token's hash: names the session, opens nothing.
    fn id(&self) -> String {
        hex::encode(&self.token[..8.min(self.token.len())])
    }
}

type Row = (Vec<u8>, i64, i64, Option<String>, Option<String>);

async fn open_of(platform: &PlatformState, account: &str) -> Result<Vec<Open>, StoreError> {
    let select = sql("select token, created_at, seen_at, browser, os from session where account = $1 \
                      order by seen_at desc, token");
    let rows: Vec<Row> = (&mut platform.journal.db()).all(select.bind(account)).await?;
    let now = platform.edge.now();
    let open = rows.into_iter().filter(|(_, opened, seen, ..)| !is_over(&platform.people, *opened, *seen, now));
    let of = |(token, opened, seen, browser, os)| Open {
        token,
        opened_at: Instant::from_micros(opened),
        seen_at: Instant::from_micros(seen),
        browser,
        os,
    };
    Ok(open.map(of).collect())
}

/// Ends the sessions of an account but for the one with this token, hashed; all where it is empty.
pub(crate) async fn end_others(tx: &mut Tx, account: &str, token: &[u8]) -> Result<(), StoreError> {
    let end = sql("delete from session where account = $1 and token <> $2");
    tx.run(end.bind(account).bind(token)).await.map(drop)
}
