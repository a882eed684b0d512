//! `/log/…`: the transparency log for everyone, in the layout of C2SP tlog-tiles.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use journal::log::{LogError, LogReader};
use serde::Deserialize;

pub fn routes(reader: LogReader) -> Router {
    Router::new().route("/log/consistency", get(consistency)).route("/log/{*path}", get(serve)).with_state(reader)
}

#[derive(Deserialize)]
struct From {
    /// Number of entries of the earlier checkpoint.
    from: u64,
}

/// The proof that the newest checkpoint continues the one with `from` entries, followed by that checkpoint.
async fn consistency(State(reader): State<LogReader>, Query(From { from }): Query<From>) -> Response {
    match reader.consistency_from(from).await {
        Ok(Some(proof)) => {
            ([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")], proof).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => unreadable(&error),
    }
}

async fn serve(State(reader): State<LogReader>, Path(path): Path<String>) -> Response {
    match reader.serve(&path).await {
        Ok(Some(served)) => {
            let caching = if served.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
            ([(CONTENT_TYPE, served.content_type), (CACHE_CONTROL, caching)], served.bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &LogError) -> Response {
    tracing::error!(%error, "the transparency log cannot be read");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
