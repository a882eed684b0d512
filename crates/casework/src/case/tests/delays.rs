//! Extension and suspension (PRACTICE 7).

use super::*;
use crate::case::testing::{limit, only};
use crate::case::{Action, ClockKey, Delay, EndSuspension, Lapse, RequestDelay, ReviewDelay};

fn ask(delay: Delay) -> RequestDelay {
    let reason = match delay {
        Delay::Extension { .. } => "weather",
        Delay::Suspension { .. } => "season",
    };
    RequestDelay { assignment: 1, delay, reason: reason.into(), words: words("连续降雨") }
}

fn extension(by: &str) -> RequestDelay {
    ask(Delay::Extension { by: limit(by) })
}

fn suspension(until: &str) -> RequestDelay {
    ask(Delay::Suspension { until: at(until) })
}

fn review(granted: bool) -> ReviewDelay {
    ReviewDelay { assignment: 1, granted, words: None }
}

pub(super) fn suspended() -> Scene {
    Scene::answered().then(handler(), suspension("2026-03-10 09:00")).then(desk(), review(true))
}

#[test]
fn request_delay_waits_for_the_desk() {
    let scene = Scene::answered().then(handler(), extension("1 working_day"));
    assert_eq!(scene.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-04 17:30"));
    assert_eq!(scene.case.clocks[&ClockKey::Review(1)].holder, "S1");
}

#[test]
fn review_delay_moves_the_clock_by_the_extension() {
    let scene = Scene::answered().then(handler(), extension("1 working_day")).then(desk(), review(true));
    assert_eq!(scene.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-05 17:30"));
    assert_eq!(scene.case.clocks[&ClockKey::Reply].due_at(), at("2026-03-10 17:30"));
    assert_eq!(scene.case.clocks[&ClockKey::Handle(2)].due_at(), at("2026-03-04 17:30"), "D2's is its own");
    let refused = Scene::answered().then(handler(), extension("1 working_day")).then(desk(), review(false));
    assert_eq!(refused.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-04 17:30"));
    assert_eq!(refused.case.assignments[0].pending, None);
}

#[test]
fn review_delay_suspends_until_the_end_date() {
    let scene = suspended();
    // Day units stand still by whole days: the days after the 2nd up to the 10th do not count.
    assert_eq!(scene.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-12 17:30"));
    assert!(scene.case.suspended());
    let ended = scene.at("2026-03-10 09:00").then(timekeeper(), Lapse { clock: ClockKey::Suspension(1) });
    assert!(!ended.case.suspended());
    ended.then(handler(), report(1, Outcome::Solved));
}

/// The desk takes longer than the clock: what was asked for in time is granted as from the asking.
#[test]
fn review_delay_after_the_due_instant_takes_the_lapse_back() {
    let lapsed = |request: RequestDelay| {
        let asked = Scene::answered().then(handler(), request).at("2026-03-05 09:00");
        asked.then(timekeeper(), Lapse { clock: ClockKey::Handle(1) })
    };
    let extended = lapsed(extension("1 working_day")).then(desk(), review(true));
    let timer = &extended.case.clocks[&ClockKey::Handle(1)];
    assert_eq!((timer.due_at(), timer.is_running()), (at("2026-03-05 17:30"), true));

    let unrecorded = Scene::answered().then(handler(), extension("1 working_day")).at("2026-03-05 09:00");
    let unrecorded = unrecorded.then(desk(), review(true));
    assert_eq!(unrecorded.case.clocks[&ClockKey::Handle(1)].clock(), timer.clock(), "whoever looked first");

    let paused = lapsed(suspension("2026-03-10 09:00")).then(desk(), review(true));
    let timer = &paused.case.clocks[&ClockKey::Handle(1)];
    assert_eq!((timer.due_at(), timer.is_running()), (at("2026-03-12 17:30"), true));
    assert_eq!(paused.case.clocks[&ClockKey::Suspension(1)].started(), at(MORNING), "it began with the asking");

    let still_late = lapsed(extension("1 working_day")).at("2026-03-06 09:00").then(desk(), review(true));
    let timer = still_late.case.clocks[&ClockKey::Handle(1)].clone();
    assert_eq!((timer.due_at(), timer.is_running()), (at("2026-03-05 17:30"), true));
    let again = still_late.then(timekeeper(), Lapse { clock: ClockKey::Handle(1) });
    assert_eq!(again.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-05 17:30"));
    assert!(!again.case.clocks[&ClockKey::Handle(1)].is_running(), "it lapses anew at the later due instant");

    let refused = lapsed(extension("1 working_day")).then(desk(), review(false));
    assert!(!refused.case.clocks[&ClockKey::Handle(1)].is_running());
}

#[test]
fn request_delay_is_refused() {
    let scene = Scene::answered();
    let reason = RequestDelay { reason: "holiday".into(), ..extension("1 working_day") };
    assert_eq!(scene.refuses(handler(), reason), CaseRefusal::UnknownReason { reason: "holiday".into() });
    let reason = RequestDelay { reason: "weather".into(), ..suspension("2026-03-10 09:00") };
    assert!(matches!(scene.refuses(handler(), reason), CaseRefusal::UnknownReason { .. }));
    let longest = at("2026-03-06 17:30");
    assert_eq!(scene.refuses(handler(), extension("3 working_day")), CaseRefusal::TooLong { longest });
    assert!(matches!(scene.refuses(handler(), suspension("2026-05-30 09:00")), CaseRefusal::TooLong { .. }));
    assert_eq!(scene.refuses(handler(), suspension(MORNING)), CaseRefusal::EndsTooEarly { at: at(MORNING) });
    let late = Scene::answered().at("2026-03-05 09:00");
    let due = at("2026-03-04 17:30");
    assert_eq!(late.refuses(handler(), extension("1 working_day")), CaseRefusal::PastDue { due });
    let once = Scene::answered().then(handler(), extension("1 working_day"));
    assert_eq!(once.refuses(handler(), extension("1 working_day")), CaseRefusal::RequestPending);
    let once = once.then(desk(), review(true));
    assert_eq!(once.refuses(handler(), extension("1 working_day")), CaseRefusal::ExtensionsExhausted { most: 1 });
    assert_eq!(suspended().refuses(handler(), suspension("2026-03-20 09:00")), CaseRefusal::Suspended);
    assert!(matches!(
        scene.refuses(staff("deb", "D2"), extension("1 working_day")),
        CaseRefusal::NotYourAssignment { .. }
    ));
    assert!(matches!(scene.refuses(resident("r/1"), extension("1 working_day")), CaseRefusal::NotPermitted { .. }));
    let handled = Scene::half_handled().refuses(handler(), extension("1 working_day"));
    assert!(matches!(handled, CaseRefusal::WrongAssignmentState { .. }));
    assert!(matches!(Scene::closed().refuses(handler(), extension("1 working_day")), CaseRefusal::WrongState { .. }));
    let mut command = rubbish("r/1");
    command.matter = Some("M3".into());
    let untimed = Scene::of(command)
        .then(desk(), Accept { matter: None, urgency: None })
        .then(desk(), Dispatch { lead: Some("D1".into()), co_operating: vec![], note: None });
    assert_eq!(untimed.refuses(handler(), extension("1 working_day")), CaseRefusal::NoClock);
    let missing = RequestDelay { assignment: 9, ..extension("1 working_day") };
    assert_eq!(scene.refuses(handler(), missing), CaseRefusal::NoSuchAssignment { no: 9 });
}

#[test]
fn request_delay_keeps_the_notice_the_profile_wants() {
    let mut scene = Scene::answered().at("2026-03-04 15:00");
    scene.book.rules.extension.before_due = limit("4 working_hour");
    let due = at("2026-03-04 17:30");
    assert_eq!(scene.refuses(handler(), extension("1 working_day")), CaseRefusal::PastDue { due });
    scene.at("2026-03-04 10:00").then(handler(), extension("1 working_day"));
}

#[test]
fn review_delay_is_refused() {
    assert_eq!(Scene::answered().refuses(desk(), review(true)), CaseRefusal::NothingToReview);
    let asked = Scene::answered().then(handler(), extension("1 working_day"));
    assert!(matches!(asked.refuses(staff("una", "S2"), review(true)), CaseRefusal::NotAtDesk { .. }));
    let idle = only("ida", "S1", &[Action::Accept]);
    assert_eq!(asked.refuses(idle, review(true)), CaseRefusal::NotPermitted { action: Action::Review });
    let missing = ReviewDelay { assignment: 9, ..review(true) };
    assert_eq!(asked.refuses(desk(), missing), CaseRefusal::NoSuchAssignment { no: 9 });
    let own = Dispatch { lead: Some("S1-1".into()), co_operating: vec![], note: None };
    let own = Scene::accepted().then(desk(), own).then(staff("nell", "S1-1"), extension("1 working_day"));
    assert_eq!(own.refuses(staff("nell", "S1-1"), review(true)), CaseRefusal::NotIndependent);
}

#[test]
fn end_suspension_lets_the_clock_run_on_sooner() {
    let scene = suspended().at("2026-03-04 09:00").then(handler(), EndSuspension { assignment: 1 });
    assert!(!scene.case.suspended());
    assert_eq!(scene.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-06 17:30"));
}

#[test]
fn end_suspension_is_refused() {
    let end = || EndSuspension { assignment: 1 };
    assert_eq!(Scene::answered().refuses(handler(), end()), CaseRefusal::NotSuspended);
    assert!(matches!(suspended().refuses(staff("deb", "D2"), end()), CaseRefusal::NotYourAssignment { .. }));
    assert!(matches!(suspended().refuses(resident("r/1"), end()), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::closed().refuses(handler(), end()), CaseRefusal::WrongState { .. }));
    assert_eq!(
        suspended().refuses(handler(), EndSuspension { assignment: 9 }),
        CaseRefusal::NoSuchAssignment { no: 9 }
    );
}
