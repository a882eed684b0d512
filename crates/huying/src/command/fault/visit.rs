//! Someone uses a district that is served: signs in, reports a case, and waits until a witness has it; comes back and signs out.
//! Someone else is told of the case and marks that as read.

use std::path::Path;
use std::time::Duration;

use platform::Config;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use store::sql;

use crate::failure::Failure;
use crate::open;

/// How often the witness's file is looked at, and how many times.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: u32 = 600;

/// A picture of one pixel (PNG).
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDAT\x08\xd7c\xf8\xcf\xc0\0\0\x03\x01\x01\0\x18\xdd\x8d\xb0\0\0\0\0IEND\xaeB`\x82";

/// Who visited, and what they hold.
#[derive(Default)]
pub struct Visitor {
    pub login: String,
    cookie: String,
    /// The newest checkpoint, and its entries.
    pub held: String,
    pub entries: u64,
}

pub struct Visit {
    pub(super) client: Client,
    url: String,
}

impl Visit {
    /// Gives who reported; or why it could not be done, such as that the server has gone away.
    pub async fn pay(url: &str, witness: &Path, nth: u32) -> Result<Visitor, String> {
        let visit = Visit { client: Client::new(), url: url.to_owned() };
        let people: Value = json_of(visit.send(visit.client.get(visit.at("/api/v1/demo/people"))).await?).await?;
        let people = people.as_array().map(Vec::as_slice).unwrap_or_default();
        let of_role = |role: &str| people.iter().find(|person| person["role"] == role);
        let person = of_role("dispatcher").or(people.first());
        let person = person.ok_or("there are no demo people")?;
        let credentials = json!({ "login": person["login"], "password": person["password"] });
        let sign_in = || visit.send(visit.client.post(visit.at("/api/v1/session")).json(&credentials));
        // On another device too, where nobody signs out.
        sign_in().await?;
        let session = sign_in().await?;
        let cookie = session.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).ok_or("no cookie came back")?.to_owned();

        super::people::administer(&visit, people, nth).await?;
        let before = visit.entries().await?;
        let left = visit.client.post(visit.at("/api/v1/files")).header("cookie", &cookie).body(PICTURE.to_vec());
        let left = json_of(visit.send(left.header("sec-fetch-site", "same-origin")).await?).await?;
        let evidence = json!([{ "kind": "photo", "attachment": left["id"] }]);
        let case = json!({ "words": "【模拟】路面塌陷", "kind": "emergency", "evidence": evidence });
        let report = visit.client.post(visit.at("/api/v1/cases")).header("cookie", &cookie).json(&case);
        // Each time another case: what the one before came to is not known.
        visit.send(report.header("idempotency-key", format!("visit-{nth}"))).await?;
        // It has no place, so it lies at the centre's desk.
        let centre = of_role("centre_operator").ok_or("nobody works at the centre")?;
        visit.hear(centre, left["id"].as_str().unwrap_or_default()).await?;
        for _ in 0..LOOKS {
            let signed = visit.checkpoint().await?;
            let told = std::fs::read_to_string(witness).unwrap_or_default();
            if entries(&signed) > before && told.contains(signed.trim_end()) {
                let login = person["login"].as_str().unwrap_or_default().to_owned();
                return Ok(Visitor { login, cookie, entries: entries(&signed), held: signed });
            }
            tokio::time::sleep(LOOK).await;
        }
        Err("the witness was not told".to_owned())
    }

    /// Waits until the person has been told of something, and marks it as read: one by one, and all. Then looks at the picture,
    /// which is the visitor's own until the case is known to use it.
    async fn hear(&self, person: &Value, picture: &str) -> Result<(), String> {
        let credentials = json!({ "login": person["login"], "password": person["password"] });
        let session = self.send(self.client.post(self.at("/api/v1/session")).json(&credentials)).await?;
        let cookie =
            session.headers().get("set-cookie").and_then(|value| value.to_str().ok()).ok_or("no cookie came back")?;
        for _ in 0..LOOKS {
            let inbox = self.client.get(self.at("/api/v1/me/notices?unread=true")).header("cookie", cookie);
            let inbox: Value = json_of(self.send(inbox).await?).await?;
            if let Some(notice) = inbox["notices"].get(0) {
                for body in [json!({ "ids": [notice["id"]] }), json!({ "until": notice["at"] })] {
                    let read = self.client.post(self.at("/api/v1/me/notices/read")).header("cookie", cookie);
                    self.send(read.json(&body)).await?;
                }
                return self.look_at(picture, cookie.to_owned()).await;
            }
            tokio::time::sleep(LOOK).await;
        }
        Err("nobody was told of the case".to_owned())
    }

    async fn look_at(&self, picture: &str, cookie: String) -> Result<(), String> {
        for _ in 0..LOOKS {
            let look = self.client.get(self.at(&format!("/api/v1/files/{picture}"))).header("cookie", &cookie);
            if look.send().await.map_err(|error| error.to_string())?.status().is_success() {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        Err("the picture was not shown with the case".to_owned())
    }

    async fn entries(&self) -> Result<u64, String> {
        Ok(entries(&self.checkpoint().await?))
    }

    async fn checkpoint(&self) -> Result<String, String> {
        let answer = self.client.get(self.at("/log/checkpoint")).send().await.map_err(|error| error.to_string())?;
        answer.text().await.map_err(|error| error.to_string())
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, String> {
        let answer = request.send().await.map_err(|error| error.to_string())?;
        answer.error_for_status().map_err(|error| error.to_string())
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// The visitor comes back, is still known, and signs out. Whose signing out was cut off may be signed out already.
pub async fn leave(url: &str, visitor: &Visitor) -> Result<(), String> {
    let session = format!("{url}/api/v1/session");
    let client = Client::new();
    for request in [client.get(&session), client.delete(&session)] {
        let answer = request.header("cookie", &visitor.cookie).send().await.map_err(|error| error.to_string())?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Ok(());
        }
        answer.error_for_status().map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Nobody waits for minutes: the sessions are made older by some.
pub async fn let_time_pass(config: &Config) -> Result<(), Failure> {
    let db = open::existing_database(config).await?;
    let mut tx = db.begin().await?;
    tx.run(sql("update session set seen_at = seen_at - 600000000")).await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// The cookie that an answer sets.
pub(super) fn cookie_of(answer: &Response) -> Result<String, String> {
    let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    cookie.and_then(|value| value.split(';').next()).map(str::to_owned).ok_or("no cookie came back".to_owned())
}

pub(super) async fn json_of(answer: Response) -> Result<Value, String> {
    answer.json().await.map_err(|error| error.to_string())
}

/// The second line of a checkpoint.
fn entries(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
}
