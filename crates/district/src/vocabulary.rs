//! Words of a profile that crates above this one give a meaning.

use std::collections::BTreeSet;
use std::path::Path;

use crate::fault::{Fault, Faults};
use crate::profile::{self, Profile, Report};
use crate::read::Files;

/// The actions, steps and words of notices that the product knows. A profile that is checked by it is at fault where it says another; one that
/// is checked without is at fault only where a word has not the form of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Of `roles.toml`, such as `case.accept`.
    pub actions: BTreeSet<String>,
    /// Of the chains of `rules.toml`, such as `handler`.
    pub steps: BTreeSet<String>,
    /// Kinds of facts that people can be told of (`notices.toml`), such as `case.lapsed`.
    pub kinds: BTreeSet<String>,
    /// How a fact can concern someone, such as `desk`.
    pub relations: BTreeSet<String>,
    /// What a rule may ask of a fact, such as `urgency`.
    pub traits: BTreeSet<String>,
}

impl Vocabulary {
    /// Reads the profile in a folder and says everything that is wrong with it.
    pub fn check(&self, folder: &Path) -> Report {
        profile::check_by(folder, Some(self))
    }

    /// Reads the profile in a folder; every fault when it has any.
    pub fn load(&self, folder: &Path) -> Result<Profile, Vec<Fault>> {
        let mut faults = Faults::default();
        let files = Files::read(folder, &mut faults);
        profile::whole(files, Some(self), faults)
    }
}
