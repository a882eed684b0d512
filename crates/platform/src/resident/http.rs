//! `/residents/code`, `/residents/session`: a resident signs in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use journal::JournalError;
use kernel::Instant;
use kernel::text::{Language, text};
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::command::OpenResident;
use super::row;
use super::{Phone, PhoneKey, ResidentRefusal, draw_code};
use crate::caller::{Input, Lang, PlatformState};
use crate::device::Device;
use crate::session::{SessionBody, opened};
use crate::sign_in::{self, Means};
use crate::sms::SmsMessage;
use crate::{Address, Problem, ProblemBody};

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(send_code)).routes(routes!(enter_by_code))
}

#[derive(Deserialize, ToSchema)]
pub struct CodeRequest {
    /// With a country's code after `+`, or a mobile number of the Chinese mainland.
    #[schema(example = "13800005678")]
    phone: String,
}

/// A code is on its way. That says nothing of whether the number was known.
#[derive(Serialize, ToSchema)]
pub struct CodeSentBody {
    /// When the code ends.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// Another can be asked for from then on.
    #[schema(value_type = String, format = DateTime)]
    pub again_at: Instant,
}

#[derive(Deserialize, ToSchema)]
pub struct CodeEntry {
    #[schema(example = "13800005678")]
    phone: String,
    #[schema(example = "123456")]
    code: String,
}

/// Sends a code of six digits to a telephone, as often as the limits allow for one number and for one network address.
#[utoipa::path(post, path = "/residents/code", tag = "residents", request_body = CodeRequest, responses(
    (status = 202, body = CodeSentBody),
    (status = 404, body = ProblemBody, description = "the district has no residents' sign-in"),
    (status = 422, body = ProblemBody),
    (status = 429, body = ProblemBody, description = "too often",
        headers(("Retry-After" = i64, description = "seconds after which a code can be asked for again"))),
    (status = 503, body = ProblemBody, description = "the message could not be sent"),
), security(()))]
async fn send_code(
    State(platform): State<PlatformState>,
    Lang(language): Lang,
    address: Address,
    Input(body): Input<CodeRequest>,
) -> Result<(StatusCode, Json<CodeSentBody>), Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    served(&platform, language)?;
    let phone = Phone::parse(&body.phone).map_err(|refusal| Problem::of(refusal, language))?;
    let key = key(&platform).await.map_err(|error| Problem::internal(&error, language))?;
    let rules = &platform.people.residents;
    let (now, mut chance, db) = (platform.edge.now(), platform.edge.chance(), platform.journal.db());
    let wait = SignedDuration::from_secs(rules.wait_seconds.into());
    let until = now + SignedDuration::from_mins(rules.code_minutes.into());
    let (asked, from, code) = (key.phone(&phone), key.address(&address.text()), draw_code(&mut chance));
    let mut tx = db.begin().await.map_err(failed)?;
    row::in_turn(&mut tx, [&asked, &from]).await.map_err(failed)?;
    let hour = SignedDuration::from_hours(1);
    let bounds = [(&asked, wait, 1), (&asked, hour, rules.per_phone_hour), (&from, hour, rules.per_address_hour)];
    let mut free = None;
    for (key, window, most) in bounds {
        let since = (now - window).micros();
        let one = row::one_too_many(&mut tx, key, since, most).await.map_err(failed)?;
        free = free.max(one.map(|at| at + window));
    }
    if let Some(free) = free {
        tx.rollback().await.map_err(failed)?;
        return Err(Problem::of(ResidentRefusal::TooOften, language).too_many(free.since(now)));
    }
    for key in [&asked, &from] {
        row::note_request(&mut tx, chance.uuid().to_string(), key, now).await.map_err(failed)?;
    }
    row::keep_code(&mut tx, &asked, &key.code(&phone, &code), until).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    let values = [("code", code), ("minutes", rules.code_minutes.to_string())].into();
    let (id, to) = (chance.uuid().to_string(), phone.reveal().to_owned());
    let message = SmsMessage { id, to, text: text(language, "phone-code-message", &values) };
    if let Err(error) = platform.sms.send(&message).await {
        tracing::warn!(%error, "a code was not sent");
        return Err(Problem::of(ResidentRefusal::NotSent, language));
    }
    Ok((StatusCode::ACCEPTED, Json(CodeSentBody { until, again_at: now + wait })))
}

/// Signs a resident in by the code sent to their telephone. Who was never here before has an account from now on.
#[utoipa::path(post, path = "/residents/session", tag = "residents", request_body = CodeEntry, responses(
    (status = 200, body = SessionBody),
    (status = 401, body = ProblemBody, description = "the code is wrong, over or used, or none was sent"),
    (status = 404, body = ProblemBody, description = "the district has no residents' sign-in"),
    (status = 422, body = ProblemBody),
), security(()))]
async fn enter_by_code(
    State(platform): State<PlatformState>,
    Lang(language): Lang,
    device: Device,
    Input(body): Input<CodeEntry>,
) -> Result<Response, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    served(&platform, language)?;
    let phone = Phone::parse(&body.phone).map_err(|refusal| Problem::of(refusal, language))?;
    let key = key(&platform).await.map_err(|error| Problem::internal(&error, language))?;
    let (asked, now, db) = (key.phone(&phone), platform.edge.now(), platform.journal.db());
    let mut chance = platform.edge.chance();
    let typed = key.code(&phone, body.code.trim());
    let mut tx = db.begin().await.map_err(failed)?;
    let most = platform.people.residents.code_tries;
    let held = row::try_code(&mut tx, &asked, most, now).await.map_err(failed)?;
    // Of two requests with the code one takes it.
    let right =
        held.is_some_and(|held| held == typed) && row::take_code(&mut tx, &asked, &typed).await.map_err(failed)?;
    let known = row::account_of(&mut tx, &asked).await.map_err(failed)?;
    if let (false, Some(account)) = (right, &known) {
        let id = chance.uuid().to_string();
        sign_in::note(&mut tx, id, account, now, (Means::Phone, false)).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    if !right {
        return Err(Problem::of(ResidentRefusal::Code, language));
    }
    let account = match known {
        Some(account) => account,
        None => {
            let (account, phone) = (chance.uuid().to_string(), phone.reveal().to_owned());
            let open = OpenResident { account, phone, hash: asked };
            match platform.journal.submit(open, platform.edge.submission(None)).await {
                Ok(journal::Answer::Done { output, .. }) => output,
                Ok(journal::Answer::Replayed { .. }) => return Err(Problem::of(ResidentRefusal::Code, language)),
                Err(error) => return Err(Problem::unrefused(error, language)),
            }
        }
    };
    let tx = db.begin().await.map_err(failed)?;
    opened(&platform, tx, account, (Means::Phone, device), language).await
}

/// Refuses where the profile says nothing of residents.
fn served(platform: &PlatformState, language: Language) -> Result<(), Problem> {
    match platform.posts.resident() {
        Some(_) => Ok(()),
        None => Err(Problem::of(ResidentRefusal::NotServed, language)),
    }
}

async fn key(platform: &PlatformState) -> Result<PhoneKey, JournalError> {
    let journal = &platform.journal;
    journal.sealer().named_key(journal.db(), PhoneKey::NAME, &mut platform.edge.chance()).await.map(PhoneKey)
}
