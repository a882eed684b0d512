//! The one envelope errors travel in: `application/problem+json` (RFC 9457) with a code, the field at fault and a text in
//! the caller's language.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use journal::{JournalError, SubmitError};
use kernel::text::Language;
use kernel::{Kind, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// An error on its way out. A failure of ours says nothing of its inside to the caller; it is logged once, here.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    refusal: Refusal,
    /// A field known only at run time; it goes before the refusal's own.
    field: Option<String>,
    language: Language,
    /// Seconds after which it may go better.
    retry_after: Option<u64>,
}

/// What an error looks like on the wire.
#[derive(Serialize, ToSchema)]
pub struct ProblemBody {
    /// A URN made of the code.
    #[schema(example = "urn:huying:problem:case-not-found")]
    pub r#type: String,
    /// The HTTP status again.
    pub status: u16,
    /// Names the error for programs; stable.
    #[schema(example = "case-not-found")]
    pub code: String,
    /// The field of the request at fault, where one is.
    pub field: Option<String>,
    /// What happened and what to do, in the caller's language.
    pub detail: String,
    /// The same in Chinese.
    pub detail_zh: String,
    /// The same in English.
    pub detail_en: String,
    /// The values the text mentions.
    pub values: BTreeMap<String, String>,
}

impl Problem {
    pub fn of(refusal: impl Into<Refusal>, language: Language) -> Problem {
        let refusal = refusal.into();
        let status = match refusal.kind {
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        Problem { status, refusal, field: None, language, retry_after: None }
    }

    /// The caller asks too often.
    pub fn too_often(seconds: u64, language: Language) -> Problem {
        let refusal = Refusal::new(Kind::Unavailable, "too-often").with("seconds", seconds);
        let problem = Problem::of(refusal, language);
        Problem { status: StatusCode::TOO_MANY_REQUESTS, retry_after: Some(seconds), ..problem }
    }

    /// There is no room for the request at the moment.
    pub fn overloaded(language: Language) -> Problem {
        let problem = Problem::of(Refusal::new(Kind::Unavailable, "overloaded"), language);
        Problem { retry_after: Some(1), ..problem }
    }

    /// A failure of the program or the database.
    pub fn internal(error: &dyn std::fmt::Display, language: Language) -> Problem {
        tracing::error!(%error, "a request failed");
        let refusal = Refusal::new(Kind::Unavailable, "internal");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Problem { status, ..Problem::of(refusal, language) }
    }

    /// What the journal could not do: a failure of ours, unless the person whose values it was to keep was erased.
    pub fn journal(error: &JournalError, language: Language) -> Problem {
        match error {
            JournalError::SubjectErased(_) => Problem::of(Refusal::new(Kind::Conflict, "person-erased"), language),
            error => Problem::internal(error, language),
        }
    }

    /// What came of a submitted command.
    pub fn submitted<R: Into<Refusal>>(error: SubmitError<R>, language: Language) -> Problem {
        match error {
            SubmitError::Refused(refusal) => Problem::of(refusal, language),
            SubmitError::KeyReused => {
                let refusal = Refusal { field: Some("Idempotency-Key"), ..Refusal::new(Kind::Invalid, "key-reused") };
                Problem::of(refusal, language)
            }
            SubmitError::Unknown(error) => {
                tracing::error!(%error, "a commit of unknown outcome");
                Problem::of(Refusal::new(Kind::Unavailable, "outcome-unknown"), language)
            }
            SubmitError::Failed(error) => Problem::journal(&error, language),
            SubmitError::Closed => Problem::internal(&"the journal is closed", language),
        }
    }

    /// What came of a command that refuses nothing, such as one that puts a look on record.
    pub fn unrefused(error: SubmitError<std::convert::Infallible>, language: Language) -> Problem {
        Problem::submitted::<Refusal>(error.never(), language)
    }

    pub fn at_field(self, field: Option<String>) -> Problem {
        Problem { field: field.or(self.field), ..self }
    }

    /// The thing is at another version than `If-Match` names.
    pub fn precondition_failed(self) -> Problem {
        Problem { status: StatusCode::PRECONDITION_FAILED, ..self }
    }

    /// The caller has asked too often, and may ask again after `wait`.
    pub fn too_many(self, wait: SignedDuration) -> Problem {
        let seconds = wait.as_millis().max(0).unsigned_abs().div_ceil(1_000);
        let retry_after = Some(u64::try_from(seconds).unwrap_or(u64::MAX).max(1));
        Problem { status: StatusCode::TOO_MANY_REQUESTS, retry_after, ..self }
    }

    /// An error that no handler answered for: no such path, another method, a body that is too large.
    pub fn unhandled(status: StatusCode, language: Language) -> Problem {
        let (status, code) = match status {
            StatusCode::NOT_FOUND => (status, "path-not-found"),
            StatusCode::METHOD_NOT_ALLOWED => (status, "method-not-allowed"),
            StatusCode::PAYLOAD_TOO_LARGE => (status, "body-too-large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (status, "media-not-read"),
            status if status.is_server_error() => (status, "internal"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "request-not-understood"),
        };
        Problem { status, ..Problem::of(Refusal::new(Kind::Invalid, code), language) }
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.refusal.code
    }

    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The header `Retry-After`, where it may go better later.
    pub fn retry_after(&self) -> Option<HeaderValue> {
        self.retry_after.map(HeaderValue::from)
    }
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> ProblemBody {
        problem.body()
    }
}

impl Problem {
    fn body(self) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:huying:problem:{}", self.refusal.code),
            status: self.status.as_u16(),
            code: self.refusal.code.to_owned(),
            field: self.field.or(self.refusal.field.map(str::to_owned)),
            detail: self.refusal.message(self.language),
            detail_zh: self.refusal.message(Language::Chinese),
            detail_en: self.refusal.message(Language::English),
            values: self.refusal.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, after) = (self.status, self.retry_after());
        let mut response = (status, Json(self.body())).into_response();
        if let Some(after) = after {
            response.headers_mut().insert(header::RETRY_AFTER, after);
        }
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}
