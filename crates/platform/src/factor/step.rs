//! The second step of signing in: the password was right, the code is awaited.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::SignedDuration;
use kernel::Instant;
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use super::row::{self, Factor};
use super::{FactorRefusal, Ticket, Typed};
use crate::caller::{Input, Lang, PlatformState};
use crate::device::Device;
use crate::session::{SessionBody, cookie_of, opened};
use crate::sign_in::{self, Means};
use crate::{Problem, ProblemBody};

/// Where the ticket lies for a browser that another system's sign-in has sent back.
pub(crate) const TICKET_COOKIE: &str = "huying_ticket";

/// So long a code is awaited. A sample.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// The password was right; the code of the second factor is awaited.
#[derive(Serialize, ToSchema)]
pub struct FactorAwaitedBody {
    /// For `POST /session/second-factor`; it opens one session.
    pub ticket: String,
    /// When the ticket ends.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
}

#[derive(Deserialize, ToSchema)]
pub struct SecondStep {
    /// As `POST /session` gave it; after another system's sign-in it lies in a cookie.
    ticket: Option<String>,
    /// Six digits of the device, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

/// A ticket for an account whose first factor was right.
pub(crate) async fn awaited(platform: &PlatformState, account: &str) -> Result<FactorAwaitedBody, StoreError> {
    let ticket = Ticket::draw(&mut platform.edge.chance());
    let until = platform.edge.now() + PATIENCE;
    let mut tx = platform.journal.db().begin().await?;
    row::keep_ticket(&mut tx, &ticket, account, until).await?;
    tx.commit().await?;
    Ok(FactorAwaitedBody { ticket: ticket.reveal(), until })
}

/// Signs in by the ticket of the first step and a code of the second factor. A ticket may be tried five times; each failure counts
/// towards the lock of the account, as a wrong password does.
#[utoipa::path(post, path = "/session/second-factor", tag = "session", request_body = SecondStep, responses(
    (status = 200, body = SessionBody),
    (status = 401, body = ProblemBody, description = "the ticket is unknown, over or used, or the account is locked for a while after failures"),
    (status = 422, body = ProblemBody, description = "the code is wrong or was used before"),
), security(()))]
pub(super) async fn second_step(
    State(platform): State<PlatformState>,
    Lang(language): Lang,
    headers: HeaderMap,
    device: Device,
    Input(body): Input<SecondStep>,
) -> Result<Response, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    let refused = |refusal: FactorRefusal| Problem::of(refusal, language);
    let (db, now, mut chance) = (platform.journal.db(), platform.edge.now(), platform.edge.chance());
    let ticket = body.ticket.as_deref().or_else(|| cookie_of(&headers, TICKET_COOKIE)).and_then(Ticket::parse);
    let ticket = ticket.ok_or_else(|| refused(FactorRefusal::Ticket))?;
    let mut tx = db.begin().await.map_err(failed)?;
    let account = row::try_ticket(&mut tx, &ticket, now).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    let account = account.ok_or_else(|| refused(FactorRefusal::Ticket))?;
    if let Some(locked) = sign_in::locked(db, &platform.people, &account, now).await.map_err(failed)? {
        return Err(Problem::of(locked, language));
    }
    let factor = Factor::find(&mut &*db, &account).await.map_err(failed)?;
    let secret = match factor.and_then(|factor| factor.secret) {
        Some(version) => row::secret(&platform.journal, &account, version).await,
        None => return Err(refused(FactorRefusal::Ticket)),
    };
    let secret = secret.map_err(|error| Problem::internal(&error, language))?;
    let mut tx = db.begin().await.map_err(failed)?;
    let means = match Typed::of(&body.code) {
        Some(typed) => row::use_up(&mut tx, &account, secret.as_ref(), &typed, now).await.map_err(failed)?,
        None => None,
    };
    let Some(means) = means else {
        let id = chance.uuid().to_string();
        sign_in::note(&mut tx, id, &account, now, (Means::Totp, false)).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        return Err(refused(FactorRefusal::Wrong));
    };
    if !row::take_ticket(&mut tx, &ticket).await.map_err(failed)? {
        // Another request was quicker: what it used up stays as it is.
        tx.rollback().await.map_err(failed)?;
        return Err(refused(FactorRefusal::Ticket));
    }
    opened(&platform, tx, account, (means, device), language).await
}
