//! What holds whatever happens: random commands never panic, facts make the case, the rows follow from it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;
use crate::case::testing::limit;
use crate::case::{
    AnswerForCity, AnswerLetter, AnswerSupervision, Arbitrate, AskCity, CaseFact, Channel, ClockKey, Confidentiality,
    Correct, DecideExclusion, Decline, Delay, EndSuspension, Escalate, ExcludeOutage, FollowUp, Group, KeepPromise,
    Lapse, MakeConfidential, OrderRework, OuterOrder, OuterRequest, PassInside, Promise, ProposeExclusion, Rate,
    Reassign, Remind, Reopen, RequestDelay, ReviewDelay, ReviewReturn, SampleCheck, SendBack, SendLetter, Sign, Step,
    Supervise, Supplement, Ungroup, Visit, Withdraw,
};
use kernel::ClockState;

/// Whose hand, which command with which numbers, after how many minutes.
fn step() -> impl Strategy<Value = (usize, usize, u16, bool, i64)> {
    (0..CALLERS, 0..COMMANDS, 1..4_u16, any::<bool>(), prop_oneof![0..90_i64, 0..5_000_i64])
}

fn after(instant: Instant, minutes: i64) -> Instant {
    Instant::from_micros(instant.micros() + minutes * 60_000_000)
}

const CALLERS: usize = 14;

fn caller(index: usize) -> Caller {
    let people = [
        ("dora", "S1"),
        ("rui", "D1"),
        ("dan", "D1-1"),
        ("hua", "D1-1"),
        ("lei", "D1"),
        ("deb", "D2"),
        ("don", "D3"),
        ("cao", "CC"),
        ("arb", "AR"),
        ("fay", "FU"),
        ("sun", "SV"),
        ("dora", "S1"),
    ];
    match index {
        12 => timekeeper(),
        13 => resident("r/1"),
        _ => staff(people[index].0, people[index].1),
    }
}

const COMMANDS: usize = 48;

#[rustfmt::skip]
fn command(index: usize, assignment: u16, yes: bool, scene: &Scene) -> Command {
    let (now, text) = (scene.now, words("样例"));
    let later = |hours: i64| after(now, hours * 60);
    let organization = ["D1", "D2", "D3"][usize::from(assignment - 1)].to_owned();
    let clocks: Vec<ClockKey> = scene.case.clocks.keys().copied().collect();
    let clock = clocks.get(usize::from(assignment) * if yes { 1 } else { 2 }).copied().unwrap_or(ClockKey::Handle(assignment));
    let outcome = if yes { Outcome::Solved } else { Outcome::Interim(Promise { due: later(50) }) };
    match index {
        0 => Accept { matter: None, urgency: None }.into(),
        1 => Correct { matter: Some("M2".into()), location: None }.into(),
        2 => Supplement { words: text }.into(),
        3 if !yes => Accept { matter: None, urgency: None }.into(),
        3 => Decline { outcome: Outcome::NotWithinRemit, reply: text }.into(),
        4 | 5 => Dispatch { lead: None, co_operating: if yes { vec!["D2".into()] } else { vec![] }, note: None }.into(),
        6 => Reassign { assignment, to: organization, reason: text }.into(),
        7 => Escalate { to: "CC".into(), reason: text }.into(),
        8 | 9 => Answer { assignment }.into(),
        10 => RecordContact { assignment, contact: Contact { way: ContactWay::Phone, reached: yes }, words: None }.into(),
        11 => PassInside { assignment, to: if yes { Step::Section } else { Step::Handler }, organization: "D1-1".into() }.into(),
        12 => SendBack { assignment, reason: text }.into(),
        13 | 14 => report(assignment, outcome).into(),
        15 | 16 => Sign { assignment }.into(),
        17 => RequestReturn { assignment, ..ask_return() }.into(),
        18 => ReviewReturn { assignment, granted: yes, reason: text }.into(),
        19 => Arbitrate { organization, reason: text }.into(),
        20 => RequestDelay { assignment, delay: Delay::Extension { by: limit("1 working_day") }, reason: "weather".into(), words: text }.into(),
        21 => RequestDelay { assignment, delay: Delay::Suspension { until: later(60) }, reason: "season".into(), words: text }.into(),
        22 => ReviewDelay { assignment, granted: yes, words: None }.into(),
        23 => EndSuspension { assignment }.into(),
        24 => Remind { assignment: None, clock: yes.then_some(clock), words: None }.into(),
        25 => Supervise { organization, limit: limit("2 working_day"), words: text }.into(),
        26 => AnswerSupervision { order: assignment, words: text }.into(),
        27 | 28 => Verify { evidence: vec![], words: None }.into(),
        29 => OrderRework { assignments: vec![assignment], reason: text }.into(),
        30 | 31 => Close { outcome: yes.then_some(outcome), reply: text }.into(),
        32 if yes && assignment == 3 => Withdraw { reason: text }.into(),
        32 => Verify { evidence: vec![], words: None }.into(),
        33 => Rate { score: assignment as u8, reason: Some("slow".into()), words: None }.into(),
        34 => Reopen { reason: text }.into(),
        35 => KeepPromise { words: text }.into(),
        36 => FollowUp { visit: if yes { Visit::Reached { content: assignment > 1, satisfaction: Some(4) } } else { Visit::Unreachable }, words: None }.into(),
        37 => if yes { ProposeExclusion { reason: "impossible".into(), words: text }.into() } else { DecideExclusion { agrees: assignment > 1, words: text }.into() },
        38 => SampleCheck { passed: yes, evidence: vec![Evidence::of("photo")], words: None }.into(),
        39 => if yes { AskCity { request: OuterRequest::Extension { until: later(400) }, reason: text }.into() } else { AnswerForCity { granted: assignment > 1, words: None }.into() },
        40 => if yes { SendLetter { number: format!("{assignment}"), body: "X".into(), leader: "G.leader".into(), due: Some(later(90)), words: text }.into() } else { AnswerLetter { letter: assignment, words: text }.into() },
        41 if assignment > 1 => Close { outcome: None, reply: text }.into(),
        41 => MakeConfidential { confidentiality: Confidentiality { named: ["dora".to_owned()].into(), ..Confidentiality::default() }, reason: text }.into(),
        42 if assignment > 1 => report(assignment, outcome).into(),
        42 => if yes { Group { head: CaseId::from_uuid(uuid::Uuid::from_u128(2)), reason: None }.into() } else { Ungroup { reason: text }.into() },
        44 | 45 => Answer { assignment }.into(),
        46 => PassInside { assignment, to: if yes { Step::Section } else { Step::Handler }, organization: "D1-1".into() }.into(),
        _ => if yes { Lapse { clock }.into() } else { ExcludeOutage { from: after(now, -180), until: now }.into() },
    }
}

/// The first caller from `from` on who may carry it out.
fn decide_by_anyone(scene: &Scene, from: usize, command: &Command) -> super::super::Decision {
    let mut refused = scene.decide(&caller(from), command.clone(), None);
    for index in 1..CALLERS {
        if refused.is_ok() {
            break;
        }
        refused = scene.decide(&caller((from + index) % CALLERS), command.clone(), None);
    }
    refused
}

const STARTS: usize = 10;

/// A case some way along, an order of the city with a group to join.
fn start(index: usize) -> Scene {
    let mut command = rubbish("r/1");
    command.channel = Channel::Hotline;
    command.outer = Some(OuterOrder { order: "GZ-1".into(), due: Some(at("2026-03-12 17:30")) });
    let mut scene = match index {
        0 => Scene::of(command),
        1 => Scene::chained(),
        2 => super::handling::at_handler(),
        3 => super::handling::reported(),
        4 => super::returns::exhausted(),
        5 => Scene::answered(),
        6 => super::delays::suspended(),
        7 => Scene::handled(),
        8 => Scene::verified(),
        _ => Scene::closed(),
    };
    let mut head = Scene::dispatched().case;
    head.id = CaseId::from_uuid(uuid::Uuid::from_u128(2));
    scene.head = Some(head);
    scene
}

fn holds(scene: &Scene) -> Result<(), TestCaseError> {
    let case = &scene.case;
    prop_assert!(case.standing().filter(|one| one.part == crate::case::Part::Lead).count() <= 1, "one lead at most");
    let mut organizations: Vec<&str> = case.standing().map(|one| one.organization.as_str()).collect();
    organizations.sort_unstable();
    organizations.dedup();
    prop_assert_eq!(organizations.len(), case.standing().count(), "one part a department");
    for (key, timer) in &case.clocks {
        if let Some(no) = key.assignment() {
            let assignment = case.assignment(no).expect("a clock belongs to an assignment");
            prop_assert!(assignment.is_open() || !timer.is_open(), "{} runs on {:?}", key, assignment.state);
        }
        if let ClockState::Late { at, due } = timer.state() {
            prop_assert!(at > due);
        }
    }
    if case.is_closed() {
        let kept = |key: &ClockKey| matches!(key, ClockKey::Letter(_) | ClockKey::Supervision(_) | ClockKey::Promise);
        let open = case.clocks.iter().find(|(key, timer)| timer.is_open() && !kept(key));
        prop_assert!(open.is_none(), "{:?} runs on a closed case", open);
        prop_assert!(case.standing().all(|one| !one.is_open()));
    }
    let written = serde_json::to_string(case).expect("a case is plain data");
    prop_assert_eq!(&serde_json::from_str::<Case>(&written).expect("it reads back"), case);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_commands_keep_the_invariants(from in 0..STARTS, steps in prop::collection::vec(step(), 1..120)) {
        let mut scene = start(from);
        let mut facts: Vec<CaseFact> = Vec::new();
        for (who, what, number, yes, minutes) in steps {
            scene.now = after(scene.now, minutes);
            let command = command(what, number, yes, &scene);
            let Ok(decided) = decide_by_anyone(&scene, who, &command) else { continue };
            for one in decided {
                scene.case.apply(&one.fact);
                for personal in &one.personal {
                    prop_assert!(!serde_json::to_string(&one.fact).unwrap().contains(&personal.value), "{}", personal.field);
                }
                facts.push(one.fact);
            }
            holds(&scene)?;
        }
        // The facts, written and read back, make the same case again.
        let mut again = start(from).case;
        for fact in &facts {
            let body = kernel::canonical_json(fact);
            again.apply(&serde_json::from_slice(&body).expect("a body reads back"));
        }
        prop_assert_eq!(again, scene.case);
    }
}

#[test]
fn random_commands_reach_most_commands() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut accepted = std::collections::BTreeMap::<&str, u32>::new();
    for round in 0..80 {
        let mut scene = start(round % STARTS);
        for _ in 0..50 {
            let (who, what, number, yes, minutes) = step().new_tree(&mut runner).unwrap().current();
            scene.now = after(scene.now, minutes);
            let command = command(what, number, yes, &scene);
            let Ok(decided) = decide_by_anyone(&scene, who, &command) else { continue };
            decided.iter().for_each(|one| scene.case.apply(&one.fact));
            *accepted.entry(command.name()).or_insert(0) += 1;
        }
    }
    // The law above is worth something only where most commands come about.
    assert!(accepted.len() >= 30, "{accepted:?}");
}
