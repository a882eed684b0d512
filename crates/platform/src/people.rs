//! What is configured of people: the ends of sessions, and whose word on an address is believed.

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

/// The section `[people]` of the configuration. Half an hour without a request, and
/// half an hour locked after five failures, are common practice under GB/T 22239-2019 level 3
/// (惯例); no rule that we could read gives the figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// A session ends after so long without a request.
    pub idle_minutes: u32,
    /// A session ends after so long whatever happens.
    pub session_hours: u32,
    /// After so many failures in a row an account is locked; 0: never.
    pub lock_after: u32,
    /// For so long, counted from the first of those failures.
    pub lock_minutes: u32,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

impl Default for People {
    fn default() -> People {
        People { idle_minutes: 30, session_hours: 12, lock_after: 5, lock_minutes: 30, trusted_proxies: Vec::new() }
    }
}

impl People {
    pub fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.idle_minutes) * 60)
    }

    pub fn lock(&self) -> Duration {
        Duration::from_secs(u64::from(self.lock_minutes) * 60)
    }

    pub fn absolute(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_hours) * 3600)
    }
}
