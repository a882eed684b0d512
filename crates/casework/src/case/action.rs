//! What a post may be allowed to do on cases, calls and cards.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One action of `roles.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Register,
    Settle,
    Accept,
    Dispatch,
    Group,
    /// Answer, pass inside, report, ask for return, extension, suspension: what an assigned department does.
    Handle,
    /// Sign as section head or leader.
    Sign,
    /// Decide on returns, extensions and suspensions.
    Review,
    Arbitrate,
    Verify,
    Close,
    Rate,
    FollowUp,
    /// Sit on the exclusion panel.
    Exclude,
    SampleCheck,
    Remind,
    Supervise,
    Escalate,
    Reopen,
    /// Record a withdrawal the reporter asked for.
    Withdraw,
    /// Deal with the city about the outer clock.
    AskCity,
    /// Enter the city's answers.
    AnswerForCity,
    /// Write letters to city bodies and enter their answers.
    Letter,
    /// Make a case confidential and name who may see.
    Confide,
    /// Raise a call, call it off, end it.
    RaiseCall,
    /// Clear a call or object to it.
    CheckCall,
    /// Answer a call, arrive, act.
    AnswerCall,
    ScoreCall,
    /// Everything the supervision office does with cards.
    IssueCard,
    /// Appeal against a card of one's own organization, report its rectification.
    AppealCard,
    DeclareOutage,
    /// Hand a duty over, take one over.
    KeepDuty,
    /// Only programs: act when an instant has come.
    KeepTime,
}

impl Action {
    pub const ALL: [Action; 33] = [
        Action::Register,
        Action::Settle,
        Action::Accept,
        Action::Dispatch,
        Action::Group,
        Action::Handle,
        Action::Sign,
        Action::Review,
        Action::Arbitrate,
        Action::Verify,
        Action::Close,
        Action::Rate,
        Action::FollowUp,
        Action::Exclude,
        Action::SampleCheck,
        Action::Remind,
        Action::Supervise,
        Action::Escalate,
        Action::Reopen,
        Action::Withdraw,
        Action::AskCity,
        Action::AnswerForCity,
        Action::Letter,
        Action::Confide,
        Action::RaiseCall,
        Action::CheckCall,
        Action::AnswerCall,
        Action::ScoreCall,
        Action::IssueCard,
        Action::AppealCard,
        Action::DeclareOutage,
        Action::KeepDuty,
        Action::KeepTime,
    ];

    /// As in `roles.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Action::Register => "case.register",
            Action::Settle => "case.settle",
            Action::Accept => "case.accept",
            Action::Dispatch => "case.dispatch",
            Action::Group => "case.group",
            Action::Handle => "case.handle",
            Action::Sign => "case.sign",
            Action::Review => "case.review",
            Action::Arbitrate => "case.arbitrate",
            Action::Verify => "case.verify",
            Action::Close => "case.close",
            Action::Rate => "case.rate",
            Action::FollowUp => "case.follow_up",
            Action::Exclude => "case.exclude",
            Action::SampleCheck => "case.sample_check",
            Action::Remind => "case.remind",
            Action::Supervise => "case.supervise",
            Action::Escalate => "case.escalate",
            Action::Reopen => "case.reopen",
            Action::Withdraw => "case.withdraw",
            Action::AskCity => "case.ask_city",
            Action::AnswerForCity => "case.answer_for_city",
            Action::Letter => "case.letter",
            Action::Confide => "case.confide",
            Action::RaiseCall => "call.raise",
            Action::CheckCall => "call.check",
            Action::AnswerCall => "call.answer",
            Action::ScoreCall => "call.score",
            Action::IssueCard => "card.issue",
            Action::AppealCard => "card.appeal",
            Action::DeclareOutage => "outage.declare",
            Action::KeepDuty => "duty.keep",
            Action::KeepTime => "case.keep_time",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name in `roles.toml` that is no action here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no action of casework is called {0}")]
pub struct UnknownAction(String);

impl FromStr for Action {
    type Err = UnknownAction;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Action::ALL.into_iter().find(|action| action.name() == name).ok_or_else(|| UnknownAction(name.to_owned()))
    }
}
