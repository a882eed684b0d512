//! Dispatch, reassignment, escalation, grouping, confidential cases (PRACTICE 1, 6, 9, 13).

use super::*;
use crate::case::testing::only;
use crate::case::{
    Action, AssignmentState, ClockKey, Confidentiality, Escalate, Group, Grouping, MakeConfidential, Part, Reassign,
    Ungroup,
};

fn to(lead: Option<&str>, co_operating: &[&str]) -> Dispatch {
    let co_operating = co_operating.iter().map(|one| (*one).to_owned()).collect();
    Dispatch { lead: lead.map(str::to_owned), co_operating, note: None }
}

#[test]
fn dispatch_gives_each_department_a_part_with_its_own_clocks() {
    let scene = Scene::dispatched();
    let parts: Vec<_> = scene.case.standing().map(|one| (one.organization.as_str(), one.part)).collect();
    assert_eq!(parts, [("D1", Part::Lead), ("D2", Part::CoOperating)]);
    for no in [1, 2] {
        assert_eq!(scene.case.clocks[&ClockKey::Answer(no)].due_at(), at("2026-03-02 10:00"));
        assert_eq!(scene.case.clocks[&ClockKey::Handle(no)].due_at(), at("2026-03-04 17:30"));
    }
    assert_eq!((scene.state(), scene.case.coordinator), (CaseState::Dispatched, Some(1)));
}

#[test]
fn dispatch_finds_the_lead_that_governs_the_place() {
    let mut command = rubbish("r/1");
    command.matter = Some("M3".into());
    let scene = Scene::of(command).then(desk(), Accept { matter: None, urgency: None }).then(desk(), to(None, &[]));
    assert_eq!(scene.case.lead().unwrap().organization, "S1");
}

#[test]
fn dispatch_lets_the_earlier_of_matter_and_law_bind() {
    assert_eq!(Scene::chained().case.clocks[&ClockKey::Handle(1)].due_at(), at("2026-03-03 17:30"));
}

#[test]
fn dispatch_adds_departments_to_a_standing_lead() {
    let scene = Scene::answered().then(desk(), to(None, &["D3"]));
    assert_eq!(scene.case.assignments[2].organization, "D3");
    assert_eq!(scene.state(), CaseState::Dispatched);
}

#[test]
fn dispatch_is_refused() {
    let scene = Scene::accepted();
    assert!(matches!(Scene::registered().refuses(desk(), to(None, &[])), CaseRefusal::WrongState { .. }));
    assert!(matches!(scene.refuses(staff("una", "S2"), to(None, &[])), CaseRefusal::NotAtDesk { .. }));
    let idle = only("ida", "S1", &[Action::Accept]);
    assert_eq!(scene.refuses(idle, to(None, &[])), CaseRefusal::NotPermitted { action: Action::Dispatch });
    assert!(matches!(scene.refuses(desk(), to(Some("Z"), &[])), CaseRefusal::UnknownOrganization { .. }));
    assert!(matches!(scene.refuses(desk(), to(None, &["D2", "D2"])), CaseRefusal::AlreadyAssigned { .. }));
    let standing = Scene::dispatched();
    assert!(matches!(standing.refuses(desk(), to(Some("D3"), &[])), CaseRefusal::AlreadyAssigned { .. }));
    assert_eq!(standing.refuses(desk(), to(None, &[])), CaseRefusal::NobodyToDispatchTo);
    let member = grouped();
    assert!(matches!(member.refuses(desk(), to(None, &[])), CaseRefusal::WorkedOnElsewhere { .. }));
    let secret = Scene::accepted().then(desk(), confide(&["kim"], Some("D1-1")));
    let why = secret.refuses(desk(), to(Some("D1"), &[]));
    assert_eq!(why, CaseRefusal::ComplainedOf { organization: "D1".into() });
}

#[test]
fn reassign_moves_a_part_to_another_unit() {
    let reassign = Reassign { assignment: 1, to: "D3".into(), reason: words("职责划转") };
    let scene = Scene::answered().at("2026-03-03 09:00").then(desk(), reassign);
    assert_eq!(scene.case.assignments[0].state, AssignmentState::TakenAway);
    assert!(!scene.case.clocks[&ClockKey::Handle(1)].is_open());
    let lead = scene.case.lead().unwrap();
    assert_eq!((lead.organization.as_str(), lead.no), ("D3", 3));
    // The first receiver co-ordinates until the other has taken the case.
    assert_eq!(scene.case.coordinator, Some(1));
    let taken = scene.then(staff("don", "D3"), Answer { assignment: 3 });
    assert_eq!(taken.case.coordinator, Some(3));
}

#[test]
fn reassign_is_refused() {
    let to = |assignment, to: &str| Reassign { assignment, to: to.into(), reason: words("职责划转") };
    let scene = Scene::answered();
    assert!(matches!(Scene::accepted().refuses(desk(), to(1, "D3")), CaseRefusal::WrongState { .. }));
    assert_eq!(scene.refuses(desk(), to(9, "D3")), CaseRefusal::NoSuchAssignment { no: 9 });
    assert!(matches!(scene.refuses(desk(), to(1, "D2")), CaseRefusal::AlreadyAssigned { .. }));
    assert!(matches!(scene.refuses(desk(), to(1, "Z")), CaseRefusal::UnknownOrganization { .. }));
    assert!(matches!(scene.refuses(handler(), to(1, "D3")), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), to(1, "D3")), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::half_handled().refuses(desk(), to(1, "D3")), CaseRefusal::WrongAssignmentState { .. }));
}

#[test]
fn escalate_hands_the_case_and_its_clocks_to_the_centre() {
    let escalate = Escalate { to: "CC".into(), reason: words("街道无法协调") };
    let scene = Scene::accepted().then(desk(), escalate);
    assert_eq!((scene.case.desk.as_str(), scene.case.escalations), ("CC", 1));
    assert_eq!(scene.case.clocks[&ClockKey::Dispatch].holder, "CC");
    assert_eq!(scene.case.clocks[&ClockKey::Accept].holder, "S1");
}

#[test]
fn escalate_is_refused() {
    let escalate = |to: &str| Escalate { to: to.into(), reason: words("街道无法协调") };
    let scene = Scene::accepted();
    assert_eq!(scene.refuses(desk(), escalate("S2")), CaseRefusal::NotAbove { organization: "S2".into() });
    assert!(matches!(scene.refuses(desk(), escalate("Z")), CaseRefusal::UnknownOrganization { .. }));
    assert!(matches!(scene.refuses(handler(), escalate("CC")), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), escalate("CC")), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::verified().refuses(desk(), escalate("CC")), CaseRefusal::WrongState { .. }));
}

fn head() -> Case {
    let mut head = Scene::dispatched().case;
    head.id = CaseId::from_uuid(uuid::Uuid::from_u128(2));
    head
}

/// An accepted case under another.
fn grouped() -> Scene {
    let mut scene = Scene::accepted();
    scene.head = Some(head());
    let head = scene.head.as_ref().unwrap().id;
    scene.then(desk(), Group { head, reason: None })
}

#[test]
fn group_leaves_each_case_its_number_and_clock() {
    let scene = grouped();
    assert!(matches!(scene.case.group, Grouping::Member { .. }));
    assert!(!scene.case.clocks[&ClockKey::Dispatch].is_open());
    assert!(scene.case.clocks[&ClockKey::Reply].is_open());
    let reply = || Close { outcome: None, reply: words("随主案办结") };
    assert_eq!(scene.refuses(desk(), reply()), CaseRefusal::HeadStillOpen);
    let mut scene = scene;
    scene.head = Some(Scene::closed().case);
    assert_eq!(scene.then(desk(), reply()).case.closed().unwrap().0.outcome, Outcome::Solved);
}

#[test]
fn group_is_refused() {
    let with = |head: Case, scene: &mut Scene| {
        let group = Group { head: head.id, reason: None };
        scene.head = Some(head);
        scene.refuses(desk(), group)
    };
    let mut scene = Scene::accepted();
    assert_eq!(scene.refuses(desk(), Group { head: head().id, reason: None }), CaseRefusal::NotGrouped);
    let own = scene.case.clone();
    assert_eq!(with(own, &mut scene), CaseRefusal::GroupedUnderItself);
    let member = Case { group: Grouping::Member { head: scene.case.id }, ..head() };
    assert_eq!(with(member, &mut scene), CaseRefusal::HeadIsMember);
    let secret = Case { confidentiality: Some(Confidentiality::default()), ..head() };
    assert_eq!(with(secret, &mut scene), CaseRefusal::ConfidentialStaysAlone);
    let closed = Case { id: head().id, ..Scene::closed().case };
    assert!(matches!(with(closed, &mut scene), CaseRefusal::WrongState { .. }));
    assert_eq!(with(head(), &mut grouped()), CaseRefusal::AlreadyGrouped);
    assert!(matches!(with(head(), &mut Scene::answered()), CaseRefusal::WrongState { .. }));
    let group = || Group { head: head().id, reason: None };
    scene.head = Some(head());
    assert!(matches!(scene.refuses(handler(), group()), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), group()), CaseRefusal::NotPermitted { .. }));
}

#[test]
fn ungroup_lets_the_case_be_dispatched_again() {
    let scene = grouped().then(desk(), Ungroup { reason: words("并非同一问题") });
    assert_eq!(scene.case.group, Grouping::Alone);
    assert!(scene.case.clocks[&ClockKey::Dispatch].is_open());
    scene.then(desk(), to(None, &[]));
}

#[test]
fn ungroup_is_refused() {
    let ungroup = || Ungroup { reason: words("并非同一问题") };
    assert_eq!(Scene::accepted().refuses(desk(), ungroup()), CaseRefusal::NotGrouped);
    assert!(matches!(grouped().refuses(handler(), ungroup()), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(grouped().refuses(resident("r/1"), ungroup()), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::closed().refuses(desk(), ungroup()), CaseRefusal::WrongState { .. }));
}

fn confide(named: &[&str], complained_of: Option<&str>) -> MakeConfidential {
    let named = named.iter().map(|one| (*one).to_owned()).collect();
    let complained_of = complained_of.map(str::to_owned);
    MakeConfidential {
        confidentiality: Confidentiality { named, complained_of, ..Default::default() },
        reason: words("涉及公职人员"),
    }
}

#[test]
fn make_confidential_lets_only_those_named_see_who_reported() {
    let scene = Scene::accepted().then(desk(), confide(&["kim"], Some("D1-1")));
    let sees = |person, organization| scene.case.lets_see_reporter(person, Some(organization));
    assert!(sees("kim", "DI"));
    assert!(!sees("dora", "S1"), "not named");
    assert!(!sees("kim", "D1-1"), "the unit complained of");
    assert!(!sees("kim", "D1"), "above it");
    let barred = &scene.case.confidentiality.as_ref().unwrap().barred;
    assert!(["D1-1", "D1"].iter().all(|code| barred.contains(*code)), "{barred:?}");
    assert!(!scene.case.is_findable());
    assert!(Scene::accepted().case.lets_see_reporter("anyone", None));
}

#[test]
fn make_confidential_is_refused() {
    let scene = Scene::accepted();
    assert_eq!(scene.refuses(desk(), confide(&[], None)), CaseRefusal::NobodyNamed);
    assert_eq!(grouped().refuses(desk(), confide(&["kim"], None)), CaseRefusal::ConfidentialStaysAlone);
    let why = Scene::dispatched().refuses(desk(), confide(&["kim"], Some("D1-1")));
    assert_eq!(why, CaseRefusal::ComplainedOf { organization: "D1".into() });
    assert!(matches!(scene.refuses(handler(), confide(&["kim"], None)), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), confide(&["kim"], None)), CaseRefusal::NotPermitted { .. }));
    let secret = scene.then(desk(), confide(&["kim"], None));
    assert_eq!(secret.refuses(desk(), confide(&["dora"], None)), CaseRefusal::NotNamed);
}
