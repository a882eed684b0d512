//! `GET /cases/{id}/receipt`: the case's receipt, to be checked without the district.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use journal::receipt::{self, Disclose};
use kernel::{Kind, Refusal};
use platform::{Caller, Problem, ProblemBody};

use super::{CaseworkState, caller};
use crate::stream_of;

/// What the journal holds of a case, with the proof that it stands in the transparency log (`huying-receipt@v1`,
/// docs/verify). No personal value is disclosed; a fact of the last moments has no proof yet. A receipt holds exact bytes, the
/// key of the reporter among them, so that of a confidential case is for those who may know the reporter.
#[utoipa::path(get, path = "/cases/{id}/receipt", tag = "cases",
    params(("id" = String, Path, description = "identifier or number")),
    responses(
        (status = 200, content_type = "application/json", body = Object, description = "the receipt, to be kept byte for byte"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    ))]
pub async fn receipt(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = caller::readable(&state, &caller, &id).await?;
    let grant = caller::grant(&caller, &headers)?;
    if !case.lets_see_reporter(caller.account(), Some(&grant.organization)) {
        return Err(Problem::of(Refusal::new(Kind::Forbidden, "case-receipt-confidential"), caller.language));
    }
    let made = receipt::make(state.platform.journal.db(), &stream_of(&case), Disclose::Nothing).await;
    let made = made.map_err(|error| Problem::internal(&error, caller.language))?;
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"receipt-{}.json\"", case.number)),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, made.to_text()).into_response())
}
