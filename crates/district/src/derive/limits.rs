//! Which limit stood behind the targets of a matter, and when it changed.

use jiff::tz::TimeZone;
use kernel::{Calendar, Date, Instant, Limit, Unit};

/// A target within so many seconds of the one predicted is predicted.
pub const TOLERANCE_SECONDS: i64 = 120;

/// A change of the limit has to explain more targets than this to be believed.
const CHANGE_COST: u32 = 8;

/// Terms seen on fewer targets than this are somebody's exception, not a rule; and a matter has had no more rules than this.
const RARE: usize = 3;
const MOST_TERMS: usize = 16;

/// Longest terms looked for: half a year of business days, and three years.
const MOST_BUSINESS_DAYS: u32 = 130;
const MOST_DAYS: i32 = 1_100;

/// One target set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub opened: Instant,
    pub due: Instant,
}

/// How a target may follow from the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// So many business days later (`rolling_working_day`).
    BusinessDays(u32),
    /// So many days later when clocks on the wall show the same time.
    Days(u32),
}

impl Term {
    /// As a limit of a profile. Days become 24 hours each, so across a clock change the two are an hour apart.
    pub fn limit(self) -> Limit {
        match self {
            Term::BusinessDays(days) => Limit::new(days, Unit::RollingWorkingDay),
            Term::Days(days) => Limit::new(days.saturating_mul(24), Unit::ContinuousHour),
        }
    }
}

/// The term that stood from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// None: since ever.
    pub from: Option<Date>,
    pub term: Term,
    /// Targets it was found from, and those of them it predicts.
    pub targets: usize,
    pub predicted: usize,
}

/// Counts terms by a calendar.
pub struct Counter<'a> {
    pub calendar: &'a Calendar,
    pub zone: TimeZone,
}

impl Counter<'_> {
    pub fn predict(&self, opened: Instant, term: Term) -> Instant {
        match term {
            Term::BusinessDays(_) => self.calendar.due(opened, &term.limit()).at,
            Term::Days(days) => {
                let local = self.zone.to_datetime(opened.timestamp()) + jiff::Span::new().days(i64::from(days));
                let zoned = self.zone.to_ambiguous_zoned_datetime(local).compatible();
                zoned.map_or(opened, |zoned| Instant::from_timestamp(zoned.timestamp()))
            }
        }
    }

    /// Whether `term` leads from the opening to the target.
    pub fn fits(&self, target: Target, term: Term) -> bool {
        near(self.predict(target.opened, term), target.due)
    }

    /// Every term that does: at most one in each kind.
    pub fn terms(&self, target: Target) -> Vec<Term> {
        let days = self.wall_days(target);
        let candidates = [self.business_days(target).map(Term::BusinessDays), days.map(Term::Days)];
        candidates.into_iter().flatten().filter(|term| self.fits(target, *term)).collect()
    }

    /// The number of business days whose end comes nearest to the target.
    pub fn business_days(&self, target: Target) -> Option<u32> {
        let due = |days| self.predict(target.opened, Term::BusinessDays(days));
        let latest = target.due + jiff::SignedDuration::from_secs(TOLERANCE_SECONDS);
        let days: Vec<u32> = (1..=MOST_BUSINESS_DAYS).collect();
        let within = days.partition_point(|days| due(*days) <= latest);
        days.get(within.checked_sub(1)?).copied()
    }

    fn wall_days(&self, target: Target) -> Option<u32> {
        let date = |at: Instant| self.zone.to_datetime(at.timestamp()).date();
        let span = date(target.due).since((jiff::Unit::Day, date(target.opened))).ok()?.get_days();
        (1..=MOST_DAYS).contains(&span).then_some(span as u32)
    }

    /// The versions of a matter's limit, from its targets in the order of their openings: the sequence of terms that
    /// leaves the fewest targets unexplained, each change of term costing as much as eight of them.
    pub fn versions(&self, targets: &[Target]) -> Vec<Version> {
        let seen: Vec<Vec<Term>> = targets.iter().map(|target| self.terms(*target)).collect();
        let terms = frequent(&seen);
        let path = cheapest(&seen, &terms);
        let mut versions: Vec<Version> = Vec::new();
        for (index, term) in path.into_iter().enumerate() {
            let predicted = usize::from(seen[index].contains(&term));
            match versions.last_mut().filter(|version| version.term == term) {
                Some(version) => {
                    version.targets += 1;
                    version.predicted += predicted;
                }
                None => {
                    let from = (index > 0).then(|| self.calendar.date(targets[index].opened));
                    // A term that stood for part of a day only is not a version: the day belongs to the one after it.
                    versions.pop_if(|last| from.is_some() && last.from == from);
                    versions.push(Version { from, term, targets: 1, predicted });
                }
            }
        }
        versions
    }
}

pub fn near(a: Instant, b: Instant) -> bool {
    a.since(b).as_secs().abs() <= TOLERANCE_SECONDS
}

/// The version that stands on a day.
pub fn version_on(versions: &[Version], date: Date) -> Option<&Version> {
    versions.iter().rev().find(|version| version.from.is_none_or(|from| from <= date))
}

/// The terms that are more than exceptions, the commonest first.
fn frequent(seen: &[Vec<Term>]) -> Vec<Term> {
    let mut counts = std::collections::BTreeMap::<Term, usize>::new();
    for term in seen.iter().flatten() {
        *counts.entry(*term).or_default() += 1;
    }
    let mut counts: Vec<(Term, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(term, count)| (std::cmp::Reverse(*count), *term));
    let kept = counts.iter().filter(|(_, count)| *count >= RARE).count().clamp(1, MOST_TERMS);
    counts.into_iter().take(kept).map(|(term, _)| term).collect()
}

/// For each target the term in force, by dynamic programming; empty when no term was ever seen.
fn cheapest(seen: &[Vec<Term>], terms: &[Term]) -> Vec<Term> {
    if terms.is_empty() {
        return Vec::new();
    }
    let mut costs = vec![0_u32; terms.len()];
    let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(seen.len());
    for fitting in seen {
        let best = index_of_least(&costs);
        // A change comes as late as it can: what neither term explains is left to the one before.
        let step = |(at, cost): (usize, &u32)| match costs[best] + CHANGE_COST <= *cost {
            true => (costs[best] + CHANGE_COST, best),
            false => (*cost, at),
        };
        let (stepped, from): (Vec<u32>, Vec<usize>) = costs.iter().enumerate().map(step).unzip();
        costs = terms.iter().zip(stepped).map(|(term, cost)| cost + u32::from(!fitting.contains(term))).collect();
        came_from.push(from);
    }
    let mut at = index_of_least(&costs);
    let mut path = vec![terms[at]; seen.len()];
    for index in (0..seen.len()).rev() {
        path[index] = terms[at];
        at = came_from[index][at];
    }
    path
}

/// The first of the least.
fn index_of_least(costs: &[u32]) -> usize {
    costs.iter().enumerate().min_by_key(|(at, cost)| (**cost, *at)).map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{CalendarPlan, Opening};

    fn calendar() -> Calendar {
        let day: Vec<Opening> = vec!["08:30-17:00".parse().unwrap()];
        let week = std::array::from_fn(|weekday| if weekday < 5 { day.clone() } else { Vec::new() });
        let mut plan = CalendarPlan::new("America/New_York", week, Vec::new());
        plan.years = (2014, 2017);
        Calendar::build(plan).unwrap()
    }

    fn counter(calendar: &Calendar) -> Counter<'_> {
        Counter { calendar, zone: TimeZone::get("America/New_York").unwrap() }
    }

    /// An opening on each of the first days from 1 June 2015 at 10:00 local time, its target by the term `of` the day.
    fn targets(counter: &Counter<'_>, days: i64, of: impl Fn(i64) -> Term) -> Vec<Target> {
        let first: Instant = "2015-06-01T14:00:00Z".parse().unwrap();
        let opened = |day: i64| first + jiff::SignedDuration::from_hours(24 * day);
        (0..days).map(|day| Target { opened: opened(day), due: counter.predict(opened(day), of(day)) }).collect()
    }

    #[test]
    fn a_change_of_the_limit_is_dated() {
        let calendar = calendar();
        let counter = counter(&calendar);
        let targets =
            targets(&counter, 60, |day| if day < 30 { Term::BusinessDays(10) } else { Term::BusinessDays(5) });
        let versions = counter.versions(&targets);
        let found: Vec<_> = versions.iter().map(|version| (version.from, version.term, version.predicted)).collect();
        let changed = Date::constant(2015, 7, 1);
        assert_eq!(found, [(None, Term::BusinessDays(10), 30), (Some(changed), Term::BusinessDays(5), 30)]);
        assert_eq!(version_on(&versions, changed).unwrap().term, Term::BusinessDays(5));
        assert_eq!(version_on(&versions, changed.yesterday().unwrap()).unwrap().term, Term::BusinessDays(10));
    }

    #[test]
    fn exceptions_change_nothing() {
        let calendar = calendar();
        let counter = counter(&calendar);
        let targets = targets(&counter, 60, |day| if day % 10 == 0 { Term::Days(90) } else { Term::BusinessDays(3) });
        let versions = counter.versions(&targets);
        assert_eq!(versions, [Version { from: None, term: Term::BusinessDays(3), targets: 60, predicted: 54 }]);
    }

    #[test]
    fn whole_days_keep_the_time_on_the_wall_across_a_clock_change() {
        let calendar = calendar();
        let counter = counter(&calendar);
        let opened: Instant = "2015-03-01T15:00:00Z".parse().unwrap();
        let due = counter.predict(opened, Term::Days(30));
        assert_eq!(due, "2015-03-31T14:00:00Z".parse().unwrap());
        assert_eq!(counter.terms(Target { opened, due }), [Term::Days(30)]);
    }

    #[test]
    fn targets_that_follow_no_term_have_no_version() {
        let calendar = calendar();
        let counter = counter(&calendar);
        let opened: Instant = "2015-06-01T14:00:00Z".parse().unwrap();
        let due = opened + jiff::SignedDuration::from_secs(55);
        assert_eq!(counter.versions(&[Target { opened, due }]), []);
    }
}
