//! `/accounts/{id}/…`: what administrators do to an account.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::ActivationCodeBody;
use crate::account::{Act, ActivationCode, Administer, Holding, activation};
use crate::administration::{ACCOUNT_DISABLE, ACCOUNT_RESET, ACCOUNT_UNLOCK, POST_ASSIGN};
use crate::caller::{Caller, Input, PlatformState};
use crate::{Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new()
        .routes(routes!(disable_account, enable_account))
        .routes(routes!(unlock_account))
        .routes(routes!(reset_account))
        .routes(routes!(assign_post))
        .routes(routes!(withdraw_post))
}

async fn administer(
    platform: &PlatformState,
    caller: &Caller,
    action: &str,
    account: String,
    act: Act,
) -> Result<(), Problem> {
    let actor = caller.acting(action)?;
    let (book, former) = (Arc::clone(&platform.posts), platform.people.password_former);
    let administer = Administer { account, act, actor, book, former };
    let done = platform.journal.submit(administer, platform.edge.submission(None)).await;
    done.map(drop).map_err(|error| Problem::submitted(error, caller.language))
}

/// Disables an account: its sessions end at once, and it opens nothing until it is enabled.
#[utoipa::path(post, path = "/accounts/{id}/disabling", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the caller's to do, or its own account"),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it is disabled already"),
    ))]
async fn disable_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    administer(&platform, &caller, ACCOUNT_DISABLE, id, Act::Disable).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enables an account again, with the posts and the password it had.
#[utoipa::path(delete, path = "/accounts/{id}/disabling", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the caller's to do, or its own account"),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it is not disabled"),
    ))]
async fn enable_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    administer(&platform, &caller, ACCOUNT_DISABLE, id, Act::Enable).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlocks an account: failures to sign in until now lock it no longer.
#[utoipa::path(post, path = "/accounts/{id}/unlocking", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the caller's to do, or its own account"),
        (status = 404, body = ProblemBody),
    ))]
async fn unlock_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    administer(&platform, &caller, ACCOUNT_UNLOCK, id, Act::Unlock).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the password of an account away, ends its sessions, and gives a code that sets another. An administrator's password is
/// reset by whoever holds the machine (`huying account reset`).
#[utoipa::path(post, path = "/accounts/{id}/activation", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 201, body = ActivationCodeBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the caller's to do, its own account, or an administrator's"),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it is disabled"),
    ))]
async fn reset_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<ActivationCodeBody>), Problem> {
    let code = ActivationCode::draw(&mut platform.edge.chance());
    let until = activation::ends(&platform.people, platform.edge.now());
    let act = Act::Reset { code: code.hash(), until };
    administer(&platform, &caller, ACCOUNT_RESET, id.clone(), act).await?;
    Ok((StatusCode::CREATED, Json(ActivationCodeBody { id, code: code.reveal(), code_ends_at: until })))
}

#[derive(Deserialize, ToSchema)]
pub struct AssignPostBody {
    /// Key of a post in the profile.
    #[schema(example = "S1.dispatcher")]
    post: String,
    /// Now where left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// The post is held before this instant; without an end where left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
    /// The account this deputy stands in for, which holds the post in that time; `until` is then needed.
    stands_in_for: Option<String>,
}

/// Gives an account a post, or another validity to one that it holds. It takes effect when it begins, without signing in anew.
/// Refused where the account would hold two of the three administrations, or one with the district's work, at any instant.
#[utoipa::path(post, path = "/accounts/{id}/posts", tag = "accounts", request_body = AssignPostBody,
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the caller's to do, or its own account"),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it is disabled"),
        (status = 422, body = ProblemBody),
    ))]
async fn assign_post(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(id): Path<String>,
    Input(AssignPostBody { post, from, until, stands_in_for }): Input<AssignPostBody>,
) -> Result<StatusCode, Problem> {
    let act = Act::Assign(Holding { post, from, until, stands_in_for });
    administer(&platform, &caller, POST_ASSIGN, id, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a post away from an account, at once.
#[utoipa::path(delete, path = "/accounts/{id}/posts/{post}", tag = "accounts",
    params(
        ("id" = String, Path, description = "identifier of the account"),
        ("post" = String, Path, description = "key of the post"),
    ),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the caller's to do, or its own account"),
        (status = 404, body = ProblemBody, description = "no such account, or it does not hold the post"),
    ))]
async fn withdraw_post(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path((id, post)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    administer(&platform, &caller, POST_ASSIGN, id, Act::Withdraw { post }).await?;
    Ok(StatusCode::NO_CONTENT)
}
