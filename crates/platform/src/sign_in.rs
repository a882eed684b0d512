//! The history of sign-ins: it locks an account after failures, and its owner reads it.

pub(crate) mod unknown;

use axum::Json;
use axum::extract::State;
use kernel::{Instant, Kind, Refusal};
use serde::Serialize;
use store::{Db, Read, StoreError, Tx, sql};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::{Caller, PlatformState};
use crate::{People, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(sign_ins))
}

/// How many of the newest are shown.
const SHOWN: i64 = 100;

/// One attempt to sign in.
#[derive(Serialize, ToSchema)]
pub struct SignInBody {
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Whether it was let in.
    pub succeeded: bool,
    /// By what: `password`, `totp` (a code of the second factor), `recovery` (a recovery code), `oidc`, `phone`.
    pub means: String,
}

/// The newest attempts to sign in to the caller's account, at most a hundred.
#[utoipa::path(get, path = "/me/sign-ins", tag = "me", responses(
    (status = 200, body = Vec<SignInBody>),
    (status = 401, body = ProblemBody),
))]
async fn sign_ins(State(platform): State<PlatformState>, caller: Caller) -> Result<Json<Vec<SignInBody>>, Problem> {
    let select = sql("select at, succeeded, means from sign_in where account = $1 order by at desc, id limit $2");
    let rows: Result<Vec<(i64, i64, String)>, _> =
        (&mut platform.journal.db()).all(select.bind(caller.account()).bind(SHOWN)).await;
    let rows = rows.map_err(|error| Problem::internal(&error, caller.language))?;
    let body = |(at, succeeded, means)| SignInBody { at: Instant::from_micros(at), succeeded: succeeded == 1, means };
    Ok(Json(rows.into_iter().map(body).collect()))
}

/// Refuses while the last attempts, as many as the rules allow, all failed a short while ago, unless the account was unlocked
/// since. What is tried meanwhile does not make it longer.
pub(crate) async fn locked(
    db: &Db,
    rules: &People,
    account: &str,
    now: Instant,
) -> Result<Option<Refusal>, StoreError> {
    let since = now.micros() - rules.lock().as_micros() as i64;
    let select = sql("select at, succeeded from sign_in where account = $1 and at > $2 and at > coalesce(\
                      (select unlocked_at from account where id = $3), $4) order by at desc, id limit $5");
    let select = select.bind(account).bind(since).bind(account).bind(since).bind(i64::from(rules.lock_after));
    let last: Vec<(i64, i64)> = (&mut &*db).all(select).await?;
    let failed = last.len() as i64 == i64::from(rules.lock_after) && last.iter().all(|(_, succeeded)| *succeeded == 0);
    let refusal = || Refusal::new(Kind::Unauthenticated, "sign-in-locked").with("minutes", rules.lock_minutes);
    Ok((rules.lock_after > 0 && failed).then(refusal))
}

/// By what somebody signs in, in the last step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    Password,
    /// A code of the second factor.
    Totp,
    /// A recovery code.
    Recovery,
    /// A code sent to a telephone.
    Phone,
    /// Another system's word.
    Oidc,
}

impl Means {
    fn word(self) -> &'static str {
        match self {
            Means::Password => "password",
            Means::Totp => "totp",
            Means::Recovery => "recovery",
            Means::Phone => "phone",
            Means::Oidc => "oidc",
        }
    }
}

/// Notes an attempt, by what it was made and whether it succeeded.
pub(crate) async fn note(
    tx: &mut Tx,
    id: String,
    account: &str,
    now: Instant,
    (means, succeeded): (Means, bool),
) -> Result<(), StoreError> {
    let insert = sql("insert into sign_in (id, account, at, succeeded, means) values ($1, $2, $3, $4, $5)");
    tx.run(insert.bind(id).bind(account).bind(now.micros()).bind(succeeded).bind(means.word())).await.map(drop)
}
