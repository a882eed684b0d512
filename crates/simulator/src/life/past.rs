//! What has come of each command in a life so far, by its name.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Instant;

#[derive(Default)]
pub(crate) struct Past {
    /// How often each was carried out, and when last.
    done: BTreeMap<&'static str, (u16, Instant)>,
    refused: BTreeSet<&'static str>,
}

impl Past {
    pub fn did(&mut self, name: &'static str, at: Instant) {
        let done = self.done.entry(name).or_insert((0, at));
        *done = (done.0 + 1, at);
    }

    pub fn was_refused(&mut self, name: &'static str) {
        self.refused.insert(name);
    }

    /// What was refused once is not tried again.
    pub fn may(&self, name: &str) -> bool {
        !self.refused.contains(name)
    }

    pub fn times(&self, name: &str) -> u16 {
        self.done.get(name).map_or(0, |(times, _)| *times)
    }

    pub fn last(&self, name: &str) -> Option<Instant> {
        self.done.get(name).map(|(_, at)| *at)
    }
}
