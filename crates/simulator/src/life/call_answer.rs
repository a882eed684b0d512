//! What a summoned department does: answers, arrives, acts, by its habit and by whom the ring reaches.

use casework::call::{Act, Answer, Arrive, CallClock, Command, Summons, SummonsState};
use casework::case::{Action, Caller, Evidence, Timer};
use jiff::SignedDuration;
use kernel::{Chance, Instant};

use super::call::Turn;
use crate::lives::Step;
use crate::story::Habit;
use crate::words::words;

/// How a department takes a call. Drawn once a summons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Temper {
    Prompt,
    Late,
    /// Comes without saying so first.
    Straight,
    /// Answers and never comes.
    Promising,
    /// Is heard of never.
    Absent,
}

impl Temper {
    /// Shares are a sample.
    fn draw(habit: Habit, chance: &mut Chance) -> Temper {
        let (prompt, late, straight, promising) = match habit {
            Habit::Fast => (97, 1, 2, 0),
            Habit::Steady => (92, 3, 3, 1),
            Habit::Slow => (78, 14, 4, 2),
            Habit::Forgetful => (72, 12, 3, 6),
            Habit::Returning => (84, 5, 5, 3),
            Habit::Careless => (82, 6, 7, 3),
        };
        match chance.below(100) {
            share if share < prompt => Temper::Prompt,
            share if share < prompt + late => Temper::Late,
            share if share < prompt + late + straight => Temper::Straight,
            share if share < prompt + late + straight + promising => Temper::Promising,
            _ => Temper::Absent,
        }
    }
}

/// The next act of a summoned department, where one comes. It was rung from `since` on.
pub(super) fn next(turn: &Turn, summons: &Summons, since: Instant) -> Option<Step> {
    let no = summons.no;
    let temper = Temper::draw(turn.town.habit(&summons.organization), &mut turn.dice(&format!("temper/{no}")));
    let mut chance = turn.dice(&format!("{}/{no}", summons.state_name()));
    match (summons.state, temper) {
        (SummonsState::Rung, Temper::Absent) => None,
        (SummonsState::Rung, Temper::Straight) => {
            let at = within(turn, CallClock::Arrive(no), since, temper, &mut chance);
            turn.step(at, who(turn, summons, &mut chance), Command::Arrive(Arrive { summons: no }))
        }
        (SummonsState::Rung, _) => {
            let at = within(turn, CallClock::Answer(no), since, temper, &mut chance);
            let said = chance.happens(0.5).then(|| words("收到,马上到场。"));
            turn.step(at, who(turn, summons, &mut chance), Command::Answer(Answer { summons: no, words: said }))
        }
        (SummonsState::Answered, Temper::Promising) => None,
        (SummonsState::Answered, _) => {
            let answered = summons.answered_at.unwrap_or(since) + SignedDuration::from_secs(120);
            let at = within(turn, CallClock::Arrive(no), since, temper, &mut chance).max(answered);
            turn.step(at, who(turn, summons, &mut chance), Command::Arrive(Arrive { summons: no }))
        }
        (SummonsState::Arrived, _) => {
            let at = summons.arrived_at.unwrap_or(since) + SignedDuration::from_mins(10 + chance.below(80) as i64);
            let act = Act { summons: no, evidence: vec![Evidence::of("photo")], words: words("已现场处置。") };
            turn.step(at, who(turn, summons, &mut chance), Command::Act(act))
        }
        (SummonsState::Waiting | SummonsState::Acted { .. } | SummonsState::Released, _) => None,
    }
}

/// Within a clock's time, or some time after it; where there is no clock, within an hour and a half.
fn within(turn: &Turn, clock: CallClock, since: Instant, temper: Temper, chance: &mut Chance) -> Instant {
    match turn.call.clocks.get(&clock).and_then(Timer::clock) {
        Some(clock) if temper == Temper::Late => {
            clock.due().at + SignedDuration::from_secs(60 + chance.below(5_400) as i64)
        }
        Some(clock) => clock.at_share(&turn.town.profile.calendar, 5 + chance.below(80) as u8),
        None => since + SignedDuration::from_secs(600 + chance.below(4_800) as i64),
    }
}

/// Whoever was rung last and is of the department; else whoever of it may answer.
fn who<'a>(turn: &Turn<'a>, summons: &Summons, chance: &mut Chance) -> Option<&'a Caller> {
    let own = |caller: &&Caller| {
        let organization = caller.hand.organization().unwrap_or_default();
        caller.may(Action::AnswerCall) && turn.town.book.is_under(organization, &summons.organization)
    };
    let rung = summons.rung.iter().rev().filter_map(|post| turn.town.cast.post(post)).find(own);
    rung.or_else(|| turn.town.cast.of_organization(&summons.organization, Action::AnswerCall, chance))
}
