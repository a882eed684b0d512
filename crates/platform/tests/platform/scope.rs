//! The one law of permission: `allows` and `sql` are the same.

use std::collections::BTreeSet;

use platform::{Columns, Grant, Reach, Resource, Scope, Sensitivity};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use store::{Bind, Db, Migration, Read, Sql, Value};

const TABLES: &[Migration] = &[Migration {
    version: 900_001,
    name: "things",
    sqlite: "create table thing (id integer primary key, author text, area text not null, confidential integer not null) strict;
             create table thing_organization (thing integer not null, organization text not null) strict;
             create table thing_named (thing integer not null, account text not null) strict;",
    postgres: "create table thing (id bigint primary key, author text, area text collate \"C\" not null, confidential bigint not null);
               create table thing_organization (thing bigint not null, organization text not null);
               create table thing_named (thing bigint not null, account text not null);",
}];

const COLUMNS: Columns = Columns {
    author: "t.author",
    area: "t.area",
    organization: "exists (select 1 from thing_organization o where o.thing = t.id and o.organization in ({}))",
    confidential: "t.confidential",
    named: "exists (select 1 from thing_named n where n.thing = t.id and n.account = {})",
};

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<String>> {
    proptest::collection::btree_set(proptest::sample::select(items).prop_map(str::to_owned), 0..3)
}

fn area() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["", "1/", "1/10/", "1/11/", "1/10/100/", "1/10/10/", "2/"]).prop_map(str::to_owned)
}

fn grant() -> impl Strategy<Value = Grant> {
    let reach = proptest::sample::select(vec![Reach::Own, Reach::Organization, Reach::Area, Reach::District]);
    (reach, some_of(&["o1", "o2", "o3"]), area(), some_of(&["see", "do"])).prop_map(
        |(reach, organizations, area, actions)| Grant {
            post: "p".into(),
            role: "r".into(),
            organization: "o1".into(),
            organizations,
            area,
            reach,
            sensitivity: Sensitivity::Internal,
            actions,
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    let author = proptest::option::of(proptest::sample::select(vec!["me", "you"]).prop_map(str::to_owned));
    let named = proptest::option::of(some_of(&["me", "you"]));
    (author, some_of(&["o1", "o2", "o3"]), area(), named).prop_map(|(author, organizations, area, confidential_to)| {
        Resource { author, organizations, area, confidential_to }
    })
}

async fn load(db: &Db, resources: &[Resource]) {
    let mut tx = db.begin().await.unwrap();
    for table in ["thing", "thing_organization", "thing_named"] {
        tx.run(Sql::composed(format!("delete from {table}"))).await.unwrap();
    }
    let mut rows: [Vec<Vec<Value>>; 3] = Default::default();
    for (id, resource) in (0i64..).zip(resources) {
        let confidential = resource.confidential_to.is_some();
        rows[0].push(vec![
            id.value(),
            resource.author.clone().value(),
            resource.area.as_str().value(),
            confidential.value(),
        ]);
        rows[1].extend(resource.organizations.iter().map(|code| vec![id.value(), code.as_str().value()]));
        rows[2].extend(resource.confidential_to.iter().flatten().map(|name| vec![id.value(), name.as_str().value()]));
    }
    let heads = [
        ("insert into thing (id, author, area, confidential) values", 4),
        ("insert into thing_organization (thing, organization) values", 2),
        ("insert into thing_named (thing, account) values", 2),
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
        let condition = scope.sql(action, &COLUMNS, 1);
        let text = format!("select t.id from thing t where {} order by t.id", condition.text);
        let rows: Vec<(i64,)> = (&mut &*db).all(Sql::composed(text).bind_all(condition.values)).await.unwrap();
        let expected: Vec<(i64,)> = (0i64..)
            .zip(resources)
            .filter(|(_, resource)| scope.allows(action, resource))
            .map(|(id, _)| (id,))
            .collect();
        assert_eq!(rows, expected, "{action} {scope:?}");
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

#[test]
fn a_confidential_thing_is_hidden_even_from_the_whole_district() {
    let grant = Grant {
        post: "p".into(),
        role: "r".into(),
        organization: "o1".into(),
        organizations: BTreeSet::new(),
        area: String::new(),
        reach: Reach::District,
        sensitivity: Sensitivity::Personal,
        actions: ["see".to_owned()].into(),
    };
    let scope = Scope::new("me".into(), vec![grant]);
    let to = |name: &str| Resource { confidential_to: Some([name.to_owned()].into()), ..Resource::default() };
    assert!(scope.allows("see", &to("me")));
    assert!(!scope.allows("see", &to("you")));
    assert_eq!(scope.sensitivity("see", &to("you")), None);
    assert_eq!(scope.sensitivity("see", &to("me")), Some(Sensitivity::Personal));
}
