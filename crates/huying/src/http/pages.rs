//! The pages, set in the binary. A debug build reads them from the folder, so that a change shows without a build.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Pages;

/// The API page: the document of the API to read and to try.
pub async fn reference() -> Response {
    file("reference.html")
}

/// A file of the pages; any other path without a dot is a page of the application.
pub async fn page(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() || !path.contains('.') { "index.html" } else { path };
    if path.starts_with("api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    file(name)
}

fn file(name: &str) -> Response {
    let Some(file) = Pages::get(name) else {
        return (StatusCode::NOT_FOUND, "the pages are not built: make web\n").into_response();
    };
    // Built files carry a hash of their content in their name.
    let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching.to_owned())], file.data).into_response()
}
