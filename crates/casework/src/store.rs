//! Cases in the journal and in tables of their own.

mod columns;
mod counts;
mod erase;
pub(crate) mod find;
mod hints;
mod list;
mod narrow;
pub(crate) mod open;
mod queue;
pub(crate) mod read;
mod rebuild;
pub(crate) mod rows;
pub(crate) mod slate;
pub(crate) mod write;

use std::sync::{Arc, RwLock};

use journal::access::{LookError, Looker};
use journal::{Answer, Declined, Journal, OpenedField, Submission, SubmitError, Unit, tail};
use kernel::{Instant, Kind, Refusal};
use platform::Scope;
use platform::file::FileRefusal;

use crate::case::{Caller, Case, CaseId, CaseRefusal, Command, Register, Rulebook, Settle};
use crate::duplicate::{Hint, HintRules, Traits};
use crate::mask::Showing;
use hints::Sight;

pub use erase::Erase;
pub use find::FindableCases;
pub use list::{CaseRow, Filter, ListCursor, ListPage, MOST_NAMED, Order};
pub use queue::{Cursor, Page, Queue, QueueRow, Sort, UnknownCursor};
pub use read::case_numbered;
pub use read::{TimeLine, TimeLineEntry};
pub use rebuild::{Difference, compare, rebuild};
pub use rows::stream as stream_of;
pub use write::{Act, Acted, Opened, Opening};

/// The tables of casework.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 40_001,
        name: "cases",
        sqlite: include_str!("../migrations/sqlite/0001_cases.sql"),
        postgres: include_str!("../migrations/postgres/0001_cases.sql"),
    },
    store::Migration {
        version: 40_101,
        name: "calls, cards, outages",
        sqlite: include_str!("../migrations/sqlite/0002_watch.sql"),
        postgres: include_str!("../migrations/postgres/0002_watch.sql"),
    },
    store::Migration {
        version: 40_201,
        name: "provisional clocks",
        sqlite: include_str!("../migrations/sqlite/0003_provisional.sql"),
        postgres: include_str!("../migrations/postgres/0003_provisional.sql"),
    },
    store::Migration {
        version: 40_301,
        name: "hand-over notes",
        sqlite: include_str!("../migrations/sqlite/0004_handover.sql"),
        postgres: include_str!("../migrations/postgres/0004_handover.sql"),
    },
    store::Migration {
        version: 40_401,
        name: "lists of cases",
        sqlite: include_str!("../migrations/sqlite/0005_listing.sql"),
        postgres: include_str!("../migrations/postgres/0005_listing.sql"),
    },
    store::Migration {
        version: 40_402,
        name: "narrow lists",
        sqlite: include_str!("../migrations/sqlite/0006_narrow.sql"),
        postgres: include_str!("../migrations/postgres/0006_narrow.sql"),
    },
];

/// The door to cases: commands go to the journal, reads to the tables. Cheap to clone.
#[derive(Clone)]
pub struct Casework {
    journal: Journal,
    /// Replaced as a whole when the profile changes.
    book: Arc<RwLock<Arc<Rulebook>>>,
    few: i64,
    /// Files that what is submitted rests on.
    files: Arc<[String]>,
}

/// Why a command on cases was not carried out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ActRefusal {
    #[error("there is no such case")]
    NotFound,
    #[error("the case is at version {actual}, not {expected}")]
    Stale { expected: i64, actual: i64 },
    #[error(transparent)]
    Case(#[from] CaseRefusal),
    #[error("a file that it names is not there: {0:?}")]
    File(FileRefusal),
}

impl From<&ActRefusal> for Refusal {
    fn from(why: &ActRefusal) -> Refusal {
        match why {
            ActRefusal::NotFound => Refusal::new(Kind::NotFound, "case-not-found"),
            ActRefusal::Stale { expected, actual } => {
                Refusal::new(Kind::Conflict, "case-stale").with("expected", expected).with("actual", actual)
            }
            ActRefusal::Case(why) => why.into(),
            ActRefusal::File(why) => why.clone().into(),
        }
    }
}

/// What a command on cases gives.
pub type Outcome<T> = Result<Answer<T>, SubmitError<ActRefusal>>;

impl Casework {
    pub fn new(journal: Journal, book: Rulebook) -> Casework {
        Casework { journal, book: Arc::new(RwLock::new(Arc::new(book))), few: narrow::FEW, files: Arc::default() }
    }

    /// Lists of fewer cases than `few` are gathered by what lets their cases through and sorted; others are gone through in their
    /// order. Both show the same.
    pub fn gathering(self, few: i64) -> Casework {
        Casework { few, ..self }
    }

    /// The same door for a command that names these files: it is refused where one of them is gone when it is decided, whatever
    /// was known of it before.
    pub fn resting_on(&self, files: Vec<String>) -> Casework {
        Casework { files: files.into(), ..self.clone() }
    }

    /// Refuses where a file is gone that the command rests on.
    pub(crate) async fn check_files<R>(
        unit: &mut Unit,
        files: &[String],
        refuse: impl FnOnce(FileRefusal) -> R,
    ) -> Result<(), Declined<R>> {
        if files.is_empty() {
            return Ok(());
        }
        let found = platform::file::still_there(unit.tx().await?, files).await?;
        found.map_err(|why| Declined::Refused(refuse(why)))
    }

    pub(crate) fn files(&self) -> &Arc<[String]> {
        &self.files
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The rules in force.
    pub fn book(&self) -> Arc<Rulebook> {
        self.book.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Takes up another version of the profile; cases keep the matters they were opened under.
    pub fn replace_book(&self, book: Rulebook) {
        *self.book.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Arc::new(book);
    }

    /// Registers a case.
    pub async fn register(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        register: Register,
        submission: Submission,
    ) -> Outcome<Opened> {
        let opening = Opening {
            caller,
            claimed_at,
            what: write::What::Register(register),
            files: self.files.clone(),
            book: self.book(),
        };
        self.journal.submit(opening, submission).await
    }

    /// Registers a case and settles it on the spot.
    pub async fn settle(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        settle: Settle,
        submission: Submission,
    ) -> Outcome<Opened> {
        let opening = Opening {
            caller,
            claimed_at,
            what: write::What::Settle(settle),
            files: self.files.clone(),
            book: self.book(),
        };
        self.journal.submit(opening, submission).await
    }

    /// Carries out a command on a case; `expected` is the version the caller saw, where it matters.
    pub async fn act(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        case: CaseId,
        expected: Option<i64>,
        command: Command,
        submission: Submission,
    ) -> Outcome<Acted> {
        let (files, book) = (self.files.clone(), self.book());
        self.journal.submit(Act { caller, claimed_at, case, expected, command, files, book }, submission).await
    }

    /// The case as it stands.
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, journal::JournalError> {
        read::case(&mut self.journal.db(), id).await
    }

    /// Those of these cases that there are, in no order.
    pub async fn cases(&self, ids: &[CaseId]) -> Result<Vec<Case>, journal::JournalError> {
        read::cases(&mut self.journal.db(), ids).await
    }

    /// What the reporter said when the case came in, for where the profile makes it public: whoever hands it out answers for
    /// that. None where the reporter was erased, or the case is confidential.
    pub async fn published_words(&self, case: &Case) -> Result<Option<String>, journal::JournalError> {
        if case.confidentiality.is_some() {
            return Ok(None);
        }
        hints::words(&self.journal, case).await
    }

    /// The case with this number.
    pub async fn numbered(&self, number: &str) -> Result<Option<Case>, journal::JournalError> {
        read::case_numbered(&mut self.journal.db(), number).await
    }

    /// The cases someone reported, newest first, at most `limit`.
    pub async fn reported_by(&self, subject: &str, limit: i64) -> Result<Vec<Case>, journal::JournalError> {
        read::reported_by(&mut self.journal.db(), subject, limit).await
    }

    /// A page of an open queue.
    pub async fn queue(&self, queue: &Queue, page: &Page) -> Result<Vec<QueueRow>, journal::JournalError> {
        queue::page(&mut self.journal.db(), queue, page).await
    }

    /// A page of the cases that `filter` finds among those that `scope` lets its caller read.
    pub async fn list(
        &self,
        scope: &Scope,
        filter: &Filter,
        page: &ListPage,
    ) -> Result<Vec<CaseRow>, journal::JournalError> {
        list::page(self.journal.db(), Some(scope), filter, page, self.few).await
    }

    /// The same whatever anyone may read: what a benchmark holds [`Casework::list`] against. Nothing that answers a person asks it.
    pub async fn list_of_all(&self, filter: &Filter, page: &ListPage) -> Result<Vec<CaseRow>, journal::JournalError> {
        list::page(self.journal.db(), None, filter, page, self.few).await
    }

    /// How many cases [`Casework::list`] finds, counted no further than to `most`.
    pub async fn count_up_to(
        &self,
        scope: &Scope,
        filter: &Filter,
        order: Order,
        most: i64,
    ) -> Result<i64, journal::JournalError> {
        list::count_up_to(self.journal.db(), scope, filter, order, most, self.few).await
    }

    /// How many of the cases that `scope` lets its caller read are open, by the smallest area known of each; none: no place.
    pub async fn open_by_area(&self, scope: &Scope) -> Result<Vec<(Option<String>, i64)>, journal::JournalError> {
        counts::open_by_area(self.journal.db(), scope).await
    }

    /// What a registered case may be the same as, among the open cases that `scope` lets its caller read, at whatever desk,
    /// likeliest first (PRACTICE 9).
    pub async fn duplicates(
        &self,
        rules: &HintRules,
        scope: &Scope,
        case: &Case,
    ) -> Result<Vec<Hint>, journal::JournalError> {
        if !case.is_findable() {
            return Ok(Vec::new());
        }
        let words = hints::words(&self.journal, case).await?;
        self.duplicates_of_draft(rules, scope, &case.desk, &Traits::of(case, words.as_deref())).await
    }

    /// The same for a request that is still being written; `desk` is where it would go.
    pub async fn duplicates_of_draft(
        &self,
        rules: &HintRules,
        scope: &Scope,
        desk: &str,
        draft: &Traits,
    ) -> Result<Vec<Hint>, journal::JournalError> {
        let book = self.book();
        hints::hints(&self.journal, rules, &Sight { scope, own: desk, book: &book }, draft).await
    }

    /// What people said on a case, in order, each under its field. Whoever shows it answers for the look being allowed and
    /// recorded.
    pub async fn said(&self, case: &Case) -> Result<Vec<(String, OpenedField)>, journal::JournalError> {
        let facts = tail::stream(&mut self.journal.db(), &rows::stream(case)).await?;
        let opened = self.journal.sealer().open_all(&mut self.journal.db(), &facts).await?;
        Ok(opened.into_iter().flat_map(|opened| opened.fields).collect())
    }

    /// What was said when the case was registered, each under its field. Whoever shows it answers for the look as for [`Casework::said`].
    pub async fn reported(&self, case: &Case) -> Result<Vec<(String, OpenedField)>, journal::JournalError> {
        let first = tail::of_stream(&mut self.journal.db(), &rows::stream(case), 1).await?;
        let facts: Vec<_> = first.into_iter().collect();
        let opened = self.journal.sealer().open_all(&mut self.journal.db(), &facts).await?;
        Ok(opened.into_iter().flat_map(|opened| opened.fields).collect())
    }

    /// What happened on a case, in order, with its sealed values as `showing` says of each subject and field. Each person
    /// whose values are shown whole finds the look on their access log.
    pub async fn time_line(
        &self,
        case: &Case,
        looker: Looker,
        showing: impl Fn(&str, &str) -> Showing + Send + Sync,
    ) -> Result<TimeLine, LookError> {
        read::time_line(&self.journal, case, looker, showing).await
    }
}
