//! `GET /me/notices`, `POST /me/notices/read`: what the caller has been told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use kernel::{Instant, Refusal};
use serde::{Deserialize, Serialize};
use store::{Db, Read, Sql, StoreError, Tx, sql};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Directory, Said, tell};
use crate::{Caller, Input, Params, PlatformState, Problem, ProblemBody};

#[derive(Clone)]
pub struct InboxState {
    pub platform: PlatformState,
    pub directory: Arc<dyn Directory>,
}

impl FromRef<InboxState> for PlatformState {
    fn from_ref(state: &InboxState) -> PlatformState {
        state.platform.clone()
    }
}

/// Empties an account's inbox.
pub(super) async fn forget(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.run(sql("delete from notice where account = $1").bind(account)).await.map(drop)
}

pub fn routes() -> OpenApiRouter<InboxState> {
    OpenApiRouter::new().routes(routes!(notices)).routes(routes!(read_notices))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoticesQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    limit: Option<i64>,
    /// Only what is not read yet.
    unread: Option<bool>,
}

/// The caller's notices, the newest first.
#[derive(Serialize, ToSchema)]
pub struct NoticesBody {
    pub notices: Vec<NoticeBody>,
    /// How many are not read yet, of all.
    pub unread: i64,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct NoticeBody {
    #[schema(example = "17.lapsed")]
    pub id: String,
    /// Kind of the fact, such as `case.lapsed`.
    pub kind: String,
    /// What it is about, such as `case/<uuid>`.
    #[schema(example = "case/00000000-0000-4000-8000-000000000000")]
    pub about: String,
    /// In the caller's language; without any personal value.
    pub text: String,
    pub emergency: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub read_at: Option<Instant>,
}

/// Which notices were read: these, or all up to an instant. Exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadNoticesBody {
    #[schema(max_items = 200)]
    pub ids: Option<Vec<String>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
}

#[derive(Serialize, ToSchema)]
pub struct UnreadBody {
    /// How many are left.
    pub unread: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    rule: String,
    kind: String,
    stream: String,
    text: String,
    said: String,
    emergency: i64,
    at: i64,
    read_at: Option<i64>,
}

/// What the caller has been told, by the rules of the district.
#[utoipa::path(get, path = "/me/notices", tag = "me", params(NoticesQuery), responses(
    (status = 200, body = NoticesBody),
    (status = 401, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn notices(
    State(state): State<InboxState>,
    caller: Caller,
    Params(query): Params<NoticesQuery>,
) -> Result<Json<NoticesBody>, Problem> {
    let unknown = || Problem::of(Refusal::invalid("cursor", "cursor-unknown"), caller.language);
    let before = match &query.cursor {
        Some(cursor) => parse(cursor).ok_or_else(unknown)?,
        None => (i64::MAX, String::new()),
    };
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let failed = |error: StoreError| Problem::internal(&error, caller.language);
    let db = state.platform.journal.db();
    let only = if query.unread == Some(true) { "and read_at is null" } else { "" };
    let text = format!(
        "select position, rule, kind, stream, text, said, emergency, at, read_at from notice \
         where account = $1 and (position, rule) < ($2, $3) {only} order by position desc, rule desc limit $4"
    );
    let select = Sql::composed(text).bind(caller.account()).bind(before.0).bind(&before.1).bind(limit);
    let rows: Vec<Row> = (&mut &*db).all(select).await.map_err(failed)?;
    let next = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| format!("{}.{}", row.position, row.rule));
    let zone = state.directory.zone();
    let body = |row: Row| {
        let said: BTreeMap<String, Said> = serde_json::from_str(&row.said).unwrap_or_default();
        NoticeBody {
            id: format!("{}.{}", row.position, row.rule),
            kind: row.kind,
            about: row.stream,
            text: tell(caller.language, &row.text, &said, &zone),
            emergency: row.emergency == 1,
            at: Instant::from_micros(row.at),
            read_at: row.read_at.map(Instant::from_micros),
        }
    };
    let notices = rows.into_iter().map(body).collect();
    let unread = count_unread(db, caller.account()).await.map_err(failed)?;
    Ok(Json(NoticesBody { notices, unread, next }))
}

/// Marks notices of the caller as read. What is read already stays as it was.
#[utoipa::path(post, path = "/me/notices/read", tag = "me", request_body = ReadNoticesBody, responses(
    (status = 200, body = UnreadBody),
    (status = 401, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn read_notices(
    State(state): State<InboxState>,
    caller: Caller,
    Input(body): Input<ReadNoticesBody>,
) -> Result<Json<UnreadBody>, Problem> {
    let refuse = |field, code| Problem::of(Refusal::invalid(field, code), caller.language);
    let failed = |error: StoreError| Problem::internal(&error, caller.language);
    let (db, now) = (state.platform.journal.db(), state.platform.edge.now().micros());
    let statements = match (body.ids, body.until) {
        (Some(ids), None) if ids.len() > 200 => return Err(refuse("ids", "notice-ids-too-many")),
        (Some(ids), None) => {
            let ids: Option<Vec<(i64, String)>> = ids.iter().map(|id| parse(id)).collect();
            let ids = ids.ok_or_else(|| refuse("ids", "notice-id-unknown"))?;
            let one = |(position, rule): (i64, String)| {
                sql("update notice set read_at = $1 where account = $2 and position = $3 and rule = $4 and read_at is null")
                    .bind(now)
                    .bind(caller.account())
                    .bind(position)
                    .bind(&rule)
            };
            ids.into_iter().map(one).collect()
        }
        (None, Some(until)) => {
            let all = sql("update notice set read_at = $1 where account = $2 and at <= $3 and read_at is null");
            vec![all.bind(now).bind(caller.account()).bind(until.micros())]
        }
        _ => return Err(refuse("ids", "notice-ids-or-until")),
    };
    let mut tx = db.begin().await.map_err(failed)?;
    for statement in statements {
        tx.run(statement).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    let unread = count_unread(db, caller.account()).await.map_err(failed)?;
    Ok(Json(UnreadBody { unread }))
}

/// Whose inboxes have something of facts after `position`, and the last such position: for whoever tells them that it is there.
pub async fn news(db: &Db, position: i64) -> Result<(BTreeSet<String>, i64), StoreError> {
    let select = sql("select position, account from notice where position > $1").replanned().bind(position);
    let rows: Vec<(i64, String)> = (&mut &*db).all(select).await?;
    let last = rows.iter().map(|(position, _)| *position).max().unwrap_or(position);
    Ok((rows.into_iter().map(|(_, account)| account).collect(), last))
}

async fn count_unread(db: &Db, account: &str) -> Result<i64, StoreError> {
    let select = sql("select count(*) from notice where account = $1 and read_at is null").bind(account);
    let (unread,): (i64,) = (&mut &*db).one(select).await?;
    Ok(unread)
}

/// Position and rule of `17.lapsed`.
fn parse(id: &str) -> Option<(i64, String)> {
    let (position, rule) = id.split_once('.')?;
    Some((position.parse().ok()?, rule.to_owned()))
}
