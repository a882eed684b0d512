//! After closing: rating, reopening, follow-up, exclusion (PRACTICE 10, 12).

use super::*;
use crate::case::testing::only;
use crate::case::{
    Action, ClockKey, DecideExclusion, Exclusion, FollowUp, ProposeExclusion, Rate, Rater, Reopen, Visit, Withdraw,
};

fn rate(score: u8, reason: Option<&str>) -> Rate {
    Rate { score, reason: reason.map(str::to_owned), words: None }
}

#[test]
fn rate_is_given_once_by_reporter_and_desk() {
    let scene = Scene::closed().then(resident("r/1"), rate(1, None)).then(desk(), rate(2, Some("slow")));
    assert_eq!(scene.state(), CaseState::Rated);
    assert!(scene.case.has_rated(Rater::Reporter) && scene.case.has_rated(Rater::Desk));
}

#[test]
fn rate_is_refused() {
    let scene = Scene::closed();
    assert_eq!(scene.refuses(desk(), rate(2, None)), CaseRefusal::LowScoreNeedsReason { score: 2 });
    assert_eq!(scene.refuses(desk(), rate(2, Some(" "))), CaseRefusal::LowScoreNeedsReason { score: 2 });
    assert_eq!(scene.refuses(desk(), rate(6, None)), CaseRefusal::ScoreOutOfRange { score: 6 });
    assert_eq!(scene.refuses(resident("r/1"), rate(0, None)), CaseRefusal::ScoreOutOfRange { score: 0 });
    assert!(matches!(scene.refuses(handler(), rate(5, None)), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/2"), rate(5, None)), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::verified().refuses(desk(), rate(5, None)), CaseRefusal::WrongState { .. }));
    let rated = Scene::closed().then(desk(), rate(5, None));
    assert_eq!(rated.refuses(desk(), rate(5, None)), CaseRefusal::AlreadyRated);
}

fn reopen() -> Reopen {
    Reopen { reason: words("问题又出现了") }
}

#[test]
fn reopen_brings_the_case_back_with_the_shorter_limit() {
    let scene = Scene::closed().at("2026-03-17 17:00").then(resident("r/1"), reopen());
    assert_eq!((scene.state(), scene.case.reopenings), (CaseState::Accepted, 1));
    let dispatch = Dispatch { lead: None, co_operating: vec![], note: None };
    let scene = scene.then(desk(), dispatch);
    let timer = &scene.case.clocks[&ClockKey::Handle(3)];
    assert_eq!(timer.due_at(), at("2026-03-18 17:30"), "one working day, as for rework");
}

#[test]
fn reopen_is_refused() {
    let late = Scene::closed().at("2026-03-18 09:00").refuses(resident("r/1"), reopen());
    assert_eq!(late, CaseRefusal::ReopeningWindowOver { until: at("2026-03-17 17:30") });
    assert!(matches!(Scene::verified().refuses(resident("r/1"), reopen()), CaseRefusal::WrongState { .. }));
    assert!(matches!(Scene::closed().refuses(resident("r/2"), reopen()), CaseRefusal::NotPermitted { .. }));
    assert!(matches!(Scene::closed().refuses(handler(), reopen()), CaseRefusal::NotAtDesk { .. }));
}

fn clerk() -> Caller {
    staff("fay", "FU")
}

fn visit(visit: Visit) -> FollowUp {
    FollowUp { visit, words: None }
}

fn reached(content: bool, satisfaction: Option<u8>) -> FollowUp {
    visit(Visit::Reached { content, satisfaction })
}

#[test]
fn follow_up_content_rates_the_case() {
    let mut scene = Scene::closed();
    assert_eq!(scene.act(clerk(), reached(true, Some(4))).unwrap(), ["case.visited", "case.rated"]);
    let mut silent = Scene::closed();
    assert_eq!(silent.act(clerk(), reached(true, None)).unwrap(), ["case.visited"]);
}

#[test]
fn follow_up_unsolved_goes_to_rework_with_a_shorter_limit() {
    let mut scene = Scene::closed();
    assert_eq!(scene.act(clerk(), reached(false, None)).unwrap(), ["case.visited", "case.reopened"]);
    assert_eq!(scene.state(), CaseState::Accepted);
    assert_eq!(scene.case.clocks[&ClockKey::Reply].due_at(), at("2026-03-03 17:30"));
}

#[test]
fn follow_up_in_vain_three_times_excludes_the_case() {
    let mut scene = Scene::closed();
    for time in ["2026-03-02 14:00", "2026-03-03 09:00", "2026-03-03 15:00"] {
        scene = scene.at(time).then(clerk(), visit(Visit::Unreachable));
    }
    assert_eq!((scene.state(), scene.case.exclusion.clone()), (CaseState::Closed, Exclusion::Unreachable));
    let fourth = scene.at("2026-03-05 09:00").refuses(clerk(), visit(Visit::Unreachable));
    assert_eq!(fourth, CaseRefusal::VisitsExhausted { most: 3 });
}

#[test]
fn follow_up_is_refused() {
    let scene = Scene::closed();
    let unreachable = || visit(Visit::Unreachable);
    assert_eq!(scene.refuses(handler(), unreachable()), CaseRefusal::NotIndependent);
    let idle = only("ida", "FU", &[Action::Rate]);
    assert_eq!(scene.refuses(idle, unreachable()), CaseRefusal::NotPermitted { action: Action::FollowUp });
    assert_eq!(scene.refuses(clerk(), reached(true, Some(9))), CaseRefusal::ScoreOutOfRange { score: 9 });
    assert!(matches!(Scene::verified().refuses(clerk(), unreachable()), CaseRefusal::WrongState { .. }));
    let soon = Scene::closed().then(clerk(), unreachable());
    let next = at("2026-03-02 15:00");
    assert_eq!(soon.at("2026-03-02 14:59").refuses(clerk(), unreachable()), CaseRefusal::VisitTooSoon { next });
    let done = Scene::closed().then(clerk(), reached(true, None));
    assert_eq!(done.at("2026-03-05 09:00").refuses(clerk(), unreachable()), CaseRefusal::FollowUpOver);
    let withdrawn = Scene::answered().then(resident("r/1"), Withdraw { reason: words("算了") });
    assert_eq!(withdrawn.refuses(clerk(), unreachable()), CaseRefusal::FollowUpOver);
    let mut silent = Scene::closed();
    silent.case.assignments[0].contacts = 0;
    assert_eq!(silent.refuses(clerk(), unreachable()), CaseRefusal::ContactMissing);
    let mut vain = Scene::closed();
    vain.case.visits = vec![Visit::Unreachable; 3];
    assert_eq!(vain.refuses(clerk(), unreachable()), CaseRefusal::VisitsExhausted { most: 3 });
}

fn propose() -> ProposeExclusion {
    ProposeExclusion { reason: "unreasonable".into(), words: words("要求超出法律规定") }
}

fn panel(agrees: bool) -> DecideExclusion {
    DecideExclusion { agrees, words: words("同意认定") }
}

#[test]
fn propose_exclusion_waits_for_a_second_person() {
    let scene = Scene::closed().then(staff("pam", "FU"), propose());
    assert!(matches!(scene.case.exclusion, Exclusion::Proposed { .. }));
}

#[test]
fn propose_exclusion_is_refused() {
    let scene = Scene::closed();
    let vague = ProposeExclusion { reason: "annoying".into(), ..propose() };
    assert_eq!(scene.refuses(staff("pam", "FU"), vague), CaseRefusal::UnknownReason { reason: "annoying".into() });
    assert!(matches!(scene.refuses(resident("r/1"), propose()), CaseRefusal::NotPermitted { .. }));
    let twice = Scene::closed().then(staff("pam", "FU"), propose());
    assert_eq!(twice.refuses(staff("pat", "AR"), propose()), CaseRefusal::ExclusionPending);
}

#[test]
fn decide_exclusion_takes_two_persons() {
    let scene = Scene::closed().then(staff("pam", "FU"), propose()).then(staff("pat", "AR"), panel(true));
    assert_eq!(scene.case.exclusion, Exclusion::Excluded { reason: "unreasonable".into() });
    assert_eq!(scene.refuses(clerk(), visit(Visit::Unreachable)), CaseRefusal::FollowUpOver);
    let declined = Scene::closed().then(staff("pam", "FU"), propose()).then(staff("pat", "AR"), panel(false));
    assert_eq!(declined.case.exclusion, Exclusion::Declined);
}

#[test]
fn decide_exclusion_is_refused() {
    assert_eq!(Scene::closed().refuses(staff("pat", "AR"), panel(true)), CaseRefusal::NoExclusionProposed);
    let proposed = Scene::closed().then(staff("pam", "FU"), propose());
    assert_eq!(proposed.refuses(staff("pam", "AR"), panel(true)), CaseRefusal::SamePerson);
    assert!(matches!(proposed.refuses(resident("r/1"), panel(true)), CaseRefusal::NotPermitted { .. }));
}
