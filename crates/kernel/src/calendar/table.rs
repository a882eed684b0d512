//! The plan laid out day by day, so that counting is arithmetic on sorted lists.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::plan::{CalendarError, CalendarPlan, Opening};
use crate::Instant;

const MINUTE: i64 = 60_000_000;
pub(super) const DAY: i64 = 24 * 60 * MINUTE;

/// How time is counted in a district: the plan's answers over all its years, in microseconds UTC.
#[derive(Clone, Debug)]
pub struct Calendar {
    plan: CalendarPlan,
    zone: TimeZone,
    first: Date,
    /// Midnight that begins each day of the plan's years, and the one that ends the last.
    pub(super) midnight: Vec<i64>,
    /// Year of each day.
    pub(super) year: Vec<i16>,
    /// Working days before each day, and in all.
    pub(super) worked_days: Vec<u32>,
    pub(super) working: Vec<WorkingDay>,
    pub(super) openings: Vec<OpenSpan>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct WorkingDay {
    /// Index of the day.
    pub day: usize,
    /// End of its last opening.
    pub close: i64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct OpenSpan {
    pub from: i64,
    pub to: i64,
    /// Open time before `from`.
    pub before: i64,
}

impl Calendar {
    pub fn build(plan: CalendarPlan) -> Result<Calendar, CalendarError> {
        let zone = plan.check()?;
        let (first_year, last_year) = plan.years;
        let first = Date::constant(first_year, 1, 1);
        let mut calendar = Calendar {
            plan,
            zone,
            first,
            midnight: Vec::new(),
            year: Vec::new(),
            worked_days: Vec::new(),
            working: Vec::new(),
            openings: Vec::new(),
        };
        let end = Date::constant(last_year + 1, 1, 1);
        let mut date = first;
        let mut midnight = calendar.wall(first, 0);
        while date < end {
            let tomorrow = date.tomorrow().expect("the years end before jiff's");
            let next = calendar.wall(tomorrow, 0);
            calendar.lay_out(date, midnight, next);
            (date, midnight) = (tomorrow, next);
        }
        calendar.midnight.push(midnight);
        calendar.worked_days.push(calendar.working.len() as u32);
        Ok(calendar)
    }

    fn lay_out(&mut self, date: Date, midnight: i64, next: i64) {
        let day = self.midnight.len();
        self.midnight.push(midnight);
        self.year.push(date.year());
        self.worked_days.push(self.working.len() as u32);
        let mut before = self.openings.last().map_or(0, |span| span.before + span.to - span.from);
        for span in self.plan.openings(date) {
            let (from, to) = self.span(date, midnight, next, *span);
            self.openings.push(OpenSpan { from, to, before });
            before += to - from;
        }
        if !self.plan.openings(date).is_empty() {
            let close = self.openings.last().map_or(next, |span| span.to);
            self.working.push(WorkingDay { day, close });
        }
    }

    fn span(&self, date: Date, midnight: i64, next: i64, span: Opening) -> (i64, i64) {
        if next - midnight == DAY {
            // No change of the clocks on this day: local minutes are real minutes.
            let from = midnight + span.from_minute() as i64 * MINUTE;
            return (from, midnight + span.to_minute() as i64 * MINUTE);
        }
        (self.wall(date, span.from_minute() as i64 * MINUTE), self.wall(date, span.to_minute() as i64 * MINUTE))
    }

    /// The instant at which clocks on the wall show `micros` after midnight on `date`; the later one where the clocks are
    /// put forward over it, the earlier one where they show it twice.
    pub(super) fn wall(&self, date: Date, micros: i64) -> i64 {
        let (date, micros) = match micros < DAY {
            true => (date, micros),
            false => (date.tomorrow().expect("a date of the plan's years"), micros - DAY),
        };
        let time = Time::midnight() + jiff::SignedDuration::from_micros(micros);
        let timestamp = self.zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible();
        timestamp.expect("a date of the plan's years").as_microsecond()
    }

    pub fn plan(&self) -> &CalendarPlan {
        &self.plan
    }

    /// The local date of an instant.
    pub fn date(&self, instant: Instant) -> Date {
        self.zone.to_datetime(instant.timestamp()).date()
    }

    pub fn is_working_day(&self, date: Date) -> bool {
        !self.plan.openings(date).is_empty()
    }

    /// When the offices are open on a date: from, to (exclusive), in order.
    pub fn openings(&self, date: Date) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        let instant = move |minute: u16| Instant::from_micros(self.wall(date, minute as i64 * MINUTE));
        self.plan.openings(date).iter().map(move |span| (instant(span.from_minute()), instant(span.to_minute())))
    }

    /// Whether the offices are open; at the instant of closing they are not.
    pub fn is_open(&self, at: Instant) -> bool {
        self.opening_before(at.micros()).is_some_and(|span| at.micros() < span.to)
    }

    /// `at` where the offices are open then, else the next opening; `at` itself after the plan's last.
    pub fn next_open(&self, at: Instant) -> Instant {
        if self.is_open(at) {
            return at;
        }
        let next = self.openings.partition_point(|span| span.from <= at.micros());
        self.openings.get(next).map_or(at, |span| Instant::from_micros(span.from))
    }

    /// The last opening that began at or before an instant.
    pub(super) fn opening_before(&self, micros: i64) -> Option<&OpenSpan> {
        self.openings[..self.openings.partition_point(|span| span.from <= micros)].last()
    }

    /// Index of the day an instant lies in; the first or last day outside the plan's years.
    pub(super) fn day(&self, micros: i64) -> usize {
        let last = self.year.len() - 1;
        let guess = (micros - self.midnight[0]).div_euclid(DAY).clamp(0, last as i64) as usize;
        // Clocks put forward or back leave the guess one day off at most.
        if micros < self.midnight[guess] {
            guess.saturating_sub(1)
        } else if micros >= self.midnight[guess + 1] {
            (guess + 1).min(last)
        } else {
            guess
        }
    }

    pub(super) fn date_of(&self, day: usize) -> Date {
        self.first.saturating_add(jiff::Span::new().days(day as i64))
    }

    /// Microseconds that clocks on the wall show after midnight.
    pub(super) fn time_of_day(&self, micros: i64) -> i64 {
        let day = self.day(micros);
        if self.midnight[day + 1] - self.midnight[day] == DAY {
            return micros - self.midnight[day];
        }
        let time = self.zone.to_datetime(Instant::from_micros(micros).timestamp()).time();
        time.duration_since(Time::midnight()).as_micros() as i64
    }

    /// The instant at which clocks on the wall show `time` on a day.
    pub(super) fn at_time(&self, day: usize, time: i64) -> i64 {
        if self.midnight[day + 1] - self.midnight[day] == DAY {
            return self.midnight[day] + time;
        }
        self.wall(self.date_of(day), time)
    }
}
