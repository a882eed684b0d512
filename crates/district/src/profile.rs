//! The profile as a whole.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use kernel::{Calendar, Instant};
use platform::notice::NoticeRules;

use crate::address::AreaNames;
use crate::area::{Area, Rank};
use crate::build::build;
use crate::cards::Cards;
use crate::fault::{Fault, Faults};
use crate::matter::{Class, Matters, Party, Power};
use crate::open311::Open311;
use crate::organization::{Organization, OrganizationKind, Organizations, Post, Posts};
use crate::place::Places;
use crate::read::Files;
use crate::roster::{OnDuty, Rosters};
use crate::rules::{Roles, Rules};
use crate::settings::Settings;
use crate::territory::Territory;
use crate::vocabulary::Vocabulary;

/// A district: who and where and by which rule. Read once, then never changed.
#[derive(Debug)]
pub struct Profile {
    pub settings: Settings,
    pub zone: TimeZone,
    pub territory: Territory,
    pub places: Places,
    pub organizations: Organizations,
    pub roles: Roles,
    pub posts: Posts,
    pub rosters: Rosters,
    pub classes: Vec<Class>,
    pub matters: Matters,
    pub powers: Vec<Power>,
    pub cards: Cards,
    pub rules: Rules,
    /// None: nothing is offered to other systems by Open311.
    pub open311: Option<Open311>,
    pub notices: Arc<NoticeRules>,
    pub calendar: Calendar,
    /// Phrases that suggest a state secret.
    pub secrets: Vec<String>,
    pub(crate) area_names: AreaNames,
}

/// What `profile check` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By file and line; none when the profile is sound.
    pub faults: Vec<Fault>,
    /// `subdistricts`, `communities`, `grids`, `departments`, `matters`, `powers` …: rows of each kind, sound or not.
    pub counts: BTreeMap<String, usize>,
}

/// Reads the profile in a folder and says everything that is wrong with it, but for words that only crates above this one
/// know: see [`Vocabulary`].
pub fn check(folder: &Path) -> Report {
    check_by(folder, None)
}

pub(crate) fn check_by(folder: &Path, vocabulary: Option<&Vocabulary>) -> Report {
    let mut faults = Faults::default();
    let files = Files::read(folder, &mut faults);
    let counts = counts(&files);
    build(files, vocabulary, &mut faults);
    Report { faults: faults.into_sorted(), counts }
}

pub(crate) fn whole(files: Files, vocabulary: Option<&Vocabulary>, mut faults: Faults) -> Result<Profile, Vec<Fault>> {
    match build(files, vocabulary, &mut faults) {
        Some(profile) if faults.is_empty() => Ok(profile),
        _ => Err(faults.into_sorted()),
    }
}

impl Profile {
    /// Reads the profile in a folder; every fault when it has any.
    pub fn load(folder: &Path) -> Result<Profile, Vec<Fault>> {
        let mut faults = Faults::default();
        let files = Files::read(folder, &mut faults);
        whole(files, None, faults)
    }

    /// The organization that answers, at a place whose areas are given from the whole down.
    pub fn party(&self, party: &Party, line: &[&Area]) -> Option<&Organization> {
        match party {
            Party::Organization(code) => self.organizations.get(code),
            Party::OfLevel(level) => {
                let rank = Rank::Level(self.territory.level(level)?);
                let area = line.iter().find(|area| area.rank == rank)?;
                self.organizations.governing(&area.code)
            }
        }
    }

    /// Who of an organization answers at an instant.
    pub fn on_duty(&self, organization: &str, when: Instant) -> Option<OnDuty<'_>> {
        self.rosters.on_duty(organization, when, &self.calendar)
    }

    /// Whom a call to an organization rings, in order: on duty, deputy, then the centre's (PRACTICE 16).
    pub fn ring(&self, organization: &str, when: Instant) -> Vec<&Post> {
        let duties = [self.on_duty(organization, when), self.on_duty(&self.rules.duty.centre, when)];
        let keys = duties.iter().flatten().flat_map(|duty| [Some(duty.on_duty), duty.deputy]).flatten();
        let mut ring: Vec<&Post> = Vec::new();
        for post in keys.filter_map(|key| self.posts.get(key)) {
            if !ring.iter().any(|known| known.key == post.key) {
                ring.push(post);
            }
        }
        ring
    }

    /// The first phrase of the state-secret list that a text holds, letter case and spaces aside.
    pub fn secret_in(&self, text: &str) -> Option<&str> {
        let plain = |text: &str| -> String {
            text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
        };
        let text = plain(text);
        self.secrets.iter().map(String::as_str).find(|phrase| text.contains(&plain(phrase)))
    }
}

/// Rows by kind: areas by the plural of their level's key, departments, matters (versions of one code once), powers.
fn counts(files: &Files) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for level in files.district.iter().flat_map(|district| &district.level) {
        let mut codes: Vec<&str> =
            files.areas.rows.iter().filter(|row| row.level.trim() == level.key).map(|row| row.code.trim()).collect();
        codes.sort_unstable();
        codes.dedup();
        counts.insert(plural(&level.key), codes.len());
    }
    let of_kind = |kind: OrganizationKind| files.organizations.rows.iter().filter(move |row| row.kind == kind.word());
    let mut matters: Vec<&str> = files.matters.rows.iter().map(|row| row.code.trim()).collect();
    matters.sort_unstable();
    matters.dedup();
    let others = [
        ("buildings", files.buildings.rows.len()),
        ("roads", files.roads.rows.len()),
        ("organizations", files.organizations.rows.len()),
        ("departments", of_kind(OrganizationKind::Department).count()),
        ("posts", files.posts.rows.len()),
        ("classes", files.classes.rows.len()),
        ("matters", matters.len()),
        ("powers", files.powers.rows.len()),
    ];
    counts.extend(others.map(|(key, count)| (key.to_owned(), count)));
    counts
}

fn plural(key: &str) -> String {
    match key.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{key}s"),
    }
}
