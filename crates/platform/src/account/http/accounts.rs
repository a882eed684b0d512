//! `/accounts`: which there are, and opening one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::account::list::{Asked, Listed, State as AccountState, list, one};
use crate::account::{ActRefusal, ActivationCode, Holding, InviteAccount, Login, PersonName, activation};
use crate::administration::{ACCOUNT_OPEN, ACCOUNT_READ};
use crate::caller::{Caller, Input, PlatformState};
use crate::{Params, Problem, ProblemBody, sign_in};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(list_accounts, open_account)).routes(routes!(show_account))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountsQuery {
    /// The beginning of the login.
    login: Option<String>,
    /// Key of a post: who holds it, now or later.
    post: Option<String>,
    /// `waiting`, `open` or `disabled`.
    #[param(value_type = Option<String>)]
    state: Option<AccountState>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    limit: Option<i64>,
}

/// Accounts, by login.
#[derive(Serialize, ToSchema)]
pub struct AccountsBody {
    pub accounts: Vec<AccountBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

/// An account, as administrators see it.
#[derive(Serialize, ToSchema)]
pub struct AccountBody {
    pub id: String,
    pub login: String,
    /// The first letter of the name; absent where none was given.
    #[schema(example = "王**")]
    pub name_hint: Option<String>,
    /// `waiting` for its first password, `open`, or `disabled`.
    #[schema(value_type = String, example = "open")]
    pub(crate) state: AccountState,
    /// Locked for a while after failures.
    pub locked: bool,
    pub posts: Vec<HoldingBody>,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    /// When its code of activation ends, where one was given and not used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub code_ends_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub signed_in_at: Option<Instant>,
}

/// A post that an account holds.
#[derive(Serialize, ToSchema)]
pub struct HoldingBody {
    pub post: String,
    /// Absent where the post has left the profile.
    pub name_zh: Option<String>,
    pub name_en: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Instant>,
    /// Held before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
    /// The account this deputy stands in for.
    pub stands_in_for: Option<String>,
    /// Whether it is held now.
    pub valid: bool,
}

/// The accounts, by login.
#[utoipa::path(get, path = "/accounts", tag = "accounts", params(AccountsQuery), responses(
    (status = 200, body = AccountsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn list_accounts(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(query): Params<AccountsQuery>,
) -> Result<Json<AccountsBody>, Problem> {
    caller.require(ACCOUNT_READ)?;
    let AccountsQuery { login, post, state, cursor, limit } = query;
    let limit = limit.unwrap_or(50).clamp(1, 200);
    let asked = Asked { login, post, state, after: cursor, limit };
    let found = list(&platform.journal, asked, platform.edge.now()).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let full = found.len() as i64 == limit;
    let next = found.last().filter(|_| full).map(|last| last.account.id.clone());
    let mut accounts = Vec::new();
    for one in found {
        accounts.push(body_of(&platform, one, &caller).await?);
    }
    Ok(Json(AccountsBody { accounts, next }))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 200, body = AccountBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    ))]
async fn show_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<AccountBody>, Problem> {
    caller.require(ACCOUNT_READ)?;
    let found = one(&platform.journal, &id).await.map_err(|error| Problem::internal(&error, caller.language))?;
    let found = found.ok_or_else(|| Problem::of(ActRefusal::Unknown, caller.language))?;
    Ok(Json(body_of(&platform, found, &caller).await?))
}

async fn body_of(platform: &PlatformState, listed: Listed, caller: &Caller) -> Result<AccountBody, Problem> {
    let Listed { account, holdings, signed_in_at, name_hint } = listed;
    let now = platform.edge.now();
    let locked = sign_in::locked(platform.journal.db(), &platform.people, &account.id, now).await;
    let locked = locked.map_err(|error| Problem::internal(&error, caller.language))?.is_some();
    let posts = holdings.into_iter().map(|holding| holding_body(platform, holding, now)).collect();
    Ok(AccountBody {
        state: AccountState::of(&account),
        id: account.id,
        login: account.login,
        name_hint,
        locked,
        posts,
        opened_at: account.created_at,
        code_ends_at: account.activation_until,
        disabled_at: account.disabled_at,
        signed_in_at,
    })
}

fn holding_body(platform: &PlatformState, holding: Holding, now: Instant) -> HoldingBody {
    let valid = holding.is_valid(now);
    let known = platform.posts.grant(&holding.post).and_then(|_| platform.posts.names(&holding.post));
    let (name_zh, name_en) = known.unzip();
    let Holding { post, from, until, stands_in_for } = holding;
    HoldingBody { post, name_zh, name_en, from, until, stands_in_for, valid }
}

#[derive(Deserialize, ToSchema)]
pub struct OpenAccountBody {
    /// What one signs in by: small letters, digits, and `. _ - @` between them.
    #[schema(example = "wang.fang", min_length = 2, max_length = 64)]
    login: String,
    /// The person's name; kept sealed, shown by its first letter.
    #[schema(example = "王芳", min_length = 1, max_length = 50)]
    name: String,
}

/// A code that sets a password, shown this once.
#[derive(Serialize, ToSchema)]
pub struct ActivationCodeBody {
    pub id: String,
    /// For `POST /activation`; to be handed to the person and nobody else.
    #[schema(example = "7K2M-9QX4-A0BT-WZ31")]
    pub code: String,
    #[schema(value_type = String, format = DateTime)]
    pub code_ends_at: Instant,
}

/// Opens an account without a password or a post, and gives the code by which its owner sets a password. Posts are the security
/// administrator's to assign.
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = OpenAccountBody, responses(
    (status = 201, body = ActivationCodeBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "the login is another's"),
    (status = 422, body = ProblemBody),
))]
async fn open_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Input(OpenAccountBody { login, name }): Input<OpenAccountBody>,
) -> Result<(StatusCode, Json<ActivationCodeBody>), Problem> {
    let actor = caller.acting(ACCOUNT_OPEN)?;
    let refused = |refusal| Problem::of(refusal, caller.language);
    let (login, name) = (Login::parse(&login).map_err(refused)?, PersonName::parse(&name).map_err(refused)?);
    let (mut chance, submission) = (platform.edge.chance(), platform.edge.submission(None));
    let (id, code) = (chance.uuid().to_string(), ActivationCode::draw(&mut chance));
    let (shown, until) = (code.reveal(), activation::ends(&platform.people, submission.at));
    let book = Arc::clone(&platform.posts);
    let invite = InviteAccount { id: id.clone(), login, name, posts: Vec::new(), code, until, actor, book };
    let done = platform.journal.submit(invite, submission).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok((StatusCode::CREATED, Json(ActivationCodeBody { id, code: shown, code_ends_at: until })))
}
