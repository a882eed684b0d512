//! Hand-over notes as the journal runs them.

use std::collections::BTreeSet;

use journal::access::{self, LookError, Looker};
use journal::{Declined, JournalError, Unit, tail};
use kernel::Instant;
use store::{Read, sql};

use super::calls::context;
use super::rows::{self, Kept, Made};
use super::{Outcome, Watch, WatchRefusal};
use crate::call::{Call, Duty};
use crate::case::Caller;
use crate::handover::{Decided, HandOver, Handover, HandoverFact, OnRecord, TakeOver};
use crate::store::read;

/// Leaves a duty with a note.
pub(super) struct LeaveDuty {
    caller: Caller,
    claimed_at: Option<Instant>,
    hand_over: HandOver,
    watch: Watch,
}

/// Takes a waiting note over.
pub(super) struct TakeDuty {
    caller: Caller,
    claimed_at: Option<Instant>,
    take_over: TakeOver,
    watch: Watch,
}

impl journal::Command for LeaveDuty {
    type Output = Handover;
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Handover, Declined<WatchRefusal>> {
        let before: Option<Handover> = rows::load(unit.tx().await?, &self.hand_over.organization).await?;
        let record = on_record(unit.tx().await?, &self.hand_over).await?;
        let book = self.watch.casework.book();
        let cx = context(unit, &book, &self.caller, self.claimed_at);
        let decided = self.hand_over.decide(before.as_ref(), record, Duty(&self.watch.profile), &cx);
        let made = made(decided.map_err(|why| Declined::Refused(why.into()))?);
        keep(unit, before, &self.hand_over.organization, self.claimed_at, made).await
    }
}

impl journal::Command for TakeDuty {
    type Output = Handover;
    type Refusal = WatchRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Handover, Declined<WatchRefusal>> {
        let before: Option<Handover> = rows::load(unit.tx().await?, &self.take_over.organization).await?;
        let book = self.watch.casework.book();
        let cx = context(unit, &book, &self.caller, self.claimed_at);
        let decided = self.take_over.decide(before.as_ref(), Duty(&self.watch.profile), &cx);
        let made = made(decided.map_err(|why| Declined::Refused(why.into()))?);
        keep(unit, before, &self.take_over.organization, self.claimed_at, made).await
    }
}

async fn keep(
    unit: &mut Unit,
    before: Option<Handover>,
    organization: &str,
    claimed_at: Option<Instant>,
    made: Made<HandoverFact>,
) -> Result<Handover, Declined<WatchRefusal>> {
    Ok(match before {
        Some(before) => rows::keep(unit, &before, claimed_at, vec![made]).await?,
        None => rows::open(unit, organization, claimed_at, vec![made]).await?,
    })
}

/// The calls that the organization still owes something, and which of the named streams stand for nothing.
async fn on_record(read: &mut impl Read, hand_over: &HandOver) -> Result<OnRecord, JournalError> {
    let select = "select distinct call_id from summons where organization = $1 and open = 1";
    let calls: Vec<(String,)> = read.all(sql(select).bind(&hand_over.organization)).await?;
    let mut unknown = BTreeSet::new();
    for stream in &hand_over.open {
        let known = match stream.split_once('/') {
            Some(("case", id)) => match id.parse() {
                Ok(id) => read::case(read, id).await?.is_some(),
                Err(_) => false,
            },
            Some(("call", id)) => rows::load::<Call>(read, id).await?.is_some(),
            _ => false,
        };
        if !known {
            unknown.insert(stream.clone());
        }
    }
    Ok(OnRecord { calls: calls.into_iter().map(|(id,)| format!("call/{id}")).collect(), unknown })
}

fn made(decided: Decided) -> Made<HandoverFact> {
    let Decided { fact, personal } = decided;
    Made { kind: fact.event.kind(), at: fact.at, actor: fact.hand.actor(), fact, personal }
}

impl Watch {
    /// Leaves a duty with a note (PRACTICE 16).
    pub async fn hand_over(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        hand_over: HandOver,
        submission: journal::Submission,
    ) -> Outcome<Handover> {
        let command = LeaveDuty { caller, claimed_at, hand_over, watch: self.clone() };
        self.casework.journal().submit(command, submission).await
    }

    /// Takes the waiting note over.
    pub async fn take_over(
        &self,
        caller: Caller,
        claimed_at: Option<Instant>,
        take_over: TakeOver,
        submission: journal::Submission,
    ) -> Outcome<Handover> {
        let command = TakeDuty { caller, claimed_at, take_over, watch: self.clone() };
        self.casework.journal().submit(command, submission).await
    }

    /// The last note of an organization, waiting or taken over.
    pub async fn handover(&self, organization: &str) -> Result<Option<Handover>, JournalError> {
        rows::load(&mut self.casework.journal().db(), organization).await
    }

    /// What the last note says is to be watched; none where its writer was erased. Whoever asks answers for the look being
    /// allowed; its writer finds it on their access log.
    pub async fn handover_words(&self, handover: &Handover, looker: Looker) -> Result<Option<String>, LookError> {
        let journal = self.casework.journal();
        let stream = handover.stream();
        let fact = tail::of_stream(&mut journal.db(), &stream, handover.note.version).await?;
        let Some(fact) = fact else { return Ok(None) };
        let mut opened = journal.sealer().open(&mut journal.db(), &fact).await?;
        let Some(words) = opened.fields.remove("words") else { return Ok(None) };
        let seen = [(words.subject, ["words".to_owned()].into())].into();
        access::record(journal, looker, stream, seen).await?;
        Ok(Some(words.value))
    }
}
