//! `GET /live`

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use kernel::{Kind, Refusal};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Hub;
use super::feed::{Pass, feed};
use super::hub::Full;
use super::resume::begin;
use crate::caller::bearer_of;
use crate::session::token_of;
use crate::{Caller, PlatformState, Problem, ProblemBody};

#[derive(Clone)]
pub struct LiveState {
    pub platform: PlatformState,
    pub hub: Hub,
}

impl FromRef<LiveState> for PlatformState {
    fn from_ref(state: &LiveState) -> PlatformState {
        state.platform.clone()
    }
}

pub fn routes() -> OpenApiRouter<LiveState> {
    OpenApiRouter::new().routes(routes!(live))
}

/// What happens to the things the caller may see, as server-sent events.
///
/// First comes one event `snapshot` with what is open, as far as the caller sees it and up to a bound: cases as `rows` (`more` says
/// that there are more), calls as `calls` (`more_calls`). Then comes an event `change` for each fact. Its data are `position`, the
/// fact's `kind`, what `thing` it is of (`case` or `call`), the thing's `id` and the `row` that lists show of it; `gone` (`position`,
/// `thing`, `id`) says that the caller may see the thing no longer. `notice` says that something is new in the caller's inbox. `end`
/// with its `reason` comes last where the session ended or the caller's posts changed.
///
/// A listener that was cut off gives the last `id` it had as `Last-Event-ID` and gets what it missed; where too much has happened,
/// or its posts are others now, it gets a snapshot again. Lines that begin with a colon keep the connection alive.
#[utoipa::path(get, path = "/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "the last `id` that came")),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 503, body = ProblemBody, description = "too many listen already"),
    ))]
async fn live(State(state): State<LiveState>, caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    caller.require(state.hub.reading().action())?;
    let language = caller.language;
    let member = state.hub.join(caller.scope).map_err(|full| {
        let code = match full {
            Full::Account => "live-too-many-of-account",
            Full::Node => "live-too-many",
            Full::Closed => "live-closing",
        };
        Problem::of(Refusal::new(Kind::Unavailable, code), language)
    })?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let mut beginning = begin(&member, last).await.map_err(|error| Problem::internal(&error, language))?;
    // Those who are cut off together do not all come back at the same moment.
    let pause_ms = 1_000 + state.platform.edge.chance().below(4_000);
    beginning.events.push_front(Bytes::from(format!("retry: {pause_ms}\n\n")));
    let key = bearer_of(&headers).map(str::to_owned);
    let pass = Arc::new(Pass { platform: state.platform, token: token_of(&headers), key });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Asks a proxy that would hold events back not to.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(feed(member, beginning, pass))).into_response())
}
