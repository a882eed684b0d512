//! Dealings with the city: the outer clock of hotline orders and letters to city bodies (PRACTICE 4, 14).

use kernel::Instant;
use serde::{Deserialize, Serialize};

use super::{Action, Case, CaseEvent, CaseRefusal, ClockKey, Context, Decided, Decision, OuterRequest, Timer, Words};

/// Asks the city for return, extension, or to call a demand unreasonable. Who: `case.ask_city` at the desk. State: the case
/// has an order of the city and no such request is open. The outer clock runs on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskCity {
    pub request: OuterRequest,
    pub reason: Words,
}

/// Enters the city's answer; granted, it changes the outer clock. Who: `case.answer_for_city`, the connected system or a
/// post that speaks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerForCity {
    pub granted: bool,
    pub words: Option<Words>,
}

/// Writes to a city body about what the district cannot solve (绿色通道). Who: `case.letter` at the desk. Evidence: number,
/// body, and the district leader who answers for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendLetter {
    pub number: String,
    pub body: String,
    /// Key of the post that signs, as the profile names it.
    pub leader: String,
    /// When an answer is due: shown, not scored.
    pub due: Option<Instant>,
    pub words: Words,
}

/// Enters the answer of a body that has no account here. Who: `case.letter` at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerLetter {
    pub letter: u16,
    pub words: Words,
}

impl AskCity {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_desk(case, Action::AskCity)?;
        let outer = case.outer.as_ref().ok_or(CaseRefusal::NoOuterOrder)?;
        if outer.pending.is_some() {
            return Err(CaseRefusal::RequestPending);
        }
        let at = cx.effective_at();
        let due = case.clocks.get(&ClockKey::Outer).map(Timer::due_at);
        if let OuterRequest::Extension { until } = self.request
            && (until <= at || due.is_some_and(|due| until <= due))
        {
            return Err(CaseRefusal::EndsTooEarly { at: due.unwrap_or(at) });
        }
        Decided::new(cx, CaseEvent::CityAsked { request: self.request }).says(cx, "reason", &self.reason).alone()
    }
}

impl AnswerForCity {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require(Action::AnswerForCity)?;
        let outer = case.outer.as_ref().ok_or(CaseRefusal::NoOuterOrder)?;
        let request = outer.pending.ok_or(CaseRefusal::NothingToReview)?;
        let at = cx.effective_at();
        let timer = case.clocks.get(&ClockKey::Outer).filter(|timer| timer.is_open() && self.granted);
        let changed = timer.map(|timer| match request {
            OuterRequest::Extension { until } => Timer::until(&timer.holder, timer.started(), until),
            OuterRequest::Return | OuterRequest::Unreasonable => timer.cancelled(at),
        });
        Decided::new(cx, CaseEvent::CityAnswered { granted: self.granted })
            .clock(ClockKey::Outer, changed)
            .may_say(cx, "words", self.words.as_ref())
            .alone()
    }
}

impl SendLetter {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_desk(case, Action::Letter)?;
        if self.number.trim().is_empty() {
            return Err(CaseRefusal::EvidenceMissing { kind: "number".to_owned() });
        }
        if case.letters.iter().any(|letter| letter.number == self.number) {
            return Err(CaseRefusal::LetterExists { number: self.number.clone() });
        }
        if !cx.book.organizations.contains_key(&self.body) {
            return Err(CaseRefusal::UnknownOrganization { code: self.body.clone() });
        }
        let leader = &cx.book.rules.letter_leader;
        if self.leader != *leader {
            return Err(CaseRefusal::NotTheLeader { leader: leader.clone() });
        }
        let at = cx.effective_at();
        if self.due.is_some_and(|due| due <= at) {
            return Err(CaseRefusal::EndsTooEarly { at });
        }
        let no = case.letters.len() as u16 + 1;
        let (number, body) = (self.number.clone(), self.body.clone());
        Decided::new(cx, CaseEvent::LetterSent { letter: no, number, body, leader: self.leader.clone() })
            .clock(ClockKey::Letter(no), self.due.map(|due| Timer::until(&self.body, at, due)))
            .says(cx, "words", &self.words)
            .alone()
    }
}

impl AnswerLetter {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_desk(case, Action::Letter)?;
        let open = case.letters.iter().find(|letter| letter.no == self.letter && letter.answered_at.is_none());
        let letter = open.ok_or(CaseRefusal::NoOpenLetter { no: self.letter })?;
        Decided::new(cx, CaseEvent::LetterAnswered { letter: letter.no })
            .clocks(case.stopping(ClockKey::Letter(letter.no), cx.effective_at()))
            .says(cx, "words", &self.words)
            .alone()
    }
}
