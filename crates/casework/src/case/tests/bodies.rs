//! Bodies once written stay readable. A body below never changes; a new version adds its own.

use super::*;
use crate::case::{BODY_VERSION, CaseEvent, CaseFact, ClockKey};

const REGISTERED: &str = r#"{"at":"2026-03-02T01:00:00Z","clocks":[["accept",{"counted":{"limit":{"due":{"at":"2026-03-02T03:00:00Z"},
"limit":"2 working_hour","started":"2026-03-02T01:00:00Z","state":{"is":"running"}}},"holder":"S1",
"remind_at":"2026-03-02T02:30:00Z"}]],"event":{"registered":{"channel":"resident_app","confidentiality":null,"desk":"S1",
"evidence":[],"kind":"event","matter":{"code":"M1","version":""},"number":"20260302-AAAAAAAA","outer":null,
"place":{"path":["A","A1"],"point":null},"reporter":"r/1","urgency":"ordinary"}},"hand":{"resident":{"subject":"r/1"}},
"sealed":{"words":"bm90IHRoZSB3b3Jkcw=="},"v":1}"#;

const DISPATCHED: &str = r#"{"at":"2026-03-02T01:00:00Z","event":{"dispatched":{"assignments":[{"no":1,"organization":"D1",
"part":"lead"},{"binding":true,"chain":["registry","handler","section_head"],"no":2,"organization":"D2",
"part":"co_operating"}]}},"hand":{"post":{"organization":"S1","person":"dora","post":"S1.dora"}},"v":1}"#;

const CLOSED: &str = r#"{"at":"2026-03-02T01:00:00Z","clocks":[["outer",{"counted":{"until":{"due":"2026-03-10T09:30:00Z",
"started":"2026-03-02T01:00:00Z","state":{"at":"2026-03-02T01:00:00Z","is":"met"}}},"holder":"S1"}]],
"event":{"closed":{"closing":{"outcome":{"interim":{"due":"2026-04-01T09:30:00Z"}}}}},
"hand":{"system":{"name":"import"}},"v":1}"#;

fn read(body: &str) -> CaseFact {
    serde_json::from_str(body).unwrap()
}

#[test]
fn bodies_of_version_1_are_read() {
    let mut case = Case::open(CaseId::from_uuid(uuid::Uuid::from_u128(1)), &read(REGISTERED)).unwrap();
    assert_eq!(case, Scene::registered().case_with_clocks(&[ClockKey::Accept]));
    case.apply(&read(DISPATCHED));
    assert!(case.assignments[1].binding);
    case.apply(&read(CLOSED));
    assert!(case.promise.is_some());
}

#[test]
fn bodies_are_written_as_version_1() {
    let scene = Scene::accepted();
    let dispatch = Dispatch { lead: None, co_operating: vec![], note: None };
    let decided = scene.decide(&desk(), dispatch.into(), None).unwrap();
    let mut fact = decided[0].fact.clone();
    fact.clocks.clear();
    let CaseEvent::Dispatched { assignments } = &fact.event else { panic!("{fact:?}") };
    assert_eq!((fact.v, assignments.len()), (BODY_VERSION, 1));
    let body = String::from_utf8(kernel::canonical_json(&fact)).unwrap();
    let expected = r#"{"at":"2026-03-02T01:00:00Z","event":{"dispatched":{"assignments":[{"no":1,"organization":"D1","part":"lead"}]}},"hand":{"post":{"organization":"S1","person":"dora","post":"S1.dora"}},"v":1}"#;
    assert_eq!(body, expected);
}

#[test]
fn a_body_of_a_later_version_is_not_guessed_at() {
    let later = DISPATCHED.replace("\"v\":1", "\"v\":2");
    let why = serde_json::from_str::<CaseFact>(&later).unwrap_err().to_string();
    assert!(why.contains("version 2 is later than this program's 1"), "{why}");
}

impl Scene {
    /// The case with only these clocks.
    fn case_with_clocks(mut self, kept: &[ClockKey]) -> Case {
        self.case.clocks.retain(|key, _| kept.contains(key));
        self.case
    }
}
