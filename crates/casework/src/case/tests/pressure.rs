//! Reminders, lapses, outages, supervision orders (PRACTICE 11, 17).

use super::*;
use crate::card::CardId;
use crate::case::testing::{limit, only};
use crate::case::{Action, AnswerSupervision, ClockKey, ExcludeOutage, Lapse, Remind, Supervise};
use district::cards::Ground;
use kernel::ClockState;

fn remind(assignment: Option<u16>, clock: Option<ClockKey>) -> Remind {
    Remind { assignment, clock, words: None }
}

#[test]
fn remind_by_reporter_and_desk() {
    let mut scene = Scene::answered();
    assert_eq!(scene.act(resident("r/1"), remind(None, None)).unwrap(), ["case.reminded"]);
    assert_eq!(scene.act(desk(), remind(Some(1), None)).unwrap(), ["case.reminded"]);
}

#[test]
fn remind_by_the_timekeeper_once_a_clock() {
    let key = ClockKey::Answer(1);
    let scene = Scene::dispatched();
    // A quarter of the hour is left at a quarter to.
    assert_eq!(scene.case.clocks[&key].remind_at, Some(at("2026-03-02 09:45")));
    let due = at("2026-03-02 09:45");
    assert_eq!(scene.refuses(timekeeper(), remind(None, Some(key))), CaseRefusal::NotYetDue { key, due });
    let scene = scene.at("2026-03-02 09:45").then(timekeeper(), remind(None, Some(key)));
    assert_eq!(scene.refuses(timekeeper(), remind(None, Some(key))), CaseRefusal::ClockNotRunning { key });
}

#[test]
fn remind_is_refused() {
    let key = ClockKey::Answer(1);
    let scene = Scene::dispatched().at("2026-03-02 09:46");
    assert!(matches!(scene.refuses(desk(), remind(None, Some(key))), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(scene.refuses(resident("r/2"), remind(None, None)), CaseRefusal::NotPermitted { .. }));
    let none = ClockKey::Answer(9);
    let why = scene.refuses(timekeeper(), remind(None, Some(none)));
    assert_eq!(why, CaseRefusal::ClockNotRunning { key: none });
    let early = Scene::dispatched().refuses(timekeeper(), remind(None, Some(key)));
    assert!(matches!(early, CaseRefusal::NotYetDue { .. }));
    assert_eq!(scene.refuses(desk(), remind(Some(9), None)), CaseRefusal::NoSuchAssignment { no: 9 });
    assert!(matches!(
        Scene::half_handled().refuses(desk(), remind(Some(1), None)),
        CaseRefusal::WrongAssignmentState { .. }
    ));
    assert!(matches!(Scene::closed().refuses(desk(), remind(None, None)), CaseRefusal::WrongState { .. }));
}

#[test]
fn lapse_is_effective_when_the_clock_fell_due() {
    let scene = Scene::dispatched().at("2026-03-05 09:00");
    let decided = scene.decide(&timekeeper(), Lapse { clock: ClockKey::Handle(1) }.into(), None).unwrap();
    assert_eq!(decided[0].fact.at, at("2026-03-04 17:30"));
    let scene = scene.then(timekeeper(), Lapse { clock: ClockKey::Handle(1) });
    let answered = scene.then(handler(), Answer { assignment: 1 }).then(handler(), report(1, Outcome::Solved));
    let state = answered.case.clocks[&ClockKey::Handle(1)].state();
    assert_eq!(state, ClockState::Late { at: at("2026-03-05 09:00"), due: at("2026-03-04 17:30") });
}

#[test]
fn lapse_is_refused() {
    let (key, due) = (ClockKey::Answer(1), at("2026-03-02 10:00"));
    let scene = Scene::dispatched().at("2026-03-02 10:00");
    assert_eq!(scene.refuses(timekeeper(), Lapse { clock: key }), CaseRefusal::NotYetDue { key, due });
    assert!(matches!(scene.refuses(desk(), Lapse { clock: key }), CaseRefusal::NotPermitted { .. }));
    let key = ClockKey::Accept;
    assert_eq!(scene.refuses(timekeeper(), Lapse { clock: key }), CaseRefusal::ClockNotRunning { key });
}

fn outage(from: &str, until: &str) -> ExcludeOutage {
    ExcludeOutage { from: at(from), until: at(until) }
}

#[test]
fn exclude_outage_counts_against_nobody() {
    let scene = Scene::dispatched().at("2026-03-02 11:00").then(timekeeper(), Lapse { clock: ClockKey::Answer(1) });
    let scene = scene.then(timekeeper(), outage("2026-03-02 09:30", "2026-03-02 10:30"));
    let timer = &scene.case.clocks[&ClockKey::Answer(1)];
    assert_eq!((timer.due_at(), timer.state()), (at("2026-03-02 11:00"), ClockState::Running));
    let again = scene.decide(&timekeeper(), outage("2026-03-02 09:30", "2026-03-02 10:30").into(), None).unwrap();
    assert_eq!(again, [], "once");
}

#[test]
fn exclude_outage_is_refused() {
    let scene = Scene::dispatched().at("2026-03-02 10:00");
    let ahead = scene.refuses(timekeeper(), outage("2026-03-02 09:30", "2026-03-02 10:30"));
    assert_eq!(ahead, CaseRefusal::BadInterval);
    let empty = scene.refuses(timekeeper(), outage("2026-03-02 09:30", "2026-03-02 09:30"));
    assert_eq!(empty, CaseRefusal::BadInterval);
    assert!(matches!(
        scene.refuses(desk(), outage("2026-03-02 09:10", "2026-03-02 09:30")),
        CaseRefusal::NotPermitted { .. }
    ));
}

fn supervise(organization: &str) -> Supervise {
    Supervise { organization: organization.into(), limit: limit("2 working_day"), words: words("请限期办结") }
}

#[test]
fn supervise_sets_a_deadline_of_its_own() {
    let scene = Scene::answered().then(staff("sun", "SV"), supervise("D1"));
    let timer = &scene.case.clocks[&ClockKey::Supervision(1)];
    assert_eq!((timer.holder.as_str(), timer.due_at()), ("D1", at("2026-03-04 17:30")));
    let answer = AnswerSupervision { order: 1, words: words("已整改") };
    let scene = scene.then(handler(), answer);
    assert!(!scene.case.clocks[&ClockKey::Supervision(1)].is_open());
}

#[test]
fn a_red_card_brings_its_order_once_and_takes_it_back() {
    let mut scene = Scene::answered();
    let (card, other) =
        (CardId::of(Ground::Lapse, "case/1", "handle/1"), CardId::of(Ground::Lapse, "case/1", "handle/2"));
    let office = only("lin", "SV", &[Action::IssueCard]);
    let (book, now) = (scene.book.clone(), scene.now);
    let cx = Context { book: &book, at: now, claimed_at: None, caller: &office, draw: 0.0, head: None };
    let decided = scene.case.supervise_by_card(card, &supervise("D1"), &cx).unwrap();
    assert_eq!(decided.personal.len(), 1, "the words are sealed");
    scene.case.apply(&decided.fact);
    assert_eq!(scene.case.supervise_by_card(card, &supervise("D1"), &cx), None, "once");
    assert_eq!(scene.case.lift_supervision(other, &cx), None, "another card's");
    let mut answered = scene.case.clone();
    answered.supervision[0].answered = true;
    assert_eq!(answered.lift_supervision(card, &cx), None, "what is answered stands");
    let lifted = scene.case.lift_supervision(card, &cx).unwrap();
    scene.case.apply(&lifted.fact);
    assert!(!scene.case.clocks[&ClockKey::Supervision(1)].is_open());
    assert_eq!(scene.case.lift_supervision(card, &cx), None);
    let answer = AnswerSupervision { order: 1, words: words("已整改") };
    assert_eq!(scene.refuses(handler(), answer), CaseRefusal::NoOpenSupervision { no: 1 });
}

#[test]
fn supervise_is_refused() {
    let scene = Scene::answered();
    let why = scene.refuses(desk(), supervise("D1"));
    assert_eq!(why, CaseRefusal::NotTheSupervisor { office: "SV".into() });
    assert!(matches!(scene.refuses(staff("sun", "SV"), supervise("Z")), CaseRefusal::UnknownOrganization { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), supervise("D1")), CaseRefusal::NotPermitted { .. }));
}

#[test]
fn answer_supervision_is_refused() {
    let answer = |order| AnswerSupervision { order, words: words("已整改") };
    assert_eq!(Scene::answered().refuses(handler(), answer(1)), CaseRefusal::NoOpenSupervision { no: 1 });
    let ordered = Scene::answered().then(staff("sun", "SV"), supervise("D1"));
    assert!(matches!(ordered.refuses(staff("deb", "D2"), answer(1)), CaseRefusal::NotYourAssignment { .. }));
    assert!(matches!(ordered.refuses(resident("r/1"), answer(1)), CaseRefusal::NotPermitted { .. }));
}
