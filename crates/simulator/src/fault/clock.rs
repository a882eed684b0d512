//! A server's clock that jumps back and forth by hours between commands, read through the edge that serves them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use casework::Watch;
use jiff::SignedDuration;
use journal::Way;
use kernel::{Chance, Instant};
use platform::Edge;
use store::Db;

use super::{Outcome, Trial, TrialError};

/// Seconds a jump reaches at most, either way.
const FURTHEST: u64 = 6 * 3_600;

pub(super) async fn run(trial: &Trial, db: &Db) -> Result<Outcome, TrialError> {
    let jumps = Arc::new(Jumps::new(trial.chance("clock")));
    let reading = jumps.clone();
    let way = Way::under_clock(move |at| reading.read(at));
    let ran = trial.live(db, Some(Arc::new(way))).await?;
    // The clock is put right, and the timekeeper, which looks all the time, catches up with what a late clock hid from it.
    let end = trial.settings.from + SignedDuration::from_hours(24 * i64::from(trial.settings.days));
    let watch = Watch::new(trial.casework(db, None)?, trial.profile.clone());
    watch.keep_time(jumps.shown(end)).await?;
    let outcome = trial.check(db, &ran).await?;
    let state = jumps.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(outcome.hits([("back", state.back), ("forth", state.forth), ("read", state.read)]))
}

/// What the wall shows, and what the edge makes of it.
struct Jumps {
    wall: Arc<AtomicI64>,
    edge: Edge,
    state: Mutex<State>,
}

struct State {
    chance: Chance,
    /// The true time: it only goes on.
    time: Instant,
    off: SignedDuration,
    until_next: u64,
    back: u64,
    forth: u64,
    read: u64,
}

impl Jumps {
    fn new(mut chance: Chance) -> Jumps {
        let wall = Arc::new(AtomicI64::new(0));
        let shown = wall.clone();
        let edge = Edge::new(move || Instant::from_micros(shown.load(Ordering::Relaxed)), chance.split());
        let (off, time) = (SignedDuration::ZERO, Instant::from_micros(i64::MIN / 2));
        let state = Mutex::new(State { chance, time, off, until_next: 3, back: 0, forth: 0, read: 0 });
        Jumps { wall, edge, state }
    }

    /// What a command that comes at `at` is given for its instant.
    fn read(&self, at: Instant) -> Instant {
        let mut state = self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        state.time = state.time.max(at);
        state.read += 1;
        state.until_next -= 1;
        if state.until_next == 0 {
            let off = SignedDuration::from_secs(state.chance.below(2 * FURTHEST) as i64 - FURTHEST as i64);
            if off < state.off {
                state.back += 1
            } else {
                state.forth += 1
            }
            state.off = off;
            state.until_next = 1 + state.chance.below(12);
        }
        self.shown(state.time + state.off)
    }

    fn shown(&self, wall: Instant) -> Instant {
        self.wall.store(wall.micros(), Ordering::Relaxed);
        self.edge.now()
    }
}
