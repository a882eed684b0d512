//! Dates worked by hand on the calendars of 2024 to 2026.

use super::samples::{boston, shanghai, shanghai_plan};
use super::{Calendar, CalendarError, CountingRules, HolidayList, Spent};
use crate::{Date, Instant, Limit, Unit, second};

#[track_caller]
fn check_by(calendar: &Calendar, start: &str, limit: &str, due: &str) -> bool {
    let (start, limit): (Instant, Limit) = (start.parse().unwrap(), limit.parse().unwrap());
    let found = calendar.due(start, &limit);
    assert_eq!(found.at, due.parse::<Instant>().unwrap(), "{limit} from {start}");
    assert_eq!(found, second::due(calendar.plan(), start, limit, &[]), "{limit} from {start}, by the second way");
    found.provisional
}

/// Local times of Shanghai.
#[track_caller]
fn check(start: &str, limit: &str, due: &str) {
    assert!(!check_by(&shanghai(), &format!("{start}:00+08:00"), limit, &format!("{due}:00+08:00")), "provisional");
}

#[test]
fn spring_festival_2024() {
    check("2024-02-09T10:00", "1 working_day", "2024-02-18T17:30"); // 10th to 17th off, Sunday the 18th made up
    check("2024-02-09T10:00", "2 working_day", "2024-02-19T17:30");
    check("2024-02-09T16:00", "4 working_hour", "2024-02-18T11:00"); // 1.5 h on the 9th, 2.5 h on the 18th
    check("2024-02-08T09:00", "3 calendar_day", "2024-02-18T17:30"); // the 11th is off
    check("2024-02-09T16:00", "24 continuous_hour", "2024-02-10T16:00");
    check("2024-02-03T11:00", "3 working_day", "2024-02-06T17:30"); // Sunday the 4th made up
    check("2024-02-03T11:00", "2 rolling_working_day", "2024-02-06T08:30"); // counted from Sunday's opening
}

#[test]
fn tomb_sweeping_and_labour_day_2024() {
    check("2024-04-03T17:00", "1 working_day", "2024-04-07T17:30"); // 4th to 6th off, Sunday the 7th made up
    check("2024-04-03T09:00", "1 calendar_day", "2024-04-07T17:30");
    check("2024-04-03T17:30", "7 working_hour", "2024-04-07T17:30"); // a whole working day, from close to close
    check("2024-04-26T09:00", "5 working_day", "2024-05-07T17:30"); // 28 29 30 April, 6 7 May
    check("2024-05-06T09:00", "5 working_day", "2024-05-11T17:30"); // Saturday the 11th made up
    check("2024-06-08T12:00", "2 calendar_day", "2024-06-11T17:30"); // Monday the 10th is off
    check("2024-06-07T16:20", "1 rolling_working_day", "2024-06-11T16:20");
}

#[test]
fn mid_autumn_and_national_day_2024() {
    check("2024-09-12T15:00", "10 working_day", "2024-09-27T17:30"); // 13 14 18 19 20 23 24 25 26 27
    check("2024-09-20T08:00", "15 working_day", "2024-10-16T17:30"); // 23–27 29 30 September, 8–12 14 15 16 October
    check("2024-09-30T14:00", "8 working_hour", "2024-10-08T15:00"); // 3.5 h, then 3.5 h and 1 h
    check("2024-12-31T09:00", "1 working_day", "2025-01-02T17:30");
}

#[test]
fn spring_to_dragon_boat_2025() {
    check("2025-01-24T17:00", "2 working_day", "2025-01-27T17:30"); // Sunday the 26th made up
    check("2025-01-27T08:00", "7 working_day", "2025-02-12T17:30"); // 5 6 7 8 10 11 12 February
    check("2025-01-28T23:50", "0:15 continuous_hour", "2025-01-29T00:05");
    check("2025-01-28T23:50", "0:15 working_hour", "2025-02-05T08:45");
    check("2025-03-26T10:00", "10 calendar_day", "2025-04-07T17:30"); // Saturday 5 April is off
    check("2025-04-26T10:00", "3 working_day", "2025-04-29T17:30"); // Sunday the 27th made up
    check("2025-04-29T11:59", "3 rolling_working_day", "2025-05-07T11:59"); // 30 April, 6 7 May
    check("2025-05-30T17:00", "2 working_hour", "2025-06-03T10:00");
}

#[test]
fn national_day_2025_to_national_day_2026() {
    check("2025-09-26T10:00", "7 calendar_day", "2025-10-09T17:30"); // 3 October is off, 9 October the first after
    check("2025-09-26T10:00", "5 working_day", "2025-10-10T17:30"); // 28 29 30 September, 9 10 October
    check("2025-12-31T16:00", "1 working_day", "2026-01-04T17:30"); // Sunday the 4th made up
    check("2026-02-11T10:00", "10 working_day", "2026-03-03T17:30"); // 12 13 14 24 25 26 27 28 February, 2 3 March
    check("2026-02-13T14:00", "14 working_hour", "2026-02-24T12:00"); // 3.5 h, 7 h on Saturday the 14th, 3.5 h
    check("2026-09-18T10:00", "10 working_day", "2026-10-09T17:30"); // 20–24 28 29 30 September, 8 9 October
}

#[test]
fn no_days_mean_today_or_the_next_working_day() {
    check("2026-03-02T10:00", "0 working_day", "2026-03-02T17:30");
    check("2026-03-02T18:00", "0 working_day", "2026-03-03T17:30");
    check("2026-03-07T10:00", "0 calendar_day", "2026-03-09T17:30");
    check("2026-03-07T10:00", "0 rolling_working_day", "2026-03-09T08:30");
    check("2026-03-07T10:00", "0 working_hour", "2026-03-07T10:00");
}

#[test]
fn rolling_days_run_by_the_clock_on_the_wall() {
    let check = |start, limit, due| check_by(&boston(), start, limit, due);
    check("2015-01-01T00:10:00-05:00", "10 rolling_working_day", "2015-01-16T08:30:00-05:00");
    check("2015-02-13T16:59:59-05:00", "1 rolling_working_day", "2015-02-17T16:59:59-05:00");
    check("2015-02-13T17:00:00-05:00", "1 rolling_working_day", "2015-02-18T08:30:00-05:00");
    check("2015-03-06T10:00:00-05:00", "1 rolling_working_day", "2015-03-09T10:00:00-04:00");
    check("2015-10-30T10:00:00-04:00", "1 rolling_working_day", "2015-11-02T10:00:00-05:00");
    check("2015-03-07T12:00:00-05:00", "24 continuous_hour", "2015-03-08T13:00:00-04:00");
}

#[test]
fn a_year_without_a_list_makes_a_due_instant_provisional() {
    let check = |start: &str, limit| check_by(&shanghai(), start, limit, "2027-01-01T17:30:00+08:00");
    assert!(check("2026-12-31T09:00:00+08:00", "1 working_day"));
    assert!(check("2026-12-31T09:00:00+08:00", "1 calendar_day"));
    assert!(check("2026-12-31T10:30:00+08:00", "12 working_hour"));
    assert!(!check("2026-12-31T17:30:00+08:00", "24 continuous_hour"), "no list of holidays matters to it");
    let mut plan = shanghai_plan();
    plan.add(&HolidayList { year: 2027, papers: Vec::new(), days: Vec::new() });
    assert!(!plan.published.contains(&2027), "a list without days is not a published one");
    let list = r#"{"year": 2027, "papers": ["x"], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}"#;
    plan.add(&serde_json::from_str(list).unwrap());
    let published = Calendar::build(plan).unwrap();
    assert!(!check_by(&published, "2026-12-31T09:00:00+08:00", "1 working_day", "2027-01-04T17:30:00+08:00"));
}

#[test]
fn rules_of_the_profile_change_the_count() {
    let mut plan = shanghai_plan();
    plan.rules = CountingRules { last_day_off_moves: false, working_day_in_hours: Some(8) };
    let calendar = Calendar::build(plan).unwrap();
    check_by(&calendar, "2026-03-05T09:00:00+08:00", "2 calendar_day", "2026-03-07T23:59:59.999999+08:00");
    check_by(&calendar, "2026-03-05T09:00:00+08:00", "1 working_day", "2026-03-06T10:00:00+08:00");
}

#[test]
fn elapsed_counts_in_the_unit_and_backwards_too() {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let (from, to) = (at("2026-02-13T17:00:00+08:00"), at("2026-02-24T09:00:00+08:00"));
    let hours = Spent::Time(jiff::SignedDuration::from_hours(8));
    assert_eq!(shanghai().elapsed(Unit::WorkingHour, from, to), hours);
    assert_eq!(shanghai().elapsed(Unit::WorkingDay, from, to), Spent::Days(2));
    assert_eq!(shanghai().elapsed(Unit::CalendarDay, from, to), Spent::Days(11));
    assert_eq!(shanghai().elapsed(Unit::CalendarDay, to, from), Spent::Days(-11));
    let quarter = shanghai().at_share(Unit::WorkingDay, from, to, 25, &[]);
    assert_eq!(quarter, at("2026-02-14T10:00:00+08:00"));
}

#[test]
fn days_and_openings_follow_the_plan() {
    let calendar = shanghai();
    let date = |text: &str| text.parse::<Date>().unwrap();
    assert!(calendar.is_working_day(date("2026-02-28")) && !calendar.is_working_day(date("2026-10-01")));
    let at = |text: &str| text.parse::<Instant>().unwrap();
    assert!(calendar.is_open(at("2026-02-28T08:30:00+08:00")) && !calendar.is_open(at("2026-02-28T12:00:00+08:00")));
    assert_eq!(calendar.next_open(at("2026-10-01T09:00:00+08:00")), at("2026-10-08T08:30:00+08:00"));
    let spans: Vec<_> = calendar.openings(date("2026-10-10")).map(|(_, to)| to).collect();
    assert_eq!(spans, [at("2026-10-10T12:00:00+08:00"), at("2026-10-10T17:30:00+08:00")]);
    assert_eq!(calendar.date(at("2026-10-09T16:00:00Z")), date("2026-10-10"));
}

#[test]
fn what_lies_beyond_the_years_is_due_at_their_end_and_provisional() {
    let end = "2029-01-01T00:00:00+08:00".parse().unwrap();
    let start = "2026-03-02T09:00:00+08:00".parse().unwrap();
    for unit in Unit::ALL {
        let due = shanghai().due(start, &Limit::new(u32::MAX, unit));
        assert!(due.at <= end && due.provisional, "{unit}: {due:?}");
    }
    let late = "2040-01-01T00:00:00+08:00".parse().unwrap();
    assert_eq!(shanghai().due(late, &Limit::new(1, Unit::WorkingDay)).at, late);
}

#[test]
fn a_plan_that_cannot_be_counted_by_says_why() {
    let check = |change: fn(&mut super::CalendarPlan), expected: CalendarError| {
        let mut plan = shanghai_plan();
        change(&mut plan);
        assert_eq!(Calendar::build(plan).unwrap_err(), expected);
    };
    let span = |text: &str| text.parse().unwrap();
    let date = |text: &str| text.parse().unwrap();
    check(|plan| plan.zone = "Asia/Nowhere".into(), CalendarError::Zone("Asia/Nowhere".into()));
    check(|plan| plan.week[0].reverse(), CalendarError::Overlap(span("14:00-17:30"), span("08:30-12:00")));
    check(|plan| plan.week = Default::default(), CalendarError::NeverOpen);
    check(|plan| plan.make_up.clear(), CalendarError::MakeUpWithoutHours(date("2024-02-04")));
    check(|plan| plan.years = (2030, 2020), CalendarError::Years(2030, 2020));
    check(
        |plan| plan.days_off.extend([Date::constant(2024, 2, 4)]),
        CalendarError::BothOffAndMakeUp(date("2024-02-04")),
    );
    for text in ["08:30", "12:00-08:30", "08:30-24:30", "8.30-12.00"] {
        assert_eq!(text.parse::<super::Opening>(), Err(CalendarError::Opening(text.into())));
    }
    assert_eq!("00:00-24:00".parse::<super::Opening>().unwrap().to_string(), "00:00-24:00");
}
