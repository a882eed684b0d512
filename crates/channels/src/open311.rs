//! Open311 GeoReport v2: a district as an endpoint, and other endpoints polled.
//!
//! `query`, `form`, `services`, `answer`, `tree`, `xml` and `error` are pure. Which matters are services and what is public
//! is the profile's (`open311.toml`). A request handed in is a case like any other, its reporter's values sealed; the public
//! sees what the profile publishes, never a confidential case.

mod answer;
mod error;
mod form;
mod http;
mod peer;
mod query;
mod receive;
mod services;
mod store;
#[cfg(test)]
mod testing;
mod tree;
pub mod xml;

use std::sync::Arc;

use casework::Casework;
use district::Profile;
use platform::PlatformState;

pub use http::{refusal, routes};
pub use peer::{PollError, Polled, Poller};
#[cfg(feature = "testing")]
pub use peer::{TheirError, Theirs, of_json, of_xml};
pub use store::{Reading, forget};
#[cfg(feature = "testing")]
pub use tree::Tree;

/// What the handlers stand on.
#[derive(Clone)]
pub struct Open311State {
    pub platform: PlatformState,
    pub profile: Arc<Profile>,
    pub casework: Casework,
    pub reading: Reading,
}

impl Open311State {
    pub fn new(platform: PlatformState, profile: Arc<Profile>, casework: Casework) -> Open311State {
        let reading = Reading::new(casework.clone(), profile.clone());
        Open311State { platform, profile, casework, reading }
    }
}
