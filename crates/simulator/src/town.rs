//! A profile with people in it: everything a simulated act may look up. Nothing in it changes while the simulation runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use casework::case::{Location, Place, Rulebook};
use casework::{RulebookError, rulebook};
use district::{Building, Profile, Rank};
use jiff::SignedDuration;
use kernel::{Chance, Instant, Limit, Point, Unit};

use crate::cast::Cast;
use crate::story::Habit;

/// A district ready to be simulated.
pub struct Town {
    pub profile: Arc<Profile>,
    pub(crate) book: Arc<Rulebook>,
    pub(crate) cast: Cast,
    pub(crate) grids: Vec<Grid>,
    buildings: HashMap<String, Vec<usize>>,
    habits: BTreeMap<String, Habit>,
    outages: Vec<Outage>,
    /// The first instant.
    from: Instant,
    /// Half the side of the ground that a point off its building may lie on, in degrees.
    spread: f64,
}

/// A time in which the platform was down, and when somebody declared it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub from: Instant,
    pub until: Instant,
    pub declared_at: Instant,
}

/// One smallest area with the posts that walk it.
pub(crate) struct Grid {
    pub code: String,
    pub workers: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum TownError {
    #[error(transparent)]
    Rulebook(#[from] RulebookError),
    #[error("the profile has no area of its last level at {0}: nothing can happen anywhere")]
    NoGround(Instant),
    #[error("the profile has no building: nothing can happen anywhere")]
    NoBuilding,
    #[error("the profile has no matter at {0}: nothing can be reported")]
    NoMatter(Instant),
}

impl Town {
    /// The town as it stands at `from`; habits and outages are drawn by `seed` for `days` days.
    pub fn new(profile: Arc<Profile>, seed: u64, from: Instant, days: u32) -> Result<Town, TownError> {
        let book = Arc::new(rulebook(&profile)?);
        let cast = Cast::of(&profile);
        let last = profile.territory.levels().len().saturating_sub(1);
        let workers = workers(&profile);
        let grid = |area: &district::Area| Grid {
            code: area.code.clone(),
            workers: workers.get(&area.code).cloned().unwrap_or_default(),
        };
        let mut grids: Vec<Grid> = profile.territory.of_level(last, from).map(grid).collect();
        let mut buildings: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, building) in profile.places.buildings().iter().enumerate() {
            buildings.entry(building.grid.clone()).or_default().push(place);
        }
        if grids.is_empty() {
            return Err(TownError::NoGround(from));
        }
        grids.retain(|grid| buildings.contains_key(&grid.code));
        if grids.is_empty() {
            return Err(TownError::NoBuilding);
        }
        if profile.matters.valid(from).next().is_none() {
            return Err(TownError::NoMatter(from));
        }
        let habit = |one: &district::Organization| (one.code.clone(), Habit::of(seed, &one.code));
        let habits = profile.organizations.all().iter().map(habit).collect();
        let outages = outages(seed, from, days);
        Ok(Town { profile, book, cast, grids, buildings, habits, outages, from, spread: 0.000_2 })
    }

    /// How many events a day a district of this size reports: 126,359 a year on 1,843 grids (Yuexiu, the staff app alone),
    /// but never fewer than 20, or a small sample would be empty.
    pub fn usual_events_per_day(&self) -> f64 {
        (self.grids.len() as f64 * 126_359.0 / 1_843.0 / 365.0).max(20.0)
    }

    pub(crate) fn habit(&self, organization: &str) -> Habit {
        let own = self.habits.get(organization);
        own.copied().unwrap_or(Habit::Steady)
    }

    /// Times in which the platform was down. Nobody can act then.
    pub(crate) fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// `at`, or when the platform is up again.
    pub(crate) fn up(&self, at: Instant) -> Instant {
        let down = self.outages.iter().find(|down| down.from <= at && at < down.until);
        down.map_or(at, |down| down.until + SignedDuration::from_secs(60))
    }

    /// When the timekeeper next goes its round of everything that is due, after `at`: every four hours from the first instant at
    /// which the platform is up.
    pub(crate) fn next_round(&self, at: Instant) -> Instant {
        let rounds = at.since(self.from).as_micros().div_euclid(ROUND.as_micros()) as i32 + 1;
        let mut round = self.from + ROUND * rounds;
        while self.up(round) != round {
            round = round + ROUND;
        }
        round
    }

    /// Whether an instant is a round's own.
    pub(crate) fn is_round(&self, at: Instant) -> bool {
        at.since(self.from).as_micros().rem_euclid(ROUND.as_micros()) < 2
    }

    /// The subdistrict that governs a place.
    pub(crate) fn subdistrict_of(&self, place: &Place) -> Option<&str> {
        let governing = place.path.iter().rev().filter_map(|area| self.book.governing.get(area));
        governing.into_iter().find(|one| one.desk).map(|one| one.organization.as_str())
    }

    /// So many minutes of opening hours after `at`, and a few seconds.
    pub(crate) fn working(&self, at: Instant, minutes: u64, chance: &mut Chance) -> Instant {
        let opened = self.profile.calendar.next_open(at);
        let limit = Limit::of_minutes(minutes as u32, Unit::WorkingHour).expect("hours have minutes");
        let due = self.profile.calendar.due(opened, &limit).at;
        due - SignedDuration::from_secs(chance.below(50) as i64 + 1).min(due.since(opened))
    }

    /// A building of a grid, drawn.
    pub(crate) fn building(&self, grid: &Grid, chance: &mut Chance) -> &Building {
        let places = &self.buildings[&grid.code];
        let place = places[chance.below(places.len() as u64) as usize];
        &self.profile.places.buildings()[place]
    }

    /// Where a report at a building points to: a few metres off it, as a finger does on a map.
    pub(crate) fn location(&self, building: &Building, at: Instant, chance: &mut Chance) -> Location {
        let mut off = || (chance.unit() * 2.0 - 1.0) * self.spread;
        let point = building.point;
        let near = Point::new(point.longitude() + off(), point.latitude() + off()).unwrap_or(point);
        let (found, point) = match self.profile.territory.locate(near, at) {
            Ok(path) => (Ok(path), near),
            Err(_) => (self.profile.territory.locate(point, at), point),
        };
        match found {
            Ok(path) => Location::At(Place {
                point: Some(point),
                path: path.codes().map(str::to_owned).collect(),
                layers: path.layers.iter().map(|area| area.code.clone()).collect(),
                building: Some(building.code.clone()),
            }),
            Err(_) => Location::Unknown,
        }
    }

    /// A point that lies outside, and how the edge says so.
    pub(crate) fn outside(&self, at: Instant, chance: &mut Chance) -> Location {
        let bounds = self.profile.settings.bounds;
        let point = Point::new(bounds[2] + 0.01 + chance.unit() * 0.05, bounds[3] + 0.01);
        match point.map(|point| self.profile.territory.locate(point, at)) {
            Ok(Err(outside)) => Location::Outside {
                metres: outside.metres.round() as u64,
                bearing: outside.bearing.round() as u16 % 360,
            },
            _ => Location::Unknown,
        }
    }
}

/// Between two rounds of the timekeeper.
const ROUND: SignedDuration = SignedDuration::from_mins(240);

/// Posts by the smallest area they are for.
fn workers(profile: &Profile) -> HashMap<String, Vec<String>> {
    let last = profile.territory.levels().len().saturating_sub(1);
    let is_last = |code: &str| profile.territory.versions(code).any(|area| area.rank == Rank::Level(last));
    let mut workers: HashMap<String, Vec<String>> = HashMap::new();
    for post in profile.posts.all() {
        if let Some(area) = post.area.as_ref().filter(|area| is_last(area)) {
            workers.entry(area.clone()).or_default().push(post.key.clone());
        }
    }
    workers
}

/// About one in twenty days has one, of 20 minutes to three hours; the first within the first ten days. Half of them are declared
/// within the hour, the others when somebody finds the time.
fn outages(seed: u64, from: Instant, days: u32) -> Vec<Outage> {
    let mut chance = Chance::seeded(seed, "outages");
    let mut outages = Vec::new();
    let mut day = chance.below(10.min(u64::from(days).max(1)));
    while day < u64::from(days) {
        let start = from + SignedDuration::from_mins((day * 24 * 60 + 8 * 60 + chance.below(10 * 60)) as i64);
        let until = start + SignedDuration::from_mins(20 + chance.below(160) as i64);
        let later = if chance.happens(0.5) { 5 + chance.below(55) } else { 120 + chance.below(18 * 60) };
        outages.push(Outage { from: start, until, declared_at: until + SignedDuration::from_mins(later as i64) });
        day += 10 + chance.below(20);
    }
    outages
}
