//! The sealed columns of an exported list: what was reported, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use journal::access::{self, Looker, Why};
use platform::Caller;
use platform::sheet::SheetError;

use super::{CaseworkState, caller};
use crate::case::{Case, CaseId};
use crate::mask::{Showing, hint};
use crate::resource::{READ, resource};

/// What the columns are called: codes of texts.
pub const HEAD: [&str; 4] = ["export-words", "export-name", "export-phone", "export-address"];
const FIELDS: [&str; 4] = ["words", "name", "phone", "address"];
/// How many rows one file has at most: each is opened, and the look at it recorded, by itself.
pub const MOST: i64 = 1_000;
/// How many are read at a time.
pub const PAGE: i64 = 100;
/// Why the values are looked at, as the access log keeps it.
const GROUND: &str = "export";
/// There is a value, and the caller may not know it.
const HIDDEN: &str = "***";

/// Whom the values are for.
#[derive(Clone)]
pub struct Reader {
    pub caller: Caller,
    /// The post it exports by.
    pub post: String,
}

impl Reader {
    /// The cells of one case, as its time line shows the report: identity by hints, words whole to whoever works with it. Whose words
    /// are given finds the look on their access log before.
    pub async fn cells(&self, state: &CaseworkState, id: CaseId) -> Result<Vec<String>, SheetError> {
        let mut cells = vec![String::new(); FIELDS.len()];
        let case = state.casework.case(id).await.map_err(failed)?;
        let Some(case) = case.filter(|case| self.caller.scope.allows(READ, &resource(case))) else { return Ok(cells) };
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (field, one) in state.casework.reported(&case).await.map_err(failed)? {
            let Some(at) = FIELDS.iter().position(|known| **known == *field) else { continue };
            cells[at] = match caller::showing(&self.caller, &case, &one.subject, &field) {
                Showing::Whole => {
                    seen.entry(one.subject).or_default().insert(field);
                    one.value
                }
                Showing::Hint => hint(&field, &one.value),
                Showing::Nothing => HIDDEN.to_owned(),
            };
        }
        self.record(state, &case, seen).await?;
        Ok(cells)
    }

    async fn record(
        &self,
        state: &CaseworkState,
        case: &Case,
        seen: BTreeMap<String, BTreeSet<String>>,
    ) -> Result<(), SheetError> {
        let (actor, submission) = (self.caller.actor(&self.post), state.platform.edge.submission(None));
        let looker = Looker { actor, why: Why::code(GROUND), submission };
        access::record(&state.platform.journal, looker, crate::stream_of(case), seen).await.map_err(failed)
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> SheetError {
    SheetError::Page(Box::new(error))
}
