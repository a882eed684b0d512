//! The one client through which the program speaks to services that its operator named: gateways, witnesses. Whom a webhook names
//! is not trusted so far; that has a client of its own.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::{Client, Response};

/// How long an answer may take where a caller sets nothing else.
const PATIENCE: Duration = Duration::from_secs(10);

/// With the system's certificates; redirections are not followed.
pub fn client() -> Result<Client, reqwest::Error> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(client.clone());
    }
    // The binary has told rustls what to encrypt with; tests have not.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
    Ok(CLIENT.get_or_init(|| client).clone())
}

/// The answer's body; none where it is longer than `longest` bytes.
pub async fn read(mut answer: Response, longest: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > longest {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}
