//! Why a command on a call is not carried out.

use kernel::{Instant, Kind, Refusal};

use super::CallClock;
use crate::case::Action;

/// Each has a text in both languages under its code and a test in docs/RULES.md.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallRefusal {
    #[error("no post of the caller allows {action}")]
    NotPermitted { action: Action },
    #[error("only a subdistrict calls")]
    NotASubdistrict,
    #[error("only the district centre may do this")]
    NotTheCentre { centre: String },
    #[error("the call is {organization}'s")]
    NotTheCaller { organization: String },
    #[error("the summons is {organization}'s")]
    NotYourSummons { organization: String },
    #[error("{command} is not possible on a call that is {state}")]
    WrongState { command: &'static str, state: &'static str },
    #[error("{command} is not possible on a summons that is {state}")]
    WrongSummonsState { command: &'static str, state: &'static str },
    #[error("no matter is called {code}")]
    UnknownMatter { code: String },
    #[error("{code} is not on the call-and-response list")]
    NotCallable { code: String },
    #[error("the place is missing")]
    PlaceMissing,
    #[error("nobody is summoned")]
    NobodySummoned,
    #[error("no organization is called {code}")]
    UnknownOrganization { code: String },
    #[error("a subdistrict does not summon itself")]
    SummonsItself,
    #[error("{organization} is named twice")]
    SummonedTwice { organization: String },
    #[error("an objection could be made until {until}")]
    ObjectionTooLate { until: Instant },
    #[error("there is no summons {no}")]
    NoSuchSummons { no: u16 },
    #[error("evidence is missing")]
    EvidenceMissing,
    #[error("{organization} has not acted yet")]
    NotAllActed { organization: String },
    #[error("the department is scored already")]
    AlreadyScored,
    #[error("a score is from 1 to {scale}, not {score}")]
    ScoreOutOfRange { score: u8, scale: u32 },
    #[error("a score of {score} needs a reason")]
    LowScoreNeedsReason { score: u8 },
    #[error("clock {clock} is not running")]
    ClockNotRunning { clock: CallClock },
    #[error("clock {clock} is due at {due} only")]
    NotYetDue { clock: CallClock, due: Instant },
    #[error("the interval is empty or ahead")]
    BadInterval,
}

impl CallRefusal {
    /// Key of the text: `call-` and the variant.
    pub fn code(&self) -> &'static str {
        match self {
            CallRefusal::NotPermitted { .. } => "call-not-permitted",
            CallRefusal::NotASubdistrict => "call-not-a-subdistrict",
            CallRefusal::NotTheCentre { .. } => "call-not-the-centre",
            CallRefusal::NotTheCaller { .. } => "call-not-the-caller",
            CallRefusal::NotYourSummons { .. } => "call-not-your-summons",
            CallRefusal::WrongState { .. } => "call-wrong-state",
            CallRefusal::WrongSummonsState { .. } => "call-wrong-summons-state",
            CallRefusal::UnknownMatter { .. } => "call-unknown-matter",
            CallRefusal::NotCallable { .. } => "call-not-callable",
            CallRefusal::PlaceMissing => "call-place-missing",
            CallRefusal::NobodySummoned => "call-nobody-summoned",
            CallRefusal::UnknownOrganization { .. } => "call-unknown-organization",
            CallRefusal::SummonsItself => "call-summons-itself",
            CallRefusal::SummonedTwice { .. } => "call-summoned-twice",
            CallRefusal::ObjectionTooLate { .. } => "call-objection-too-late",
            CallRefusal::NoSuchSummons { .. } => "call-no-such-summons",
            CallRefusal::EvidenceMissing => "call-evidence-missing",
            CallRefusal::NotAllActed { .. } => "call-not-all-acted",
            CallRefusal::AlreadyScored => "call-already-scored",
            CallRefusal::ScoreOutOfRange { .. } => "call-score-out-of-range",
            CallRefusal::LowScoreNeedsReason { .. } => "call-low-score-needs-reason",
            CallRefusal::ClockNotRunning { .. } => "call-clock-not-running",
            CallRefusal::NotYetDue { .. } => "call-not-yet-due",
            CallRefusal::BadInterval => "call-bad-interval",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            CallRefusal::NotPermitted { .. }
            | CallRefusal::NotASubdistrict
            | CallRefusal::NotTheCentre { .. }
            | CallRefusal::NotTheCaller { .. }
            | CallRefusal::NotYourSummons { .. } => Kind::Forbidden,
            CallRefusal::NoSuchSummons { .. } => Kind::NotFound,
            CallRefusal::UnknownMatter { .. }
            | CallRefusal::NotCallable { .. }
            | CallRefusal::PlaceMissing
            | CallRefusal::NobodySummoned
            | CallRefusal::UnknownOrganization { .. }
            | CallRefusal::SummonsItself
            | CallRefusal::SummonedTwice { .. }
            | CallRefusal::EvidenceMissing
            | CallRefusal::ScoreOutOfRange { .. }
            | CallRefusal::LowScoreNeedsReason { .. }
            | CallRefusal::BadInterval => Kind::Invalid,
            _ => Kind::Conflict,
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            CallRefusal::UnknownMatter { .. } | CallRefusal::NotCallable { .. } => "matter",
            CallRefusal::PlaceMissing => "place",
            CallRefusal::NobodySummoned
            | CallRefusal::UnknownOrganization { .. }
            | CallRefusal::SummonsItself
            | CallRefusal::SummonedTwice { .. } => "organizations",
            CallRefusal::NoSuchSummons { .. } => "summons",
            CallRefusal::EvidenceMissing => "evidence",
            CallRefusal::ScoreOutOfRange { .. } => "score",
            CallRefusal::LowScoreNeedsReason { .. } => "reason",
            _ => return None,
        })
    }

    pub fn refusal(&self) -> Refusal {
        let refusal = Refusal { field: self.field(), ..Refusal::new(self.kind(), self.code()) };
        match self {
            CallRefusal::NotPermitted { action } => refusal.with("action", action),
            CallRefusal::NotTheCentre { centre } => refusal.with("centre", centre),
            CallRefusal::NotTheCaller { organization }
            | CallRefusal::NotYourSummons { organization }
            | CallRefusal::SummonedTwice { organization }
            | CallRefusal::NotAllActed { organization } => refusal.with("organization", organization),
            CallRefusal::WrongState { command, state } | CallRefusal::WrongSummonsState { command, state } => {
                refusal.with("command", command).with("state", state)
            }
            CallRefusal::UnknownMatter { code }
            | CallRefusal::NotCallable { code }
            | CallRefusal::UnknownOrganization { code } => refusal.with("code", code),
            CallRefusal::ObjectionTooLate { until } => refusal.with("until", until),
            CallRefusal::NoSuchSummons { no } => refusal.with("no", no),
            CallRefusal::ScoreOutOfRange { score, scale } => refusal.with("score", score).with("scale", scale),
            CallRefusal::LowScoreNeedsReason { score } => refusal.with("score", score),
            CallRefusal::ClockNotRunning { clock } => refusal.with("clock", clock),
            CallRefusal::NotYetDue { clock, due } => refusal.with("clock", clock).with("due", due),
            _ => refusal,
        }
    }
}
