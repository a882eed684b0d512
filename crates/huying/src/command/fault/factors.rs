//! Somebody enrols a second factor, signs in by it and by a recovery code, and removes it, so that each write of it is passed.

use jiff::SignedDuration;
use kernel::Instant;
use platform::Edge;
use platform::factor::FactorSecret;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::people::sign_in;
use super::visit::{Visit, cookie_of, json_of};

/// By the arbitrator among the demo `people`, whom nothing else needs; nothing where there is none.
pub async fn enrol(visit: &Visit, people: &[Value]) -> Result<(), String> {
    let Some(person) = people.iter().find(|person| person["role"] == "arbitrator") else { return Ok(()) };
    let Some(security) = sign_in(visit, people, "security_administrator").await? else { return Ok(()) };
    let login = person["login"].as_str().unwrap_or_default();
    // A visit that was cut off may have left one.
    let path = visit.at(&format!("/api/v1/accounts/{login}/second-factor/reset"));
    let reset = visit.client.post(&path).header("cookie", &security);
    let reset = reset.send().await.map_err(|error| error.to_string())?;
    if reset.status() != StatusCode::CONFLICT {
        reset.error_for_status().map_err(|error| error.to_string())?;
    }
    let Some(cookie) = sign_in(visit, people, "arbitrator").await? else { return Ok(()) };
    let password = &person["password"];
    let by = async |path: &str, body: Value| {
        let request = visit.client.post(visit.at(path)).header("cookie", &cookie).json(&body);
        visit.send(request).await
    };
    let (secret, codes) = set_up(visit, (&cookie, password)).await?;
    let now = now()?;
    // The code of the step that comes next: the one just shown does not count again.
    let next = secret.code_at(now + SignedDuration::from_secs(30));
    for code in [json!(next), codes["codes"][0].clone()] {
        let first = json!({ "login": login, "password": password });
        let awaited = visit.send(visit.client.post(visit.at("/api/v1/session")).json(&first)).await?;
        let second = json!({ "ticket": json_of(awaited).await?["ticket"], "code": code });
        let request = visit.client.post(visit.at("/api/v1/session/second-factor")).json(&second);
        cookie_of(&visit.send(request).await?)?;
    }
    let proof = |code: &Value| json!({ "password": password, "code": code });
    let renewed = json_of(by("/api/v1/me/second-factor/recovery-codes", proof(&codes["codes"][1])).await?).await?;
    by("/api/v1/me/second-factor/removal", proof(&renewed["codes"][0])).await?;
    // What a backup takes along: a second factor, its codes, and a ticket.
    set_up(visit, (&cookie, password)).await?;
    let first = json!({ "login": login, "password": password });
    visit.send(visit.client.post(visit.at("/api/v1/session")).json(&first)).await.map(drop)
}

/// Sets up a second factor: its secret and the recovery codes.
async fn set_up(visit: &Visit, (cookie, password): (&str, &Value)) -> Result<(FactorSecret, Value), String> {
    let by = async |path: &str, body: Value| {
        let request = visit.client.post(visit.at(path)).header("cookie", cookie).json(&body);
        json_of(visit.send(request).await?).await
    };
    let begun = by("/api/v1/me/second-factor", json!({ "password": password })).await?;
    let secret = begun["secret"].as_str().and_then(FactorSecret::parse).ok_or("no secret came back")?;
    let confirmation = json!({ "code": secret.code_at(now()?) });
    let codes = by("/api/v1/me/second-factor/confirmation", confirmation).await?;
    Ok((secret, codes))
}

fn now() -> Result<Instant, String> {
    Ok(Edge::system().map_err(|error| error.to_string())?.now())
}
