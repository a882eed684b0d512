//! The one law of permission: `allows` and `sql` are the same.

use std::collections::BTreeSet;

use platform::{Columns, Condition, Confidential, Grant, Reach, Resource, Scope, Sensitivity};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use store::{Bind, Db, Migration, Read, Sql, Value};

const TABLES: &[Migration] = &[Migration {
    version: 900_001,
    name: "things",
    sqlite: "create table thing (id integer primary key, author text, area text not null, confidential integer not null) strict;
             create table thing_organization (thing integer not null, organization text not null) strict;
             create table thing_named (thing integer not null, account text not null) strict;
             create table thing_barred (thing integer not null, organization text not null) strict;",
    postgres: "create table thing (id bigint primary key, author text, area text collate \"C\" not null, confidential bigint not null);
               create table thing_organization (thing bigint not null, organization text not null);
               create table thing_named (thing bigint not null, account text not null);
               create table thing_barred (thing bigint not null, organization text not null);",
}];

const ORGANIZATION: &str =
    "exists (select 1 from thing_organization o where o.thing = t.id and o.organization in ({}))";

const COLUMNS: Columns = Columns {
    author: "t.author",
    area: "t.area",
    organization: ORGANIZATION,
    confided: ORGANIZATION,
    confidential: "t.confidential",
    named: "exists (select 1 from thing_named n where n.thing = t.id and n.account = {})",
    barred: "exists (select 1 from thing_barred b where b.thing = t.id and b.organization = {})",
};

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<String>> {
    proptest::collection::btree_set(proptest::sample::select(items).prop_map(str::to_owned), 0..3)
}

fn area() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["", "1/", "1/10/", "1/11/", "1/10/100/", "1/10/10/", "2/"]).prop_map(str::to_owned)
}

/// The tree of organizations: `o1` over `o2` over `o3`, and `o4` beside them.
fn organizations(own: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (under, above): (&[&str], &[&str]) = match own {
        "o1" => (&["o1", "o2", "o3"], &["o1"]),
        "o2" => (&["o2", "o3"], &["o1", "o2"]),
        "o3" => (&["o3"], &["o1", "o2", "o3"]),
        _ => (&["o4"], &["o4"]),
    };
    let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    (set(under), set(above))
}

fn grant() -> impl Strategy<Value = Grant> {
    let reach = proptest::sample::select(vec![Reach::Own, Reach::Organization, Reach::Area, Reach::District]);
    let sensitivity =
        proptest::sample::select(vec![Sensitivity::Internal, Sensitivity::Personal, Sensitivity::Confidential]);
    let own = proptest::sample::select(vec!["o1", "o2", "o3", "o4"]);
    (reach, own, area(), some_of(&["see", "do"]), sensitivity).prop_map(|(reach, own, area, actions, sensitivity)| {
        let (organizations, line) = organizations(own);
        let (post, role, organization) = ("p".into(), "r".into(), own.into());
        Grant { post, role, organization, organizations, line, area, reach, sensitivity, actions }
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    let author = proptest::option::of(proptest::sample::select(vec!["me", "you"]).prop_map(str::to_owned));
    let confidential = proptest::option::of((some_of(&["me", "you"]), some_of(&["o1", "o2", "o3", "o4"])))
        .prop_map(|sets| sets.map(|(named, barred)| Confidential { named, barred }));
    (author, some_of(&["o1", "o2", "o3", "o4"]), area(), confidential)
        .prop_map(|(author, organizations, area, confidential)| Resource { author, organizations, area, confidential })
}

async fn load(db: &Db, resources: &[Resource]) {
    let mut tx = db.begin().await.unwrap();
    for table in ["thing", "thing_organization", "thing_named", "thing_barred"] {
        tx.run(Sql::composed(format!("delete from {table}"))).await.unwrap();
    }
    let mut rows: [Vec<Vec<Value>>; 4] = Default::default();
    for (id, resource) in (0i64..).zip(resources) {
        let confidential = resource.confidential.clone().unwrap_or_default();
        rows[0].push(vec![
            id.value(),
            resource.author.clone().value(),
            resource.area.as_str().value(),
            resource.confidential.is_some().value(),
        ]);
        for (into, codes) in [(1, &resource.organizations), (2, &confidential.named), (3, &confidential.barred)] {
            rows[into].extend(codes.iter().map(|code| vec![id.value(), code.as_str().value()]));
        }
    }
    let heads = [
        ("insert into thing (id, author, area, confidential) values", 4),
        ("insert into thing_organization (thing, organization) values", 2),
        ("insert into thing_named (thing, account) values", 2),
        ("insert into thing_barred (thing, organization) values", 2),
    ];
    for ((head, columns), rows) in heads.into_iter().zip(rows) {
        for statement in Sql::insert_rows(head, columns, rows, "") {
            tx.run(statement).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

async fn check(db: &Db, scope: &Scope, resources: &[Resource]) {
    load(db, resources).await;
    for action in ["see", "do", "unknown"] {
        let rows = async |condition: Condition| -> Vec<(i64,)> {
            let text = format!("select t.id from thing t where {} order by t.id", condition.text);
            (&mut &*db).all(Sql::composed(text).bind_all(condition.values)).await.unwrap()
        };
        let of = |holds: &dyn Fn(&Resource) -> bool| -> Vec<(i64,)> {
            (0i64..).zip(resources).filter(|(_, resource)| holds(resource)).map(|(id, _)| (id,)).collect()
        };
        let selected = rows(scope.sql(action, &COLUMNS, 1)).await;
        assert_eq!(selected, of(&|resource| scope.allows(action, resource)), "{action} {scope:?}");
        // The view says the same of what is not confidential.
        let view = scope.view(action, Sensitivity::Public);
        let open = |resource: &Resource| resource.confidential.is_none();
        let viewed = of(&|resource| {
            let organizations = resource.organizations.iter().any(|code| view.organizations.contains(code.as_str()));
            let mut areas = view.areas.iter();
            let area = !resource.area.is_empty() && areas.any(|area| resource.area.starts_with(area));
            let own = view.account.is_some_and(|account| resource.author.as_deref() == Some(account));
            open(resource) && (view.everything || own || organizations || area)
        });
        assert_eq!(viewed, of(&|resource| open(resource) && scope.allows(action, resource)), "{view:?}");
        // Where what is open is known to be in view, the confidential is judged as ever.
        let selected = rows(scope.sql_in_view(action, &COLUMNS, 1)).await;
        let taken = |resource: &Resource| scope.has(action) && open(resource) || scope.allows(action, resource);
        assert_eq!(selected, of(&taken), "{action} {scope:?}");
    }
}

store::on_both_stores!(allowing_and_selecting_are_the_same, TABLES, async |db: Db| {
    let strategy = (proptest::collection::vec(grant(), 0..4), proptest::collection::vec(resource(), 1..12));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..60 {
        let (grants, resources) = strategy.new_tree(&mut runner).unwrap().current();
        check(&db, &Scope::new("me".into(), grants), &resources).await;
    }
});

/// Of the whole district, up to a kind of field.
fn district(organization: &str, sensitivity: Sensitivity) -> Grant {
    let (organizations, line) = organizations(organization);
    Grant {
        post: "p".into(),
        role: "r".into(),
        organization: organization.into(),
        organizations,
        line,
        area: String::new(),
        reach: Reach::District,
        sensitivity,
        actions: ["see".to_owned()].into(),
    }
}

#[test]
fn a_confidential_thing_is_for_those_who_work_on_it_the_named_and_the_cleared() {
    let by = |grant| Scope::new("me".into(), vec![grant]);
    let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<String>>();
    let thing = |works: &[&str], named: &[&str], barred: &[&str]| Resource {
        organizations: set(works),
        confidential: Some(Confidential { named: set(named), barred: set(barred) }),
        ..Resource::default()
    };
    let (personal, cleared) = (Sensitivity::Personal, Sensitivity::Confidential);
    assert!(
        !by(district("o4", personal)).allows("see", &thing(&["o2"], &["you"], &[])),
        "the whole district is not enough"
    );
    assert!(by(district("o3", personal)).allows("see", &thing(&["o2"], &["you"], &[])), "a part of who works on it");
    assert!(!by(district("o1", personal)).allows("see", &thing(&["o2"], &["you"], &[])), "not those above");
    assert!(by(district("o4", cleared)).allows("see", &thing(&["o2"], &["you"], &[])), "a cleared role");
    let named = thing(&["o2"], &["me"], &["o4"]);
    assert!(!by(district("o4", cleared)).allows("see", &named), "nobody of the unit complained of, named or cleared");
    assert!(by(district("o1", personal)).identifies("see", &named));
    assert!(
        !by(district("o1", Sensitivity::Internal)).identifies("see", &named),
        "named, but by a post that sees no persons"
    );
    assert!(!by(district("o3", personal)).identifies("see", &thing(&["o2"], &["you"], &[])), "content, not who");
    assert!(by(district("o3", personal)).identifies("see", &Resource::default()));
}
