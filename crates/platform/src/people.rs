//! What is configured of people: passwords, locks, ends of sessions, second factors.

use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A network in CIDR form, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(pub IpNet);

impl TryFrom<String> for Network {
    type Error = ipnet::AddrParseError;

    fn try_from(text: String) -> Result<Network, Self::Error> {
        text.parse().map(Network)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        network.0.to_string()
    }
}

/// The section `[people]` of the configuration. The defaults for passwords, locks and idleness are common practice under
/// GB/T 22239-2019 level 3 (惯例: 8 characters of 3 classes, 90 days, 5 failures for 30 minutes, 30 minutes idle); no rule that
/// we could read gives the figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// Characters a password has at least.
    pub password_least: u32,
    /// Of lower case, upper case, digits and other characters, so many at least.
    pub password_classes: u32,
    /// So many former passwords may not come back.
    pub password_former: u32,
    /// A password has to be changed after so many days; 0: never.
    pub password_days: u32,
    /// After so many failures in a row an account is locked.
    pub lock_after: u32,
    pub lock_minutes: u32,
    /// A session ends after so long without a request.
    pub idle_minutes: u32,
    /// A session ends after so long whatever happens.
    pub session_hours: u32,
    /// How long a code to activate an account holds.
    pub activation_hours: u32,
    /// Whether who administers must have a second factor.
    pub administrators_need_factor: bool,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

impl Default for People {
    fn default() -> People {
        People {
            password_least: 8,
            password_classes: 3,
            password_former: 5,
            password_days: 90,
            lock_after: 5,
            lock_minutes: 30,
            idle_minutes: 30,
            session_hours: 12,
            activation_hours: 72,
            administrators_need_factor: true,
            trusted_proxies: Vec::new(),
        }
    }
}

impl People {
    /// For a demonstration, where everyone shares a password that is shown: it never ages, and nobody needs a second factor.
    pub fn of_demonstration(self) -> People {
        People { password_days: 0, administrators_need_factor: false, ..self }
    }

    pub fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.idle_minutes) * 60)
    }

    pub fn absolute(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_hours) * 3600)
    }
}
