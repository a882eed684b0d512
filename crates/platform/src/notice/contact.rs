//! `GET/PUT /me/contact`: where the caller's mail and short messages go. The addresses stand nowhere but sealed in facts.

use axum::Json;
use axum::extract::State;
use journal::{Command, Declined, Journal, JournalError, NewFact, Personal, Unit, tail};
use kernel::text::Language;
use kernel::{Actor, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::address::{is_mail, is_phone};
use super::inbox::InboxState;
use crate::{Caller, Input, Problem, ProblemBody};

/// Where someone is reached, in which language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    #[schema(example = "wang@example.org")]
    pub mail: Option<String>,
    #[schema(example = "13800005678")]
    pub phone: Option<String>,
    /// `zh-CN` or `en`.
    #[schema(example = "zh-CN")]
    pub language: String,
}

/// What a fact `contact.set` says beside the sealed addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    v: u32,
    pub mail: bool,
    pub phone: bool,
    pub language: String,
}

pub(super) fn routes() -> OpenApiRouter<InboxState> {
    OpenApiRouter::new().routes(routes!(show_contact, set_contact))
}

struct SetContact {
    account: String,
    contact: ContactBody,
    actor: Actor,
}

impl Command for SetContact {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let stream = stream(&self.account);
        let version = tail::version(unit.tx().await?, &stream).await?;
        let ContactBody { mail, phone, language } = &self.contact;
        let body = Ways { v: 1, mail: mail.is_some(), phone: phone.is_some(), language: language.clone() };
        let mut fact = NewFact::new("contact.set", unit.at(), self.actor.clone(), &body);
        for (field, value) in [("mail", mail), ("phone", phone)] {
            let subject = format!("person/{}", self.account);
            fact.personal.extend(value.clone().map(|value| Personal { subject, field, value }));
        }
        unit.append(&stream, version, vec![fact]).await?;
        Ok(())
    }
}

fn stream(account: &str) -> String {
    format!("contact/{account}")
}

/// How someone can be reached at all.
pub async fn ways(journal: &Journal, account: &str) -> Result<Ways, JournalError> {
    let newest = tail::stream_backwards(&mut journal.db(), &stream(account), i64::MAX, 1).await?;
    newest.first().map_or(Ok(Ways::default()), journal::Fact::read)
}

/// Someone's addresses. Nothing of an erased person is left.
pub async fn contact(journal: &Journal, account: &str) -> Result<ContactBody, JournalError> {
    let newest = tail::stream_backwards(&mut journal.db(), &stream(account), i64::MAX, 1).await?;
    let Some(fact) = newest.first() else { return Ok(ContactBody::default()) };
    let ways: Ways = fact.read()?;
    let opened = journal.sealer().open(&mut journal.db(), fact).await?;
    let value = |field: &str| opened.value(field).map(str::to_owned);
    Ok(ContactBody { mail: value("mail"), phone: value("phone"), language: ways.language })
}

/// Where the caller is reached.
#[utoipa::path(get, path = "/me/contact", tag = "me", responses(
    (status = 200, body = ContactBody),
    (status = 401, body = ProblemBody),
))]
pub(super) async fn show_contact(
    State(state): State<InboxState>,
    caller: Caller,
) -> Result<Json<ContactBody>, Problem> {
    let found = contact(&state.platform.journal, caller.account()).await;
    let mut found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    if found.language.is_empty() {
        found.language = Language::default().tag().to_owned();
    }
    Ok(Json(found))
}

/// Says where the caller is reached from now on; what is left out is no longer known.
#[utoipa::path(put, path = "/me/contact", tag = "me", request_body = ContactBody, responses(
    (status = 200, body = ContactBody),
    (status = 401, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "the caller was erased: nothing more is kept for them"),
    (status = 422, body = ProblemBody),
))]
pub(super) async fn set_contact(
    State(state): State<InboxState>,
    caller: Caller,
    Input(contact): Input<ContactBody>,
) -> Result<Json<ContactBody>, Problem> {
    let refuse = |field, code| Problem::of(Refusal::invalid(field, code), caller.language);
    if contact.mail.as_deref().is_some_and(|mail| !is_mail(mail)) {
        return Err(refuse("mail", "contact-mail"));
    }
    if contact.phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
        return Err(refuse("phone", "contact-phone-number"));
    }
    if !Language::ALL.iter().any(|language| language.tag() == contact.language) {
        return Err(refuse("language", "contact-language"));
    }
    let command =
        SetContact { account: caller.account().to_owned(), contact: contact.clone(), actor: caller.oneself() };
    let done = state.platform.journal.submit(command, state.platform.edge.submission(None)).await;
    done.map_err(|error| Problem::unrefused(error, caller.language))?;
    Ok(Json(contact))
}
