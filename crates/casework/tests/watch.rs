//! Calls, cards, outages and the timekeeper on both stores, through the doors.

#[path = "watch/outages.rs"]
mod outages;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::Arc;

use casework::call::{self, Call, CallClock, CallId, Phase, Raise};
use casework::card::{self, Card};
use casework::case::testing::{at, staff, words};
use casework::case::{
    Accept, Action, Answer, Caller, Case, CaseId, ClockKey, Command, Delay, Dispatch, Hand, Location, Place, Register,
    RequestDelay, ReviewDelay,
};
use casework::handover::{HandOver, HandoverRefusal, TakeOver};
use casework::{Casework, Owner, Watch, WatchRefusal, compare, rebuild, rulebook};
use district::Profile;
use district::cards::{Colour, Ground};
use journal::access::{Looker, Why, looks_at};
use journal::{Journal, MasterKey, Submission, SubmitError, WriterOptions, tail};
use kernel::{Actor, Chance, ClockState, Instant};
use store::{Db, Migration, Read, on_both_stores};

const TABLES: &[Migration] = &store::testing::both::<COUNT>(journal::MIGRATIONS, casework::MIGRATIONS);
const COUNT: usize = journal::MIGRATIONS.len() + casework::MIGRATIONS.len();

/// The doors on a database, with a clock that the test turns.
struct District {
    watch: Watch,
    at: Cell<Instant>,
    chance: RefCell<Chance>,
}

impl District {
    /// `node` tells two on one database apart.
    fn on(db: &Db, node: &str) -> District {
        District::by(db, node, &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny"))
    }

    fn by(db: &Db, node: &str, profile: &Path) -> District {
        let profile = Arc::new(Profile::load(profile).unwrap());
        let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal, rulebook(&profile).unwrap());
        let chance = RefCell::new(Chance::seeded(1, node));
        District { watch: Watch::new(casework, profile), at: Cell::new(at("2026-03-02 09:00")), chance }
    }

    fn now(&self, local: &str) {
        self.at.set(at(&format!("2026-{local}")));
    }

    fn submission(&self) -> Submission {
        Submission { at: self.at.get(), chance: self.chance.borrow_mut().split(), key: None }
    }

    async fn act(&self, caller: Caller, case: CaseId, command: Command) -> Case {
        let casework = self.watch.casework();
        let answer = casework.act(caller, None, case, None, command, self.submission()).await.unwrap();
        Case::clone(&done(answer).case)
    }

    /// Exposed garbage in subdistrict S1, dispatched to D01 at the instant at hand.
    async fn dispatched(&self) -> CaseId {
        let place = Place { path: vec!["999901".into(), "999901001".into()], ..Place::default() };
        let register = Register {
            matter: Some("M01".into()),
            location: Location::At(place),
            ..casework::case::testing::rubbish("r/1")
        };
        let reporter = casework::case::testing::resident("r/1");
        let answer = self.watch.casework().register(reporter, None, register, self.submission()).await.unwrap();
        let id = done(answer).id;
        self.act(staff("dora", "S1"), id, Command::Accept(Accept { matter: None, urgency: None })).await;
        let dispatch = Dispatch { lead: None, co_operating: vec![], note: None };
        self.act(staff("dora", "S1"), id, Command::Dispatch(dispatch)).await;
        self.act(staff("dan", "D01"), id, Command::Answer(Answer { assignment: 1 })).await;
        id
    }

    async fn raise(&self, matter: &str) -> Call {
        let place = Place { path: vec!["999901".into(), "999901001".into()], ..Place::default() };
        let raise = Raise {
            matter: matter.into(),
            urgency: None,
            case: None,
            place,
            organizations: vec!["D01".into(), "D03".into()],
            words: words("请到场"),
        };
        done(self.watch.raise(staff("gao", "S1"), None, raise, self.submission()).await.unwrap())
    }

    async fn on_call(&self, caller: Caller, call: CallId, command: call::Command) -> Result<Call, WatchRefusal> {
        match self.watch.act_on_call(caller, None, call, None, command, self.submission()).await {
            Ok(answer) => Ok(done(answer)),
            Err(SubmitError::Refused(why)) => Err(why),
            Err(other) => panic!("{other}"),
        }
    }

    async fn issue(&self, card: &Card) -> Card {
        let command = card::Command::Issue(card::Issue { words: words("逾期未办") });
        let answer = self.watch.act_on_card(staff("lin", "SV"), None, card.id, None, command, self.submission()).await;
        done(answer.unwrap())
    }

    async fn case(&self, id: CaseId) -> Case {
        self.watch.casework().case(id).await.unwrap().unwrap()
    }

    async fn facts(&self, kind: &str) -> Vec<journal::Fact> {
        let mut facts = tail::after(&mut self.watch.casework().journal().db(), 0, 100_000).await.unwrap();
        facts.retain(|fact| fact.kind == kind);
        facts
    }

    async fn keep_time(&self) -> casework::Watched {
        self.watch.keep_time(self.at.get()).await.unwrap()
    }
}

fn done<T: std::fmt::Debug>(answer: journal::Answer<T>) -> T {
    match answer {
        journal::Answer::Done { output, .. } => output,
        other => panic!("{other:?}"),
    }
}

async fn tables_are_what_the_facts_make(db: &Db) {
    assert_eq!(compare(db).await.unwrap(), []);
    rebuild(db).await.unwrap();
    assert_eq!(compare(db).await.unwrap(), []);
}

on_both_stores!(a_clock_is_reminded_lapses_and_earns_a_card, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let id = district.dispatched().await;
    let timer = district.case(id).await.clocks[&ClockKey::Handle(1)].clone();
    // Eight working hours from Monday 09:00: six and a half on Monday, an hour and a half on Tuesday.
    assert_eq!(timer.due_at(), at("2026-03-03 10:00"));
    assert!(district.keep_time().await.is_idle());
    district.now("03-03 08:40");
    assert!(timer.remind_at.unwrap() < district.at.get());
    assert_eq!(district.keep_time().await.reminders, 1);
    assert!(district.keep_time().await.is_idle(), "once is enough");
    district.now("03-03 10:00");
    assert!(district.keep_time().await.is_idle(), "the due instant itself is in time");

    district.now("03-05 10:00");
    let watched = district.keep_time().await;
    assert_eq!((watched.lapses, watched.proposed), (1, 1));
    let lapsed = &district.facts("case.lapsed").await[0];
    assert_eq!((lapsed.effective_at, lapsed.at), (at("2026-03-03 10:00"), at("2026-03-05 10:00")));
    let cards = district.watch.cards("proposed", 10).await.unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!(
        (cards[0].colour, cards[0].ground, cards[0].organization.as_str()),
        (Colour::Yellow, Ground::Lapse, "D01")
    );
    assert_eq!(cards[0].proposed_at, at("2026-03-03 10:00"));
    assert_eq!(cards[0].evidence[0].version, lapsed.version);
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(one_stream_is_looked_at_by_itself, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let id = district.dispatched().await;
    let other = district.dispatched().await;
    let owner = Owner::Case(Arc::new(district.case(id).await));
    let stream = format!("case/{id}");
    assert_eq!(owner.stream(), stream);
    district.now("03-03 09:00");
    let (nothing, left) = district.watch.keep_time_of(&owner, at("2026-03-02 09:05")).await.unwrap();
    assert!(nothing.is_idle() && left.is_none(), "{nothing:?}");
    let (reminded, left) = district.watch.keep_time_of(&owner, district.at.get()).await.unwrap();
    assert_eq!((reminded.reminders, reminded.facts), (1, 1));
    assert!(matches!(&left, Some(Owner::Case(case)) if case.id == id && case.version == 5));
    let (again, nothing) = district.watch.keep_time_of(&owner, district.at.get()).await.unwrap();
    assert!(again.is_idle() && nothing.is_none(), "who has it at hand as it stood acts no second time: {again:?}");
    assert_eq!(again.passed_over, 1);
    district.now("03-03 10:01");
    let (lapsed, left) = district.watch.keep_time_of(&left.unwrap(), district.at.get()).await.unwrap();
    assert_eq!((lapsed.lapses, lapsed.commands.get(&("case", "lapse"))), (1, Some(&1)));
    let Some(Owner::Case(case)) = left else { panic!("{left:?}") };
    assert_eq!(*case, district.case(id).await);
    assert_eq!(case.clocks[&ClockKey::Handle(1)].state(), ClockState::Lapsed { since: at("2026-03-03 10:00") });
    assert_eq!(lapsed.touched, [stream].into());
    let rest = district.keep_time().await;
    assert_eq!((rest.lapses, rest.proposed), (1, 2), "the other case was left alone until now; cards follow both");
    assert!(rest.touched.contains(&format!("case/{other}")) && !rest.touched.contains(&owner.stream()));
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(two_yellow_cards_in_a_month_make_a_red_one, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    district.dispatched().await;
    district.dispatched().await;
    district.now("03-05 10:00");
    assert_eq!(district.keep_time().await.proposed, 2);
    let cards = district.watch.cards("proposed", 10).await.unwrap();
    district.issue(&cards[0]).await;
    assert_eq!(district.keep_time().await.proposed, 0);
    district.issue(&cards[1]).await;
    assert_eq!(district.keep_time().await.proposed, 1);
    let red = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    assert_eq!((red.colour, red.ground, red.organization.as_str()), (Colour::Red, Ground::YellowRepeated, "D01"));
    assert_eq!(red.evidence.len(), 2);
    let red = district.issue(&red).await;
    assert_eq!(red.state(), "issued");
    // Three appeals, the rectification, and a day for each yellow card's case run out; the cases are still not done.
    district.now("03-20 10:00");
    let watched = district.keep_time().await;
    assert_eq!((watched.turns, watched.proposed), (6, 2));
    let more = district.watch.cards("proposed", 10).await.unwrap();
    assert!(more.iter().all(|card| (card.colour, card.ground) == (Colour::Red, Ground::YellowUnanswered)));
    let red = district.watch.card(red.id).await.unwrap().unwrap();
    assert_eq!(
        red.clocks[&card::CardClock::Rectification].state(),
        ClockState::Lapsed { since: at("2026-03-12 17:30") }
    );
    assert_eq!(red.counts(&district.watch.profile().cards, district.at.get()), Some(-2.0));
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(a_red_card_brings_a_supervision_order_on_its_case, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    district.dispatched().await;
    district.dispatched().await;
    district.now("03-05 10:00");
    district.keep_time().await;
    for card in district.watch.cards("proposed", 10).await.unwrap() {
        district.issue(&card).await;
    }
    assert_eq!(district.facts("case.supervised").await.len(), 0, "yellow cards bring none");
    district.keep_time().await;
    let red = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    let before = district.facts("card.issued").await.len();
    let red = district.issue(&red).await;
    // The red card is about the second yellow one, and that about its case.
    let yellow = district.watch.card(red.about.stream.strip_prefix("card/").unwrap().parse().unwrap()).await.unwrap();
    let case: CaseId = yellow.unwrap().about.stream.strip_prefix("case/").unwrap().parse().unwrap();
    let ordered = district.case(case).await;
    assert_eq!((ordered.supervision.len(), ordered.supervision[0].card), (1, Some(red.id)));
    let (order, own) = (&ordered.clocks[&ClockKey::Supervision(1)], &red.clocks[&card::CardClock::Rectification]);
    assert_eq!((order.holder.as_str(), order.due_at()), ("D01", own.due_at()));
    let (issued, supervised) = (district.facts("card.issued").await, district.facts("case.supervised").await);
    assert_eq!((issued.len(), supervised.len()), (before + 1, 1));
    assert_eq!(issued.last().unwrap().at, supervised[0].at, "one decision");

    let words = || words("不服");
    let again = card::Command::Issue(card::Issue { words: words() });
    let again = district.watch.act_on_card(staff("lin", "SV"), None, red.id, None, again, district.submission()).await;
    assert!(matches!(again, Err(SubmitError::Refused(WatchRefusal::Card(_)))));
    for (caller, command) in [
        (staff("wu", "D01"), card::Command::AppealAgainst(card::AppealAgainst { words: words() })),
        (staff("mo", "SV"), card::Command::DecideAppeal(card::DecideAppeal { upheld: false, reason: words() })),
    ] {
        done(district.watch.act_on_card(caller, None, red.id, None, command, district.submission()).await.unwrap());
    }
    let freed = district.case(case).await;
    assert!(freed.supervision[0].lifted && !freed.clocks[&ClockKey::Supervision(1)].is_open());
    assert_eq!((district.facts("case.supervised").await.len(), freed.supervision.len()), (1, 1));
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(two_nodes_never_act_twice_and_catch_up_in_due_order, TABLES, |db: Db| async move {
    let (one, two) = (District::on(&db, "one"), District::on(&db, "two"));
    for minute in 0..12 {
        one.now(&format!("03-02 09:{:02}", minute * 3));
        one.dispatched().await;
    }
    one.now("03-05 10:00");
    two.now("03-05 10:00");
    let (first, second) = tokio::join!(one.keep_time(), two.keep_time());
    assert_eq!(first.lapses + second.lapses, 12);
    assert_eq!(first.proposed + second.proposed, 12);
    let lapsed = one.facts("case.lapsed").await;
    assert_eq!(lapsed.len(), 12);
    assert!(lapsed.is_sorted_by_key(|fact| fact.effective_at), "in due order");
    assert_eq!(one.facts("card.proposed").await.len(), 12);
    assert_eq!(one.facts("case.reminded").await.len(), 0, "nobody is reminded of what is past");
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(a_duty_is_handed_over_with_what_is_open, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let case = district.dispatched().await;
    district.now("03-02 17:00");
    let call = district.raise("M03").await;
    let of = |person: &str, post: &str| {
        let organization = post.split('.').next().unwrap().to_owned();
        Caller::new(Hand::Post { person: person.into(), post: post.into(), organization }, Action::ALL)
    };
    let leave = |open: String| HandOver {
        organization: "D01".into(),
        open: [open].into(),
        words: words("三号泵房水位偏高，请盯紧"),
    };
    let missing = format!("case/{}", CallId::from_uuid(Default::default()));
    let refused =
        district.watch.hand_over(of("rui", "D01.registry"), None, leave(missing), district.submission()).await;
    assert!(matches!(refused, Err(SubmitError::Refused(WatchRefusal::Handover(HandoverRefusal::NotOnRecord { .. })))));
    let leave = leave(format!("case/{case}"));
    let book =
        done(district.watch.hand_over(of("rui", "D01.registry"), None, leave, district.submission()).await.unwrap());
    assert_eq!(book.note.open, [format!("call/{}", call.id), format!("case/{case}")].into());
    assert_eq!(district.watch.handover("D01").await.unwrap(), Some(book.clone()));
    assert_eq!(district.watch.handover("D02").await.unwrap(), None);
    let reader = Actor::Post { person: "dan".into(), post: "D01.registry".into() };
    let looker = Looker { actor: reader.clone(), why: Why::code("handover"), submission: district.submission() };
    let words = district.watch.handover_words(&book, looker).await.unwrap();
    assert_eq!(words.as_deref(), Some("三号泵房水位偏高，请盯紧"));
    let looks = looks_at(&mut &db, &of("rui", "D01.registry").hand.subject()).await.unwrap();
    assert_eq!(
        (looks.len(), &looks[0].actor, &looks[0].stream),
        (1, &reader, &"handover/D01".to_owned()),
        "its writer reads who did"
    );
    let left = &district.facts("handover.left").await[0];
    assert!(!String::from_utf8_lossy(&left.body).contains("水位"));

    district.now("03-02 18:00");
    let on_duty = district.watch.profile().on_duty("D01", district.at.get()).unwrap().on_duty;
    let take = || TakeOver { organization: "D01".into() };
    let taken = district.watch.take_over(of("dan", on_duty), None, take(), district.submission()).await;
    assert_eq!(done(taken.unwrap()).note.taken.unwrap().person, "dan");
    let again = district.watch.take_over(of("dan", on_duty), None, take(), district.submission()).await;
    assert!(matches!(again, Err(SubmitError::Refused(WatchRefusal::Handover(HandoverRefusal::NothingWaiting)))));
    let mut tx = db.begin().await.unwrap();
    tx.run(store::sql("update handover set waiting = 1")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(compare(&db).await.unwrap().len(), 2, "one row is missing, one is of no fact");
    rebuild(&db).await.unwrap();
    tables_are_what_the_facts_make(&db).await;
});

/// The tiny profile as it was before the list of 2026 was published.
fn without_the_list_of_2026() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny");
    for within in ["", "areas", "calendar"] {
        std::fs::create_dir_all(folder.path().join(within)).unwrap();
        for entry in std::fs::read_dir(tiny.join(within)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && path.file_name().unwrap() != "2026.json" {
                std::fs::copy(&path, folder.path().join(within).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    folder
}

on_both_stores!(a_list_of_holidays_moves_what_was_counted_without_it, TABLES, |db: Db| async move {
    let earlier = without_the_list_of_2026();
    let before = District::by(&db, "before", earlier.path());
    before.now("02-13 15:00");
    let (case, other) = (before.dispatched().await, before.dispatched().await);
    let call = before.raise("M04").await;
    before.now("02-13 15:11");
    before.keep_time().await;
    let timer = before.case(case).await.clocks[&ClockKey::Handle(1)].clone();
    // Eight working hours from Friday 15:00: two and a half, then the Monday that will be a day off.
    assert_eq!((timer.due_at(), timer.provisional()), (at("2026-02-16 16:00"), true));
    before.now("02-16 17:00");
    assert_eq!(before.watch.recount(before.at.get()).await.unwrap(), 0, "there is no list yet");
    before.keep_time().await;
    let cards = before.watch.cards("proposed", 10).await.unwrap();
    let yellow = before.issue(cards.iter().find(|card| card.about.stream == format!("case/{case}")).unwrap()).await;
    assert!(yellow.clocks.values().all(|timer| timer.provisional() || timer.due_at() < at("2026-02-18 00:00")));

    let after = District::on(&db, "after");
    after.now("02-16 18:00");
    let changed = after.watch.recount(after.at.get()).await.unwrap();
    let recounted = [after.facts("case.recounted").await, after.facts("call.recounted").await];
    let cards = after.facts("card.recounted").await;
    assert_eq!((recounted[0].len(), recounted[1].len(), cards.len()), (2, 1, 1));
    assert_eq!(changed, 4);
    for id in [case, other] {
        let timer = after.case(id).await.clocks[&ClockKey::Handle(1)].clone();
        let whole = timer.clock().unwrap().recount(&after.watch.profile().calendar);
        assert_eq!((timer.clock(), timer.provisional()), (Some(&whole), false));
        assert_eq!((timer.due_at(), timer.state()), (at("2026-02-19 16:00"), ClockState::Running));
    }
    let clocks = after.watch.call(call.id).await.unwrap().unwrap().clocks;
    assert!(clocks.values().all(|timer| !timer.is_open() || !timer.provisional()), "{clocks:?}");
    assert_eq!(after.watch.recount(after.at.get()).await.unwrap(), 0, "twice changes nothing");
    after.keep_time().await;
    assert_eq!(after.watch.card(yellow.id).await.unwrap().unwrap().state(), "void");
    after.now("02-19 17:00");
    assert!(after.keep_time().await.lapses >= 2, "the timekeeper goes by the new due instants");
    tables_are_what_the_facts_make(&db).await;
});

// What the migration takes from the states is what is written today.
on_both_stores!(clocks_that_were_there_before_the_column_are_marked, TABLES, |db: Db| async move {
    let earlier = without_the_list_of_2026();
    let district = District::by(&db, "before", earlier.path());
    district.now("02-13 15:00");
    district.dispatched().await;
    district.raise("M04").await;
    district.now("02-13 15:11");
    district.keep_time().await;
    district.now("02-20 17:00");
    district.keep_time().await;
    let card = district.watch.cards("proposed", 10).await.unwrap().remove(0);
    district.issue(&card).await;
    let mut tx = db.begin().await.unwrap();
    tx.run(store::sql("update clock set provisional = 0")).await.unwrap();
    let migration = casework::MIGRATIONS[2];
    let text = if tx.is_postgres() { migration.postgres } else { migration.sqlite };
    for statement in text.split(';').filter_map(|part| part.find("update clock").map(|from| &part[from..])) {
        tx.run(store::Sql::composed(statement.to_owned())).await.unwrap();
    }
    for owner in ["case/%", "call/%", "card/%"] {
        let select = store::sql("select count(*) from clock where provisional = 1 and owner like $1").bind(owner);
        let (marked,): (i64,) = tx.one(select).await.unwrap();
        assert!(marked > 0, "{owner}");
    }
    tx.commit().await.unwrap();
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(a_late_grant_of_what_was_asked_in_time_takes_the_card_back, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let id = district.dispatched().await;
    let (by, reason) = ("4 working_hour".parse().unwrap(), "materials".to_owned());
    let ask = RequestDelay { assignment: 1, delay: Delay::Extension { by }, reason, words: words("等配件") };
    district.act(staff("dan", "D01"), id, Command::RequestDelay(ask)).await;
    district.now("03-03 11:00");
    let watched = district.keep_time().await;
    assert_eq!((watched.lapses, watched.proposed), (2, 1), "the work and its review; a card for the work");
    let review = ReviewDelay { assignment: 1, granted: true, words: None };
    let case = district.act(staff("dora", "S1"), id, Command::ReviewDelay(review)).await;
    let timer = case.clocks[&ClockKey::Handle(1)].clone();
    assert_eq!((timer.due_at(), timer.state()), (at("2026-03-03 16:00"), ClockState::Running));
    assert_eq!(district.keep_time().await.voided, 1);
    let cards = district.watch.cards("void", 10).await.unwrap();
    assert_eq!((cards.len(), cards[0].organization.as_str()), (1, "D01"));
    district.now("03-03 16:30");
    let watched = district.keep_time().await;
    assert_eq!((watched.lapses, watched.proposed), (1, 1), "it lapses at the later instant");
    tables_are_what_the_facts_make(&db).await;
});

on_both_stores!(a_call_passes_rings_lapses_and_is_answered, TABLES, |db: Db| async move {
    let district = District::on(&db, "one");
    let call = district.raise("M04").await;
    district.now("03-02 09:11");
    assert_eq!(district.keep_time().await.turns, 1);
    let standing = district.watch.call(call.id).await.unwrap().unwrap();
    assert_eq!(standing.phase, Phase::Standing { since: at("2026-03-02 09:11") });
    let queue = district.watch.summoned("D01", 10).await.unwrap();
    assert_eq!((queue.len(), queue[0].due_at), (1, Some(at("2026-03-02 15:11"))));

    let urgent = district.raise("M03").await;
    let answer = call::Command::Answer(call::Answer { summons: 2, words: None });
    district.on_call(staff("su", "D03"), urgent.id, answer.clone()).await.unwrap();
    let twice = district.on_call(staff("su", "D03"), urgent.id, answer).await;
    assert!(matches!(twice, Err(WatchRefusal::Call(call::CallRefusal::WrongSummonsState { .. }))));
    district.now("03-02 10:00");
    let watched = district.keep_time().await;
    assert_eq!(watched.lapses, 3, "D01 answered and arrived too late, D03 arrived too late");
    let urgent = district.watch.call(urgent.id).await.unwrap().unwrap();
    assert_eq!(urgent.clocks[&CallClock::Answer(1)].state(), ClockState::Lapsed { since: at("2026-03-02 09:26") });
    assert!(urgent.summons[0].rung.len() >= 3, "the ring went round: {:?}", urgent.summons[0].rung);
    let missing =
        district.on_call(staff("su", "D03"), CallId::from_uuid(Default::default()), call::Command::End(call::End {}));
    assert_eq!(missing.await, Err(WatchRefusal::NotFound));
    tables_are_what_the_facts_make(&db).await;
});
