//! The administrators of a district that is served do what is theirs to do, so that each write of it is passed.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::visit::{Visit, json_of};

/// What the administrators among the demo `people` do at the `nth` visit; nothing where there are none.
pub async fn administer(visit: &Visit, people: &[Value], nth: u32) -> Result<(), String> {
    let Some(system) = sign_in(visit, people, "system_administrator").await? else { return Ok(()) };
    open_client(visit, &system, nth).await
}

/// The cookie of the demo person with this role.
async fn sign_in(visit: &Visit, people: &[Value], role: &str) -> Result<Option<String>, String> {
    let Some(person) = people.iter().find(|person| person["role"] == role) else { return Ok(None) };
    let credentials = json!({ "login": person["login"], "password": person["password"] });
    let session = visit.send(visit.client.post(visit.at("/api/v1/session")).json(&credentials)).await?;
    let cookie = session.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    cookie.and_then(|value| value.split(';').next()).map(|cookie| Some(cookie.to_owned())).ok_or("no cookie".to_owned())
}

/// Opens an API client for some post that reads cases, has its key replaced and calls with it.
async fn open_client(visit: &Visit, system: &str, nth: u32) -> Result<(), String> {
    let by = |request: RequestBuilder| visit.send(request.header("cookie", system));
    let posts: Value = json_of(by(visit.client.get(visit.at("/api/v1/posts?action=case.read"))).await?).await?;
    let post = posts[0]["key"].as_str().ok_or("no post reads cases")?;
    let body = json!({ "name": format!("visit-{nth}"), "posts": [post], "scopes": ["case.read"] });
    let client = json_of(by(visit.client.post(visit.at("/api/v1/clients")).json(&body)).await?).await?;
    let id = client["id"].as_str().unwrap_or_default();
    let key = by(visit.client.post(visit.at(&format!("/api/v1/clients/{id}/key"))).json(&json!({}))).await?;
    let key = json_of(key).await?["key"].as_str().unwrap_or_default().to_owned();
    visit.send(visit.client.get(visit.at("/api/v1/session")).bearer_auth(key)).await?;
    Ok(())
}
