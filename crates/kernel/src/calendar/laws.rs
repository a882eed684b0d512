//! Laws of counting, on random calendars, starts and excluded spans.

use jiff::civil::Date;
use proptest::prelude::*;

use super::samples::hours;
use super::{Calendar, CalendarPlan, CountingRules, Excluded, Spent, Stay};
use crate::{Instant, Limit, Unit, second};

const DAY: i64 = 86_400_000_000;

fn plan() -> impl Strategy<Value = CalendarPlan> {
    let zones = ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"];
    let day = prop::sample::select(vec![
        "",
        "08:30-12:00 14:00-17:30",
        "09:00-17:00",
        "00:00-24:00",
        "22:00-24:00",
        "00:00-06:00 10:00-10:30",
        "02:15-03:45",
    ]);
    let date = (0..365 * 3).prop_map(|day| Date::constant(2024, 1, 1).saturating_add(jiff::Span::new().days(day)));
    let dates = prop::collection::btree_set(date, 0..60);
    let rules = (any::<bool>(), prop::option::weighted(0.2, Just(8_u16)));
    (prop::sample::select(zones.to_vec()), prop::array::uniform7(day), dates.clone(), dates, rules).prop_map(
        |(zone, days, off, made_up, (last_day_off_moves, working_day_in_hours))| {
            let mut week = days.map(hours);
            if week.iter().all(Vec::is_empty) {
                week[2] = hours("09:00-17:00");
            }
            let mut plan = CalendarPlan::new(zone, week, hours("10:00-16:00"));
            plan.make_up_days = made_up.difference(&off).copied().collect();
            plan.days_off = off;
            plan.published = [2024, 2026].into();
            plan.years = (2024, 2026);
            plan.rules = CountingRules { last_day_off_moves, working_day_in_hours };
            plan
        },
    )
}

/// From 5 January 2024 to the middle of 2025, half of the instants on the hour or half past.
fn start() -> impl Strategy<Value = Instant> {
    let first = 1_704_412_800_000_000_i64;
    prop_oneof![0..520 * DAY, (0..520 * 48_i64).prop_map(|halves| halves * 1_800_000_000)]
        .prop_map(move |micros| Instant::from_micros(first + micros))
}

fn limit() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (0_u32..1800, prop::sample::select(vec![Unit::ContinuousHour, Unit::WorkingHour]))
            .prop_map(|(minutes, unit)| Limit::of_minutes(minutes, unit).unwrap()),
        (0_u32..13, prop::sample::select(vec![Unit::WorkingDay, Unit::CalendarDay, Unit::RollingWorkingDay]))
            .prop_map(|(days, unit)| Limit::new(days, unit)),
    ]
}

/// Up to three spans around the time that is counted: offset from the start and length, in microseconds.
fn spans() -> impl Strategy<Value = Vec<(i64, i64, Stay)>> {
    let length = prop_oneof![0..DAY / 4, 0..9 * DAY];
    let stay = prop::sample::select(vec![Stay::Suspension, Stay::Review, Stay::Outage]);
    let offset = prop_oneof![Just(0), (-2..20_i64).prop_map(|day| day * DAY), -2 * DAY..20 * DAY];
    prop::collection::vec((offset, length, stay), 0..4)
}

fn after(start: Instant, micros: i64) -> Instant {
    Instant::from_micros(start.micros() + micros)
}

fn placed(start: Instant, spans: &[(i64, i64, Stay)]) -> Vec<Excluded> {
    let place = |(offset, length, stay): &(i64, i64, Stay)| Excluded {
        from: after(start, *offset),
        to: after(start, offset + length),
        stay: *stay,
    };
    spans.iter().map(place).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_implementations_agree(plan in plan(), start in start(), limit in limit(), spans in spans(), to in 0..40 * DAY) {
        let calendar = Calendar::build(plan).unwrap();
        let spans = placed(start, &spans);
        let due = calendar.due_excluding(start, &limit, &spans);
        prop_assert_eq!(due, second::due(calendar.plan(), start, limit, &spans));
        let to = after(start, to);
        let elapsed = calendar.elapsed_excluding(limit.unit(), start, to, &spans);
        prop_assert_eq!(elapsed, second::elapsed(calendar.plan(), limit.unit(), start, to, &spans));
    }

    #[test]
    fn adding_hours_and_measuring_them_returns_the_limit(
        plan in plan(), start in start(), limit in limit(), spans in spans(),
    ) {
        let Some(length) = limit.duration() else { return Ok(()) };
        let calendar = Calendar::build(plan).unwrap();
        let spans = placed(start, &spans);
        let due = calendar.due_excluding(start, &limit, &spans).at;
        let measure = |to| calendar.elapsed_excluding(limit.unit(), start, to, &spans);
        prop_assert_eq!(measure(due), Spent::Time(length));
        if due > start && !limit.is_zero() {
            let Spent::Time(shorter) = measure(after(due, -1)) else { panic!("hours are measured in time") };
            prop_assert!(shorter < length, "due is the first instant at which the limit is used up");
        }
    }

    #[test]
    fn a_day_limit_never_ends_on_a_day_off(plan in plan(), start in start(), limit in limit(), spans in spans()) {
        let in_hours = limit.unit() == Unit::WorkingDay && plan.rules.working_day_in_hours.is_some();
        if !limit.unit().counts_days() || in_hours || (limit.unit() == Unit::CalendarDay && !plan.rules.last_day_off_moves) {
            return Ok(());
        }
        let calendar = Calendar::build(plan).unwrap();
        let due = calendar.due_excluding(start, &limit, &placed(start, &spans)).at;
        // At 24:00 a day has ended, and the instant itself is the next day's first.
        prop_assert!(calendar.is_working_day(calendar.date(due)) || calendar.is_working_day(calendar.date(after(due, -1))));
    }

    #[test]
    fn a_later_start_is_never_due_earlier(
        plan in plan(), start in start(), limit in limit(), spans in spans(), later in 0..5 * DAY,
    ) {
        let calendar = Calendar::build(plan).unwrap();
        // A suspension that one start lies in and the other does not is no fair comparison; nor is a lost day on which a
        // rolling count may start and cannot end.
        let mut outages = placed(start, &spans);
        outages.retain(|out| out.stay == Stay::Outage && limit.unit() != Unit::RollingWorkingDay);
        let due = |start| calendar.due_excluding(start, &limit, &outages).at;
        prop_assert!(due(start) <= due(after(start, later)));
        prop_assert!(start <= due(start));
    }

    #[test]
    fn a_suspension_neither_loses_nor_gains(
        plan in plan(), start in start(), limit in limit(), begins in prop_oneof![Just(0), 0..10 * DAY], length in 1..9 * DAY,
    ) {
        let calendar = Calendar::build(plan).unwrap();
        let clock = crate::Clock::start(&calendar, start, limit, None);
        let (from, to) = (after(start, begins), after(start, begins + length));
        let Ok(suspended) = clock.suspend(&calendar, from, to) else {
            prop_assert!(from > clock.due().at);
            return Ok(());
        };
        let (left_before, left_after) = (clock.remaining(&calendar, from), suspended.remaining(&calendar, to));
        match (left_before, left_after) {
            // The day of the start of a rolling count that has not begun is the first of its days.
            (Spent::Days(before), Spent::Days(after)) if limit.unit() == Unit::RollingWorkingDay => {
                prop_assert!((before - after).abs() <= 1)
            }
            // No day left means today, or the next working day when today is over or off.
            _ if limit.is_zero() => {}
            (Spent::Days(0), Spent::Days(after)) => prop_assert!(after <= 1 || limit.unit() == Unit::CalendarDay),
            (before, after) if limit.unit() != Unit::CalendarDay => prop_assert_eq!(before, after),
            _ => {}
        }
        prop_assert!(suspended.due().at >= clock.due().at);
        prop_assert!(suspended.due().at >= to);
        prop_assert_eq!(suspended.due(), second::due_of(calendar.plan(), &suspended));
        prop_assert_eq!(suspended.resume(&calendar, from).unwrap().due(), clock.due());
    }

    #[test]
    fn a_reminder_lies_between_start_and_due(
        plan in plan(), start in start(), limit in limit(), spans in spans(), percent in 0_u8..=100,
    ) {
        let calendar = Calendar::build(plan).unwrap();
        let spans = placed(start, &spans);
        let due = calendar.due_excluding(start, &limit, &spans).at;
        let share = |percent| calendar.at_share(limit.unit(), start, due, percent, &spans);
        prop_assert!(share(percent) <= due && share(percent / 2) <= share(percent));
        prop_assert!(share(percent) >= start || due < start);
    }
}
