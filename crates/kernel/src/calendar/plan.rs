//! What a calendar is made of: plain data of the district's profile.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Everything that decides how time is counted in a district.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarPlan {
    /// IANA name, such as `Asia/Shanghai`.
    pub zone: String,
    /// When the offices are open, Monday first; no opening on a weekly day of rest.
    pub week: [Vec<Opening>; 7],
    /// When they are open on a make-up working day, whatever its day of the week.
    pub make_up: Vec<Opening>,
    /// Days without openings that the week would have: public holidays.
    #[serde(default)]
    pub days_off: BTreeSet<Date>,
    /// Working days that the week would not have (调休).
    #[serde(default)]
    pub make_up_days: BTreeSet<Date>,
    /// Years whose list of holidays has been published. A count that touches any other year is provisional.
    #[serde(default)]
    pub published: BTreeSet<i16>,
    /// First and last year that can be counted in; the shorter, the sooner a calendar is built.
    #[serde(default = "CalendarPlan::usual_years")]
    pub years: (i16, i16),
    #[serde(default)]
    pub rules: CountingRules,
}

/// Rules of counting that differ between districts (PRACTICE 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountingRules {
    /// A last day that is a day off moves to the next working day. Concerns calendar days only: working days never end
    /// on a day off.
    pub last_day_off_moves: bool,
    /// Working hours that one working day is worth, where the district counts working days in hours.
    pub working_day_in_hours: Option<u16>,
}

impl Default for CountingRules {
    fn default() -> Self {
        CountingRules { last_day_off_moves: true, working_day_in_hours: None }
    }
}

/// One year's list of holidays and make-up days, in the form that the holiday-cn project publishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HolidayList {
    pub year: i16,
    /// Addresses of the government papers that the list follows. A list without days is one not published yet.
    #[serde(default)]
    pub papers: Vec<String>,
    pub days: Vec<Holiday>,
}

/// A day that differs from the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holiday {
    pub name: String,
    pub date: Date,
    /// A day off, else a make-up working day.
    pub is_off_day: bool,
}

impl CalendarPlan {
    /// A plan without holidays.
    pub fn new(zone: &str, week: [Vec<Opening>; 7], make_up: Vec<Opening>) -> CalendarPlan {
        CalendarPlan {
            zone: zone.to_owned(),
            week,
            make_up,
            days_off: BTreeSet::new(),
            make_up_days: BTreeSet::new(),
            published: BTreeSet::new(),
            years: CalendarPlan::usual_years(),
            rules: CountingRules::default(),
        }
    }

    /// Adds a year's list. A list without days says nothing, not that the year has no holidays.
    pub fn add(&mut self, list: &HolidayList) {
        if list.days.is_empty() {
            return;
        }
        self.published.insert(list.year);
        for day in &list.days {
            if day.is_off_day {
                self.days_off.insert(day.date)
            } else {
                self.make_up_days.insert(day.date)
            };
        }
    }

    /// When the offices are open on a date, local time.
    pub fn openings(&self, date: Date) -> &[Opening] {
        if self.make_up_days.contains(&date) {
            &self.make_up
        } else if self.days_off.contains(&date) {
            &[]
        } else {
            &self.week[date.weekday().to_monday_zero_offset() as usize]
        }
    }

    /// The zone, or why this plan cannot be counted by.
    pub(super) fn check(&self) -> Result<TimeZone, CalendarError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| CalendarError::Zone(self.zone.clone()))?;
        for openings in self.week.iter().chain([&self.make_up]) {
            for pair in openings.windows(2) {
                if pair[0].to > pair[1].from {
                    return Err(CalendarError::Overlap(pair[0], pair[1]));
                }
            }
        }
        let (first, last) = self.years;
        if first > last || !(1900..=2200).contains(&first) || !(1900..=2200).contains(&last) {
            return Err(CalendarError::Years(first, last));
        }
        if let Some(date) = self.days_off.intersection(&self.make_up_days).next() {
            return Err(CalendarError::BothOffAndMakeUp(*date));
        }
        if self.make_up.is_empty()
            && let Some(date) = self.make_up_days.first()
        {
            return Err(CalendarError::MakeUpWithoutHours(*date));
        }
        if self.week.iter().all(Vec::is_empty) { Err(CalendarError::NeverOpen) } else { Ok(zone) }
    }

    fn usual_years() -> (i16, i16) {
        (2000, 2060)
    }
}

/// A span of local time on one day, to the minute: written `08:30-12:00`; `24:00` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opening {
    from: u16,
    to: u16,
}

impl Opening {
    /// Minutes after midnight.
    pub const fn from_minute(self) -> u16 {
        self.from
    }

    /// Minutes after midnight, at most 1,440; always after `from_minute`.
    pub const fn to_minute(self) -> u16 {
        self.to
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl FromStr for Opening {
    type Err = CalendarError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || CalendarError::Opening(text.to_owned());
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minute(from.trim()).ok_or_else(wrong)?, minute(to.trim()).ok_or_else(wrong)?);
        if from < to { Ok(Opening { from, to }) } else { Err(wrong()) }
    }
}

/// Minutes after midnight of `08:30` or `24:00`.
fn minute(text: &str) -> Option<u16> {
    if text == "24:00" {
        return Some(24 * 60);
    }
    let time = Time::strptime("%H:%M", text).ok()?;
    Some(time.hour() as u16 * 60 + time.minute() as u16)
}

impl Serialize for Opening {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Opening {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Why no calendar can be made of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("{0:?} is not the name of a time zone, such as Asia/Shanghai")]
    Zone(String),
    #[error("{0:?} is not a span of one day, such as 08:30-12:00")]
    Opening(String),
    #[error("the openings {0} and {1} overlap or stand in the wrong order")]
    Overlap(Opening, Opening),
    #[error("no day of the week is open")]
    NeverOpen,
    #[error("{0} is both a day off and a make-up working day")]
    BothOffAndMakeUp(Date),
    #[error("{0} is a make-up working day, but the plan has no hours for such days")]
    MakeUpWithoutHours(Date),
    #[error("the years {0} to {1} cannot be counted in: first to last, between 1900 and 2200")]
    Years(i16, i16),
}
