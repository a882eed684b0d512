//! `GET /audit/acts`: what administrators did, and what people did to their own accounts.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use journal::{Fact, JournalError, Trail, TrailFilter, TrailPlace};
use kernel::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::export::{ExportQuery, file};
use super::person::{ByBody, Logins, account_of};
use super::{MOST, PAGE, cursor_of, fits, limit, place_of};
use crate::administration::AUDIT_READ;
use crate::caller::{Caller, PlatformState};
use crate::{Both, Params, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(list_acts)).routes(routes!(export_acts))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActsQuery {
    /// The kind of fact, such as `account.post_assigned`.
    kind: Option<String>,
    /// The account that acted.
    by: Option<String>,
    /// What it was done to, such as `account/<id>` or `client/<id>`.
    about: Option<String>,
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Before it.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    pub(super) limit: Option<i64>,
}

/// Acts, the newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditActsBody {
    pub acts: Vec<AuditActBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditActBody {
    /// In the journal.
    pub position: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    #[schema(example = "account.post_assigned")]
    pub kind: String,
    #[schema(example = "account/00000000-0000-4000-8000-000000000000")]
    pub about: String,
    /// Of the account that it was done to.
    pub about_login: Option<String>,
    pub by: ByBody,
    /// What the fact says: keys and codes; personal values only as commitments.
    pub details: Value,
    /// SHA-256 of the fact, hex.
    pub hash: String,
}

impl ActsQuery {
    fn filter(self) -> TrailFilter {
        let ActsQuery { kind, by, about, from, until } = self;
        TrailFilter { kind, person: by, stream: about, from, until }
    }
}

/// What administrators, and whoever holds the machine, did to accounts, API clients and persons; what people did to their own
/// accounts. The newest first.
#[utoipa::path(get, path = "/audit/acts", tag = "audit", params(ActsQuery, PageQuery), responses(
    (status = 200, body = AuditActsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn list_acts(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, page)): Params<Both<ActsQuery, PageQuery>>,
) -> Result<Json<AuditActsBody>, Problem> {
    caller.require(AUDIT_READ)?;
    let (after, limit) = (place_of(page.cursor, caller.language)?, limit(page.limit));
    let (acts, last) = acts(&platform, &query.filter(), after, limit)
        .await
        .map_err(|error| Problem::internal(&error, caller.language))?;
    let next = last.filter(|_| acts.len() as i64 == limit).map(cursor_of);
    Ok(Json(AuditActsBody { acts, next }))
}

/// The same as a file, all of it.
#[utoipa::path(get, path = "/audit/acts/export", tag = "audit", params(ActsQuery, ExportQuery), responses(
    (status = 200, description = "the file; a CSV comes page by page", content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), headers(("Row-Limit" = i64, description = "how many rows one file has at most"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "an unknown parameter, or more rows than one file has"),
))]
async fn export_acts(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, export)): Params<Both<ActsQuery, ExportQuery>>,
) -> Result<Response, Problem> {
    const HEAD: [&str; 7] = [
        "audit-head-at",
        "audit-head-kind",
        "audit-head-about",
        "audit-head-by",
        "audit-head-post",
        "audit-head-details",
        "audit-head-hash",
    ];
    caller.require(AUDIT_READ)?;
    let filter = query.filter();
    let count = Trail::Acts.count(&mut platform.journal.db(), &filter, MOST + 1).await;
    fits(count.map_err(|error| Problem::internal(&error, caller.language))?, caller.language)?;
    let page = move |after: Option<TrailPlace>| {
        let (platform, filter) = (platform.clone(), filter.clone());
        async move {
            let (found, last) = acts(&platform, &filter, after, PAGE).await?;
            Ok::<_, JournalError>((found.into_iter().map(cells).collect(), last))
        }
    };
    file("acts", export.format, &HEAD, page, caller.language).await
}

fn cells(act: AuditActBody) -> Vec<String> {
    let [by, post] = act.by.cells();
    let about = act.about_login.unwrap_or(act.about);
    vec![act.at.to_string(), act.kind, about, by, post, act.details.to_string(), act.hash]
}

async fn acts(
    platform: &PlatformState,
    filter: &TrailFilter,
    after: Option<TrailPlace>,
    limit: i64,
) -> Result<(Vec<AuditActBody>, Option<TrailPlace>), JournalError> {
    let facts = Trail::Acts.newest(&mut platform.journal.db(), filter, after, limit).await?;
    let touched = facts.iter().filter_map(|fact| fact.stream.strip_prefix("account/").map(str::to_owned));
    let named = facts.iter().filter_map(|fact| account_of(&fact.actor));
    let logins = Logins::of(platform, touched.chain(named)).await?;
    let last = facts.last().map(|fact| TrailPlace { at: fact.at, position: fact.position });
    Ok((facts.into_iter().map(|fact| body_of(platform, &logins, fact)).collect(), last))
}

fn body_of(platform: &PlatformState, logins: &Logins, fact: Fact) -> AuditActBody {
    let mut details: Value = serde_json::from_slice(&fact.body).unwrap_or_default();
    if let Some(details) = details.as_object_mut() {
        details.remove("v");
    }
    AuditActBody {
        position: fact.position,
        at: fact.at,
        about_login: fact.stream.strip_prefix("account/").and_then(|account| logins.get(account)),
        by: logins.by(platform, &fact.actor),
        kind: fact.kind,
        about: fact.stream,
        details,
        hash: fact.hash.hex(),
    }
}
