//! Who is on duty (PRACTICE 16).

use std::collections::HashMap;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use kernel::{Calendar, Instant};

use crate::name::Period;

/// On which days a shift starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    All,
    /// Working days of the calendar.
    Working,
    /// Days off of the calendar.
    Off,
    /// Days of the week, Monday first.
    Of([bool; 7]),
}

impl Days {
    pub(crate) fn parse(text: &str) -> Option<Days> {
        const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        match text.trim() {
            "all" => Some(Days::All),
            "working" => Some(Days::Working),
            "off" => Some(Days::Off),
            list => {
                let mut days = [false; 7];
                for word in list.split('|') {
                    days[WEEK.iter().position(|day| *day == word.trim())?] = true;
                }
                Some(Days::Of(days))
            }
        }
    }

    fn has(self, date: Date, calendar: &Calendar) -> bool {
        match self {
            Days::All => true,
            Days::Working => calendar.is_working_day(date),
            Days::Off => !calendar.is_working_day(date),
            Days::Of(days) => days[date.weekday().to_monday_zero_offset() as usize],
        }
    }
}

/// One shift of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub organization: String,
    pub key: String,
    pub days: Days,
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight of the first day; more than 1,440 reaches into the next.
    pub until: u16,
    /// Posts that take turns day by day from `first_day`.
    pub on_duty: Vec<String>,
    pub deputy: Vec<String>,
    pub first_day: Date,
    pub period: Period,
    pub source: String,
}

/// Who answers at an instant, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDuty<'a> {
    pub shift: &'a Shift,
    /// Post.
    pub on_duty: &'a str,
    /// Post.
    pub deputy: Option<&'a str>,
    /// When the shift began.
    pub from: Instant,
    /// When the shift hands over.
    pub until: Instant,
}

/// The duty rosters of all organizations.
#[derive(Debug, Default)]
pub struct Rosters {
    by_organization: HashMap<String, Vec<Shift>>,
    zone: Option<TimeZone>,
}

impl Rosters {
    pub(crate) fn new(shifts: Vec<Shift>, zone: TimeZone) -> Rosters {
        let mut by_organization: HashMap<String, Vec<Shift>> = HashMap::new();
        for shift in shifts {
            by_organization.entry(shift.organization.clone()).or_default().push(shift);
        }
        Rosters { by_organization, zone: Some(zone) }
    }

    /// Shifts in the order in which they are tried.
    pub fn of(&self, organization: &str) -> &[Shift] {
        self.by_organization.get(organization).map_or(&[], Vec::as_slice)
    }

    /// The first shift of the organization that covers the instant.
    pub fn on_duty(&self, organization: &str, when: Instant, calendar: &Calendar) -> Option<OnDuty<'_>> {
        let zone = self.zone.as_ref()?;
        let local = zone.to_datetime(when.timestamp());
        self.of(organization).iter().filter(|shift| shift.period.covers(when)).find_map(|shift| {
            let (start, began, end) = shift.covering(local, calendar)?;
            let (from, until) = (zone.to_timestamp(began).ok()?, zone.to_timestamp(end).ok()?);
            Some(OnDuty {
                shift,
                on_duty: shift.turn(&shift.on_duty, start)?,
                deputy: shift.turn(&shift.deputy, start),
                from: Instant::from_timestamp(from),
                until: Instant::from_timestamp(until),
            })
        })
    }

    /// The first minute of the days from `first` to `last` in which nobody of the organization is on duty.
    pub(crate) fn first_hole(
        &self,
        organization: &str,
        first: Date,
        last: Date,
        calendar: &Calendar,
    ) -> Option<(Weekday, u16)> {
        let shifts = self.of(organization);
        let mut day = first;
        while day <= last {
            let before = day.yesterday().ok()?;
            let mut spans: Vec<(u16, u16)> = Vec::new();
            for shift in shifts {
                if shift.days.has(day, calendar) {
                    spans.push((shift.from, shift.until.min(24 * 60)));
                }
                if shift.until > 24 * 60 && shift.days.has(before, calendar) {
                    spans.push((0, shift.until - 24 * 60));
                }
            }
            spans.sort_unstable();
            let covered =
                spans.iter().fold(0, |covered, span| if span.0 <= covered { covered.max(span.1) } else { covered });
            if covered < 24 * 60 {
                return Some((day.weekday(), covered));
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

impl Shift {
    /// First day, beginning and end of the shift that covers a local time.
    fn covering(&self, local: DateTime, calendar: &Calendar) -> Option<(Date, DateTime, DateTime)> {
        let minute = |minutes: u16| SignedDuration::from_mins(i64::from(minutes));
        [local.date(), local.date().yesterday().ok()?].into_iter().find_map(|day| {
            let midnight = day.at(0, 0, 0, 0);
            let from = midnight.checked_add(minute(self.from)).ok()?;
            let until = midnight.checked_add(minute(self.until)).ok()?;
            (from <= local && local < until && self.days.has(day, calendar)).then_some((day, from, until))
        })
    }

    /// Whose turn it is on a day.
    fn turn<'a>(&self, posts: &'a [String], day: Date) -> Option<&'a str> {
        let days = (day - self.first_day).get_days();
        let count = i32::try_from(posts.len()).ok().filter(|count| *count > 0)?;
        posts.get(days.rem_euclid(count) as usize).map(String::as_str)
    }
}
