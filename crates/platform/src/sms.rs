//! Short messages: what sends them, and what only keeps them where nothing shall be sent.

mod gateway;
mod kept;

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::Config;

pub use gateway::{Accepted, BodyFormat, HttpGateway, SmsConfig, SmsConfigError};
pub use kept::KeptSms;

/// A short message. Its number and its words are personal: neither goes into a log, so it is not printed by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// The same at each try, so that a gateway can tell a repeated message from a new one.
    pub id: String,
    /// Digits, perhaps with a `+` before them.
    pub to: String,
    pub text: String,
}

/// Why a short message was not taken. Whether another try may help: [`SmsError::may_pass`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    #[error("no gateway for short messages is configured")]
    NotConfigured,
    #[error("the gateway refused the message with status {0}")]
    Refused(u16),
    /// Status 2xx, but its body says no.
    #[error("the gateway answered that it does not take the message")]
    NotAccepted,
    #[error("the gateway failed with status {0}")]
    Failed(u16),
    #[error("the gateway cannot be reached, or does not answer in time")]
    Unreachable,
}

impl SmsError {
    /// Whether the same message may be taken another time.
    pub fn may_pass(&self) -> bool {
        match self {
            SmsError::Refused(_) | SmsError::NotAccepted => false,
            SmsError::NotConfigured | SmsError::Failed(_) | SmsError::Unreachable => true,
        }
    }
}

/// Something that takes short messages on their way. Taken is not yet delivered: no gateway promises more.
pub trait Sms: Send + Sync {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>>;
}

/// The gateway of the configuration; one that takes nothing where it names none.
pub fn configured(config: &Config) -> Result<Arc<dyn Sms>, SmsConfigError> {
    match &config.sms {
        Some(sms) => Ok(Arc::new(HttpGateway::new(sms, config.sms_secret()?)?)),
        None => Ok(Arc::new(NoSms)),
    }
}

/// Where no gateway is configured.
pub struct NoSms;

impl Sms for NoSms {
    fn send<'a>(&'a self, _: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>> {
        Box::pin(async { Err(SmsError::NotConfigured) })
    }
}
