//! After closing: the follow-up, the exclusion panel, the sample check (PRACTICE 3, 10).

use serde::{Deserialize, Serialize};

use super::{
    Action, Case, CaseEvent, CaseRefusal, CaseState, Context, Decided, Decision, Draft, Exclusion, Outcome, Phase,
    Rater, Reopening, Sample, Visit, Words,
};

/// One attempt to reach the reporter (回访). Who: `case.follow_up` in the body that follows up, which handled no part of the
/// case. State: closed, with a question to ask and the handler's contact on record. "Not solved" reopens with the
/// shorter limit; every attempt in vain excludes the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    pub visit: Visit,
    pub words: Option<Words>,
}

/// The first person of the panel finds a demand unreasonable or impossible. Who: `case.exclude`. Evidence: a reason code
/// and the reasons in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProposeExclusion {
    pub reason: String,
    pub words: Words,
}

/// The second person agrees or not, with reasons. Who: `case.exclude`, another person than the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecideExclusion {
    pub agrees: bool,
    pub words: Words,
}

/// Checks a case settled on the spot. Who: `case.sample_check`, another person than who settled it. State: closed, with a
/// check drawn. A failed check counts and reopens the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleCheck {
    pub passed: bool,
    pub evidence: Vec<super::Evidence>,
    pub words: Option<Words>,
}

impl FollowUp {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("follow_up", &[CaseState::Closed, CaseState::Rated])?;
        cx.require(Action::FollowUp)?;
        self.must_be_independent(case, cx)?;
        self.must_be_next(case, cx)?;

        let mut draft = Draft::of(case);
        draft.push(Decided::new(cx, CaseEvent::Visited { visit: self.visit }).may_say(
            cx,
            "words",
            self.words.as_ref(),
        ));
        match self.visit {
            Visit::Reached { content: false, .. } => {
                let reopened = draft.case.reopening(Reopening::FollowUp, cx);
                draft.push(reopened);
            }
            Visit::Reached { satisfaction: Some(score), .. } if !case.has_rated(Rater::Reporter) => {
                draft.push(Decided::new(cx, CaseEvent::Rated { rater: Rater::Reporter, score, reason: None }));
            }
            Visit::Unreachable if draft.case.visits.len() >= cx.book.rules.follow_up.attempts as usize => {
                draft.push(Decided::new(cx, CaseEvent::VisitsInVain));
            }
            _ => {}
        }
        draft.done()
    }

    fn must_be_independent(&self, case: &Case, cx: &Context) -> Result<(), CaseRefusal> {
        let independent = cx.is_at(&cx.book.rules.follow_up.organization)
            && case.assignments.iter().all(|one| !cx.is_at(&one.organization));
        if independent || cx.caller.is_import() { Ok(()) } else { Err(CaseRefusal::NotIndependent) }
    }

    fn must_be_next(&self, case: &Case, cx: &Context) -> Result<(), CaseRefusal> {
        let rules = &cx.book.rules.follow_up;
        if let Visit::Reached { satisfaction: Some(score), .. } = self.visit
            && !(1..=5).contains(&score)
        {
            return Err(CaseRefusal::ScoreOutOfRange { score });
        }
        let asked = case.closed().and_then(|(closing, _)| closing.outcome.question());
        if asked.is_none() || case.was_reached() || matches!(case.exclusion, Exclusion::Excluded { .. }) {
            return Err(CaseRefusal::FollowUpOver);
        }
        if case.visits.len() >= rules.attempts as usize {
            return Err(CaseRefusal::VisitsExhausted { most: rules.attempts });
        }
        if let Some(last) = case.last_visit {
            let next = cx.book.calendar.due(last, &rules.interval).at;
            if cx.effective_at() < next {
                return Err(CaseRefusal::VisitTooSoon { next });
            }
        }
        if case.lead().is_some_and(|lead| lead.contacts == 0) {
            return Err(CaseRefusal::ContactMissing);
        }
        Ok(())
    }
}

impl ProposeExclusion {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require(Action::Exclude)?;
        if matches!(case.exclusion, Exclusion::Proposed { .. } | Exclusion::Excluded { .. }) {
            return Err(CaseRefusal::ExclusionPending);
        }
        if !cx.book.rules.exclusion_reasons.contains(&self.reason) {
            return Err(CaseRefusal::UnknownReason { reason: self.reason.clone() });
        }
        Decided::new(cx, CaseEvent::ExclusionProposed { reason: self.reason.clone() })
            .says(cx, "words", &self.words)
            .alone()
    }
}

impl DecideExclusion {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require(Action::Exclude)?;
        let Exclusion::Proposed { by, .. } = &case.exclusion else {
            return Err(CaseRefusal::NoExclusionProposed);
        };
        if by.is_some() && by.as_deref() == cx.caller.hand.person() {
            return Err(CaseRefusal::SamePerson);
        }
        Decided::new(cx, CaseEvent::ExclusionDecided { excluded: self.agrees }).says(cx, "words", &self.words).alone()
    }
}

impl SampleCheck {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("sample_check", &[CaseState::Closed, CaseState::Rated])?;
        cx.require(Action::SampleCheck)?;
        if case.sample != Sample::Drawn {
            return Err(CaseRefusal::NotSampled);
        }
        if case.registered_by.is_some() && case.registered_by.as_deref() == cx.caller.hand.person() {
            return Err(CaseRefusal::SamePerson);
        }
        if self.evidence.is_empty() {
            return Err(CaseRefusal::EvidenceMissing { kind: "photo".to_owned() });
        }
        let event = CaseEvent::SampleChecked { passed: self.passed, evidence: self.evidence.clone() };
        let mut draft = Draft::of(case);
        draft.push(Decided::new(cx, event).may_say(cx, "words", self.words.as_ref()));
        if !self.passed {
            let reopened = draft.case.reopening(Reopening::SampleCheck, cx);
            draft.push(reopened);
        }
        draft.done()
    }
}

impl Case {
    /// What the follow-up of a closed case asks.
    pub fn question(&self) -> Option<super::Question> {
        match &self.phase {
            Phase::Closed { closing, .. } | Phase::Rated { closing, .. } => Outcome::question(closing.outcome),
            _ => None,
        }
    }
}
