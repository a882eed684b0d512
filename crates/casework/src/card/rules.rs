//! When a card is proposed, by the profile's rules.

use district::Stage;
use district::cards::{CardRule, Cards, Colour, Ground, Window};
use kernel::{Calendar, Instant};

/// Something that may earn a card.
#[derive(Clone, Debug, PartialEq)]
pub enum Occurrence<'a> {
    /// A clock ran out, for the `times`-th time on this case or call.
    Lapse {
        stage: Stage,
        times: u32,
    },
    ReturnRejected {
        times: u32,
    },
    /// The `times`-th rework of the same case.
    Rework {
        times: u32,
    },
    FalseReport {
        times: u32,
    },
    /// A yellow card issued at `issued` whose ground is still there at `now`.
    YellowUnanswered {
        issued: Instant,
        now: Instant,
    },
    /// An organization's yellow cards that stand, the newest last.
    YellowRepeated {
        issued: &'a [Instant],
    },
}

/// The colour of the first rule that matches; none where none does.
pub fn colour_for(cards: &Cards, calendar: &Calendar, what: &Occurrence) -> Option<Colour> {
    cards.rule.iter().find(|rule| matches(rule, calendar, what)).map(|rule| rule.colour)
}

fn matches(rule: &CardRule, calendar: &Calendar, what: &Occurrence) -> bool {
    match (rule.ground, what) {
        (Ground::Lapse, Occurrence::Lapse { stage, times }) => {
            (rule.stages.is_empty() || rule.stages.contains(stage)) && *times >= rule.count
        }
        (Ground::ReturnRejected, Occurrence::ReturnRejected { times })
        | (Ground::ReworkRepeated, Occurrence::Rework { times })
        | (Ground::FalseReport, Occurrence::FalseReport { times }) => *times >= rule.count,
        (Ground::YellowUnanswered, Occurrence::YellowUnanswered { issued, now }) => {
            rule.after.is_none_or(|after| *now > calendar.due(*issued, &after).at)
        }
        (Ground::YellowRepeated, Occurrence::YellowRepeated { issued }) => {
            // Every full `count` of yellow cards makes one red: the third of two does not, the fourth does.
            let count = in_window(rule, calendar, issued);
            count > 0 && count.is_multiple_of(rule.count.max(1) as usize)
        }
        _ => false,
    }
}

/// Whether a yellow card issued at `at` counts towards the red one that the card issued at `newest` may make.
pub fn counts_with(cards: &Cards, calendar: &Calendar, newest: Instant, at: Instant) -> bool {
    cards.rule.iter().any(|rule| rule.ground == Ground::YellowRepeated && within(rule, calendar, newest, at))
}

/// How many of the cards lie in the window that ends with the newest.
fn in_window(rule: &CardRule, calendar: &Calendar, issued: &[Instant]) -> usize {
    let Some(newest) = issued.last() else { return 0 };
    issued.iter().filter(|at| within(rule, calendar, *newest, **at)).count()
}

fn within(rule: &CardRule, calendar: &Calendar, newest: Instant, at: Instant) -> bool {
    let month = |at: Instant| {
        let date = calendar.date(at);
        (date.year(), date.month())
    };
    match rule.window {
        Some(Window::CalendarMonth) => month(at) == month(newest),
        Some(Window::Last(limit)) => calendar.due(at, &limit).at >= newest,
        None => true,
    }
}
