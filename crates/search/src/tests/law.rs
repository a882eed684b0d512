//! What is found is what is allowed: over random posts and things, each word in each of its parts.

use std::collections::{BTreeMap, BTreeSet};

use platform::{Grant, Reach, Resource, Scope, Sensitivity};
use proptest::prelude::*;
use tantivy::Term;

use crate::{Document, Part, Query, Search, Sight};

const READ: &str = "case.read";
const ORGANIZATIONS: [&str; 4] = ["desk", "works", "works-east", "water"];
const AREAS: [&str; 6] = ["", "d/", "d/s1/", "d/s1/c1/", "d/s2/", "d/s10/"];
const ACCOUNTS: [&str; 3] = ["amy", "ben", "cai"];

fn one_of<const N: usize>(all: [&'static str; N]) -> impl Strategy<Value = String> {
    (0..N).prop_map(move |nth| all[nth].to_owned())
}

fn grant() -> impl Strategy<Value = Grant> {
    let reach = prop_oneof![Just(Reach::Own), Just(Reach::Organization), Just(Reach::Area), Just(Reach::District)];
    let sensitivity = prop_oneof![
        Just(Sensitivity::Public),
        Just(Sensitivity::Internal),
        Just(Sensitivity::Personal),
        Just(Sensitivity::Confidential)
    ];
    let organizations = prop::collection::btree_set(one_of(ORGANIZATIONS), 1..3);
    (reach, sensitivity, organizations, one_of(AREAS), any::<bool>()).prop_map(
        |(reach, sensitivity, organizations, area, reads)| Grant {
            post: "post".into(),
            role: "role".into(),
            organization: organizations.first().cloned().unwrap_or_default(),
            line: organizations.clone(),
            organizations,
            area,
            reach,
            sensitivity,
            actions: if reads { [READ.to_owned()].into() } else { BTreeSet::new() },
        },
    )
}

fn thing() -> impl Strategy<Value = Resource> {
    let organizations = prop::collection::btree_set(one_of(ORGANIZATIONS), 0..3);
    (prop::option::of(one_of(ACCOUNTS)), organizations, one_of(AREAS))
        .prop_map(|(author, organizations, area)| Resource { author, organizations, area, confidential: None })
}

/// Each part of each thing holds a word of that part.
fn document(resource: &Resource) -> Document {
    Document {
        number: "numbered".into(),
        titles: vec!["titled".into(), "东风路".into()],
        words: vec!["worded".into()],
        addresses: vec!["addressed".into()],
        names: vec!["named".into(), "陈小明".into()],
        phones: vec!["13800001111".into()],
        author: resource.author.clone(),
        organizations: resource.organizations.clone(),
        area: resource.area.clone(),
        ..Document::default()
    }
}

const ASKED: [(Part, &str); 8] = [
    (Part::Number, "numbered"),
    (Part::Title, "titled"),
    (Part::TitleSound, "dongfenglu"),
    (Part::Words, "worded"),
    (Part::Address, "addressed"),
    (Part::Name, "named"),
    (Part::Phone, "13800001111"),
    (Part::PrivateSound, "cxm"),
];

fn index(things: &[Resource]) -> Search {
    let search = Search::in_memory();
    let open = search.open_index();
    let mut writer = open.writer().unwrap();
    for (key, resource) in (1..).zip(things) {
        writer.delete_term(Term::from_field_u64(open.fields.key, key));
        writer.add_document(document(resource).to_index(&open.fields, key, "case")).unwrap();
    }
    writer.commit().unwrap();
    open.reader.reload().unwrap();
    search
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn found_is_what_is_allowed(
        account in one_of(ACCOUNTS),
        grants in prop::collection::vec(grant(), 0..4),
        things in prop::collection::vec(thing(), 1..12),
    ) {
        let scope = Scope::new(account, grants);
        let sight = Sight::of(&scope, READ);
        let search = index(&things);
        let sees = |resource: &Resource, part: Part| {
            scope.allows(READ, resource)
                && scope.sensitivity(READ, resource).is_some_and(|sensitivity| sensitivity >= part.sensitivity())
        };
        for asked in ASKED.iter().map(|one| vec![*one]).chain([vec![ASKED[0], ASKED[5]], vec![ASKED[3], ASKED[1]]]) {
            let text: Vec<&str> = asked.iter().map(|(_, word)| *word).collect();
            let query = Query::parse(&text.join(" ")).unwrap();
            let question = crate::Question { query: &query, sight: &sight, kind: Some("case"), before: None, limit: 50 };
            let found = search.find(&question).unwrap();
            let allowed: BTreeMap<u64, BTreeSet<Part>> = (1..)
                .zip(&things)
                .filter(|(_, thing)| asked.iter().all(|(part, _)| sees(thing, *part)))
                .map(|(key, _)| (key, asked.iter().map(|(part, _)| *part).collect()))
                .collect();
            prop_assert_eq!(found.total as usize, allowed.len());
            let hits: BTreeMap<u64, BTreeSet<Part>> = found.hits.into_iter().map(|hit| (hit.key, hit.parts)).collect();
            prop_assert_eq!(hits, allowed, "{:?}", text);
        }
    }

    /// Pages hold each hit once, in one order, and each says how many there are.
    #[test]
    fn pages_hold_each_hit_once(count in 1usize..30, limit in 1usize..8) {
        let search = index(&vec![Resource::default(); count]);
        let query = Query::parse("worded").unwrap();
        let (mut before, mut seen) = (None, Vec::new());
        loop {
            let sight = Sight::everything();
            let page = search.find(&crate::Question { query: &query, sight: &sight, kind: None, before, limit }).unwrap();
            prop_assert_eq!(page.total as usize, count);
            prop_assert!(page.hits.len() <= limit);
            seen.extend(page.hits.iter().map(|hit| hit.key));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        prop_assert_eq!(seen, (1..=count as u64).rev().collect::<Vec<_>>());
    }
}
