//! Counting provisional due instants again when a year's list of holidays has come (PRACTICE 5).
//!
//! Pure. A due instant that was counted through a year without a published list says so; by a calendar that has the list, it
//! is counted again as if the list had always been there. What was met stays met; what had lapsed runs again where its new due
//! instant is later; a due instant may also come to lie earlier, where the list makes a day off a working day.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kernel::{Kind, Refusal};

use crate::call::{self, Call, CallEvent};
use crate::card::{self, Card, CardEvent};
use crate::case::{self, Action, Case, CaseEvent, Context, Timer};

/// Why the clocks of a case, a call or a card are not counted again. Each has a text in both languages under its code and a
/// test in docs/RULES.md.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecountRefusal {
    #[error("no post of the caller allows {action}")]
    NotPermitted { action: Action },
    #[error("the calendar says nothing new of any open clock")]
    NothingNew,
}

impl RecountRefusal {
    /// Key of the text: `recount-` and the variant.
    pub fn code(&self) -> &'static str {
        match self {
            RecountRefusal::NotPermitted { .. } => "recount-not-permitted",
            RecountRefusal::NothingNew => "recount-nothing-new",
        }
    }

    pub fn refusal(&self) -> Refusal {
        match self {
            RecountRefusal::NotPermitted { action } => {
                Refusal::new(Kind::Forbidden, self.code()).with("action", action)
            }
            RecountRefusal::NothingNew => Refusal::new(Kind::Conflict, self.code()),
        }
    }
}

/// The years whose lists clocks were counted by, and the clocks that came out otherwise.
type Recounted<K> = (BTreeSet<i16>, Vec<(K, Timer)>);

/// Counts the provisional clocks of a case again. Who: the timekeeper.
pub fn of_case(case: &Case, cx: &Context) -> Result<case::Decided, RecountRefusal> {
    let (years, clocks) = recounted(&case.clocks, cx)?;
    Ok(case::Decided::new(cx, CaseEvent::Recounted { years }).clocks(clocks))
}

/// The same of a call.
pub fn of_call(call: &Call, cx: &Context) -> Result<call::Decided, RecountRefusal> {
    let (years, clocks) = recounted(&call.clocks, cx)?;
    Ok(call::Decided::new(cx, CallEvent::Recounted { years }).clocks(clocks))
}

/// The same of a card.
pub fn of_card(card: &Card, cx: &Context) -> Result<card::Decided, RecountRefusal> {
    let (years, clocks) = recounted(&card.clocks, cx)?;
    Ok(card::Decided::new(cx, CardEvent::Recounted { years }).clocks(clocks))
}

/// Of the open provisional clocks.
fn recounted<'c, K: Copy + 'c>(
    clocks: impl IntoIterator<Item = (&'c K, &'c Timer)>,
    cx: &Context,
) -> Result<Recounted<K>, RecountRefusal> {
    cx.require_timekeeper().map_err(|_| RecountRefusal::NotPermitted { action: Action::KeepTime })?;
    let calendar = &cx.book.calendar;
    let mut years = BTreeSet::new();
    let mut changed = Vec::new();
    for (key, timer) in clocks {
        let Some(clock) = timer.clock().filter(|clock| timer.is_open() && clock.due().provisional) else { continue };
        let again = clock.recount(calendar);
        if again.due() == clock.due() {
            continue;
        }
        let (first, last) = (calendar.date(clock.started()), calendar.date(clock.due().at.max(again.due().at)));
        years.extend(calendar.plan().published.range(first.year()..=last.year()));
        changed.push((*key, timer.moved(cx.book, again, cx.at)));
    }
    if changed.is_empty() { Err(RecountRefusal::NothingNew) } else { Ok((years, changed)) }
}
