//! Systems that are told of facts: `POST/GET/DELETE /webhooks`.

use axum::Json;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::{Command, Declined, Fact, Journal, JournalError, NewFact, Personal, Unit, tail};
use kernel::{Actor, Instant, Kind, Refusal};
use serde::{Deserialize, Serialize};
use store::{Read, StoreError, sql};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::{AddressRefusal, Guarded};
use super::rule::is_kind_of;
use super::{Directory, Event};
use crate::{Caller, Input, PlatformState, Problem, ProblemBody, Scope};

/// The action that lets a post open and close webhooks.
pub const KEEP: &str = "webhook.keep";

/// At most so many are open at a time.
const MOST: usize = 100;

#[derive(Clone)]
pub struct WebhookState {
    pub platform: PlatformState,
    pub guarded: Guarded,
    /// Kinds of facts that systems can be told of.
    pub kinds: &'static [&'static str],
}

impl FromRef<WebhookState> for PlatformState {
    fn from_ref(state: &WebhookState) -> PlatformState {
        state.platform.clone()
    }
}

pub fn routes() -> OpenApiRouter<WebhookState> {
    OpenApiRouter::new().routes(routes!(open_webhook, list_webhooks)).routes(routes!(close_webhook))
}

/// An open webhook, as the reader of facts needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: String,
    pub host: String,
    pub kinds: Vec<String>,
    pub posts: Vec<String>,
    pub opened_at: Instant,
}

impl Webhook {
    /// Whether it asks for such a fact, and was open when it came to be.
    pub(super) fn asks_for(&self, fact: &Fact) -> bool {
        self.opened_at <= fact.at && self.kinds.iter().any(|pattern| is_kind_of(&fact.kind, pattern))
    }

    /// Whether its posts, as they are now, may read what the fact is about.
    pub(super) fn may_read(&self, event: &Event, directory: &dyn Directory) -> bool {
        let Some(sight) = &event.read else { return false };
        let grants = self.posts.iter().filter_map(|post| directory.grant(post)).collect();
        Scope::new(stream(&self.id), grants).allows(sight.action, &sight.resource)
    }
}

/// What a message to a webhook is sent with.
pub struct Keys {
    pub address: String,
    pub secret: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenWebhookBody {
    /// `https://…`; `http://…` only in networks that the operator allows.
    #[schema(example = "https://example.org/huying")]
    pub address: String,
    /// Kinds of facts, such as `case.closed`, or `case.*`.
    #[schema(example = json!(["case.closed"]), min_items = 1, max_items = 100)]
    pub kinds: Vec<String>,
    /// Keys of posts: what they may read is told.
    #[schema(example = json!(["CC.operator"]), min_items = 1, max_items = 20)]
    pub posts: Vec<String>,
}

/// The secret is shown this once.
#[derive(Serialize, ToSchema)]
pub struct OpenedWebhookBody {
    pub id: String,
    /// Signs every message, as Standard Webhooks has it.
    pub secret: String,
}

#[derive(Serialize, ToSchema)]
pub struct WebhooksBody {
    pub webhooks: Vec<WebhookBody>,
}

#[derive(Serialize, ToSchema)]
pub struct WebhookBody {
    pub id: String,
    /// Of its address; the rest of that is as secret as its secret.
    pub host: String,
    pub kinds: Vec<String>,
    pub posts: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
}

struct OpenWebhook {
    host: String,
    body: OpenWebhookBody,
    actor: Actor,
}

#[derive(Serialize)]
struct Opened<'a> {
    v: u32,
    host: &'a str,
    kinds: &'a [String],
    posts: &'a [String],
}

#[derive(Serialize)]
struct Closed {
    v: u32,
}

enum WebhookRefusal {
    TooMany,
    NotFound,
}

impl From<WebhookRefusal> for Refusal {
    fn from(why: WebhookRefusal) -> Refusal {
        match why {
            WebhookRefusal::TooMany => Refusal::new(Kind::Conflict, "webhook-too-many").with("most", MOST),
            WebhookRefusal::NotFound => {
                Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "webhook-not-found") }
            }
        }
    }
}

fn stream(id: &str) -> String {
    format!("webhook/{id}")
}

impl Command for OpenWebhook {
    type Output = OpenedWebhookBody;
    type Refusal = WebhookRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<OpenedWebhookBody, Declined<WebhookRefusal>> {
        if all(unit.tx().await?).await?.len() >= MOST {
            return Err(Declined::Refused(WebhookRefusal::TooMany));
        }
        let id = unit.chance().uuid().to_string();
        let secret = format!("whsec_{}", STANDARD.encode(unit.chance().bytes::<32>()));
        let (at, OpenWebhookBody { address, kinds, posts }) = (unit.at(), &self.body);
        let list = |words: &[String]| serde_json::to_string(words).unwrap_or_default();
        let insert = sql("insert into webhook (id, host, kinds, posts, opened_at) values ($1, $2, $3, $4, $5)");
        let insert = insert.bind(&id).bind(&self.host).bind(list(kinds)).bind(list(posts)).bind(at.micros());
        unit.tx().await?.run(insert).await?;
        let body = Opened { v: 1, host: &self.host, kinds, posts };
        let mut fact = NewFact::new("webhook.opened", at, self.actor.clone(), &body);
        for (field, value) in [("address", address), ("secret", &secret)] {
            fact.personal.push(Personal { subject: stream(&id), field, value: value.clone() });
        }
        unit.append(&stream(&id), 0, vec![fact]).await?;
        Ok(OpenedWebhookBody { id, secret })
    }
}

struct CloseWebhook {
    id: String,
    actor: Actor,
}

impl Command for CloseWebhook {
    type Output = ();
    type Refusal = WebhookRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<WebhookRefusal>> {
        let at = unit.at();
        let open = sql("select count(*) from webhook where id = $1 and closed_at is null").bind(&self.id);
        let (open,): (i64,) = unit.tx().await?.one(open).await?;
        if open == 0 {
            return Err(Declined::Refused(WebhookRefusal::NotFound));
        }
        let update = sql("update webhook set closed_at = $1 where id = $2 and closed_at is null");
        unit.tx().await?.run(update.bind(at.micros()).bind(&self.id)).await?;
        let fact = NewFact::new("webhook.closed", at, self.actor.clone(), &Closed { v: 1 });
        let version = tail::version(unit.tx().await?, &stream(&self.id)).await?;
        unit.append(&stream(&self.id), version, vec![fact]).await?;
        Ok(())
    }
}

/// The webhooks that are open, the oldest first.
pub async fn all(read: &mut impl Read) -> Result<Vec<Webhook>, StoreError> {
    let select =
        sql("select id, host, kinds, posts, opened_at from webhook where closed_at is null order by opened_at, id");
    let rows: Vec<(String, String, String, String, i64)> = read.all(select).await?;
    let row = |(id, host, kinds, posts, opened): (String, String, String, String, i64)| Webhook {
        id,
        host,
        kinds: serde_json::from_str(&kinds).unwrap_or_default(),
        posts: serde_json::from_str(&posts).unwrap_or_default(),
        opened_at: Instant::from_micros(opened),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Address and secret of an open webhook.
pub async fn keys(journal: &Journal, id: &str) -> Result<Option<Keys>, JournalError> {
    let mut db = journal.db();
    let open = sql("select count(*) from webhook where id = $1 and closed_at is null").bind(id);
    let (open,): (i64,) = db.one(open).await?;
    let Some(fact) = tail::of_stream(&mut db, &stream(id), 1).await?.filter(|_| open == 1) else { return Ok(None) };
    let opened = journal.sealer().open(&mut db, &fact).await?;
    let value = |field: &str| opened.value(field).map(str::to_owned);
    Ok(value("address").zip(value("secret")).map(|(address, secret)| Keys { address, secret }))
}

fn actor(caller: &Caller) -> Actor {
    let grant = caller.scope.grants().iter().find(|grant| grant.actions.contains(KEEP));
    let post = grant.map(|grant| grant.post.clone()).unwrap_or_default();
    Actor::Post { person: caller.account().to_owned(), post }
}

/// Tells a system of facts from now on.
///
/// Each message is a CloudEvent (structured mode, JSON) whose `data` is the fact's public body, without any personal value. It is
/// signed as Standard Webhooks has it, and tried again with growing pauses until it is answered with a 2xx status. It may come more
/// than once, and out of order: `webhook-id` tells messages apart, `id` (the fact's position) orders them.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", request_body = OpenWebhookBody, responses(
    (status = 201, body = OpenedWebhookBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "too many are open"),
    (status = 422, body = ProblemBody),
))]
async fn open_webhook(
    State(state): State<WebhookState>,
    caller: Caller,
    Input(body): Input<OpenWebhookBody>,
) -> Result<(StatusCode, Json<OpenedWebhookBody>), Problem> {
    caller.require(KEEP)?;
    let refuse = |field, code| Problem::of(Refusal::invalid(field, code), caller.language);
    if !(1..=100).contains(&body.kinds.len()) {
        return Err(refuse("kinds", "webhook-kinds"));
    }
    let is_known = |pattern: &String| state.kinds.iter().any(|kind| is_kind_of(kind, pattern));
    if let Some(unknown) = body.kinds.iter().find(|pattern| !is_known(pattern)) {
        let refusal = Refusal::invalid("kinds", "webhook-kind-unknown").with("kind", unknown);
        return Err(Problem::of(refusal, caller.language));
    }
    if !(1..=20).contains(&body.posts.len()) {
        return Err(refuse("posts", "webhook-posts"));
    }
    if let Some(unknown) = body.posts.iter().find(|post| state.platform.posts.grant(post).is_none()) {
        let refusal = Refusal::invalid("posts", "webhook-post-unknown").with("post", unknown);
        return Err(Problem::of(refusal, caller.language));
    }
    let url = state.guarded.vet(&body.address).await.map_err(|why| {
        let code = match why {
            AddressRefusal::Unreadable => "webhook-address",
            AddressRefusal::NotEncrypted => "webhook-address-not-encrypted",
            AddressRefusal::NotPermitted => "webhook-address-not-permitted",
            AddressRefusal::Unresolved => "webhook-address-unresolved",
        };
        refuse("address", code)
    })?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let command = OpenWebhook { host, body, actor: actor(&caller) };
    let done = state.platform.journal.submit(command, state.platform.edge.submission(None)).await;
    match done.map_err(|error| Problem::submitted(error, caller.language))? {
        journal::Answer::Done { output, .. } => Ok((StatusCode::CREATED, Json(output))),
        // It is submitted without a key.
        journal::Answer::Replayed { .. } => Err(Problem::internal(&"replayed without a key", caller.language)),
    }
}

/// The webhooks that are open.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", responses(
    (status = 200, body = WebhooksBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
))]
async fn list_webhooks(State(state): State<WebhookState>, caller: Caller) -> Result<Json<WebhooksBody>, Problem> {
    caller.require(KEEP)?;
    let found = all(&mut state.platform.journal.db()).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let body = |Webhook { id, host, kinds, posts, opened_at }| WebhookBody { id, host, kinds, posts, opened_at };
    Ok(Json(WebhooksBody { webhooks: found.into_iter().map(body).collect() }))
}

/// Tells the system nothing more, of what waits neither.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)), responses(
    (status = 204),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
))]
async fn close_webhook(
    State(state): State<WebhookState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.require(KEEP)?;
    let command = CloseWebhook { id, actor: actor(&caller) };
    let done = state.platform.journal.submit(command, state.platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}
