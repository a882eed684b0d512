//! When a district reports: by the hour, the day of the week, the season, holidays, and bursts.
//!
//! Shares are a sample: no district publishes them. The total is exact: weights only spread it.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use kernel::{Calendar, Chance, Instant};

/// One event to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub at: Instant,
    pub burst: Option<Burst>,
}

/// Why more is reported than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Burst {
    /// Water, trees, drains; all over the district.
    Rainstorm,
    /// Goods, carts, refuse; in one grid, drawn by `place`.
    Market { place: u64 },
}

/// Share of a day's reports by hour of the day, in thousandths.
const HOURS: [u32; 24] = [8, 6, 4, 4, 5, 9, 20, 40, 75, 95, 92, 66, 40, 48, 78, 86, 80, 62, 48, 42, 36, 28, 18, 10];

/// The events of `days` days from the local midnight at or before `from`, in order; `total` of them.
pub(crate) fn events(calendar: &Calendar, seed: u64, from: Instant, days: u32, total: u64) -> Vec<Due> {
    let first = calendar.date(from);
    let dates: Vec<Date> =
        std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(days as usize).collect();
    let weights: Vec<f64> = dates.iter().map(|date| weight(calendar, seed, *date)).collect();
    let sum: f64 = weights.iter().sum();
    let mut events = Vec::with_capacity(total as usize);
    let mut weighed = 0.0;
    for (date, weight) in dates.into_iter().zip(weights) {
        weighed += weight;
        let until = (weighed / sum * total as f64).round() as usize;
        let count = until.saturating_sub(events.len());
        let midnight = midnight(calendar, date);
        let mut day: Vec<Due> = (0..count).map(|place| drawn(seed, date, midnight, place)).collect();
        day.sort_by_key(|due| due.at);
        events.extend(day);
    }
    events
}

fn weight(calendar: &Calendar, seed: u64, date: Date) -> f64 {
    let week = if calendar.is_working_day(date) { 1.0 } else { 0.6 };
    let season = if (4..=9).contains(&date.month()) { 1.1 } else { 0.95 };
    let storm = if is_stormy(seed, date) { 1.7 } else { 1.0 };
    week * season * storm
}

/// One day in forty, in the wet half of the year one in twelve.
fn is_stormy(seed: u64, date: Date) -> bool {
    let share = if (4..=9).contains(&date.month()) { 1.0 / 12.0 } else { 1.0 / 40.0 };
    Chance::seeded(seed, &format!("storm/{date}")).happens(share)
}

fn drawn(seed: u64, date: Date, midnight: Instant, place: usize) -> Due {
    let mut chance = Chance::seeded(seed, &format!("event/{date}/{place}"));
    let burst = burst(seed, date, &mut chance);
    let hour = match burst {
        Some(Burst::Market { .. }) => 16 + chance.below(3),
        _ => hour(&mut chance),
    };
    let second = hour * 3_600 + chance.below(3_600);
    let at = midnight + jiff::SignedDuration::from_secs(second as i64);
    Due { at, burst }
}

fn burst(seed: u64, date: Date, chance: &mut Chance) -> Option<Burst> {
    if is_stormy(seed, date) && chance.happens(0.45) {
        return Some(Burst::Rainstorm);
    }
    // The eve of a day off is a market day in one grid.
    let eve = date.weekday().to_monday_one_offset() == 5;
    (eve && chance.happens(0.08))
        .then(|| Burst::Market { place: Chance::seeded(seed, &format!("market/{date}")).below(1 << 32) })
}

fn hour(chance: &mut Chance) -> u64 {
    let mut left = chance.below(HOURS.iter().map(|share| u64::from(*share)).sum()) as u32;
    for (hour, share) in HOURS.iter().enumerate() {
        if left < *share {
            return hour as u64;
        }
        left -= share;
    }
    unreachable!("less than the sum of the shares")
}

/// When a date begins in the district.
pub(crate) fn midnight(calendar: &Calendar, date: Date) -> Instant {
    let zone = TimeZone::get(&calendar.plan().zone).expect("a zone the calendar was built with");
    let midnight = zone.to_ambiguous_timestamp(date.to_datetime(Time::midnight())).compatible();
    Instant::from_timestamp(midnight.expect("a date of the calendar's years"))
}

#[cfg(test)]
mod tests {
    use kernel::{CalendarPlan, Opening};

    use super::*;

    fn calendar() -> Calendar {
        let open = || -> Vec<Opening> { ["08:30-12:00", "14:00-17:30"].map(|hours| hours.parse().unwrap()).into() };
        let week = [open(), open(), open(), open(), open(), Vec::new(), Vec::new()];
        let mut plan = CalendarPlan::new("Asia/Shanghai", week, open());
        plan.years = (2025, 2026);
        Calendar::build(plan).unwrap()
    }

    #[test]
    fn the_total_is_exact_and_in_order_and_within_the_days() {
        let from: Instant = "2026-05-01T00:00:00+08:00".parse().unwrap();
        let events = events(&calendar(), 7, from, 61, 5_003);
        assert_eq!(events.len(), 5_003);
        assert!(events.is_sorted_by_key(|due| due.at));
        let end: Instant = "2026-07-01T00:00:00+08:00".parse().unwrap();
        assert!(events[0].at >= from && events[5_002].at < end);
        for burst in [true, false] {
            assert!(events.iter().any(|due| matches!(due.burst, Some(Burst::Rainstorm)) == burst), "{burst}");
        }
        assert!(events.iter().any(|due| matches!(due.burst, Some(Burst::Market { .. }))));
    }

    #[test]
    fn more_is_reported_in_the_morning_of_a_working_day_than_at_night_or_on_a_sunday() {
        let from: Instant = "2026-03-02T00:00:00+08:00".parse().unwrap();
        let events = events(&calendar(), 7, from, 28, 20_000);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let count = |fits: &dyn Fn(jiff::civil::DateTime) -> bool| {
            events.iter().filter(|due| fits(zone.to_datetime(due.at.timestamp()))).count()
        };
        assert!(count(&|at| at.hour() == 9) > 10 * count(&|at| at.hour() == 3));
        let weekday = |at: jiff::civil::DateTime| at.weekday().to_monday_one_offset();
        assert!(count(&|at| weekday(at) == 2) > count(&|at| weekday(at) == 7) * 5 / 4);
    }
}
