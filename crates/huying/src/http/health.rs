//! `/healthz`, `/readyz`, `/metrics`

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use store::Db;

/// `/healthz`: the process answers. `/readyz`: the database answers a question about the journal.
pub fn routes(db: Db) -> Router {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready)).with_state(db)
}

async fn ready(State(db): State<Db>) -> (StatusCode, &'static str) {
    match journal::tail::head(&mut &db).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

/// `/metrics`, in Prometheus' text form.
pub fn metrics(handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(async move || handle.render()))
}
