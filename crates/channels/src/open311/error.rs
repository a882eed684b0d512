//! Errors as the specification writes them: a list of codes with descriptions.

use axum::http::StatusCode;
use kernel::text::Language;
use kernel::{Kind, Refusal};

use super::tree::Tree;

/// An error on its way out. The HTTP status is the first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open311Error {
    pub status: StatusCode,
    pub refusal: Refusal,
}

impl Open311Error {
    /// A value of the request is missing or wrong.
    pub fn invalid(field: &'static str, code: &'static str) -> Open311Error {
        Open311Error { status: StatusCode::BAD_REQUEST, refusal: Refusal::invalid(field, code) }
    }

    /// A service, a request, a token or a jurisdiction that is not there.
    pub fn missing(field: &'static str, code: &'static str) -> Open311Error {
        let refusal = Refusal { field: Some(field), ..Refusal::new(Kind::NotFound, code) };
        Open311Error { status: StatusCode::NOT_FOUND, refusal }
    }

    /// The key is missing, unknown, or not for this.
    pub fn key(code: &'static str) -> Open311Error {
        let refusal = Refusal { field: Some("api_key"), ..Refusal::new(Kind::Forbidden, code) };
        Open311Error { status: StatusCode::FORBIDDEN, refusal }
    }

    /// The key is used too often.
    pub fn too_often(seconds: u64) -> Open311Error {
        let refusal = Refusal::new(Kind::Unavailable, "too-often").with("seconds", seconds);
        Open311Error { status: StatusCode::TOO_MANY_REQUESTS, refusal }
    }

    /// A failure of the program or the database: logged here, once, with nothing of it told.
    pub fn internal(error: &dyn std::fmt::Display) -> Open311Error {
        tracing::error!(%error, "an Open311 request failed");
        Open311Error::failed()
    }

    /// The same, of what is logged already.
    pub fn failed() -> Open311Error {
        let refusal = Refusal::new(Kind::Unavailable, "internal");
        Open311Error { status: StatusCode::INTERNAL_SERVER_ERROR, refusal }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Open311Error {
        self.refusal.values.insert(name, value.to_string());
        self
    }

    /// `errors` in XML.
    pub fn tree(&self, language: Language) -> Tree {
        let message = self.refusal.message(language);
        let description = match self.refusal.field {
            Some(field) => format!("{field}: {message}"),
            None => message,
        };
        let code = Tree::Whole(i64::from(self.status.as_u16()));
        Tree::List("error", vec![Tree::Fields(vec![("code", code), ("description", Tree::Text(description))])])
    }
}

impl From<Refusal> for Open311Error {
    fn from(refusal: Refusal) -> Open311Error {
        let status = match refusal.kind {
            Kind::Invalid | Kind::Conflict => StatusCode::BAD_REQUEST,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Unauthenticated | Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        Open311Error { status, refusal }
    }
}
