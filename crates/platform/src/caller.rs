//! Who is calling, proven: holding a [`Caller`] means a session or a client's key was checked.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use journal::Journal;
use kernel::text::Language;
use kernel::{Actor, Instant, Kind, Refusal};
use serde::de::DeserializeOwned;

use crate::limit::{Class, Limits};
use crate::oidc::Oidc;
use crate::session::{account_of, token_of};
use crate::sms::{self, Sms};
use crate::{Edge, Grant, People, Problem, Scope, account, client, factor, resident};

/// What the profile says of posts; the district implements it.
pub trait Posts: Send + Sync {
    fn grant(&self, post: &str) -> Option<Grant>;

    /// Chinese and English name of a post.
    fn names(&self, post: &str) -> Option<(String, String)>;

    /// In which zone the district's days begin.
    fn time_zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::UTC
    }

    /// What residents may do in what they began themselves, by the pseudo-post [`crate::resident::RESIDENT`]; nothing where they cannot sign in.
    fn resident(&self) -> Option<Grant> {
        None
    }
}

/// What every handler stands on.
#[derive(Clone)]
pub struct PlatformState {
    pub journal: Journal,
    pub edge: Edge,
    pub posts: Arc<dyn Posts>,
    /// What is configured of people.
    pub people: Arc<People>,
    /// Who takes short messages.
    pub sms: Arc<dyn Sms>,
    /// How often anyone may ask.
    pub limits: Limits,
    /// Another system to sign in by.
    pub oidc: Option<Arc<Oidc>>,
}

impl PlatformState {
    /// With the defaults: no short messages, no limits, people as [`People::default`] says.
    pub fn new(journal: Journal, edge: Edge, posts: Arc<dyn Posts>) -> PlatformState {
        let (sms, limits) = (Arc::new(sms::NoSms), Limits::off());
        PlatformState { journal, edge, posts, people: Arc::default(), sms, oidc: None, limits }
    }
}

impl PlatformState {
    /// Counts a request of an account; refused where it asks too often.
    pub fn count(&self, account: &str, class: Class, language: Language) -> Result<(), Problem> {
        self.limits.account(account, class).map_err(|seconds| Problem::too_often(seconds, language))
    }
}

/// A caller who is known, and what its posts let it see and do.
#[derive(Clone, Debug)]
pub struct Caller {
    pub scope: Scope,
    pub language: Language,
    pub by: By,
    /// What its account has to do first. Only [`Known`] lets such a caller in.
    pub owes: Option<Owes>,
    /// When its password has to be changed; none where it need not, or where no password let it in.
    pub password_ends: Option<Instant>,
}

/// What an account has to do before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owes {
    /// Change its password, which is too old.
    Password,
    /// Set up a second factor, which one of its posts demands.
    Factor,
}

impl Owes {
    fn refusal(self) -> Refusal {
        match self {
            Owes::Password => Refusal::new(Kind::Forbidden, "password-must-change"),
            Owes::Factor => Refusal::new(Kind::Forbidden, "second-factor-must"),
        }
    }
}

/// Someone who is signed in, even where their account has to do something first: for what is open to them then.
pub struct Known(pub Caller);

/// What a caller showed to be known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The cookie of a session.
    Session,
    /// The cookie of a session that a code sent to a telephone has opened.
    Resident,
    /// The key of an API client, whose account is `client/<id>`.
    Client { id: String },
}

impl Caller {
    pub fn account(&self) -> &str {
        self.scope.account()
    }

    /// The account with the posts it holds now. Refused as not signed in where there is no such account or it is disabled.
    pub(crate) async fn load(platform: &PlatformState, account: String, language: Language) -> Result<Caller, Problem> {
        let now = platform.edge.now();
        let standing = account::row::standing(&mut platform.journal.db(), &account).await;
        let standing = standing.map_err(|error| Problem::internal(&error, language))?;
        let Some(standing) = standing.filter(|standing| !standing.disabled) else {
            return Err(Problem::of(Refusal::new(Kind::Unauthenticated, "not-signed-in"), language));
        };
        if standing.holdings.is_empty() && resident::is_resident(platform, &account, language).await? {
            let grants = platform.posts.resident().into_iter().collect();
            let scope = Scope::new(account, grants);
            return Ok(Caller { scope, language, by: By::Resident, owes: None, password_ends: None });
        }
        let valid = standing.holdings.iter().filter(|holding| holding.is_valid(now));
        // A post that left the profile gives nothing.
        let grants: Vec<Grant> = valid.filter_map(|holding| platform.posts.grant(&holding.post)).collect();
        let password_ends = account::password::ends(&platform.people, standing.password_set);
        let mut owes = password_ends.is_some_and(|ends| ends <= now).then_some(Owes::Password);
        if owes.is_none() && factor::is_required(&platform.people, &grants) {
            let enrolled = factor::row::is_enrolled(&mut platform.journal.db(), &account).await;
            let enrolled = enrolled.map_err(|error| Problem::internal(&error, language))?;
            owes = (!enrolled).then_some(Owes::Factor);
        }
        Ok(Caller { scope: Scope::new(account, grants), language, by: By::Session, owes, password_ends })
    }

    /// The caller in what concerns its own account, by its first post where it has one.
    pub(crate) fn oneself(&self) -> Actor {
        self.actor(self.scope.grants().first().map(|grant| grant.post.as_str()).unwrap_or_default())
    }

    /// The caller acting by a post; a resident acts for itself.
    pub fn actor(&self, post: &str) -> Actor {
        match self.by {
            By::Resident => Actor::Resident { subject: self.subject() },
            By::Session | By::Client { .. } => Actor::Post { person: self.account().to_owned(), post: post.to_owned() },
        }
    }

    /// The key that its own values are sealed under.
    pub fn subject(&self) -> String {
        format!("person/{}", self.account())
    }

    /// The caller acting by the first post that allows `action`; refused where none does.
    pub fn acting(&self, action: &str) -> Result<Actor, Problem> {
        self.require(action)?;
        let grant = self.scope.grants().iter().find(|grant| grant.actions.contains(action));
        Ok(self.actor(grant.map(|grant| grant.post.as_str()).unwrap_or_default()))
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
        let Known(caller) = Known::from_request_parts(parts, state).await?;
        match caller.owes {
            Some(owes) => Err(Problem::of(owes.refusal(), caller.language)),
            None => Ok(caller),
        }
    }
}

impl<S> FromRequestParts<S> for Known
where
    PlatformState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Known, Problem> {
        let platform = PlatformState::from_ref(state);
        let language = language_of(parts);
        let class = Class::of(&parts.method, parts.uri.path());
        let unknown = || Problem::of(Refusal::new(Kind::Unauthenticated, "not-signed-in"), language);
        if let Some(key) = bearer_of(&parts.headers) {
            let caller = client::caller_of(&platform, key, language).await?;
            let unknown = || Problem::of(Refusal::new(Kind::Unauthenticated, "key-unknown"), language);
            let caller = caller.ok_or_else(unknown)?;
            platform.count(caller.account(), class, language)?;
            return Ok(Known(caller));
        }
        let token = token_of(&parts.headers).ok_or_else(unknown)?;
        let account = account_of(platform.journal.db(), &platform.people, &token, platform.edge.now()).await;
        let account = account.map_err(|error| Problem::internal(&error, language))?.ok_or_else(unknown)?;
        platform.count(&account, class, language)?;
        Caller::load(&platform, account, language).await.map(Known)
    }
}

/// The key in `Authorization: Bearer KEY`.
pub(crate) fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The caller's language, by `Accept-Language`.
pub struct Lang(pub Language);

pub(crate) fn language_of(parts: &Parts) -> Language {
    language_in(&parts.headers)
}

pub(crate) fn language_in(headers: &HeaderMap) -> Language {
    let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
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

impl<T: DeserializeOwned> Input<T> {
    /// From the body's exact bytes, for handlers that need those too.
    pub fn parse(body: &[u8], language: Language) -> Result<Input<T>, Problem> {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let parsed = serde_path_to_error::deserialize(&mut reader);
        let parsed = parsed.map_err(|error| not_understood(&error.path().to_string(), error.inner(), language))?;
        reader.end().map_err(|error| not_understood(".", &error, language))?;
        Ok(Input(parsed))
    }
}

impl<S, T> FromRequest<S> for Input<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Input<T>, Problem> {
        let (parts, body) = request.into_parts();
        let language = language_of(&parts);
        let bytes = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let bytes = bytes.map_err(|rejection| Problem::unhandled(rejection.status(), language))?;
        Input::parse(&bytes, language)
    }
}

fn not_understood(path: &str, error: &serde_json::Error, language: Language) -> Problem {
    let reason = error.to_string();
    let known = Some(path).filter(|path| *path != ".").map(str::to_owned);
    let field = match (known, named_field(&reason)) {
        // A missing field is reported at the object that lacks it.
        (Some(path), Some(name)) if reason.starts_with("missing field") => Some(format!("{path}.{name}")),
        (known, named) => known.or(named),
    };
    let refusal = Refusal::new(Kind::Invalid, "body-invalid").with("reason", reason);
    Problem::of(refusal, language).at_field(field)
}

/// The field that serde's words put between backticks.
pub(crate) fn named_field(reason: &str) -> Option<String> {
    let (before, rest) = reason.split_once('`')?;
    let (name, _) = rest.split_once('`')?;
    before.contains("field").then(|| name.to_owned())
}
