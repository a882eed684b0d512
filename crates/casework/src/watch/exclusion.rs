//! Leaving declared outages out of the clocks that ran in them (PRACTICE 17), also where a clock is found only later to have
//! begun before: by an act that a device delivered afterwards (PRACTICE 18), by a matter that was named afterwards.

use std::collections::BTreeSet;

use futures::future::join_all;
use journal::{Fact, JournalError, tail};
use kernel::{Actor, Instant};
use store::{Read, sql};

use super::outages::{self, NoteApplied};
use super::timekeeper::{BATCH, TimeError, settled, submission, timekeeper};
use super::watched::Watched;
use super::{Watch, WatchRefusal};
use crate::call;
use crate::card;
use crate::case::{self, CaseFact, IMPORT};
use crate::outage::Outage;

/// How many facts are read at a time.
const BLOCK: i64 = 2_000;
/// Facts a day older than an outage end the search for what has happened since: instants of different nodes do not differ by
/// more. Microseconds.
const SLACK: i64 = 24 * 3_600_000_000;

impl Watch {
    /// Leaves every outage that is declared and not applied yet out of the clocks that ran in it.
    pub(super) async fn apply_outages(&self, now: Instant) -> Result<Watched, TimeError> {
        let mut watched = Watched::default();
        for outage in outages::all(&mut self.casework.journal().db()).await? {
            if outage.applied_at.is_none() {
                self.apply(&outage, now, &mut watched).await?;
                let note = NoteApplied { caller: timekeeper(), outage: outage.id, watch: self.clone() };
                let answer =
                    self.casework.journal().submit(note, submission(now, &format!("outage/{}", outage.id))).await;
                if let Some((_, facts)) = settled(answer)? {
                    watched.applied_outage(outage.id, facts);
                }
            }
        }
        Ok(watched)
    }

    /// Leaves the outages that are applied out of the clocks that these facts began as of an instant before an outage's end.
    pub(super) async fn exclude_from_late(
        &self,
        facts: &[Fact],
        now: Instant,
        watched: &mut Watched,
    ) -> Result<(), TimeError> {
        let mut late: Vec<(&Fact, Instant)> = Vec::new();
        for fact in facts {
            late.extend(began_before(fact)?.map(|began| (fact, began)));
        }
        if late.is_empty() {
            return Ok(());
        }
        for outage in outages::all(&mut self.casework.journal().db()).await? {
            let touched = late.iter().filter(|(fact, began)| *began < outage.until && fact.at >= outage.until);
            let streams: BTreeSet<String> = touched.map(|(fact, _)| fact.stream.clone()).collect();
            if outage.applied_at.is_some() {
                self.exclude(&outage, streams, now, watched).await?;
            }
        }
        Ok(())
    }

    /// A clock that ran in an outage runs still, or a fact since the outage began has stopped it.
    async fn apply(&self, outage: &Outage, now: Instant, watched: &mut Watched) -> Result<(), TimeError> {
        let mut after = String::new();
        loop {
            let owners = "select distinct owner from clock where owner > $1 order by owner limit $2";
            let owners: Vec<(String,)> = self
                .casework
                .journal()
                .db()
                .all(sql(owners).bind(&after).bind(BATCH))
                .await
                .map_err(JournalError::from)?;
            let Some((last,)) = owners.last() else { break };
            after = last.clone();
            self.exclude(outage, owners.into_iter().map(|(owner,)| owner).collect(), now, watched).await?;
        }
        let mut position = tail::head(&mut self.casework.journal().db()).await?;
        while position > 0 {
            let first = (position - BLOCK).max(0);
            let facts = tail::after(&mut self.casework.journal().db(), first, position - first).await?;
            position = first;
            if facts.iter().all(|fact| fact.at.micros() < outage.from.micros() - SLACK) {
                break;
            }
            let since = facts.into_iter().filter(|fact| fact.at > outage.from);
            self.exclude(outage, since.map(|fact| fact.stream).collect(), now, watched).await?;
        }
        Ok(())
    }

    async fn exclude(
        &self,
        outage: &Outage,
        streams: BTreeSet<String>,
        now: Instant,
        watched: &mut Watched,
    ) -> Result<(), TimeError> {
        let acts = streams.iter().map(|stream| async move { (stream, self.exclude_from(stream, outage, now).await) });
        for (stream, outcome) in join_all(acts).await {
            if let Some((of, facts)) = outcome? {
                watched.excluded_outage(of, stream, facts);
            }
        }
        Ok(())
    }

    /// Whose clocks these were and how many facts it made; none where the stream has no clocks that an outage is left out of.
    async fn exclude_from(
        &self,
        stream: &str,
        outage: &Outage,
        now: Instant,
    ) -> Result<Option<(&'static str, i64)>, TimeError> {
        let (from, until) = (outage.from, outage.until);
        let submission = submission(now, &format!("{stream}/{}", outage.id));
        match stream.split_once('/') {
            Some(("case", id)) => {
                let Ok(id) = id.parse() else { return Ok(None) };
                let command = case::Command::ExcludeOutage(case::ExcludeOutage { from, until });
                let answer = self.casework.act(timekeeper(), None, id, None, command, submission).await;
                Ok(settled(answer)?.map(|(_, facts)| ("case", facts)))
            }
            Some(("call", id)) => {
                let Ok(id) = id.parse() else { return Ok(None) };
                let command = call::Command::ExcludeOutage(call::ExcludeOutage { from, until });
                let answer = self.act_on_call(timekeeper(), None, id, None, command, submission).await;
                Ok(settled::<_, WatchRefusal>(answer)?.map(|(_, facts)| ("call", facts)))
            }
            Some(("card", id)) => {
                let Ok(id) = id.parse() else { return Ok(None) };
                let command = card::Command::ExcludeOutage(card::ExcludeOutage { from, until });
                let answer = self.act_on_card(timekeeper(), None, id, None, command, submission).await;
                Ok(settled::<_, WatchRefusal>(answer)?.map(|(_, facts)| ("card", facts)))
            }
            _ => Ok(None),
        }
    }
}

/// From when on a clock runs that a fact began as of before itself; none where it began none so, or is imported history.
fn began_before(fact: &Fact) -> Result<Option<Instant>, JournalError> {
    const REPLY: &[u8] = b"\"reply\"";
    if fact.actor == Actor::system(IMPORT) {
        return Ok(None);
    }
    let mut began = fact.claimed_at.map(|_| fact.effective_at);
    // The time to reply runs from the registration, also where the matter that limits it is named later.
    let names = matches!(fact.kind.as_str(), "case.accepted" | "case.reclassified");
    if names && fact.body.windows(REPLY.len()).any(|window| window == REPLY) {
        let read: CaseFact = fact.read()?;
        began = began.into_iter().chain(read.clocks.iter().map(|(_, timer)| timer.started())).min();
    }
    Ok(began)
}
