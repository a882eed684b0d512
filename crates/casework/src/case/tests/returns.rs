//! Return and arbitration (PRACTICE 6).

use super::*;
use crate::case::testing::only;
use crate::case::{Action, Arbitrate, AssignmentState, ClockKey, Lapse, Part, Request, ReviewReturn};
use kernel::ClockState;

fn review(granted: bool) -> ReviewReturn {
    ReviewReturn { assignment: 1, granted, reason: words("经核定职责") }
}

fn centre() -> Caller {
    staff("cao", "CC")
}

/// Two returns asked for and rejected.
pub(super) fn exhausted() -> Scene {
    Scene::dispatched()
        .then(handler(), ask_return())
        .then(centre(), review(false))
        .then(handler(), ask_return())
        .then(centre(), review(false))
}

#[test]
fn request_return_leaves_the_clock_running() {
    let scene = Scene::answered().at("2026-03-03 17:30").then(handler(), ask_return());
    assert!(matches!(scene.case.assignments[0].pending, Some(Request::Return { .. })));
    assert!(scene.case.clocks[&ClockKey::Handle(1)].is_running());
    assert_eq!(scene.case.clocks[&ClockKey::Review(1)].holder, "CC");
    assert_eq!(scene.case.coordinator, Some(1), "the first receiver co-ordinates");
}

#[test]
fn review_return_ends_the_pause_of_the_returner() {
    let paused = super::delays::suspended();
    assert!(paused.case.clocks[&ClockKey::Suspension(1)].is_running());
    let scene = paused.then(handler(), ask_return()).then(centre(), review(true));
    assert!(!scene.case.clocks[&ClockKey::Suspension(1)].is_open());
    let reply = scene.case.clocks[&ClockKey::Reply].clock().unwrap();
    assert_eq!(reply.suspended(scene.now), None, "the desk's clock of the whole runs on");
}

#[test]
fn request_return_is_refused() {
    let scene = Scene::answered();
    let late = Scene::answered().at("2026-03-03 17:31").refuses(handler(), ask_return());
    assert_eq!(late, CaseRefusal::ReturnWindowOver { until: at("2026-03-03 17:30") });
    let bare = RequestReturn { basis: " ".into(), ..ask_return() };
    assert_eq!(scene.refuses(handler(), bare), CaseRefusal::BasisMissing);
    let own = RequestReturn { suggested: "D1-9".into(), ..ask_return() };
    assert_eq!(scene.refuses(handler(), own), CaseRefusal::SuggestsItself);
    let unknown = RequestReturn { suggested: "Z".into(), ..ask_return() };
    assert!(matches!(scene.refuses(handler(), unknown), CaseRefusal::UnknownOrganization { .. }));
    assert!(matches!(scene.refuses(staff("deb", "D2"), ask_return()), CaseRefusal::NotYourAssignment { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), ask_return()), CaseRefusal::NotPermitted { .. }));
    let handled = Scene::half_handled().refuses(handler(), ask_return());
    assert!(matches!(handled, CaseRefusal::WrongAssignmentState { .. }));
    let pending = Scene::answered().then(handler(), ask_return());
    assert_eq!(pending.refuses(handler(), ask_return()), CaseRefusal::RequestPending);
    assert_eq!(exhausted().refuses(handler(), ask_return()), CaseRefusal::ReturnsExhausted { most: 2 });
    let named = exhausted().then(staff("arb", "AR"), Arbitrate { organization: "D3".into(), reason: words("裁定") });
    let again = RequestReturn { assignment: 3, suggested: "D1".into(), ..ask_return() };
    assert_eq!(named.refuses(staff("don", "D3"), again), CaseRefusal::Binding);
    assert!(matches!(Scene::closed().refuses(handler(), ask_return()), CaseRefusal::WrongState { .. }));
    let missing = RequestReturn { assignment: 8, ..ask_return() };
    assert_eq!(scene.refuses(handler(), missing), CaseRefusal::NoSuchAssignment { no: 8 });
}

#[test]
fn review_return_granted_frees_the_returner_of_all_its_time() {
    let scene = Scene::dispatched()
        .then(handler(), ask_return())
        .at("2026-03-02 10:30")
        .then(timekeeper(), Lapse { clock: ClockKey::Answer(1) });
    assert!(matches!(scene.case.clocks[&ClockKey::Answer(1)].state(), ClockState::Lapsed { .. }));
    let scene = scene.at("2026-03-02 11:00").then(centre(), review(true));
    assert_eq!(scene.case.assignments[0].state, AssignmentState::Returned);
    for key in [ClockKey::Answer(1), ClockKey::Handle(1)] {
        assert!(matches!(scene.case.clocks[&key].state(), ClockState::Cancelled { .. }), "{key}");
    }
    assert!(scene.case.clocks[&ClockKey::Dispatch].is_open(), "the desk has to dispatch again");
    assert_eq!(scene.case.coordinator, Some(1), "until another has taken the case");
    let dispatch = Dispatch { lead: Some("D3".into()), co_operating: vec![], note: None };
    let scene = scene.then(desk(), dispatch).then(staff("don", "D3"), Answer { assignment: 3 });
    assert_eq!(scene.case.coordinator, Some(3));
}

#[test]
fn review_return_rejected_counts_and_leaves_the_clock() {
    let scene = Scene::dispatched().then(handler(), ask_return()).then(desk(), review(false));
    assert_eq!((scene.case.returns, scene.case.returns_rejected), (1, 1));
    assert_eq!(scene.case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-04 17:30"));
    assert!(!scene.case.clocks[&ClockKey::Review(1)].is_open());
}

#[test]
fn review_return_is_refused() {
    let scene = Scene::dispatched().then(handler(), ask_return());
    assert_eq!(Scene::dispatched().refuses(centre(), review(true)), CaseRefusal::NothingToReview);
    assert!(matches!(scene.refuses(staff("una", "S2"), review(true)), CaseRefusal::NotAtDesk { .. }));
    let idle = only("ida", "CC", &[Action::Accept]);
    assert_eq!(scene.refuses(idle, review(true)), CaseRefusal::NotPermitted { action: Action::Review });
    let missing = ReviewReturn { assignment: 9, ..review(true) };
    assert_eq!(scene.refuses(centre(), missing), CaseRefusal::NoSuchAssignment { no: 9 });
    // The subdistrict is desk and handler at once: it does not review its own return.
    let dispatch = Dispatch { lead: Some("S1".into()), co_operating: vec![], note: None };
    let own = Scene::accepted().then(desk(), dispatch).then(desk(), ask_return());
    assert_eq!(own.refuses(desk(), review(true)), CaseRefusal::NotIndependent);
}

#[test]
fn arbitrate_names_a_unit_that_must_take_the_case() {
    let arbitrate = |to: &str| Arbitrate { organization: to.into(), reason: words("裁定") };
    let scene = exhausted().then(staff("arb", "AR"), arbitrate("D3"));
    let lead = scene.case.lead().unwrap();
    assert_eq!((lead.organization.as_str(), lead.binding, lead.part), ("D3", true, Part::Lead));
    assert_eq!(scene.case.assignments[0].state, AssignmentState::TakenAway);
    let same = exhausted().then(staff("arb", "AR"), arbitrate("D1"));
    assert!(same.case.lead().unwrap().binding);
}

#[test]
fn arbitrate_is_refused() {
    let arbitrate = |to: &str| Arbitrate { organization: to.into(), reason: words("裁定") };
    let arbitrator = || staff("arb", "AR");
    assert_eq!(Scene::answered().refuses(arbitrator(), arbitrate("D3")), CaseRefusal::ArbitrationTooEarly);
    let scene = exhausted();
    let why = scene.refuses(centre(), arbitrate("D3"));
    assert_eq!(why, CaseRefusal::NotAnArbitrator { organization: "CC".into() });
    assert!(matches!(scene.refuses(arbitrator(), arbitrate("Z")), CaseRefusal::UnknownOrganization { .. }));
    assert!(matches!(scene.refuses(arbitrator(), arbitrate("D2")), CaseRefusal::AlreadyAssigned { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), arbitrate("D3")), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::closed().refuses(arbitrator(), arbitrate("D3")), CaseRefusal::WrongState { .. }));
}
