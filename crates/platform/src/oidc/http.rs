//! `/session/oidc`: there and back by the browser. `/me/oidc`, `/accounts/{id}/oidc`: who is linked.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::SignedDuration;
use kernel::text::Language;
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::command::{LinkAccount, UnlinkAccount};
use super::provider::{Identity, Oidc};
use super::{Attempt, IdentityKey, OidcRefusal, row};
use crate::administration::FACTOR_RESET;
use crate::caller::{Caller, Input, Lang, PlatformState};
use crate::device::Device;
use crate::factor::http::{Proof, prove};
use crate::factor::row::is_enrolled;
use crate::factor::step::{TICKET_COOKIE, awaited};
use crate::session::{cookie_of, opened};
use crate::sign_in::{self, Means};
use crate::{Problem, ProblemBody};

/// The attempt of a browser that has gone there.
const COOKIE: &str = "huying_oidc";
const PATH: &str = "/api/v1/session/oidc";

/// So long it is expected back. A sample.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// The two that a browser is led through are no operations of the API: they answer with the way on.
pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new()
        .routes(routes!(my_link, begin_link, remove_link))
        .routes(routes!(link_account, unlink_account))
        .route("/session/oidc", get(go))
        .route("/session/oidc/back", get(back))
}

/// Whether the caller can sign in by the other system.
#[derive(Serialize, ToSchema)]
pub struct LinkBody {
    pub linked: bool,
}

#[derive(Deserialize, ToSchema)]
pub struct AccountLink {
    /// What the other system calls the person: the claim `sub`.
    #[schema(example = "248289761001", min_length = 1, max_length = 255)]
    subject: String,
}

/// Whether the caller's account is linked.
#[utoipa::path(get, path = "/me/oidc", tag = "me", responses(
    (status = 200, body = LinkBody),
    (status = 401, body = ProblemBody),
))]
async fn my_link(State(platform): State<PlatformState>, caller: Caller) -> Result<Json<LinkBody>, Problem> {
    let links = row::links(&mut platform.journal.db(), caller.account()).await;
    let links = links.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok(Json(LinkBody { linked: links > 0 }))
}

/// Begins to link the caller's account: the browser that asked goes to `/session/oidc?link=true` next, and on to the other system.
#[utoipa::path(post, path = "/me/oidc", tag = "me", request_body = Proof, responses(
    (status = 204),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "only people with a password are linked"),
    (status = 404, body = ProblemBody, description = "no other system is configured"),
    (status = 422, body = ProblemBody, description = "password or code is wrong"),
))]
async fn begin_link(
    State(platform): State<PlatformState>,
    caller: Caller,
    Input(proof): Input<Proof>,
) -> Result<Response, Problem> {
    configured(&platform, caller.language)?;
    prove(&platform, &caller, proof).await?;
    let attempt = expect(&platform, Some(caller.account().to_owned())).await;
    let attempt = attempt.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, kept(&platform, &attempt))]).into_response())
}

/// The caller's account is signed in to by the other system no more.
#[utoipa::path(delete, path = "/me/oidc", tag = "me", responses(
    (status = 204),
    (status = 401, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "it is not linked"),
))]
async fn remove_link(State(platform): State<PlatformState>, caller: Caller) -> Result<StatusCode, Problem> {
    let unlink = UnlinkAccount { account: caller.account().to_owned(), actor: caller.oneself() };
    let done = platform.journal.submit(unlink, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Links somebody's account to whom the configured system calls so. Never one's own.
#[utoipa::path(post, path = "/accounts/{id}/oidc", tag = "accounts", request_body = AccountLink,
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the security administrator, or one's own"),
        (status = 404, body = ProblemBody, description = "no such account, or no other system is configured"),
        (status = 409, body = ProblemBody, description = "an account is linked to it already"),
        (status = 422, body = ProblemBody),
    ))]
async fn link_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(account): Path<String>,
    Input(body): Input<AccountLink>,
) -> Result<StatusCode, Problem> {
    let actor = caller.acting(FACTOR_RESET)?;
    let refused = |refusal: OidcRefusal| Problem::of(refusal, caller.language);
    if account == caller.account() {
        return Err(refused(OidcRefusal::Own));
    }
    // OpenID Connect Core, 2: at most 255 ASCII characters.
    if body.subject.is_empty()
        || body.subject.len() > 255
        || !body.subject.bytes().all(|one| one.is_ascii_graphic() || one == b' ')
    {
        return Err(refused(OidcRefusal::Subject));
    }
    let issuer = configured(&platform, caller.language)?.config.issuer.clone();
    let identity = Identity { issuer, subject: body.subject };
    let key = key(&platform).await.map_err(|error| Problem::internal(&error, caller.language))?;
    let hash = key.identity(&identity.issuer, &identity.subject);
    let link = LinkAccount { account, identity, hash, actor };
    let done = platform.journal.submit(link, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody's account is signed in to by the other system no more.
#[utoipa::path(delete, path = "/accounts/{id}/oidc", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it is not linked"),
    ))]
async fn unlink_account(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    let actor = caller.acting(FACTOR_RESET)?;
    let done = platform.journal.submit(UnlinkAccount { account, actor }, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Going {
    /// To be linked: the attempt was begun by `POST /me/oidc`.
    #[serde(default)]
    link: bool,
}

/// Sends the browser to the other system.
async fn go(
    State(platform): State<PlatformState>,
    Query(going): Query<Going>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let oidc = platform.oidc.clone().ok_or_else(|| failed_with(OidcRefusal::NotServed))?;
    let attempt = match going.link {
        true => attempt_of(&headers).ok_or_else(|| failed_with(OidcRefusal::Attempt))?,
        false => expect(&platform, None).await.map_err(internal)?,
    };
    match oidc.begin(&attempt).await {
        Ok(url) => Ok(([(header::SET_COOKIE, kept(&platform, &attempt))], Redirect::to(&url)).into_response()),
        Err(error) => {
            tracing::warn!(%error, "the other system's sign-in cannot be begun");
            Err(failed_with(OidcRefusal::Failed))
        }
    }
}

/// With what the browser comes back; more may come with it.
#[derive(Deserialize)]
struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// The browser comes back: its account is signed in, or linked.
async fn back(
    State(platform): State<PlatformState>,
    Query(back): Query<Back>,
    headers: HeaderMap,
    device: Device,
    Lang(language): Lang,
) -> Result<Response, Response> {
    let oidc = platform.oidc.clone().ok_or_else(|| failed_with(OidcRefusal::NotServed))?;
    let (db, now) = (platform.journal.db(), platform.edge.now());
    let attempt = attempt_of(&headers).filter(|attempt| back.state.as_deref() == Some(&attempt.state()));
    let attempt = attempt.ok_or_else(|| failed_with(OidcRefusal::Attempt))?;
    let mut tx = db.begin().await.map_err(internal)?;
    let expected = row::take(&mut tx, &attempt, now).await.map_err(internal)?;
    tx.commit().await.map_err(internal)?;
    let to_link = expected.ok_or_else(|| failed_with(OidcRefusal::Attempt))?;
    let code = match (back.error, back.code) {
        (None, Some(code)) => code,
        _ => return Err(failed_with(OidcRefusal::Refused)),
    };
    let identity = oidc.identify(&attempt, code).await.map_err(|error| {
        tracing::warn!(%error, "the other system's sign-in failed");
        failed_with(OidcRefusal::Failed)
    })?;
    let hash = key(&platform).await.map_err(internal)?.identity(&identity.issuer, &identity.subject);
    if let Some(account) = to_link {
        return linked(&platform, account, identity, hash).await;
    }
    let account = row::account_of(&mut &*db, &hash).await.map_err(internal)?;
    let account = account.ok_or_else(|| failed_with(OidcRefusal::Unlinked))?;
    if !row::is_open(&mut &*db, &account).await.map_err(internal)? {
        return Err(failed_with(OidcRefusal::Unlinked));
    }
    if let Some(locked) = sign_in::locked(db, &platform.people, &account, now).await.map_err(internal)? {
        return Err(away(&format!("/sign-in?failed={}", locked.code)));
    }
    if is_enrolled(&mut &*db, &account).await.map_err(internal)? {
        let ticket = awaited(&platform, &account).await.map_err(internal)?.ticket;
        let cookie = format!("{TICKET_COOKIE}={ticket}; HttpOnly; SameSite=Strict; Path=/api/v1/session; Max-Age=300");
        return Ok(with(away("/sign-in?step=code"), &(cookie + secure(&platform))));
    }
    let tx = db.begin().await.map_err(internal)?;
    let session = opened(&platform, tx, account, (Means::Oidc, device), language).await;
    let session = session.map_err(IntoResponse::into_response)?;
    let cookie = session.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
    Ok(with(away("/"), cookie.unwrap_or_default()))
}

async fn linked(
    platform: &PlatformState,
    account: String,
    identity: Identity,
    hash: [u8; 32],
) -> Result<Response, Response> {
    let actor = kernel::Actor::Post { person: account.clone(), post: String::new() };
    let link = LinkAccount { account, identity, hash, actor };
    match platform.journal.submit(link, platform.edge.submission(None)).await {
        Ok(_) => Ok(away("/me/second-factor?linked=true")),
        Err(journal::SubmitError::Refused(refusal)) => {
            Ok(away(&format!("/me/second-factor?failed={}", refusal.code())))
        }
        Err(error) => Err(internal(error)),
    }
}

/// Expects a browser back, to sign in or to have an account linked.
async fn expect(platform: &PlatformState, account: Option<String>) -> Result<Attempt, StoreError> {
    let attempt = Attempt::draw(&mut platform.edge.chance());
    let now = platform.edge.now();
    let mut tx = platform.journal.db().begin().await?;
    row::expect(&mut tx, &attempt, account, (now, now + PATIENCE)).await?;
    tx.commit().await?;
    Ok(attempt)
}

fn configured(platform: &PlatformState, language: Language) -> Result<&Oidc, Problem> {
    platform.oidc.as_deref().ok_or_else(|| Problem::of(OidcRefusal::NotServed, language))
}

async fn key(platform: &PlatformState) -> Result<IdentityKey, journal::JournalError> {
    let journal = &platform.journal;
    journal.sealer().named_key(journal.db(), IdentityKey::NAME, &mut platform.edge.chance()).await.map(IdentityKey)
}

fn attempt_of(headers: &HeaderMap) -> Option<Attempt> {
    cookie_of(headers, COOKIE).and_then(Attempt::parse)
}

/// Lax: the browser comes back from another site.
fn kept(platform: &PlatformState, attempt: &Attempt) -> String {
    let seconds = PATIENCE.as_secs();
    let value = attempt.reveal();
    format!("{COOKIE}={value}; HttpOnly; SameSite=Lax; Path={PATH}; Max-Age={seconds}{}", secure(platform))
}

fn secure(platform: &PlatformState) -> &'static str {
    if platform.people.secure_cookies { "; Secure" } else { "" }
}

/// On to a page; the attempt is over.
fn away(to: &str) -> Response {
    with(Redirect::to(to).into_response(), &format!("{COOKIE}=; HttpOnly; SameSite=Lax; Path={PATH}; Max-Age=0"))
}

/// The response with one more cookie.
fn with(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Back to the page to sign in, which says why.
fn failed_with(refusal: OidcRefusal) -> Response {
    away(&format!("/sign-in?failed={}", refusal.code()))
}

fn internal(error: impl std::fmt::Display) -> Response {
    tracing::error!(%error, "signing in by another system failed");
    away("/sign-in?failed=internal")
}
