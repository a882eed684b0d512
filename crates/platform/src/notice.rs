//! Notices: a reader of the journal's tail tells people of facts, by rules that are data of the profile.
//!
//! A slice says what a fact means ([`Meaning`]): whom it concerns, and what there is to say without a personal value. The rules
//! say who of them is told, how and when. What comes of a batch of facts is written in one transaction with the position the
//! reader has come to: nobody is told twice of a fact, and two nodes can read beside each other.

mod address;
mod contact;
mod deliveries;
mod delivery;
mod guard;
mod inbox;
mod plan;
mod reader;
mod rule;
mod said;
mod sender;
mod special;
mod timing;
mod webhook;

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use journal::{Fact, JournalError};
use kernel::Instant;
use store::{StoreError, Tx};

use utoipa_axum::router::OpenApiRouter;

use crate::{PlatformState, Resource};

pub use address::{is_mail, is_phone};
pub use contact::ContactBody;
pub use deliveries::REPLAY;
pub use guard::Guarded;
pub use inbox::{InboxState, news};
pub use reader::{NoticeReader, Notices, READER, Told};
pub use rule::{Channel, Delivery, NoticeRule, NoticeRules, Quiet, Recipient, TimeOfDay, is_kind_of};
pub use said::{Said, tell};
pub use sender::{MOST_TRIES, Sender, signature};
pub use webhook::{KEEP, WebhookState};

/// What people are told, and where they are reached; and what goes out.
pub fn routes() -> OpenApiRouter<InboxState> {
    inbox::routes().merge(contact::routes())
}

/// Nothing that an account was told stays, and nothing more is sent to it.
pub(crate) async fn forget(tx: &mut Tx, account: &str, now: Instant) -> Result<(), StoreError> {
    inbox::forget(tx, account).await?;
    delivery::settle_for(tx, &format!("account/{account}"), now).await
}

/// `/deliveries`
pub fn delivery_routes() -> OpenApiRouter<PlatformState> {
    deliveries::routes()
}

/// `/webhooks`
pub fn webhook_routes() -> OpenApiRouter<WebhookState> {
    webhook::routes()
}

/// What a slice knows of facts.
pub trait Meaning: Send + Sync {
    /// What the fact means to people; none where it is not for anyone, such as one of imported history.
    fn event<'a>(&'a self, fact: &'a Fact) -> BoxFuture<'a, Result<Option<Event>, JournalError>>;

    /// Positions of the earlier facts that this one makes idle, as an answer does the ringing before it: mail and short messages
    /// about them that are still on their way go out no more.
    fn settles<'a>(&'a self, _fact: &'a Fact) -> BoxFuture<'a, Result<Vec<i64>, JournalError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// The posts of the profile, as far as rules ask for them.
pub trait Directory: crate::Posts {
    /// Keys of the posts of an organization itself.
    fn posts_of(&self, organization: &str) -> Vec<String>;

    /// Keys of the posts with a role.
    fn posts_with_role(&self, role: &str) -> Vec<String>;

    /// The zone of the district's calendar.
    fn zone(&self) -> TimeZone;
}

/// A fact in the words of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Code of the text.
    pub text: &'static str,
    /// What the text mentions; never a personal value.
    pub said: BTreeMap<String, Said>,
    /// Whom it concerns, by relation: `desk`, `holder` …
    pub relations: BTreeMap<&'static str, Vec<Target>>,
    /// What rules may ask for: `urgency`, `clock` …
    pub traits: BTreeMap<&'static str, String>,
    /// Breaks through quiet hours.
    pub emergency: bool,
    /// The account that did it: nobody is told of what they did themselves.
    pub by: Option<String>,
    /// What one must be allowed to see to be told; none where the relation alone lets one know.
    pub sight: Option<Sight>,
    /// What a webhook's posts must be allowed to read; none where no system is told.
    pub read: Option<Sight>,
}

/// An action, and what it has to be allowed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    pub action: &'static str,
    pub resource: Resource,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The posts of an organization.
    Organization(String),
    Post(String),
    Account(String),
}

/// Why notices could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Store(#[from] store::StoreError),
}
