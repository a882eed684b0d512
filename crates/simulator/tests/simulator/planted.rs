//! Each invariant trips over a fault planted for it, on both stores.

use journal::verify::Finding;
use simulator::Ran;
use simulator::check::Violation;
use store::{Db, Dialect, Sql, on_both_stores};

use crate::district::{TABLES, checks, run, settings};

/// One sound day, a fault by bare SQL, and what the checks then say.
async fn planted(db: &Db, fault: &str) -> (Ran, Vec<Violation>) {
    planted_in(db, 1, &[fault.to_owned()]).await
}

/// Some sound days, and faults that have nothing to do with one another.
async fn planted_in(db: &Db, days: u32, faults: &[String]) -> (Ran, Vec<Violation>) {
    let ran = run(db, settings(days, 20.0)).await;
    let mut tx = db.begin().await.unwrap();
    let drops: &[&str] = match db.dialect() {
        Dialect::Sqlite => &["drop trigger fact_is_never_updated", "drop trigger fact_is_never_deleted"],
        Dialect::Postgres => &["alter table fact disable trigger user"],
    };
    for statement in drops.iter().map(|drop| (*drop).to_owned()).chain(faults.iter().cloned()) {
        tx.run(Sql::composed(statement).uncached()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let violations = checks(db, Some(&ran)).await.violations;
    (ran, violations)
}

fn replaced(db: &Db, from: &str, to: &str) -> String {
    match db.dialect() {
        Dialect::Sqlite => format!("cast(replace(cast(body as text), '{from}', '{to}') as blob)"),
        Dialect::Postgres => format!("convert_to(replace(convert_from(body, 'UTF8'), '{from}', '{to}'), 'UTF8')"),
    }
}

/// The first report.
const FIRST: &str = "position = (select min(position) from fact where kind = 'case.registered')";

fn first(ran: &Ran) -> i64 {
    ran.registered.iter().map(|(_, position)| *position).min().unwrap()
}

on_both_stores!(a_fact_that_was_updated, &TABLES, |db: Db| async move {
    let body = replaced(&db, "registered", "registereD");
    let (ran, found) = planted(&db, &format!("update fact set body = {body} where {FIRST}")).await;
    assert!(found.contains(&Violation::Journal(Finding::Altered { position: first(&ran) })), "{found:#?}");
});

on_both_stores!(a_fact_that_was_deleted, &TABLES, |db: Db| async move {
    let (ran, found) = planted(&db, &format!("delete from fact where {FIRST}")).await;
    let first = first(&ran);
    assert!(found.contains(&Violation::Journal(Finding::Missing { from: first, to: first })), "{found:#?}");
    let lost = |one: &Violation| matches!(one, Violation::Lost { position, .. } if *position == first);
    assert!(found.iter().any(lost), "{found:#?}");
});

on_both_stores!(a_case_that_the_tables_lost, &TABLES, |db: Db| async move {
    let (_, found) = planted(&db, "delete from case_file where number = (select min(number) from case_file)").await;
    assert!(found.iter().any(|one| matches!(one, Violation::Tables { .. })), "{found:#?}");
});

on_both_stores!(a_due_instant_that_was_moved_in_the_table, &TABLES, |db: Db| async move {
    let (_, found) = planted(&db, "update clock set due_at = due_at + 1").await;
    assert!(found.iter().any(|one| matches!(one, Violation::Tables { .. })), "{found:#?}");
});

on_both_stores!(a_due_instant_that_was_moved_in_a_fact, &TABLES, |db: Db| async move {
    let body = replaced(&db, "\"due\":{\"at\":\"2026", "\"due\":{\"at\":\"2031");
    let (_, found) = planted(&db, &format!("update fact set body = {body} where kind = 'case.dispatched'")).await;
    assert!(found.iter().any(|one| matches!(one, Violation::Clock { .. })), "{found:#?}");
});

on_both_stores!(a_clock_that_was_met_after_it_was_due, &TABLES, |db: Db| async move {
    let body = replaced(&db, "\"is\":\"met\"", "\"is\":\"lapsed\",\"since\":\"2020-01-01T00:00:00Z\"");
    let (_, found) = planted(&db, &format!("update fact set body = {body}")).await;
    assert!(found.iter().any(|one| matches!(one, Violation::ClockState { .. })), "{found:#?}");
});

on_both_stores!(a_case_that_stands_twice, &TABLES, |db: Db| async move {
    let double = format!(
        "insert into fact (position, stream, version, kind, at, claimed_at, effective_at, actor, body, sealed, hash) \
         select (select max(position) + 1 from fact), 'case/00000000-0000-4000-8000-000000000000', 1, kind, at, \
         claimed_at, effective_at, actor, body, null, hash from fact where {FIRST}"
    );
    let (ran, found) = planted(&db, &double).await;
    let stream = "case/00000000-0000-4000-8000-000000000000".to_owned();
    assert!(found.contains(&Violation::Doubled { stream }), "{found:#?}");
    let facts = ran.tally.facts - ran.tally.kept_time;
    assert!(found.contains(&Violation::Facts { facts, found: facts + 1 }), "{found:#?}");
});

on_both_stores!(an_instant_that_ran_back, &TABLES, |db: Db| async move {
    let back = "update fact set at = at - 86400000000 where version = 2 and stream like 'case/%'";
    let (_, found) = planted(&db, back).await;
    assert!(found.iter().any(|one| matches!(one, Violation::RanBack { version: 2, .. })), "{found:#?}");
});

on_both_stores!(a_fact_that_counts_before_it_came, &TABLES, |db: Db| async move {
    let (_, found) = planted(&db, &format!("update fact set effective_at = at + 1 where {FIRST}")).await;
    assert!(found.iter().any(|one| matches!(one, Violation::RanBack { version: 1, .. })), "{found:#?}");
});

on_both_stores!(something_personal_in_a_public_body, &TABLES, |db: Db| async move {
    let body = replaced(&db, "{\"registered\":{", &format!("{{\"registered\":{{\"name\":\"{}居民\",", simulator::MARK));
    let (_, found) = planted(&db, &format!("update fact set body = {body} where {FIRST}")).await;
    assert!(found.iter().any(|one| matches!(one, Violation::Personal { version: 1, .. })), "{found:#?}");
});

on_both_stores!(a_receipt_without_its_fact, &TABLES, |db: Db| async move {
    let body = replaced(&db, "v", "w");
    let (_, found) = planted(&db, &format!("update fact set body = {body} where kind = 'case.registered'")).await;
    assert!(found.iter().any(|one| matches!(one, Violation::Receipt { .. })), "{found:#?}");
    assert!(found.iter().any(|one| matches!(one, Violation::Unreadable { .. })), "{found:#?}");
});

/// Days in which calls, cards and an outage have come to their ends.
const DAYS: u32 = 4;

fn updated(db: &Db, kind: &str, from: &str, to: &str) -> String {
    format!("update fact set body = {} where kind like '{kind}'", replaced(db, from, to))
}

on_both_stores!(calls_cards_and_outages_that_the_tables_have_otherwise, &TABLES, |db: Db| async move {
    let faults = [
        "delete from call_file where id = (select min(id) from call_file)",
        "update summons set state = 'waiting'",
        "update card_file set stands = 1 - stands",
        "update outage set until_at = until_at + 1",
    ];
    let (_, found) = planted_in(&db, DAYS, &faults.map(str::to_owned)).await;
    for table in ["call_file", "summons", "card_file", "outage"] {
        let tripped = |one: &Violation| matches!(one, Violation::Tables { stream, .. } if stream == table);
        assert!(found.iter().any(tripped), "{table}: {found:#?}");
    }
});

on_both_stores!(a_call_made_up_one_that_nobody_ended_and_one_whose_limit_was_moved, &TABLES, |db: Db| async move {
    let double = "insert into fact (position, stream, version, kind, at, claimed_at, effective_at, actor, body, sealed, hash) \
         select (select max(position) + 1 from fact), 'call/00000000-0000-4000-8000-000000000000', 1, kind, at, \
         claimed_at, effective_at, actor, body, null, hash from fact where kind = 'call.raised' order by position limit 1";
    let moved = updated(&db, "call.summoned", "\"due\":{\"at\":\"2026", "\"due\":{\"at\":\"2031");
    let endless = updated(&db, "call.ended", "\"event\":\"ended\"", "\"event\":\"cleared\"");
    let (_, found) = planted_in(&db, DAYS, &[double.to_owned(), moved, endless]).await;
    let stream = "call/00000000-0000-4000-8000-000000000000".to_owned();
    assert!(found.contains(&Violation::Doubled { stream }), "{found:#?}");
    let moved = |one: &Violation| matches!(one, Violation::Clock { stream, .. } if stream.starts_with("call/"));
    assert!(found.iter().any(moved), "{found:#?}");
    assert!(found.iter().any(|one| matches!(one, Violation::CallOpen { .. })), "{found:#?}");
});

on_both_stores!(a_card_without_its_evidence_and_one_whose_limit_was_moved, &TABLES, |db: Db| async move {
    let gone = updated(&db, "card.proposed", "\"evidence\":[{\"stream\":\"case", "\"evidence\":[{\"stream\":\"lase");
    let moved = updated(&db, "card.issued", "\"due\":{\"at\":\"2026", "\"due\":{\"at\":\"2031");
    let (_, found) = planted_in(&db, DAYS, &[gone, moved]).await;
    let gone = |one: &Violation| matches!(one, Violation::Card { reason, .. } if reason.ends_with("is not there"));
    assert!(found.iter().any(gone), "{found:#?}");
    let moved = |one: &Violation| matches!(one, Violation::Clock { stream, .. } if stream.starts_with("card/"));
    assert!(found.iter().any(moved), "{found:#?}");
    let receipt = |one: &Violation| matches!(one, Violation::Receipt { stream, .. } if stream.starts_with("card/"));
    assert!(found.iter().any(receipt), "{found:#?}");
});

on_both_stores!(a_card_against_another_than_held_the_clock, &TABLES, |db: Db| async move {
    let other = updated(&db, "card.proposed", "\"organization\":\"", "\"organization\":\"X");
    let (_, found) = planted_in(&db, DAYS, &[other]).await;
    let other = |one: &Violation| matches!(one, Violation::Card { reason, .. } if reason.ends_with("does not show it"));
    assert!(found.iter().any(other), "{found:#?}");
});

on_both_stores!(a_clock_that_nobody_looked_at_and_an_outage_that_one_counts, &TABLES, |db: Db| async move {
    let running = updated(&db, "%", "\"is\":\"lapsed\"", "\"is\":\"running\"");
    let counted = updated(&db, "%", "\"stay\":\"outage\"", "\"stay\":\"review\"");
    let (_, found) = planted_in(&db, DAYS, &[running, counted]).await;
    assert!(found.iter().any(|one| matches!(one, Violation::NotWatched { .. })), "{found:#?}");
    assert!(found.iter().any(|one| matches!(one, Violation::OutageCounted { .. })), "{found:#?}");
});

on_both_stores!(an_outage_that_a_limit_of_a_card_counts, &TABLES, |db: Db| async move {
    let counted = updated(&db, "card.%", "\"stay\":\"outage\"", "\"stay\":\"review\"");
    let (_, found) = planted_in(&db, 4 * DAYS, &[counted]).await;
    let counted =
        |one: &Violation| matches!(one, Violation::OutageCounted { stream, .. } if stream.starts_with("card/"));
    assert!(found.iter().any(counted), "{found:#?}");
});

on_both_stores!(a_note_that_nobody_took_over_before_the_next, &TABLES, |db: Db| async move {
    let left = updated(&db, "handover.taken", "\"taken\":{", "\"left\":{\"open\":[],");
    let (_, found) = planted_in(&db, DAYS, &[left]).await;
    assert!(found.iter().any(|one| matches!(one, Violation::Handover { .. })), "{found:#?}");
});
