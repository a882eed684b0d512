//! A gateway that takes messages over HTTP, however it wants them written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};

use super::{Sms, SmsError, SmsMessage};
use crate::config::Secret;
use crate::outbound;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The section `[sms]` of the configuration. In `body` and in the headers' values `{id}`, `{to}`, `{text}` and `{secret}` stand for
/// the message's own; headers know only `{id}` and `{secret}`. Messages are posted: nobody's number stands in a URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsConfig {
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub format: BodyFormat,
    /// JSON or a form, as `format` says.
    #[serde(default = "plain_body")]
    pub body: String,
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
    /// How the body of an answer says that the message was taken, for gateways that answer 200 whatever happens.
    #[serde(default)]
    pub accepted: Option<Accepted>,
}

fn plain_body() -> String {
    r#"{"id":"{id}","to":"{to}","text":"{text}"}"#.into()
}

fn ten() -> u64 {
    10
}

/// What the gateway wants posted; decides how values are escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    #[default]
    Json,
    Form,
}

/// A place in a JSON answer, and what stands there when the message was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// JSON pointer (RFC 6901), such as `/code`.
    pub pointer: String,
    /// One of these; a number or a truth value is compared as it is written.
    pub values: Vec<String>,
}

/// What is wrong with the settings; names the setting, never a secret.
#[derive(Debug, thiserror::Error)]
pub enum SmsConfigError {
    #[error("sms.url is no http or https address")]
    Url,
    #[error("sms.headers: {0} is no header, or its value cannot stand in one")]
    Header(String),
    #[error("sms.body is no JSON once values stand in it")]
    Body,
    #[error("sms.body does not say {{to}} and {{text}}")]
    Incomplete,
    #[error("sms: {{secret}} is used, but sms_secret is not set")]
    NoSecret,
    #[error("sms_secret_file {0} cannot be read: {1}")]
    SecretFile(PathBuf, std::io::Error),
    #[error("sms: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sends by the operator's gateway.
pub struct HttpGateway {
    client: Client,
    url: Url,
    secret: Option<Secret>,
    config: SmsConfig,
}

impl HttpGateway {
    pub fn new(config: &SmsConfig, secret: Option<Secret>) -> Result<HttpGateway, SmsConfigError> {
        let url: Url = config.url.parse().map_err(|_| SmsConfigError::Url)?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(SmsConfigError::Url);
        }
        if !["{to}", "{text}"].iter().all(|token| config.body.contains(token)) {
            return Err(SmsConfigError::Incomplete);
        }
        let says_secret = |template: &String| template.contains("{secret}");
        if secret.is_none() && config.headers.values().chain([&config.body]).any(says_secret) {
            return Err(SmsConfigError::NoSecret);
        }
        let gateway = HttpGateway { client: outbound::client()?, url, secret, config: config.clone() };
        let trial = SmsMessage { id: "id\"".into(), to: "+1".into(), text: "\"\n呼应".into() };
        let is_json = serde_json::from_str::<serde_json::Value>(&gateway.body(&trial)).is_ok();
        if config.format == BodyFormat::Json && !is_json {
            return Err(SmsConfigError::Body);
        }
        gateway.headers("id")?;
        Ok(gateway)
    }

    fn secret(&self) -> &str {
        self.secret.as_ref().map_or("", Secret::reveal)
    }

    fn body(&self, message: &SmsMessage) -> String {
        let format = self.config.format;
        fill(&self.config.body, |token| match token {
            "id" => Some(format.escape(&message.id)),
            "to" => Some(format.escape(&message.to)),
            "text" => Some(format.escape(&message.text)),
            "secret" => Some(format.escape(self.secret())),
            _ => None,
        })
    }

    fn headers(&self, id: &str) -> Result<HeaderMap, SmsConfigError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.config.format.content_type()));
        for (name, template) in &self.config.headers {
            let wrong = || SmsConfigError::Header(name.clone());
            let value = fill(template, |token| match token {
                "id" => Some(id.to_owned()),
                "secret" => Some(self.secret().to_owned()),
                _ => None,
            });
            let mut value = HeaderValue::from_str(&value).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?, value);
        }
        Ok(headers)
    }

    async fn post(&self, message: &SmsMessage) -> Result<(), SmsError> {
        let headers = self.headers(&message.id).map_err(|_| SmsError::NotAccepted)?;
        let request = self.client.post(self.url.clone()).headers(headers).body(self.body(message));
        let patience = Duration::from_secs(self.config.timeout_seconds);
        let answer = request.timeout(patience).send().await.map_err(|_| SmsError::Unreachable)?;
        match answer.status().as_u16() {
            200..=299 => {}
            // Too slow, too early, too many; or a fault of its own.
            status @ (408 | 425 | 429 | 500..) => return Err(SmsError::Failed(status)),
            status => return Err(SmsError::Refused(status)),
        }
        let Some(accepted) = &self.config.accepted else { return Ok(()) };
        let body = outbound::read(answer, LONGEST).await.map_err(|_| SmsError::Unreachable)?;
        if accepted.says_so(&body.unwrap_or_default()) { Ok(()) } else { Err(SmsError::NotAccepted) }
    }
}

impl Sms for HttpGateway {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>> {
        Box::pin(self.post(message))
    }
}

impl BodyFormat {
    fn content_type(self) -> &'static str {
        match self {
            BodyFormat::Json => "application/json",
            BodyFormat::Form => "application/x-www-form-urlencoded",
        }
    }

    fn escape(self, value: &str) -> String {
        match self {
            BodyFormat::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            BodyFormat::Form => form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        }
    }
}

impl Accepted {
    fn says_so(&self, body: &[u8]) -> bool {
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) else { return false };
        let found = match body.pointer(&self.pointer) {
            Some(serde_json::Value::String(text)) => Cow::from(text.as_str()),
            Some(other) => Cow::from(other.to_string()),
            None => return false,
        };
        self.values.iter().any(|value| *value == found)
    }
}

/// The template with values for its tokens. It is read once, so that a value which looks like a token stays what it is; braces
/// around anything else are kept, as JSON has them.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let token = from.find('}').and_then(|close| value(&from[1..close]).map(|value| (value, close)));
        match token {
            Some((value, close)) => {
                filled.push_str(&value);
                rest = &from[close + 1..];
            }
            None => {
                filled.push('{');
                rest = &from[1..];
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests;
