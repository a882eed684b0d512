use kernel::{Instant, Point};

use super::*;

const MORNING: &str = "2026-03-02T09:00:00+08:00";

fn traits(id: u128, words: &str, longitude: f64, hours: i64) -> Traits {
    let morning: Instant = MORNING.parse().unwrap();
    Traits {
        case: CaseId::from_uuid(uuid::Uuid::from_u128(id)),
        head: None,
        matter: Some("M1".into()),
        point: Some(Point::new(longitude, 23.13).unwrap()),
        building: None,
        area: Some("A11".into()),
        opened_at: Instant::from_micros(morning.micros() + hours * 3_600_000_000),
        pairs: pairs(words),
    }
}

#[test]
fn the_same_thing_said_twice_nearby_comes_first_with_its_reasons() {
    let new = traits(1, "巷口垃圾三天没人清理", 113.2600, 0);
    let others = [
        traits(2, "路灯不亮", 113.2601, 1),
        traits(3, "巷口的垃圾三天没有人清理了", 113.2602, 2),
        traits(4, "垃圾桶满溢", 113.2610, 3),
    ];
    let hints = rank(&HintRules::default(), &new, &others);
    assert_eq!(hints[0].case, others[1].case);
    assert!(hints.is_sorted_by(|a, b| a.score >= b.score));
    assert!(matches!(
        hints[0].reasons[..2],
        [Reason::LikeWords { .. }, Reason::Near { .. }] | [Reason::Near { .. }, Reason::LikeWords { .. }]
    ));
    assert!(hints[0].reasons.contains(&Reason::SameMatter { matter: "M1".into() }));
}

#[test]
fn far_away_long_ago_or_otherwise_said_is_no_hint() {
    let rules = HintRules::default();
    let new = traits(1, "巷口垃圾三天没人清理", 113.2600, 0);
    assert_eq!(rank(&rules, &new, &[traits(2, "井盖破损", 113.2700, 1)]), []);
    assert_eq!(rank(&rules, &new, &[traits(3, "巷口垃圾三天没人清理", 113.2600, 72)]), []);
    assert_eq!(rank(&rules, &new, std::slice::from_ref(&new)), [], "itself");
    // Said the same a kilometre away: the words alone are enough.
    let copied = rank(&rules, &new, &[traits(4, "巷口垃圾三天没人清理", 113.2700, 1)]);
    assert_eq!(copied.len(), 1);
}

#[test]
fn members_of_a_group_point_to_their_head_once() {
    let new = traits(1, "巷口垃圾三天没人清理", 113.2600, 0);
    let head = traits(9, "巷口垃圾", 113.2600, 1);
    let member = |id, words| Traits { head: Some(head.case), ..traits(id, words, 113.2601, 1) };
    let others = [head.clone(), member(2, "巷口垃圾三天没人清理"), member(3, "巷口垃圾没人清理")];
    let hints = rank(&HintRules::default(), &new, &others);
    assert_eq!((hints.len(), hints[0].case, hints[0].alike), (1, head.case, 3));
}

#[test]
fn groups_hang_together_and_leave_the_rest() {
    let cases = [
        traits(1, "巷口垃圾三天没人清理", 113.2600, 0),
        traits(2, "巷口垃圾没人清理", 113.2601, 1),
        traits(3, "东边井盖破损", 113.2800, 1),
        traits(4, "巷口垃圾三天没人清理啊", 113.2602, 2),
    ];
    let groups = groups(&HintRules::default(), &cases);
    assert_eq!(groups, [vec![cases[0].case, cases[1].case, cases[3].case]]);
}

#[test]
fn places_compare_by_building_point_or_area() {
    let rules = HintRules::default();
    let one = traits(1, "", 113.26, 0);
    let building = |id| Traits { building: Some("B1".into()), ..traits(id, "", 113.27, 0) };
    assert_eq!(place(&rules, &building(2), &building(3)).unwrap().1, Reason::SameBuilding);
    let unplaced = |id| Traits { point: None, ..traits(id, "", 113.26, 0) };
    assert_eq!(place(&rules, &one, &unplaced(2)).unwrap().1, Reason::SameArea { area: "A11".into() });
    assert_eq!(place(&rules, &one, &Traits { area: None, ..unplaced(3) }), None);
}
