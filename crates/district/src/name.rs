//! Names and periods.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Instant;
use kernel::text::Language;
use serde::Serialize;

/// What people call a thing, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

impl Name {
    pub fn new(zh: &str, en: &str) -> Name {
        Name { zh: zh.trim().to_owned(), en: en.trim().to_owned() }
    }

    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// The days on which a row counts: from the first moment of `from` until the first moment of `until`, in the
/// district's time zone. None is without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    pub from: Option<Instant>,
    pub until: Option<Instant>,
}

impl Period {
    pub(crate) fn of_days(from: Option<Date>, until: Option<Date>, zone: &TimeZone) -> Period {
        Period { from: from.map(|day| start_of(day, zone)), until: until.map(|day| start_of(day, zone)) }
    }

    pub fn covers(&self, when: Instant) -> bool {
        self.from.is_none_or(|from| from <= when) && self.until.is_none_or(|until| when < until)
    }

    pub(crate) fn overlaps(&self, other: &Period) -> bool {
        let before = |until: Option<Instant>, from: Option<Instant>| matches!((until, from), (Some(until), Some(from)) if until <= from);
        !before(self.until, other.from) && !before(other.until, self.from)
    }
}

/// The first moment of a day; where the clocks skip midnight, the first there is.
pub(crate) fn start_of(day: Date, zone: &TimeZone) -> Instant {
    // Only days at the very edge of the calendar have no instant.
    zone.to_timestamp(day.at(0, 0, 0, 0)).map_or(Instant::EPOCH, Instant::from_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: Option<i64>, until: Option<i64>) -> Period {
        Period { from: from.map(Instant::from_micros), until: until.map(Instant::from_micros) }
    }

    #[test]
    fn periods_are_half_open() {
        let first = period(None, Some(10));
        let second = period(Some(10), None);
        assert!(!first.overlaps(&second) && !second.overlaps(&first));
        assert!(first.overlaps(&period(Some(9), None)) && first.overlaps(&first));
        assert!(!first.covers(Instant::from_micros(10)) && second.covers(Instant::from_micros(10)));
    }
}
