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

/// A file of the pages, or a page of the application.
pub async fn page(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    file(name_of(path))
}

/// The file that stands for a path: with a dot it is one by itself, but for an account's, whose name may have dots.
fn name_of(path: &str) -> &str {
    if path.contains('.') && !path.starts_with("accounts/") { path } else { "index.html" }
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

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn an_account_with_a_dot_is_a_page() {
        for page in ["", "areas/440104", "accounts/demo.arbitrator"] {
            assert_eq!(name_of(page), "index.html", "{page}");
        }
        for file in ["icon.svg", "assets/index-1.css"] {
            assert_eq!(name_of(file), file);
        }
    }
}
