//! Each request counted, timed and logged by its route, never by its query or body, which may hold personal data.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use tracing::Instrument;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("page", MatchedPath::as_str).to_owned();
    let span =
        tracing::info_span!("request", otel.name = format!("{method} {route}"), otel.kind = "server", status = Empty);
    let parent = global::get_text_map_propagator(|known| known.extract(&Headers(request.headers())));
    // Without a collector there is nothing to hang a parent on.
    let _ = span.set_parent(parent);
    let start = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
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

/// The trace that a caller goes on with (W3C Trace Context).
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
