//! `/log/…`: the transparency log for everyone, in the layout of C2SP tlog-tiles.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use journal::log::LogReader;

pub fn routes(reader: LogReader) -> Router {
    Router::new().route("/log/{*path}", get(serve)).with_state(reader)
}

async fn serve(State(reader): State<LogReader>, Path(path): Path<String>) -> Response {
    match reader.serve(&path).await {
        Ok(Some(served)) => {
            let caching = if served.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
            ([(CONTENT_TYPE, served.content_type), (CACHE_CONTROL, caching)], served.bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "the transparency log cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
