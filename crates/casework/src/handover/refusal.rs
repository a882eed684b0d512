//! Why a duty is not handed over.

use kernel::{Kind, Refusal};

use crate::case::Action;

/// Each has a text in both languages under its code and a test in docs/RULES.md.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandoverRefusal {
    #[error("no post of the caller allows {action}")]
    NotPermitted { action: Action },
    #[error("no organization is called {code}")]
    UnknownOrganization { code: String },
    #[error("the roster of {organization} does not name the caller's post now")]
    NotOnDuty { organization: String },
    #[error("the note of {post} has not been taken over")]
    NotTakenOver { post: String },
    #[error("{stream} is neither a case nor a call")]
    NotOnRecord { stream: String },
    #[error("no note is waiting")]
    NothingWaiting,
    #[error("another person must take the note over")]
    SamePerson,
}

impl HandoverRefusal {
    /// Key of the text: `handover-` and the variant.
    pub fn code(&self) -> &'static str {
        match self {
            HandoverRefusal::NotPermitted { .. } => "handover-not-permitted",
            HandoverRefusal::UnknownOrganization { .. } => "handover-unknown-organization",
            HandoverRefusal::NotOnDuty { .. } => "handover-not-on-duty",
            HandoverRefusal::NotTakenOver { .. } => "handover-not-taken-over",
            HandoverRefusal::NotOnRecord { .. } => "handover-not-on-record",
            HandoverRefusal::NothingWaiting => "handover-nothing-waiting",
            HandoverRefusal::SamePerson => "handover-same-person",
        }
    }

    pub fn refusal(&self) -> Refusal {
        let code = self.code();
        match self {
            HandoverRefusal::NotPermitted { action } => Refusal::new(Kind::Forbidden, code).with("action", action),
            HandoverRefusal::UnknownOrganization { code: organization } => {
                Refusal::invalid("organization", code).with("code", organization)
            }
            HandoverRefusal::NotOnDuty { organization } => {
                Refusal::new(Kind::Forbidden, code).with("organization", organization)
            }
            HandoverRefusal::NotTakenOver { post } => Refusal::new(Kind::Conflict, code).with("post", post),
            HandoverRefusal::NotOnRecord { stream } => Refusal::invalid("open", code).with("stream", stream),
            HandoverRefusal::NothingWaiting => Refusal::new(Kind::Conflict, code),
            HandoverRefusal::SamePerson => Refusal::new(Kind::Forbidden, code),
        }
    }
}
