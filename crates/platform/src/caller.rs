//! Who is calling, proven: holding a [`Caller`] means a session was checked.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use journal::Journal;
use kernel::text::Language;
use kernel::{Kind, Refusal};
use serde::de::DeserializeOwned;

use crate::session::{account_of, token_of};
use crate::{Edge, Grant, Problem, Scope, account};

/// What the profile says of posts; the district implements it.
pub trait Posts: Send + Sync {
    fn grant(&self, post: &str) -> Option<Grant>;

    /// Chinese and English name of a post.
    fn names(&self, post: &str) -> Option<(String, String)>;
}

/// What every handler stands on.
#[derive(Clone)]
pub struct PlatformState {
    pub journal: Journal,
    pub edge: Edge,
    pub posts: Arc<dyn Posts>,
    /// Cookies only over HTTPS: true wherever the server is not on loopback.
    pub secure_cookies: bool,
}

/// A signed-in caller and what its posts let it see and do.
#[derive(Clone, Debug)]
pub struct Caller {
    pub scope: Scope,
    pub language: Language,
}

impl Caller {
    pub fn account(&self) -> &str {
        self.scope.account()
    }

    pub(crate) async fn load(platform: &PlatformState, account: String, language: Language) -> Result<Caller, Problem> {
        let posts = account::posts_of(&mut platform.journal.db(), &account).await;
        let posts = posts.map_err(|error| Problem::internal(&error, language))?;
        // A post that left the profile gives nothing.
        let grants = posts.iter().filter_map(|post| platform.posts.grant(post)).collect();
        Ok(Caller { scope: Scope::new(account, grants), language })
    }

    /// Refuses unless some post allows `action` somewhere.
    pub fn require(&self, action: &str) -> Result<(), Problem> {
        if self.scope.has(action) {
            return Ok(());
        }
        Err(Problem::of(Refusal::new(Kind::Forbidden, "not-permitted").with("action", action), self.language))
    }
}

impl<S> FromRequestParts<S> for Caller
where
    PlatformState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Caller, Problem> {
        let platform = PlatformState::from_ref(state);
        let language = language_of(parts);
        let unknown = || Problem::of(Refusal::new(Kind::Unauthenticated, "not-signed-in"), language);
        let token = token_of(&parts.headers).ok_or_else(unknown)?;
        let account = account_of(platform.journal.db(), &token, platform.edge.now()).await;
        let account = account.map_err(|error| Problem::internal(&error, language))?.ok_or_else(unknown)?;
        Caller::load(&platform, account, language).await
    }
}

/// The caller's language, by `Accept-Language`.
pub struct Lang(pub Language);

fn language_of(parts: &Parts) -> Language {
    let accept = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accept.map(Language::negotiate).unwrap_or_default()
}

impl<S: Send + Sync> FromRequestParts<S> for Lang {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Lang, Self::Rejection> {
        Ok(Lang(language_of(parts)))
    }
}

/// A JSON body; what does not fit is one error that names the field.
pub struct Input<T>(pub T);

impl<S, T> FromRequest<S> for Input<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Input<T>, Problem> {
        let (mut parts, body) = request.into_parts();
        let Lang(language) = Lang(language_of(&parts));
        parts.headers.entry(header::CONTENT_TYPE).or_insert(header::HeaderValue::from_static("application/json"));
        let request = Request::from_parts(parts, body);
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Input(value)),
            Err(rejection) => Err(not_understood(&rejection, language)),
        }
    }
}

fn not_understood(rejection: &JsonRejection, language: Language) -> Problem {
    // axum's text reads "…: case.place: missing field `longitude` at line 1 column 20" once the path is known.
    let text = rejection.body_text();
    let reason = text.split_once("target type: ").map_or(text.as_str(), |(_, reason)| reason);
    let (field, reason) = match reason.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => (Some(path.to_owned()), rest),
        _ => (named_field(reason), reason),
    };
    let refusal = Refusal::new(Kind::Invalid, "body-invalid").with("reason", reason);
    Problem::of(refusal, language).at_field(field)
}

/// The field that serde's words put between backticks.
fn named_field(reason: &str) -> Option<String> {
    let (before, rest) = reason.split_once('`')?;
    let (name, _) = rest.split_once('`')?;
    before.contains("field").then(|| name.to_owned())
}
