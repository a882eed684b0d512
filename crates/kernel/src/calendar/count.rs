//! When a limit is due, and how much of it is used up.

use std::ops::Range;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::table::Calendar;
use crate::{Instant, Limit, Unit};

/// When a limit runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last instant that is still in time.
    pub at: Instant,
    /// A year without a published list of holidays was counted in: to be computed again when the list comes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// A span that does not count, from `from` to before `to`, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    pub from: Instant,
    pub to: Instant,
    pub stay: Stay,
}

/// Why time does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stay {
    /// The work is suspended (缓办). In units of days, as many days are left on the day it ends as were on
    /// the day it began.
    Suspension,
    /// A return was under review and was granted (PRACTICE 6). Counted as a suspension.
    Review,
    /// The platform was down (PRACTICE 17). In units of days, a working day does not count when the platform was down in
    /// any of its opening hours, a day off when it was down all day.
    Outage,
}

/// How much of a limit a span of time takes, in the limit's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spent {
    /// Of a unit of hours: the time counted.
    Time(SignedDuration),
    /// Of a unit of days: the days counted, the one under way included.
    Days(i64),
}

impl Excluded {
    pub(super) fn range(&self) -> Range<i64> {
        self.from.micros()..self.to.micros()
    }
}

impl Calendar {
    /// When a limit that starts at `start` is due.
    ///
    /// - `continuous_hour`: so many hours later.
    /// - `working_hour`: when so many open hours have passed; at close of business, not at the next opening, when the last
    ///   of them ends a day.
    /// - `working_day`: close of business of the n-th working day after the day of the start; hours where the plan's
    ///   `working_day_in_hours` says so.
    /// - `calendar_day`: close of business of the n-th day after; a day off moves to the next working day or, where the
    ///   plan's `last_day_off_moves` is not set, ends with its last microsecond.
    /// - `rolling_working_day`: n working days later at the same time of day, counted from the next opening when the
    ///   offices are closed.
    ///
    /// No days at all mean the day of the start, or the next working day when its close of business has passed. Beyond
    /// the plan's years the answer is their end, and provisional.
    pub fn due(&self, start: Instant, limit: &Limit) -> Due {
        self.due_excluding(start, limit, &[])
    }

    /// As [`Calendar::due`], leaving out spans that do not count. A clock started within one starts at its end.
    pub fn due_excluding(&self, start: Instant, limit: &Limit, excluded: &[Excluded]) -> Due {
        let start = start.micros();
        let limit = self.in_hours_where_the_plan_says_so(*limit);
        let (at, looked_at) = match (limit.duration(), limit.days()) {
            (Some(length), _) => {
                let base = Base::of(limit.unit());
                let at = self.add(base, start, length.as_micros() as i64, &union(excluded));
                let days = if base == Base::Open { self.day(start)..self.day(at) + 1 } else { 0..0 };
                (at, days)
            }
            (None, days) => {
                let within = union(excluded).into_iter().find(|out| out.contains(&start));
                let start = within.map_or(start, |out| out.end);
                self.count_days(limit.unit(), start, days.unwrap_or_default() as usize, excluded)
            }
        };
        let end = self.end();
        let provisional = at >= end || self.unpublished(looked_at);
        Due { at: Instant::from_micros(at.min(end).max(start)), provisional }
    }

    /// How much of a limit of `unit` is used up from `from` to `to`; negative when `to` comes first.
    pub fn elapsed(&self, unit: Unit, from: Instant, to: Instant) -> Spent {
        self.elapsed_excluding(unit, from, to, &[])
    }

    /// As [`Calendar::elapsed`], leaving out spans that do not count.
    pub fn elapsed_excluding(&self, unit: Unit, from: Instant, to: Instant, excluded: &[Excluded]) -> Spent {
        if to < from {
            return match self.elapsed_excluding(unit, to, from, excluded) {
                Spent::Time(time) => Spent::Time(-time),
                Spent::Days(days) => Spent::Days(-days),
            };
        }
        let unit = self.in_hours_where_the_plan_says_so(Limit::new(0, unit)).unit();
        if !unit.counts_days() {
            let time = self.measure(Base::of(unit), from.micros(), to.micros(), &union(excluded));
            return Spent::Time(SignedDuration::from_micros(time));
        }
        Spent::Days(self.elapsed_days(unit, from.micros(), to.micros(), excluded))
    }

    /// The instant at which `percent` of the time from `from` to `due` is used up: open time, save for units that count
    /// the clock or the calendar round. For reminders; never after `due`.
    pub fn at_share(&self, unit: Unit, from: Instant, due: Instant, percent: u8, excluded: &[Excluded]) -> Instant {
        let (base, excluded) = (Base::of(unit), union(excluded));
        let whole = self.measure(base, from.micros(), due.micros(), &excluded);
        let part = (whole as i128 * percent.min(100) as i128 / 100) as i64;
        Instant::from_micros(self.add(base, from.micros(), part, &excluded)).min(due)
    }

    fn in_hours_where_the_plan_says_so(&self, limit: Limit) -> Limit {
        match (limit.unit(), limit.days(), self.plan().rules.working_day_in_hours) {
            (Unit::WorkingDay, Some(days), Some(hours)) => {
                Limit::new(days.saturating_mul(hours as u32), Unit::WorkingHour)
            }
            _ => limit,
        }
    }

    pub(super) fn end(&self) -> i64 {
        self.midnight[self.year.len()]
    }

    /// Whether any of these days lies in a year without a published list.
    fn unpublished(&self, days: Range<usize>) -> bool {
        let last = self.year.len() - 1;
        !days.is_empty()
            && (self.year[days.start.min(last)]..=self.year[(days.end - 1).min(last)])
                .any(|year| !self.plan().published.contains(&year))
    }
}

/// What an hour consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Continuous,
    Open,
}

impl Base {
    fn of(unit: Unit) -> Base {
        match unit {
            Unit::ContinuousHour | Unit::CalendarDay => Base::Continuous,
            Unit::WorkingHour | Unit::WorkingDay | Unit::RollingWorkingDay => Base::Open,
        }
    }
}

/// Hours, in microseconds.
impl Calendar {
    /// The first instant at which `length` has been counted since `start`.
    fn add(&self, base: Base, start: i64, length: i64, excluded: &[Range<i64>]) -> i64 {
        let (mut at, mut left) = (start, length);
        for out in excluded {
            if out.end <= at {
                continue;
            }
            let counted = self.plain_measure(base, at, out.start.max(at));
            if counted >= left && out.start > at {
                break;
            }
            left -= counted;
            at = out.end;
        }
        self.plain_add(base, at, left)
    }

    fn measure(&self, base: Base, from: i64, to: i64, excluded: &[Range<i64>]) -> i64 {
        let out: i64 = excluded
            .iter()
            .map(|out| (out.start.max(from), out.end.min(to)))
            .filter(|(from, to)| from < to)
            .map(|(from, to)| self.plain_measure(base, from, to))
            .sum();
        self.plain_measure(base, from, to) - out
    }

    fn plain_add(&self, base: Base, at: i64, length: i64) -> i64 {
        if base == Base::Continuous || length == 0 {
            return at.saturating_add(length);
        }
        let target = self.open_before(at) + length;
        // The last span that begins with less than the target counted is the one in which the target is reached.
        match self.openings[..self.openings.partition_point(|span| span.before < target)].last() {
            Some(span) if target <= span.before + span.to - span.from => span.from + target - span.before,
            _ => self.end(),
        }
    }

    pub(super) fn plain_measure(&self, base: Base, from: i64, to: i64) -> i64 {
        if base == Base::Continuous { to - from } else { self.open_before(to) - self.open_before(from) }
    }

    /// Open time before an instant.
    fn open_before(&self, at: i64) -> i64 {
        self.opening_before(at).map_or(0, |span| span.before + at.min(span.to) - span.from)
    }
}

fn union(excluded: &[Excluded]) -> Vec<Range<i64>> {
    merge(excluded.iter().map(Excluded::range).collect())
}

/// Ranges in order; those that touch become one, empty ones none.
pub(super) fn merge<T: Ord + Copy>(mut ranges: Vec<Range<T>>) -> Vec<Range<T>> {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<T>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
