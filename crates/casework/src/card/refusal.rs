//! Why a command on a card is not carried out.

use kernel::{Instant, Kind, Refusal};

use super::CardClock;
use crate::case::Action;

/// Each has a text in both languages under its code and a test in docs/RULES.md.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CardRefusal {
    #[error("no post of the caller allows {action}")]
    NotPermitted { action: Action },
    #[error("only the supervision office may do this")]
    NotTheOffice { office: String },
    #[error("the card is {organization}'s")]
    NotYourCard { organization: String },
    #[error("{command} is not possible on a card that is {state}")]
    WrongState { command: &'static str, state: &'static str },
    #[error("a card needs evidence")]
    EvidenceMissing,
    #[error("the card is proposed already")]
    AlreadyProposed,
    #[error("no organization is called {code}")]
    UnknownOrganization { code: String },
    #[error("an appeal could be made until {until}")]
    AppealWindowOver { until: Instant },
    #[error("another person must decide the appeal")]
    SamePerson,
    #[error("only a red card brings a talk and a rectification")]
    NotRed,
    #[error("no rectification is reported")]
    NotRectified,
    #[error("the talk has not been held")]
    TalkMissing,
    #[error("clock {} is due at {due} only", .clock.name())]
    NotYetDue { clock: CardClock, due: Instant },
    #[error("clock {} is not running", .clock.name())]
    ClockNotRunning { clock: CardClock },
    #[error("the interval is empty or not over yet")]
    BadInterval,
}

impl CardRefusal {
    /// Key of the text: `card-` and the variant.
    pub fn code(&self) -> &'static str {
        match self {
            CardRefusal::NotPermitted { .. } => "card-not-permitted",
            CardRefusal::NotTheOffice { .. } => "card-not-the-office",
            CardRefusal::NotYourCard { .. } => "card-not-your-card",
            CardRefusal::WrongState { .. } => "card-wrong-state",
            CardRefusal::EvidenceMissing => "card-evidence-missing",
            CardRefusal::AlreadyProposed => "card-already-proposed",
            CardRefusal::UnknownOrganization { .. } => "card-unknown-organization",
            CardRefusal::AppealWindowOver { .. } => "card-appeal-window-over",
            CardRefusal::SamePerson => "card-same-person",
            CardRefusal::NotRed => "card-not-red",
            CardRefusal::NotRectified => "card-not-rectified",
            CardRefusal::TalkMissing => "card-talk-missing",
            CardRefusal::NotYetDue { .. } => "card-not-yet-due",
            CardRefusal::ClockNotRunning { .. } => "card-clock-not-running",
            CardRefusal::BadInterval => "card-bad-interval",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            CardRefusal::NotPermitted { .. }
            | CardRefusal::NotTheOffice { .. }
            | CardRefusal::NotYourCard { .. }
            | CardRefusal::SamePerson => Kind::Forbidden,
            CardRefusal::EvidenceMissing | CardRefusal::UnknownOrganization { .. } | CardRefusal::BadInterval => {
                Kind::Invalid
            }
            _ => Kind::Conflict,
        }
    }

    pub fn refusal(&self) -> Refusal {
        let mut refusal = Refusal::new(self.kind(), self.code());
        refusal.field = match self {
            CardRefusal::EvidenceMissing => Some("evidence"),
            CardRefusal::UnknownOrganization { .. } => Some("organization"),
            _ => None,
        };
        match self {
            CardRefusal::NotPermitted { action } => refusal.with("action", action),
            CardRefusal::NotTheOffice { office } => refusal.with("office", office),
            CardRefusal::NotYourCard { organization } => refusal.with("organization", organization),
            CardRefusal::WrongState { command, state } => refusal.with("command", command).with("state", state),
            CardRefusal::UnknownOrganization { code } => refusal.with("code", code),
            CardRefusal::AppealWindowOver { until } => refusal.with("until", until),
            CardRefusal::NotYetDue { clock, due } => refusal.with("clock", clock.name()).with("due", due),
            CardRefusal::ClockNotRunning { clock } => refusal.with("clock", clock.name()),
            _ => refusal,
        }
    }
}
