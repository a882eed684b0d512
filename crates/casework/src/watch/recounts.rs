//! Provisional due instants, counted again as the journal runs it (PRACTICE 5).

use futures::future::join_all;
use journal::{Declined, JournalError, Unit};
use kernel::Instant;
use store::{Read, sql};

use super::timekeeper::{self, TimeError};
use super::{Watch, WatchRefusal, calls, cards};
use super::{rows, slate};
use crate::call::Call;
use crate::card::Card;
use crate::case::Caller;
use crate::recount::{self, RecountRefusal};
use crate::store::slate::Cases;
use crate::store::write;

/// How many cases, calls and cards are counted again at a time.
const BATCH: i64 = 256;

/// Counts the provisional clocks of a case, a call or a card again.
pub(super) struct Recount {
    /// Stream.
    pub owner: String,
    pub caller: Caller,
    pub watch: Watch,
}

impl journal::Command for Recount {
    type Output = ();
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<WatchRefusal>> {
        let book = self.watch.casework.book();
        let cx = calls::context(unit, &book, &self.caller, None);
        let refused = |why: RecountRefusal| Declined::Refused(why.into());
        match self.owner.split_once('/') {
            Some(("case", id)) => {
                let case = match id.parse() {
                    Ok(id) => Cases::load(unit, id).await?,
                    Err(_) => None,
                };
                let case = case.ok_or(Declined::Refused(WatchRefusal::NotFound))?;
                let decided = recount::of_case(&case, &cx).map_err(refused)?;
                write::store(unit, &case, vec![decided], None).await?;
            }
            Some(("call", id)) => {
                let call: Option<Call> = slate::load(unit, id).await?;
                let call = call.ok_or(Declined::Refused(WatchRefusal::NotFound))?;
                let decided = recount::of_call(&call, &cx).map_err(refused)?;
                rows::keep(unit, &call, None, vec![calls::made(decided)]).await?;
            }
            Some(("card", id)) => {
                let card: Option<Card> = slate::load(unit, id).await?;
                let card = card.ok_or(Declined::Refused(WatchRefusal::NotFound))?;
                let decided = recount::of_card(&card, &cx).map_err(refused)?;
                rows::keep(unit, &card, None, vec![cards::made(decided)]).await?;
            }
            _ => return Err(Declined::Refused(WatchRefusal::NotFound)),
        }
        Ok(())
    }
}

impl Watch {
    /// Counts every open provisional clock again by the calendar in force, and gives how many cases, calls and cards came out
    /// otherwise. To be called when the profile may have a new list of holidays: cut off, it is taken up by the next call;
    /// a second call changes nothing.
    pub async fn recount(&self, now: Instant) -> Result<u64, TimeError> {
        let (mut changed, mut after) = (0, String::new());
        loop {
            let select =
                "select distinct owner from clock where provisional = 1 and owner > $1 order by owner limit $2";
            let select = sql(select).bind(&after).bind(BATCH);
            let owners: Vec<(String,)> = self.casework.journal().db().all(select).await.map_err(JournalError::from)?;
            let Some((last,)) = owners.last() else { return Ok(changed) };
            after = last.clone();
            let recounts = owners.into_iter().map(|(owner,)| async move {
                let submission = timekeeper::submission(now, &format!("recount/{owner}"));
                let recount = Recount { owner, caller: timekeeper::timekeeper(), watch: self.clone() };
                let answer = self.casework.journal().submit(recount, submission).await;
                timekeeper::settled(answer)
            });
            for outcome in join_all(recounts).await {
                changed += u64::from(outcome?.is_some());
            }
        }
    }
}
