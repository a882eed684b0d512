//! A point in time.

use std::fmt;
use std::ops::{Add, Sub};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in microseconds since 1970-01-01T00:00:00Z. Stored as a 64-bit integer, written as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    pub const EPOCH: Instant = Instant(0);

    pub const fn from_micros(micros: i64) -> Self {
        Instant(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The same instant for calendar arithmetic; whole microseconds.
    ///
    /// Panics outside the years -9999 to 9999, which no clock or file here yields.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).expect("an instant lies within the years jiff knows")
    }

    /// Cuts to whole microseconds.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Instant(timestamp.as_microsecond())
    }

    /// Time from `earlier` to `self`, negative when `self` comes first.
    pub fn since(self, earlier: Instant) -> SignedDuration {
        SignedDuration::from_micros(self.0 - earlier.0)
    }
}

impl Add<SignedDuration> for Instant {
    type Output = Instant;
    fn add(self, rhs: SignedDuration) -> Instant {
        Instant(self.0 + rhs.as_micros() as i64)
    }
}

impl Sub<SignedDuration> for Instant {
    type Output = Instant;
    fn sub(self, rhs: SignedDuration) -> Instant {
        Instant(self.0 - rhs.as_micros() as i64)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Instant {
    type Err = jiff::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Instant::from_timestamp)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number_agree() {
        let instant: Instant = "2026-03-01T08:00:00.000001+08:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-03-01T00:00:00.000001Z");
        assert_eq!(Instant::from_micros(instant.micros()), instant);
        assert_eq!(serde_json::to_string(&instant).unwrap(), "\"2026-03-01T00:00:00.000001Z\"");
        assert_eq!(serde_json::from_str::<Instant>("\"2026-03-01T00:00:00.000001Z\"").unwrap(), instant);
    }
}
