//! A witness at an HTTP address: checkpoints are posted to it as text.

use futures::future::BoxFuture;
use journal::log::{Checkpoint, VerifierKey, Witness, WitnessError};
use platform::outbound;
use reqwest::{Client, StatusCode, Url};

/// The longest answer that is read, in bytes: a checkpoint has some hundreds.
const LONGEST: usize = 64 * 1024;

/// Posts each checkpoint (`text/plain`), and asks for the newest one by GET; a witness that only listens answers 404 or 405 to
/// that. The address is the operator's, from the configuration; redirections are not followed.
#[derive(Clone, Debug)]
pub struct WebhookWitness {
    name: String,
    address: Url,
    client: Client,
}

impl WebhookWitness {
    pub fn new(address: &str) -> Result<WebhookWitness, WitnessError> {
        let other = |error: &dyn std::fmt::Display| WitnessError::Other(format!("a witness's address: {error}"));
        let address: Url = address.parse().map_err(|error| other(&error))?;
        if !["http", "https"].contains(&address.scheme()) {
            return Err(other(&"neither http nor https"));
        }
        // Without user, password and query, which may be secrets.
        let host = address.host_str().unwrap_or_default();
        let port = address.port().map(|port| format!(":{port}")).unwrap_or_default();
        let name = format!("webhook:{}://{host}{port}{}", address.scheme(), address.path());
        Ok(WebhookWitness { name, address, client: outbound::client().map_err(failed)? })
    }

    async fn post(&self, text: String) -> Result<(), reqwest::Error> {
        let request = self.client.post(self.address.clone()).header("content-type", "text/plain; charset=utf-8");
        request.body(text).send().await?.error_for_status().map(drop)
    }

    async fn get(&self) -> Result<Option<Vec<u8>>, reqwest::Error> {
        let answer = self.client.get(self.address.clone()).send().await?;
        let silent = [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        if silent.contains(&answer.status()) {
            return Ok(None);
        }
        answer.error_for_status_ref()?;
        outbound::read(answer, LONGEST).await
    }
}

impl Witness for WebhookWitness {
    fn name(&self) -> &str {
        &self.name
    }

    fn tell<'a>(&'a self, checkpoint: &'a Checkpoint) -> BoxFuture<'a, Result<(), WitnessError>> {
        Box::pin(async move { self.post(checkpoint.text.clone()).await.map_err(failed) })
    }

    fn newest<'a>(&'a self, key: &'a VerifierKey) -> BoxFuture<'a, Result<Option<Checkpoint>, WitnessError>> {
        Box::pin(async move {
            let text = self.get().await.map_err(failed)?.and_then(|bytes| String::from_utf8(bytes).ok());
            Ok(text.and_then(|text| Checkpoint::open(&text, key).ok()))
        })
    }
}

/// In words, the address left out: it may hold a secret.
fn failed(error: reqwest::Error) -> WitnessError {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    WitnessError::Other(format!("{error}{cause}"))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::State;
    use axum::routing::get;
    use journal::log::{Log, LogKey};
    use store::testing::{Fresh, quick};

    use super::*;

    type Held = Arc<Mutex<Vec<String>>>;

    async fn serve(held: Held) -> String {
        let keep = async |State(held): State<Held>, body: String| {
            let mut held = held.lock().unwrap();
            held.push(body);
            // The first one is not taken.
            if held.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        };
        let newest = async |State(held): State<Held>| held.lock().unwrap().last().cloned().ok_or(StatusCode::NOT_FOUND);
        let app = Router::new().route("/witness", get(newest).post(keep)).with_state(held);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://someone:secret@{address}/witness?token=secret")
    }

    async fn checkpoint(key: &LogKey) -> Checkpoint {
        let fresh = Fresh::sqlite(journal::MIGRATIONS, quick()).await.unwrap();
        let log = Log::open(&fresh.db, key.clone(), &[]).await.unwrap();
        let text = log.reader().checkpoint().await.unwrap().unwrap();
        fresh.finish().await;
        Checkpoint::open(&text, key.verifier()).unwrap()
    }

    #[tokio::test]
    async fn a_checkpoint_is_posted_and_can_be_asked_for() {
        let key = LogKey::from_seed("huying/440104", [7; 32]).unwrap();
        let checkpoint = checkpoint(&key).await;
        let held = Held::default();
        let witness = WebhookWitness::new(&serve(held.clone()).await).unwrap();
        assert!(!witness.name().contains("secret"), "{}", witness.name());
        assert_eq!(witness.newest(key.verifier()).await.unwrap(), None);
        let refused = witness.tell(&checkpoint).await.unwrap_err().to_string();
        assert!(refused.contains("503") && !refused.contains("secret"), "{refused}");
        witness.tell(&checkpoint).await.unwrap();
        assert_eq!(*held.lock().unwrap(), [checkpoint.text.clone(), checkpoint.text.clone()]);
        assert_eq!(witness.newest(key.verifier()).await.unwrap(), Some(checkpoint));
        held.lock().unwrap().push("nonsense".into());
        assert_eq!(witness.newest(key.verifier()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_is_an_error_without_its_secrets() {
        let key = LogKey::from_seed("huying/440104", [7; 32]).unwrap();
        let checkpoint = checkpoint(&key).await;
        for scheme in ["http", "https"] {
            let witness = WebhookWitness::new(&format!("{scheme}://127.0.0.1:1/?token=secret")).unwrap();
            let error = witness.tell(&checkpoint).await.unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(WebhookWitness::new("file:///etc/passwd").is_err());
    }
}
