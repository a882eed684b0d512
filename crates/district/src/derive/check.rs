//! Puts a derived profile to the test of the requests that it was not made from, and of all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::limits::{Counter, Target, Term, Version, version_on};
use crate::requests::Request;

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    pub of: usize,
    pub agree: usize,
}

impl Share {
    pub fn add(&mut self, agrees: bool) {
        self.of += 1;
        self.agree += usize::from(agrees);
    }

    /// 1 where there is nothing to disagree about.
    pub fn ratio(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.agree as f64 / self.of as f64 }
    }
}

/// Whether requests lie in the areas that they are recorded in.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AreaCheck {
    pub share: Share,
    /// Requests with a place but no area on record.
    pub unrecorded: usize,
    /// Requests that lie in no area at all.
    pub outside: usize,
    /// By border: recorded area, area found, and how often.
    pub borders: BTreeMap<String, BTreeMap<String, usize>>,
}

impl AreaCheck {
    /// `found` is the name of the area that the request's point lies in.
    pub fn add(&mut self, recorded: Option<&str>, found: Option<&str>) {
        match (recorded, found) {
            (None, _) => self.unrecorded += 1,
            (Some(_), None) => {
                self.share.add(false);
                self.outside += 1;
            }
            (Some(recorded), Some(found)) => {
                self.share.add(recorded == found);
                if recorded != found {
                    *self.borders.entry(recorded.to_owned()).or_default().entry(found.to_owned()).or_default() += 1;
                }
            }
        }
    }
}

/// Why a target is not the one predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Miss {
    /// The target is the moment of entry: closed while it was entered.
    AtOpening,
    /// Up to half an hour off: the opening on record is not the instant that the target was counted from.
    SomeMinutesOff,
    /// Another number of business days: moved by hand.
    OtherBusinessDays,
    /// A number of whole days.
    WholeDays,
    /// No rule seen.
    ByHand,
}

/// Targets of one matter against its limits in business days.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MatterCheck {
    /// Days by the first day each counted, the first since ever.
    pub business_days: Vec<(Option<String>, u32)>,
    /// Rows that the limits were not found on.
    pub even_rows: Share,
    pub all_rows: Share,
    pub misses: BTreeMap<Miss, usize>,
}

/// Targets against the limits found. Only versions of a fixed number of business days are looked at: those that explain
/// more than half of the targets they were found on.
pub struct LimitCheck<'a> {
    versions: &'a BTreeMap<String, Vec<Version>>,
    counter: Counter<'a>,
    pub matters: BTreeMap<String, MatterCheck>,
    pub even_rows: Share,
    pub all_rows: Share,
    /// Rows with a target whose matter had, on the day, no such limit.
    pub other_rules: usize,
}

impl<'a> LimitCheck<'a> {
    pub fn new(versions: &'a BTreeMap<String, Vec<Version>>, counter: Counter<'a>) -> LimitCheck<'a> {
        let zero = Share::default();
        LimitCheck { versions, counter, matters: BTreeMap::new(), even_rows: zero, all_rows: zero, other_rules: 0 }
    }

    pub fn add(&mut self, request: &Request) {
        let Some(due) = request.target else { return };
        let target = Target { opened: request.opened, due };
        let Some(term) = self.fixed(request) else {
            self.other_rules += 1;
            return;
        };
        let predicted = self.counter.fits(target, term);
        let miss = (!predicted).then(|| self.miss(target, term));
        let versions = &self.versions[&request.matter];
        let check = self.matters.entry(request.matter.clone()).or_insert_with(|| MatterCheck::of(versions));
        check.all_rows.add(predicted);
        self.all_rows.add(predicted);
        if request.row.is_multiple_of(2) {
            check.even_rows.add(predicted);
            self.even_rows.add(predicted);
        }
        if let Some(miss) = miss {
            *check.misses.entry(miss).or_default() += 1;
        }
    }

    fn fixed(&self, request: &Request) -> Option<Term> {
        let date = self.counter.calendar.date(request.opened);
        let version = version_on(self.versions.get(&request.matter)?, date)?;
        is_fixed(version).then_some(version.term)
    }

    fn miss(&self, target: Target, term: Term) -> Miss {
        let within = |minutes: i64, a: kernel::Instant| a.since(target.due).as_secs().abs() <= 60 * minutes;
        if within(15, target.opened) {
            return Miss::AtOpening;
        }
        if within(30, self.counter.predict(target.opened, term)) {
            return Miss::SomeMinutesOff;
        }
        match self.counter.terms(target).first() {
            Some(Term::BusinessDays(_)) => Miss::OtherBusinessDays,
            Some(Term::Days(_)) => Miss::WholeDays,
            None => Miss::ByHand,
        }
    }
}

fn is_fixed(version: &Version) -> bool {
    matches!(version.term, Term::BusinessDays(_)) && 2 * version.predicted > version.targets
}

impl MatterCheck {
    fn of(versions: &[Version]) -> MatterCheck {
        let fixed = versions.iter().filter(|version| is_fixed(version)).filter_map(|version| match version.term {
            Term::BusinessDays(days) => Some((version.from.map(|date| date.to_string()), days)),
            Term::Days(_) => None,
        });
        MatterCheck { business_days: fixed.collect(), ..MatterCheck::default() }
    }
}
