use district::Stage;
use kernel::{ClockState, text};

use super::*;
use crate::case::{Action, Caller, Evidence};
use crate::sample::{at, book, bystander, caller, context, profile, timekeeper, words};

fn cause() -> FactRef {
    FactRef { stream: "case/8d2b".to_owned(), version: 4 }
}

fn proposal(colour: Colour, ground: Ground) -> Propose {
    let about = About { stream: "case/8d2b".to_owned(), clock: Some("handle/1".to_owned()) };
    let (organization, since) = ("D01".to_owned(), at("03-02 09:30"));
    Propose { colour, ground, organization, about, evidence: vec![cause()], since }
}

/// A card proposed by the timekeeper on 2 March at 10:00.
fn proposed(colour: Colour) -> Card {
    let facts = proposal(colour, Ground::Lapse).decide(false, &context(&timekeeper(), at("03-02 10:00"))).unwrap();
    Card::begin(CardId::of(Ground::Lapse, "case/8d2b", "handle/1"), &facts[0].fact).unwrap()
}

fn act(card: &mut Card, command: Command, caller: &Caller, when: &str) -> Result<Vec<&'static str>, CardRefusal> {
    let facts = decide(card, &command, &profile().cards, &context(caller, at(when)))?;
    for decided in &facts {
        let text = serde_json::to_string(&decided.fact).unwrap();
        assert_eq!(serde_json::from_str::<CardFact>(&text).unwrap(), decided.fact);
        assert!(!text.contains("words of"), "a personal value stands in a body: {text}");
        card.apply(&decided.fact);
    }
    Ok(facts.iter().map(|decided| decided.fact.event.kind()).collect())
}

/// Carries out or panics.
fn done(card: &mut Card, command: Command, caller: &Caller, when: &str) -> Vec<&'static str> {
    act(card, command, caller, when).unwrap()
}

#[track_caller]
fn refused(card: &Card, command: Command, caller: &Caller, when: &str, refusal: CardRefusal) {
    let mut card = card.clone();
    assert_eq!(act(&mut card, command, caller, when), Err(refusal.clone()));
    assert!(text::has(refusal.code()), "{}", refusal.code());
}

fn office() -> Caller {
    caller("lin", "SV")
}

fn issue() -> Command {
    Command::Issue(Issue { words: words("words of the office") })
}

fn dismiss() -> Command {
    Command::Dismiss(Dismiss { reason: words("words of the office") })
}

fn appeal() -> Command {
    Command::AppealAgainst(AppealAgainst { words: words("words of the department") })
}

fn decided(upheld: bool) -> Command {
    Command::DecideAppeal(DecideAppeal { upheld, reason: words("words of the office") })
}

fn talk() -> Command {
    Command::RecordTalk(RecordTalk { words: words("words of the talk") })
}

fn rectify() -> Command {
    Command::Rectify(Rectify { evidence: vec![Evidence::of("document")], words: words("words of the department") })
}

fn send_back() -> Command {
    Command::ReturnRectification(ReturnRectification { reason: words("words of the office") })
}

fn cancel() -> Command {
    Command::Cancel(Cancel { words: words("words of the office") })
}

fn issued(colour: Colour) -> Card {
    let mut card = proposed(colour);
    done(&mut card, issue(), &office(), "03-02 11:00");
    card
}

fn points(card: &Card, when: &str) -> Option<f64> {
    card.counts(&profile().cards, at(when))
}

#[test]
fn a_card_is_proposed_with_evidence_and_once() {
    let yellow = proposed(Colour::Yellow);
    assert_eq!((yellow.proposed_at, yellow.evidence.clone()), (at("03-02 09:30"), vec![cause()]));
    let same = CardId::of(Ground::Lapse, "case/8d2b", "handle/1");
    assert_eq!(yellow.id, same);
    assert_ne!(CardId::of(Ground::Lapse, "case/8d2b", "answer/1"), same);
    let propose = |proposal: &Propose, caller: Caller, exists| {
        let decided = proposal.decide(exists, &context(&caller, at("03-02 10:00")));
        decided.map(|facts| facts.len())
    };
    let good = proposal(Colour::Yellow, Ground::FalseReport);
    assert_eq!(propose(&good, office(), false), Ok(1), "the office may propose by hand");
    assert_eq!(propose(&good, office(), true), Err(CardRefusal::AlreadyProposed));
    let not_office = CardRefusal::NotTheOffice { office: "SV".into() };
    assert_eq!(propose(&good, caller("wu", "D01"), false), Err(not_office));
    let not_permitted = CardRefusal::NotPermitted { action: Action::IssueCard };
    assert_eq!(propose(&good, bystander("SV"), false), Err(not_permitted));
    let bare = Propose { evidence: Vec::new(), ..good.clone() };
    assert_eq!(propose(&bare, office(), false), Err(CardRefusal::EvidenceMissing));
    let nobody = Propose { organization: "D99".to_owned(), ..good };
    let unknown = CardRefusal::UnknownOrganization { code: "D99".into() };
    assert_eq!(propose(&nobody, office(), false), Err(unknown));
    for code in ["card-already-proposed", "card-unknown-organization"] {
        assert!(text::has(code), "{code}");
    }
}

#[test]
fn only_the_supervision_office_issues_or_dismisses_and_only_what_is_proposed() {
    let card = proposed(Colour::Yellow);
    for command in [issue(), dismiss()] {
        let not_office = CardRefusal::NotTheOffice { office: "SV".into() };
        refused(&card, command.clone(), &caller("wu", "D01"), "03-02 11:00", not_office);
        let not_permitted = CardRefusal::NotPermitted { action: Action::IssueCard };
        refused(&card, command.clone(), &bystander("SV"), "03-02 11:00", not_permitted);
        let wrong = CardRefusal::WrongState { command: command.name(), state: "issued" };
        refused(&issued(Colour::Yellow), command, &office(), "03-02 12:00", wrong);
    }
    let mut dismissed = card.clone();
    assert_eq!(done(&mut dismissed, dismiss(), &office(), "03-02 11:00"), ["card.dismissed"]);
    assert_eq!(points(&dismissed, "03-02 11:00"), Some(0.0));
}

#[test]
fn a_yellow_card_counts_when_no_appeal_is_open_any_more() {
    let card = issued(Colour::Yellow);
    assert_eq!(card.issued_at, Some(at("03-02 11:00")));
    // Two working days after Monday end on Wednesday at close of business.
    assert_eq!(card.clocks[&CardClock::Appeal].due_at(), at("03-04 17:30"));
    assert_eq!(points(&card, "03-04 17:30"), None);
    assert_eq!(points(&card, "03-04 17:31"), Some(-1.0));
    assert_eq!(points(&proposed(Colour::Yellow), "03-09 09:00"), None);
}

#[test]
fn an_appeal_comes_from_the_carded_organization_within_two_working_days() {
    let card = issued(Colour::Yellow);
    let not_yours = CardRefusal::NotYourCard { organization: "D01".into() };
    refused(&card, appeal(), &caller("he", "D02"), "03-03 09:00", not_yours);
    let not_permitted = CardRefusal::NotPermitted { action: Action::AppealCard };
    refused(&card, appeal(), &bystander("D01"), "03-03 09:00", not_permitted);
    let over = CardRefusal::AppealWindowOver { until: at("03-04 17:30") };
    refused(&card, appeal(), &caller("wu", "D01-1"), "03-04 17:31", over);
    let early = CardRefusal::WrongState { command: "appeal_against", state: "proposed" };
    refused(&proposed(Colour::Yellow), appeal(), &caller("wu", "D01"), "03-02 10:30", early);

    let mut appealed = card;
    assert_eq!(done(&mut appealed, appeal(), &caller("wu", "D01-1"), "03-04 17:30"), ["card.appealed"]);
    assert_eq!(points(&appealed, "03-20 09:00"), None);
    refused(&appealed, decided(true), &office(), "03-05 09:00", CardRefusal::SamePerson);
    let mut upheld = appealed.clone();
    done(&mut upheld, decided(true), &caller("mo", "SV"), "03-05 09:00");
    assert_eq!((upheld.state(), points(&upheld, "03-05 09:00")), ("upheld", Some(-1.0)));
    done(&mut appealed, decided(false), &caller("mo", "SV"), "03-05 09:00");
    assert_eq!((appealed.state(), points(&appealed, "03-05 09:00")), ("revoked", Some(0.0)));
    assert!(!appealed.stands() && appealed.clocks.values().all(|timer| !timer.is_open()));
    let again = CardRefusal::WrongState { command: "decide_appeal", state: "revoked" };
    refused(&appealed, decided(true), &caller("mo", "SV"), "03-05 10:00", again);
    let not_office = CardRefusal::NotTheOffice { office: "SV".into() };
    refused(&upheld, decided(true), &caller("wu", "D01"), "03-05 10:00", not_office);
}

#[test]
fn a_red_card_brings_order_talk_and_rectification_and_is_cancelled_when_they_are_done() {
    let mut card = proposed(Colour::Red);
    assert_eq!(done(&mut card, issue(), &office(), "03-02 11:00"), ["card.issued", "card.supervision_ordered"]);
    assert_eq!(card.clocks[&CardClock::Rectification].due_at(), at("03-09 17:30"));
    refused(&card, cancel(), &office(), "03-03 09:00", CardRefusal::NotRectified);
    refused(&card, send_back(), &office(), "03-03 09:00", CardRefusal::NotRectified);
    let bare = Command::Rectify(Rectify { evidence: Vec::new(), words: words("words of the department") });
    refused(&card, bare, &caller("wu", "D01"), "03-03 09:00", CardRefusal::EvidenceMissing);
    let not_yours = CardRefusal::NotYourCard { organization: "D01".into() };
    refused(&card, rectify(), &caller("he", "D02"), "03-03 09:00", not_yours);

    done(&mut card, rectify(), &caller("wu", "D01"), "03-05 09:00");
    assert_eq!(card.clocks[&CardClock::Rectification].state(), ClockState::Met { at: at("03-05 09:00") });
    let twice = CardRefusal::WrongState { command: "rectify", state: "issued" };
    refused(&card, rectify(), &caller("wu", "D01"), "03-05 10:00", twice);
    done(&mut card, send_back(), &office(), "03-05 11:00");
    assert_eq!(card.clocks[&CardClock::Rectification].due_at(), at("03-12 17:30"));
    done(&mut card, rectify(), &caller("wu", "D01"), "03-06 09:00");
    refused(&card, cancel(), &office(), "03-06 10:00", CardRefusal::TalkMissing);
    let not_office = CardRefusal::NotTheOffice { office: "SV".into() };
    refused(&card, talk(), &caller("wu", "D01"), "03-06 10:00", not_office);
    done(&mut card, talk(), &office(), "03-06 10:00");
    done(&mut card, cancel(), &office(), "03-06 11:00");
    assert_eq!((card.state(), points(&card, "03-06 11:00")), ("cancelled", Some(-2.0)));
    let over = CardRefusal::WrongState { command: "record_talk", state: "cancelled" };
    refused(&card, talk(), &office(), "03-06 12:00", over);
}

#[test]
fn a_yellow_card_knows_no_talk_and_no_rectification() {
    let card = issued(Colour::Yellow);
    for command in [talk(), send_back(), cancel()] {
        refused(&card, command, &office(), "03-03 09:00", CardRefusal::NotRed);
    }
    refused(&card, rectify(), &caller("wu", "D01"), "03-03 09:00", CardRefusal::NotRed);
}

#[test]
fn a_card_under_appeal_is_not_cancelled() {
    let mut card = issued(Colour::Red);
    done(&mut card, rectify(), &caller("wu", "D01"), "03-03 09:00");
    done(&mut card, talk(), &office(), "03-03 10:00");
    done(&mut card, appeal(), &caller("wu", "D01"), "03-03 11:00");
    let wrong = CardRefusal::WrongState { command: "cancel", state: "appealed" };
    refused(&card, cancel(), &office(), "03-03 12:00", wrong);
    done(&mut card, decided(true), &caller("mo", "SV"), "03-04 09:00");
    done(&mut card, cancel(), &office(), "03-04 10:00");
}

#[test]
fn every_act_on_a_card_asks_for_action_and_office() {
    let card = issued(Colour::Red);
    for command in [issue(), dismiss(), decided(true), talk(), send_back(), cancel()] {
        let not_permitted = CardRefusal::NotPermitted { action: Action::IssueCard };
        refused(&card, command.clone(), &bystander("SV"), "03-03 09:00", not_permitted);
        let not_office = CardRefusal::NotTheOffice { office: "SV".into() };
        refused(&card, command, &caller("wu", "D01"), "03-03 09:00", not_office);
    }
    for command in [appeal(), rectify()] {
        let not_permitted = CardRefusal::NotPermitted { action: Action::AppealCard };
        refused(&card, command, &bystander("D01"), "03-03 09:00", not_permitted);
    }
}

#[test]
fn a_card_whose_ground_fell_away_is_void() {
    let mut card = issued(Colour::Red);
    let not_permitted = CardRefusal::NotPermitted { action: Action::KeepTime };
    refused(&card, Command::Void(Void {}), &office(), "03-03 09:00", not_permitted);
    assert_eq!(done(&mut card, Command::Void(Void {}), &timekeeper(), "03-03 09:00"), ["card.void"]);
    assert_eq!((points(&card, "03-03 09:00"), card.stands()), (Some(0.0), false));
    assert!(card.clocks.values().all(|timer| !timer.is_open()));
    let twice = CardRefusal::WrongState { command: "void", state: "void" };
    refused(&card, Command::Void(Void {}), &timekeeper(), "03-03 10:00", twice);
}

#[test]
fn limits_of_a_card_run_out_when_they_are_due_and_only_the_rectification_is_late() {
    let mut card = issued(Colour::Red);
    let run_out = |clock| Command::RunOut(RunOut { clock });
    let early = CardRefusal::NotYetDue { clock: CardClock::Rectification, due: at("03-09 17:30") };
    refused(&card, run_out(CardClock::Rectification), &timekeeper(), "03-09 17:30", early);
    let not_permitted = CardRefusal::NotPermitted { action: Action::KeepTime };
    refused(&card, run_out(CardClock::Appeal), &office(), "03-10 09:00", not_permitted);
    let none = CardRefusal::ClockNotRunning { clock: CardClock::Follow };
    refused(&card, run_out(CardClock::Follow), &timekeeper(), "03-10 09:00", none);
    done(&mut card, run_out(CardClock::Appeal), &timekeeper(), "03-12 09:00");
    done(&mut card, run_out(CardClock::Rectification), &timekeeper(), "03-12 09:00");
    assert_eq!(card.clocks[&CardClock::Appeal].state(), ClockState::Met { at: at("03-04 17:30") });
    assert_eq!(card.clocks[&CardClock::Rectification].state(), ClockState::Lapsed { since: at("03-09 17:30") });
}

#[test]
fn an_outage_is_left_out_of_every_limit_of_a_card() {
    let mut card = issued(Colour::Red);
    let outage = |from, until| Command::ExcludeOutage(ExcludeOutage { from: at(from), until: at(until) });
    refused(&card, outage("03-03 09:00", "03-04 17:30"), &timekeeper(), "03-04 10:00", CardRefusal::BadInterval);
    refused(&card, outage("03-03 09:00", "03-03 09:00"), &timekeeper(), "03-04 10:00", CardRefusal::BadInterval);
    let down = outage("03-03 08:00", "03-04 18:00");
    let not_permitted = CardRefusal::NotPermitted { action: Action::KeepTime };
    refused(&card, down.clone(), &office(), "03-06 10:00", not_permitted);

    // The time to appeal had ended in the outage, two of the rectification's days went by in it.
    done(&mut card, Command::RunOut(RunOut { clock: CardClock::Appeal }), &timekeeper(), "03-05 09:00");
    refused(
        &card,
        appeal(),
        &caller("wu", "D01"),
        "03-05 09:00",
        CardRefusal::AppealWindowOver { until: at("03-04 17:30") },
    );
    assert_eq!(done(&mut card, down.clone(), &timekeeper(), "03-05 09:00"), ["card.outage_excluded"]);
    let clock = |card: &Card, clock| (card.clocks[&clock].due_at(), card.clocks[&clock].state());
    assert_eq!(clock(&card, CardClock::Appeal), (at("03-06 17:30"), ClockState::Running));
    assert_eq!(clock(&card, CardClock::Rectification), (at("03-11 17:30"), ClockState::Running));
    assert!(done(&mut card, down, &timekeeper(), "03-05 10:00").is_empty(), "once is enough");
    done(&mut card, appeal(), &caller("wu", "D01"), "03-06 09:00");

    // What somebody did in time stays done.
    done(&mut card, outage("03-06 07:00", "03-07 08:00"), &timekeeper(), "03-09 09:00");
    assert_eq!(clock(&card, CardClock::Appeal).1, ClockState::Met { at: at("03-06 09:00") });
}

#[test]
fn the_profile_says_what_earns_which_card() {
    let check = |what: Occurrence, colour| {
        assert_eq!(colour_for(&profile().cards, &book().calendar, &what), colour, "{what:?}");
    };
    check(Occurrence::Lapse { stage: Stage::Handle, times: 1 }, Some(Colour::Yellow));
    check(Occurrence::Lapse { stage: Stage::Accept, times: 3 }, None);
    let march = [at("03-02 09:00"), at("03-30 09:00")];
    check(Occurrence::YellowRepeated { issued: &march }, Some(Colour::Red));
    check(Occurrence::YellowRepeated { issued: &march[..1] }, None);
    check(Occurrence::YellowRepeated { issued: &[at("03-31 23:00"), at("04-01 01:00")] }, None);
    check(Occurrence::YellowRepeated { issued: &[march[0], march[1], at("03-31 09:00")] }, None);
}

#[test]
fn every_ground_of_a_rule_can_match() {
    let rules = r#"
        reminder_share = 0.25
        appeal = "2 working_day"
        rectification = "5 working_day"
        source = "sample"
        points = { yellow = -1.0, red = -2.0 }
        [[rule]]
        colour = "red"
        ground = "rework_repeated"
        count = 2
        [[rule]]
        colour = "yellow"
        ground = "return_rejected"
        [[rule]]
        colour = "red"
        ground = "false_report"
        [[rule]]
        colour = "red"
        ground = "yellow_unanswered"
        after = "24 continuous_hour"
        [[rule]]
        colour = "red"
        ground = "yellow_repeated"
        count = 2
        window = "10 working_day"
    "#;
    let cards: Cards = toml::from_str(rules).unwrap();
    let check = |what: Occurrence, colour| assert_eq!(colour_for(&cards, &book().calendar, &what), colour, "{what:?}");
    check(Occurrence::Rework { times: 1 }, None);
    check(Occurrence::Rework { times: 2 }, Some(Colour::Red));
    check(Occurrence::ReturnRejected { times: 1 }, Some(Colour::Yellow));
    check(Occurrence::FalseReport { times: 1 }, Some(Colour::Red));
    check(Occurrence::Lapse { stage: Stage::Handle, times: 9 }, None);
    let (issued, now) = (at("03-02 09:00"), at("03-03 09:00"));
    check(Occurrence::YellowUnanswered { issued, now }, None);
    check(Occurrence::YellowUnanswered { issued, now: at("03-03 09:01") }, Some(Colour::Red));
    check(Occurrence::YellowRepeated { issued: &[issued, at("03-16 17:30")] }, Some(Colour::Red));
    check(Occurrence::YellowRepeated { issued: &[issued, at("03-16 17:31")] }, None);
}
