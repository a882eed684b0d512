//! Calls, cards and outages in the journal and in tables of their own, and the timekeeper that watches every clock.

mod calls;
mod cards;
mod exclusion;
mod handovers;
mod list;
mod orders;
mod outages;
mod proposals;
mod rebuild;
mod recounts;
mod rows;
mod slate;
mod timekeeper;
mod watched;

use std::sync::Arc;

use district::Profile;
use journal::{Answer, JournalError, Submission, SubmitError};
use kernel::{Instant, Kind, Refusal};
use platform::Scope;
use platform::file::FileRefusal;

use crate::Casework;
use crate::call::{self, Call, CallId, CallRefusal, Raise};
use crate::card::{self, Card, CardId, CardRefusal, Propose};
use crate::case::Caller;
use crate::handover::HandoverRefusal;
use crate::outage::{Declare, Outage, OutageRefusal};
use crate::recount::RecountRefusal;

pub use calls::{ActOnCall, RaiseCall, Summoned};
pub use cards::{ActOnCard, ProposeCard};
pub(crate) use list::calls as list_calls;
pub use list::{After, CallFilter, CardFilter};
pub use outages::DeclareOutage;
pub(crate) use rebuild::{compare, rebuild};
pub use timekeeper::{Owner, TimeError};
pub use watched::Watched;

/// The door to calls, cards and outages. Cheap to clone.
#[derive(Clone)]
pub struct Watch {
    casework: Casework,
    profile: Arc<Profile>,
}

/// Why a command on calls, cards or outages was not carried out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WatchRefusal {
    #[error("there is no such call or card")]
    NotFound,
    #[error("it is at version {actual}, not {expected}")]
    Stale { expected: i64, actual: i64 },
    #[error(transparent)]
    Call(#[from] CallRefusal),
    #[error(transparent)]
    Card(#[from] CardRefusal),
    #[error(transparent)]
    Outage(#[from] OutageRefusal),
    #[error(transparent)]
    Recount(#[from] RecountRefusal),
    #[error(transparent)]
    Handover(#[from] HandoverRefusal),
    #[error("a file that it names is not there: {0:?}")]
    File(FileRefusal),
}

impl From<&WatchRefusal> for Refusal {
    fn from(why: &WatchRefusal) -> Refusal {
        match why {
            WatchRefusal::NotFound => Refusal::new(Kind::NotFound, "watch-not-found"),
            WatchRefusal::Stale { expected, actual } => {
                Refusal::new(Kind::Conflict, "watch-stale").with("expected", expected).with("actual", actual)
            }
            WatchRefusal::Call(why) => why.refusal(),
            WatchRefusal::Card(why) => why.refusal(),
            WatchRefusal::Outage(why) => why.refusal(),
            WatchRefusal::Recount(why) => why.refusal(),
            WatchRefusal::Handover(why) => why.refusal(),
            WatchRefusal::File(why) => why.clone().into(),
        }
    }
}

/// What a command here gives.
pub type Outcome<T> = Result<Answer<T>, SubmitError<WatchRefusal>>;

impl Watch {
    pub fn new(casework: Casework, profile: Arc<Profile>) -> Watch {
        Watch { casework, profile }
    }

    pub fn casework(&self) -> &Casework {
        &self.casework
    }

    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// Raises a call.
    pub async fn raise(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        raise: Raise,
        submission: Submission,
    ) -> Outcome<Call> {
        let command = RaiseCall { caller, claimed_at, raise, watch: self.clone() };
        self.casework.journal().submit(command, submission).await
    }

    /// Carries out a command on a call; `expected` is the version the caller saw, where it matters.
    pub async fn act_on_call(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        call: CallId,
        expected: Option<i64>,
        command: call::Command,
        submission: Submission,
    ) -> Outcome<Call> {
        let command = ActOnCall { caller, claimed_at, call, expected, command, watch: self.clone() };
        self.casework.journal().submit(command, submission).await
    }

    /// Proposes a card by hand; the system proposes its own: see [`Watch::keep_time`].
    pub async fn propose(&self, caller: Caller, propose: Propose, submission: Submission) -> Outcome<Card> {
        self.casework.journal().submit(ProposeCard { caller, propose, watch: self.clone() }, submission).await
    }

    /// Carries out a command on a card.
    pub async fn act_on_card(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        card: CardId,
        expected: Option<i64>,
        command: card::Command,
        submission: Submission,
    ) -> Outcome<Card> {
        let command = ActOnCard { caller, claimed_at, card, expected, command, watch: self.clone() };
        self.casework.journal().submit(command, submission).await
    }

    /// Declares an outage; the timekeeper applies it.
    pub async fn declare(&self, caller: Caller, declare: Declare, submission: Submission) -> Outcome<Outage> {
        self.casework.journal().submit(DeclareOutage { caller, declare, watch: self.clone() }, submission).await
    }

    /// The call as it stands.
    pub async fn call(&self, id: CallId) -> Result<Option<Call>, JournalError> {
        rows::load(&mut self.casework.journal().db(), &id.to_string()).await
    }

    /// The card as it stands.
    pub async fn card(&self, id: CardId) -> Result<Option<Card>, JournalError> {
        rows::load(&mut self.casework.journal().db(), &id.to_string()).await
    }

    /// What an organization has been summoned to and still has to do, what lapses next first; at most `limit`.
    pub async fn summoned(&self, organization: &str, limit: i64) -> Result<Vec<Summoned>, JournalError> {
        calls::summoned(&mut self.casework.journal().db(), organization, limit).await
    }

    /// Cards in a state, such as `proposed`, the oldest first; at most `limit`.
    pub async fn cards(&self, state: &str, limit: i64) -> Result<Vec<Card>, JournalError> {
        cards::in_state(&mut self.casework.journal().db(), state, limit).await
    }

    /// Calls that `filter` finds among those that `scope` lets its caller read, raised last first.
    pub async fn list_calls(
        &self,
        scope: &Scope,
        filter: &CallFilter,
        after: After,
        limit: i64,
    ) -> Result<Vec<Call>, JournalError> {
        let db = self.casework.journal().db();
        list::calls(&mut &*db, db.dialect(), scope, filter, after, limit).await
    }

    /// Cards that `filter` finds among those that `scope` lets its caller read, proposed last first.
    pub async fn list_cards(
        &self,
        scope: &Scope,
        filter: &CardFilter,
        after: After,
        limit: i64,
    ) -> Result<Vec<Card>, JournalError> {
        list::cards(self.casework.journal().db(), scope, filter, after, limit).await
    }

    /// Every outage on record, the oldest first.
    pub async fn outages(&self) -> Result<Vec<Outage>, JournalError> {
        outages::all(&mut self.casework.journal().db()).await
    }

    /// Cards proposed about a case or a call.
    pub async fn cards_about(&self, stream: &str) -> Result<Vec<Card>, JournalError> {
        cards::about(&mut self.casework.journal().db(), stream).await
    }
}
