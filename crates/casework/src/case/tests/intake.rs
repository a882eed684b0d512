//! PRACTICE 3 and 13 at entry, acceptance, corrections.

use super::*;
use crate::case::testing::only;
use crate::case::{
    Action, ClockKey, Confidentiality, Correct, Decline, Exclusion, Location, Phase, Place, Sample, SampleCheck,
    Settle, Supplement, Urgency, settle,
};

fn try_register(command: &Register, caller: Caller) -> Result<Case, CaseRefusal> {
    open(command, &caller, &rulebook(), at(MORNING), 1)
}

#[test]
fn register_opens_a_case_at_the_desk_of_its_place() {
    let scene = Scene::registered();
    assert_eq!((scene.state(), scene.case.desk.as_str()), (CaseState::Registered, "S1"));
    assert_eq!(scene.case.clocks[&ClockKey::Accept].due_at(), at("2026-03-02 11:00"));
    assert_eq!(scene.case.clocks[&ClockKey::Reply].due_at(), at("2026-03-09 17:30"));

    let mut nowhere = rubbish("r/1");
    nowhere.location = Location::Unknown;
    assert_eq!(try_register(&nowhere, resident("r/1")).unwrap().desk, "CC");
}

#[test]
fn register_keeps_personal_values_out_of_the_fact() {
    let command = rubbish("r/1");
    let (book, caller) = (rulebook(), resident("r/1"));
    let cx = Context { book: &book, at: at(MORNING), claimed_at: None, caller: &caller, draw: 0.5, head: None };
    let decided = &register(&command, "n", &cx).unwrap()[0];
    let body = serde_json::to_string(&decided.fact).unwrap();
    let fields: Vec<_> = decided.personal.iter().map(|one| (one.subject.as_str(), one.field)).collect();
    assert_eq!(fields, [("r/1", "words"), ("r/1", "address"), ("r/1", "name"), ("r/1", "phone")]);
    for one in &decided.personal {
        assert!(!body.contains(&one.value), "{}", one.field);
    }
}

#[test]
fn register_uses_the_matter_in_force_when_it_was_opened() {
    let command = rubbish("r/1");
    let book = rulebook();
    let old = open(&command, &resident("r/1"), &book, at("2026-06-30 23:59"), 1).unwrap();
    let new = open(&command, &resident("r/1"), &book, at("2026-07-01 00:00"), 2).unwrap();
    assert_eq!((old.matter.unwrap().version, new.matter.unwrap().version), ("".into(), "2026-07-01".into()));
}

#[test]
fn register_is_refused() {
    let refuse = |change: &dyn Fn(&mut Register)| {
        let mut command = rubbish("r/1");
        change(&mut command);
        try_register(&command, resident("r/1")).unwrap_err()
    };
    assert!(matches!(refuse(&|c| c.declares_secret = true), CaseRefusal::SecretDeclared { .. }));
    assert!(matches!(refuse(&|c| c.words = words("有一份绝密 文件")), CaseRefusal::SecretSuspected { .. }));
    assert!(matches!(refuse(&|c| c.matter = Some("M9".into())), CaseRefusal::UnknownMatter { .. }));
    assert!(matches!(refuse(&|c| c.desk = Some("Z".into())), CaseRefusal::UnknownOrganization { .. }));
    let outside = |c: &mut Register| c.location = Location::Outside { metres: 320, bearing: 90 };
    assert_eq!(refuse(&outside), CaseRefusal::OutsideDistrict { metres: 320, bearing: 90 });
    let unnamed = |c: &mut Register| c.confidentiality = Some(Confidentiality::default());
    assert_eq!(refuse(&unnamed), CaseRefusal::NobodyNamed);
    assert_eq!(try_register(&rubbish("r/1"), resident("r/2")).unwrap_err(), CaseRefusal::NotTheReporter);
    let idle = only("ida", "S1", &[Action::Accept]);
    let why = try_register(&rubbish("r/1"), idle).unwrap_err();
    assert_eq!(why, CaseRefusal::NotPermitted { action: Action::Register });
    assert_eq!(crate::case::Words::new(" \n ").unwrap_err(), CaseRefusal::WordsMissing);
    let long = "长".repeat(8_001);
    assert!(matches!(crate::case::Words::new(long).unwrap_err(), CaseRefusal::WordsTooLong { length: 8_001, .. }));
}

fn try_settle(draw: f64, caller: Caller, change: impl Fn(&mut Register)) -> Result<Case, CaseRefusal> {
    let mut register = rubbish("r/1");
    register.evidence = ["photo_before", "photo_after"].map(Evidence::of).into();
    change(&mut register);
    let book = rulebook();
    let cx = Context { book: &book, at: at(MORNING), claimed_at: None, caller: &caller, draw, head: None };
    let decided = settle(&Settle { register }, "n", &cx)?;
    let mut case = Case::open(CaseId::from_uuid(uuid::Uuid::from_u128(1)), &decided[0].fact).unwrap();
    decided[1..].iter().for_each(|one| case.apply(&one.fact));
    Ok(case)
}

fn settled(draw: f64) -> Scene {
    let case = try_settle(draw, staff("gus", "S1-1"), |_| {}).unwrap();
    Scene { book: rulebook(), case, now: at(MORNING), head: None }
}

#[test]
fn settle_reports_and_closes_at_once() {
    let scene = settled(0.9);
    assert_eq!((scene.state(), scene.case.sample), (CaseState::Closed, Sample::NotDrawn));
    assert!(scene.case.clocks.is_empty());
    assert!(scene.case.closed().unwrap().0.on_the_spot);
}

#[test]
fn settle_draws_the_share_that_is_checked() {
    assert_eq!(settled(0.1999).case.sample, Sample::Drawn);
    assert_eq!(settled(0.2).case.sample, Sample::NotDrawn);
}

#[test]
fn settle_is_refused() {
    let gus = || staff("gus", "S1-1");
    let without =
        |kind: &'static str| try_settle(0.5, gus(), move |c| c.evidence.retain(|one| one.kind != kind)).unwrap_err();
    assert_eq!(without("photo_before"), CaseRefusal::EvidenceMissing { kind: "photo_before".into() });
    assert_eq!(without("photo_after"), CaseRefusal::EvidenceMissing { kind: "photo_after".into() });
    let signed = try_settle(0.5, gus(), |c| c.matter = Some("M2".into())).unwrap_err();
    assert_eq!(signed, CaseRefusal::NotOnTheSpot { code: "M2".into() });
    let unknown = try_settle(0.5, gus(), |c| c.matter = Some("M9".into())).unwrap_err();
    assert_eq!(unknown, CaseRefusal::UnknownMatter { code: "M9".into() });
    assert_eq!(try_settle(0.5, gus(), |c| c.matter = None).unwrap_err(), CaseRefusal::MatterMissing);
    let resident = try_settle(0.5, resident("r/1"), |_| {}).unwrap_err();
    assert_eq!(resident, CaseRefusal::NotPermitted { action: Action::Settle });
}

#[test]
fn sample_check_passes_or_reopens() {
    let check = |passed| SampleCheck { passed, evidence: vec![Evidence::of("photo")], words: None };
    let passed = settled(0.0).then(staff("ken", "S1"), check(true));
    assert_eq!((passed.state(), passed.case.sample), (CaseState::Closed, Sample::Passed));
    let failed = settled(0.0).then(staff("ken", "S1"), check(false));
    assert_eq!((failed.state(), failed.case.sample), (CaseState::Accepted, Sample::Failed));
    assert_eq!(failed.case.exclusion, Exclusion::None);
}

#[test]
fn sample_check_is_refused() {
    let check = || SampleCheck { passed: true, evidence: vec![Evidence::of("photo")], words: None };
    assert_eq!(settled(0.9).refuses(staff("ken", "S1"), check()), CaseRefusal::NotSampled);
    let drawn = settled(0.0);
    assert_eq!(drawn.refuses(staff("gus", "S1-1"), check()), CaseRefusal::SamePerson);
    let blank = SampleCheck { evidence: vec![], ..check() };
    assert!(matches!(drawn.refuses(staff("ken", "S1"), blank), CaseRefusal::EvidenceMissing { .. }));
    let idle = only("ida", "S1", &[Action::Accept]);
    assert_eq!(drawn.refuses(idle, check()), CaseRefusal::NotPermitted { action: Action::SampleCheck });
    let state = CaseState::Registered;
    let why = Scene::registered().refuses(staff("ken", "S1"), check());
    assert_eq!(why, CaseRefusal::WrongState { command: "sample_check", state });
}

#[test]
fn accept_fixes_the_matter_and_starts_the_clock_of_dispatch() {
    let scene = Scene::registered().at("2026-03-02 10:00").then(desk(), Accept { matter: None, urgency: None });
    assert_eq!(scene.case.phase, Phase::Accepted);
    assert!(!scene.case.clocks[&ClockKey::Accept].is_open());
    assert_eq!(scene.case.clocks[&ClockKey::Dispatch].due_at(), at("2026-03-02 11:00"));

    let mut vague = rubbish("r/1");
    vague.matter = None;
    let accept = Accept { matter: Some("M1".into()), urgency: Some(Urgency::Urgent) };
    let scene = Scene::of(vague).at("2026-03-02 10:00").then(desk(), accept);
    assert_eq!(scene.case.urgency, Urgency::Urgent);
    assert_eq!(scene.case.clocks[&ClockKey::Reply].started(), at(MORNING));
}

#[test]
fn accept_is_refused() {
    let accept = || Accept { matter: None, urgency: None };
    let state = CaseState::Accepted;
    assert_eq!(Scene::accepted().refuses(desk(), accept()), CaseRefusal::WrongState { command: "accept", state });
    let scene = Scene::registered();
    assert_eq!(scene.refuses(staff("una", "S2"), accept()), CaseRefusal::NotAtDesk { desk: "S1".into() });
    let idle = only("ida", "S1", &[Action::Register]);
    assert_eq!(scene.refuses(idle, accept()), CaseRefusal::NotPermitted { action: Action::Accept });
    let unknown = Accept { matter: Some("M9".into()), urgency: None };
    assert_eq!(scene.refuses(desk(), unknown), CaseRefusal::UnknownMatter { code: "M9".into() });
    let mut vague = rubbish("r/1");
    vague.matter = None;
    assert_eq!(Scene::of(vague).refuses(desk(), accept()), CaseRefusal::MatterMissing);
}

#[test]
fn correct_changes_matter_and_place() {
    let place = Place { path: vec!["A".into(), "A2".into()], ..Place::default() };
    let correct = Correct { matter: Some("M3".into()), location: Some(Location::At(place.clone())) };
    let mut scene = Scene::registered();
    assert_eq!(scene.act(desk(), correct).unwrap(), ["case.reclassified", "case.placed"]);
    assert_eq!(scene.case.place, Some(place));
    assert_eq!(scene.case.matter.unwrap().code, "M3");
}

#[test]
fn correct_is_refused() {
    let correct = |matter: Option<&str>| Correct { matter: matter.map(str::to_owned), location: None };
    let scene = Scene::registered();
    assert_eq!(scene.refuses(desk(), correct(None)), CaseRefusal::NothingToCorrect);
    assert!(matches!(scene.refuses(desk(), correct(Some("M9"))), CaseRefusal::UnknownMatter { .. }));
    let outside = Correct { matter: None, location: Some(Location::Outside { metres: 5, bearing: 0 }) };
    assert!(matches!(scene.refuses(desk(), outside), CaseRefusal::OutsideDistrict { .. }));
    assert!(matches!(scene.refuses(staff("una", "S2"), correct(Some("M3"))), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), correct(Some("M3"))), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::answered().refuses(desk(), correct(Some("M3"))), CaseRefusal::WrongState { .. }));
}

#[test]
fn supplement_adds_words_of_the_reporter_or_the_desk() {
    let more = || Supplement { words: words("旁边还有一处") };
    let scene = Scene::registered().then(resident("r/1"), more()).then(desk(), more());
    assert_eq!(scene.case.version, 3);
}

#[test]
fn supplement_is_refused() {
    let more = || Supplement { words: words("旁边还有一处") };
    let other = Scene::registered().refuses(resident("r/2"), more());
    assert_eq!(other, CaseRefusal::NotPermitted { action: Action::Register });
    assert!(matches!(Scene::registered().refuses(staff("una", "S2"), more()), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(Scene::closed().refuses(resident("r/1"), more()), CaseRefusal::WrongState { .. }));
}

#[test]
fn decline_ends_what_is_not_within_remit() {
    let decline = Decline { outcome: Outcome::NotWithinRemit, reply: words("请向市级部门反映") };
    let scene = Scene::registered().then(desk(), decline);
    assert_eq!(scene.case.closed().unwrap().0.outcome, Outcome::NotWithinRemit);
    assert!(scene.case.clocks.values().all(|timer| !timer.is_open()));
}

#[test]
fn decline_is_refused() {
    let decline = |outcome| Decline { outcome, reply: words("不予受理") };
    assert!(matches!(Scene::registered().refuses(desk(), decline(Outcome::Solved)), CaseRefusal::WrongState { .. }));
    let remit = || decline(Outcome::NotWithinRemit);
    assert!(matches!(Scene::accepted().refuses(desk(), remit()), CaseRefusal::WrongState { .. }));
    assert!(matches!(Scene::registered().refuses(staff("una", "S2"), remit()), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(Scene::registered().refuses(resident("r/1"), remit()), CaseRefusal::NotPermitted { .. }));
}
