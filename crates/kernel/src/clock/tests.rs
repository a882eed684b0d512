use super::*;
use crate::Unit;
use crate::calendar::samples::shanghai;

fn at(local: &str) -> Instant {
    format!("{local}+08:00").parse().unwrap()
}

fn clock(limit: &str) -> Clock {
    Clock::start(&shanghai(), at("2026-03-02T09:00:00"), limit.parse().unwrap(), None)
}

#[track_caller]
fn check(clock: &Clock, due: &str, state: ClockState) {
    assert_eq!((clock.due().at, clock.state()), (at(due), state));
    let text = serde_json::to_string(clock).unwrap();
    assert_eq!(&serde_json::from_str::<Clock>(&text).unwrap(), clock, "{text}");
}

#[test]
fn done_by_the_due_instant_is_met_and_a_microsecond_later_is_late() {
    let clock = clock("4 working_hour");
    check(&clock, "2026-03-02T15:00:00", ClockState::Running);
    let due = clock.due().at;
    check(&clock.stop(due).unwrap(), "2026-03-02T15:00:00", ClockState::Met { at: due });
    let late = Instant::from_micros(due.micros() + 1);
    check(&clock.stop(late).unwrap(), "2026-03-02T15:00:00", ClockState::Late { at: late, due });
    assert_eq!(clock.lapse(due), Err(ClockError::NotYetDue(due)));
    let lapsed = clock.lapse(late).unwrap();
    check(&lapsed, "2026-03-02T15:00:00", ClockState::Lapsed { since: due });
    assert_eq!(lapsed.stop(late), clock.stop(late), "whether the lapse was recorded changes nothing");
    assert_eq!(lapsed.lapse(late), Err(ClockError::PastDue(due)));
}

#[test]
fn a_suspension_ends_by_itself_or_early() {
    let clock = clock("4 working_hour");
    let suspended = clock.suspend(&shanghai(), at("2026-03-02T10:00:00"), at("2026-03-04T08:30:00")).unwrap();
    check(&suspended, "2026-03-04T11:30:00", ClockState::Running);
    assert_eq!(suspended.suspended(at("2026-03-03T10:00:00")), Some(at("2026-03-04T08:30:00")));
    let resumed = suspended.resume(&shanghai(), at("2026-03-02T11:00:00")).unwrap();
    check(&resumed, "2026-03-02T16:00:00", ClockState::Running);
    assert_eq!(resumed.resume(&shanghai(), at("2026-03-02T11:00:00")), Err(ClockError::NotSuspended));
    assert_eq!(suspended.resume(&shanghai(), at("2026-03-02T10:00:00")).unwrap(), clock, "undone in the same instant");
    let again = suspended.suspend(&shanghai(), at("2026-03-02T10:30:00"), at("2026-03-05T08:30:00"));
    assert_eq!(again, Err(ClockError::Suspended(at("2026-03-04T08:30:00"))));
    let empty = clock.suspend(&shanghai(), at("2026-03-02T10:00:00"), at("2026-03-02T10:00:00"));
    assert!(matches!(empty, Err(ClockError::EmptySpan { .. })));
}

#[test]
fn suspending_a_clock_of_days_moves_it_by_whole_days() {
    let clock = clock("3 working_day");
    check(&clock, "2026-03-05T17:30:00", ClockState::Running);
    let same_day = clock.suspend(&shanghai(), at("2026-03-03T09:00:00"), at("2026-03-03T17:00:00")).unwrap();
    check(&same_day, "2026-03-05T17:30:00", ClockState::Running);
    let over_the_weekend = clock.suspend(&shanghai(), at("2026-03-05T16:00:00"), at("2026-03-09T08:30:00")).unwrap();
    check(&over_the_weekend, "2026-03-09T17:30:00", ClockState::Running);
    let open_ended = over_the_weekend.used(&shanghai(), at("2026-03-08T12:00:00"));
    assert_eq!(open_ended, Spent::Days(3));
}

#[test]
fn an_extension_comes_before_the_due_instant_and_counts_on() {
    let clock = clock("1 calendar_day");
    let longer = clock.extend(&shanghai(), at("2026-03-02T10:00:00"), "4 calendar_day".parse().unwrap()).unwrap();
    check(&longer, "2026-03-09T17:30:00", ClockState::Running);
    let mixed = clock.extend(&shanghai(), at("2026-03-02T10:00:00"), "2 working_hour".parse().unwrap()).unwrap();
    check(&mixed, "2026-03-04T10:30:00", ClockState::Running);
    let after = clock.extend(&shanghai(), at("2026-03-04T10:00:00"), "1 calendar_day".parse().unwrap());
    assert_eq!(after, Err(ClockError::PastDue(clock.due().at)));
}

#[test]
fn what_was_asked_for_in_time_reaches_back_over_a_lapse() {
    let lapsed = clock("4 working_hour").lapse(at("2026-03-02T16:00:00")).unwrap();
    let asked = at("2026-03-02T14:30:00");
    let longer = lapsed.extend(&shanghai(), asked, "2 working_hour".parse().unwrap()).unwrap();
    check(&longer, "2026-03-02T17:00:00", ClockState::Running);
    let paused = lapsed.suspend(&shanghai(), asked, at("2026-03-03T08:30:00")).unwrap();
    check(&paused, "2026-03-03T09:00:00", ClockState::Running);
    let late = at("2026-03-02T15:30:00");
    let refused = ClockError::PastDue(lapsed.due().at);
    assert_eq!(lapsed.extend(&shanghai(), late, "2 working_hour".parse().unwrap()), Err(refused));
    assert_eq!(lapsed.suspend(&shanghai(), late, at("2026-03-03T08:30:00")), Err(refused));
    let (limit, law) = ("4 working_hour".parse().unwrap(), "5 continuous_hour".parse().unwrap());
    let by_law = Clock::start(&shanghai(), at("2026-03-02T09:00:00"), limit, Some(law));
    let by_law = by_law.lapse(at("2026-03-02T16:00:00")).unwrap();
    let longer = by_law.extend(&shanghai(), at("2026-03-02T10:00:00"), "2 working_hour".parse().unwrap()).unwrap();
    check(&longer, "2026-03-02T14:00:00", ClockState::Lapsed { since: at("2026-03-02T14:00:00") });
}

#[test]
fn the_earlier_of_matter_and_law_binds_and_the_law_does_not_stretch() {
    let start = |law: &str| {
        let (limit, law) = ("5 working_day".parse().unwrap(), law.parse().unwrap());
        Clock::start(&shanghai(), at("2026-03-02T09:00:00"), limit, Some(law))
    };
    let by_law = start("48 continuous_hour");
    check(&by_law, "2026-03-04T09:00:00", ClockState::Running);
    assert_eq!(by_law.binding(&shanghai()), Binding::Legal);
    let longer = by_law.extend(&shanghai(), at("2026-03-03T09:00:00"), Limit::new(5, Unit::WorkingDay)).unwrap();
    check(&longer, "2026-03-04T09:00:00", ClockState::Running);
    let by_matter = start("15 working_day");
    check(&by_matter, "2026-03-09T17:30:00", ClockState::Running);
    assert_eq!(by_matter.binding(&shanghai()), Binding::Matter);
}

#[test]
fn an_outage_found_afterwards_takes_a_lapse_back() {
    let outage = |from: &str, to: &str| Excluded { from: at(from), to: at(to), stay: Stay::Outage };
    let down = outage("2026-03-02T10:00:00", "2026-03-02T11:00:00");
    let lapsed = clock("4 working_hour").lapse(at("2026-03-02T15:45:00")).unwrap();
    check(&lapsed.exclude(&shanghai(), down).unwrap(), "2026-03-02T16:00:00", ClockState::Running);
    let late = clock("4 working_hour").stop(at("2026-03-02T15:45:00")).unwrap();
    let met = ClockState::Met { at: at("2026-03-02T15:45:00") };
    check(&late.exclude(&shanghai(), down).unwrap(), "2026-03-02T16:00:00", met);
    let twice = late.exclude(&shanghai(), down).unwrap().exclude(&shanghai(), down).unwrap();
    check(&twice, "2026-03-02T16:00:00", met);
    let elsewhere = lapsed.exclude(&shanghai(), outage("2026-03-02T20:00:00", "2026-03-02T21:00:00")).unwrap();
    check(&elsewhere, "2026-03-02T15:00:00", ClockState::Lapsed { since: at("2026-03-02T15:00:00") });
    let days =
        clock("1 working_day").exclude(&shanghai(), outage("2026-03-03T12:00:00", "2026-03-03T14:00:01")).unwrap();
    check(&days, "2026-03-04T17:30:00", ClockState::Running);
}

#[test]
fn an_ended_clock_takes_no_more_commands_until_it_is_restarted() {
    let clock = clock("1 working_day");
    let end = at("2026-03-02T12:00:00");
    for ended in [clock.stop(end).unwrap(), clock.cancel(end).unwrap()] {
        let refused = ClockError::Ended(end);
        assert_eq!(ended.stop(end), Err(refused));
        assert_eq!(ended.cancel(end), Err(refused));
        assert_eq!(ended.lapse(at("2026-05-02T12:00:00")), Err(refused));
        assert_eq!(ended.extend(&shanghai(), end, Limit::new(1, Unit::WorkingDay)), Err(refused));
        assert_eq!(ended.suspend(&shanghai(), end, at("2026-04-01T00:00:00")), Err(refused));
        assert_eq!(ended.restart(&shanghai(), at("2026-03-02T11:00:00"), clock.limit()), Err(refused));
        let again = ended.restart(&shanghai(), at("2026-03-03T09:00:00"), Limit::new(1, Unit::WorkingHour)).unwrap();
        check(&again, "2026-03-03T10:00:00", ClockState::Running);
    }
    assert!(clock.restart(&shanghai(), end, clock.limit()).is_err());
    assert_eq!(clock.stop(at("2026-03-02T08:00:00")), Err(ClockError::NotYetStarted(clock.started())));
}

#[test]
fn used_and_remaining_make_up_the_limit() {
    let clock = clock("4 working_hour");
    let now = at("2026-03-02T14:15:00");
    assert_eq!(clock.used(&shanghai(), now), Spent::Time(jiff::SignedDuration::from_mins(195)));
    assert_eq!(clock.remaining(&shanghai(), now), Spent::Time(jiff::SignedDuration::from_mins(45)));
    assert_eq!(clock.at_share(&shanghai(), 75), at("2026-03-02T12:00:00"));
    let overdue = clock.remaining(&shanghai(), at("2026-03-03T09:30:00"));
    assert_eq!(overdue, Spent::Time(-jiff::SignedDuration::from_mins(210)));
}
