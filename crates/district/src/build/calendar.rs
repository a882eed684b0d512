//! `calendar.toml` and the years beside it.

use jiff::civil::Date;
use kernel::{Calendar, CalendarError, CalendarPlan, CountingRules};

use crate::fault::{Fault, Faults, codes};
use crate::read::Files;
use crate::settings::Settings;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(super) fn build(files: &Files, settings: Option<&Settings>, faults: &mut Faults) -> Option<Calendar> {
    let hours = files.calendar.as_ref()?;
    let zone = settings?.time_zone.as_str();
    for (name, openings) in DAYS.iter().zip(hours.week.days()) {
        for pair in openings.windows(2) {
            if pair[0].to_minute() > pair[1].from_minute() {
                let fault = hours.fault(&format!("week.{name}"), codes::CALENDAR_OPENINGS_OVERLAP);
                faults.add(fault.with("day", name).with("time", pair[1]));
            }
        }
    }
    years(files, faults);

    let mut plan = CalendarPlan::new(zone, hours.week.days().map(<[_]>::to_vec), hours.make_up.clone());
    plan.rules =
        CountingRules { last_day_off_moves: hours.last_day_off_moves, working_day_in_hours: hours.working_day_hours };
    for (_, year) in &files.holidays {
        plan.add(year);
    }
    match Calendar::build(plan) {
        Ok(calendar) => Some(calendar),
        // A wrong zone and overlapping openings are reported above, where they stand.
        Err(CalendarError::Zone(_) | CalendarError::Overlap(..)) => None,
        Err(error) => {
            faults.add(hours.fault("week", codes::FILE_SYNTAX).with("cause", error));
            None
        }
    }
}

/// Every day lies in its file's year or the turn of it, and no year is missing between the first and the last.
fn years(files: &Files, faults: &mut Faults) {
    for (file, list) in &files.holidays {
        let year = list.year;
        if file != &format!("calendar/{year}.json") {
            faults.add(Fault::new(file, 0, "year", codes::CALENDAR_WRONG_YEAR).with("value", file).with("year", year));
        }
        for day in &list.days {
            // A holiday at the turn of the year is published with either year.
            let near = |date: Date| {
                (date.year() - year).abs() <= 1 && (date.year() == year || [1, 12].contains(&date.month()))
            };
            if !near(day.date) {
                let fault = Fault::new(file, 0, "days", codes::CALENDAR_WRONG_YEAR);
                faults.add(fault.with("value", day.date).with("year", year));
            }
        }
    }
    let mut written = files.holidays.iter().map(|(_, list)| list.year);
    let Some(mut last) = written.next() else { return };
    for year in written {
        for missing in last + 1..year {
            let file = format!("calendar/{missing}.json");
            faults.add(Fault::new(&file, 0, "", codes::CALENDAR_YEAR_MISSING).with("year", missing));
        }
        last = year;
    }
}
