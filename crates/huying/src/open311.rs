//! Open311 beside the served district: the public reading follows the journal, other systems are polled.

use channels::open311::{Poller, Reading};
use platform::Config;

use crate::open::District;

/// Both go on for as long as the process runs. A profile that offers nothing needs neither.
pub fn start(config: &Config, district: &District) {
    let (casework, profile) = (&district.casework, &district.profile);
    if profile.open311.is_none() {
        return;
    }
    tokio::spawn(Reading::new(casework.clone(), profile.clone()).follow());
    for poller in Poller::all(casework, profile, &config.open311_keys) {
        tokio::spawn(poller.run(district.edge.clone()));
    }
}
