//! `/clients`: the system administrator's.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Client, ClientKey, CloseClient, OpenClient, RenewClientKey, Terms};
use crate::administration::CLIENT_KEEP;
use crate::caller::{Caller, Input, PlatformState};
use crate::{Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new()
        .routes(routes!(list_clients, open_client))
        .routes(routes!(close_client))
        .routes(routes!(renew_client_key))
}

/// A system that calls with a key. The key itself is never shown again.
#[derive(Serialize, ToSchema)]
pub struct ClientBody {
    pub id: String,
    pub name: String,
    /// Posts it acts by.
    pub posts: Vec<String>,
    /// Actions it may do, of those its posts allow.
    pub scopes: BTreeSet<String>,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Instant>,
    /// When it last called, to the hour.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Instant>,
}

#[derive(Deserialize, ToSchema)]
pub struct OpenClientBody {
    /// What the system is called.
    #[schema(example = "city-hotline", min_length = 1, max_length = 100)]
    name: String,
    #[schema(min_items = 1)]
    posts: Vec<String>,
    /// One named twice counts once.
    #[schema(min_items = 1, value_type = Vec<String>)]
    scopes: BTreeSet<String>,
    /// Days the key holds; 365 where left out.
    #[schema(minimum = 1, maximum = 730)]
    days: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
pub struct RenewKeyBody {
    /// Days the new key holds; 365 where left out.
    #[schema(minimum = 1, maximum = 730)]
    days: Option<u32>,
}

/// A key, shown this once.
#[derive(Serialize, ToSchema)]
pub struct ClientKeyBody {
    pub id: String,
    /// For `Authorization: Bearer KEY`.
    pub key: String,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// The API clients, those opened last first.
#[utoipa::path(get, path = "/clients", tag = "clients", responses(
    (status = 200, body = Vec<ClientBody>),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
))]
async fn list_clients(State(platform): State<PlatformState>, caller: Caller) -> Result<Json<Vec<ClientBody>>, Problem> {
    caller.require(CLIENT_KEEP)?;
    let clients = Client::all(&mut platform.journal.db()).await;
    let clients = clients.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok(Json(clients.into_iter().map(body_of).collect()))
}

/// Opens an API client and gives its key.
#[utoipa::path(post, path = "/clients", tag = "clients", request_body = OpenClientBody, responses(
    (status = 201, body = ClientKeyBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn open_client(
    State(platform): State<PlatformState>,
    caller: Caller,
    Input(body): Input<OpenClientBody>,
) -> Result<(StatusCode, Json<ClientKeyBody>), Problem> {
    let actor = caller.acting(CLIENT_KEEP)?;
    let OpenClientBody { name, posts, scopes, days } = body;
    let submission = platform.edge.submission(None);
    let terms = Terms::new(platform.posts.as_ref(), &name, posts, scopes, days, submission.at);
    let terms = terms.map_err(|refusal| Problem::of(refusal, caller.language))?;
    let mut chance = platform.edge.chance();
    let (id, key, expires_at) = (chance.uuid().to_string(), ClientKey::draw(&mut chance), terms.expires_at);
    let done = platform.journal.submit(OpenClient::new(id.clone(), terms, &key, actor), submission).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok((StatusCode::CREATED, Json(ClientKeyBody { id, key: key.reveal().to_owned(), expires_at })))
}

/// Gives a client another key; the one before opens nothing any more.
#[utoipa::path(post, path = "/clients/{id}/key", tag = "clients", request_body = RenewKeyBody,
    params(("id" = String, Path, description = "identifier of the client")),
    responses(
        (status = 200, body = ClientKeyBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "the client is closed"),
        (status = 422, body = ProblemBody),
    ))]
async fn renew_client_key(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
    Input(RenewKeyBody { days }): Input<RenewKeyBody>,
) -> Result<Json<ClientKeyBody>, Problem> {
    let actor = caller.acting(CLIENT_KEEP)?;
    let key = ClientKey::draw(&mut platform.edge.chance());
    let submission = platform.edge.submission(None);
    let renew = RenewClientKey::new(id.clone(), days, submission.at, &key, actor);
    let renew = renew.map_err(|refusal| Problem::of(refusal, caller.language))?;
    let expires_at = renew.expires_at;
    let done = platform.journal.submit(renew, submission).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(Json(ClientKeyBody { id, key: key.reveal().to_owned(), expires_at }))
}

/// Closes a client for good: its key opens nothing any more.
#[utoipa::path(delete, path = "/clients/{id}", tag = "clients",
    params(("id" = String, Path, description = "identifier of the client")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "the client is closed already"),
    ))]
async fn close_client(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let actor = caller.acting(CLIENT_KEEP)?;
    let done = platform.journal.submit(CloseClient { id, actor }, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted::<super::ClientRefusal>(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}

fn body_of(client: Client) -> ClientBody {
    let Client { id, name, posts, scopes, opened_at, expires_at, closed_at, used_at } = client;
    ClientBody { id, name, posts, scopes, opened_at, expires_at, closed_at, used_at }
}
