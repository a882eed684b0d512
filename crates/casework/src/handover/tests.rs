use kernel::text;

use super::*;
use crate::case::Caller;
use crate::sample::{at, context, profile, words};

/// D01: by day its registry, the section's handler for a deputy; by night the section's handler and head in turn, the leader
/// for a deputy.
fn of(person: &str, post: &str) -> Caller {
    let organization = post.split('.').next().unwrap().to_owned();
    Caller::new(Hand::Post { person: person.into(), post: post.into(), organization }, Action::ALL)
}

fn day() -> Caller {
    of("rui", "D01.registry")
}

/// On duty in the night from 2 to 3 March, or its turn after.
fn night() -> Caller {
    let on_duty = profile().on_duty("D01", at("03-02 18:00")).unwrap().on_duty;
    of("dan", on_duty)
}

fn leave() -> HandOver {
    HandOver { organization: "D01".into(), open: ["case/1".to_owned()].into(), words: words("words of the watch") }
}

fn record() -> OnRecord {
    OnRecord { calls: ["call/2".to_owned()].into(), unknown: BTreeSet::new() }
}

fn left(caller: &Caller, when: &str) -> Result<Handover, HandoverRefusal> {
    let decided = leave().decide(None, record(), Duty(profile()), &context(caller, at(when)))?;
    let text = serde_json::to_string(&decided.fact).unwrap();
    assert_eq!(serde_json::from_str::<HandoverFact>(&text).unwrap(), decided.fact);
    assert!(!text.contains("words of"), "a personal value stands in a body: {text}");
    assert_eq!((decided.fact.event.kind(), decided.personal.len()), ("handover.left", 1));
    Ok(Handover::begin("D01", &decided.fact).unwrap())
}

fn taken(book: Option<&Handover>, caller: &Caller, when: &str) -> Result<Decided, HandoverRefusal> {
    let take = TakeOver { organization: "D01".into() };
    take.decide(book, Duty(profile()), &context(caller, at(when)))
}

#[track_caller]
fn refused<T: std::fmt::Debug + PartialEq>(answer: Result<T, HandoverRefusal>, refusal: HandoverRefusal) {
    assert!(text::has(refusal.code()), "{}", refusal.code());
    assert_eq!(answer, Err(refusal));
}

#[test]
fn whoever_leaves_a_duty_writes_what_is_open_and_what_to_watch() {
    let book = left(&day(), "03-02 17:20").unwrap();
    assert_eq!(book.note.open, ["call/2".to_owned(), "case/1".to_owned()].into());
    assert_eq!((book.note.left.post.as_str(), &book.note.taken), ("D01.registry", &None));
    left(&day(), "03-02 18:00").expect("the shift before may still write");
    let bystander = Caller { actions: Default::default(), ..day() };
    refused(left(&bystander, "03-02 17:20"), HandoverRefusal::NotPermitted { action: Action::KeepDuty });
    let not_on_duty = HandoverRefusal::NotOnDuty { organization: "D01".into() };
    refused(left(&of("wu", "D01-9.crew"), "03-02 17:20"), not_on_duty);
    let program = crate::sample::timekeeper();
    let allowed = Caller { actions: day().actions, ..program };
    refused(left(&allowed, "03-02 17:20"), HandoverRefusal::NotOnDuty { organization: "D01".into() });

    let cx_caller = day();
    let cx = context(&cx_caller, at("03-02 17:20"));
    let elsewhere = HandOver { organization: "Z".into(), ..leave() };
    let answer = elsewhere.decide(None, record(), Duty(profile()), &cx);
    refused(answer, HandoverRefusal::UnknownOrganization { code: "Z".into() });
    let unknown = OnRecord { unknown: ["case/9".to_owned()].into(), ..record() };
    let answer = leave().decide(None, unknown, Duty(profile()), &cx);
    refused(answer, HandoverRefusal::NotOnRecord { stream: "case/9".into() });
    let answer = leave().decide(Some(&book), record(), Duty(profile()), &cx);
    refused(answer, HandoverRefusal::NotTakenOver { post: "D01.registry".into() });
}

#[test]
fn the_next_on_duty_takes_the_note_over_once() {
    let book = left(&day(), "03-02 17:20").unwrap();
    let decided = taken(Some(&book), &night(), "03-02 17:25").expect("the next may come early");
    assert_eq!(decided.fact.event.kind(), "handover.taken");
    let mut after = book.clone();
    after.apply(&decided.fact);
    assert_eq!(after.note.taken.as_ref().map(|turn| turn.person.as_str()), Some("dan"));
    refused(taken(Some(&after), &night(), "03-02 18:00"), HandoverRefusal::NothingWaiting);
    refused(taken(None, &night(), "03-02 18:00"), HandoverRefusal::NothingWaiting);
    let Hand::Post { post, .. } = night().hand else { panic!("a post") };
    let same = of("rui", &post);
    refused(taken(Some(&book), &same, "03-02 18:00"), HandoverRefusal::SamePerson);
    let not_on_duty = HandoverRefusal::NotOnDuty { organization: "D01".into() };
    refused(taken(Some(&book), &of("wu", "D01-9.crew"), "03-02 18:00"), not_on_duty);
    let bystander = Caller { actions: Default::default(), ..night() };
    refused(taken(Some(&book), &bystander, "03-02 18:00"), HandoverRefusal::NotPermitted { action: Action::KeepDuty });
    let elsewhere = TakeOver { organization: "Z".into() };
    let caller = night();
    let answer = elsewhere.decide(None, Duty(profile()), &context(&caller, at("03-02 18:00")));
    refused(answer, HandoverRefusal::UnknownOrganization { code: "Z".into() });

    let caller = night();
    let next = leave().decide(Some(&after), record(), Duty(profile()), &context(&caller, at("03-03 08:20"))).unwrap();
    after.apply(&next.fact);
    assert_eq!((after.version, after.note.version, &after.note.taken), (3, 3, &None));
}
