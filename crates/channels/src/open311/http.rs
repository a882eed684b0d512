//! `/open311/v2`: the paths, methods and formats of GeoReport v2.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use casework::case::{Case, CaseId};
use district::open311::Open311;
use journal::Key;
use kernel::text::Language;
use kernel::{Digest, Kind, Refusal};
use platform::limit::Class;
use platform::{Lang, Problem};

use super::answer::View;
use super::error::Open311Error;
use super::form::Handed;
use super::query::{Wanted, value};
use super::receive::receive;
use super::store::Found;
use super::tree::Tree;
use super::{Open311State, services};

/// Parameters of one request; more are refused.
const PARAMETERS: usize = 500;

/// What is nested below `/open311/v2`.
pub fn routes(state: Open311State) -> Router {
    Router::new()
        .route("/{resource}", get(collection).post(create).fallback(collection_takes))
        .route("/{resource}/{item}", get(item).fallback(item_takes))
        .with_state(state)
}

/// A problem that was found before this was reached, in the specification's form; `path` is below `/open311/v2/`.
pub fn refusal(path: &str, problem: &Problem, language: Language) -> Response {
    let error = Open311Error { status: problem.status(), refusal: problem.refusal().clone() };
    let mut response = respond(Err(error), split(path).1, language);
    if let Some(after) = problem.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, after);
    }
    response
}

/// The format of an answer, by the ending of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Xml,
}

/// An answer with the name of its outermost element.
type Answer = Result<(&'static str, Tree), Open311Error>;

async fn collection(
    State(state): State<Open311State>,
    Lang(language): Lang,
    headers: HeaderMap,
    Path(resource): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let (name, format) = split(&resource);
    let answer = async {
        let pairs = pairs(query.as_deref().unwrap_or_default().as_bytes())?;
        let offered = offered(&state)?;
        known(format)?;
        jurisdiction(&pairs, offered)?;
        let now = state.platform.edge.now();
        match name {
            "discovery" => Ok(("discovery", services::discovery(offered, &address(&headers), language))),
            "services" => Ok(("services", services::list(&state.profile, offered, language, now))),
            "requests" => Ok(("service_requests", list(&state, offered, &pairs, language).await?)),
            _ => Err(Open311Error::missing("path", "open311-no-resource")),
        }
    };
    respond(answer.await, format, language)
}

async fn item(
    State(state): State<Open311State>,
    Lang(language): Lang,
    Path((resource, item)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let (id, format) = split(&item);
    let answer = async {
        let pairs = pairs(query.as_deref().unwrap_or_default().as_bytes())?;
        let offered = offered(&state)?;
        known(format)?;
        jurisdiction(&pairs, offered)?;
        match resource.as_str() {
            "services" => {
                let service = offered.service(id);
                let missing = || Open311Error::missing("service_code", "open311-no-service").with("code", id);
                Ok(("service_definition", services::definition(service.ok_or_else(missing)?, language)))
            }
            "requests" => {
                let numbers = [id.to_owned()];
                let found = requests(&state, offered, Wanted::Numbers(numbers.to_vec()), language).await?;
                match found.is_empty() {
                    true => Err(Open311Error::missing("service_request_id", "open311-no-request").with("id", id)),
                    false => Ok(("service_requests", Tree::List("request", found))),
                }
            }
            "tokens" => Ok(("service_requests", token(&state, offered, id).await?)),
            _ => Err(Open311Error::missing("path", "open311-no-resource")),
        }
    };
    respond(answer.await, format, language)
}

async fn create(
    State(state): State<Open311State>,
    Lang(language): Lang,
    headers: HeaderMap,
    Path(resource): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let (name, format) = split(&resource);
    if ["discovery", "services"].contains(&name) {
        return takes(name, format, language);
    }
    let answer = async {
        let offered = offered(&state)?;
        known(format)?;
        if name != "requests" {
            return Err(Open311Error::missing("path", "open311-no-resource"));
        }
        let handed = submitted(&headers, query.as_deref().unwrap_or_default(), &body)?;
        jurisdiction(&handed, offered)?;
        let raw = value(&handed, "api_key")?.ok_or_else(|| Open311Error::key("open311-key-missing"))?;
        let client = platform::client::caller_of(&state.platform, raw, language).await;
        let client = client.map_err(|_| Open311Error::failed())?;
        let client = client.ok_or_else(|| Open311Error::key("open311-key-unknown"))?;
        let counted = state.platform.limits.account(client.account(), Class::Write);
        counted.map_err(Open311Error::too_often)?;
        let now = state.platform.edge.now();
        let handed = Handed::parse(&handed, &state.profile, offered, language, now)?;
        let key = idempotency(&headers, client.account(), &body);
        Ok(("service_requests", receive(&state, &client.scope, handed, key, language).await?))
    };
    respond(answer.await, format, language)
}

async fn collection_takes(Lang(language): Lang, Path(resource): Path<String>) -> Response {
    let (name, format) = split(&resource);
    takes(name, format, language)
}

async fn item_takes(Lang(language): Lang, Path((_, item)): Path<(String, String)>) -> Response {
    takes("", split(&item).1, language)
}

/// Another method than the resource has.
fn takes(name: &str, format: Option<Format>, language: Language) -> Response {
    let error = Open311Error {
        status: StatusCode::METHOD_NOT_ALLOWED,
        refusal: Refusal::new(Kind::Invalid, "method-not-allowed"),
    };
    let methods = if name == "requests" { "GET,HEAD,POST" } else { "GET,HEAD" };
    let mut response = respond(Err(error), format, language);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

/// The form, and of the address only what is nobody's personal value.
fn submitted(headers: &HeaderMap, query: &str, body: &[u8]) -> Result<Vec<(String, String)>, Open311Error> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/x-www-form-urlencoded" {
        return Err(Open311Error::invalid("Content-Type", "open311-form"));
    }
    let mut all = pairs(body)?;
    let own = |(name, _): &(String, String)| name == "api_key" || name == "jurisdiction_id";
    all.extend(pairs(query.as_bytes())?.into_iter().filter(own));
    Ok(all)
}

fn pairs(encoded: &[u8]) -> Result<Vec<(String, String)>, Open311Error> {
    let pairs: Vec<_> = form_urlencoded::parse(encoded).into_owned().take(PARAMETERS + 1).collect();
    if pairs.len() > PARAMETERS {
        return Err(Open311Error::invalid("parameters", "open311-too-many").with("most", PARAMETERS));
    }
    Ok(pairs)
}

fn idempotency(headers: &HeaderMap, account: &str, body: &[u8]) -> Option<Key> {
    let key = headers.get("idempotency-key")?.to_str().ok()?.to_owned();
    let scope = format!("account/{account} POST /open311/v2/requests");
    Some(Key { fingerprint: Digest::of(&[scope.as_bytes(), body]), scope, key })
}

async fn list(
    state: &Open311State,
    offered: &Open311,
    pairs: &[(String, String)],
    language: Language,
) -> Result<Tree, Open311Error> {
    let wanted = Wanted::parse(pairs, offered, state.platform.edge.now())?;
    Ok(Tree::List("request", requests(state, offered, wanted, language).await?))
}

async fn requests(
    state: &Open311State,
    offered: &Open311,
    wanted: Wanted,
    language: Language,
) -> Result<Vec<Tree>, Open311Error> {
    let internal = |error: journal::JournalError| Open311Error::internal(&error);
    state.reading.catch_up().await.map_err(internal)?;
    let found = match &wanted {
        Wanted::Numbers(numbers) => state.reading.numbered(offered, numbers).await,
        Wanted::Listed(listed) => state.reading.listed(offered, listed).await,
    };
    let found = found.map_err(internal)?;
    let ids: Vec<CaseId> = found.iter().map(|one| one.case).collect();
    let cases = state.casework.cases(&ids).await.map_err(internal)?;
    let cases: BTreeMap<CaseId, Case> = cases.into_iter().map(|case| (case.id, case)).collect();
    let view = View { profile: &state.profile, offered, language };
    let mut requests = Vec::with_capacity(found.len());
    for Found { case, updated_at } in found {
        // Made confidential since.
        let Some(case) = cases.get(&case).filter(|case| case.confidentiality.is_none()) else { continue };
        let words = match offered.publish.description {
            true => state.casework.published_words(case).await.map_err(internal)?,
            false => None,
        };
        requests.push(view.request(case, updated_at, words));
    }
    Ok(requests)
}

async fn token(state: &Open311State, offered: &Open311, id: &str) -> Result<Tree, Open311Error> {
    let internal = |error: journal::JournalError| Open311Error::internal(&error);
    state.reading.catch_up().await.map_err(internal)?;
    let number = match id.parse::<CaseId>() {
        Ok(token) => state.reading.number_of(offered, token).await.map_err(internal)?,
        Err(_) => None,
    };
    let number = number.ok_or_else(|| Open311Error::missing("token", "open311-no-token").with("id", id))?;
    let fields = vec![("service_request_id", Tree::Text(number)), ("token", Tree::text(id))];
    Ok(Tree::List("request", vec![Tree::Fields(fields)]))
}

/// Name and format of `services.json`.
fn split(path: &str) -> (&str, Option<Format>) {
    match path.rsplit_once('.') {
        Some((name, "json")) => (name, Some(Format::Json)),
        Some((name, "xml")) => (name, Some(Format::Xml)),
        _ => (path, None),
    }
}

fn known(format: Option<Format>) -> Result<(), Open311Error> {
    format.map(drop).ok_or_else(|| Open311Error::missing("path", "open311-format"))
}

fn offered(state: &Open311State) -> Result<&Open311, Open311Error> {
    let offered = state.profile.open311.as_ref();
    offered.ok_or_else(|| Open311Error::missing("path", "open311-not-offered"))
}

fn jurisdiction(pairs: &[(String, String)], offered: &Open311) -> Result<(), Open311Error> {
    match value(pairs, "jurisdiction_id")? {
        Some(other) if other != offered.jurisdiction_id => {
            Err(Open311Error::missing("jurisdiction_id", "open311-no-jurisdiction").with("id", other))
        }
        _ => Ok(()),
    }
}

/// Where this is served, as the caller addressed it.
fn address(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_plain = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte));
    let scheme = text("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    format!("{scheme}://{}/open311/v2", host.filter(is_plain).unwrap_or("localhost"))
}

/// In JSON only where it was asked for: XML is the format every server has.
fn respond(answer: Answer, format: Option<Format>, language: Language) -> Response {
    let (status, root, tree) = match answer {
        Ok((root, tree)) => (StatusCode::OK, root, tree),
        Err(error) => (error.status, "errors", error.tree(language)),
    };
    let (kind, body) = match format {
        Some(Format::Json) => ("application/json; charset=utf-8", tree.to_json()),
        _ => ("text/xml; charset=utf-8", tree.to_xml(root)),
    };
    let fixed = HeaderValue::from_static;
    let headers = [(CONTENT_TYPE, fixed(kind)), (CACHE_CONTROL, fixed("no-store")), (VARY, fixed("accept-language"))];
    (status, headers, body).into_response()
}
