//! Clocks against the second implementation of the calendar.

use casework::case::{Counted, Timer};
use kernel::{CalendarPlan, ClockState, Instant, second};

use super::Violation;

/// A clock as a fact left it.
pub(super) struct Question {
    pub stream: String,
    pub version: i64,
    pub key: String,
    pub timer: Timer,
    /// Its due instant was worked out for an earlier fact; only its state is new.
    pub counted_before: bool,
}

/// Whether two states of a clock have one due instant by what goes into it.
pub(super) fn counts_alike(before: &Timer, after: &Timer) -> bool {
    match (before.clock(), after.clock()) {
        (Some(before), Some(after)) => {
            before.started() == after.started()
                && before.limit() == after.limit()
                && before.legal() == after.legal()
                && before.extensions() == after.extensions()
                && before.excluded() == after.excluded()
                && before.due() == after.due()
        }
        _ => false,
    }
}

/// Works out every due instant again, on all processors.
pub(super) async fn answer(plan: CalendarPlan, questions: Vec<Question>) -> Vec<Violation> {
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
    let mut parts: Vec<Vec<Question>> = (0..processors).map(|_| Vec::new()).collect();
    for (place, question) in questions.into_iter().enumerate() {
        parts[place % processors].push(question);
    }
    let work = |part: Vec<Question>| {
        let plan = plan.clone();
        tokio::task::spawn_blocking(move || part.iter().filter_map(|one| violation(&plan, one)).collect::<Vec<_>>())
    };
    let mut violations = Vec::new();
    for part in parts.into_iter().map(work).collect::<Vec<_>>() {
        violations.extend(part.await.expect("the second calendar takes every plan that the first takes"));
    }
    violations
}

fn violation(plan: &CalendarPlan, question: &Question) -> Option<Violation> {
    let (stream, version, clock) = (question.stream.clone(), question.version, question.key.clone());
    if let (Counted::Limit(counted), false) = (&question.timer.counted, question.counted_before) {
        let expected = second::due_of(plan, counted);
        if expected != counted.due() {
            let (found, expected) = (format!("{:?}", counted.due()), format!("{expected:?}"));
            return Some(Violation::Clock { stream, version, clock, found, expected });
        }
    }
    let state = question.timer.state();
    let fits = fits(state, question.timer.due_at());
    (!fits).then(|| Violation::ClockState { stream, version, clock, state: format!("{state:?}") })
}

/// Whether a clock may stand so, by its due instant alone.
fn fits(state: ClockState, due: Instant) -> bool {
    match state {
        ClockState::Running | ClockState::Cancelled { .. } => true,
        ClockState::Lapsed { since } => since == due,
        ClockState::Met { at } => at <= due,
        ClockState::Late { at, due: missed } => at > due && missed == due,
    }
}
