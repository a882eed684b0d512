//! Someone uses a district that is served: signs in, reports a case, and waits until a witness has it.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// How often the witness's file is looked at, and how many times.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: u32 = 600;

pub struct Visit {
    client: Client,
    url: String,
}

impl Visit {
    /// Gives the login of who reported; or why it could not be done, such as that the server has gone away.
    pub async fn pay(url: &str, witness: &Path, nth: u32) -> Result<String, String> {
        let visit = Visit { client: Client::new(), url: url.to_owned() };
        let people: Value = json_of(visit.send(visit.client.get(visit.at("/api/v1/demo/people"))).await?).await?;
        let people = people.as_array().map(Vec::as_slice).unwrap_or_default();
        let person = people.iter().find(|person| person["role"] == "dispatcher").or(people.first());
        let person = person.ok_or("there are no demo people")?;
        let credentials = json!({ "login": person["login"], "password": person["password"] });
        let session = visit.send(visit.client.post(visit.at("/api/v1/session")).json(&credentials)).await?;
        let cookie = session.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).ok_or("no cookie came back")?.to_owned();

        let before = visit.entries().await?;
        let case = json!({ "words": "【模拟】路灯不亮", "kind": "component" });
        let report = visit.client.post(visit.at("/api/v1/cases")).header("cookie", &cookie).json(&case);
        // Each time another case: what the one before came to is not known.
        visit.send(report.header("idempotency-key", format!("visit-{nth}"))).await?;
        for _ in 0..LOOKS {
            let signed = visit.checkpoint().await?;
            let told = std::fs::read_to_string(witness).unwrap_or_default();
            if entries(&signed) > before && told.contains(signed.trim_end()) {
                return Ok(person["login"].as_str().unwrap_or_default().to_owned());
            }
            tokio::time::sleep(LOOK).await;
        }
        Err("the witness was not told".to_owned())
    }

    async fn entries(&self) -> Result<u64, String> {
        Ok(entries(&self.checkpoint().await?))
    }

    async fn checkpoint(&self) -> Result<String, String> {
        let answer = self.client.get(self.at("/log/checkpoint")).send().await.map_err(|error| error.to_string())?;
        answer.text().await.map_err(|error| error.to_string())
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, String> {
        let answer = request.send().await.map_err(|error| error.to_string())?;
        answer.error_for_status().map_err(|error| error.to_string())
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

async fn json_of(answer: Response) -> Result<Value, String> {
    answer.json().await.map_err(|error| error.to_string())
}

/// The second line of a checkpoint.
fn entries(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
}
