//! One pass over the requests: what is needed of them to make a profile, and no request itself.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Point;

use super::limits::{Counter, Target, Version};
use crate::requests::Request;

/// How often each word was met.
pub type Tally = BTreeMap<String, usize>;

/// What the requests say together. Places and targets are taken from **odd rows** alone, so that the even rows can put the
/// profile to the test; names are taken from all.
#[derive(Default)]
pub struct Survey {
    pub rows: usize,
    /// Names of areas at each point.
    pub areas: Labels,
    /// Names of each layer's areas at each point.
    pub layers: BTreeMap<String, Labels>,
    pub matters: BTreeMap<String, MatterSurvey>,
    /// Sections of each department.
    pub queues: BTreeMap<String, Tally>,
    /// Points of each street address.
    pub addresses: BTreeMap<String, Points>,
}

#[derive(Default)]
pub struct MatterSurvey {
    pub departments: Tally,
    pub classes: Tally,
    /// In the order of the file.
    pub targets: Vec<Target>,
}

/// Names met at each point.
#[derive(Default)]
pub struct Labels(BTreeMap<[i64; 2], Tally>);

/// How often each point was met.
#[derive(Default)]
pub struct Points(BTreeMap<[i64; 2], usize>);

impl Survey {
    pub fn add(&mut self, request: &Request) {
        self.rows += 1;
        let matter = self.matters.entry(request.matter.clone()).or_default();
        count(&mut matter.departments, &request.department);
        if !request.class.is_empty() {
            count(&mut matter.classes, &request.class);
        }
        let queues = self.queues.entry(request.department.clone()).or_default();
        if !request.queue.is_empty() {
            count(queues, &request.queue);
        }
        if request.row.is_multiple_of(2) {
            return;
        }
        matter.targets.extend(request.target.map(|due| Target { opened: request.opened, due }));
        let Some(point) = request.located.point() else { return };
        if let Some(area) = &request.area {
            self.areas.add(point, area);
        }
        for (layer, name) in &request.layers {
            self.layers.entry(layer.clone()).or_default().add(point, name);
        }
        if !request.address.is_empty() {
            self.addresses.entry(request.address.clone()).or_default().add(point);
        }
    }
}

impl Survey {
    /// The limits behind every matter's targets.
    pub fn versions(&self, counter: &Counter<'_>) -> BTreeMap<String, Vec<Version>> {
        self.matters.iter().map(|(name, matter)| (name.clone(), matter.versions(counter))).collect()
    }
}

impl MatterSurvey {
    /// The limits behind the matter's targets.
    pub fn versions(&self, counter: &Counter<'_>) -> Vec<Version> {
        let mut targets = self.targets.clone();
        targets.sort_by_key(|target| (target.opened, target.due));
        counter.versions(&targets)
    }
}

fn count(tally: &mut Tally, word: &str) {
    match tally.get_mut(word) {
        Some(times) => *times += 1,
        None => {
            tally.insert(word.to_owned(), 1);
        }
    }
}

/// The word met most often; of several the first in the alphabet.
pub fn commonest(tally: &Tally) -> Option<&str> {
    let best = tally.iter().max_by_key(|(word, times)| (**times, std::cmp::Reverse(*word)));
    best.map(|(word, _)| word.as_str())
}

impl Labels {
    fn add(&mut self, point: Point, name: &str) {
        count(self.0.entry(key(point)).or_default(), name);
    }

    /// Every name met, in order.
    pub fn names(&self) -> BTreeSet<&str> {
        self.0.values().flat_map(|tally| tally.keys().map(String::as_str)).collect()
    }

    /// Each point with the name it was given most often.
    pub fn places(&self) -> impl Iterator<Item = (Point, &str)> {
        self.0.iter().filter_map(|(key, tally)| Some((place(*key)?, commonest(tally)?)))
    }

    pub fn at(&self, point: Point) -> Option<&str> {
        commonest(self.0.get(&key(point))?)
    }
}

impl Points {
    fn add(&mut self, point: Point) {
        *self.0.entry(key(point)).or_default() += 1;
    }

    /// The point met most often; of several the south-westernmost.
    pub fn commonest(&self) -> Option<Point> {
        let best = self.0.iter().max_by_key(|(key, times)| (**times, std::cmp::Reverse(**key)));
        best.and_then(|(key, _)| place(*key))
    }
}

/// Degrees in units of a hundred-millionth: about a millimetre.
const FINENESS: f64 = 1e8;

fn key(point: Point) -> [i64; 2] {
    [point.longitude(), point.latitude()].map(|degrees| (degrees * FINENESS).round() as i64)
}

fn place([x, y]: [i64; 2]) -> Option<Point> {
    Point::new(x as f64 / FINENESS, y as f64 / FINENESS).ok()
}
