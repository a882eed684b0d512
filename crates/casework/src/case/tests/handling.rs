//! What a department does, and the steps inside it (PRACTICE 2, 10).

use super::*;
use crate::case::testing::only;
use crate::case::{Action, AssignmentState, ClockKey, PassInside, Promise, SendBack, Sign, Step};

#[test]
fn answer_stops_its_own_clock_alone() {
    let scene = Scene::dispatched().at("2026-03-02 09:30").then(handler(), Answer { assignment: 1 });
    assert!(!scene.case.clocks[&ClockKey::Answer(1)].is_open());
    assert!(scene.case.clocks[&ClockKey::Answer(2)].is_open());
    assert_eq!(scene.state(), CaseState::Dispatched, "D2 has not answered");
    let both = scene.then(staff("deb", "D2"), Answer { assignment: 2 });
    assert_eq!(both.state(), CaseState::Answered);
}

#[test]
fn answer_is_refused() {
    let answer = |assignment| Answer { assignment };
    let scene = Scene::dispatched();
    let why = scene.refuses(staff("deb", "D2"), answer(1));
    assert_eq!(why, CaseRefusal::NotYourAssignment { organization: "D1".into() });
    assert_eq!(scene.refuses(handler(), answer(9)), CaseRefusal::NoSuchAssignment { no: 9 });
    let idle = only("ida", "D1", &[Action::Sign]);
    assert_eq!(scene.refuses(idle, answer(1)), CaseRefusal::NotPermitted { action: Action::Handle });
    assert!(matches!(Scene::answered().refuses(handler(), answer(1)), CaseRefusal::WrongAssignmentState { .. }));
    assert!(matches!(Scene::closed().refuses(handler(), answer(1)), CaseRefusal::WrongState { .. }));
    assert_eq!(
        Scene::dispatched().then(handler(), ask_return()).refuses(handler(), answer(1)),
        CaseRefusal::RequestPending
    );
}

fn contact() -> RecordContact {
    RecordContact { assignment: 1, contact: Contact { way: ContactWay::InPerson, reached: true }, words: None }
}

#[test]
fn record_contact_is_counted_for_the_follow_up() {
    let scene = Scene::answered().then(handler(), contact()).then(handler(), contact());
    assert_eq!(scene.case.assignments[0].contacts, 2);
}

#[test]
fn record_contact_is_refused() {
    assert!(matches!(Scene::dispatched().refuses(handler(), contact()), CaseRefusal::WrongAssignmentState { .. }));
    let why = Scene::answered().refuses(staff("deb", "D2"), contact());
    assert!(matches!(why, CaseRefusal::NotYourAssignment { .. }));
    assert!(matches!(Scene::answered().refuses(resident("r/1"), contact()), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::closed().refuses(handler(), contact()), CaseRefusal::WrongState { .. }));
    let missing = RecordContact { assignment: 7, ..contact() };
    assert_eq!(Scene::answered().refuses(handler(), missing), CaseRefusal::NoSuchAssignment { no: 7 });
}

#[test]
fn report_done_makes_the_part_handled_where_nobody_signs() {
    let mut scene = Scene::answered().at("2026-03-03 10:00");
    let facts = scene.act(handler(), report(1, Outcome::Solved)).unwrap();
    assert_eq!(facts, ["case.reported", "case.handled"]);
    assert!(!scene.case.clocks[&ClockKey::Handle(1)].is_open());
    assert!(!scene.case.clocks.contains_key(&ClockKey::Verify), "D2 is not done");
    assert!(Scene::handled().case.clocks[&ClockKey::Verify].is_open());
    assert_eq!(Scene::handled().state(), CaseState::Handled);
}

#[test]
fn report_done_wants_the_evidence_only_of_what_was_solved() {
    let explained = ReportDone { evidence: vec![], ..report(1, Outcome::Explained) };
    Scene::answered().then(handler(), explained);
}

#[test]
fn report_done_is_refused() {
    let scene = Scene::answered();
    let bare = ReportDone { evidence: vec![], ..report(1, Outcome::Solved) };
    assert_eq!(scene.refuses(handler(), bare), CaseRefusal::EvidenceMissing { kind: "photo_after".into() });
    let past = Outcome::Interim(Promise { due: at(MORNING) });
    assert_eq!(scene.refuses(handler(), report(1, past)), CaseRefusal::PromiseInThePast);
    let withdrawn = scene.refuses(handler(), report(1, Outcome::Withdrawn));
    assert!(matches!(withdrawn, CaseRefusal::WrongAssignmentState { .. }));
    let early = Scene::dispatched().refuses(handler(), report(1, Outcome::Solved));
    assert!(matches!(early, CaseRefusal::WrongAssignmentState { .. }));
    let other = scene.refuses(staff("deb", "D2"), report(1, Outcome::Solved));
    assert!(matches!(other, CaseRefusal::NotYourAssignment { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), report(1, Outcome::Solved)), CaseRefusal::NotPermitted { .. }));
    assert_eq!(scene.refuses(handler(), report(9, Outcome::Solved)), CaseRefusal::NoSuchAssignment { no: 9 });
    assert!(matches!(Scene::closed().refuses(handler(), report(1, Outcome::Solved)), CaseRefusal::WrongState { .. }));
    let chained = Scene::chained().then(department(), Answer { assignment: 1 });
    assert_eq!(chained.refuses(department(), report(1, Outcome::Solved)), CaseRefusal::NotAtHandler);
    let inside = at_handler();
    let why = inside.refuses(department(), report(1, Outcome::Solved));
    assert_eq!(why, CaseRefusal::NotYourStep { holder: "D1-1".into() });
    let returning = Scene::answered().then(handler(), ask_return());
    assert_eq!(returning.refuses(handler(), report(1, Outcome::Solved)), CaseRefusal::RequestPending);
    let suspended = super::delays::suspended();
    assert_eq!(suspended.refuses(handler(), report(1, Outcome::Solved)), CaseRefusal::Suspended);
}

fn pass(to: Step, organization: &str) -> PassInside {
    PassInside { assignment: 1, to, organization: organization.into() }
}

/// Answered by the registry of D1 and passed down to the handler in section D1-1.
pub(super) fn at_handler() -> Scene {
    Scene::chained()
        .then(department(), Answer { assignment: 1 })
        .then(department(), pass(Step::Section, "D1-1"))
        .then(staff("sue", "D1-1"), pass(Step::Handler, "D1-1"))
}

pub(super) fn reported() -> Scene {
    at_handler().then(handler(), report(1, Outcome::Solved))
}

#[test]
fn pass_inside_goes_step_by_step_and_keeps_the_time_of_each() {
    let scene = at_handler();
    let inner = &scene.case.assignments[0].inner;
    assert_eq!((inner.step(), inner.holder.as_deref()), (Some(Step::Handler), Some("D1-1")));
    let steps: Vec<Step> = inner.taken.iter().map(|taken| taken.step).collect();
    assert_eq!(steps, [Step::Registry, Step::Section, Step::Handler]);
}

#[test]
fn pass_inside_is_refused() {
    let scene = Scene::chained().then(department(), Answer { assignment: 1 });
    let skip = scene.refuses(department(), pass(Step::Handler, "D1-1"));
    assert_eq!(skip, CaseRefusal::StepSkipped { to: "handler" });
    let outside = scene.refuses(department(), pass(Step::Section, "D2"));
    assert_eq!(outside, CaseRefusal::NotInside { organization: "D2".into() });
    assert!(matches!(
        scene.refuses(staff("deb", "D2"), pass(Step::Section, "D1-1")),
        CaseRefusal::NotYourAssignment { .. }
    ));
    assert!(matches!(scene.refuses(resident("r/1"), pass(Step::Section, "D1-1")), CaseRefusal::NotPermitted { .. }));
    let early = Scene::chained().refuses(department(), pass(Step::Section, "D1-1"));
    assert!(matches!(early, CaseRefusal::WrongAssignmentState { .. }));
    let passed = scene.then(department(), pass(Step::Section, "D1-1"));
    let why = passed.refuses(staff("con", "D1-9"), pass(Step::Handler, "D1-9"));
    assert_eq!(why, CaseRefusal::NotYourStep { holder: "D1-1".into() });
    let sign = at_handler().refuses(handler(), pass(Step::SectionHead, "D1-1"));
    assert_eq!(sign, CaseRefusal::StepSkipped { to: "section_head" });
    assert!(matches!(Scene::closed().refuses(handler(), pass(Step::Section, "D1-1")), CaseRefusal::WrongState { .. }));
    let missing = PassInside { assignment: 4, ..pass(Step::Section, "D1-1") };
    assert_eq!(passed.refuses(department(), missing), CaseRefusal::NoSuchAssignment { no: 4 });
    let returning = Scene::chained().then(department(), Answer { assignment: 1 }).then(department(), ask_return());
    assert_eq!(returning.refuses(department(), pass(Step::Section, "D1-1")), CaseRefusal::RequestPending);
}

#[test]
fn sign_by_section_head_and_leader_makes_it_handled() {
    let mut scene = reported();
    assert!(scene.case.clocks[&ClockKey::Handle(1)].is_open(), "the clock runs until the last signature");
    assert_eq!(scene.act(staff("hua", "D1-1"), Sign { assignment: 1 }).unwrap(), ["case.signed"]);
    assert_eq!(scene.act(staff("lei", "D1"), Sign { assignment: 1 }).unwrap(), ["case.signed", "case.handled"]);
    assert_eq!(scene.state(), CaseState::Handled);
}

#[test]
fn sign_is_refused() {
    let sign = || Sign { assignment: 1 };
    assert_eq!(reported().refuses(handler(), sign()), CaseRefusal::SamePerson);
    assert_eq!(at_handler().refuses(staff("hua", "D1-1"), sign()), CaseRefusal::NoSignatureDue);
    assert!(matches!(reported().refuses(staff("deb", "D2"), sign()), CaseRefusal::NotYourAssignment { .. }));
    let idle = only("ida", "D1", &[Action::Handle]);
    assert_eq!(reported().refuses(idle, sign()), CaseRefusal::NotPermitted { action: Action::Sign });
    assert!(matches!(Scene::closed().refuses(handler(), sign()), CaseRefusal::WrongState { .. }));
    assert_eq!(reported().refuses(staff("lei", "D1"), Sign { assignment: 5 }), CaseRefusal::NoSuchAssignment { no: 5 });
}

fn back() -> SendBack {
    SendBack { assignment: 1, reason: words("照片不清楚") }
}

#[test]
fn send_back_from_a_signature_goes_to_the_handler() {
    let scene = reported().then(staff("hua", "D1-1"), back());
    assert!(matches!(scene.case.assignments[0].state, AssignmentState::Answered { .. }));
    assert_eq!(scene.case.assignments[0].inner.step(), Some(Step::Handler));
    let scene = at_handler().then(handler(), back());
    assert_eq!(scene.case.assignments[0].inner.step(), Some(Step::Section));
}

#[test]
fn send_back_is_refused() {
    let answered = Scene::chained().then(department(), Answer { assignment: 1 });
    assert_eq!(answered.refuses(department(), back()), CaseRefusal::StepSkipped { to: "registry" });
    assert!(matches!(Scene::chained().refuses(department(), back()), CaseRefusal::WrongAssignmentState { .. }));
    assert!(matches!(reported().refuses(staff("deb", "D2"), back()), CaseRefusal::NotYourAssignment { .. }));
    let idle = only("ida", "D1", &[Action::Handle]);
    assert_eq!(reported().refuses(idle, back()), CaseRefusal::NotPermitted { action: Action::Sign });
    assert_eq!(at_handler().refuses(department(), back()), CaseRefusal::NotYourStep { holder: "D1-1".into() });
    assert!(matches!(Scene::closed().refuses(handler(), back()), CaseRefusal::WrongState { .. }));
    let missing = SendBack { assignment: 6, ..back() };
    assert_eq!(reported().refuses(handler(), missing), CaseRefusal::NoSuchAssignment { no: 6 });
}
