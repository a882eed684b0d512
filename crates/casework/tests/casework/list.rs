//! Lists of cases: each filter, each order, page by page, and no case that is not for the caller.

use casework::case::testing::{at, resident, rubbish, staff, words};
use casework::case::{
    Accept, Caller, CaseId, Close, Command, Decline, Dispatch, Location, Outcome, PassInside, Place, Step, Urgency,
};
use casework::{CaseRow, Filter, ListPage, Order, compare, rebuild};
use platform::{Reach, Scope};
use store::{Db, on_both_stores};

use crate::{Desk, TABLES, done, sight};

async fn placed(desk: &Desk, caller: Caller, path: &[&str], urgency: Option<Urgency>) -> CaseId {
    let mut report = rubbish("r/1");
    report.urgency = urgency;
    report.location = match path {
        [] => Location::Unknown,
        path => Location::At(Place { path: path.iter().map(ToString::to_string).collect(), ..Place::default() }),
    };
    report.desk = path.is_empty().then(|| "CC".to_owned());
    done(desk.casework.register(caller, None, report, desk.submission()).await.unwrap()).id
}

/// Nine cases, a day apart from each other, in several states.
async fn nine(desk: &Desk) -> Vec<CaseId> {
    let mut cases = Vec::new();
    for (day, path) in ["A/A1", "A/A1/A11", "A/A2", "A/A1", "", "A/A10", "A/A2", "A/A1", "A/A2"].iter().enumerate() {
        desk.now(&format!("2026-03-{:02} 09:00", 2 + day));
        let caller = if day % 4 == 3 { staff("dora", "S2") } else { resident("r/1") };
        let urgency = [None, Some(Urgency::Emergency), Some(Urgency::Urgent)][day % 3];
        let path: Vec<&str> = path.split('/').filter(|code| !code.is_empty()).collect();
        cases.push(placed(desk, caller, &path, urgency).await);
    }
    let act = async |person: &str, at: &str, case: usize, command: Command| {
        desk.act(staff(person, at), cases[case], command).await.unwrap();
    };
    let accept = || Command::Accept(Accept { matter: None, urgency: None });
    act("dora", "S1", 0, accept()).await;
    let dispatch = Dispatch { lead: None, co_operating: vec!["D2".into()], note: None };
    act("dora", "S1", 0, Command::Dispatch(dispatch)).await;
    act("su", "S2", 2, accept()).await;
    let dispatch = Dispatch { lead: Some("D1".into()), co_operating: vec!["S1".into()], note: None };
    act("su", "S2", 2, Command::Dispatch(dispatch)).await;
    let inside = PassInside { assignment: 1, to: Step::Handler, organization: "D1-1".into() };
    // Only a matter with a chain is passed inside; the refusal leaves all as it is.
    let _ = desk.act(staff("dan", "D1"), cases[2], Command::PassInside(inside)).await;
    desk.now("2026-03-12 10:00");
    let decline = Decline { outcome: Outcome::NotWithinRemit, reply: words("不属职责") };
    act("su", "S2", 6, Command::Decline(decline)).await;
    act("dora", "S1", 7, accept()).await;
    let close =
        desk.act(staff("dora", "S1"), cases[7], Command::Close(Close { outcome: None, reply: words("好") })).await;
    assert!(close.is_err(), "what nobody handled is not closed");
    cases
}

async fn pages(desk: &Desk, scope: &Scope, filter: &Filter, order: Order, limit: i64) -> Vec<CaseRow> {
    let (mut rows, mut after): (Vec<CaseRow>, _) = (Vec::new(), None);
    loop {
        let page = ListPage { order, after, limit };
        let through = desk.casework.clone().gathering(0);
        let (page, gone_through) =
            (desk.casework.list(scope, filter, &page).await, through.list(scope, filter, &page).await);
        let (page, gone_through) = (page.unwrap(), gone_through.unwrap());
        assert_eq!(page, gone_through, "gathered or gone through: {filter:?}");
        after = page.last().map(|row| row.cursor.to_string().parse().unwrap());
        let full = page.len() as i64 == limit;
        rows.extend(page);
        if !full {
            return rows;
        }
    }
}

on_both_stores!(cases_are_listed_by_what_they_are, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let cases = nine(&desk).await;
    let all = sight("", Reach::District);
    let found = async |filter: Filter, order: Order| {
        let rows = pages(&desk, &all, &filter, order, 2).await;
        assert_eq!(
            desk.casework.count_up_to(&all, &filter, order, 3).await.unwrap(),
            rows.len().min(3) as i64,
            "{filter:?}"
        );
        let place = |row: &CaseRow| cases.iter().position(|id| *id == row.case).unwrap().to_string();
        rows.iter().map(place).collect::<Vec<_>>().join("")
    };
    let filter = Filter::default;
    let some = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(found(filter(), Order::Newest).await, "876543210");
    assert_eq!(found(filter(), Order::Oldest).await, "012345678");
    assert_eq!(found(filter(), Order::Closed).await, "6");
    // Emergencies, urgent ones, ordinary ones; each by its next limit.
    let urgency = found(filter(), Order::Urgency).await;
    let groups: Vec<String> =
        [&urgency[..3], &urgency[3..6], &urgency[6..]].iter().map(|group| sorted(group)).collect();
    assert_eq!(groups, ["147", "258", "03"]);
    let due = pages(&desk, &all, &filter(), Order::Due, 3).await;
    assert!(due.is_sorted_by_key(|row| row.due_at.map_or(i64::MAX, |due| due.micros())), "{due:?}");
    assert_eq!(due.len(), 8);

    // A10 is not in A1.
    assert_eq!(found(Filter { areas: some(&["A/A1/"]), ..filter() }, Order::Oldest).await, "0137");
    assert_eq!(found(Filter { areas: some(&["A/A1/A11/", "A/A10/"]), ..filter() }, Order::Oldest).await, "15");
    assert_eq!(found(Filter { areas: some(&["A/"]), ..filter() }, Order::Oldest).await, "01235678");
    assert_eq!(found(Filter { organizations: some(&["D1", "D1-1"]), ..filter() }, Order::Oldest).await, "02");
    assert_eq!(found(Filter { organizations: some(&["D2"]), ..filter() }, Order::Oldest).await, "0");
    let s1 = found(Filter { organizations: some(&["S1", "S1-1"]), ..filter() }, Order::Oldest).await;
    assert!(s1.contains('0') && s1.contains('2'), "its desk, and where it takes part: {s1}");
    assert_eq!(found(Filter { states: some(&["dispatched"]), ..filter() }, Order::Oldest).await, "02");
    assert_eq!(found(Filter { open: Some(false), ..filter() }, Order::Oldest).await, "6");
    assert_eq!(found(Filter { urgencies: vec![1], open: Some(true), ..filter() }, Order::Oldest).await, "258");
    assert_eq!(found(Filter { matters: some(&["M2"]), ..filter() }, Order::Oldest).await, "");
    assert_eq!(
        found(Filter { kinds: some(&["event"]), channels: some(&["hotline"]), ..filter() }, Order::Oldest).await,
        ""
    );
    assert_eq!(found(Filter { confidential: Some(false), ..filter() }, Order::Oldest).await, "012345678");
    let opened = (Some(at("2026-03-04 09:00")), Some(at("2026-03-06 09:00")));
    assert_eq!(found(Filter { opened, ..filter() }, Order::Oldest).await, "23");
    let closed = (Some(at("2026-03-12 00:00")), None);
    assert_eq!(found(Filter { closed, ..filter() }, Order::Newest).await, "6");
    let those = |places: &[usize]| Some(places.iter().map(|place| cases[*place]).collect());
    assert_eq!(found(Filter { found: those(&[6, 1, 3, 0]), ..filter() }, Order::Newest).await, "6310");
    let within = Filter { found: those(&[6, 1, 3, 2]), areas: some(&["A/A1/"]), open: Some(true), ..filter() };
    assert_eq!(found(within, Order::Oldest).await, "13");
    assert_eq!(found(Filter { found: those(&[]), ..filter() }, Order::Oldest).await, "");
    let nobody = |nth: usize| format!("00000000-0000-4000-8000-{nth:012}").parse::<CaseId>().unwrap();
    let many: Vec<CaseId> = (1..5_000).map(nobody).chain([cases[4]]).collect();
    assert_eq!(found(Filter { found: Some(many), ..filter() }, Order::Oldest).await, "4", "as many as may be named");
    let until = due[2].due_at.unwrap();
    let due = (None, Some(until));
    assert!(found(Filter { due, open: Some(true), ..filter() }, Order::Due).await.len() <= 2);

    assert_eq!(compare(&db).await.unwrap(), []);
    let before = pages(&desk, &all, &filter(), Order::Newest, 100).await;
    rebuild(&db).await.unwrap();
    assert_eq!(pages(&desk, &all, &filter(), Order::Newest, 100).await, before);
    assert_eq!(compare(&db).await.unwrap(), []);
});

fn sorted(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

on_both_stores!(a_list_holds_no_case_that_is_not_for_the_caller, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let cases = nine(&desk).await;
    let seen = async |scope: Scope| {
        let rows = pages(&desk, &scope, &Filter::default(), Order::Oldest, 100).await;
        let place = |row: &CaseRow| cases.iter().position(|id| *id == row.case).unwrap().to_string();
        rows.iter().map(place).collect::<Vec<_>>().join("")
    };
    // Registered by dora: 3 and 7. Of S1, by its area or since it takes part: 0, 1, 2.
    assert_eq!(seen(sight("", Reach::Own)).await, "37");
    assert_eq!(seen(sight("A/A2/", Reach::Area)).await, {
        let organization = seen(sight("", Reach::Organization)).await;
        sorted(
            &(organization.clone()
                + &["2", "6", "8"].map(|one| if organization.contains(one) { "" } else { one }).concat()),
        )
    });
    assert!(!seen(sight("", Reach::Organization)).await.contains('6'));
    assert_eq!(seen(Scope::new("dora".into(), Vec::new())).await, "");
    // A filter takes away and adds nothing.
    let all = pages(&desk, &sight("", Reach::District), &Filter::default(), Order::Oldest, 100).await;
    for scope in [sight("", Reach::Own), sight("A/A2/", Reach::Area), sight("", Reach::Organization)] {
        let whole = pages(&desk, &scope, &Filter::default(), Order::Oldest, 100).await;
        for (areas, organizations) in
            [(vec!["A/A2/"], vec![]), (vec!["A/"], vec![]), (vec![], vec!["S1"]), (vec![], vec!["D2"])]
        {
            let strings = |codes: Vec<&str>| codes.into_iter().map(str::to_owned).collect();
            let filter = Filter { areas: strings(areas), organizations: strings(organizations), ..Filter::default() };
            let wide = pages(&desk, &sight("", Reach::District), &filter, Order::Oldest, 100).await;
            assert!(wide.len() < all.len() && !wide.is_empty());
            let both: Vec<CaseRow> = wide.into_iter().filter(|row| whole.contains(row)).collect();
            assert_eq!(pages(&desk, &scope, &filter, Order::Oldest, 100).await, both, "{filter:?}");
        }
    }
    // What is taken from an organization is in its list no more: the table follows the state.
    assert_eq!(compare(&db).await.unwrap(), []);
});
