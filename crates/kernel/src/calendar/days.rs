//! Counting in days, by their index in the table.

use std::ops::Range;

use super::count::{Base, Excluded, Stay, merge};
use super::table::Calendar;
use crate::{Instant, Unit};

impl Calendar {
    /// The due instant, and the days whose being worked was looked at. A suspension keeps the days that were left after
    /// the day it began, and counts them on from the day it ends.
    pub(super) fn count_days(&self, unit: Unit, start: i64, days: usize, excluded: &[Excluded]) -> (i64, Range<usize>) {
        let rolling = unit == Unit::RollingWorkingDay;
        let anchor = if rolling { self.next_open(Instant::from_micros(start)).micros() } else { start };
        let time = self.time_of_day(anchor);
        let lost = self.lost_days(excluded);
        let count = DayCount { calendar: self, unit, time, lost };
        let mut last = count.after(self.day(anchor), anchor, days);
        for stay in suspensions(excluded) {
            if stay.end <= anchor {
                continue;
            }
            if stay.start > last.end {
                break;
            }
            let left = count.counted(self.day(stay.start.max(anchor)) + 1..last.nominal + 1);
            last = count.after(self.day(stay.end), stay.end, left);
        }
        let first = match unit {
            Unit::CalendarDay => last.nominal,
            Unit::RollingWorkingDay => self.day(start),
            _ => (self.day(start) + 1).min(last.day),
        };
        (last.end, first..last.day + 1)
    }

    /// Days of a span that count and are neither lost nor suspended; the day of `from` is not counted, that of `to` is.
    pub(super) fn elapsed_days(&self, unit: Unit, from: i64, to: i64, excluded: &[Excluded]) -> i64 {
        let count = DayCount { calendar: self, unit, time: 0, lost: self.lost_days(excluded) };
        // A day that ends at 24:00 has not been followed by the next one yet.
        let days = self.day(from) + 1..self.day((to - 1).max(from)) + 1;
        let suspended = suspensions(excluded).into_iter().map(|out| self.day(out.start) + 1..self.day(out.end) + 1);
        let suspended: usize = merge(suspended.collect()).iter().map(|out| count.counted(clip(out, &days))).sum();
        (count.counted(days) - suspended) as i64
    }

    /// Close of business; none on a day off.
    fn close(&self, day: usize) -> Option<i64> {
        let working = self.working.get(self.worked_days[day] as usize)?;
        (working.day == day).then_some(working.close)
    }

    /// The days that outages leave out, in order.
    fn lost_days(&self, excluded: &[Excluded]) -> Vec<usize> {
        let mut lost = Vec::new();
        for out in outages(excluded) {
            let days = self.day(out.start)..self.day(out.end - 1) + 1;
            lost.extend(days.filter(|day| self.is_lost(*day, &out)));
        }
        lost.dedup();
        lost
    }

    /// Whether a day does not count because the platform was down.
    fn is_lost(&self, day: usize, out: &Range<i64>) -> bool {
        let (midnight, next) = (self.midnight[day], self.midnight[day + 1]);
        if self.close(day).is_none() {
            return out.start <= midnight && next <= out.end;
        }
        self.plain_measure(Base::Open, out.start.max(midnight), out.end.min(next)) > 0
    }

    /// How many of these days count in `unit`, lost or not.
    fn counted(&self, unit: Unit, days: Range<usize>) -> usize {
        let days = days.start.min(self.year.len())..days.end.min(self.year.len());
        if days.is_empty() {
            0
        } else if unit == Unit::CalendarDay {
            days.len()
        } else {
            (self.worked_days[days.end] - self.worked_days[days.start]) as usize
        }
    }
}

/// One way of counting days.
struct DayCount<'a> {
    calendar: &'a Calendar,
    unit: Unit,
    /// The time of day at which a rolling day ends.
    time: i64,
    lost: Vec<usize>,
}

/// The day a count ends on.
struct LastDay {
    /// Before it moved on to a working day.
    nominal: usize,
    day: usize,
    end: i64,
}

impl DayCount<'_> {
    /// The last of `n` days after `day`; of no days, the first day that ends at or after `at`.
    fn after(&self, day: usize, at: i64, n: usize) -> LastDay {
        if n > 0 {
            return self.ends_on(self.nth(self.unit, day, n));
        }
        let today = self.ends_on(day);
        let counts = !self.is_lost(day) && (self.unit == Unit::CalendarDay || self.calendar.close(day).is_some());
        if counts && today.end >= at { today } else { self.ends_on(self.nth(self.unit, day, 1)) }
    }

    fn ends_on(&self, nominal: usize) -> LastDay {
        let calendar = self.calendar;
        let moves = calendar.plan().rules.last_day_off_moves;
        let (day, end) = match (self.unit, calendar.close(nominal)) {
            (Unit::RollingWorkingDay, _) => (nominal, calendar.at_time(nominal, self.time)),
            (_, Some(close)) => (nominal, close),
            (_, None) if moves => {
                let day = self.nth(Unit::WorkingDay, nominal, 1);
                (day, calendar.close(day).unwrap_or(calendar.end()))
            }
            (_, None) => (nominal, calendar.midnight[nominal + 1] - 1),
        };
        LastDay { nominal, day, end }
    }

    /// The n-th day after `day` that counts; the last day of the plan's years beyond them. `n` is not zero.
    fn nth(&self, unit: Unit, day: usize, n: usize) -> usize {
        let mut n = n;
        for lost in self.lost.iter().filter(|lost| **lost > day && self.calendar.counted(unit, **lost..**lost + 1) == 1)
        {
            if *lost > self.plain_nth(unit, day, n) {
                break;
            }
            n += 1;
        }
        self.plain_nth(unit, day, n)
    }

    fn plain_nth(&self, unit: Unit, day: usize, n: usize) -> usize {
        let last = self.calendar.year.len() - 1;
        if unit == Unit::CalendarDay {
            return day.saturating_add(n).min(last);
        }
        let index = (self.calendar.worked_days[day + 1] as usize).saturating_add(n - 1);
        self.calendar.working.get(index).map_or(last, |working| working.day)
    }

    fn is_lost(&self, day: usize) -> bool {
        self.lost.binary_search(&day).is_ok()
    }

    /// How many of these days count.
    fn counted(&self, days: Range<usize>) -> usize {
        let lost = self.lost.iter().filter(|lost| days.contains(*lost));
        let lost: usize = lost.map(|day| self.calendar.counted(self.unit, *day..*day + 1)).sum();
        self.calendar.counted(self.unit, days.clone()) - lost
    }
}

fn clip(range: &Range<usize>, to: &Range<usize>) -> Range<usize> {
    range.start.max(to.start)..range.end.min(to.end)
}

fn suspensions(excluded: &[Excluded]) -> Vec<Range<i64>> {
    merge(excluded.iter().filter(|out| out.stay != Stay::Outage).map(Excluded::range).collect())
}

fn outages(excluded: &[Excluded]) -> Vec<Range<i64>> {
    merge(excluded.iter().filter(|out| out.stay == Stay::Outage).map(Excluded::range).collect())
}
