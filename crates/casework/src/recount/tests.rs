use std::collections::BTreeMap;

use kernel::{Calendar, ClockState, Instant, Limit, text};

use super::*;
use crate::case::testing::{limit, program, rulebook, staff};
use crate::case::{Caller, ClockKey, Rulebook, TIMEKEEPER};

/// 31 December 2026 is a Thursday; of 2027 there is no list, or one that gives the Friday after it.
fn book(list: Option<&str>) -> Rulebook {
    let mut book = rulebook();
    let mut plan = book.calendar.plan().clone();
    plan.published.remove(&2027);
    if let Some(days) = list {
        plan.add(&serde_json::from_str(&format!(r#"{{"year": 2027, "days": {days}}}"#)).unwrap());
    }
    book.calendar = Calendar::build(plan).unwrap();
    book
}

const NEW_YEAR: &str = r#"[{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]"#;
const MAKE_UP: &str = r#"[{"name": "元旦", "date": "2027-01-02", "isOffDay": false}]"#;

fn at(local: &str) -> Instant {
    crate::case::testing::at(local)
}

fn started(book: &Rulebook, days: &str) -> Timer {
    let limit: Limit = limit(days);
    Timer::start(book, "D1", at("2026-12-31 09:00"), limit, None)
}

fn recount(book: &Rulebook, timer: &Timer, caller: &Caller) -> Result<Recounted<ClockKey>, RecountRefusal> {
    let cx = Context { book, at: at("2027-01-01 10:00"), claimed_at: None, caller, draw: 0.0, head: None };
    recounted(&BTreeMap::from([(ClockKey::Handle(1), timer.clone())]), &cx)
}

#[test]
fn a_provisional_due_instant_is_counted_again_when_the_list_comes_and_once() {
    let (before, after, timekeeper) = (book(None), book(Some(NEW_YEAR)), program(TIMEKEEPER));
    let timer = started(&before, "1 working_day");
    assert!(timer.provisional() && timer.due_at() == at("2027-01-01 17:30"));
    let (years, clocks) = recount(&after, &timer, &timekeeper).unwrap();
    assert_eq!(years, BTreeSet::from([2026, 2027]));
    let again = &clocks[0].1;
    assert_eq!((again.due_at(), again.provisional()), (at("2027-01-04 17:30"), false));
    assert_eq!(again.clock(), started(&after, "1 working_day").clock(), "as if the list had always been there");
    assert!(again.remind_at.is_some_and(|remind| remind > at("2027-01-01 10:00")));

    assert_eq!(recount(&after, again, &timekeeper), Err(RecountRefusal::NothingNew), "twice");
    assert_eq!(recount(&before, &timer, &timekeeper), Err(RecountRefusal::NothingNew), "no list");
    let settled = started(&before, "2 working_hour");
    assert_eq!(recount(&after, &settled, &timekeeper), Err(RecountRefusal::NothingNew), "never provisional");
    let not_permitted = RecountRefusal::NotPermitted { action: Action::KeepTime };
    assert_eq!(recount(&after, &timer, &staff("dora", "S1")), Err(not_permitted.clone()));
    for refusal in [RecountRefusal::NothingNew, not_permitted] {
        assert!(text::has(refusal.code()), "{}", refusal.code());
    }
}

#[test]
fn a_list_takes_a_lapse_back_and_leaves_what_was_met() {
    let (before, after, timekeeper) = (book(None), book(Some(NEW_YEAR)), program(TIMEKEEPER));
    let timer = started(&before, "1 working_day");
    let lapsed = timer.lapsed(at("2027-01-01 18:00")).unwrap();
    let (_, clocks) = recount(&after, &lapsed, &timekeeper).unwrap();
    assert_eq!((clocks[0].1.due_at(), clocks[0].1.state()), (at("2027-01-04 17:30"), ClockState::Running));
    let met = timer.stopped(at("2027-01-01 10:00"));
    assert_eq!(recount(&after, &met, &timekeeper), Err(RecountRefusal::NothingNew));

    let timer = started(&before, "2 working_day");
    assert_eq!(timer.due_at(), at("2027-01-04 17:30"));
    let (_, clocks) = recount(&book(Some(MAKE_UP)), &timer, &timekeeper).unwrap();
    assert_eq!(clocks[0].1.due_at(), at("2027-01-02 17:30"), "a Saturday that the list makes a working day");
}
