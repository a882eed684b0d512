//! `GET /deliveries`, `POST /deliveries/{id}/replay`: messages on their way, and those that were given up.

use axum::Json;
use axum::extract::{Path, State};
use journal::{Command, Declined, NewFact, Unit};
use kernel::{Actor, Instant, Kind, Refusal};
use serde::{Deserialize, Serialize};
use store::{Read, sql};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Caller, Params, PlatformState, Problem, ProblemBody};

/// The action that lets a post see messages on their way and send those given up again.
pub const REPLAY: &str = "notice.replay";

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(list_deliveries)).routes(routes!(replay_delivery))
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Waiting,
    Sent,
    Dead,
    /// Needed no more before it went out, such as the ringing of a call that was answered.
    Settled,
}

impl DeliveryState {
    fn word(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Sent => "sent",
            DeliveryState::Dead => "dead",
            DeliveryState::Settled => "settled",
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesQuery {
    /// `dead` where left out: what was given up.
    #[param(inline)]
    state: Option<DeliveryState>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    limit: Option<i64>,
}

/// Messages of one state, the newest first.
#[derive(Serialize, ToSchema)]
pub struct DeliveriesBody {
    pub deliveries: Vec<DeliveryBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

/// A message; without its words and without any address.
#[derive(Serialize, ToSchema)]
pub struct DeliveryBody {
    pub id: String,
    /// `mail`, `sms` or `webhook`.
    pub channel: String,
    /// `account/…`, `webhook/…` or `outside/RULE/PLACE`.
    pub recipient: String,
    /// Kind of the fact.
    pub kind: String,
    pub about: String,
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// A code of the last failure, such as `http-500`.
    pub failure: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Instant,
    /// When it is tried next, while it waits.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    channel: String,
    recipient: String,
    kind: String,
    stream: String,
    state: String,
    attempts: i64,
    failure: Option<String>,
    made_at: i64,
    due_at: i64,
}

/// Messages on their way, or those that were given up.
#[utoipa::path(get, path = "/deliveries", tag = "notices", params(DeliveriesQuery), responses(
    (status = 200, body = DeliveriesBody),
    (status = 400, body = ProblemBody, description = "a parameter is not of its form"),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn list_deliveries(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(query): Params<DeliveriesQuery>,
) -> Result<Json<DeliveriesBody>, Problem> {
    caller.require(REPLAY)?;
    let unknown = || Problem::of(Refusal::invalid("cursor", "cursor-unknown"), caller.language);
    let before = match &query.cursor {
        Some(cursor) => {
            let parts = cursor.split_once('.').and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.to_owned())));
            parts.ok_or_else(unknown)?
        }
        None => (i64::MAX, String::new()),
    };
    let state = query.state.unwrap_or(DeliveryState::Dead).word();
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let select =
        sql("select id, channel, recipient, kind, stream, state, attempts, failure, made_at, due_at from delivery \
         where state = $1 and (made_at, id) < ($2, $3) order by made_at desc, id desc limit $4");
    let select = select.bind(state).bind(before.0).bind(&before.1).bind(limit);
    let rows: Result<Vec<Row>, _> = platform.journal.db().all(select).await;
    let rows = rows.map_err(|error| Problem::internal(&error, caller.language))?;
    let next = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| format!("{}.{}", row.made_at, row.id));
    let body = |row: Row| DeliveryBody {
        id: row.id,
        channel: row.channel,
        recipient: row.recipient,
        kind: row.kind,
        about: row.stream,
        state: row.state,
        attempts: row.attempts,
        failure: row.failure,
        made_at: Instant::from_micros(row.made_at),
        due_at: Instant::from_micros(row.due_at),
    };
    Ok(Json(DeliveriesBody { deliveries: rows.into_iter().map(body).collect(), next }))
}

struct Replay {
    id: String,
    actor: Actor,
}

enum ReplayRefusal {
    NotFound,
    NotDead,
}

impl From<ReplayRefusal> for Refusal {
    fn from(refusal: ReplayRefusal) -> Refusal {
        match refusal {
            ReplayRefusal::NotFound => {
                Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "delivery-not-found") }
            }
            ReplayRefusal::NotDead => Refusal::new(Kind::Conflict, "delivery-not-dead"),
        }
    }
}

#[derive(Serialize)]
struct Replayed<'a> {
    v: u32,
    delivery: &'a str,
}

impl Command for Replay {
    type Output = ();
    type Refusal = ReplayRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<ReplayRefusal>> {
        let at = unit.at();
        let select = sql("select state from delivery where id = $1").bind(&self.id);
        match unit.tx().await?.optional::<(String,)>(select).await? {
            None => return Err(Declined::Refused(ReplayRefusal::NotFound)),
            Some((state,)) if state != "dead" => return Err(Declined::Refused(ReplayRefusal::NotDead)),
            Some(_) => {}
        }
        let update = sql(
            "update delivery set state = 'waiting', attempts = 0, due_at = $1, ended_at = null where id = $2 and state = 'dead'",
        );
        unit.tx().await?.run(update.bind(at.micros()).bind(&self.id)).await?;
        let body = Replayed { v: 1, delivery: &self.id };
        let fact = NewFact::new("delivery.replayed", at, self.actor.clone(), &body);
        let stream = format!("delivery/{}", self.id);
        let version = journal::tail::version(unit.tx().await?, &stream).await?;
        unit.append(&stream, version, vec![fact]).await?;
        Ok(())
    }
}

/// Sends a message that was given up again.
#[utoipa::path(post, path = "/deliveries/{id}/replay", tag = "notices", params(("id" = String, Path)), responses(
    (status = 204),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "it was not given up"),
))]
async fn replay_delivery(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::http::StatusCode, Problem> {
    caller.require(REPLAY)?;
    let grant = caller.scope.grants().iter().find(|grant| grant.actions.contains(REPLAY));
    let post = grant.map(|grant| grant.post.clone()).unwrap_or_default();
    let actor = Actor::Post { person: caller.account().to_owned(), post };
    let done = platform.journal.submit(Replay { id, actor }, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
