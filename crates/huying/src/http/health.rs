//! `/healthz`, `/readyz`, `/metrics`

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use store::Db;

use super::stop::{Stop, Stopping};

/// `/healthz`: the process answers. `/readyz`: it is not about to stop, and the database answers a question about the journal.
pub fn routes(db: Db, stop: &Stop) -> Router {
    let stopping = Arc::new(stop.subscribe());
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready)).with_state((db, stopping))
}

async fn ready(State((db, stopping)): State<(Db, Arc<Stopping>)>) -> (StatusCode, &'static str) {
    if !stopping.is_serving() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
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
