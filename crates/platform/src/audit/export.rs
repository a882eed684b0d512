//! A list of the auditor's as a file.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures::stream::{StreamExt, try_unfold};
use kernel::text::{self, Language};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{MOST, PAGE};
use crate::Problem;
use crate::sheet::{SheetError, SheetFormat};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv` or `xlsx`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub format: SheetFormat,
}

/// A page of [`PAGE`] lines after a place, and the place of its last one.
pub(super) type Page<P> = (Vec<Vec<String>>, Option<P>);

/// All pages, each asked for when the one before is written. `head` are codes of texts.
pub(super) async fn file<P, F, E>(
    name: &str,
    format: SheetFormat,
    head: &[&str],
    page: impl Fn(Option<P>) -> F + Clone + Send + 'static,
    language: Language,
) -> Result<Response, Problem>
where
    P: Send + 'static,
    F: Future<Output = Result<Page<P>, E>> + Send,
    E: std::error::Error + Send + Sync + 'static,
{
    let next = move |after: Option<Option<P>>| {
        let page = page.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let (rows, last) = page(after).await.map_err(|error| SheetError::Page(Box::new(error)))?;
            let full = rows.len() as i64 == PAGE;
            Ok(Some((rows, full.then_some(last))))
        }
    };
    let pages = try_unfold(Some(None), next).boxed();
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
