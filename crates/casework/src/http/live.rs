//! Cases for those who listen to live changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use district::Profile;
use futures::future::BoxFuture;
use journal::{Fact, JournalError, tail};
use kernel::Instant;
use platform::live::{Change, Picture, Reading};
use platform::{Resource, Scope};
use serde::Serialize;
use serde_json::json;

use super::body::{self, NamedBody};
use crate::Casework;
use crate::case::{Case, CaseFact, CaseId, Channel, RequestKind, Urgency};
use crate::resource::{READ, resource};
use crate::store::open_cases::open_cases;

/// Most cases of a snapshot.
const SHOWN: i64 = 200;
/// Cases kept in memory between one fact of theirs and the next.
const REMEMBERED: usize = 512;

/// The reading of cases. A case stands as it was just after each of its facts, so that whoever listens at whatever node, now or
/// when coming back, is told the same.
pub struct LiveCases {
    casework: Casework,
    profile: Arc<Profile>,
    remembered: Mutex<HashMap<String, Case>>,
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
    pub before: Option<Resource>,
    pub after: Resource,
}

impl LiveCases {
    pub fn new(casework: Casework, profile: Arc<Profile>) -> LiveCases {
        LiveCases { casework, profile, remembered: Mutex::default() }
    }

    /// The facts of cases among these, each with what it was about; the others are passed over.
    pub async fn what<'a>(&self, facts: &'a [Fact]) -> Result<Vec<(&'a Fact, What, Case)>, JournalError> {
        let mut found = Vec::new();
        for fact in facts {
            let Some(id) = fact.stream.strip_prefix("case/") else { continue };
            match self.step(id, fact).await {
                Ok((before, after)) => {
                    let what = What { before: before.as_ref().map(resource), after: resource(&after) };
                    found.push((fact, what, after));
                }
                // Of a later program beside this one, say: everything else goes on.
                Err(JournalError::Unreadable { position, reason }) => {
                    tracing::warn!(position, reason, "a fact cannot be told live");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// The case before the fact and just after it.
    async fn step(&self, id: &str, fact: &Fact) -> Result<(Option<Case>, Case), JournalError> {
        let before = match self.recall(id, fact.version - 1) {
            Some(case) => Some(case),
            None if fact.version == 1 => None,
            None => {
                let mut facts = tail::stream(&mut self.casework.journal().db(), &fact.stream).await?;
                facts.retain(|one| one.version < fact.version);
                facts.iter().try_fold(None, |case, fact| after(case, id, fact).map(Some))?
            }
        };
        let case = after(before.clone(), id, fact)?;
        self.remember(id, &case);
        Ok((before, case))
    }

    fn recall(&self, id: &str, version: i64) -> Option<Case> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.get(id).filter(|case| case.version == version).cloned()
    }

    fn remember(&self, id: &str, case: &Case) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.get(id).is_some_and(|known| known.version > case.version) {
            return;
        }
        if remembered.len() >= REMEMBERED && !remembered.contains_key(id) {
            // Whatever is forgotten is read again when it is needed.
            remembered.clear();
        }
        remembered.insert(id.to_owned(), case.clone());
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

impl Reading for LiveCases {
    fn action(&self) -> &'static str {
        READ
    }

    fn changes<'a>(&'a self, facts: &'a [Fact]) -> BoxFuture<'a, Result<Vec<Change>, JournalError>> {
        Box::pin(async move {
            let found = self.what(facts).await?;
            let change = |(fact, what, case): (&Fact, What, Case)| {
                Change::new(fact, &case.id.to_string(), READ, (what.before, what.after), &self.row(&case))
            };
            Ok(found.into_iter().map(change).collect())
        })
    }

    fn picture<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<Picture, JournalError>> {
        Box::pin(async move {
            let (position, mut cases) = open_cases(self.casework.journal().db(), scope, SHOWN + 1).await?;
            let more = cases.len() > SHOWN as usize;
            cases.truncate(SHOWN as usize);
            let rows: Vec<LiveRow> = cases.iter().map(|case| self.row(case)).collect();
            Ok(Picture { position, body: json!({"position": position, "rows": rows, "more": more}) })
        })
    }
}

fn after(before: Option<Case>, id: &str, fact: &Fact) -> Result<Case, JournalError> {
    let unreadable = |reason: &str| JournalError::Unreadable { position: fact.position, reason: reason.to_owned() };
    let read: CaseFact = fact.read()?;
    match before {
        Some(mut case) => {
            case.apply(&read);
            Ok(case)
        }
        None => {
            let id: CaseId = id.parse().map_err(|_| unreadable("its stream names no case"))?;
            Case::open(id, &read).ok_or_else(|| unreadable("a case does not begin with it"))
        }
    }
}
