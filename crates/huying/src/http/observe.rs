//! Each request counted, timed and logged by its route, never by its query or body, which may hold personal data.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

pub async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("page", MatchedPath::as_str).to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), start.elapsed());
    let labels = [("method", method.clone()), ("route", route.clone()), ("status", status.to_string())];
    metrics::counter!("huying_http_requests_total", &labels).increment(1);
    metrics::histogram!("huying_http_request_seconds", &labels[..2]).record(took.as_secs_f64());
    let took_ms = took.as_millis();
    match status {
        500.. => tracing::warn!(method, route, status, took_ms, "request"),
        _ => tracing::debug!(method, route, status, took_ms, "request"),
    }
    response
}
