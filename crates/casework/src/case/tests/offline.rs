//! Acts without network, and history replayed (PRACTICE 18).

use super::*;
use crate::case::ClockKey;
use kernel::ClockState;

fn answered_at(now: &str, claimed: &str, caller: Caller) -> Scene {
    let mut scene = Scene::dispatched().at(now);
    let decided = scene.decide(&caller, Answer { assignment: 1 }.into(), Some(at(claimed))).unwrap();
    decided.iter().for_each(|one| scene.case.apply(&one.fact));
    scene
}

fn answer_clock(scene: &Scene) -> ClockState {
    scene.case.clocks[&ClockKey::Answer(1)].state()
}

#[test]
fn a_claimed_instant_within_the_lag_stops_the_clock() {
    let scene = answered_at("2026-03-02 20:00", "2026-03-02 09:50", handler());
    assert_eq!(answer_clock(&scene), ClockState::Met { at: at("2026-03-02 09:50") });
}

#[test]
fn a_claimed_instant_beyond_the_lag_or_ahead_does_not() {
    let now = at("2026-03-04 09:00");
    let late = answered_at("2026-03-04 09:00", "2026-03-02 09:50", handler());
    assert_eq!(answer_clock(&late), ClockState::Late { at: now, due: at("2026-03-02 10:00") });
    let ahead = answered_at("2026-03-02 09:50", "2026-03-02 11:00", handler());
    assert_eq!(answer_clock(&ahead), ClockState::Met { at: at("2026-03-02 09:50") });
}

#[test]
fn a_claimed_instant_before_the_clock_began_counts_from_its_start() {
    let scene = answered_at("2026-03-02 09:30", "2026-03-02 08:00", handler());
    assert_eq!(answer_clock(&scene), ClockState::Met { at: at(MORNING) });
}

#[test]
fn imported_history_counts_when_it_happened() {
    let scene = answered_at("2026-11-01 09:00", "2026-03-02 09:59", importer());
    assert_eq!(answer_clock(&scene), ClockState::Met { at: at("2026-03-02 09:59") });
}
