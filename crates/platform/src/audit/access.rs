//! `GET /audit/access`: looks at persons' values.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use journal::access::{access_log, audited};
use journal::{JournalError, Trail, TrailFilter, TrailPlace};
use kernel::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::acts::PageQuery;
use super::export::{ExportQuery, file};
use super::person::{ByBody, Logins, account_of};
use super::{MOST, PAGE, cursor_of, fits, limit, place_of};
use crate::administration::AUDIT_READ;
use crate::caller::{Caller, PlatformState};
use crate::{Both, Params, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(list_looks)).routes(routes!(export_looks))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LooksQuery {
    /// The account that looked.
    by: Option<String>,
    /// Whose values, such as `person/<id>`.
    of: Option<String>,
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Before it.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

/// Looks, the newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditLooksBody {
    pub looks: Vec<AuditedLookBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

/// Someone looked at someone's values.
#[derive(Serialize, ToSchema)]
pub struct AuditedLookBody {
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Whose values: the name of the key they are sealed under.
    #[schema(example = "person/00000000-0000-4000-8000-000000000000")]
    pub of: String,
    /// What they stand in.
    #[schema(example = "case/00000000-0000-4000-8000-000000000000")]
    pub about: String,
    pub fields: Vec<String>,
    /// A code: `time_line`, `contact`, `receipt`.
    pub ground: String,
    /// In the looker's own words, where they had to give some.
    pub reason: Option<String>,
    /// Until then the person concerned is not told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withheld_until: Option<Instant>,
    pub by: ByBody,
}

impl LooksQuery {
    fn filter(self) -> TrailFilter {
        let LooksQuery { by, of, from, until } = self;
        TrailFilter { kind: None, person: by, stream: of.map(|of| access_log(&of)), from, until }
    }
}

/// Who looked at whose sealed values, when, in what, and why; also those that the person concerned is not told of yet. The newest
/// first.
#[utoipa::path(get, path = "/audit/access", tag = "audit", params(LooksQuery, PageQuery), responses(
    (status = 200, body = AuditLooksBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn list_looks(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, page)): Params<Both<LooksQuery, PageQuery>>,
) -> Result<Json<AuditLooksBody>, Problem> {
    caller.require(AUDIT_READ)?;
    let (after, limit) = (place_of(page.cursor, caller.language)?, limit(page.limit));
    let found = looks(&platform, &query.filter(), after, limit).await;
    let (looks, last) = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let next = last.filter(|_| looks.len() as i64 == limit).map(cursor_of);
    Ok(Json(AuditLooksBody { looks, next }))
}

/// The same as a file, all of it.
#[utoipa::path(get, path = "/audit/access/export", tag = "audit", params(LooksQuery, ExportQuery), responses(
    (status = 200, description = "the file; a CSV comes page by page", content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), headers(("Row-Limit" = i64, description = "how many rows one file has at most"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "an unknown parameter, or more rows than one file has"),
))]
async fn export_looks(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(Both(query, export)): Params<Both<LooksQuery, ExportQuery>>,
) -> Result<Response, Problem> {
    const HEAD: [&str; 9] = [
        "audit-head-at",
        "audit-head-of",
        "audit-head-about",
        "audit-head-fields",
        "audit-head-ground",
        "audit-head-reason",
        "audit-head-withheld",
        "audit-head-by",
        "audit-head-post",
    ];
    caller.require(AUDIT_READ)?;
    let filter = query.filter();
    let count = Trail::Looks.count(&mut platform.journal.db(), &filter, MOST + 1).await;
    fits(count.map_err(|error| Problem::internal(&error, caller.language))?, caller.language)?;
    let page = move |after: Option<TrailPlace>| {
        let (platform, filter) = (platform.clone(), filter.clone());
        async move {
            let (found, last) = looks(&platform, &filter, after, PAGE).await?;
            Ok::<_, JournalError>((found.into_iter().map(cells).collect(), last))
        }
    };
    file("access", export.format, &HEAD, page, caller.language).await
}

fn cells(look: AuditedLookBody) -> Vec<String> {
    let [by, post] = look.by.cells();
    let withheld = look.withheld_until.map(|until| until.to_string()).unwrap_or_default();
    let (reason, fields) = (look.reason.unwrap_or_default(), look.fields.join(" "));
    vec![look.at.to_string(), look.of, look.about, fields, look.ground, reason, withheld, by, post]
}

async fn looks(
    platform: &PlatformState,
    filter: &TrailFilter,
    after: Option<TrailPlace>,
    limit: i64,
) -> Result<(Vec<AuditedLookBody>, Option<TrailPlace>), JournalError> {
    let journal = &platform.journal;
    let found = audited(&mut journal.db(), journal.sealer(), filter, after, limit).await?;
    let logins = Logins::of(platform, found.iter().filter_map(|(_, look, _)| account_of(&look.actor))).await?;
    let last = found.last().map(|(.., place)| *place);
    let body = |(of, look, _): (String, journal::access::Look, TrailPlace)| AuditedLookBody {
        at: look.at,
        of,
        about: look.stream,
        fields: look.fields.into_iter().collect(),
        ground: look.why.ground,
        reason: look.why.reason,
        withheld_until: look.why.withheld_until,
        by: logins.by(platform, &look.actor),
    };
    Ok((found.into_iter().map(body).collect(), last))
}
