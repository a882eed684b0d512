//! Verification, rework, closing, withdrawal (PRACTICE 8, 10).

use super::*;
use crate::case::testing::only;
use crate::case::{Action, AssignmentState, ClockKey, KeepPromise, OrderRework, Promise, Withdraw};

fn verify() -> Verify {
    Verify { evidence: vec![Evidence::of("photo")], words: None }
}

fn close(outcome: Option<Outcome>) -> Close {
    Close { outcome, reply: words("已办结") }
}

#[test]
fn verify_by_another_person_stops_its_clock() {
    let scene = Scene::handled().then(desk(), verify());
    assert_eq!(scene.state(), CaseState::Verified);
    assert!(!scene.case.clocks[&ClockKey::Verify].is_open());
}

#[test]
fn verify_is_refused() {
    let half = Scene::half_handled().refuses(desk(), verify());
    assert_eq!(half, CaseRefusal::WrongState { command: "verify", state: CaseState::Dispatched });
    assert!(matches!(Scene::handled().refuses(staff("una", "S2"), verify()), CaseRefusal::NotAtDesk { .. }));
    let idle = only("ida", "S1", &[Action::Close]);
    assert_eq!(Scene::handled().refuses(idle, verify()), CaseRefusal::NotPermitted { action: Action::Verify });
    let own = Dispatch { lead: Some("S1-1".into()), co_operating: vec![], note: None };
    let nell = || staff("nell", "S1-1");
    let own = Scene::accepted()
        .then(desk(), own)
        .then(nell(), Answer { assignment: 1 })
        .then(nell(), report(1, Outcome::Solved));
    assert_eq!(own.refuses(nell(), verify()), CaseRefusal::SamePerson);
}

#[test]
fn order_rework_starts_the_shorter_clock() {
    let rework = OrderRework { assignments: vec![1], reason: words("仍有残留") };
    let scene = Scene::handled().at("2026-03-03 09:00").then(desk(), rework);
    assert!(matches!(scene.case.assignments[0].state, AssignmentState::Answered { .. }));
    assert!(matches!(scene.case.assignments[1].state, AssignmentState::Handled { .. }));
    assert_eq!(scene.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-04 17:30"));
    assert!(!scene.case.clocks[&ClockKey::Verify].is_open());
    assert_eq!((scene.case.reworks, scene.case.assignments[0].reworks), (1, 1));
    let again = scene.then(handler(), report(1, Outcome::Solved));
    assert_eq!(again.state(), CaseState::Handled);
    assert!(again.case.clocks[&ClockKey::Verify].is_open());
}

#[test]
fn order_rework_is_refused() {
    let rework = |assignments: &[u16]| OrderRework { assignments: assignments.to_vec(), reason: words("仍有残留") };
    let scene = Scene::handled();
    assert_eq!(scene.refuses(desk(), rework(&[])), CaseRefusal::NothingToRework);
    assert_eq!(scene.refuses(desk(), rework(&[9])), CaseRefusal::NoSuchAssignment { no: 9 });
    let returned = Scene::answered().then(handler(), ask_return());
    assert!(matches!(returned.refuses(desk(), rework(&[1])), CaseRefusal::WrongState { .. }));
    assert!(matches!(scene.refuses(handler(), rework(&[1])), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), rework(&[1])), CaseRefusal::NotPermitted { .. }));
}

#[test]
fn close_meets_the_clock_of_the_reply() {
    let scene = Scene::verified().then(desk(), close(None));
    assert_eq!(scene.case.closed().unwrap().0.outcome, Outcome::Solved);
    assert!(scene.case.clocks.values().all(|timer| !timer.is_open()));
}

#[test]
fn close_at_the_desk_only_where_words_settle_it() {
    let explained = Scene::accepted().then(desk(), close(Some(Outcome::Explained)));
    assert_eq!(explained.case.closed().unwrap().0.outcome, Outcome::Explained);
}

#[test]
fn close_with_an_interim_answer_tracks_its_promise() {
    let promise = Promise { due: at("2026-04-01 17:30") };
    let scene = Scene::verified().then(desk(), close(Some(Outcome::Interim(promise))));
    let timer = &scene.case.clocks[&ClockKey::Promise];
    assert_eq!((timer.due(), timer.holder.as_str()), (Some(promise.due), "D1"));
    let kept = scene.then(handler(), KeepPromise { words: words("已按承诺完成") });
    assert!(!kept.case.clocks[&ClockKey::Promise].is_open());
    assert_eq!(kept.case.promise, None);
}

#[test]
fn close_is_refused() {
    assert!(matches!(Scene::handled().refuses(desk(), close(None)), CaseRefusal::WrongState { .. }));
    let solved = Scene::accepted().refuses(desk(), close(Some(Outcome::Solved)));
    assert_eq!(solved, CaseRefusal::WrongState { command: "close", state: CaseState::Accepted });
    let past = Outcome::Interim(Promise { due: at(MORNING) });
    assert_eq!(Scene::verified().refuses(desk(), close(Some(past))), CaseRefusal::PromiseInThePast);
    let withdrawn = Scene::verified().refuses(desk(), close(Some(Outcome::Withdrawn)));
    assert!(matches!(withdrawn, CaseRefusal::WrongState { .. }));
    assert!(matches!(Scene::verified().refuses(handler(), close(None)), CaseRefusal::NotAtDesk { .. }));
    let idle = only("ida", "S1", &[Action::Verify]);
    assert_eq!(Scene::verified().refuses(idle, close(None)), CaseRefusal::NotPermitted { action: Action::Close });
    let mut member = Scene::accepted();
    member.case.group = crate::case::Grouping::Member { head: member.case.id };
    assert_eq!(member.refuses(desk(), close(None)), CaseRefusal::HeadStillOpen);
}

#[test]
fn keep_promise_is_refused() {
    let keep = || KeepPromise { words: words("已完成") };
    assert_eq!(Scene::closed().refuses(desk(), keep()), CaseRefusal::NoPromise);
    let promise = Promise { due: at("2026-04-01 17:30") };
    let open = Scene::verified().then(desk(), close(Some(Outcome::Interim(promise))));
    assert!(matches!(open.refuses(staff("deb", "D2"), keep()), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(open.refuses(resident("r/1"), keep()), CaseRefusal::NotPermitted { .. }));
}

#[test]
fn withdraw_by_the_reporter_ends_every_duty() {
    let scene = Scene::answered().then(resident("r/1"), Withdraw { reason: words("已自行解决") });
    assert_eq!(scene.case.closed().unwrap().0.outcome, Outcome::Withdrawn);
    assert!(scene.case.clocks.values().all(|timer| !timer.is_open()));
    assert!(scene.case.assignments.iter().all(|one| one.state == AssignmentState::TakenAway));
}

#[test]
fn withdraw_is_refused() {
    let withdraw = || Withdraw { reason: words("已自行解决") };
    assert!(matches!(Scene::answered().refuses(resident("r/2"), withdraw()), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::answered().refuses(handler(), withdraw()), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(Scene::closed().refuses(resident("r/1"), withdraw()), CaseRefusal::WrongState { .. }));
}
