//! Asking another system over HTTP.

use std::sync::OnceLock;
use std::time::Duration;

use district::open311::{Peer, PeerFormat};
use platform::config::Secret;
use reqwest::{Client, Url};

use super::theirs::{TheirError, Theirs, of_json, of_xml};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 8 << 20;

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// In words that leave the address out: it holds the key.
    #[error("{0}")]
    Http(String),
    #[error("its answer is longer than {LONGEST} bytes")]
    TooLong,
    #[error("its answer: {0}")]
    Answer(#[from] TheirError),
}

/// `requests` of the peer with these parameters. Redirections are not followed.
pub async fn requests(
    peer: &Peer,
    key: Option<&Secret>,
    parameters: &[(&str, String)],
) -> Result<Vec<Theirs>, FetchError> {
    let ending = match peer.format {
        PeerFormat::Json => "json",
        PeerFormat::Xml => "xml",
    };
    let text = format!("{}/requests.{ending}", peer.endpoint.trim_end_matches('/'));
    let mut url: Url = text.parse().map_err(|error| FetchError::Http(format!("its address: {error}")))?;
    for (name, value) in parameters {
        url.query_pairs_mut().append_pair(name, value);
    }
    if let Some(jurisdiction) = &peer.jurisdiction_id {
        url.query_pairs_mut().append_pair("jurisdiction_id", jurisdiction);
    }
    if let Some(key) = key {
        url.query_pairs_mut().append_pair("api_key", key.reveal());
    }
    let answer = read(url).await?;
    Ok(match peer.format {
        PeerFormat::Json => of_json(&answer)?,
        PeerFormat::Xml => of_xml(&answer)?,
    })
}

async fn read(url: Url) -> Result<Vec<u8>, FetchError> {
    let answer = client()?.get(url).send().await.map_err(failed)?;
    let mut answer = answer.error_for_status().map_err(failed)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(FetchError::TooLong);
        }
    }
    Ok(bytes)
}

/// One client for all. The binary has told rustls what to encrypt with; tests have not.
fn client() -> Result<&'static Client, FetchError> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(client);
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
    let made = made.map_err(failed)?;
    Ok(CLIENT.get_or_init(|| made))
}

fn failed(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    FetchError::Http(format!("{error}{cause}"))
}
