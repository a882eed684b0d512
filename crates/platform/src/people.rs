//! What is configured of people: passwords, locks, the ends of sessions, and whose word on an address is believed.

use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::oidc::OidcConfig;
use crate::resident::Residents;

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

/// The section `[people]` of the configuration. A password of eight characters and three kinds that is changed after ninety days,
/// half an hour without a request, and half an hour locked after five failures, are common practice under GB/T 22239-2019
/// level 3 (惯例); no rule that we could read gives the figures. That five passwords do not come back and that a code of
/// activation holds for three days are samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// A password has at least so many characters; fewer than 8 are never enough.
    pub password_length: u32,
    /// A password has so many of four kinds of character: small letters, capitals, digits, others.
    pub password_classes: u32,
    /// A password is none of so many before, the present one among them.
    pub password_former: u32,
    /// After so many days a password must be changed; 0: never.
    pub password_days: u32,
    /// A code that sets a first password holds for so many hours.
    pub activation_hours: u32,
    /// A session ends after so long without a request.
    pub idle_minutes: u32,
    /// A session ends after so long whatever happens.
    pub session_hours: u32,
    /// After so many failures in a row an account is locked; 0: never.
    pub lock_after: u32,
    /// For so long, counted from the first of those failures.
    pub lock_minutes: u32,
    /// Roles whose holders must have a second factor; where not set, those that administer.
    pub second_factor: Option<Vec<String>>,
    /// Browsers send the session's cookie only over HTTPS: to be set wherever people come by it, as through a proxy that ends it.
    pub secure_cookies: bool,
    /// Codes that residents sign in by.
    pub residents: Residents,
    /// Another system by which people of the district sign in too.
    pub oidc: Option<OidcConfig>,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

impl Default for People {
    fn default() -> People {
        People {
            password_length: 8,
            password_classes: 3,
            password_former: 5,
            password_days: 90,
            activation_hours: 72,
            idle_minutes: 30,
            session_hours: 12,
            lock_after: 5,
            lock_minutes: 30,
            second_factor: None,
            secure_cookies: false,
            residents: Residents::default(),
            oidc: None,
            trusted_proxies: Vec::new(),
        }
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
