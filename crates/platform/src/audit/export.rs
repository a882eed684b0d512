//! A list of the auditor's as a file.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use kernel::text::{self, Language};
use serde::Deserialize;
use utoipa::IntoParams;

use super::MOST;
use crate::Problem;
use crate::sheet::{Pages, SheetFormat};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv` or `xlsx`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub format: SheetFormat,
}

/// `head` are codes of texts.
pub(super) async fn file(
    name: &str,
    format: SheetFormat,
    head: &[&str],
    pages: Pages,
    language: Language,
) -> Result<Response, Problem> {
    let head = head.iter().map(|code| text::text(language, code, &Default::default())).collect();
    let body = format.body(head, pages).await.map_err(|error| Problem::internal(&error, language))?;
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.extension());
    let disposition = HeaderValue::from_str(&disposition).map_err(|error| Problem::internal(&error, language))?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("row-limit"), HeaderValue::from(MOST)),
    ];
    Ok((headers, body).into_response())
}
