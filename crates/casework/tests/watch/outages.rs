//! Outages, left out of every clock that ran in them, and the cards that fall with it.

use casework::WatchRefusal;
use casework::card::{self, About, CardRefusal, FactRef, Propose};
use casework::case::testing::{at, staff, words};
use casework::case::{
    AnswerSupervision, Case, ClockKey, Command, Correct, Evidence, Location, Place, Register, Settle, Supervise,
};
use casework::outage::Declare;
use district::cards::{Colour, Ground};
use journal::SubmitError;
use kernel::{ClockState, Instant};
use store::{Db, on_both_stores};

use crate::{District, TABLES, done, tables_are_what_the_facts_make};

on_both_stores!(an_outage_takes_a_lapse_and_its_card_back, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let id = district.dispatched().await;
    district.now("03-03 10:15");
    assert_eq!(district.keep_time().await.proposed, 1);
    let card = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    district.issue(&card).await;
    let declare = Declare { from: at("2026-03-02 15:00"), until: at("2026-03-02 17:00"), words: words("机房断电") };
    let declared = district.watch.declare(staff("ye", "CC"), declare.clone(), district.submission()).await.unwrap();
    assert_eq!(done(declared).applied_at, None);
    let twice = district.watch.declare(staff("ye", "CC"), declare, district.submission()).await;
    assert!(matches!(twice, Err(SubmitError::Refused(WatchRefusal::Outage(_)))));

    let watched = district.keep_time().await;
    assert_eq!((watched.outages, watched.voided), (1, 1));
    let timer = district.case(id).await.clocks[&ClockKey::Handle(1)].clone();
    assert_eq!((timer.due_at(), timer.state()), (at("2026-03-03 12:00"), ClockState::Running));
    assert_eq!(district.watch.card(card.id).await.unwrap().unwrap().state(), "void");
    assert!(district.keep_time().await.is_idle());
    district.now("03-03 12:01");
    let watched = district.keep_time().await;
    assert_eq!((watched.lapses, watched.proposed), (1, 1), "the clock lapses anew, and earns another card");
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(a_card_proposed_by_hand_falls_with_its_ground, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let id = district.dispatched().await;
    let (organization, limit) = ("D01".to_owned(), "3 working_hour".parse().unwrap());
    let order = Supervise { organization, limit, words: words("限期办结") };
    district.act(staff("lin", "SV"), id, Command::Supervise(order)).await;
    district.now("03-02 14:10");
    let watched = district.keep_time().await;
    assert_eq!((watched.lapses, watched.proposed), (1, 0), "no rule speaks of an order that ran out");

    let version = district.facts("case.lapsed").await.remove(0).version;
    let stream = format!("case/{id}");
    let propose = Propose {
        colour: Colour::Yellow,
        ground: Ground::Lapse,
        organization: "D01".to_owned(),
        about: About { stream: stream.clone(), clock: Some(ClockKey::Supervision(1).to_string()) },
        evidence: vec![FactRef { stream, version }],
        since: at("2026-03-02 12:00"),
    };
    let proposed = district.watch.propose(staff("lin", "SV"), propose.clone(), district.submission()).await;
    let card = district.issue(&done(proposed.unwrap())).await;
    let twice = district.watch.propose(staff("lin", "SV"), propose, district.submission()).await;
    let why = WatchRefusal::Card(CardRefusal::AlreadyProposed);
    assert!(matches!(twice, Err(SubmitError::Refused(found)) if found == why));

    let declare = Declare { from: at("2026-03-02 09:30"), until: at("2026-03-02 10:30"), words: words("断网") };
    done(district.watch.declare(staff("ye", "CC"), declare, district.submission()).await.unwrap());
    assert_eq!(district.keep_time().await.voided, 1);
    assert_eq!(district.watch.card(card.id).await.unwrap().unwrap().state(), "void");
    let timer = district.case(id).await.clocks[&ClockKey::Supervision(1)].clone();
    assert_eq!((timer.due_at(), timer.state()), (at("2026-03-02 15:00"), ClockState::Running));
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(an_outage_gives_a_yellow_card_its_time_back, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    district.dispatched().await;
    district.now("03-05 10:00");
    district.keep_time().await;
    let yellow = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    district.issue(&yellow).await;
    let follow =
        async || district.watch.card(yellow.id).await.unwrap().unwrap().clocks[&card::CardClock::Follow].clone();
    let due = follow().await.due_at();
    // Nobody could work on it for an hour before its time was over, and a red card was proposed.
    let minutes = |from: Instant, more: i64| Instant::from_micros(from.micros() + more * 60_000_000);
    district.at.set(minutes(due, 1));
    assert_eq!(district.keep_time().await.proposed, 1);
    let red = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    assert_eq!((red.ground, red.about.stream.clone()), (Ground::YellowUnanswered, format!("card/{}", yellow.id)));
    let declare = Declare { from: minutes(due, -60), until: due, words: words("机房断电") };
    done(district.watch.declare(staff("ye", "CC"), declare, district.submission()).await.unwrap());

    let watched = district.keep_time().await;
    assert_eq!((watched.outages, watched.voided, watched.proposed), (1, 1, 0));
    assert_eq!(district.watch.card(red.id).await.unwrap().unwrap().state(), "void");
    let later = follow().await;
    assert!(later.is_running() && later.due_at() > due, "{later:?}");
    assert!(district.keep_time().await.is_idle());
    district.at.set(minutes(later.due_at(), 1));
    assert_eq!(district.keep_time().await.proposed, 1, "still nothing done: another red card");
    let again = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    assert!(again.id != red.id && again.ground == Ground::YellowUnanswered);
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(
    an_outage_is_left_out_after_closing_and_where_the_act_is_delivered_later,
    TABLES,
    |db: Db| async move {
        let district = District::on(&db, "one");
        let place = Place { path: vec!["999901".into(), "999901001".into()], ..Place::default() };
        let rubbish = Register {
            matter: Some("M01".into()),
            location: Location::At(place),
            evidence: ["photo_before", "photo_after"].map(Evidence::of).into(),
            ..casework::case::testing::rubbish("r/1")
        };
        // Closed before the outage; an order on it runs through the outage, another is answered before the outage is declared.
        let settle = Settle { register: rubbish.clone() };
        let settled = district.watch.casework().settle(staff("gus", "S1"), None, settle, district.submission()).await;
        let closed = done(settled.unwrap()).id;
        for _ in 0..2 {
            let (organization, limit) = ("D01".to_owned(), "3 working_hour".parse().unwrap());
            let order = Supervise { organization, limit, words: words("限期整改") };
            district.act(staff("lin", "SV"), closed, Command::Supervise(order)).await;
        }
        district.now("03-02 11:30");
        let answer = AnswerSupervision { order: 2, words: words("已整改") };
        district.act(staff("dan", "D01"), closed, Command::AnswerSupervision(answer)).await;
        let declare = Declare { from: at("2026-03-02 09:30"), until: at("2026-03-02 10:30"), words: words("断网") };
        district.watch.declare(staff("ye", "CC"), declare, district.submission()).await.unwrap();
        assert_eq!(district.keep_time().await.commands.get(&("case", "exclude_outage")), Some(&1));
        let case = district.case(closed).await;
        let due = |key| case.clocks[&key].due_at();
        assert_eq!(due(ClockKey::Supervision(1)), at("2026-03-02 15:00"), "an hour later");
        assert_eq!(due(ClockKey::Supervision(2)), at("2026-03-02 15:00"), "its end does not matter");

        // Written down in the outage, delivered when it had been left out of everything else.
        district.now("03-02 11:40");
        let claimed = Some(at("2026-03-02 09:50"));
        let (casework, reporter) = (district.watch.casework(), casework::case::testing::resident("r/1"));
        let late = done(casework.register(reporter, claimed, rubbish, district.submission()).await.unwrap()).id;
        let accept = |case: Case| case.clocks[&ClockKey::Accept].due_at();
        assert_eq!(accept(district.case(late).await), at("2026-03-02 11:50"));
        assert_eq!(district.keep_time().await.touched, [format!("case/{late}")].into());
        assert_eq!(accept(district.case(late).await), at("2026-03-02 14:30"), "from the end of the outage");
        let correct = Correct { matter: Some("M06".into()), location: None };
        district.act(staff("dora", "S1"), late, Command::Correct(correct)).await;
        let reply = |case: Case| case.clocks[&ClockKey::Reply].clock().unwrap().excluded().len();
        assert_eq!(reply(district.case(late).await), 0, "the time to reply began with the report");
        district.keep_time().await;
        assert_eq!(reply(district.case(late).await), 1);
        assert!(district.keep_time().await.is_idle());
        tables_are_what_the_facts_make(&db).await;
    }
);
