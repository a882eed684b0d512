//! Signing in and out, and who is signed in.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::text::Language;
use kernel::{Instant, Kind, Refusal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Db, Read, StoreError, Tx, sql};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::account::Hashed;
use crate::caller::{By, Caller, Input, Known, Lang, Owes, PlatformState};
use crate::device::Device;
use crate::factor::{self, step::FactorAwaitedBody};
use crate::sign_in::{self, Means};
use crate::{People, Problem, ProblemBody};

pub const SESSION_COOKIE: &str = "huying_session";

/// `seen_at` is written at most this often.
const SEEN_STEP: Duration = Duration::from_secs(60);

/// `POST/GET/DELETE /session`.
pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, who, sign_out))
        .routes(routes!(ways))
        .merge(crate::access::routes())
        .merge(sign_in::routes())
}

#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    #[schema(example = "dispatcher.demo")]
    pub login: String,
    pub password: String,
}

/// Who is signed in, and by which posts.
#[derive(Serialize, ToSchema)]
pub struct SessionBody {
    pub account: String,
    /// Signed in by telephone, for itself and by no post of the district.
    pub resident: bool,
    pub posts: Vec<PostBody>,
    /// Everything any of the posts allows.
    pub actions: Vec<String>,
    /// The password is too old: until it is changed (`POST /me/password`) everything else is refused.
    pub must_change_password: bool,
    /// A post demands a second factor: until there is one (`POST /me/second-factor`) everything else is refused.
    pub must_set_up_second_factor: bool,
    /// When that comes; absent where passwords do not age.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub password_ends_at: Option<Instant>,
}

/// How one can sign in beside by login and password.
#[derive(Serialize, ToSchema)]
pub struct WaysBody {
    /// Residents, by a code sent to their telephone.
    pub residents: bool,
    /// People of the district, by another system: `/session/oidc` leads there.
    pub oidc: Option<OtherBody>,
}

/// Another system to sign in by.
#[derive(Serialize, ToSchema)]
pub struct OtherBody {
    pub name_zh: String,
    pub name_en: String,
}

/// A post the account holds.
#[derive(Serialize, ToSchema)]
pub struct PostBody {
    pub key: String,
    pub role: String,
    pub organization: String,
    pub name_zh: String,
    pub name_en: String,
}

/// Signs in with login and password; the session lives in a cookie. Who has a second factor gets a ticket for the second step.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn, responses(
    (status = 200, body = SessionBody),
    (status = 202, body = FactorAwaitedBody, description = "the password is right; a code is awaited by `POST /session/second-factor`"),
    (status = 401, body = ProblemBody, description = "login or password is wrong, or the account is locked for a while after failures"),
    (status = 422, body = ProblemBody),
), security(()))]
async fn sign_in(
    State(platform): State<PlatformState>,
    Lang(language): Lang,
    device: Device,
    Input(body): Input<SignIn>,
) -> Result<Response, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    let db = platform.journal.db();
    // No password is that of an account which is disabled; the attempt is its own all the same.
    let select =
        sql("select id, case when disabled_at is null then password else '' end from account where login = $1");
    let found: Option<(String, String)> = (&mut &*db).optional(select.bind(&body.login)).await.map_err(failed)?;
    let (now, mut chance) = (platform.edge.now(), platform.edge.chance());
    let named = found.as_ref().map(|(account, _)| account.clone());
    if let Some(account) = &named
        && let Some(locked) = sign_in::locked(db, &platform.people, account, now).await.map_err(failed)?
    {
        return Err(Problem::of(locked, language));
    }
    let Some(account) = check_password(found, body.password).await else {
        if let Some(account) = named {
            let mut tx = db.begin().await.map_err(failed)?;
            sign_in::note(&mut tx, chance.uuid().to_string(), &account, now, (Means::Password, false))
                .await
                .map_err(failed)?;
            tx.commit().await.map_err(failed)?;
        } else {
            let noted = sign_in::unknown::note(&platform.journal, &body.login, now, &mut chance).await;
            noted.map_err(|error| Problem::internal(&error, language))?;
        }
        return Err(Problem::of(Refusal::new(Kind::Unauthenticated, "sign-in-wrong"), language));
    };
    if factor::row::is_enrolled(&mut &*db, &account).await.map_err(failed)? {
        let awaited = factor::step::awaited(&platform, &account).await.map_err(failed)?;
        return Ok((StatusCode::ACCEPTED, Json(awaited)).into_response());
    }
    let tx = db.begin().await.map_err(failed)?;
    opened(&platform, tx, account, (Means::Password, device), language).await
}

/// Opens a session in `tx`, commits it, and answers with who is signed in and the cookie.
pub(crate) async fn opened(
    platform: &PlatformState,
    mut tx: Tx,
    account: String,
    (means, device): (Means, Device),
    language: Language,
) -> Result<Response, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    let (now, mut chance) = (platform.edge.now(), platform.edge.chance());
    let (token, id): ([u8; 32], String) = (chance.bytes(), chance.uuid().to_string());
    sign_in::note(&mut tx, id, &account, now, (means, true)).await.map_err(failed)?;
    open(&mut tx, &platform.people, (&token, device), &account, now).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    let caller = Caller::load(platform, account, language).await?;
    let secure = if platform.people.secure_cookies { "; Secure" } else { "" };
    let cookie = format!(
        "{SESSION_COOKIE}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{secure}",
        URL_SAFE_NO_PAD.encode(token),
        platform.people.absolute().as_secs()
    );
    Ok(([(header::SET_COOKIE, cookie)], Json(body_of(platform, &caller))).into_response())
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses(
    (status = 200, body = SessionBody),
    (status = 401, body = ProblemBody),
))]
async fn who(State(platform): State<PlatformState>, Known(caller): Known) -> Json<SessionBody> {
    Json(body_of(&platform, &caller))
}

/// How one can sign in here.
#[utoipa::path(get, path = "/session/ways", tag = "session", responses((status = 200, body = WaysBody)), security(()))]
async fn ways(State(platform): State<PlatformState>) -> Json<WaysBody> {
    let other = |oidc: &crate::oidc::Oidc| {
        let (name_zh, name_en) = (oidc.config.name_zh.clone(), oidc.config.name_en.clone());
        OtherBody { name_zh, name_en }
    };
    Json(WaysBody { residents: platform.posts.resident().is_some(), oidc: platform.oidc.as_deref().map(other) })
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", tag = "session", responses(
    (status = 204),
    (status = 401, body = ProblemBody),
))]
async fn sign_out(
    State(platform): State<PlatformState>,
    Known(caller): Known,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(token) = token_of(&headers) {
        let failed = |error: StoreError| Problem::internal(&error, caller.language);
        let mut tx = platform.journal.db().begin().await.map_err(failed)?;
        tx.run(sql("delete from session where token = $1").bind(hash(&token))).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
    }
    let cookie = HeaderValue::from_static("huying_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

fn body_of(platform: &PlatformState, caller: &Caller) -> SessionBody {
    let grants = caller.scope.grants();
    let mut actions: Vec<String> = grants.iter().flat_map(|grant| grant.actions.iter().cloned()).collect();
    actions.sort();
    actions.dedup();
    let posts = grants.iter().map(|grant| {
        let (name_zh, name_en) = platform.posts.names(&grant.post).unwrap_or_default();
        let (key, role, organization) = (grant.post.clone(), grant.role.clone(), grant.organization.clone());
        PostBody { key, role, organization, name_zh, name_en }
    });
    SessionBody {
        account: caller.account().to_owned(),
        resident: caller.by == By::Resident,
        posts: posts.collect(),
        actions,
        must_change_password: caller.owes == Some(Owes::Password),
        must_set_up_second_factor: caller.owes == Some(Owes::Factor),
        password_ends_at: caller.password_ends,
    }
}

/// The account, when the password is its own. A login that is not there takes as long.
async fn check_password(found: Option<(String, String)>, password: String) -> Option<String> {
    let (account, stored) = match found {
        Some((account, stored)) => (Some(account), stored),
        None => (None, String::new()),
    };
    let matches = tokio::task::spawn_blocking(move || Hashed::stored(stored).matches(&password)).await;
    account.filter(|_| matches.unwrap_or(false))
}

/// Whether the password is the account's.
pub(crate) async fn is_password_of(db: &Db, account: &str, password: String) -> Result<bool, StoreError> {
    let select = sql("select id, password from account where id = $1").bind(account);
    let found: Option<(String, String)> = (&mut &*db).optional(select).await?;
    Ok(check_password(found, password).await.is_some())
}

/// As a token stands in its row.
pub(crate) fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

async fn open(
    tx: &mut Tx,
    rules: &People,
    (token, device): (&[u8; 32], Device),
    account: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let idle = now.micros() - rules.idle().as_micros() as i64;
    tx.run(sql("delete from session where account = $1 and seen_at < $2").bind(account).bind(idle)).await?;
    let insert = sql("insert into session (token, account, created_at, seen_at, browser, os) \
                      values ($1, $2, $3, $4, $5, $6)");
    let insert = insert.bind(hash(token)).bind(account).bind(now.micros()).bind(now.micros());
    let (browser, os) = (device.browser.map(str::to_owned), device.os.map(str::to_owned));
    tx.run(insert.bind(browser).bind(os)).await.map(drop)
}

pub(crate) fn token_of(headers: &HeaderMap) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(cookie_of(headers, SESSION_COOKIE)?).ok()
}

pub(crate) fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The account of an open session; touches it so that it stays open.
pub(crate) async fn account_of(
    db: &Db,
    rules: &People,
    token: &[u8],
    now: Instant,
) -> Result<Option<String>, StoreError> {
    let select = sql("select account, created_at, seen_at from session where token = $1").bind(hash(token));
    let Some((account, created, seen)): Option<(String, i64, i64)> = (&mut &*db).optional(select).await? else {
        return Ok(None);
    };
    if is_over(rules, created, seen, now) {
        return Ok(None);
    }
    let age = |since: i64| u128::try_from(now.micros() - since).unwrap_or(0);
    if age(seen) > SEEN_STEP.as_micros() {
        let mut tx = db.begin().await?;
        let touch = sql("update session set seen_at = $1 where token = $2");
        tx.run(touch.bind(now.micros()).bind(hash(token))).await?;
        tx.commit().await?;
    }
    Ok(Some(account))
}

/// Whether a session is still open; asking does not keep it so.
pub(crate) async fn is_open(db: &Db, rules: &People, token: &[u8], now: Instant) -> Result<bool, StoreError> {
    let select = sql("select created_at, seen_at from session where token = $1").bind(hash(token));
    let found: Option<(i64, i64)> = (&mut &*db).optional(select).await?;
    Ok(found.is_some_and(|(created, seen)| !is_over(rules, created, seen, now)))
}

pub(crate) fn is_over(rules: &People, created: i64, seen: i64, now: Instant) -> bool {
    let age = |since: i64| u128::try_from(now.micros() - since).unwrap_or(0);
    age(seen) > rules.idle().as_micros() || age(created) > rules.absolute().as_micros()
}
