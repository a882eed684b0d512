//! `/me/second-factor`: one's own. `/accounts/{id}/second-factor/reset`: the security administrator's.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::command::{BeginFactor, ConfirmFactor, EndFactor, RenewCodes};
use super::row::{self, Factor};
use super::{FactorRefusal, FactorSecret, RecoveryCode, Typed, is_required, step};
use crate::administration::FACTOR_RESET;
use crate::caller::{By, Caller, Input, Known, PlatformState};
use crate::session::is_password_of;
use crate::sign_in::{self, Means};
use crate::{Problem, ProblemBody};

/// Who gives the codes, as the device shows it.
const ISSUER: &str = "呼应 Huying";

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new()
        .routes(routes!(my_second_factor, begin_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(renew_recovery_codes))
        .routes(routes!(remove_second_factor))
        .routes(routes!(reset_second_factor))
        .routes(routes!(step::second_step))
}

/// How the caller's second factor stands.
#[derive(Serialize, ToSchema)]
pub struct FactorBody {
    /// A code is asked for at each sign-in.
    pub enrolled: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirmed_at: Option<Instant>,
    /// Recovery codes that were not used.
    pub recovery_codes_left: i64,
    /// One of the caller's posts demands it: it cannot be removed.
    pub required: bool,
}

/// That it is the caller itself, not only a browser left open.
#[derive(Deserialize, ToSchema)]
pub struct Proof {
    password: String,
    /// A code of the second factor or a recovery code, where there is a second factor already.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// For the device, shown this once.
#[derive(Serialize, ToSchema)]
pub struct FactorBegunBody {
    /// In base32, to be typed in.
    pub secret: String,
    /// To be shown as a picture: `otpauth://totp/…`.
    pub uri: String,
}

#[derive(Deserialize, ToSchema)]
pub struct FactorConfirmation {
    /// Six digits that the device shows now.
    #[schema(example = "123456")]
    code: String,
}

/// Recovery codes, shown this once; those before open nothing any more.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodesBody {
    pub codes: Vec<String>,
}

/// The caller's second factor.
#[utoipa::path(get, path = "/me/second-factor", tag = "me", responses(
    (status = 200, body = FactorBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "an API client has none"),
))]
async fn my_second_factor(
    State(platform): State<PlatformState>,
    Known(caller): Known,
) -> Result<Json<FactorBody>, Problem> {
    let (account, db) = (person(&caller)?, platform.journal.db());
    let failed = |error: StoreError| Problem::internal(&error, caller.language);
    let factor = Factor::find(&mut &*db, account).await.map_err(failed)?;
    let left = row::codes_left(&mut &*db, account).await.map_err(failed)?;
    Ok(Json(FactorBody {
        enrolled: factor.is_some_and(|factor| factor.secret.is_some()),
        confirmed_at: factor.and_then(|factor| factor.confirmed_at),
        recovery_codes_left: left,
        required: is_required(&platform.people, caller.scope.grants()),
    }))
}

/// Gives a secret for a device. It counts once it is confirmed by a code; until then all is as it was.
#[utoipa::path(post, path = "/me/second-factor", tag = "me", request_body = Proof, responses(
    (status = 200, body = FactorBegunBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "an API client has none"),
    (status = 422, body = ProblemBody, description = "password or code is wrong"),
))]
async fn begin_second_factor(
    State(platform): State<PlatformState>,
    Known(caller): Known,
    Input(proof): Input<Proof>,
) -> Result<Json<FactorBegunBody>, Problem> {
    prove(&platform, &caller, proof).await?;
    let account = caller.account().to_owned();
    let login = row::login(&mut platform.journal.db(), &account).await;
    let login = login.map_err(|error| Problem::internal(&error, caller.language))?.unwrap_or_default();
    let secret = FactorSecret::draw(&mut platform.edge.chance());
    let begin = BeginFactor { account, secret: secret.reveal(), actor: caller.oneself() };
    let done = platform.journal.submit(begin, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(Json(FactorBegunBody { secret: secret.reveal(), uri: secret.uri(ISSUER, &login) }))
}

/// Confirms the secret by a code of the device and gives recovery codes. From now on signing in needs a code.
#[utoipa::path(post, path = "/me/second-factor/confirmation", tag = "me", request_body = FactorConfirmation, responses(
    (status = 200, body = RecoveryCodesBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "an API client has none"),
    (status = 409, body = ProblemBody, description = "no secret waits to be confirmed"),
    (status = 422, body = ProblemBody, description = "the code is wrong"),
))]
async fn confirm_second_factor(
    State(platform): State<PlatformState>,
    Known(caller): Known,
    Input(body): Input<FactorConfirmation>,
) -> Result<Json<RecoveryCodesBody>, Problem> {
    let refused = |refusal: FactorRefusal| Problem::of(refusal, caller.language);
    let account = person(&caller)?;
    let factor = Factor::find(&mut platform.journal.db(), account).await;
    let factor = factor.map_err(|error| Problem::internal(&error, caller.language))?;
    let pending = factor.and_then(|factor| factor.pending).ok_or_else(|| refused(FactorRefusal::None))?;
    let secret = row::secret(&platform.journal, account, pending).await;
    let secret = secret.map_err(|error| Problem::internal(&error, caller.language))?;
    let code = match Typed::of(&body.code) {
        Some(Typed::Code(code)) => code,
        _ => return Err(refused(FactorRefusal::Wrong)),
    };
    let step = secret.and_then(|secret| secret.step_of(&code, platform.edge.now()));
    let step = step.ok_or_else(|| refused(FactorRefusal::Wrong))?;
    let codes = RecoveryCode::draw_all(&mut platform.edge.chance());
    let (account, actor) = (account.to_owned(), caller.oneself());
    let confirm = ConfirmFactor { account, pending, step, codes: codes.clone(), actor };
    let done = platform.journal.submit(confirm, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(Json(told(&codes)))
}

/// Gives other recovery codes.
#[utoipa::path(post, path = "/me/second-factor/recovery-codes", tag = "me", request_body = Proof, responses(
    (status = 200, body = RecoveryCodesBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "an API client has none"),
    (status = 409, body = ProblemBody, description = "there is no second factor"),
    (status = 422, body = ProblemBody, description = "password or code is wrong"),
))]
async fn renew_recovery_codes(
    State(platform): State<PlatformState>,
    caller: Caller,
    Input(proof): Input<Proof>,
) -> Result<Json<RecoveryCodesBody>, Problem> {
    prove(&platform, &caller, proof).await?;
    let codes = RecoveryCode::draw_all(&mut platform.edge.chance());
    let (account, actor) = (caller.account().to_owned(), caller.oneself());
    let renew = RenewCodes { account, codes: codes.clone(), actor };
    let done = platform.journal.submit(renew, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(Json(told(&codes)))
}

/// Takes the caller's second factor away, unless a post of theirs demands it.
#[utoipa::path(post, path = "/me/second-factor/removal", tag = "me", request_body = Proof, responses(
    (status = 204),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "a post demands it, or an API client asks"),
    (status = 409, body = ProblemBody, description = "there is none"),
    (status = 422, body = ProblemBody, description = "password or code is wrong"),
))]
async fn remove_second_factor(
    State(platform): State<PlatformState>,
    caller: Caller,
    Input(proof): Input<Proof>,
) -> Result<StatusCode, Problem> {
    if is_required(&platform.people, caller.scope.grants()) {
        return Err(Problem::of(FactorRefusal::Required, caller.language));
    }
    prove(&platform, &caller, proof).await?;
    let end = EndFactor { account: caller.account().to_owned(), reset: false, actor: caller.oneself() };
    let done = platform.journal.submit(end, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the second factor of somebody away who has lost the device and the codes. Never one's own.
#[utoipa::path(post, path = "/accounts/{id}/second-factor/reset", tag = "accounts",
    params(("id" = String, Path, description = "identifier of the account")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody, description = "not the security administrator, or one's own"),
        (status = 409, body = ProblemBody, description = "the account has none"),
    ))]
async fn reset_second_factor(
    State(platform): State<PlatformState>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    let actor = caller.acting(FACTOR_RESET)?;
    if account == caller.account() {
        return Err(Problem::of(FactorRefusal::Own, caller.language));
    }
    let end = EndFactor { account, reset: true, actor };
    let done = platform.journal.submit(end, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, caller.language))?;
    Ok(StatusCode::NO_CONTENT)
}

fn told(codes: &[RecoveryCode]) -> RecoveryCodesBody {
    RecoveryCodesBody { codes: codes.iter().map(RecoveryCode::reveal).collect() }
}

/// The account of a person; an API client is refused.
fn person(caller: &Caller) -> Result<&str, Problem> {
    match caller.by {
        By::Session => Ok(caller.account()),
        By::Resident | By::Client { .. } => Err(Problem::of(FactorRefusal::NotAPerson, caller.language)),
    }
}

/// Refuses unless the password is the caller's, and the code too where there is a second factor. A failure counts as one of signing
/// in does.
pub(crate) async fn prove(platform: &PlatformState, caller: &Caller, proof: Proof) -> Result<(), Problem> {
    let failed = |error: StoreError| Problem::internal(&error, caller.language);
    let (account, db, now) = (person(caller)?, platform.journal.db(), platform.edge.now());
    if let Some(locked) = sign_in::locked(db, &platform.people, account, now).await.map_err(failed)? {
        return Err(Problem::of(locked, caller.language));
    }
    let factor = Factor::find(&mut &*db, account).await.map_err(failed)?;
    let secret = match factor.and_then(|factor| factor.secret) {
        Some(version) => Some(row::secret(&platform.journal, account, version).await),
        None => None,
    };
    let is_enrolled = secret.is_some();
    let secret = secret.transpose().map_err(|error| Problem::internal(&error, caller.language))?.flatten();
    let mut means = Some(Means::Password);
    if !is_password_of(db, account, proof.password).await.map_err(failed)? {
        means = None;
    }
    let mut tx = db.begin().await.map_err(failed)?;
    if means.is_some() && is_enrolled {
        means = match proof.code.as_deref().and_then(Typed::of) {
            Some(typed) => row::use_up(&mut tx, account, secret.as_ref(), &typed, now).await.map_err(failed)?,
            None => None,
        };
    }
    if means.is_none() {
        let id = platform.edge.chance().uuid().to_string();
        sign_in::note(&mut tx, id, account, now, (Means::Password, false)).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    means.map(drop).ok_or_else(|| Problem::of(FactorRefusal::Proof, caller.language))
}
