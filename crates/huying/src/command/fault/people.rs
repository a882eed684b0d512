//! The administrators of a district that is served do what is theirs to do, so that each write of it is passed.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::visit::{Visit, cookie_of, json_of};

/// What the administrators among the demo `people` do at the `nth` visit; nothing where there are none.
pub async fn administer(visit: &Visit, people: &[Value], nth: u32) -> Result<(), String> {
    let Some(system) = sign_in(visit, people, "system_administrator").await? else { return Ok(()) };
    open_client(visit, &system, nth).await?;
    let Some(security) = sign_in(visit, people, "security_administrator").await? else { return Ok(()) };
    take_on(visit, (&system, &security), nth).await?;
    guess(visit).await?;
    super::factors::enrol(visit, people).await?;
    super::residents::visit(visit, nth).await
}

/// The cookie of the demo person with this role.
pub(super) async fn sign_in(visit: &Visit, people: &[Value], role: &str) -> Result<Option<String>, String> {
    let Some(person) = people.iter().find(|person| person["role"] == role) else { return Ok(None) };
    enter(visit, json!({ "login": person["login"], "password": person["password"] })).await.map(Some)
}

/// Somebody tries to sign in by a login that is nobody's.
async fn guess(visit: &Visit) -> Result<(), String> {
    let credentials = json!({ "login": "nobody.here", "password": "a guess" });
    let request = visit.client.post(visit.at("/api/v1/session")).json(&credentials);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    (answer.status() == StatusCode::UNAUTHORIZED)
        .then_some(())
        .ok_or_else(|| format!("a guess was answered {}", answer.status()))
}

/// The cookie of a new session.
async fn enter(visit: &Visit, credentials: Value) -> Result<String, String> {
    let session = visit.send(visit.client.post(visit.at("/api/v1/session")).json(&credentials)).await?;
    cookie_of(&session)
}

/// Someone new: an account is opened, its owner sets a password and another; it is given a post and loses it.
async fn take_on(visit: &Visit, (system, security): (&str, &str), nth: u32) -> Result<(), String> {
    let post = |path: &str| visit.client.post(visit.at(&format!("/api/v1{path}")));
    let login = format!("visit-{nth}");
    let opened = post("/accounts").header("cookie", system).json(&json!({ "login": login, "name": "模拟" }));
    let opened = json_of(visit.send(opened).await?).await?;
    let (first, second) = ("First-Visit-1", "Second-Visit-2");
    let body = json!({ "login": login, "code": opened["code"], "password": first });
    visit.send(post("/activation").json(&body)).await?;
    let own = enter(visit, json!({ "login": login, "password": first })).await?;
    let body = json!({ "current": first, "password": second });
    visit.send(post("/me/password").header("cookie", own).json(&body)).await?;
    let key = some_post(visit, security).await?;
    let posts = format!("/accounts/{}/posts", opened["id"].as_str().unwrap_or_default());
    visit.send(post(&posts).header("cookie", security).json(&json!({ "post": key }))).await?;
    let withdraw = visit.client.delete(visit.at(&format!("/api/v1{posts}/{key}"))).header("cookie", security);
    visit.send(withdraw).await.map(drop)
}

/// The key of some post that reads cases.
async fn some_post(visit: &Visit, cookie: &str) -> Result<String, String> {
    let asked = visit.client.get(visit.at("/api/v1/posts?action=case.read")).header("cookie", cookie);
    let posts: Value = json_of(visit.send(asked).await?).await?;
    posts[0]["key"].as_str().map(str::to_owned).ok_or("no post reads cases".to_owned())
}

/// Opens an API client for some post that reads cases, has its key replaced and calls with it.
async fn open_client(visit: &Visit, system: &str, nth: u32) -> Result<(), String> {
    let by = |request: RequestBuilder| visit.send(request.header("cookie", system));
    let post = some_post(visit, system).await?;
    let body = json!({ "name": format!("visit-{nth}"), "posts": [post], "scopes": ["case.read"] });
    let client = json_of(by(visit.client.post(visit.at("/api/v1/clients")).json(&body)).await?).await?;
    let id = client["id"].as_str().unwrap_or_default();
    let key = by(visit.client.post(visit.at(&format!("/api/v1/clients/{id}/key"))).json(&json!({}))).await?;
    let key = json_of(key).await?["key"].as_str().unwrap_or_default().to_owned();
    visit.send(visit.client.get(visit.at("/api/v1/session")).bearer_auth(key)).await?;
    Ok(())
}
