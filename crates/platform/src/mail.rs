//! Mail, through the operator's relay.

use std::time::{Duration, SystemTime};

use kernel::Instant;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MIME_VERSION_1_0};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};

use crate::Config;
use crate::config::Secret;

const PATIENCE: Duration = Duration::from_secs(20);

/// The section `[smtp]` of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub encryption: Encryption,
    /// Who signs in at the relay; the password is `smtp_password`.
    #[serde(default)]
    pub user: Option<String>,
    /// Whom mail is from: `呼应 <huying@example.org>`.
    pub from: String,
    /// File with the certificate (PEM) of the authority that vouches for the relay, where it is none that everyone knows.
    #[serde(default)]
    pub authority: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// Begins in the clear and goes on encrypted, or not at all.
    #[default]
    Starttls,
    Tls,
    /// Only to a relay on this machine.
    None,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("smtp.from is no mailbox")]
    From,
    #[error("smtp.encryption: mail goes unencrypted only to a relay on this machine")]
    NotEncrypted,
    #[error("smtp.authority cannot be read")]
    Authority,
    #[error("smtp.user is set, but smtp_password is not")]
    NoPassword,
    #[error("smtp_password_file {0} cannot be read: {1}")]
    PasswordFile(std::path::PathBuf, std::io::Error),
    #[error("smtp: {0}")]
    Relay(#[from] lettre::transport::smtp::Error),
}

/// The relay of the configuration, where it names one.
pub fn configured(config: &Config) -> Result<Option<Mailer>, MailError> {
    config.smtp.as_ref().map(|smtp| Mailer::new(smtp, config.smtp_password()?)).transpose()
}

/// One mail. Its address is personal: it goes into no log.
pub struct Mail<'a> {
    /// The same for each try.
    pub id: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub at: Instant,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It will not be taken another time either; with the relay's code where it gave one.
    Refused(Option<u16>),
    Failed,
}

#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    pub fn new(config: &SmtpConfig, password: Option<Secret>) -> Result<Mailer, MailError> {
        let from: Mailbox = config.from.parse().map_err(|_| MailError::From)?;
        let is_here = config.host == "localhost"
            || config.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let tls = || -> Result<TlsParameters, MailError> {
            let mut tls = TlsParameters::builder(config.host.clone());
            if let Some(path) = &config.authority {
                let pem = std::fs::read(path).map_err(|_| MailError::Authority)?;
                tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| MailError::Authority)?);
            }
            Ok(tls.build()?)
        };
        let tls = match config.encryption {
            Encryption::None if !is_here => return Err(MailError::NotEncrypted),
            Encryption::None => Tls::None,
            Encryption::Starttls => Tls::Required(tls()?),
            Encryption::Tls => Tls::Wrapper(tls()?),
        };
        let relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host);
        let mut relay = relay.port(config.port).tls(tls).timeout(Some(PATIENCE));
        if let Some(user) = &config.user {
            let password = password.ok_or(MailError::NoPassword)?;
            relay = relay.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        Ok(Mailer { transport: relay.build(), from })
    }

    pub async fn send(&self, mail: Mail<'_>) -> Result<(), NotTaken> {
        let message = message(self.from.clone(), &mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(NotTaken::Refused(error.status().map(u16::from))),
            Err(_) => Err(NotTaken::Failed),
        }
    }
}

/// The mail as it goes out: one recipient, and no header but those set here, whatever its words hold.
pub fn message(from: Mailbox, mail: &Mail<'_>) -> Result<Message, NotTaken> {
    let to: lettre::Address = mail.to.parse().map_err(|_| NotTaken::Refused(None))?;
    // No word that is told can end a header or begin another, or look like one that was encoded.
    let subject: String = mail.subject.chars().filter(|c| !c.is_control()).collect();
    let at = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(mail.at.micros()).unwrap_or(0));
    let id = format!("<{}@{}>", mail.id, from.email.domain());
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(subject.replace("=?", "= ?"))
        .date(at)
        .message_id(Some(id))
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.to_owned())
        .map_err(|_| NotTaken::Refused(None))
}

#[cfg(test)]
mod tests;
