//! How the routes are put together.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use channels::open311::Open311State;
use district::PostBook;
use journal::log::LogReader;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::PlatformState;
use platform::live::Hub;
use search::Search;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::observe::observe;
use super::stop::Stop;
use super::{health, log, openapi, pages};
use crate::demo::DemoPerson;
use crate::open::District;

/// A request body may have at most so many bytes; attachments come by their own way later.
const BODY_LIMIT: usize = 1 << 20;

/// Everything from here only, nothing inline; images also from the map's canvas; no frames, no plug-ins.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

pub fn router(
    district: &District,
    search: Search,
    people: Vec<DemoPerson>,
    transparency: LogReader,
    metrics: PrometheusHandle,
    stop: &Stop,
    hub: Hub,
) -> Router {
    let platform = PlatformState {
        journal: district.journal.clone(),
        edge: district.edge.clone(),
        posts: Arc::new(PostBook { profile: district.profile.clone(), edge: district.edge.clone() }),
        secure_cookies: false,
    };
    let open311 = Open311State::new(platform.clone(), district.profile.clone(), district.casework.clone());
    let (api, document) =
        openapi::api(platform, district.profile.clone(), district.casework.clone(), search, people.into(), hub);
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .nest("/api/v1", api.route("/openapi.json", axum::routing::get(move || openapi::serve(document.clone()))))
        .nest("/open311/v2", channels::open311::routes(open311))
        .merge(health::routes(district.journal.db().clone(), stop))
        .merge(health::metrics(metrics))
        .merge(log::routes(transparency))
        .fallback(pages::page)
        .layer(axum::middleware::from_fn(observe))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(CompressionLayer::new())
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
}
