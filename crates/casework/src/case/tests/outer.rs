//! The city's clock and letters (PRACTICE 4, 14).

use super::*;
use crate::case::testing::only;
use crate::case::{
    Action, AnswerForCity, AnswerLetter, AskCity, Channel, ClockKey, OuterOrder, OuterRequest, SendLetter,
};
use kernel::ClockState;

const OUTER_DUE: &str = "2026-03-10 17:30";

fn hotline() -> Scene {
    let mut command = rubbish("r/1");
    command.channel = Channel::Hotline;
    command.outer = Some(OuterOrder { order: "GZ-1".into(), due: Some(at(OUTER_DUE)) });
    Scene::of(command).then(desk(), Accept { matter: None, urgency: None })
}

fn ask(request: OuterRequest) -> AskCity {
    AskCity { request, reason: words("涉及市属管线") }
}

fn until(local: &str) -> OuterRequest {
    OuterRequest::Extension { until: at(local) }
}

fn city(granted: bool) -> AnswerForCity {
    AnswerForCity { granted, words: None }
}

#[test]
fn ask_city_leaves_the_outer_clock_until_it_is_granted() {
    let asked = hotline().then(desk(), ask(until("2026-03-20 17:30")));
    assert_eq!(asked.case.clocks[&ClockKey::Outer].due_at(), at(OUTER_DUE));
    assert!(asked.case.outer.as_ref().unwrap().pending.is_some());
}

#[test]
fn answer_for_city_moves_or_ends_the_outer_clock() {
    let extended = hotline().then(desk(), ask(until("2026-03-20 17:30"))).then(staff("cao", "CC"), city(true));
    assert_eq!(extended.case.clocks[&ClockKey::Outer].due_at(), at("2026-03-20 17:30"));
    let refused = hotline().then(desk(), ask(until("2026-03-20 17:30"))).then(staff("cao", "CC"), city(false));
    assert_eq!(refused.case.clocks[&ClockKey::Outer].due_at(), at(OUTER_DUE));
    for request in [OuterRequest::Return, OuterRequest::Unreasonable] {
        let ended = hotline().then(desk(), ask(request)).then(staff("cao", "CC"), city(true));
        assert!(matches!(ended.case.clocks[&ClockKey::Outer].state(), ClockState::Cancelled { .. }), "{request:?}");
    }
}

#[test]
fn ask_city_is_refused() {
    let plain = Scene::accepted().refuses(desk(), ask(OuterRequest::Return));
    assert_eq!(plain, CaseRefusal::NoOuterOrder);
    let asked = hotline().then(desk(), ask(OuterRequest::Return));
    assert_eq!(asked.refuses(desk(), ask(OuterRequest::Unreasonable)), CaseRefusal::RequestPending);
    let earlier = hotline().refuses(desk(), ask(until("2026-03-09 17:30")));
    assert_eq!(earlier, CaseRefusal::EndsTooEarly { at: at(OUTER_DUE) });
    assert!(matches!(hotline().refuses(handler(), ask(OuterRequest::Return)), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(hotline().refuses(resident("r/1"), ask(OuterRequest::Return)), CaseRefusal::NotPermitted { .. }));
}

#[test]
fn answer_for_city_is_refused() {
    assert_eq!(hotline().refuses(staff("cao", "CC"), city(true)), CaseRefusal::NothingToReview);
    assert_eq!(Scene::accepted().refuses(staff("cao", "CC"), city(true)), CaseRefusal::NoOuterOrder);
    let asked = hotline().then(desk(), ask(OuterRequest::Return));
    let idle = only("ida", "CC", &[Action::AskCity]);
    assert_eq!(asked.refuses(idle, city(true)), CaseRefusal::NotPermitted { action: Action::AnswerForCity });
}

fn letter(number: &str) -> SendLetter {
    SendLetter {
        number: number.into(),
        body: "X".into(),
        leader: "G.leader".into(),
        due: Some(at("2026-03-20 17:30")),
        words: words("请市级协调管线迁改"),
    }
}

#[test]
fn send_letter_shows_a_clock_that_is_not_scored() {
    let scene = Scene::answered().then(desk(), letter("越函〔2026〕1号"));
    let timer = &scene.case.clocks[&ClockKey::Letter(1)];
    assert_eq!((timer.holder.as_str(), timer.due()), ("X", Some(at("2026-03-20 17:30"))));
    assert!(!ClockKey::Letter(1).scored());
    assert_eq!(scene.case.letters[0].leader, "G.leader");
}

#[test]
fn send_letter_is_refused() {
    let scene = Scene::answered().then(desk(), letter("1号"));
    assert_eq!(scene.refuses(desk(), letter("1号")), CaseRefusal::LetterExists { number: "1号".into() });
    assert!(matches!(scene.refuses(desk(), letter(" ")), CaseRefusal::EvidenceMissing { .. }));
    let unknown = SendLetter { body: "Z".into(), ..letter("2号") };
    assert!(matches!(scene.refuses(desk(), unknown), CaseRefusal::UnknownOrganization { .. }));
    let unsigned = SendLetter { leader: "S1.leader".into(), ..letter("2号") };
    assert_eq!(scene.refuses(desk(), unsigned), CaseRefusal::NotTheLeader { leader: "G.leader".into() });
    let past = SendLetter { due: Some(at(MORNING)), ..letter("2号") };
    assert_eq!(scene.refuses(desk(), past), CaseRefusal::EndsTooEarly { at: at(MORNING) });
    assert!(matches!(scene.refuses(handler(), letter("2号")), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), letter("2号")), CaseRefusal::NotPermitted { .. }));
}

#[test]
fn answer_letter_is_entered_by_the_district() {
    let answer = AnswerLetter { letter: 1, words: words("市级已安排") };
    let scene = Scene::answered().then(desk(), letter("1号")).at("2026-03-05 09:00").then(desk(), answer);
    assert_eq!(scene.case.letters[0].answered_at, Some(at("2026-03-05 09:00")));
    assert!(!scene.case.clocks[&ClockKey::Letter(1)].is_open());
}

#[test]
fn answer_letter_is_refused() {
    let answer = |letter| AnswerLetter { letter, words: words("市级已安排") };
    let scene = Scene::answered().then(desk(), letter("1号"));
    assert_eq!(scene.refuses(desk(), answer(2)), CaseRefusal::NoOpenLetter { no: 2 });
    assert!(matches!(scene.refuses(handler(), answer(1)), CaseRefusal::NotAtDesk { .. }));
    assert!(matches!(scene.refuses(resident("r/1"), answer(1)), CaseRefusal::NotPermitted { .. }));
    let answered = scene.then(desk(), answer(1));
    assert_eq!(answered.refuses(desk(), answer(1)), CaseRefusal::NoOpenLetter { no: 1 });
}
