//! The hand-over of a duty (交接班, PRACTICE 16): whoever leaves writes what is open and what to watch; the next on duty takes
//! it over.
//!
//! Pure. Who is on duty the profile's roster says. Each organization has one book of notes, one waiting at a time: whoever
//! leaves has first taken over what was waiting.

mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kernel::Instant;
use serde::{Deserialize, Serialize};

use crate::call::Duty;
use crate::case::{Action, BODY_VERSION, Context, Hand, Personal, Words};

pub use refusal::HandoverRefusal;

/// The notes of an organization; the journal stream is `handover/` and its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub organization: String,
    /// Number of facts so far.
    pub version: i64,
    /// The last note.
    pub note: Note,
}

/// A note; its words are sealed beside the fact of its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Of the fact that left it.
    pub version: i64,
    /// Who left the duty.
    pub left: Turn,
    /// Streams of what is open: the calls the organization still owes something, and what the writer named.
    pub open: BTreeSet<String>,
    /// Who took it over; none while it waits.
    pub taken: Option<Turn>,
}

/// Who, by which post, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub person: String,
    pub post: String,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandoverFact {
    pub v: u16,
    /// When it counts (`effective_at`).
    pub at: Instant,
    pub hand: Hand,
    pub event: HandoverEvent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoverEvent {
    Left { post: String, open: BTreeSet<String> },
    Taken { post: String },
}

/// A fact to append, with the personal values to seal beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub fact: HandoverFact,
    pub personal: Vec<Personal>,
}

/// Leaves a duty with a note. Who: `duty.keep`, on duty or deputy of the organization, in the shift at hand or the one before
/// it. State: no note waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    pub organization: String,
    /// Streams of cases and calls to look after, beside the calls that are open anyway.
    #[serde(default)]
    pub open: BTreeSet<String>,
    /// What to watch.
    pub words: Words,
}

/// Takes the waiting note over. Who: `duty.keep`, on duty or deputy of the organization, in the shift at hand or the next;
/// another person than who left it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeOver {
    pub organization: String,
}

/// What of a note the tables know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnRecord {
    /// Open calls to which the organization is summoned.
    pub calls: BTreeSet<String>,
    /// Streams that the writer named and that stand for nothing.
    pub unknown: BTreeSet<String>,
}

/// Names of all commands: docs/RULES.md has a row for each.
pub const NAMES: [&str; 2] = ["hand_over", "take_over"];

/// Which shift beside the one at hand counts.
#[derive(Clone, Copy)]
enum Beside {
    Before,
    After,
}

impl HandOver {
    pub fn decide(
        &self,
        book: Option<&Handover>,
        record: OnRecord,
        duty: Duty,
        cx: &Context,
    ) -> Result<Decided, HandoverRefusal> {
        let turn = on_duty(&self.organization, Beside::Before, duty, cx)?;
        if let Some(waiting) = book.map(|book| &book.note).filter(|note| note.taken.is_none()) {
            return Err(HandoverRefusal::NotTakenOver { post: waiting.left.post.clone() });
        }
        if let Some(stream) = record.unknown.into_iter().next() {
            return Err(HandoverRefusal::NotOnRecord { stream });
        }
        let open = self.open.union(&record.calls).cloned().collect();
        let mut decided = Decided::new(cx, HandoverEvent::Left { post: turn.post, open });
        decided.personal.push(Personal::new(cx.caller.hand.subject(), "words", self.words.as_str()));
        Ok(decided)
    }
}

impl TakeOver {
    pub fn decide(&self, book: Option<&Handover>, duty: Duty, cx: &Context) -> Result<Decided, HandoverRefusal> {
        let turn = on_duty(&self.organization, Beside::After, duty, cx)?;
        let waiting = book.map(|book| &book.note).filter(|note| note.taken.is_none());
        let note = waiting.ok_or(HandoverRefusal::NothingWaiting)?;
        if note.left.person == turn.person {
            return Err(HandoverRefusal::SamePerson);
        }
        Ok(Decided::new(cx, HandoverEvent::Taken { post: turn.post }))
    }
}

/// The caller's turn: a post that the roster names, as the one on duty or the deputy, in the shift at hand or the one beside it.
fn on_duty(organization: &str, beside: Beside, duty: Duty, cx: &Context) -> Result<Turn, HandoverRefusal> {
    if !cx.caller.may(Action::KeepDuty) {
        return Err(HandoverRefusal::NotPermitted { action: Action::KeepDuty });
    }
    if !cx.book.organizations.contains_key(organization) {
        return Err(HandoverRefusal::UnknownOrganization { code: organization.to_owned() });
    }
    let at = cx.effective_at();
    let not_on_duty = || HandoverRefusal::NotOnDuty { organization: organization.to_owned() };
    let Hand::Post { person, post, .. } = &cx.caller.hand else { return Err(not_on_duty()) };
    let shift = duty.on_duty(organization, at).ok_or_else(not_on_duty)?;
    let other = match beside {
        Beside::Before => duty.on_duty(organization, Instant::from_micros(shift.from.micros() - 1)),
        Beside::After => duty.on_duty(organization, shift.until),
    };
    let named = [Some(shift), other].into_iter().flatten().any(|shift| {
        let posts = [Some(shift.on_duty), shift.deputy];
        posts.into_iter().flatten().any(|one| one == post)
    });
    if named { Ok(Turn { person: person.clone(), post: post.clone(), at }) } else { Err(not_on_duty()) }
}

impl Decided {
    fn new(cx: &Context, event: HandoverEvent) -> Decided {
        let (at, hand) = (cx.effective_at(), cx.caller.hand.clone());
        Decided { fact: HandoverFact { v: BODY_VERSION, at, hand, event }, personal: Vec::new() }
    }
}

impl HandoverEvent {
    /// Kind of the fact in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            HandoverEvent::Left { .. } => "handover.left",
            HandoverEvent::Taken { .. } => "handover.taken",
        }
    }
}

impl HandoverFact {
    fn turn(&self, post: &str) -> Turn {
        let person = self.hand.person().unwrap_or_default().to_owned();
        Turn { person, post: post.to_owned(), at: self.at }
    }
}

impl Handover {
    /// The book after its first fact; none where that leaves no note.
    pub fn begin(organization: &str, fact: &HandoverFact) -> Option<Handover> {
        let HandoverEvent::Left { post, open } = &fact.event else { return None };
        let note = Note { version: 1, left: fact.turn(post), open: open.clone(), taken: None };
        Some(Handover { organization: organization.to_owned(), version: 1, note })
    }

    pub fn apply(&mut self, fact: &HandoverFact) {
        self.version += 1;
        match &fact.event {
            HandoverEvent::Left { post, open } => {
                self.note = Note { version: self.version, left: fact.turn(post), open: open.clone(), taken: None };
            }
            HandoverEvent::Taken { post } => self.note.taken = Some(fact.turn(post)),
        }
    }
}
