use super::*;

const NOW: i64 = 100;

fn at(micros: i64) -> Instant {
    Instant::from_micros(micros)
}

fn actions(post: &str) -> Option<BTreeSet<String>> {
    let actions: &[&str] = match post {
        "desk" | "field" => &["case.read"],
        "system" => &["account.open"],
        "security" => &["post.assign"],
        "audit" => &["audit.read"],
        _ => return None,
    };
    Some(actions.iter().map(|action| (*action).to_owned()).collect())
}

fn held(post: &str, from: Option<i64>, until: Option<i64>) -> Holding {
    Holding { post: post.into(), from: from.map(at), until: until.map(at), stands_in_for: None }
}

fn known(holdings: &[Holding]) -> Known<'_> {
    Known { id: "wang", disabled: false, holdings, stood_in: None, actions: &actions }
}

fn check(act: Act, known: &Known<'_>) -> Result<(), ActRefusal> {
    act.check(known, Hand::Administrator("zhao"), at(NOW))
}

fn reset() -> Act {
    Act::Reset { code: [0; 32], until: at(NOW + 1) }
}

#[test]
fn nobody_does_anything_to_themselves() {
    let acts = [
        reset(),
        Act::Disable,
        Act::Enable,
        Act::Unlock,
        Act::Assign(held("desk", None, None)),
        Act::Withdraw { post: "desk".into() },
    ];
    for act in acts {
        let own = act.check(&known(&[]), Hand::Administrator("wang"), at(NOW));
        assert_eq!(own, Err(ActRefusal::Oneself), "{act:?}");
    }
}

#[test]
fn a_disabled_account_can_only_be_enabled_unlocked_and_lose_posts() {
    let holdings = [held("desk", None, None)];
    let disabled = Known { disabled: true, ..known(&holdings) };
    for act in [reset(), Act::Disable, Act::Assign(held("field", None, None))] {
        assert_eq!(check(act, &disabled), Err(ActRefusal::Disabled));
    }
    for act in [Act::Enable, Act::Unlock, Act::Withdraw { post: "desk".into() }] {
        assert_eq!(check(act, &disabled), Ok(()));
    }
    assert_eq!(check(Act::Enable, &known(&[])), Err(ActRefusal::NotDisabled));
    assert_eq!(check(Act::Disable, &known(&[])), Ok(()));
    let absent = Act::Withdraw { post: "field".into() };
    assert_eq!(check(absent, &disabled), Err(ActRefusal::NotHeld { post: "field".into() }));
}

#[test]
fn the_password_of_an_administrator_is_reset_at_the_machine_alone() {
    for (holding, expected) in [
        (held("desk", None, None), Ok(())),
        (held("system", None, None), Err(ActRefusal::Administers)),
        (held("audit", Some(NOW + 5), None), Err(ActRefusal::Administers)),
        (held("audit", None, Some(NOW)), Ok(())),
    ] {
        let holdings = [holding];
        assert_eq!(check(reset(), &known(&holdings)), expected, "{holdings:?}");
        assert_eq!(reset().check(&known(&holdings), Hand::Operator, at(NOW)), Ok(()));
    }
}

#[test]
fn a_post_is_of_the_profile_and_its_time_lies_ahead() {
    let assign = |holding| check(Act::Assign(holding), &known(&[]));
    assert_eq!(assign(held("nowhere", None, None)), Err(ActRefusal::UnknownPost { post: "nowhere".into() }));
    assert_eq!(assign(held("desk", Some(NOW + 9), Some(NOW + 9))), Err(ActRefusal::Interval));
    assert_eq!(assign(held("desk", Some(NOW - 9), Some(NOW))), Err(ActRefusal::Interval), "it has ended");
    assert_eq!(assign(held("desk", Some(NOW - 9), Some(NOW + 1))), Ok(()));
    assert_eq!(assign(held("desk", None, None)), Ok(()));
}

#[test]
fn no_two_administrations_and_none_with_work_at_any_instant() {
    let check = |holdings: &[Holding], wanted: Holding| check(Act::Assign(wanted), &known(holdings));
    let refused = |mixture| Err(ActRefusal::Mixture(mixture));
    assert_eq!(check(&[held("desk", None, None)], held("field", None, None)), Ok(()));
    assert_eq!(check(&[held("system", None, None)], held("security", None, None)), refused(Mixture::Two));
    assert_eq!(check(&[held("desk", None, None)], held("audit", None, None)), refused(Mixture::WithWork));
    assert_eq!(check(&[held("audit", None, None)], held("desk", None, None)), refused(Mixture::WithWork));
    // One after the other is no mixture; a day of both is.
    assert_eq!(check(&[held("desk", None, Some(200))], held("audit", Some(200), None)), Ok(()));
    assert_eq!(check(&[held("desk", None, Some(201))], held("audit", Some(200), None)), refused(Mixture::WithWork));
    assert_eq!(check(&[held("desk", Some(300), None)], held("audit", None, None)), refused(Mixture::WithWork));
    assert_eq!(check(&[held("desk", None, Some(NOW))], held("audit", Some(NOW - 50), None)), Ok(()), "over already");
    // The same post again is another validity, not a second post.
    assert_eq!(check(&[held("audit", None, None)], held("audit", None, Some(500))), Ok(()));
}

#[test]
fn a_deputy_stands_in_for_a_while_for_someone_who_holds_the_post() {
    let deputy = |until, whom: &str| Holding { stands_in_for: Some(whom.into()), ..held("desk", Some(NOW), until) };
    let theirs = held("desk", None, Some(150));
    let with = |stood_in| Known { stood_in, ..known(&[]) };
    let assign = |holding, stood_in| check(Act::Assign(holding), &with(stood_in));
    assert_eq!(assign(deputy(Some(120), "zhou"), Some(&theirs)), Ok(()));
    assert_eq!(assign(deputy(None, "zhou"), Some(&theirs)), Err(ActRefusal::StandInWithoutEnd));
    assert_eq!(assign(deputy(Some(120), "zhou"), None), Err(ActRefusal::StandInForNobody));
    assert_eq!(assign(deputy(Some(120), "wang"), Some(&theirs)), Err(ActRefusal::StandInForNobody), "for oneself");
    let late = Holding { from: Some(at(150)), ..deputy(Some(160), "zhou") };
    assert_eq!(assign(late, Some(&theirs)), Err(ActRefusal::StandInForNobody), "they hold it no longer");
}

#[test]
fn posts_given_with_an_account_go_together() {
    let check = |posts: &[&str]| {
        let posts: Vec<String> = posts.iter().map(|post| (*post).to_owned()).collect();
        check_together(&posts, &actions)
    };
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&["desk", "field"]), Ok(()));
    assert_eq!(check(&["desk", "gone"]), Err(ActRefusal::UnknownPost { post: "gone".into() }));
    assert_eq!(check(&["system", "audit"]), Err(ActRefusal::Mixture(Mixture::Two)));
    assert_eq!(check(&["desk", "audit"]), Err(ActRefusal::Mixture(Mixture::WithWork)));
}
