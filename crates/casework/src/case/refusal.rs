//! Why a command on a case is not carried out.

use kernel::{Instant, Kind, Refusal};

use super::{Action, CaseId, CaseState, ClockKey, Instruction};

/// Every way casework says no. Each has a text in both languages under its code and a test in docs/RULES.md.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CaseRefusal {
    #[error("{command} is not possible in state {}", .state.name())]
    WrongState { command: &'static str, state: CaseState },
    #[error("{command} is not possible on an assignment that is {state}")]
    WrongAssignmentState { command: &'static str, state: &'static str },
    #[error("no post of the caller allows {action}")]
    NotPermitted { action: Action },
    #[error("the case is at desk {desk}")]
    NotAtDesk { desk: String },
    #[error("the assignment is {organization}'s")]
    NotYourAssignment { organization: String },
    #[error("the step is with {holder}")]
    NotYourStep { holder: String },
    #[error("only the reporter may do this")]
    NotTheReporter,
    #[error("another person must do this")]
    SamePerson,
    #[error("an organization that is not the handler must do this")]
    NotIndependent,
    #[error("there is no assignment {no}")]
    NoSuchAssignment { no: u16 },
    #[error("the text is missing")]
    WordsMissing,
    #[error("the text has {length} characters, more than {longest}")]
    WordsTooLong { length: usize, longest: usize },
    #[error("evidence is missing: {kind}")]
    EvidenceMissing { kind: String },

    #[error("a state secret is declared")]
    SecretDeclared { instruction: Instruction },
    #[error("the text holds a phrase of the secrets list")]
    SecretSuspected { instruction: Instruction },
    #[error("no matter is called {code}")]
    UnknownMatter { code: String },
    #[error("the case has no matter yet")]
    MatterMissing,
    #[error("the point is {metres} m outside the district, bearing {bearing}°")]
    OutsideDistrict { metres: u64, bearing: u16 },
    #[error("{code} may not be settled on the spot")]
    NotOnTheSpot { code: String },

    #[error("no organization is called {code}")]
    UnknownOrganization { code: String },
    #[error("{organization} is on the case already")]
    AlreadyAssigned { organization: String },
    #[error("the case is worked on under another")]
    WorkedOnElsewhere { head: CaseId },
    #[error("nobody is named to dispatch to")]
    NobodyToDispatchTo,
    #[error("{organization} is not above the desk")]
    NotAbove { organization: String },

    #[error("{organization} does not belong to the assigned organization")]
    NotInside { organization: String },
    #[error("{to} is not the next step")]
    StepSkipped { to: &'static str },
    #[error("the work is not at the step that reports")]
    NotAtHandler,
    #[error("no signature is due")]
    NoSignatureDue,

    #[error("a request is under review")]
    RequestPending,
    #[error("no such request is under review")]
    NothingToReview,
    #[error("a return could be asked for until {until}")]
    ReturnWindowOver { until: Instant },
    #[error("{most} returns were asked for already")]
    ReturnsExhausted { most: u8 },
    #[error("the unit was named by arbitration")]
    Binding,
    #[error("the legal basis is missing")]
    BasisMissing,
    #[error("a return cannot suggest the unit that returns")]
    SuggestsItself,
    #[error("the returns are not exhausted")]
    ArbitrationTooEarly,
    #[error("{organization} may not arbitrate")]
    NotAnArbitrator { organization: String },

    #[error("{reason} is no reason of the profile's list")]
    UnknownReason { reason: String },
    #[error("{most} extensions were granted already")]
    ExtensionsExhausted { most: u8 },
    #[error("the clock ran out at {due}")]
    PastDue { due: Instant },
    #[error("the longest is until {longest}")]
    TooLong { longest: Instant },
    #[error("the end lies before {at}")]
    EndsTooEarly { at: Instant },
    #[error("it is not suspended")]
    NotSuspended,
    #[error("it is suspended")]
    Suspended,
    #[error("there is no clock of handling")]
    NoClock,

    #[error("the case is grouped already")]
    AlreadyGrouped,
    #[error("a case cannot be grouped under itself")]
    GroupedUnderItself,
    #[error("the other case is itself grouped under another")]
    HeadIsMember,
    #[error("a confidential case is not grouped")]
    ConfidentialStaysAlone,
    #[error("the case is not grouped")]
    NotGrouped,
    #[error("the case it is grouped under is not closed")]
    HeadStillOpen,

    #[error("nothing was reported as done that could be worked again")]
    NothingToRework,
    #[error("a promise needs a due instant ahead")]
    PromiseInThePast,
    #[error("there is no open promise")]
    NoPromise,
    #[error("a score is from 1 to 5, not {score}")]
    ScoreOutOfRange { score: u8 },
    #[error("a score of {score} needs a reason")]
    LowScoreNeedsReason { score: u8 },
    #[error("this rater has rated")]
    AlreadyRated,
    #[error("the case could be reopened until {until}")]
    ReopeningWindowOver { until: Instant },

    #[error("no check was drawn")]
    NotSampled,
    #[error("{most} attempts were made")]
    VisitsExhausted { most: u8 },
    #[error("the next attempt is due at {next}")]
    VisitTooSoon { next: Instant },
    #[error("the follow-up has ended")]
    FollowUpOver,
    #[error("the handler's contact is not on record")]
    ContactMissing,
    #[error("an exclusion is proposed")]
    ExclusionPending,
    #[error("no exclusion is proposed")]
    NoExclusionProposed,

    #[error("the case has no order of the city")]
    NoOuterOrder,
    #[error("no letter {no} waits for an answer")]
    NoOpenLetter { no: u16 },
    #[error("letter {number} exists")]
    LetterExists { number: String },
    #[error("letters are signed by {leader}")]
    NotTheLeader { leader: String },
    #[error("no supervision order {no} is open")]
    NoOpenSupervision { no: u16 },
    #[error("only the supervision office issues orders")]
    NotTheSupervisor { office: String },

    #[error("clock {key} is not running")]
    ClockNotRunning { key: ClockKey },
    #[error("clock {key} is due at {due} only")]
    NotYetDue { key: ClockKey, due: Instant },
    #[error("the interval is empty or ahead")]
    BadInterval,
    #[error("nothing is corrected")]
    NothingToCorrect,
    #[error("nobody is named who may see")]
    NobodyNamed,
    #[error("the caller is not among those named")]
    NotNamed,
    #[error("{organization} is complained of or above it")]
    ComplainedOf { organization: String },
}

impl CaseRefusal {
    /// Key of the text: `case-` and the variant.
    pub fn code(&self) -> &'static str {
        match self {
            CaseRefusal::WrongState { .. } => "case-wrong-state",
            CaseRefusal::WrongAssignmentState { .. } => "case-wrong-assignment-state",
            CaseRefusal::NotPermitted { .. } => "case-not-permitted",
            CaseRefusal::NotAtDesk { .. } => "case-not-at-desk",
            CaseRefusal::NotYourAssignment { .. } => "case-not-your-assignment",
            CaseRefusal::NotYourStep { .. } => "case-not-your-step",
            CaseRefusal::NotTheReporter => "case-not-the-reporter",
            CaseRefusal::SamePerson => "case-same-person",
            CaseRefusal::NotIndependent => "case-not-independent",
            CaseRefusal::NoSuchAssignment { .. } => "case-no-such-assignment",
            CaseRefusal::WordsMissing => "case-words-missing",
            CaseRefusal::WordsTooLong { .. } => "case-words-too-long",
            CaseRefusal::EvidenceMissing { .. } => "case-evidence-missing",
            CaseRefusal::SecretDeclared { .. } => "case-secret-declared",
            CaseRefusal::SecretSuspected { .. } => "case-secret-suspected",
            CaseRefusal::UnknownMatter { .. } => "case-unknown-matter",
            CaseRefusal::MatterMissing => "case-matter-missing",
            CaseRefusal::OutsideDistrict { .. } => "case-outside-district",
            CaseRefusal::NotOnTheSpot { .. } => "case-not-on-the-spot",
            CaseRefusal::NothingToCorrect => "case-nothing-to-correct",
            CaseRefusal::UnknownOrganization { .. } => "case-unknown-organization",
            CaseRefusal::AlreadyAssigned { .. } => "case-already-assigned",
            CaseRefusal::WorkedOnElsewhere { .. } => "case-worked-on-elsewhere",
            CaseRefusal::NobodyToDispatchTo => "case-nobody-to-dispatch-to",
            CaseRefusal::NotAbove { .. } => "case-not-above",
            CaseRefusal::NotInside { .. } => "case-not-inside",
            CaseRefusal::StepSkipped { .. } => "case-step-skipped",
            CaseRefusal::NotAtHandler => "case-not-at-handler",
            CaseRefusal::NoSignatureDue => "case-no-signature-due",
            CaseRefusal::RequestPending => "case-request-pending",
            CaseRefusal::NothingToReview => "case-nothing-to-review",
            CaseRefusal::ReturnWindowOver { .. } => "case-return-window-over",
            CaseRefusal::ReturnsExhausted { .. } => "case-returns-exhausted",
            CaseRefusal::Binding => "case-binding",
            CaseRefusal::BasisMissing => "case-basis-missing",
            CaseRefusal::SuggestsItself => "case-suggests-itself",
            CaseRefusal::ArbitrationTooEarly => "case-arbitration-too-early",
            CaseRefusal::NotAnArbitrator { .. } => "case-not-an-arbitrator",
            CaseRefusal::UnknownReason { .. } => "case-unknown-reason",
            CaseRefusal::ExtensionsExhausted { .. } => "case-extensions-exhausted",
            CaseRefusal::PastDue { .. } => "case-past-due",
            CaseRefusal::TooLong { .. } => "case-too-long",
            CaseRefusal::EndsTooEarly { .. } => "case-ends-too-early",
            CaseRefusal::NotSuspended => "case-not-suspended",
            CaseRefusal::Suspended => "case-suspended",
            CaseRefusal::NoClock => "case-no-clock",
            CaseRefusal::AlreadyGrouped => "case-already-grouped",
            CaseRefusal::GroupedUnderItself => "case-grouped-under-itself",
            CaseRefusal::HeadIsMember => "case-head-is-member",
            CaseRefusal::ConfidentialStaysAlone => "case-confidential-stays-alone",
            CaseRefusal::NotGrouped => "case-not-grouped",
            CaseRefusal::HeadStillOpen => "case-head-still-open",
            CaseRefusal::NothingToRework => "case-nothing-to-rework",
            CaseRefusal::PromiseInThePast => "case-promise-in-the-past",
            CaseRefusal::NoPromise => "case-no-promise",
            CaseRefusal::ScoreOutOfRange { .. } => "case-score-out-of-range",
            CaseRefusal::LowScoreNeedsReason { .. } => "case-low-score-needs-reason",
            CaseRefusal::AlreadyRated => "case-already-rated",
            CaseRefusal::ReopeningWindowOver { .. } => "case-reopening-window-over",
            CaseRefusal::NotSampled => "case-not-sampled",
            CaseRefusal::VisitsExhausted { .. } => "case-visits-exhausted",
            CaseRefusal::VisitTooSoon { .. } => "case-visit-too-soon",
            CaseRefusal::FollowUpOver => "case-follow-up-over",
            CaseRefusal::ContactMissing => "case-contact-missing",
            CaseRefusal::ExclusionPending => "case-exclusion-pending",
            CaseRefusal::NoExclusionProposed => "case-no-exclusion-proposed",
            CaseRefusal::NoOuterOrder => "case-no-outer-order",
            CaseRefusal::NoOpenLetter { .. } => "case-no-open-letter",
            CaseRefusal::LetterExists { .. } => "case-letter-exists",
            CaseRefusal::NotTheLeader { .. } => "case-not-the-leader",
            CaseRefusal::NoOpenSupervision { .. } => "case-no-open-supervision",
            CaseRefusal::NotTheSupervisor { .. } => "case-not-the-supervisor",
            CaseRefusal::ClockNotRunning { .. } => "case-clock-not-running",
            CaseRefusal::NotYetDue { .. } => "case-not-yet-due",
            CaseRefusal::BadInterval => "case-bad-interval",
            CaseRefusal::NobodyNamed => "case-nobody-named",
            CaseRefusal::NotNamed => "case-not-named",
            CaseRefusal::ComplainedOf { .. } => "case-complained-of",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            CaseRefusal::NotPermitted { .. }
            | CaseRefusal::NotAtDesk { .. }
            | CaseRefusal::NotYourAssignment { .. }
            | CaseRefusal::NotYourStep { .. }
            | CaseRefusal::NotTheReporter
            | CaseRefusal::SamePerson
            | CaseRefusal::NotIndependent
            | CaseRefusal::NotAnArbitrator { .. }
            | CaseRefusal::NotTheSupervisor { .. }
            | CaseRefusal::NotNamed => Kind::Forbidden,
            CaseRefusal::NoSuchAssignment { .. }
            | CaseRefusal::NoOpenLetter { .. }
            | CaseRefusal::NoOpenSupervision { .. } => Kind::NotFound,
            CaseRefusal::WordsMissing
            | CaseRefusal::WordsTooLong { .. }
            | CaseRefusal::EvidenceMissing { .. }
            | CaseRefusal::SecretDeclared { .. }
            | CaseRefusal::SecretSuspected { .. }
            | CaseRefusal::UnknownMatter { .. }
            | CaseRefusal::MatterMissing
            | CaseRefusal::OutsideDistrict { .. }
            | CaseRefusal::NotOnTheSpot { .. }
            | CaseRefusal::NothingToCorrect
            | CaseRefusal::UnknownOrganization { .. }
            | CaseRefusal::NobodyToDispatchTo
            | CaseRefusal::NotAbove { .. }
            | CaseRefusal::NotInside { .. }
            | CaseRefusal::BasisMissing
            | CaseRefusal::SuggestsItself
            | CaseRefusal::UnknownReason { .. }
            | CaseRefusal::TooLong { .. }
            | CaseRefusal::EndsTooEarly { .. }
            | CaseRefusal::GroupedUnderItself
            | CaseRefusal::PromiseInThePast
            | CaseRefusal::ScoreOutOfRange { .. }
            | CaseRefusal::LowScoreNeedsReason { .. }
            | CaseRefusal::NotTheLeader { .. }
            | CaseRefusal::BadInterval
            | CaseRefusal::NobodyNamed => Kind::Invalid,
            _ => Kind::Conflict,
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            CaseRefusal::NoSuchAssignment { .. } => "assignment",
            CaseRefusal::WordsMissing | CaseRefusal::WordsTooLong { .. } | CaseRefusal::SecretSuspected { .. } => {
                "words"
            }
            CaseRefusal::EvidenceMissing { .. } => "evidence",
            CaseRefusal::SecretDeclared { .. } => "declares_secret",
            CaseRefusal::UnknownMatter { .. } | CaseRefusal::MatterMissing | CaseRefusal::NotOnTheSpot { .. } => {
                "matter"
            }
            CaseRefusal::OutsideDistrict { .. } => "location",
            CaseRefusal::UnknownOrganization { .. }
            | CaseRefusal::AlreadyAssigned { .. }
            | CaseRefusal::NotInside { .. }
            | CaseRefusal::ComplainedOf { .. } => "organization",
            CaseRefusal::NobodyToDispatchTo => "co_operating",
            CaseRefusal::NotAbove { .. } | CaseRefusal::StepSkipped { .. } => "to",
            CaseRefusal::BasisMissing => "basis",
            CaseRefusal::SuggestsItself => "suggested",
            CaseRefusal::UnknownReason { .. } | CaseRefusal::LowScoreNeedsReason { .. } => "reason",
            CaseRefusal::TooLong { .. } => "delay",
            CaseRefusal::EndsTooEarly { .. } | CaseRefusal::BadInterval => "until",
            CaseRefusal::GroupedUnderItself | CaseRefusal::HeadIsMember => "head",
            CaseRefusal::NothingToRework => "assignments",
            CaseRefusal::PromiseInThePast => "outcome",
            CaseRefusal::ScoreOutOfRange { .. } => "score",
            CaseRefusal::NoOpenLetter { .. } => "letter",
            CaseRefusal::LetterExists { .. } => "number",
            CaseRefusal::NotTheLeader { .. } => "leader",
            CaseRefusal::NoOpenSupervision { .. } => "order",
            CaseRefusal::ClockNotRunning { .. } | CaseRefusal::NotYetDue { .. } => "clock",
            CaseRefusal::NobodyNamed => "confidentiality",
            _ => return None,
        })
    }
}

impl From<&CaseRefusal> for Refusal {
    fn from(why: &CaseRefusal) -> Refusal {
        let refusal = Refusal { field: why.field(), ..Refusal::new(why.kind(), why.code()) };
        match why {
            CaseRefusal::WrongState { command, state } => refusal.with("command", command).with("state", state.name()),
            CaseRefusal::WrongAssignmentState { command, state } => {
                refusal.with("command", command).with("state", state)
            }
            CaseRefusal::NotPermitted { action } => refusal.with("action", action),
            CaseRefusal::NotAtDesk { desk } => refusal.with("desk", desk),
            CaseRefusal::NotYourAssignment { organization } => refusal.with("organization", organization),
            CaseRefusal::NotYourStep { holder } => refusal.with("holder", holder),
            CaseRefusal::NoSuchAssignment { no } => refusal.with("no", no),
            CaseRefusal::WordsTooLong { length, longest } => refusal.with("length", length).with("longest", longest),
            CaseRefusal::EvidenceMissing { kind } => refusal.with("kind", kind),
            CaseRefusal::SecretDeclared { instruction } => {
                refusal.with("instruction_zh", &instruction.chinese).with("instruction_en", &instruction.english)
            }
            CaseRefusal::SecretSuspected { instruction } => {
                refusal.with("instruction_zh", &instruction.chinese).with("instruction_en", &instruction.english)
            }
            CaseRefusal::UnknownMatter { code } => refusal.with("code", code),
            CaseRefusal::OutsideDistrict { metres, bearing } => refusal.with("metres", metres).with("bearing", bearing),
            CaseRefusal::NotOnTheSpot { code } => refusal.with("code", code),
            CaseRefusal::UnknownOrganization { code } => refusal.with("code", code),
            CaseRefusal::AlreadyAssigned { organization } => refusal.with("organization", organization),
            CaseRefusal::WorkedOnElsewhere { head } => refusal.with("head", head),
            CaseRefusal::NotAbove { organization } => refusal.with("organization", organization),
            CaseRefusal::NotInside { organization } => refusal.with("organization", organization),
            CaseRefusal::StepSkipped { to } => refusal.with("to", to),
            CaseRefusal::ReturnWindowOver { until } => refusal.with("until", until),
            CaseRefusal::ReturnsExhausted { most } => refusal.with("most", most),
            CaseRefusal::NotAnArbitrator { organization } => refusal.with("organization", organization),
            CaseRefusal::UnknownReason { reason } => refusal.with("reason", reason),
            CaseRefusal::ExtensionsExhausted { most } => refusal.with("most", most),
            CaseRefusal::PastDue { due } => refusal.with("due", due),
            CaseRefusal::TooLong { longest } => refusal.with("longest", longest),
            CaseRefusal::EndsTooEarly { at } => refusal.with("at", at),
            CaseRefusal::ScoreOutOfRange { score } => refusal.with("score", score),
            CaseRefusal::LowScoreNeedsReason { score } => refusal.with("score", score),
            CaseRefusal::ReopeningWindowOver { until } => refusal.with("until", until),
            CaseRefusal::VisitsExhausted { most } => refusal.with("most", most),
            CaseRefusal::VisitTooSoon { next } => refusal.with("next", next),
            CaseRefusal::NoOpenLetter { no } => refusal.with("no", no),
            CaseRefusal::LetterExists { number } => refusal.with("number", number),
            CaseRefusal::NotTheLeader { leader } => refusal.with("leader", leader),
            CaseRefusal::NoOpenSupervision { no } => refusal.with("no", no),
            CaseRefusal::NotTheSupervisor { office } => refusal.with("office", office),
            CaseRefusal::ClockNotRunning { key } => refusal.with("key", key),
            CaseRefusal::NotYetDue { key, due } => refusal.with("key", key).with("due", due),
            CaseRefusal::ComplainedOf { organization } => refusal.with("organization", organization),
            _ => refusal,
        }
    }
}
