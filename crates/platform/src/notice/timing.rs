//! When a message goes out: at once or gathered, not in quiet hours; and when it is tried again.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use kernel::Instant;

use super::rule::{Delivery, Quiet, TimeOfDay};

/// When a message of an event at `now` is to go out.
pub fn due(delivery: Delivery, quiet: Option<Quiet>, emergency: bool, now: Instant, zone: &TimeZone) -> Instant {
    if emergency {
        return now;
    }
    let local = zone.to_datetime(now.timestamp());
    let due = match delivery {
        Delivery::AtOnce => local,
        Delivery::Hourly => next_hour(local),
        Delivery::Daily(time) => next_at(local, time),
    };
    let due = match quiet {
        Some(quiet) if quiet.covers(due) => next_at(due, quiet.until),
        _ => due,
    };
    if due == local {
        return now;
    }
    zone.to_timestamp(due).map_or(now, Instant::from_timestamp)
}

fn next_hour(local: DateTime) -> DateTime {
    let hour = local.date().at(local.hour(), 0, 0, 0);
    hour.checked_add(1.hour()).unwrap_or(local)
}

/// The next time after `local` that the clock shows `time`.
fn next_at(local: DateTime, time: TimeOfDay) -> DateTime {
    let (hour, minute) = ((time.minutes() / 60) as i8, (time.minutes() % 60) as i8);
    let today = local.date().at(hour, minute, 0, 0);
    if today > local { today } else { today.checked_add(1.day()).unwrap_or(local) }
}

impl Quiet {
    /// The beginning belongs to the quiet hours, the end does not.
    fn covers(self, local: DateTime) -> bool {
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        let (from, until) = (self.from.minutes(), self.until.minutes());
        if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
    }
}

/// The first pause between two tries.
const FIRST: SignedDuration = SignedDuration::from_secs(30);
/// The longest.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

/// How long to wait after the `tries`-th try (from 1) has failed: twice as long each time, up to a bound, and between half and
/// the whole of that by `share` (0 to 1), so that what failed together does not come back together.
pub fn pause(tries: u32, share: f64) -> SignedDuration {
    let doubled = 2_i32.checked_pow(tries.saturating_sub(1)).unwrap_or(i32::MAX);
    let whole = FIRST.saturating_mul(doubled).min(LONGEST);
    let half = whole.as_millis() as f64 / 2.0;
    SignedDuration::from_millis((half + half * share.clamp(0.0, 1.0)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn quiet() -> Option<Quiet> {
        Some(Quiet { from: "22:00".parse().unwrap(), until: "07:30".parse().unwrap() })
    }

    fn check(delivery: &str, emergency: bool, now: &str, expected: &str) {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let delivery = Delivery::try_from(delivery.to_owned()).unwrap();
        assert_eq!(due(delivery, quiet(), emergency, at(now), &zone), at(expected), "{delivery:?} at {now}");
    }

    #[test]
    fn by_day_a_message_goes_out_at_once() {
        check("at_once", false, "2026-03-02T10:00:00.5+08:00", "2026-03-02T10:00:00.5+08:00");
        check("at_once", false, "2026-03-02T07:30:00+08:00", "2026-03-02T07:30:00+08:00");
    }

    #[test]
    fn in_quiet_hours_it_waits_for_the_morning_but_for_emergencies() {
        check("at_once", false, "2026-03-02T22:00:00+08:00", "2026-03-03T07:30:00+08:00");
        check("at_once", false, "2026-03-03T03:00:00+08:00", "2026-03-03T07:30:00+08:00");
        check("at_once", true, "2026-03-03T03:00:00+08:00", "2026-03-03T03:00:00+08:00");
        check("daily 08:30", true, "2026-03-03T03:00:00+08:00", "2026-03-03T03:00:00+08:00");
    }

    #[test]
    fn what_is_gathered_goes_out_at_its_hour() {
        check("daily 08:30", false, "2026-03-02T08:29:59+08:00", "2026-03-02T08:30:00+08:00");
        check("daily 08:30", false, "2026-03-02T08:30:00+08:00", "2026-03-03T08:30:00+08:00");
        check("hourly", false, "2026-03-02T10:05:00+08:00", "2026-03-02T11:00:00+08:00");
        check("hourly", false, "2026-03-02T21:05:00+08:00", "2026-03-03T07:30:00+08:00");
        check("daily 23:00", false, "2026-03-02T12:00:00+08:00", "2026-03-03T07:30:00+08:00");
    }

    #[test]
    fn quiet_hours_within_a_day_are_no_night() {
        let quiet = Quiet { from: "12:00".parse().unwrap(), until: "14:00".parse().unwrap() };
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let of = |now: &str| due(Delivery::AtOnce, Some(quiet), false, at(now), &zone);
        assert_eq!(of("2026-03-02T13:00:00+08:00"), at("2026-03-02T14:00:00+08:00"));
        assert_eq!(of("2026-03-02T23:00:00+08:00"), at("2026-03-02T23:00:00+08:00"));
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_scatter() {
        let seconds = |tries, share| pause(tries, share).as_secs();
        assert_eq!([seconds(1, 1.0), seconds(2, 1.0), seconds(5, 1.0)], [30, 60, 480]);
        assert_eq!([seconds(1, 0.0), seconds(5, 0.5)], [15, 360]);
        assert_eq!([seconds(40, 1.0), seconds(u32::MAX, 0.0)], [6 * 3600, 3 * 3600]);
    }
}
