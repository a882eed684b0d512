//! Cases and calls for those who listen to live changes.

use std::sync::Arc;

use district::Profile;
use futures::future::BoxFuture;
use journal::{Fact, JournalError};
use kernel::Instant;
use platform::live::{Change, Picture, Reading};
use platform::{Resource, Scope};
use serde::Serialize;
use serde_json::{Value, json};

use super::body::{self, NamedBody};
use super::calls;
use super::remembered::Remembered;
use crate::Casework;
use crate::call::Call;
use crate::case::{Case, Channel, RequestKind, Urgency};
use crate::resource::{self, READ, READ_CALL};
use crate::store::open::open_things;

/// Most cases of a snapshot, and most calls.
const SHOWN: i64 = 200;

/// The reading of cases and calls. Each stands as it was just after each of its facts, so that whoever listens at whatever node,
/// now or when coming back, is told the same.
pub struct LiveCasework {
    casework: Casework,
    profile: Arc<Profile>,
    cases: Remembered<Case>,
    calls: Remembered<Call>,
}

/// What lists show of a case. No personal value.
#[derive(Clone, Debug, Serialize)]
pub struct LiveRow {
    pub id: String,
    pub number: String,
    /// Number of facts.
    pub version: i64,
    pub state: String,
    pub open: bool,
    pub channel: Channel,
    pub kind: RequestKind,
    pub matter: Option<NamedBody>,
    pub urgency: Urgency,
    /// The smallest known.
    pub area: Option<NamedBody>,
    pub desk: NamedBody,
    /// The organization that leads.
    pub lead: Option<NamedBody>,
    /// When the next clock lapses; none: no limit runs.
    pub due_at: Option<Instant>,
    pub opened_at: Instant,
    pub confidential: bool,
}

/// What a fact was about, as far as permission asks: before it, and just after.
pub struct What {
    /// The action that lets a post see it.
    pub action: &'static str,
    pub before: Option<Resource>,
    pub after: Resource,
    pub thing: Thing,
}

/// The thing just after the fact.
pub enum Thing {
    Case(Box<Case>),
    Call(Box<Call>),
}

impl LiveCasework {
    pub fn new(casework: Casework, profile: Arc<Profile>) -> LiveCasework {
        LiveCasework { casework, profile, cases: Remembered::default(), calls: Remembered::default() }
    }

    /// The facts of cases and calls among these, each with what it was about; the others are passed over.
    pub async fn what<'a>(&self, facts: &'a [Fact]) -> Result<Vec<(&'a Fact, What)>, JournalError> {
        let mut found = Vec::new();
        for fact in facts {
            match self.of(fact).await {
                Ok(what) => found.extend(what.map(|what| (fact, what))),
                // Of a later program beside this one, say: everything else goes on.
                Err(JournalError::Unreadable { position, reason }) => {
                    tracing::warn!(position, reason, "a fact cannot be told live");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn of(&self, fact: &Fact) -> Result<Option<What>, JournalError> {
        let journal = self.casework.journal();
        if let Some((before, case)) = self.cases.step(journal, fact).await? {
            let (before, after) = (before.as_ref().map(resource::resource), resource::resource(&case));
            return Ok(Some(What { action: READ, before, after, thing: Thing::Case(Box::new(case)) }));
        }
        let Some((before, call)) = self.calls.step(journal, fact).await? else { return Ok(None) };
        let (before, after) = (before.as_ref().map(resource::call), resource::call(&call));
        Ok(Some(What { action: READ_CALL, before, after, thing: Thing::Call(Box::new(call)) }))
    }

    fn change(&self, fact: &Fact, what: What) -> Change {
        let sides = (what.before, what.after);
        match what.thing {
            Thing::Case(case) => Change::new(fact, &case.id.to_string(), what.action, sides, &self.row(&case)),
            Thing::Call(call) => {
                Change::new(fact, &call.id.to_string(), what.action, sides, &calls::row_body(&self.profile, &call))
            }
        }
    }

    fn row(&self, case: &Case) -> LiveRow {
        let (profile, opened) = (&self.profile, case.opened_at);
        let area = case.place.as_ref().and_then(|place| place.path.last());
        LiveRow {
            id: case.id.to_string(),
            number: case.number.clone(),
            version: case.version,
            state: case.state().name().to_owned(),
            open: !case.is_closed(),
            channel: case.channel,
            kind: case.kind,
            matter: case.matter.as_ref().map(|matter| body::matter(profile, &matter.code, opened)),
            urgency: case.urgency,
            area: area.map(|code| body::area(profile, code, opened)),
            desk: body::organization(profile, &case.desk),
            lead: case.lead().map(|lead| body::organization(profile, &lead.organization)),
            due_at: case.due_at(),
            opened_at: opened,
            confidential: case.confidentiality.is_some(),
        }
    }
}

impl Reading for LiveCasework {
    fn action(&self) -> &'static str {
        READ
    }

    fn changes<'a>(&'a self, facts: &'a [Fact]) -> BoxFuture<'a, Result<Vec<Change>, JournalError>> {
        Box::pin(async move {
            let found = self.what(facts).await?;
            Ok(found.into_iter().map(|(fact, what)| self.change(fact, what)).collect())
        })
    }

    fn picture<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<Picture, JournalError>> {
        Box::pin(async move {
            let open = open_things(self.casework.journal().db(), scope, SHOWN + 1).await?;
            let (cases, more) = shown(&open.cases, |case| json!(self.row(case)));
            let (calls, more_calls) = shown(&open.calls, |call| json!(calls::row_body(&self.profile, call)));
            let position = open.position;
            let body =
                json!({"position": position, "rows": cases, "more": more, "calls": calls, "more_calls": more_calls});
            Ok(Picture { position, body })
        })
    }
}

/// The first of them, and whether there are more.
fn shown<T>(things: &[T], row: impl Fn(&T) -> Value) -> (Vec<Value>, bool) {
    (things.iter().take(SHOWN as usize).map(row).collect(), things.len() > SHOWN as usize)
}
