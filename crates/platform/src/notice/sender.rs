//! The worker that sends what is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use journal::{Journal, tail};
use kernel::Instant;
use kernel::text::Language;
use serde_json::json;
use sha2::Sha256;

use super::delivery::{self, Claimed, Ending};
use super::guard::{Guarded, Sent};
use super::timing::pause;
use super::{Directory, NoticeError, NoticeRules, Said, contact, tell, webhook};
use crate::Edge;
use crate::mail::{Mail, Mailer, NotTaken};
use crate::sms::{Sms, SmsError, SmsMessage};

/// Rows that are claimed at a time.
const BATCH: i64 = 64;
/// A message is given up after so many tries: about a day and a half.
pub const MOST_TRIES: i64 = 14;
/// A mail says no more lines than these, and how many more there are.
const MOST_LINES: usize = 64;
/// How often it looks for what is due.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it clears away what was sent long ago.
const CLEAR: SignedDuration = SignedDuration::from_hours(1);

/// Sends mail, short messages and webhooks. Cheap to clone; several may work beside each other.
#[derive(Clone)]
pub struct Sender {
    pub journal: Journal,
    pub edge: Edge,
    pub rules: Arc<NoticeRules>,
    pub directory: Arc<dyn Directory>,
    pub mail: Option<Mailer>,
    pub sms: Arc<dyn Sms>,
    pub guarded: Guarded,
    /// What facts come from: `urn:huying:district:440104`.
    pub source: String,
}

/// Why something could not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    code: String,
    /// It makes no sense to try again.
    for_good: bool,
}

impl Failure {
    fn again(code: impl Into<String>) -> Failure {
        Failure { code: code.into(), for_good: false }
    }

    fn for_good(code: impl Into<String>) -> Failure {
        Failure { code: code.into(), for_good: true }
    }
}

/// What one person or system gets at a time: one row, or those gathered for it.
type Message = Vec<Claimed>;

impl Sender {
    /// Sends for as long as the process runs. What fails is tried again.
    pub async fn run(self) {
        let mut cleared = self.edge.now();
        loop {
            match self.step().await {
                Ok(0) => tokio::time::sleep(PAUSE).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "messages could not be sent");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            let now = self.edge.now();
            if now.since(cleared) > CLEAR {
                cleared = now;
                if let Err(error) = delivery::forget(self.journal.db(), now).await {
                    tracing::warn!(%error, "what was sent long ago could not be cleared away");
                }
            }
        }
    }

    /// Sends what is due now, up to a bound; gives how many rows it took.
    pub async fn step(&self) -> Result<usize, NoticeError> {
        let now = self.edge.now();
        let claimed = delivery::claim(self.journal.db(), now, BATCH).await?;
        let taken = claimed.len();
        let mut messages: BTreeMap<(String, String, String), Message> = BTreeMap::new();
        for one in claimed {
            let own = if one.gathered == 1 { String::new() } else { one.id.clone() };
            messages.entry((one.channel.clone(), one.recipient.clone(), own)).or_default().push(one);
        }
        let sent = join_all(messages.into_values().map(|message| async move {
            let outcome = self.send(&message).await;
            (message, outcome)
        }));
        for (message, outcome) in sent.await {
            let outcome = outcome?;
            // Of several nodes' clocks the one that sent it tells when.
            let now = self.edge.now();
            // What is gathered stays together.
            let Some(ending) = message.first().map(|first| self.ending(first, &outcome, now)) else { continue };
            let mut tx = self.journal.db().begin().await?;
            for one in &message {
                delivery::finish(&mut tx, one, &ending, now).await?;
            }
            tx.commit().await?;
        }
        Ok(taken)
    }

    fn ending(&self, claimed: &Claimed, outcome: &Result<(), Failure>, now: Instant) -> Ending {
        match outcome {
            Ok(()) => Ending::Sent,
            Err(Failure { code, for_good }) if *for_good || claimed.attempts >= MOST_TRIES => {
                tracing::warn!(delivery = claimed.id, channel = claimed.channel, code, "a message was given up");
                Ending::Dead { failure: code.clone() }
            }
            Err(Failure { code, .. }) => {
                let wait = pause(u32::try_from(claimed.attempts).unwrap_or(1), self.edge.chance().unit());
                let due_at = Instant::from_micros(now.micros() + wait.as_micros() as i64);
                Ending::Later { due_at, failure: code.clone() }
            }
        }
    }

    async fn send(&self, message: &Message) -> Result<Result<(), Failure>, NoticeError> {
        let Some(first) = message.first() else { return Ok(Ok(())) };
        match first.channel.as_str() {
            "mail" => self.send_mail(first, message).await,
            "sms" => self.send_sms(first, message).await,
            "webhook" => self.send_webhook(first).await,
            _ => Ok(Err(Failure::for_good("unknown-channel"))),
        }
    }

    async fn send_mail(&self, first: &Claimed, message: &Message) -> Result<Result<(), Failure>, NoticeError> {
        let Some(mailer) = &self.mail else { return Ok(Err(Failure::again("not-configured"))) };
        let (to, language) = self.address(first).await?;
        let Some(to) = to else { return Ok(Err(Failure::for_good("no-address"))) };
        let lines = self.lines(message, language);
        let subject = match &lines[..] {
            [only] => only.clone(),
            several => self.counted("notice-mail-subject", several.len(), language),
        };
        let foot = kernel::text::text(language, "notice-mail-foot", &BTreeMap::new());
        let mut said = lines.iter().take(MOST_LINES).cloned().collect::<Vec<_>>();
        if lines.len() > MOST_LINES {
            said.push(self.counted("notice-mail-more", lines.len() - MOST_LINES, language));
        }
        let text = format!("{}\r\n\r\n{foot}\r\n", said.join("\r\n"));
        let mail = Mail { id: &first.id, to: &to, subject: &subject, text: &text, at: self.edge.now() };
        Ok(mailer.send(mail).await.map_err(|why| match why {
            NotTaken::Refused(code) => {
                Failure::for_good(code.map_or("mail-refused".into(), |code| format!("smtp-{code}")))
            }
            NotTaken::Failed => Failure::again("mail-failed"),
        }))
    }

    async fn send_sms(&self, first: &Claimed, message: &Message) -> Result<Result<(), Failure>, NoticeError> {
        let (to, language) = self.address(first).await?;
        let Some(to) = to else { return Ok(Err(Failure::for_good("no-address"))) };
        let lines = self.lines(message, language);
        // One short message, however much there is to say: the rest is in the inbox.
        let text = match &lines[..] {
            [only] => only.clone(),
            several => self.counted("notice-sms-several", several.len(), language),
        };
        let sent = self.sms.send(&SmsMessage { id: first.id.clone(), to, text }).await;
        Ok(sent.map_err(|why| match why {
            SmsError::Refused(status) => Failure::for_good(format!("http-{status}")),
            SmsError::NotAccepted => Failure::for_good("sms-not-accepted"),
            SmsError::Failed(status) => Failure::again(format!("http-{status}")),
            SmsError::Unreachable => Failure::again("unreachable"),
            SmsError::NotConfigured => Failure::again("not-configured"),
        }))
    }

    fn lines(&self, message: &Message, language: Language) -> Vec<String> {
        let zone = self.directory.zone();
        let line = |one: &Claimed| {
            let said: BTreeMap<String, Said> = serde_json::from_str(&one.said).unwrap_or_default();
            tell(language, &one.text, &said, &zone)
        };
        message.iter().map(line).collect()
    }

    fn counted(&self, code: &str, count: usize, language: Language) -> String {
        let said = BTreeMap::from([("count".to_owned(), Said::Plain(count.to_string()))]);
        tell(language, code, &said, &self.directory.zone())
    }

    /// Where the recipient is reached by the channel, and in which language.
    async fn address(&self, claimed: &Claimed) -> Result<(Option<String>, Language), NoticeError> {
        let is_mail = claimed.channel == "mail";
        if let Some(account) = claimed.recipient.strip_prefix("account/") {
            let contact = contact::contact(&self.journal, account).await?;
            let language = Language::ALL.into_iter().find(|one| one.tag() == contact.language).unwrap_or_default();
            return Ok((if is_mail { contact.mail } else { contact.phone }, language));
        }
        let outside = claimed.recipient.strip_prefix("outside/").and_then(|rest| rest.split_once('/'));
        let recipient = outside.and_then(|(rule, place)| {
            let rule = self.rules.rule.iter().find(|one| one.key == rule)?;
            rule.to.get(place.parse::<usize>().ok()?)
        });
        let address = recipient.and_then(|to| if is_mail { to.mail.clone() } else { to.phone.clone() });
        Ok((address, Language::default()))
    }

    async fn send_webhook(&self, claimed: &Claimed) -> Result<Result<(), Failure>, NoticeError> {
        let id = claimed.recipient.strip_prefix("webhook/").unwrap_or_default();
        let Some(webhook) = webhook::keys(&self.journal, id).await? else {
            return Ok(Err(Failure::for_good("webhook-closed")));
        };
        let Some(fact) = tail::at(&mut self.journal.db(), claimed.position).await? else {
            return Ok(Err(Failure::for_good("no-fact")));
        };
        // The body has no personal value: those lie sealed beside it.
        let data: serde_json::Value = fact.read()?;
        let event = json!({
            "specversion": "1.0",
            "id": fact.position.to_string(),
            "source": self.source,
            "type": format!("huying.{}", fact.kind),
            "subject": fact.stream,
            "time": fact.at,
            "datacontenttype": "application/json",
            "data": data,
        });
        let (body, at) = (event.to_string(), self.edge.now().micros() / 1_000_000);
        let headers = [
            ("content-type", "application/cloudevents+json; charset=utf-8".to_owned()),
            ("webhook-id", claimed.id.clone()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", signature(&webhook.secret, &claimed.id, at, &body)),
        ];
        Ok(match self.guarded.post(&webhook.address, &headers, body).await {
            Sent::Status(200..=299) => Ok(()),
            // Gone: the receiver wants nothing more of it (as Standard Webhooks has it).
            Sent::Status(410) => Err(Failure::for_good("http-410")),
            Sent::Status(status) => Err(Failure::again(format!("http-{status}"))),
            Sent::Refused(_) => Err(Failure::for_good("address-refused")),
            Sent::Unreachable => Err(Failure::again("unreachable")),
        })
    }
}

/// As Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`, with the bytes that the secret writes in base64.
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
