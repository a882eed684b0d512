use kernel::text;

use super::*;
use crate::sample::{at, bystander, caller, context, timekeeper, words};

fn declare(from: &str, until: &str) -> Declare {
    Declare { from: at(from), until: at(until), words: words("words of the operator") }
}

const BEFORE: &str = "03-02 12:00";

#[track_caller]
fn refused(declare: Declare, caller: &crate::case::Caller, refusal: OutageRefusal) {
    let others = [(at("03-01 08:00"), at("03-01 09:00"))];
    assert_eq!(declare.decide("CC", &others, &context(caller, at(BEFORE))), Err(refusal.clone()));
    assert!(text::has(refusal.code()), "{}", refusal.code());
}

#[test]
fn an_outage_is_declared_when_it_is_over_and_once() {
    let centre = caller("ye", "CC");
    let decided = declare("03-02 09:00", BEFORE).decide("CC", &[], &context(&centre, at(BEFORE))).unwrap();
    assert_eq!(decided.fact.event.kind(), "outage.declared");
    assert!(!serde_json::to_string(&decided.fact).unwrap().contains("words of"));
    let good = || declare("03-02 09:00", "03-02 10:00");
    refused(good(), &bystander("CC"), OutageRefusal::NotPermitted { action: Action::DeclareOutage });
    refused(good(), &caller("wu", "D01"), OutageRefusal::NotTheDeclarer { declarer: "CC".into() });
    refused(declare("03-02 09:00", "03-02 09:00"), &centre, OutageRefusal::Empty);
    refused(declare("03-02 09:00", "03-02 12:01"), &centre, OutageRefusal::NotOver { at: at(BEFORE) });
    let overlaps = OutageRefusal::Overlaps { from: at("03-01 08:00"), until: at("03-01 09:00") };
    refused(declare("03-01 08:59", "03-01 10:00"), &centre, overlaps);
    assert!(declare("03-01 09:00", "03-01 10:00").decide("CC", &[], &context(&centre, at(BEFORE))).is_ok());
}

#[test]
fn the_timekeeper_notes_once_that_an_outage_is_applied() {
    let decided = declare("03-02 09:00", "03-02 10:00").decide("CC", &[], &context(&caller("ye", "CC"), at(BEFORE)));
    let mut outage = Outage::begin(OutageId::from_uuid(Default::default()), &decided.unwrap().fact).unwrap();
    let not_permitted = OutageRefusal::NotPermitted { action: Action::KeepTime };
    assert_eq!(outage.applied(&context(&caller("ye", "CC"), at(BEFORE))), Err(not_permitted));
    let applied = outage.applied(&context(&timekeeper(), at("03-02 12:05"))).unwrap();
    outage.apply(&applied.fact);
    assert_eq!((outage.version, outage.applied_at), (2, Some(at("03-02 12:05"))));
    let again = outage.applied(&context(&timekeeper(), at("03-02 12:06")));
    assert_eq!(again, Err(OutageRefusal::AlreadyApplied));
    assert!(text::has(OutageRefusal::AlreadyApplied.code()));
}
