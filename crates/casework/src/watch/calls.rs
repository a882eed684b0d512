//! Commands on calls as the journal runs them.

use journal::{Ahead, Declined, JournalError, Unit};
use kernel::Instant;
use store::{Read, sql};

use super::rows::{self, Made};
use super::slate;
use super::{Watch, WatchRefusal};
use crate::call::{Call, CallFact, CallId, Command, Decided, Duty, Raise, decide};
use crate::case::{Caller, Context};
use crate::store::rows::NEVER;

/// Raises a call.
pub struct RaiseCall {
    pub(super) caller: Caller,
    pub(super) claimed_at: Option<Instant>,
    pub(super) raise: Raise,
    pub(super) watch: Watch,
}

/// Acts on a call.
pub struct ActOnCall {
    pub(super) caller: Caller,
    pub(super) claimed_at: Option<Instant>,
    pub(super) call: CallId,
    pub(super) expected: Option<i64>,
    pub(super) command: Command,
    pub(super) watch: Watch,
}

/// A line of a department's list of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summoned {
    pub call: String,
    pub no: i64,
    pub state: String,
    /// When the next clock lapses; none: no limit.
    pub due_at: Option<Instant>,
}

impl journal::Command for RaiseCall {
    type Output = Call;
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Call, Declined<WatchRefusal>> {
        let (id, book) = (CallId::draw(unit.chance()), self.watch.casework.book());
        let cx = context(unit, &book, &self.caller, self.claimed_at);
        let decided = self.raise.decide(Duty(&self.watch.profile), &cx);
        let made = decided.map_err(|why| Declined::Refused(why.into()))?.into_iter().map(made).collect();
        Ok(rows::open(unit, &id.to_string(), self.claimed_at, made).await?)
    }
}

impl journal::Command for ActOnCall {
    type Output = Call;
    type Refusal = WatchRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        ahead.want::<slate::Watched<Call>>(self.call.to_string());
        self.caller.foresee_words(ahead);
    }

    async fn decide(&self, unit: &mut Unit) -> Result<Call, Declined<WatchRefusal>> {
        crate::Casework::check_files(unit, self.watch.casework.files(), WatchRefusal::File).await?;
        let call: Option<Call> = slate::load(unit, &self.call.to_string()).await?;
        let call = call.ok_or(Declined::Refused(WatchRefusal::NotFound))?;
        if let Some(expected) = self.expected.filter(|expected| *expected != call.version) {
            return Err(Declined::Refused(WatchRefusal::Stale { expected, actual: call.version }));
        }
        let book = self.watch.casework.book();
        let cx = context(unit, &book, &self.caller, self.claimed_at);
        let decided = decide(&call, &self.command, Duty(&self.watch.profile), &cx);
        let made = decided.map_err(|why| Declined::Refused(why.into()))?.into_iter().map(made).collect();
        Ok(rows::keep(unit, &call, self.claimed_at, made).await?)
    }
}

pub(super) fn made(decided: Decided) -> Made<CallFact> {
    let Decided { fact, personal } = decided;
    Made { kind: fact.event.kind(), at: fact.at, actor: fact.hand.actor(), fact, personal }
}

/// What every decision here is made with: no draw, no other case.
pub(super) fn context<'a>(
    unit: &Unit,
    book: &'a crate::case::Rulebook,
    caller: &'a Caller,
    claimed_at: Option<Instant>,
) -> Context<'a> {
    Context { book, at: unit.at(), claimed_at, caller, draw: 0.0, head: None }
}

pub(super) async fn summoned(
    read: &mut impl Read,
    organization: &str,
    limit: i64,
) -> Result<Vec<Summoned>, JournalError> {
    let select = "select call_id, no, state, due_at from summons where organization = $1 and open = 1 \
         order by due_at, call_id, no limit $2";
    let rows: Vec<(String, i64, String, i64)> = read.all(sql(select).bind(organization).bind(limit)).await?;
    let row = |(call, no, state, due): (String, i64, String, i64)| Summoned {
        call,
        no,
        state,
        due_at: (due < NEVER).then(|| Instant::from_micros(due)),
    };
    Ok(rows.into_iter().map(row).collect())
}
