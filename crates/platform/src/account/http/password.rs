//! `POST /me/password`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::{Kind, Refusal};
use serde::Deserialize;
use store::StoreError;
use tokio::task::JoinError;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::weigh::{Weighed, matches, weigh};
use crate::account::row::former;
use crate::account::{Account, ChangePassword};
use crate::caller::{Input, Known, PlatformState};
use crate::session::{hash, token_of};
use crate::sign_in::{self, Means};
use crate::{Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(change_password))
}

#[derive(Deserialize, ToSchema)]
pub struct ChangePasswordBody {
    /// The present password.
    current: String,
    /// The next one.
    password: String,
}

/// Replaces the caller's own password, and ends its other sessions. Wrong passwords count as failures to sign in.
#[utoipa::path(post, path = "/me/password", tag = "me", request_body = ChangePasswordBody, responses(
    (status = 204),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody, description = "an API client has no password, or the account is locked after failures"),
    (status = 409, body = ProblemBody, description = "it was changed meanwhile"),
    (status = 422, body = ProblemBody, description = "the present password is wrong, or the next one is not as the rules want it"),
))]
async fn change_password(
    State(platform): State<PlatformState>,
    Known(caller): Known,
    headers: HeaderMap,
    Input(ChangePasswordBody { current, password }): Input<ChangePasswordBody>,
) -> Result<StatusCode, Problem> {
    let language = caller.language;
    let failed = |error: StoreError| Problem::internal(&error, language);
    let refused = |refusal: Refusal| Problem::of(refusal, language);
    let (db, rules) = (platform.journal.db(), &platform.people);
    let account = Account::find(&mut &*db, caller.account()).await.map_err(failed)?;
    let session = token_of(&headers).map(|token| hash(&token).to_vec());
    let (Some(account), Some(session)) = (account, session) else {
        return Err(refused(Refusal::new(Kind::Forbidden, "password-not-of-a-person")));
    };
    let now = platform.edge.now();
    if let Some(locked) = sign_in::locked(db, rules, &account.id, now).await.map_err(failed)? {
        // Whoever is signed in stays so.
        return Err(refused(Refusal { kind: Kind::Forbidden, ..locked }));
    }
    let internal = |error: JoinError| Problem::internal(&error, language);
    if !matches(account.password.clone(), current).await.map_err(internal)? {
        let id = platform.edge.chance().uuid().to_string();
        let mut tx = db.begin().await.map_err(failed)?;
        sign_in::note(&mut tx, id, &account.id, now, (Means::Password, false)).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        return Err(refused(Refusal::invalid("current", "password-wrong")));
    }
    let mut before = former(&mut &*db, &account.id, rules.password_former.saturating_sub(1)).await.map_err(failed)?;
    before.extend((rules.password_former > 0).then(|| account.password.clone()));
    let hashed = match weigh(&platform, &account.login, before, password).await.map_err(internal)? {
        Weighed::Taken(hashed) => hashed,
        Weighed::Refused(refusal) => return Err(refused(refusal.into())),
    };
    let change = ChangePassword {
        account: account.id,
        before: account.password,
        password: hashed,
        former: rules.password_former,
        session,
        actor: caller.oneself(),
    };
    let done = platform.journal.submit(change, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, language))?;
    Ok(StatusCode::NO_CONTENT)
}
