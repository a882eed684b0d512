//! Cases on both stores, through the door.

#[path = "casework/import.rs"]
mod import;
#[path = "casework/list.rs"]
mod list;

use casework::case::testing::{self, at, program, resident, rubbish, staff, words};
use casework::case::{
    Accept, Answer, Caller, CaseEvent, CaseId, CaseState, Close, Command, Contact, ContactWay, Dispatch, Evidence,
    FollowUp, Group, Lapse, Outcome, Rate, RecordContact, ReportDone, Settle, TIMEKEEPER, Verify, Visit,
};
use casework::case::{
    CaseRefusal, ClockKey, Confidentiality, Escalate, Location, MakeConfidential, OrderRework, Place, Reassign, Remind,
    Reopen, Stage, Ungroup, Withdraw,
};
use casework::duplicate::{HintRules, Reason};
use casework::mask::{Masked, Showing};
use casework::{ActRefusal, Acted, Casework, Cursor, Erase, Opened, Page, Queue, Sort, compare, rebuild};
use journal::access::{Look, Looker, Why, looks_at};
use journal::{EraseRefusal, EraseSubject, Journal, MasterKey, Submission, SubmitError, WriterOptions};
use kernel::{Actor, Chance, ClockState, Instant};
use platform::{Grant, Reach, Scope, Sensitivity};
use store::{Db, Migration, on_both_stores};

const TABLES: &[Migration] = &store::testing::both::<COUNT>(journal::MIGRATIONS, casework::MIGRATIONS);
const COUNT: usize = journal::MIGRATIONS.len() + casework::MIGRATIONS.len();

/// The door on a database, with a clock that the test turns.
struct Desk {
    casework: Casework,
    at: std::cell::Cell<Instant>,
    chance: std::cell::RefCell<Chance>,
}

impl Desk {
    fn on(db: &Db) -> Desk {
        let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        Desk {
            casework: Casework::new(journal, testing::rulebook()),
            at: std::cell::Cell::new(at("2026-03-02 09:00")),
            chance: std::cell::RefCell::new(Chance::seeded(1, "desk")),
        }
    }

    fn now(&self, local: &str) {
        self.at.set(at(local));
    }

    fn submission(&self) -> Submission {
        Submission { at: self.at.get(), chance: self.chance.borrow_mut().split(), key: None }
    }

    fn looker(&self) -> Looker {
        let actor = Actor::Post { person: "dora".into(), post: "S1.registry".into() };
        Looker { actor, why: Why::code("time_line"), submission: self.submission() }
    }

    async fn register(&self, reporter: &str) -> Opened {
        let answer = self.casework.register(resident(reporter), None, rubbish(reporter), self.submission()).await;
        done(answer.unwrap())
    }

    async fn act(&self, caller: Caller, case: CaseId, command: Command) -> Result<Acted, ActRefusal> {
        match self.casework.act(caller, None, case, None, command, self.submission()).await {
            Ok(answer) => Ok(done(answer)),
            Err(SubmitError::Refused(why)) => Err(why),
            Err(other) => panic!("{other}"),
        }
    }

    /// Accepted by the desk and dispatched to D1 and D2.
    async fn dispatched(&self, reporter: &str) -> CaseId {
        let id = self.register(reporter).await.id;
        self.act(staff("dora", "S1"), id, Command::Accept(Accept { matter: None, urgency: None })).await.unwrap();
        let dispatch = Dispatch { lead: None, co_operating: vec!["D2".into()], note: None };
        self.act(staff("dora", "S1"), id, Command::Dispatch(dispatch)).await.unwrap();
        id
    }

    async fn reported(&self, case: CaseId, person: &str, organization: &str, assignment: u16) {
        let caller = || staff(person, organization);
        self.act(caller(), case, Command::Answer(Answer { assignment })).await.unwrap();
        let contact = Contact { way: ContactWay::Phone, reached: true };
        self.act(caller(), case, Command::RecordContact(RecordContact { assignment, contact, words: None }))
            .await
            .unwrap();
        let report = ReportDone {
            assignment,
            outcome: Outcome::Solved,
            evidence: vec![Evidence::of("photo_after")],
            reply: words("已清理"),
        };
        self.act(caller(), case, Command::ReportDone(report)).await.unwrap();
    }
}

fn done<T: std::fmt::Debug>(answer: journal::Answer<T>) -> T {
    match answer {
        journal::Answer::Done { output, .. } => output,
        other => panic!("{other:?}"),
    }
}

on_both_stores!(a_case_goes_from_registered_to_rated, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let id = desk.dispatched("r/1").await;
    desk.reported(id, "dan", "D1", 1).await;
    assert_eq!(desk.casework.case(id).await.unwrap().unwrap().state(), CaseState::Dispatched);
    desk.reported(id, "deb", "D2", 2).await;
    let verify = Command::Verify(Verify { evidence: vec![], words: None });
    assert_eq!(desk.act(staff("dora", "S1"), id, verify).await.unwrap().case.state(), CaseState::Verified);
    let close = Command::Close(Close { outcome: None, reply: words("已清理,感谢") });
    desk.act(staff("dora", "S1"), id, close).await.unwrap();
    let visit = Visit::Reached { content: true, satisfaction: Some(5) };
    let rated = desk.act(staff("fay", "FU"), id, Command::FollowUp(FollowUp { visit, words: None })).await.unwrap();
    assert_eq!(rated.case.state(), CaseState::Rated);
    let rate = Command::Rate(Rate { score: 4, reason: None, words: None });
    desk.act(staff("dora", "S1"), id, rate).await.unwrap();

    let case = desk.casework.case(id).await.unwrap().unwrap();
    assert!(case.clocks.values().all(|timer| matches!(timer.state(), ClockState::Met { .. })), "{:?}", case.clocks);
    let line = desk.casework.time_line(&case, desk.looker(), |subject, _| whole(subject == "r/1")).await.unwrap().0;
    assert_eq!(line.len() as i64, case.version);
    assert_eq!(line[0].values["words"], "巷口垃圾三天没人收");
    let kinds: Vec<&str> = line.iter().map(|entry| entry.fact.event.kind()).collect();
    let path = ["registered", "accepted", "dispatched", "answered", "handled", "verified", "closed", "rated"];
    for step in path {
        assert!(kinds.contains(&format!("case.{step}").as_str()), "{step} in {kinds:?}");
    }
    let reply = line.iter().find(|entry| matches!(entry.fact.event, CaseEvent::Closed { .. })).unwrap();
    assert_eq!(reply.masked, [Masked { field: "reply".into(), hint: None }]);
    assert_eq!(compare(&db).await.unwrap(), []);
});

on_both_stores!(whoever_sees_a_value_is_seen_by_whose_it_is, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let id = desk.dispatched("r/1").await;
    desk.reported(id, "dan", "D1", 1).await;
    let case = desk.casework.case(id).await.unwrap().unwrap();
    let looks = async || looks_at(&mut &db, "r/1").await.unwrap();

    desk.casework.time_line(&case, desk.looker(), |_, _| whole(false)).await.unwrap();
    desk.casework.time_line(&case, desk.looker(), |subject, _| whole(subject != "r/1")).await.unwrap();
    assert_eq!(looks().await, [], "what is masked is not seen");

    desk.now("2026-03-02 10:00");
    let line = desk.casework.time_line(&case, desk.looker(), |_, field| whole(field != "phone")).await.unwrap().0;
    let look = Look {
        number: 1,
        at: at("2026-03-02 10:00"),
        actor: desk.looker().actor,
        stream: format!("case/{id}"),
        fields: line[0].values.keys().cloned().collect(),
        why: Why::code("time_line"),
    };
    assert!(look.fields.contains("words") && !look.fields.contains("phone"), "{look:?}");
    assert_eq!(looks().await, std::slice::from_ref(&look));
    let author = looks_at(&mut &db, &staff("dan", "D1").hand.subject()).await.unwrap();
    assert_eq!(author.last().unwrap().fields, ["reply".to_owned()].into(), "what staff wrote is theirs");

    // Nobody's look is lost because others look at the same moment.
    let both = || desk.casework.time_line(&case, desk.looker(), |_, field| whole(field == "words"));
    let (one, two, three) = tokio::join!(both(), both(), both());
    assert!([one, two, three].iter().all(Result::is_ok));
    assert_eq!(looks().await.len(), 4);
    assert_eq!(compare(&db).await.unwrap(), []);
});

on_both_stores!(tables_are_what_the_facts_make, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let ids = [desk.dispatched("r/1").await, desk.dispatched("r/2").await, desk.register("r/3").await.id];
    desk.reported(ids[0], "dan", "D1", 1).await;
    assert_eq!(compare(&db).await.unwrap(), []);

    // A row that was tampered with is found, and mended by a rebuild.
    let mut tx = db.begin().await.unwrap();
    tx.run(store::sql("update assignment set organization = 'D3' where no = 2")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(compare(&db).await.unwrap().len(), 2);
    assert_eq!(rebuild(&db).await.unwrap(), 3);
    assert_eq!(compare(&db).await.unwrap(), []);
});

on_both_stores!(a_queue_is_read_page_by_page, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    for (minute, reporter) in ["r/1", "r/2", "r/3", "r/4", "r/5"].iter().enumerate() {
        desk.now(&format!("2026-03-02 09:0{minute}"));
        desk.dispatched(reporter).await;
    }
    let all = Queue::Assignments { organization: "D1".into(), holder: None };
    for sort in [Sort::Due, Sort::Opened, Sort::Urgency] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let rows = desk.casework.queue(&all, &Page { sort, after, limit: 2 }).await.unwrap();
            let Some(last) = rows.last() else { break };
            let text = last.cursor.to_string();
            after = Some(text.parse::<Cursor>().unwrap());
            seen.extend(rows.iter().map(|row| (row.case, row.since)));
        }
        assert_eq!(seen.len(), 5, "{sort:?}");
        assert!(seen.is_sorted_by_key(|(_, since)| *since), "{sort:?}");
    }
    let desk_queue = Queue::Desk { organization: "S1".into() };
    assert_eq!(desk.casework.queue(&desk_queue, &Page::default()).await.unwrap().len(), 5);
    let part = Queue::Assignments { organization: "D1".into(), holder: Some("D1-1".into()) };
    assert_eq!(desk.casework.queue(&part, &Page::default()).await.unwrap(), []);
});

on_both_stores!(a_lapse_found_late_counts_when_it_fell_due, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let id = desk.dispatched("r/1").await;
    desk.now("2026-03-04 09:00");
    let lapse = || Command::Lapse(Lapse { clock: ClockKey::Answer(1) });
    let lapsed = desk.act(program(TIMEKEEPER), id, lapse()).await.unwrap();
    assert!(
        matches!(lapsed.case.clocks[&ClockKey::Answer(1)].state(), ClockState::Lapsed { since } if since == at("2026-03-02 10:00"))
    );
    let line = desk.casework.time_line(&lapsed.case, desk.looker(), |_, _| whole(false)).await.unwrap().0;
    let last = line.last().unwrap();
    assert_eq!((last.effective_at, last.at), (at("2026-03-02 10:00"), at("2026-03-04 09:00")));
    let again = desk.act(program(TIMEKEEPER), id, lapse()).await.unwrap_err();
    assert_eq!(again, ActRefusal::Case(CaseRefusal::ClockNotRunning { key: ClockKey::Answer(1) }));
    assert_eq!(compare(&db).await.unwrap(), []);
});

on_both_stores!(a_group_keeps_each_case_its_own, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let head = desk.dispatched("r/1").await;
    let member = desk.register("r/2").await.id;
    desk.act(staff("dora", "S1"), member, Command::Accept(Accept { matter: None, urgency: None })).await.unwrap();
    desk.act(staff("dora", "S1"), member, Command::Group(Group { head, reason: None })).await.unwrap();
    let close = || Command::Close(Close { outcome: None, reply: words("随主案办结") });
    let early = desk.act(staff("dora", "S1"), member, close()).await.unwrap_err();
    assert_eq!(early, ActRefusal::Case(CaseRefusal::HeadStillOpen));
    desk.reported(head, "dan", "D1", 1).await;
    desk.reported(head, "deb", "D2", 2).await;
    desk.act(staff("dora", "S1"), head, Command::Verify(Verify { evidence: vec![], words: None })).await.unwrap();
    desk.act(staff("dora", "S1"), head, close()).await.unwrap();
    let closed = desk.act(staff("dora", "S1"), member, close()).await.unwrap();
    assert_eq!(closed.case.closed().unwrap().0.outcome, Outcome::Solved);
    assert_ne!(closed.case.number, desk.casework.case(head).await.unwrap().unwrap().number);
    assert_eq!(compare(&db).await.unwrap(), []);
});

on_both_stores!(a_stale_version_and_a_missing_case_are_told_apart, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let id = desk.register("r/1").await.id;
    let accept = || Command::Accept(Accept { matter: None, urgency: None });
    let act =
        |case, expected| desk.casework.act(staff("dora", "S1"), None, case, expected, accept(), desk.submission());
    let stale = act(id, Some(7)).await.unwrap_err();
    assert!(matches!(stale, SubmitError::Refused(ActRefusal::Stale { expected: 7, actual: 1 })));
    let missing = act(CaseId::from_uuid(Default::default()), None).await.unwrap_err();
    assert!(matches!(missing, SubmitError::Refused(ActRefusal::NotFound)));
    assert!(act(id, Some(1)).await.is_ok());
});

on_both_stores!(settled_on_the_spot_is_one_command, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let mut register = rubbish("r/1");
    register.evidence = ["photo_before", "photo_after"].map(Evidence::of).into();
    let settle = Settle { register };
    let opened = done(desk.casework.settle(staff("gus", "S1-1"), None, settle, desk.submission()).await.unwrap());
    assert_eq!(opened.state, CaseState::Closed);
    assert_eq!(desk.casework.numbered(&opened.number).await.unwrap().unwrap().id, opened.id);
    assert_eq!(desk.casework.reported_by("r/1", 10).await.unwrap().len(), 1);
    assert_eq!(compare(&db).await.unwrap(), []);
});

/// Whole, or only that there is one.
fn whole(shown: bool) -> Showing {
    if shown { Showing::Whole } else { Showing::Nothing }
}

/// What someone of S1 may read.
fn sight(area: &str, reach: Reach) -> Scope {
    let grant = Grant {
        post: "S1.dora".into(),
        role: "dispatcher".into(),
        organization: "S1".into(),
        organizations: ["S1".to_owned(), "S1-1".to_owned()].into(),
        line: ["S1".to_owned()].into(),
        area: area.into(),
        reach,
        sensitivity: Sensitivity::Internal,
        actions: ["case.read".to_owned()].into(),
    };
    Scope::new("dora".into(), vec![grant])
}

on_both_stores!(open_cases_are_counted_by_area_as_far_as_one_may_read_them, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let placed = async |caller: Caller, path: &[&str], desk_of: Option<&str>| {
        let mut report = rubbish("r/1");
        report.location = match path {
            [] => Location::Unknown,
            path => Location::At(Place { path: path.iter().map(ToString::to_string).collect(), ..Place::default() }),
        };
        report.desk = desk_of.map(str::to_owned);
        done(desk.casework.register(caller, None, report, desk.submission()).await.unwrap()).id
    };
    let counted = async |scope: Scope| {
        let found = desk.casework.open_by_area(&scope).await.unwrap();
        found
            .into_iter()
            .map(|(area, open)| format!("{}:{open}", area.unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    // Two at S1 in A1, one at S2 in A2, one of dora's own at S2, one at S2 that section S1-1 works on, one without a place.
    placed(resident("r/1"), &["A", "A1"], None).await;
    let closed = placed(resident("r/1"), &["A", "A1"], None).await;
    placed(resident("r/1"), &["A", "A2"], None).await;
    placed(staff("dora", "S2"), &["A", "A2"], None).await;
    let shared = placed(resident("r/1"), &["A", "A2"], None).await;
    desk.act(staff("su", "S2"), shared, Command::Accept(Accept { matter: None, urgency: None })).await.unwrap();
    let dispatch = Dispatch { lead: Some("D1".into()), co_operating: vec!["S1".into()], note: None };
    desk.act(staff("su", "S2"), shared, Command::Dispatch(dispatch)).await.unwrap();
    placed(resident("r/1"), &[], Some("CC")).await;

    assert_eq!(counted(sight("", Reach::District)).await, ":1 A1:2 A2:3");
    assert_eq!(counted(sight("A/", Reach::Area)).await, "A1:2 A2:3");
    assert_eq!(counted(sight("A/A2/", Reach::Area)).await, "A1:2 A2:3", "S1's own beside what lies in A2");
    assert_eq!(counted(sight("A/A1/", Reach::Area)).await, "A1:2 A2:2");
    assert_eq!(counted(sight("", Reach::Organization)).await, "A1:2 A2:2");
    assert_eq!(counted(sight("", Reach::Own)).await, "A2:1");
    assert_eq!(counted(Scope::new("dora".into(), vec![])).await, "");
    let withdraw = Command::Withdraw(Withdraw { reason: words("已自行解决") });
    desk.act(resident("r/1"), closed, withdraw).await.unwrap();
    assert_eq!(counted(sight("", Reach::District)).await, ":1 A1:1 A2:3", "what is closed is not counted");
});

on_both_stores!(a_duplicate_across_the_border_is_hinted_at_to_whom_it_may_be_shown, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let mut report = rubbish("r/2");
    report.location = Location::At(Place { path: vec!["A".into(), "A2".into()], ..Place::default() });
    let over = done(desk.casework.register(resident("r/2"), None, report, desk.submission()).await.unwrap()).id;
    let case = desk.casework.case(over).await.unwrap().unwrap();
    assert_eq!(case.desk, "S2");
    let new = desk.register("r/1").await.id;
    let new = desk.casework.case(new).await.unwrap().unwrap();
    let rules = HintRules::default();
    let found = async |scope: Scope| {
        let hints = desk.casework.duplicates(&rules, &scope, &new).await.unwrap();
        hints.into_iter().map(|hint| hint.case).collect::<Vec<_>>()
    };
    assert_eq!(found(sight("", Reach::District)).await, [over]);
    assert_eq!(found(sight("A/", Reach::Area)).await, [over], "the whole of A");
    assert_eq!(found(sight("A/A1/", Reach::Area)).await, [], "its own part of A alone");
    assert_eq!(found(sight("", Reach::Own)).await, []);
    let nobody = Scope::new("dora".into(), vec![]);
    assert_eq!(found(nobody).await, []);

    // A case of S1 that is worked on under one of S2: who may not see that one is shown the member.
    let member = desk.register("r/3").await.id;
    desk.act(staff("cao", "CC"), member, Command::Group(Group { head: over, reason: None })).await.unwrap();
    assert_eq!(found(sight("", Reach::District)).await, [over], "one hint for the group");
    assert_eq!(found(sight("A/A1/", Reach::Area)).await, [member]);
});

on_both_stores!(whoever_is_erased_links_no_two_cases_any_more, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let (first, second) = (desk.register("reporter/zhang").await.id, desk.dispatched("reporter/zhang").await);
    let other = desk.register("reporter/li").await.id;
    assert_eq!(desk.casework.reported_by("reporter/zhang", 10).await.unwrap().len(), 2);
    let erase = Erase(EraseSubject {
        subject: "reporter/zhang".into(),
        actor: Actor::system("test"),
        ground: "request".into(),
    });
    desk.casework.journal().submit(erase.clone(), desk.submission()).await.unwrap();
    assert_eq!(desk.casework.reported_by("reporter/zhang", 10).await.unwrap(), []);
    assert_eq!(compare(&db).await.unwrap(), [], "tables are what the facts make, without whom was erased");
    for id in [first, second] {
        let case = desk.casework.case(id).await.unwrap().unwrap();
        assert!(!serde_json::to_string(&case).unwrap().contains("reporter/zhang"));
        let line = desk.casework.time_line(&case, desk.looker(), |_, _| whole(true)).await.unwrap().0;
        assert!(line.iter().any(|entry| !entry.erased.is_empty()));
        let shown = line.iter().map(|entry| format!("{:?}{:?}", entry.fact, entry.actor)).collect::<String>();
        assert!(!shown.contains("reporter/zhang"), "{shown}");
    }
    // Life goes on, and the tables still are what the facts make.
    desk.reported(second, "dan", "D1", 1).await;
    let remind = Command::Remind(Remind { assignment: None, clock: None, words: None });
    let refused = desk.act(resident("reporter/zhang"), second, remind).await;
    assert!(matches!(refused, Err(ActRefusal::Case(CaseRefusal::NotPermitted { .. }))), "nobody is its reporter");
    assert_eq!(compare(&db).await.unwrap(), []);
    rebuild(&db).await.unwrap();
    assert_eq!(compare(&db).await.unwrap(), []);
    assert_eq!(desk.casework.reported_by("reporter/zhang", 10).await.unwrap(), [], "a rebuild brings nobody back");
    assert_eq!(desk.casework.case(other).await.unwrap().unwrap().reporter.as_deref(), Some("reporter/li"));
    let again = desk.casework.journal().submit(erase, desk.submission()).await;
    assert!(matches!(again, Err(SubmitError::Refused(EraseRefusal::AlreadyErased))));
});

on_both_stores!(a_duplicate_is_hinted_at_with_its_reasons, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let first = desk.register("r/1").await.id;
    let second = desk.register("r/2").await.id;
    let hidden = desk.register("r/3").await.id;
    let confidentiality = Confidentiality { named: ["kim".to_owned()].into(), ..Confidentiality::default() };
    let confide = MakeConfidential { confidentiality, reason: words("涉及公职人员") };
    desk.act(staff("dora", "S1"), hidden, Command::MakeConfidential(confide)).await.unwrap();

    let rules = HintRules::default();
    let case = desk.casework.case(second).await.unwrap().unwrap();
    let hints = desk.casework.duplicates(&rules, &sight("A/", Reach::Area), &case).await.unwrap();
    assert_eq!(hints.iter().map(|hint| hint.case).collect::<Vec<_>>(), [first]);
    assert_eq!(hints[0].reasons[0], Reason::LikeWords { percent: 100 });
    assert!(hints[0].reasons.contains(&Reason::SameArea { area: "A1".into() }));
    let hidden = desk.casework.case(hidden).await.unwrap().unwrap();
    assert_eq!(desk.casework.duplicates(&rules, &sight("", Reach::District), &hidden).await.unwrap(), []);
});

on_both_stores!(a_random_walk_leaves_tables_that_the_facts_make, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let mut chance = Chance::seeded(7, "walk");
    let mut ids = vec![desk.register("r/1").await.id];
    for _ in 0..7 {
        ids.push(desk.dispatched("r/2").await);
    }
    let mut accepted = 0;
    for _ in 0..400 {
        let id = *chance.pick(&ids).unwrap();
        let no = 1 + chance.below(3) as u16;
        let (caller, command) = step(&mut chance, no, ids[1]);
        desk.at.set(Instant::from_micros(desk.at.get().micros() + chance.below(90) as i64 * 60_000_000));
        accepted += u32::from(desk.act(caller, id, command).await.is_ok());
    }
    assert!(accepted > 40, "{accepted} of 400");
    assert_eq!(compare(&db).await.unwrap(), []);
    rebuild(&db).await.unwrap();
    assert_eq!(compare(&db).await.unwrap(), []);
});

/// A command with someone who may well give it.
fn step(chance: &mut Chance, assignment: u16, head: CaseId) -> (Caller, Command) {
    let contact = Contact { way: ContactWay::Phone, reached: true };
    let report = ReportDone {
        assignment,
        outcome: Outcome::Solved,
        evidence: vec![Evidence::of("photo_after")],
        reply: words("已清理"),
    };
    let department = || if assignment == 2 { staff("deb", "D2") } else { staff("dan", "D1") };
    let text = || words("样例");
    let steps: Vec<(Caller, Command)> = vec![
        (staff("dora", "S1"), Accept { matter: None, urgency: None }.into()),
        (staff("dora", "S1"), Dispatch { lead: None, co_operating: vec!["D2".into()], note: None }.into()),
        (department(), Answer { assignment }.into()),
        (department(), RecordContact { assignment, contact, words: None }.into()),
        (department(), report.into()),
        (staff("dora", "S1"), Verify { evidence: vec![], words: None }.into()),
        (staff("dora", "S1"), OrderRework { assignments: vec![assignment], reason: text() }.into()),
        (staff("dora", "S1"), Close { outcome: None, reply: text() }.into()),
        (staff("dora", "S1"), Rate { score: 5, reason: None, words: None }.into()),
        (resident("r/2"), Reopen { reason: text() }.into()),
        (staff("dora", "S1"), Group { head, reason: None }.into()),
        (staff("dora", "S1"), Ungroup { reason: text() }.into()),
        (staff("dora", "S1"), Escalate { to: "CC".into(), reason: text() }.into()),
        (staff("dora", "S1"), Reassign { assignment, to: "D3".into(), reason: text() }.into()),
        (program(TIMEKEEPER), Lapse { clock: ClockKey::Handle(assignment) }.into()),
        (program(TIMEKEEPER), Lapse { clock: ClockKey::Answer(assignment) }.into()),
    ];
    let picked = chance.below(steps.len() as u64) as usize;
    steps.into_iter().nth(picked).unwrap()
}

#[test]
fn the_profiles_make_rulebooks() {
    for name in ["tiny", "yuexiu"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles").join(name);
        let profile = casework::vocabulary().load(&folder).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        let book = casework::rulebook(&profile).unwrap();
        assert_eq!(book.matters.len(), profile.matters.count(), "{name}");
        assert!(book.governing.values().any(|one| one.desk), "{name} has desks");
        let rules = book.matters.values().flatten();
        let shorter = rules.clone().filter(|rule| rule.limits.contains_key(&Stage::Handle));
        assert!(shorter.into_iter().all(|rule| rule.limits.contains_key(&Stage::Rework)), "{name}");
        assert!(rules.into_iter().any(|rule| rule.chain.iter().any(|step| step.signs())), "{name} has signatures");
    }
}
