//! How the routes are put together.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use channels::open311::Open311State;
use http_body_util::Limited;
use journal::log::LogReader;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::limit::{LimitRules, Limits};
use platform::live::Hub;
use platform::oidc::Oidc;
use platform::{Edge, People, PlatformState, Problem, same_origin};
use search::Search;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::document;
use super::envelope::language_of;
use super::gate::{Gate, gate, refusal};
use super::observe::observe;
use super::openapi::Parts;
use super::stop::Stop;
use super::{health, log, openapi, pages};
use crate::demo::Demo;
use crate::notices::Ways;
use crate::open::District;

/// A request body may have at most so many bytes.
const BODY_LIMIT: usize = 1 << 20;

/// A file comes in one of its own size, and some bytes for the form around it.
const FILES: &str = "/api/v1/files";
const FORM: usize = 16 << 10;

/// Everything from here only, nothing inline; images also from the map's canvas; no frames, no plug-ins.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// What stands around a district that is served.
pub struct Around {
    pub search: Search,
    pub rules: People,
    pub demo: Demo,
    pub ways: Ways,
    pub limits: LimitRules,
    pub oidc: Option<Arc<Oidc>>,
    pub transparency: LogReader,
    pub metrics: PrometheusHandle,
    pub hub: Hub,
}

pub fn router(district: &District, around: Around, stop: &Stop) -> Router {
    let Around { search, rules, limits, demo, ways, oidc, transparency, metrics, hub } = around;
    let posts = Arc::new(district.post_book());
    let platform = PlatformState {
        people: Arc::new(rules),
        sms: ways.sms,
        oidc,
        limits: limits_of(&limits, &district.edge),
        ..PlatformState::new(district.journal.clone(), district.edge.clone(), posts)
    };
    let open311 = Open311State::new(platform.clone(), district.profile.clone(), district.casework.clone());
    let (api, document) = openapi::api(Parts {
        platform,
        profile: district.profile.clone(),
        casework: district.casework.clone(),
        search,
        files: district.files.clone(),
        demo,
        hub,
        guarded: ways.guarded,
    });
    let routes = doors(api, document, open311, limits.reads_at_once)
        .merge(health::routes(district.journal.db().clone(), stop))
        .merge(health::metrics(metrics))
        .merge(log::routes(transparency))
        .route("/api", axum::routing::get(pages::reference))
        .fallback(pages::page);
    around_all(routes, district.files.rules().bytes)
}

/// What people and other systems call.
pub fn doors(api: Router, document: Arc<str>, open311: Open311State, reads_at_once: NonZeroU32) -> Router {
    let open_writes = serde_json::from_str(&document).map(|mut read| document::open_writes(&mut read));
    let reads_at_once = reads_at_once.get() as usize;
    let around = Gate::new(open311.platform.clone(), reads_at_once, open_writes.unwrap_or_default());
    let api = api.route("/openapi.json", axum::routing::get(move || openapi::serve(document.clone())));
    Router::new()
        .nest("/api/v1", api.layer(axum::middleware::from_fn(same_origin)))
        .nest("/open311/v2", channels::open311::routes(open311))
        .layer(axum::middleware::from_fn_with_state(around, gate))
}

/// Counting by a clock that goes on whatever is done to the system's.
fn limits_of(rules: &LimitRules, edge: &Edge) -> Limits {
    let start = Instant::now();
    Limits::new(rules, &mut edge.chance(), move || start.elapsed())
}

/// What holds for every request; `file` is the most bytes of one file.
pub fn around_all(routes: Router, file: usize) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    routes
        .layer(axum::middleware::from_fn(observe))
        .layer(axum::middleware::from_fn_with_state(file + FORM, bound))
        .layer(CompressionLayer::new())
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
}

/// Refuses a body that is too long, by what it says of itself, or when it comes to that.
async fn bound(State(most): State<usize>, request: Request, next: Next) -> Response {
    let most = if request.uri().path() == FILES { most } else { BODY_LIMIT };
    let (parts, body) = request.into_parts();
    if body.size_hint().lower() > most as u64 {
        let language = language_of(&parts.headers);
        let problem = Problem::unhandled(StatusCode::PAYLOAD_TOO_LARGE, language);
        return refusal(parts.uri.path(), problem, language);
    }
    next.run(Request::from_parts(parts, Body::new(Limited::new(body, most)))).await
}
