//! How long something may take.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a limit is counted in (PRACTICE 5). How each is counted stands at [`crate::Calendar::due`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Hours on the wall, nights and holidays included (紧急工作时).
    ContinuousHour,
    /// Hours in which the offices are open (工作时).
    WorkingHour,
    /// Working days, the day of the start not counted, until close of business of the last (工作日).
    WorkingDay,
    /// Days of the calendar, the day of the start not counted, until close of business of the last (自然日).
    CalendarDay,
    /// Working days later at the same time of day; out of hours it counts from the next opening.
    RollingWorkingDay,
}

impl Unit {
    pub const ALL: [Unit; 5] =
        [Unit::ContinuousHour, Unit::WorkingHour, Unit::WorkingDay, Unit::CalendarDay, Unit::RollingWorkingDay];

    /// Whether the unit moves by whole days.
    pub const fn counts_days(self) -> bool {
        matches!(self, Unit::WorkingDay | Unit::CalendarDay | Unit::RollingWorkingDay)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Unit::ContinuousHour => "continuous_hour",
            Unit::WorkingHour => "working_hour",
            Unit::WorkingDay => "working_day",
            Unit::CalendarDay => "calendar_day",
            Unit::RollingWorkingDay => "rolling_working_day",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Unit {
    type Err = LimitError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Unit::ALL.into_iter().find(|unit| unit.name() == text).ok_or_else(|| LimitError::Unit(text.to_owned()))
    }
}

/// A number of hours, to the minute, or of whole days. Written `4 working_hour`, `0:15 continuous_hour`,
/// `10 working_day`; serialized as that text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// Minutes where the unit counts hours, days where it counts days.
    count: u32,
    unit: Unit,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    #[error("a limit is an amount and a unit, such as \"4 working_hour\", not {0:?}")]
    Shape(String),
    #[error("{0:?} is not a whole number, nor hours and minutes such as 1:30")]
    Amount(String),
    #[error("{0} counts whole days: it has no minutes")]
    DaysAreWhole(Unit),
    #[error(
        "{0:?} is not a unit of time: continuous_hour, working_hour, working_day, calendar_day, rolling_working_day"
    )]
    Unit(String),
}

impl Limit {
    /// Whole hours or days, as the unit says. More hours than 2³² minutes are cut to that.
    pub const fn new(amount: u32, unit: Unit) -> Limit {
        Limit { count: if unit.counts_days() { amount } else { amount.saturating_mul(60) }, unit }
    }

    /// Minutes of a unit that counts hours.
    pub const fn of_minutes(minutes: u32, unit: Unit) -> Result<Limit, LimitError> {
        if unit.counts_days() { Err(LimitError::DaysAreWhole(unit)) } else { Ok(Limit { count: minutes, unit }) }
    }

    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// The number of days; none where the unit counts hours.
    pub const fn days(self) -> Option<u32> {
        if self.unit.counts_days() { Some(self.count) } else { None }
    }

    /// The length to be counted; none where the unit counts days.
    pub const fn duration(self) -> Option<SignedDuration> {
        if self.unit.counts_days() { None } else { Some(SignedDuration::from_mins(self.count as i64)) }
    }

    pub const fn is_zero(self) -> bool {
        self.count == 0
    }

    /// Both amounts together, where they are of one unit.
    pub fn plus(self, other: Limit) -> Option<Limit> {
        (self.unit == other.unit).then(|| Limit { count: self.count.saturating_add(other.count), unit: self.unit })
    }

    /// The amount as it is written before the unit: `4`, `0:15`.
    pub fn amount(self) -> String {
        match (self.unit.counts_days(), self.count / 60, self.count % 60) {
            (true, ..) => self.count.to_string(),
            (false, hours, 0) => hours.to_string(),
            (false, hours, minutes) => format!("{hours}:{minutes:02}"),
        }
    }

    /// Reads the two columns of a table: an amount (`4`, `0:15`, `0.25`) and a unit.
    pub fn from_columns(amount: &str, unit: &str) -> Result<Limit, LimitError> {
        let unit: Unit = unit.trim().parse()?;
        let amount = amount.trim();
        let count = if unit.counts_days() { whole(amount) } else { minutes(amount) };
        match count {
            Some(count) => Ok(Limit { count, unit }),
            None if unit.counts_days() && minutes(amount).is_some() => Err(LimitError::DaysAreWhole(unit)),
            None => Err(LimitError::Amount(amount.to_owned())),
        }
    }
}

/// A whole number without sign.
fn whole(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Minutes of `4`, `1:30` or, where that gives whole minutes, `0.25` hours.
fn minutes(text: &str) -> Option<u32> {
    if let Some((hours, minutes)) = text.split_once(':') {
        let minutes = (minutes.len() == 2).then(|| whole(minutes)).flatten().filter(|minutes| *minutes < 60)?;
        return whole(hours)?.checked_mul(60)?.checked_add(minutes);
    }
    let Some((hours, fraction)) = text.split_once('.') else {
        return whole(text)?.checked_mul(60);
    };
    let scale = 10_u32.checked_pow(fraction.len() as u32)?;
    let part = whole(fraction)?.checked_mul(60)?;
    (part % scale == 0).then(|| whole(hours)?.checked_mul(60)?.checked_add(part / scale)).flatten()
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.unit)
    }
}

impl FromStr for Limit {
    type Err = LimitError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some(amount), Some(unit), None) => Limit::from_columns(amount, unit),
            _ => Err(LimitError::Shape(text.to_owned())),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, LimitError>) {
        let printed = text.parse::<Limit>().map(|limit| limit.to_string());
        assert_eq!(printed, expected.map(str::to_owned));
    }

    #[test]
    fn a_limit_reads_what_it_prints() {
        check("4 working_hour", Ok("4 working_hour"));
        check(" 0:15  continuous_hour ", Ok("0:15 continuous_hour"));
        check("0.25 continuous_hour", Ok("0:15 continuous_hour"));
        check("1.5 working_hour", Ok("1:30 working_hour"));
        check("10 rolling_working_day", Ok("10 rolling_working_day"));
    }

    #[test]
    fn what_is_not_a_limit_says_why() {
        check("4", Err(LimitError::Shape("4".into())));
        check("4 working hours", Err(LimitError::Shape("4 working hours".into())));
        check("4 day", Err(LimitError::Unit("day".into())));
        check("-4 working_day", Err(LimitError::Amount("-4".into())));
        check("1:75 working_hour", Err(LimitError::Amount("1:75".into())));
        check("0.333 working_hour", Err(LimitError::Amount("0.333".into())));
        check("99999999999 working_day", Err(LimitError::Amount("99999999999".into())));
        check("1.5 working_day", Err(LimitError::DaysAreWhole(Unit::WorkingDay)));
    }

    #[test]
    fn amounts_of_one_unit_add_up() {
        let hour = Limit::new(1, Unit::WorkingHour);
        let half = Limit::of_minutes(30, Unit::WorkingHour).unwrap();
        assert_eq!(hour.plus(half).unwrap().to_string(), "1:30 working_hour");
        assert_eq!(hour.plus(Limit::new(1, Unit::WorkingDay)), None);
        assert_eq!(hour.duration(), Some(SignedDuration::from_hours(1)));
        assert_eq!(hour.days(), None);
        assert!(Limit::of_minutes(30, Unit::CalendarDay).is_err());
    }
}
