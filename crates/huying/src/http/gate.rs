//! Before anything is done for a request: how often its address asks, and whether there is room for one more read.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::text::Language;
use platform::limit::Class;
use platform::{Address, PlatformState, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::envelope::language_of;

/// Listeners stay; their number is bounded by the hub.
const LIVE: &str = "/api/v1/live";

#[derive(Clone)]
pub struct Gate {
    platform: PlatformState,
    /// Room for reads.
    reads: Arc<Semaphore>,
    /// What anyone may send without being known: each takes a secret, and guesses are slowed down.
    open_writes: Arc<HashSet<(Method, String)>>,
}

impl Gate {
    pub fn new(platform: PlatformState, reads_at_once: usize, open_writes: HashSet<(Method, String)>) -> Gate {
        let reads = Arc::new(Semaphore::new(reads_at_once.min(Semaphore::MAX_PERMITS)));
        Gate { platform, reads, open_writes: Arc::new(open_writes) }
    }
}

/// A layer around what people and other systems call. Writes are never turned away for lack of room.
pub async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let path = request.uri().path().to_owned();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let Address(address) = Address::of(peer, request.headers(), &gate.platform.people.trusted_proxies);
    let class = gate.class(&request);
    if let Some(address) = address
        && let Err(seconds) = gate.platform.limits.address(address, class)
    {
        return refuse(&path, Problem::too_often(seconds, language), language, "rate");
    }
    let is_read = matches!(class, Class::Read | Class::Export) && path != LIVE;
    if !is_read {
        return next.run(request).await;
    }
    let Ok(room) = gate.reads.clone().try_acquire_owned() else {
        return refuse(&path, Problem::overloaded(language), language, "load");
    };
    next.run(request).await.map(|body| Body::new(Held { body, _room: room }))
}

impl Gate {
    fn class(&self, request: &Request) -> Class {
        let matched = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let matched = matched.strip_prefix("/api/v1").unwrap_or(matched).to_owned();
        match self.open_writes.contains(&(request.method().clone(), matched)) {
            true => Class::SignIn,
            false => Class::of(request.method(), request.uri().path()),
        }
    }
}

fn refuse(path: &str, problem: Problem, language: Language, reason: &'static str) -> Response {
    metrics::counter!("huying_http_refused_total", "reason" => reason).increment(1);
    refusal(path, problem, language)
}

/// A problem in the form of who is called.
pub fn refusal(path: &str, problem: Problem, language: Language) -> Response {
    match path.strip_prefix("/open311/v2/") {
        Some(path) => channels::open311::refusal(path, &problem, language),
        None => problem.into_response(),
    }
}

/// A body whose read is over when it has been sent.
struct Held {
    body: Body,
    _room: OwnedSemaphorePermit,
}

impl HttpBody for Held {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
