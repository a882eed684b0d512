//! Outages as the journal runs them.

use journal::{Declined, JournalError, Unit};
use kernel::Instant;
use store::{Read, sql};

use super::calls::context;
use super::rows::{self, Made};
use super::{Watch, WatchRefusal};
use crate::case::Caller;
use crate::outage::{Decided, Declare, Outage, OutageFact, OutageId, OutageRefusal};

/// Declares an outage.
pub struct DeclareOutage {
    pub(super) caller: Caller,
    pub(super) declare: Declare,
    pub(super) watch: Watch,
}

/// Notes that every clock has been looked at.
pub(super) struct NoteApplied {
    pub caller: Caller,
    pub outage: OutageId,
    pub watch: Watch,
}

impl journal::Command for DeclareOutage {
    type Output = Outage;
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Outage, Declined<WatchRefusal>> {
        let (id, book) = (OutageId::draw(unit.chance()), self.watch.casework.book());
        let others = on_record(unit.tx().await?).await?;
        let cx = context(unit, &book, &self.caller, None);
        let decided = self.declare.decide(&self.watch.profile.rules.outage.declarer, &others, &cx);
        let made = made(decided.map_err(|why| Declined::Refused(why.into()))?);
        Ok(rows::open(unit, &id.to_string(), None, vec![made]).await?)
    }
}

impl journal::Command for NoteApplied {
    type Output = Outage;
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Outage, Declined<WatchRefusal>> {
        let outage = all(unit.tx().await?).await?.into_iter().find(|one| one.id == self.outage);
        let outage = outage.ok_or(Declined::Refused(WatchRefusal::NotFound))?;
        let book = self.watch.casework.book();
        let applied = outage.applied(&context(unit, &book, &self.caller, None));
        let made = made(applied.map_err(|why: OutageRefusal| Declined::Refused(why.into()))?);
        Ok(rows::keep(unit, &outage, None, vec![made]).await?)
    }
}

fn made(decided: Decided) -> Made<OutageFact> {
    let Decided { fact, personal } = decided;
    Made { kind: fact.event.kind(), at: fact.at, actor: fact.hand.actor(), fact, personal }
}

async fn on_record(read: &mut impl Read) -> Result<Vec<(Instant, Instant)>, JournalError> {
    Ok(all(read).await?.into_iter().map(|one| (one.from, one.until)).collect())
}

/// Every outage, the oldest first.
pub(super) async fn all(read: &mut impl Read) -> Result<Vec<Outage>, JournalError> {
    type Columns = (String, i64, i64, i64, i64, Option<i64>);
    let select = "select id, version, from_at, until_at, declared_at, applied_at from outage order by from_at, id";
    let rows: Vec<Columns> = read.all(sql(select)).await?;
    let row = |(id, version, from, until, declared, applied): Columns| {
        let reason = || format!("{id} is not an outage's identifier");
        let id: OutageId = id.parse().map_err(|_| JournalError::Unreadable { position: 0, reason: reason() })?;
        let (from, until) = (Instant::from_micros(from), Instant::from_micros(until));
        let (declared_at, applied_at) = (Instant::from_micros(declared), applied.map(Instant::from_micros));
        Ok(Outage { id, version, from, until, declared_at, applied_at })
    };
    rows.into_iter().map(row).collect()
}
