//! The OpenAPI document, made from the handlers.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use casework::Casework;
use casework::http::CaseworkState;
use district::http::DistrictState;
use district::{PostBook, Profile};
use platform::PlatformState;
use platform::file::Files;
use platform::live::{self, Hub, LiveState};
use platform::notice::{Guarded, InboxState, WebhookState};
use search::Search;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use super::document;
use super::envelope::{envelope, media, nothing};
use super::examples;
use crate::demo::Demo;

#[derive(OpenApi)]
#[openapi(
    info(title = "Huying", description = "A city district governed through grids: call and response."),
    servers((url = "/api/v1")),
    security(("session" = []), ("key" = []))
)]
struct Base;

/// What the routes stand on.
pub struct Parts {
    pub platform: PlatformState,
    pub profile: Arc<Profile>,
    pub casework: Casework,
    pub search: Search,
    pub files: Files,
    pub demo: Demo,
    pub hub: Hub,
    pub guarded: Guarded,
}

/// The routes under `/api/v1` and the document that describes them.
pub fn api(parts: Parts) -> (Router, Arc<str>) {
    let Parts { platform, profile, casework, search, files, demo, hub, guarded } = parts;
    let cases = CaseworkState { platform: platform.clone(), profile: profile.clone(), casework, search, files };
    let directory = PostBook { profile: profile.clone(), edge: platform.edge.clone() };
    let inbox = InboxState { platform: platform.clone(), directory: Arc::new(directory) };
    let webhooks = WebhookState { platform: platform.clone(), guarded, kinds: casework::notice::KINDS };
    let deliveries = platform.clone();
    let district = DistrictState { platform: platform.clone(), profile };
    let listening = LiveState { platform: platform.clone(), hub };
    let mut base = Base::openapi();
    let cookie = ApiKey::Cookie(ApiKeyValue::new(platform::SESSION_COOKIE));
    let components = base.components.get_or_insert_default();
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let (router, document) = OpenApiRouter::with_openapi(base)
        .merge(platform::routes().with_state(platform))
        .merge(platform::notice::routes().with_state(inbox))
        .merge(platform::notice::delivery_routes().with_state(deliveries))
        .merge(platform::notice::webhook_routes().with_state(webhooks))
        .merge(super::demo::routes().with_state(demo))
        .merge(district::http::routes().with_state(district))
        .merge(casework::http::routes().with_state(cases))
        .merge(live::routes().with_state(listening))
        .split_for_parts();
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document::complete(&mut document);
    examples::weave(&mut document, &examples::recorded());
    let kinds = Arc::new(document::media(&mut document));
    let router = router
        .fallback(nothing)
        .layer(axum::middleware::from_fn_with_state(kinds, media))
        .layer(axum::middleware::from_fn(envelope));
    (router, format!("{document:#}").into())
}

pub async fn serve(document: Arc<str>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], document.to_string())
}
