//! Errors that no handler answers for, in the same envelope as all others.

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::text::Language;
use platform::Problem;

use super::document::Media;

/// A path that holds no text, a method that is not there, a body that is too large: what the framework says in plain text becomes a
/// problem with a code and a text in both languages.
pub async fn envelope(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let response = next.run(request).await;
    let (status, kind) = (response.status(), response.headers().get(CONTENT_TYPE));
    let is_ours = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allow = response.headers().get(ALLOW).cloned();
    let mut problem = Problem::unhandled(status, language).into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(ALLOW, allow);
    }
    problem
}

/// Refuses a body of a kind that the operation does not read. One that says nothing of its kind is tried.
pub async fn media(State(kinds): State<Arc<Media>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let path = path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
    let kind = request.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default());
    if let (Some(read), Some(kind)) = (kinds.get(&(request.method().clone(), path)), kind)
        && !request.body().is_end_stream()
    {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !read.contains(&kind) {
            let language = language_of(request.headers());
            return Problem::unhandled(StatusCode::UNSUPPORTED_MEDIA_TYPE, language).into_response();
        }
    }
    next.run(request).await
}

/// No such path.
pub async fn nothing(headers: HeaderMap) -> Problem {
    Problem::unhandled(StatusCode::NOT_FOUND, language_of(&headers))
}

pub fn language_of(headers: &HeaderMap) -> Language {
    let accept = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accept.map(Language::negotiate).unwrap_or_default()
}
