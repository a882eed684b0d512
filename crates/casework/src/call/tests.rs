use kernel::{ClockState, text};

use super::*;
use crate::case::{Action, Caller, Evidence};
use crate::sample::{at, bystander, caller, context, profile, timekeeper, words};

fn duty() -> Duty<'static> {
    Duty(profile())
}

fn raise(matter: &str) -> Raise {
    let place = Place { path: vec!["999901".to_owned(), "999901001".to_owned()], ..Place::default() };
    let organizations = vec!["D01".to_owned(), "D03".to_owned()];
    Raise {
        matter: matter.to_owned(),
        urgency: None,
        case: None,
        place,
        organizations,
        words: words("words of the call"),
    }
}

/// The subdistrict's authorized leader.
fn leader() -> Caller {
    caller("gao", "S1")
}

fn centre() -> Caller {
    caller("ye", "CC")
}

/// Raised on Monday 2 March at 09:00: M04 is ordinary, M03 an emergency.
fn raised(matter: &str) -> Call {
    let facts = raise(matter).decide(duty(), &context(&leader(), at("03-02 09:00"))).unwrap();
    let mut call = Call::begin(CallId::from_uuid(Default::default()), &facts[0].fact).unwrap();
    facts[1..].iter().for_each(|decided| call.apply(&decided.fact));
    call
}

fn act(call: &mut Call, command: Command, caller: &Caller, when: &str) -> Result<Vec<&'static str>, CallRefusal> {
    let facts = decide(call, &command, duty(), &context(caller, at(when)))?;
    for decided in &facts {
        let text = serde_json::to_string(&decided.fact).unwrap();
        assert_eq!(serde_json::from_str::<CallFact>(&text).unwrap(), decided.fact);
        assert!(!text.contains("words of"), "a personal value stands in a body: {text}");
        call.apply(&decided.fact);
    }
    Ok(facts.iter().map(|decided| decided.fact.event.kind()).collect())
}

fn done(call: &mut Call, command: Command, caller: &Caller, when: &str) -> Vec<&'static str> {
    act(call, command, caller, when).unwrap()
}

#[track_caller]
fn refused(call: &Call, command: Command, caller: &Caller, when: &str, refusal: CallRefusal) {
    let mut call = call.clone();
    assert_eq!(act(&mut call, command, caller, when), Err(refusal.clone()));
    assert!(text::has(refusal.code()), "{}", refusal.code());
}

#[track_caller]
fn not_raised(raise: Raise, caller: &Caller, refusal: CallRefusal) {
    assert_eq!(raise.decide(duty(), &context(caller, at("03-02 09:00"))), Err(refusal.clone()));
    assert!(text::has(refusal.code()), "{}", refusal.code());
}

fn clear() -> Command {
    Command::Clear(Clear {})
}

fn object() -> Command {
    Command::Object(Object { reason: words("words of the centre") })
}

fn answer(summons: u16) -> Command {
    Command::Answer(Answer { summons, words: None })
}

fn arrive(summons: u16) -> Command {
    Command::Arrive(Arrive { summons })
}

fn report(summons: u16) -> Command {
    let evidence = vec![Evidence::of("photo_after")];
    Command::Act(Act { summons, evidence, words: words("words of the department") })
}

fn score(summons: u16, score: u8, reason: Option<&str>) -> Command {
    Command::Score(Score { summons, score, reason: reason.map(words) })
}

fn call_off() -> Command {
    Command::CallOff(CallOff { reason: words("words of the call") })
}

fn end() -> Command {
    Command::End(End {})
}

fn ring(summons: u16) -> Command {
    Command::Ring(Ring { summons })
}

fn not_permitted(action: Action) -> CallRefusal {
    CallRefusal::NotPermitted { action }
}

#[test]
fn a_call_is_raised_by_a_subdistrict_for_a_matter_on_the_list() {
    let call = raised("M04");
    assert_eq!((call.caller.as_str(), call.phase), ("S1", Phase::Checking));
    assert_eq!(call.clocks[&CallClock::Objection].due_at(), at("03-02 09:10"));
    assert!(call.summons.iter().all(|summons| summons.state == SummonsState::Waiting));

    not_raised(raise("M04"), &bystander("S1"), not_permitted(Action::RaiseCall));
    not_raised(raise("M04"), &caller("wu", "D01"), CallRefusal::NotASubdistrict);
    not_raised(raise("M99"), &leader(), CallRefusal::UnknownMatter { code: "M99".into() });
    not_raised(raise("M05"), &leader(), CallRefusal::NotCallable { code: "M05".into() });
    not_raised(Raise { place: Place::default(), ..raise("M04") }, &leader(), CallRefusal::PlaceMissing);
    not_raised(Raise { organizations: Vec::new(), ..raise("M04") }, &leader(), CallRefusal::NobodySummoned);
    let named =
        |codes: &[&str]| Raise { organizations: codes.iter().map(|code| code.to_string()).collect(), ..raise("M04") };
    not_raised(named(&["D99"]), &leader(), CallRefusal::UnknownOrganization { code: "D99".into() });
    not_raised(named(&["S1-2"]), &leader(), CallRefusal::SummonsItself);
    not_raised(named(&["D01", "D01"]), &leader(), CallRefusal::SummonedTwice { organization: "D01".into() });
}

#[test]
fn the_centre_clears_a_call_or_objects_within_minutes() {
    let call = raised("M04");
    for command in [clear(), object()] {
        let not_centre = CallRefusal::NotTheCentre { centre: "CC".into() };
        refused(&call, command.clone(), &leader(), "03-02 09:05", not_centre);
        refused(&call, command.clone(), &bystander("CC"), "03-02 09:05", not_permitted(Action::CheckCall));
        let wrong = CallRefusal::WrongState { command: command.name(), state: "standing" };
        refused(&raised("M03"), command, &centre(), "03-02 09:05", wrong);
    }
    refused(&call, object(), &centre(), "03-02 09:11", CallRefusal::ObjectionTooLate { until: at("03-02 09:10") });
    let mut objected = call.clone();
    assert_eq!(done(&mut objected, object(), &centre(), "03-02 09:10"), ["call.objected"]);
    assert!(objected.is_over() && objected.summons.iter().all(|summons| summons.state == SummonsState::Released));
    let unscored = CallRefusal::WrongSummonsState { command: "score", state: "released" };
    refused(&objected, score(1, 5, None), &leader(), "03-02 10:00", unscored);

    let mut cleared = call;
    let kinds = done(&mut cleared, clear(), &centre(), "03-02 09:04");
    assert_eq!(kinds, ["call.cleared", "call.summoned", "call.summoned"]);
    assert_eq!(cleared.phase, Phase::Standing { since: at("03-02 09:04") });
    // Four working hours from 09:04, noon to two o'clock not counted.
    assert_eq!(cleared.clocks[&CallClock::Answer(1)].due_at(), at("03-02 15:04"));
}

#[test]
fn silence_lets_a_call_pass_and_an_emergency_goes_direct() {
    let pass = Command::Pass(Pass {});
    let mut call = raised("M04");
    let early = CallRefusal::NotYetDue { clock: CallClock::Objection, due: at("03-02 09:10") };
    refused(&call, pass.clone(), &timekeeper(), "03-02 09:10", early);
    refused(&call, pass.clone(), &centre(), "03-02 09:11", not_permitted(Action::KeepTime));
    assert_eq!(done(&mut call, pass.clone(), &timekeeper(), "03-02 09:11")[0], "call.passed");
    assert_eq!(call.phase, Phase::Standing { since: at("03-02 09:11") });
    let wrong = CallRefusal::WrongState { command: "pass", state: "standing" };
    refused(&call, pass, &timekeeper(), "03-02 09:12", wrong);

    let direct = raised("M03");
    assert_eq!(direct.phase, Phase::Standing { since: at("03-02 09:00") });
    assert_eq!(direct.clocks[&CallClock::Answer(1)].due_at(), at("03-02 09:15"));
    assert_eq!(direct.clocks[&CallClock::Arrive(2)].due_at(), at("03-02 09:30"));
    let urgent = Raise { urgency: Some(Urgency::Emergency), ..raise("M04") };
    let facts = urgent.decide(duty(), &context(&leader(), at("03-02 09:00"))).unwrap();
    assert_eq!(facts.len(), 3, "a call may be more urgent than its matter");
}

#[test]
fn the_ring_goes_from_the_post_on_duty_to_its_deputy_to_the_centre() {
    let mut call = raised("M03");
    assert_eq!(call.summons[0].rung, ["D01.registry"]);
    let early = CallRefusal::NotYetDue { clock: CallClock::Ring(1), due: at("03-02 09:03") };
    refused(&call, ring(1), &timekeeper(), "03-02 09:03", early);
    refused(&call, ring(1), &centre(), "03-02 09:04", not_permitted(Action::KeepTime));
    refused(&call, ring(7), &timekeeper(), "03-02 09:04", CallRefusal::NoSuchSummons { no: 7 });
    // Found two hours late, each ring still counts from the one before.
    let mut found = Vec::new();
    for _ in 0..4 {
        found.extend(done(&mut call, ring(1), &timekeeper(), "03-02 11:00"));
    }
    assert_eq!(found, ["call.rung", "call.rung", "call.rung", "call.ring_exhausted"]);
    assert_eq!(call.summons[0].rung[..2], ["D01.registry", "D01-1.handler"]);
    assert!(call.summons[0].rung[2..].iter().all(|post| post.starts_with("CC.")), "{:?}", call.summons[0].rung);
    refused(&call, ring(1), &timekeeper(), "03-02 11:00", CallRefusal::ClockNotRunning { clock: CallClock::Ring(1) });
    done(&mut call, answer(2), &caller("su", "D03"), "03-02 09:02");
    let wrong = CallRefusal::WrongSummonsState { command: "ring", state: "answered" };
    refused(&call, ring(2), &timekeeper(), "03-02 11:00", wrong);
}

#[test]
fn each_department_answers_arrives_and_acts() {
    let mut call = raised("M03");
    let not_yours = CallRefusal::NotYourSummons { organization: "D01".into() };
    for command in [answer(1), arrive(1), report(1)] {
        refused(&call, command.clone(), &caller("su", "D03"), "03-02 09:05", not_yours.clone());
        refused(&call, command, &bystander("D01"), "03-02 09:05", not_permitted(Action::AnswerCall));
    }
    refused(&call, answer(3), &caller("su", "D03"), "03-02 09:05", CallRefusal::NoSuchSummons { no: 3 });
    let early = CallRefusal::WrongSummonsState { command: "act", state: "rung" };
    refused(&call, report(1), &caller("wu", "D01"), "03-02 09:05", early);

    done(&mut call, answer(1), &caller("wu", "D01-1"), "03-02 09:05");
    assert_eq!(call.clocks[&CallClock::Answer(1)].state(), ClockState::Met { at: at("03-02 09:05") });
    assert!(!call.clocks[&CallClock::Ring(1)].is_open(), "nobody is rung any more");
    let twice = CallRefusal::WrongSummonsState { command: "answer", state: "answered" };
    refused(&call, answer(1), &caller("wu", "D01"), "03-02 09:06", twice);
    done(&mut call, arrive(1), &caller("wu", "D01-9"), "03-02 09:40");
    let late = ClockState::Late { at: at("03-02 09:40"), due: at("03-02 09:30") };
    assert_eq!(call.clocks[&CallClock::Arrive(1)].state(), late);
    let again = CallRefusal::WrongSummonsState { command: "arrive", state: "arrived" };
    refused(&call, arrive(1), &caller("wu", "D01"), "03-02 09:41", again);
    let bare = Command::Act(Act { summons: 1, evidence: Vec::new(), words: words("words of the department") });
    refused(&call, bare, &caller("wu", "D01"), "03-02 09:50", CallRefusal::EvidenceMissing);
    done(&mut call, report(1), &caller("wu", "D01"), "03-02 10:00");

    // Arriving answers too.
    assert_eq!(done(&mut call, arrive(2), &caller("su", "D03"), "03-02 09:12"), ["call.answered", "call.arrived"]);
    refused(&call, end(), &leader(), "03-02 10:30", CallRefusal::NotAllActed { organization: "D03".into() });
    done(&mut call, report(2), &caller("su", "D03"), "03-02 10:40");
    refused(&call, end(), &caller("wu", "D01"), "03-02 11:00", CallRefusal::NotTheCaller { organization: "S1".into() });
    refused(&call, end(), &bystander("S1"), "03-02 11:00", not_permitted(Action::RaiseCall));
    assert_eq!(done(&mut call, end(), &leader(), "03-02 11:00"), ["call.ended"]);
    let over = CallRefusal::WrongState { command: "end", state: "ended" };
    refused(&call, end(), &leader(), "03-02 11:01", over);
}

#[test]
fn the_caller_scores_each_once_and_a_low_score_gives_its_reason() {
    let mut call = raised("M03");
    let early = CallRefusal::WrongSummonsState { command: "score", state: "rung" };
    refused(&call, score(1, 5, None), &leader(), "03-02 09:05", early);
    done(&mut call, arrive(1), &caller("wu", "D01"), "03-02 09:10");
    done(&mut call, report(1), &caller("wu", "D01"), "03-02 09:20");
    let not_caller = CallRefusal::NotTheCaller { organization: "S1".into() };
    refused(&call, score(1, 5, None), &caller("wu", "D01"), "03-02 09:30", not_caller);
    refused(&call, score(1, 5, None), &bystander("S1"), "03-02 09:30", not_permitted(Action::ScoreCall));
    refused(&call, score(1, 6, None), &leader(), "03-02 09:30", CallRefusal::ScoreOutOfRange { score: 6, scale: 5 });
    refused(&call, score(1, 0, None), &leader(), "03-02 09:30", CallRefusal::ScoreOutOfRange { score: 0, scale: 5 });
    refused(&call, score(1, 2, None), &leader(), "03-02 09:30", CallRefusal::LowScoreNeedsReason { score: 2 });
    done(&mut call, score(1, 2, Some("words of the call")), &leader(), "03-02 09:30");
    assert_eq!(call.summons[0].scored, Some(Scored { score: 2, at: at("03-02 09:30") }));
    refused(&call, score(1, 5, None), &leader(), "03-02 09:31", CallRefusal::AlreadyScored);
    // One that never came is scored when the call is over.
    done(&mut call, call_off(), &leader(), "03-02 12:00");
    done(&mut call, score(2, 1, Some("words of the call")), &leader(), "03-02 12:05");
}

#[test]
fn a_call_that_is_called_off_frees_everyone() {
    let mut call = raised("M03");
    refused(
        &call,
        call_off(),
        &caller("he", "S2"),
        "03-02 09:05",
        CallRefusal::NotTheCaller { organization: "S1".into() },
    );
    refused(&call, call_off(), &bystander("S1"), "03-02 09:05", not_permitted(Action::RaiseCall));
    done(&mut call, call_off(), &leader(), "03-02 09:05");
    assert!(call.clocks.values().all(|timer| !timer.is_open()));
    let wrong = CallRefusal::WrongState { command: "call_off", state: "called_off" };
    refused(&call, call_off(), &leader(), "03-02 09:06", wrong);
    let released = CallRefusal::WrongSummonsState { command: "answer", state: "released" };
    refused(&call, answer(1), &caller("wu", "D01"), "03-02 09:06", released);
}

#[test]
fn time_that_runs_out_is_recorded_when_it_was_due() {
    let mut call = raised("M03");
    let (clock, lapse) = (CallClock::Answer(1), |clock| Command::Lapse(Lapse { clock }));
    let early = CallRefusal::NotYetDue { clock, due: at("03-02 09:15") };
    refused(&call, lapse(clock), &timekeeper(), "03-02 09:15", early);
    refused(&call, lapse(clock), &centre(), "03-02 09:16", not_permitted(Action::KeepTime));
    let ring = CallClock::Ring(1);
    refused(&call, lapse(ring), &timekeeper(), "03-02 09:16", CallRefusal::ClockNotRunning { clock: ring });

    let remind = Command::Remind(Remind { clock });
    let remind_at = call.clocks[&clock].remind_at.unwrap();
    assert_eq!(remind_at, "2026-03-02T09:11:15+08:00".parse().unwrap(), "a quarter of the time is left");
    let early = CallRefusal::NotYetDue { clock, due: remind_at };
    refused(&call, remind.clone(), &timekeeper(), "03-02 09:11", early);
    refused(&call, remind.clone(), &centre(), "03-02 09:12", not_permitted(Action::KeepTime));
    done(&mut call, remind.clone(), &timekeeper(), "03-02 09:12");
    refused(&call, remind, &timekeeper(), "03-02 09:13", CallRefusal::ClockNotRunning { clock });

    let facts = decide(&call, &lapse(clock), duty(), &context(&timekeeper(), at("03-04 10:00"))).unwrap();
    assert_eq!(facts[0].fact.at, at("03-02 09:15"));
    call.apply(&facts[0].fact);
    refused(&call, lapse(clock), &timekeeper(), "03-04 10:00", CallRefusal::ClockNotRunning { clock });
}

#[test]
fn an_outage_is_left_out_of_every_clock_that_ran_in_it() {
    let mut call = raised("M03");
    done(&mut call, Command::Lapse(Lapse { clock: CallClock::Answer(1) }), &timekeeper(), "03-02 09:20");
    let outage = |from, until| Command::ExcludeOutage(ExcludeOutage { from: at(from), until: at(until) });
    let ahead = outage("03-02 09:05", "03-02 11:00");
    refused(&call, ahead, &timekeeper(), "03-02 10:00", CallRefusal::BadInterval);
    let down = outage("03-02 09:05", "03-02 09:25");
    refused(&call, down.clone(), &centre(), "03-02 10:00", not_permitted(Action::KeepTime));
    assert_eq!(done(&mut call, down.clone(), &timekeeper(), "03-02 10:00"), ["call.outage_excluded"]);
    assert_eq!(call.clocks[&CallClock::Answer(1)].due_at(), at("03-02 09:35"));
    assert_eq!(call.clocks[&CallClock::Answer(1)].state(), ClockState::Running, "the lapse is taken back");
    assert!(done(&mut call, down, &timekeeper(), "03-02 10:00").is_empty(), "once is enough");
}

#[test]
fn clocks_of_a_call_read_what_they_print() {
    for clock in [CallClock::Objection, CallClock::Ring(1), CallClock::Answer(2), CallClock::Arrive(12)] {
        assert_eq!(clock.to_string().parse::<CallClock>(), Ok(clock));
    }
    for text in ["", "answer", "answer/x", "objection/1"] {
        assert!(text.parse::<CallClock>().is_err(), "{text}");
    }
}
