//! The calendar a second time, for checks alone: day by day on the plan itself, slowly and plainly, sharing no code with
//! [`crate::Calendar`] so that one mistake is not made twice. Tests and the simulator hold the two to the same answers.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::{CalendarPlan, Clock, Due, Excluded, Instant, Limit, Spent, Stay, Unit};

type Span = (Instant, Instant);

/// When a limit is due. Panics where the plan's zone is unknown; walks on for ever where no day is ever open.
pub fn due(plan: &CalendarPlan, start: Instant, limit: Limit, excluded: &[Excluded]) -> Due {
    let walk = Walk::new(plan, excluded);
    match (limit.unit(), plan.rules.working_day_in_hours) {
        (Unit::WorkingDay, Some(hours)) => {
            let hours = limit.days().unwrap_or(0) * u32::from(hours);
            walk.hours(start, Limit::new(hours, Unit::WorkingHour))
        }
        (Unit::WorkingHour | Unit::ContinuousHour, _) => walk.hours(start, limit),
        _ => walk.days(start, limit),
    }
}

/// How much of a limit of `unit` is used up from `from` to `to`, which must not come before it.
pub fn elapsed(plan: &CalendarPlan, unit: Unit, from: Instant, to: Instant, excluded: &[Excluded]) -> Spent {
    let walk = Walk::new(plan, excluded);
    let hours = unit == Unit::WorkingDay && plan.rules.working_day_in_hours.is_some();
    if hours || !unit.counts_days() {
        let mut micros = 0;
        let mut date = walk.date(from);
        while date <= walk.date(to) {
            for (a, b) in walk.pieces(date, unit) {
                micros += (b.min(to).micros() - a.max(from).micros()).max(0);
            }
            date = date.tomorrow().unwrap();
        }
        return Spent::Time(jiff::SignedDuration::from_micros(micros));
    }
    let suspended = |date: Date| {
        let suspensions = excluded.iter().filter(|out| out.stay != Stay::Outage && out.from < out.to);
        suspensions.into_iter().any(|out| walk.date(out.from) < date && date <= walk.date(out.to))
    };
    let mut days = 0;
    let mut date = walk.date(from);
    let last = walk.date(Instant::from_micros((to.micros() - 1).max(from.micros())));
    while date < last {
        date = date.tomorrow().unwrap();
        if walk.counts(date, unit) && !suspended(date) {
            days += 1;
        }
    }
    Spent::Days(days)
}

/// The due instant of a clock, from its limits, extensions and excluded spans.
pub fn due_of(plan: &CalendarPlan, clock: &Clock) -> Due {
    let mut legs = vec![clock.limit()];
    for extension in clock.extensions() {
        let last = legs.pop().unwrap();
        match last.plus(*extension) {
            Some(sum) => legs.push(sum),
            None => legs.extend([last, *extension]),
        }
    }
    let mut matter = Due { at: clock.started(), provisional: false };
    for leg in legs {
        let next = due(plan, matter.at, leg, clock.excluded());
        matter = Due { at: next.at, provisional: matter.provisional || next.provisional };
    }
    match clock.legal().map(|legal| due(plan, clock.started(), legal, clock.excluded())) {
        Some(law) if law.at < matter.at => law,
        _ => matter,
    }
}

struct Walk<'a> {
    plan: &'a CalendarPlan,
    zone: TimeZone,
    excluded: Vec<Excluded>,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a CalendarPlan, excluded: &[Excluded]) -> Walk<'a> {
        let zone = TimeZone::get(&plan.zone).expect("a plan that was checked");
        let mut excluded: Vec<Excluded> = excluded.iter().copied().filter(|out| out.from < out.to).collect();
        excluded.sort_by_key(|out| out.from);
        Walk { plan, zone, excluded }
    }

    fn hours(&self, start: Instant, limit: Limit) -> Due {
        let mut left = limit.duration().unwrap().as_micros() as i64;
        let start = self.out_of_every_span(start);
        let mut date = self.date(start);
        let mut at = start;
        'days: while left > 0 {
            for (from, to) in self.pieces(date, limit.unit()) {
                let from = from.max(start);
                let length = to.micros() - from.micros();
                if length >= left {
                    at = Instant::from_micros(from.micros() + left);
                    break 'days;
                }
                left -= length.max(0);
            }
            date = date.tomorrow().unwrap();
        }
        let provisional = limit.unit() == Unit::WorkingHour && self.provisional(self.date(start), self.date(at));
        Due { at, provisional }
    }

    fn days(&self, start: Instant, limit: Limit) -> Due {
        let unit = limit.unit();
        let start = self.out_of_every_span(start);
        let mut now = if unit == Unit::RollingWorkingDay { self.first_open(start) } else { start };
        let (mut date, time) = self.local(now);
        let mut left = limit.days().unwrap();
        loop {
            // `left` more days after `date`.
            let end = self.end(date, unit, time);
            let over = left == 0 && self.counts(date, unit) && end.1 >= now;
            if left == 0 && !over {
                left = 1;
            }
            let latest = if over { end.1 } else { self.wall(date.tomorrow().unwrap(), Time::midnight()) };
            let suspension = |out: &&Excluded| {
                out.stay != Stay::Outage && out.to > now && if over { out.from <= latest } else { out.from < latest }
            };
            if let Some(out) = self.excluded.iter().find(suspension) {
                now = self.out_of_suspensions(out.to);
                date = self.date(now);
                continue;
            }
            if over {
                let first = match unit {
                    Unit::CalendarDay => date,
                    Unit::RollingWorkingDay => self.date(start),
                    _ => self.date(start).tomorrow().unwrap().min(end.0),
                };
                return Due { at: end.1, provisional: self.provisional(first, end.0) };
            }
            date = date.tomorrow().unwrap();
            if self.counts(date, unit) {
                left -= 1;
            }
        }
    }

    /// The day on which a count that comes down to `date` ends, and when.
    fn end(&self, date: Date, unit: Unit, time: Time) -> (Date, Instant) {
        if unit == Unit::RollingWorkingDay {
            return (date, self.wall(date, time));
        }
        let mut day = date;
        if self.plan.openings(day).is_empty() && !self.plan.rules.last_day_off_moves {
            let midnight = self.wall(day.tomorrow().unwrap(), Time::midnight());
            return (day, Instant::from_micros(midnight.micros() - 1));
        }
        while self.plan.openings(day).is_empty() || (day > date && self.lost(day)) {
            day = day.tomorrow().unwrap();
        }
        (day, self.openings(day).last().unwrap().1)
    }

    fn counts(&self, date: Date, unit: Unit) -> bool {
        (unit == Unit::CalendarDay || !self.plan.openings(date).is_empty()) && !self.lost(date)
    }

    /// Whether the platform was down in opening hours of a working day, or through the whole of a day off.
    fn lost(&self, date: Date) -> bool {
        let outages = || self.excluded.iter().filter(|out| out.stay == Stay::Outage);
        let openings = self.openings(date);
        if !openings.is_empty() {
            return outages().any(|out| openings.iter().any(|(from, to)| out.from < *to && *from < out.to));
        }
        let mut up = self.wall(date, Time::midnight());
        for out in outages() {
            if out.from <= up && up < out.to {
                up = out.to;
            }
        }
        up >= self.wall(date.tomorrow().unwrap(), Time::midnight())
    }

    fn out_of_every_span(&self, at: Instant) -> Instant {
        self.excluded.iter().fold(at, |at, out| if out.from <= at && at < out.to { out.to } else { at })
    }

    fn out_of_suspensions(&self, at: Instant) -> Instant {
        let suspensions = self.excluded.iter().filter(|out| out.stay != Stay::Outage);
        suspensions.fold(at, |at, out| if out.from <= at && at < out.to { out.to } else { at })
    }

    fn first_open(&self, at: Instant) -> Instant {
        let mut date = self.date(at);
        loop {
            for (from, to) in self.openings(date) {
                if at < to {
                    return at.max(from);
                }
            }
            date = date.tomorrow().unwrap();
        }
    }

    /// What counts of a day: its openings, or all of it, without what is left out.
    fn pieces(&self, date: Date, unit: Unit) -> Vec<Span> {
        let mut pieces = match unit {
            Unit::ContinuousHour => {
                vec![(self.wall(date, Time::midnight()), self.wall(date.tomorrow().unwrap(), Time::midnight()))]
            }
            _ => self.openings(date),
        };
        for out in &self.excluded {
            let parts = pieces.iter().flat_map(|(from, to)| [(*from, (*to).min(out.from)), ((*from).max(out.to), *to)]);
            pieces = parts.filter(|(from, to)| from < to).collect();
        }
        pieces
    }

    fn openings(&self, date: Date) -> Vec<Span> {
        let instant = |minute: u16| match minute {
            1440 => self.wall(date.tomorrow().unwrap(), Time::midnight()),
            _ => self.wall(date, Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0)),
        };
        self.plan.openings(date).iter().map(|span| (instant(span.from_minute()), instant(span.to_minute()))).collect()
    }

    fn provisional(&self, first: Date, last: Date) -> bool {
        (first.year()..=last.year()).any(|year| !self.plan.published.contains(&year))
    }

    fn date(&self, at: Instant) -> Date {
        self.local(at).0
    }

    fn local(&self, at: Instant) -> (Date, Time) {
        let local = self.zone.to_datetime(at.timestamp());
        (local.date(), local.time())
    }

    fn wall(&self, date: Date, time: Time) -> Instant {
        Instant::from_timestamp(self.zone.to_timestamp(date.to_datetime(time)).unwrap())
    }
}
