//! What can happen to a case. Bodies hold keys, codes and instants, never a personal value.

use std::collections::BTreeSet;

use kernel::{Instant, Limit};
use serde::{Deserialize, Serialize};

use super::{
    CaseId, Channel, ClockKey, Closing, Confidentiality, Contact, Evidence, Hand, MatterRef, NewAssignment, OuterOrder,
    OuterRequest, Place, Rater, Report, RequestKind, Step, Timer, Urgency, Visit,
};
use crate::card::CardId;

/// Version of the bodies written today; older ones are raised to it when read.
pub const BODY_VERSION: u16 = 1;

/// One fact of a case: who, when it counts, what happened, and the clocks it left changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct CaseFact {
    pub v: u16,
    /// When it counts (`effective_at`).
    pub at: Instant,
    pub hand: Hand,
    pub event: CaseEvent,
    /// Clocks as they stand after the fact: the due instants were worked out once, by the calendar of that day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<(ClockKey, Timer)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseEvent {
    Registered(Box<Registered>),
    Accepted {
        matter: MatterRef,
        urgency: Urgency,
    },
    Reclassified {
        matter: MatterRef,
        urgency: Urgency,
    },
    Placed {
        place: Place,
    },
    Supplemented,
    Dispatched {
        assignments: Vec<NewAssignment>,
    },
    Answered {
        assignment: u16,
    },
    ContactRecorded {
        assignment: u16,
        contact: Contact,
    },
    Passed {
        assignment: u16,
        step: Step,
        organization: String,
    },
    SentBack {
        assignment: u16,
        step: Step,
    },
    Reported {
        assignment: u16,
        report: Report,
    },
    Signed {
        assignment: u16,
        step: Step,
    },
    Handled {
        assignment: u16,
    },
    ReturnRequested {
        assignment: u16,
        basis: String,
        suggested: Option<String>,
    },
    ReturnGranted {
        assignment: u16,
    },
    ReturnRejected {
        assignment: u16,
    },
    Arbitrated {
        assignment: NewAssignment,
        body: String,
    },
    Reassigned {
        from: u16,
        to: NewAssignment,
    },
    ExtensionRequested {
        assignment: u16,
        reason: String,
        by: Limit,
        until: Instant,
    },
    ExtensionGranted {
        assignment: u16,
        reason: String,
        until: Instant,
    },
    ExtensionRefused {
        assignment: u16,
    },
    SuspensionRequested {
        assignment: u16,
        reason: String,
        until: Instant,
    },
    SuspensionGranted {
        assignment: u16,
        reason: String,
        until: Instant,
    },
    SuspensionRefused {
        assignment: u16,
    },
    SuspensionEnded {
        assignment: u16,
    },
    Reminded {
        assignment: Option<u16>,
        clock: Option<ClockKey>,
    },
    Lapsed {
        clock: ClockKey,
        holder: String,
    },
    OutageExcluded {
        from: Instant,
        until: Instant,
    },
    /// The lists of holidays of these years were at hand when provisional due instants were counted again.
    Recounted {
        years: BTreeSet<i16>,
    },
    Supervised {
        order: u16,
        organization: String,
        /// The red card that brought it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        card: Option<CardId>,
    },
    /// The card that brought the order was taken back.
    SupervisionLifted {
        order: u16,
    },
    SupervisionAnswered {
        order: u16,
    },
    Escalated {
        desk: String,
    },
    Grouped {
        head: CaseId,
    },
    MemberTaken {
        member: CaseId,
    },
    Ungrouped {
        head: CaseId,
    },
    MemberLeft {
        member: CaseId,
    },
    Verified {
        evidence: Vec<Evidence>,
    },
    ReworkOrdered {
        assignments: Vec<u16>,
    },
    Closed {
        closing: Closing,
    },
    SettledOnTheSpot {
        evidence: Vec<Evidence>,
        sampled: bool,
    },
    SampleChecked {
        passed: bool,
        evidence: Vec<Evidence>,
    },
    Visited {
        visit: Visit,
    },
    /// Every attempt was in vain: the case is excluded from what follow-ups count.
    VisitsInVain,
    Rated {
        rater: Rater,
        score: u8,
        reason: Option<String>,
    },
    ExclusionProposed {
        reason: String,
    },
    ExclusionDecided {
        excluded: bool,
    },
    Reopened {
        cause: Reopening,
    },
    PromiseKept,
    CityAsked {
        request: OuterRequest,
    },
    CityAnswered {
        granted: bool,
    },
    LetterSent {
        letter: u16,
        number: String,
        body: String,
        leader: String,
    },
    LetterAnswered {
        letter: u16,
    },
    MadeConfidential {
        confidentiality: Confidentiality,
    },
}

/// What a registration leaves on record; the words and the reporter's values are sealed beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    pub number: String,
    pub channel: Channel,
    pub kind: RequestKind,
    /// The key the reporter's values are sealed under; none where nobody gave a name.
    pub reporter: Option<String>,
    pub matter: Option<MatterRef>,
    pub urgency: Urgency,
    pub place: Option<Place>,
    /// The point given stands for no place where it came from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unplaced: bool,
    pub desk: String,
    pub confidentiality: Option<Confidentiality>,
    pub outer: Option<OuterOrder>,
    pub evidence: Vec<Evidence>,
}

/// Why a closed case was opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reopening {
    /// The reporter asked within the window.
    Reporter,
    /// The follow-up heard "not solved".
    FollowUp,
    /// The check of a case settled on the spot failed.
    SampleCheck,
    /// A desk or the supervision office found cause.
    Desk,
}

/// A body as it lies in the journal, of whatever version.
#[derive(Deserialize)]
struct Written {
    v: u16,
    at: Instant,
    hand: Hand,
    event: CaseEvent,
    #[serde(default)]
    clocks: Vec<(ClockKey, Timer)>,
}

/// A body of a version that this program does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a case's body of version {0} is later than this program's {BODY_VERSION}")]
pub struct LaterVersion(u16);

/// Older bodies are raised to today's here.
impl TryFrom<Written> for CaseFact {
    type Error = LaterVersion;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { v, at, hand, event, clocks } = written;
        if v > BODY_VERSION { Err(LaterVersion(v)) } else { Ok(CaseFact { v: BODY_VERSION, at, hand, event, clocks }) }
    }
}

impl CaseEvent {
    /// Kind of the fact in the journal, such as `case.return_requested`.
    pub fn kind(&self) -> &'static str {
        match self {
            CaseEvent::Registered(_) => "case.registered",
            CaseEvent::Accepted { .. } => "case.accepted",
            CaseEvent::Reclassified { .. } => "case.reclassified",
            CaseEvent::Placed { .. } => "case.placed",
            CaseEvent::Supplemented => "case.supplemented",
            CaseEvent::Dispatched { .. } => "case.dispatched",
            CaseEvent::Answered { .. } => "case.answered",
            CaseEvent::ContactRecorded { .. } => "case.contact_recorded",
            CaseEvent::Passed { .. } => "case.passed",
            CaseEvent::SentBack { .. } => "case.sent_back",
            CaseEvent::Reported { .. } => "case.reported",
            CaseEvent::Signed { .. } => "case.signed",
            CaseEvent::Handled { .. } => "case.handled",
            CaseEvent::ReturnRequested { .. } => "case.return_requested",
            CaseEvent::ReturnGranted { .. } => "case.return_granted",
            CaseEvent::ReturnRejected { .. } => "case.return_rejected",
            CaseEvent::Arbitrated { .. } => "case.arbitrated",
            CaseEvent::Reassigned { .. } => "case.reassigned",
            CaseEvent::ExtensionRequested { .. } => "case.extension_requested",
            CaseEvent::ExtensionGranted { .. } => "case.extension_granted",
            CaseEvent::ExtensionRefused { .. } => "case.extension_refused",
            CaseEvent::SuspensionRequested { .. } => "case.suspension_requested",
            CaseEvent::SuspensionGranted { .. } => "case.suspension_granted",
            CaseEvent::SuspensionRefused { .. } => "case.suspension_refused",
            CaseEvent::SuspensionEnded { .. } => "case.suspension_ended",
            CaseEvent::Reminded { .. } => "case.reminded",
            CaseEvent::Lapsed { .. } => "case.lapsed",
            CaseEvent::OutageExcluded { .. } => "case.outage_excluded",
            CaseEvent::Recounted { .. } => "case.recounted",
            CaseEvent::Supervised { .. } => "case.supervised",
            CaseEvent::SupervisionLifted { .. } => "case.supervision_lifted",
            CaseEvent::SupervisionAnswered { .. } => "case.supervision_answered",
            CaseEvent::Escalated { .. } => "case.escalated",
            CaseEvent::Grouped { .. } => "case.grouped",
            CaseEvent::MemberTaken { .. } => "case.member_taken",
            CaseEvent::Ungrouped { .. } => "case.ungrouped",
            CaseEvent::MemberLeft { .. } => "case.member_left",
            CaseEvent::Verified { .. } => "case.verified",
            CaseEvent::ReworkOrdered { .. } => "case.rework_ordered",
            CaseEvent::Closed { .. } => "case.closed",
            CaseEvent::SettledOnTheSpot { .. } => "case.settled_on_the_spot",
            CaseEvent::SampleChecked { .. } => "case.sample_checked",
            CaseEvent::Visited { .. } => "case.visited",
            CaseEvent::VisitsInVain => "case.visits_in_vain",
            CaseEvent::Rated { .. } => "case.rated",
            CaseEvent::ExclusionProposed { .. } => "case.exclusion_proposed",
            CaseEvent::ExclusionDecided { .. } => "case.exclusion_decided",
            CaseEvent::Reopened { .. } => "case.reopened",
            CaseEvent::PromiseKept => "case.promise_kept",
            CaseEvent::CityAsked { .. } => "case.city_asked",
            CaseEvent::CityAnswered { .. } => "case.city_answered",
            CaseEvent::LetterSent { .. } => "case.letter_sent",
            CaseEvent::LetterAnswered { .. } => "case.letter_answered",
            CaseEvent::MadeConfidential { .. } => "case.made_confidential",
        }
    }
}
