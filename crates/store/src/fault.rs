//! Faults on purpose: every write of the program is a numbered site, and a test can have the process end there.
//!
//! A site is a write statement or a file operation, named by its words. A plan names a site and which of its hits counts.
//! Without a plan a step costs one relaxed load.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::StoreError;

/// What the process exits with at a planted exit, so that a test can tell it from a crash of its own.
pub const FAULT_EXIT_CODE: i32 = 86;

#[derive(Clone, Default, Debug)]
pub struct Faults(Arc<Inner>);

#[derive(Default, Debug)]
struct Inner {
    armed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default, Debug)]
struct State {
    hits: BTreeMap<String, u64>,
    plan: Option<(String, u64, Effect)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Exit,
    Fail,
}

impl Faults {
    /// Counts the sites that are passed, without hurting any.
    pub fn count(&self) {
        self.0.armed.store(true, Ordering::Release);
    }

    /// Ends the process (exit code [`FAULT_EXIT_CODE`]) when `site` is reached for the `nth` time, counted from 1.
    pub fn exit_at(&self, site: &str, nth: u64) {
        self.plan(site, nth, Effect::Exit);
    }

    /// Makes the write at `site` fail once, at its `nth` hit.
    pub fn fail_at(&self, site: &str, nth: u64) {
        self.plan(site, nth, Effect::Fail);
    }

    fn plan(&self, site: &str, nth: u64, effect: Effect) {
        self.state().plan = Some((site.to_owned(), nth, effect));
        self.count();
    }

    /// Every site passed since counting began, with how often.
    pub fn sites(&self) -> BTreeMap<String, u64> {
        self.state().hits.clone()
    }

    /// To be called just before a write. `site` is a few words without values.
    pub fn step(&self, site: &str) -> Result<(), StoreError> {
        if !self.0.armed.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut state = self.state();
        let hits = state.hits.entry(site.to_owned()).or_default();
        *hits += 1;
        let hits = *hits;
        match &state.plan {
            Some((planned, nth, effect)) if planned == site && *nth == hits => match effect {
                Effect::Exit => std::process::exit(FAULT_EXIT_CODE),
                Effect::Fail => Err(StoreError::Planted(site.to_owned())),
            },
            _ => Ok(()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The first words of a statement: enough to name the site, never a value.
pub(crate) fn site_of(statement: &str) -> String {
    let mut words = statement.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty());
    let verb = words.next().unwrap_or_default().to_ascii_lowercase();
    let mut name = verb.clone();
    for word in words.take(2) {
        name.push(' ');
        name.push_str(&word.to_ascii_lowercase());
        if verb == "update" {
            break;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_by_verb_and_table() {
        assert_eq!(site_of("INSERT INTO fact (position) VALUES ($1)"), "insert into fact");
        assert_eq!(site_of("update head set position = 1"), "update head");
        assert_eq!(site_of("delete from clock where id = $1"), "delete from clock");
    }

    #[test]
    fn a_planted_failure_happens_once_at_its_hit() {
        let faults = Faults::default();
        faults.fail_at("insert into fact", 2);
        assert!(faults.step("insert into fact").is_ok());
        assert!(matches!(faults.step("insert into fact"), Err(StoreError::Planted(_))));
        assert!(faults.step("insert into fact").is_ok());
        assert_eq!(faults.sites()["insert into fact"], 3);
    }
}
