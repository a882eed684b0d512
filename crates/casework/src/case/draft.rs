//! Facts in the making.

use super::{BODY_VERSION, Case, CaseEvent, CaseFact, ClockKey, Context, Decision, Personal, Timer, Words};

/// A fact to append, with the personal values to seal beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub fact: CaseFact,
    pub personal: Vec<Personal>,
}

impl Decided {
    pub(crate) fn new(cx: &Context, event: CaseEvent) -> Decided {
        let fact = CaseFact {
            v: BODY_VERSION,
            at: cx.effective_at(),
            hand: cx.caller.hand.clone(),
            event,
            clocks: Vec::new(),
        };
        Decided { fact, personal: Vec::new() }
    }

    pub(crate) fn clock(mut self, key: ClockKey, timer: impl Into<Option<Timer>>) -> Decided {
        if let Some(timer) = timer.into() {
            self.fact.clocks.push((key, timer));
        }
        self
    }

    pub(crate) fn clocks(mut self, clocks: impl IntoIterator<Item = (ClockKey, Timer)>) -> Decided {
        self.fact.clocks.extend(clocks);
        self
    }

    /// Seals free text under the key of the caller who wrote it.
    pub(crate) fn says(self, cx: &Context, field: &'static str, words: &Words) -> Decided {
        self.sealed(Personal::new(cx.caller.hand.subject(), field, words.as_str()))
    }

    pub(crate) fn may_say(self, cx: &Context, field: &'static str, words: Option<&Words>) -> Decided {
        match words {
            Some(words) => self.says(cx, field, words),
            None => self,
        }
    }

    pub(crate) fn sealed(mut self, personal: Personal) -> Decided {
        self.personal.push(personal);
        self
    }

    pub(crate) fn alone(self) -> Decision {
        Ok(vec![self])
    }
}

/// Several facts of one command: each is decided on the case as the ones before it left it.
pub(crate) struct Draft {
    pub case: Case,
    decided: Vec<Decided>,
}

impl Draft {
    pub fn of(case: &Case) -> Draft {
        Draft { case: case.clone(), decided: Vec::new() }
    }

    pub fn push(&mut self, decided: Decided) {
        self.case.apply(&decided.fact);
        self.decided.push(decided);
    }

    pub fn done(self) -> Decision {
        Ok(self.decided)
    }
}
