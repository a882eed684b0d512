//! A resident signs in by a code, so that each write of it is passed.

use serde_json::{Value, json};

use super::visit::{Visit, cookie_of, json_of};

/// Whose telephone nobody asked a code for before the `nth` visit; nothing where the profile knows no residents.
pub async fn visit(visit: &Visit, nth: u32) -> Result<(), String> {
    let ways = json_of(visit.send(visit.client.get(visit.at("/api/v1/session/ways"))).await?).await?;
    if ways["residents"] != json!(true) {
        return Ok(());
    }
    let phone = format!("139{nth:08}");
    let asked = visit.client.post(visit.at("/api/v1/residents/code")).json(&json!({ "phone": phone }));
    visit.send(asked).await?;
    let kept: Value = json_of(visit.send(visit.client.get(visit.at("/api/v1/demo/messages"))).await?).await?;
    let text =
        kept.as_array().and_then(|kept| kept.last()).unwrap_or(&Value::Null)["text"].as_str().unwrap_or_default();
    let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    let enter = visit.client.post(visit.at("/api/v1/residents/session")).json(&json!({ "phone": phone, "code": code }));
    cookie_of(&visit.send(enter).await?)?;
    // What a backup takes along: a code that nobody has used.
    let waiting = json!({ "phone": format!("138{nth:08}") });
    visit.send(visit.client.post(visit.at("/api/v1/residents/code")).json(&waiting)).await.map(drop)
}
