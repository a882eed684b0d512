//! `POST /activation`: the first password.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::Refusal;
use serde::Deserialize;
use store::StoreError;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::weigh::{Weighed, weigh};
use crate::account::activation::typed;
use crate::account::row::former;
use crate::account::{Account, Activate};
use crate::caller::{Input, Lang, PlatformState};
use crate::sign_in::{self, Means};
use crate::{Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(activate))
}

#[derive(Deserialize, ToSchema)]
pub struct ActivationBody {
    #[schema(example = "wang.fang")]
    login: String,
    /// As it was given, once; small letters and spaces do no harm.
    #[schema(example = "7K2M-9QX4-A0BT-WZ31")]
    code: String,
    /// The password that one will sign in with.
    password: String,
}

/// Sets the first password of an account, or the one after a reset, by the code that was given for it. The code opens nothing
/// after that. Wrong codes count as failures to sign in, and none tells which logins there are.
#[utoipa::path(post, path = "/activation", tag = "session", request_body = ActivationBody, responses(
    (status = 204),
    (status = 401, body = ProblemBody, description = "login or code is wrong, the code was used or has ended, or the account is locked for a while after failures"),
    (status = 422, body = ProblemBody, description = "the password is not as the rules want it"),
), security(()))]
async fn activate(
    State(platform): State<PlatformState>,
    Lang(language): Lang,
    Input(ActivationBody { login, code, password }): Input<ActivationBody>,
) -> Result<StatusCode, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    let (db, rules, now) = (platform.journal.db(), &platform.people, platform.edge.now());
    let wrong = || Problem::of(crate::account::ActivateRefusal::Wrong, language);
    let account = Account::by_login(&mut &*db, login.trim()).await.map_err(failed)?.ok_or_else(wrong)?;
    if let Some(locked) = sign_in::locked(db, rules, &account.id, now).await.map_err(failed)? {
        return Err(Problem::of(locked, language));
    }
    let code = typed(&code);
    if !account.is_opened_by(&code, now) {
        let id = platform.edge.chance().uuid().to_string();
        let mut tx = db.begin().await.map_err(failed)?;
        sign_in::note(&mut tx, id, &account.id, now, (Means::Password, false)).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        return Err(wrong());
    }
    let before = former(&mut &*db, &account.id, rules.password_former).await.map_err(failed)?;
    let weighed = weigh(&platform, &account.login, before, password).await;
    let password = match weighed.map_err(|error| Problem::internal(&error, language))? {
        Weighed::Taken(hashed) => hashed,
        Weighed::Refused(refusal) => return Err(Problem::of(Refusal::from(refusal), language)),
    };
    let activate = Activate { account: account.id, code, password, former: rules.password_former };
    let done = platform.journal.submit(activate, platform.edge.submission(None)).await;
    done.map_err(|error| Problem::submitted(error, language))?;
    Ok(StatusCode::NO_CONTENT)
}
