//! A request handed in becomes a case.

use casework::case::{self, Action, Caller, Channel, Hand, Location, Register, Reporter, RequestKind, Words};
use casework::{ActRefusal, Opened};
use district::CaseKind;
use district::open311::ServiceType;
use journal::{Answer, JournalError, Key, SubmitError};
use kernel::text::Language;
use kernel::{Instant, Kind, Refusal};
use platform::Scope;

use super::Open311State;
use super::answer::received;
use super::error::Open311Error;
use super::form::Handed;
use super::services::choose;
use super::tree::Tree;

/// Registers what was handed in under the client's post, and says what the caller gets for it.
pub async fn receive(
    state: &Open311State,
    scope: &Scope,
    handed: Handed<'_>,
    key: Option<Key>,
    language: Language,
) -> Result<Tree, Open311Error> {
    let acting = acting(scope)?;
    let mut submission = state.platform.edge.submission(key);
    let subject = format!("reporter/{}", submission.chance.uuid());
    let register = register(state, &handed, subject, submission.at)?;
    let outcome = state.casework.register(acting, None, register, submission).await;
    let (id, number) = match outcome.map_err(refused)? {
        Answer::Done { output: Opened { id, number, .. }, .. } => (id, number),
        Answer::Replayed { positions } => repeated(state, positions.first).await?,
    };
    let (request, token) = match handed.service.r#type {
        ServiceType::Realtime => (Some(number), None),
        ServiceType::Batch => (None, Some(id.to_string())),
        ServiceType::Blackbox => (None, None),
    };
    let fields = [("service_request_id", request), ("token", token)];
    let notice = choose(language, &handed.service.notice_zh, &handed.service.notice_en);
    Ok(received(fields, Some(notice).filter(|one| !one.is_empty()), handed.account_id.as_deref()))
}

/// The client by the first of its posts that lets it register.
fn acting(scope: &Scope) -> Result<Caller, Open311Error> {
    let grant = scope.grants().iter().find(|grant| grant.actions.contains(Action::Register.name()));
    let grant = grant.ok_or_else(|| Open311Error::key("open311-key-not-allowed"))?;
    let hand = Hand::Post {
        person: scope.account().to_owned(),
        post: grant.post.clone(),
        organization: grant.organization.clone(),
    };
    Ok(Caller::new(hand, [Action::Register]))
}

fn register(
    state: &Open311State,
    handed: &Handed<'_>,
    subject: String,
    now: Instant,
) -> Result<Register, Open311Error> {
    let matter = state.profile.matters.at(&handed.service.matter, now);
    let matter = matter.ok_or_else(|| {
        Open311Error::missing("service_code", "open311-no-service").with("code", &handed.service.code)
    })?;
    let location = handed.point.map_or(Location::Unknown, |point| Location::of(&state.profile.territory, point, now));
    Ok(Register {
        channel: Channel::Open311,
        kind: kind(matter.kind),
        words: Words::new(&handed.words).map_err(|why| Open311Error::from(Refusal::from(&why)))?,
        reporter: Some(Reporter {
            subject,
            name: handed.name.clone(),
            phone: handed.phone.clone(),
            email: handed.email.clone(),
        }),
        address: handed.address.clone(),
        location,
        desk: None,
        matter: Some(matter.code.clone()),
        urgency: None,
        declares_secret: false,
        confidentiality: None,
        outer: None,
        evidence: Vec::new(),
    })
}

/// The sort of case that a matter makes.
pub fn kind(kind: CaseKind) -> RequestKind {
    match kind {
        CaseKind::Event => RequestKind::Event,
        CaseKind::Component => RequestKind::Component,
        CaseKind::Enquiry => RequestKind::Enquiry,
        CaseKind::Help => RequestKind::Help,
        CaseKind::Suggestion => RequestKind::Suggestion,
        CaseKind::Complaint => RequestKind::Complaint,
        CaseKind::Report => RequestKind::Report,
        CaseKind::Emergency => RequestKind::Emergency,
    }
}

fn refused(error: SubmitError<ActRefusal>) -> Open311Error {
    match error {
        SubmitError::Refused(ActRefusal::Case(why)) => Refusal::from(&why).into(),
        SubmitError::Refused(why) => Refusal::from(&why).into(),
        SubmitError::KeyReused => {
            Refusal { field: Some("Idempotency-Key"), ..Refusal::new(Kind::Invalid, "key-reused") }.into()
        }
        SubmitError::Failed(error) if matches!(*error, JournalError::SubjectErased(_)) => {
            Refusal::new(Kind::Conflict, "person-erased").into()
        }
        error => Open311Error::internal(&error),
    }
}

/// The case that an earlier request with the same key opened.
async fn repeated(state: &Open311State, position: i64) -> Result<(case::CaseId, String), Open311Error> {
    let internal = |error: &dyn std::fmt::Display| Open311Error::internal(error);
    let fact = journal::tail::at(&mut state.platform.journal.db(), position).await;
    let fact = fact.map_err(|error| internal(&error))?.ok_or_else(|| internal(&"the fact of a key is gone"))?;
    let id = fact.stream.strip_prefix("case/").and_then(|id| id.parse().ok());
    let id = id.ok_or_else(|| internal(&"the fact of a key is no case's"))?;
    let case = state.casework.case(id).await.map_err(|error| internal(&error))?;
    let case = case.ok_or_else(|| internal(&"the case of a key is gone"))?;
    Ok((id, case.number))
}
