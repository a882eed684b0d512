//! `GET /me/access-log`: who looked at the caller's own sealed values, and why.

use axum::Json;
use axum::extract::State;
use journal::access::{Look, newest_looks};
use kernel::{Actor, Instant, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::{Caller, PlatformState};
use crate::{Params, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(access_log))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccessLogQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    limit: Option<i64>,
}

/// Looks at the caller's sealed values, the newest first.
#[derive(Serialize, ToSchema)]
pub struct AccessLogBody {
    pub looks: Vec<LookBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
    /// What the list leaves out, in the caller's language: looks that the law keeps confidential for now.
    pub exception: String,
}

#[derive(Serialize, ToSchema)]
pub struct LookBody {
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Key of the post that looked; absent for a program.
    pub post: Option<String>,
    pub post_zh: Option<String>,
    pub post_en: Option<String>,
    /// `post`, `resident`, or the name of a program.
    pub by: String,
    /// What the values stand in, such as `case/<uuid>`.
    #[schema(example = "case/00000000-0000-4000-8000-000000000000")]
    pub about: String,
    /// Such as `name`, `phone`, `words`.
    pub fields: Vec<String>,
    /// A code: `time_line`, `contact`, `receipt`.
    pub ground: String,
    /// In the looker's own words, where they had to give some.
    pub reason: Option<String>,
}

/// Who looked at the caller's own names, numbers and words, when, by which post, in what, and why. A look that the law keeps
/// confidential is left out until the instant its looker was allowed to set (Personal Information Protection Law, articles 18
/// and 35); the auditor sees it at once.
#[utoipa::path(get, path = "/me/access-log", tag = "me", params(AccessLogQuery), responses(
    (status = 200, body = AccessLogBody),
    (status = 401, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn access_log(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(query): Params<AccessLogQuery>,
) -> Result<Json<AccessLogBody>, Problem> {
    let cursor = query.cursor.map(|cursor| cursor.parse::<i64>()).transpose();
    let before = cursor.map_err(|_| Problem::of(Refusal::invalid("cursor", "cursor-unknown"), caller.language))?;
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let subject = format!("person/{}", caller.account());
    let journal = &platform.journal;
    let looks = newest_looks(&mut journal.db(), journal.sealer(), &subject, before, limit).await;
    let looks = looks.map_err(|error| Problem::internal(&error, caller.language))?;
    let next = looks.last().filter(|look| looks.len() as i64 == limit && look.number > 1);
    let next = next.map(|look| look.number.to_string());
    let now = platform.edge.now();
    let told = |look: &Look| look.why.withheld_until.is_none_or(|until| until <= now);
    let looks = looks.into_iter().filter(told).map(|look| look_body(&platform, look)).collect();
    let exception = kernel::text::text(caller.language, "access-log-exception", &Default::default());
    Ok(Json(AccessLogBody { looks, next, exception }))
}

fn look_body(platform: &PlatformState, look: Look) -> LookBody {
    let (post, by) = match &look.actor {
        Actor::Post { post, .. } => (Some(post.clone()), "post".to_owned()),
        Actor::Resident { .. } => (None, "resident".to_owned()),
        Actor::System { name } => (None, name.clone()),
    };
    let (post_zh, post_en) = post.as_deref().and_then(|post| platform.posts.names(post)).unzip();
    LookBody {
        at: look.at,
        post,
        post_zh,
        post_en,
        by,
        about: look.stream,
        fields: look.fields.into_iter().collect(),
        ground: look.why.ground,
        reason: look.why.reason,
    }
}
