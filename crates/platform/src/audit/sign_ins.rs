//! `GET /audit/sign-ins`: attempts to sign in.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use kernel::{Instant, Refusal};
use serde::{Deserialize, Serialize};
use store::{Bind, Read, Sql, StoreError, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::acts::PageQuery;
use super::export::{ExportQuery, file};
use super::{MOST, PAGE, fits, limit, unknown_cursor};
use crate::administration::AUDIT_READ;
use crate::caller::{Caller, PlatformState};
use crate::{Both, Params, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(list_sign_ins)).routes(routes!(export_sign_ins))
}

#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignInsQuery {
    /// The account that someone tried to sign in to.
    account: Option<String>,
    /// Only those that succeeded, or only those that failed.
    succeeded: Option<bool>,
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Before it.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

/// Attempts to sign in, the newest first.
#[derive(Serialize, ToSchema)]
pub struct SignInsBody {
    pub sign_ins: Vec<AuditedSignInBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

/// An attempt to sign in to an account.
#[derive(Serialize, ToSchema)]
pub struct AuditedSignInBody {
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub account: String,
    pub login: String,
    pub succeeded: bool,
}

/// Where a page ended.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    at: i64,
    id: String,
}

/// Attempts to sign in to accounts that there are, among them wrong guesses at a code of activation and at one's own password. The
/// newest first.
#[utoipa::path(get, path = "/audit/sign-ins", tag = "audit", params(SignInsQuery, PageQuery), responses(
    (status = 200, body = SignInsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn list_sign_ins(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, page)): Params<Both<SignInsQuery, PageQuery>>,
) -> Result<Json<SignInsBody>, Problem> {
    caller.require(AUDIT_READ)?;
    let refused = |refusal: Refusal| Problem::of(refusal, caller.language);
    let after = page.cursor.as_deref().map(place_of).transpose().map_err(refused)?;
    let limit = limit(page.limit);
    let found = sign_ins(&platform, &query, after, limit).await;
    let (sign_ins, last) = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let next = last.filter(|_| sign_ins.len() as i64 == limit).map(|place| format!("{}.{}", place.at, place.id));
    Ok(Json(SignInsBody { sign_ins, next }))
}

/// The same as a file, all of it.
#[utoipa::path(get, path = "/audit/sign-ins/export", tag = "audit", params(SignInsQuery, ExportQuery), responses(
    (status = 200, description = "the file; a CSV comes page by page", content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), headers(("Row-Limit" = i64, description = "how many rows one file has at most"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "an unknown parameter, or more rows than one file has"),
))]
async fn export_sign_ins(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, export)): Params<Both<SignInsQuery, ExportQuery>>,
) -> Result<Response, Problem> {
    const HEAD: [&str; 4] = ["audit-head-at", "audit-head-login", "audit-head-account", "audit-head-succeeded"];
    caller.require(AUDIT_READ)?;
    let count = count(&platform, &query).await.map_err(|error| Problem::internal(&error, caller.language))?;
    fits(count, caller.language)?;
    let page = move |after: Option<Place>| {
        let (platform, query) = (platform.clone(), query.clone());
        async move {
            let (found, last) = sign_ins(&platform, &query, after, PAGE).await?;
            Ok::<_, StoreError>((found.into_iter().map(cells).collect(), last))
        }
    };
    file("sign-ins", export.format, &HEAD, page, caller.language).await
}

fn cells(one: AuditedSignInBody) -> Vec<String> {
    vec![one.at.to_string(), one.login, one.account, if one.succeeded { "1" } else { "0" }.to_owned()]
}

fn place_of(cursor: &str) -> Result<Place, Refusal> {
    let (at, id) = cursor.split_once('.').ok_or_else(unknown_cursor)?;
    let fits = id.len() <= 64 && id.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    let at = at.parse().ok().filter(|_| fits).ok_or_else(unknown_cursor)?;
    Ok(Place { at, id: id.to_owned() })
}

/// A condition on `sign_in`, and its values.
fn asked(query: &SignInsQuery, after: Option<Place>) -> (String, Vec<Value>) {
    let (mut parts, mut values) = (vec!["1 = 1".to_owned()], Vec::new());
    let mut next = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    if let Some(account) = &query.account {
        parts.push(format!("sign_in.account = {}", next(account.value())));
    }
    if let Some(succeeded) = query.succeeded {
        parts.push(format!("succeeded = {}", next(succeeded.value())));
    }
    if let Some(from) = query.from {
        parts.push(format!("at >= {}", next(from.micros().value())));
    }
    if let Some(until) = query.until {
        parts.push(format!("at < {}", next(until.micros().value())));
    }
    if let Some(Place { at, id }) = after {
        parts.push(format!("(at, sign_in.id) < ({}, {})", next(at.value()), next(id.value())));
    }
    (parts.join(" and "), values)
}

type Row = (String, i64, String, String, i64);

async fn sign_ins(
    platform: &PlatformState,
    query: &SignInsQuery,
    after: Option<Place>,
    limit: i64,
) -> Result<(Vec<AuditedSignInBody>, Option<Place>), StoreError> {
    let (condition, mut values) = asked(query, after);
    values.push(limit.value());
    let text = format!(
        "select sign_in.id, at, sign_in.account, login, succeeded from sign_in \
         join account on account.id = sign_in.account where {condition} order by at desc, sign_in.id desc limit ${}",
        values.len()
    );
    let select = Sql::composed(text).replanned().bind_all(values);
    let rows: Vec<Row> = (&mut platform.journal.db()).all(select).await?;
    let last = rows.last().map(|(id, at, ..)| Place { at: *at, id: id.clone() });
    let body = |(_, at, account, login, succeeded): Row| AuditedSignInBody {
        at: Instant::from_micros(at),
        account,
        login,
        succeeded: succeeded == 1,
    };
    Ok((rows.into_iter().map(body).collect(), last))
}

/// Up to one more than a file has.
async fn count(platform: &PlatformState, query: &SignInsQuery) -> Result<i64, StoreError> {
    let (condition, mut values) = asked(query, None);
    values.push((MOST + 1).value());
    let text =
        format!("select count(*) from (select 1 from sign_in where {condition} limit ${}) as asked", values.len());
    let (count,): (i64,) = (&mut platform.journal.db()).one(Sql::composed(text).replanned().bind_all(values)).await?;
    Ok(count)
}

/// How many succeeded and how many failed in each hour that has any.
pub(super) async fn hours(
    platform: &PlatformState,
    from: Instant,
    until: Instant,
) -> Result<Vec<(Instant, bool, i64)>, StoreError> {
    const HOUR: i64 = 3_600_000_000;
    let text = format!(
        "select at / {HOUR}, succeeded, count(*) from sign_in where at >= $1 and at < $2 group by at / {HOUR}, succeeded"
    );
    let select = Sql::composed(text).replanned().bind(from.micros()).bind(until.micros());
    let rows: Vec<(i64, i64, i64)> = (&mut platform.journal.db()).all(select).await?;
    Ok(rows.into_iter().map(|(hour, one, count)| (Instant::from_micros(hour * HOUR), one == 1, count)).collect())
}
