//! The reader of the tail that makes notices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use journal::{Fact, Journal, JournalError, tail};
use store::{Bind, Sql, Tx, Value};

use super::delivery::NewDelivery;
use super::plan::{Planned, Wanted, Whom, plan, wanted};
use super::timing::due;
use super::webhook::{self, Webhook};
use super::{Channel, Delivery, Directory, Event, Meaning, NoticeError, NoticeRules, contact, delivery};
use crate::{Edge, account};

/// Name of the reader.
pub const READER: &str = "notices";
/// Facts that are read at a time.
const BATCH: i64 = 256;
/// So many facts without a notice are passed before the position is kept.
const STRETCH: i64 = 1_024;
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// What notices are made by. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    pub journal: Journal,
    pub edge: Edge,
    pub rules: Arc<NoticeRules>,
    pub meaning: Arc<dyn Meaning>,
    pub directory: Arc<dyn Directory>,
    /// The ways out that are configured: mail, short messages. Nothing is made for another, so that nothing waits for ever.
    pub ways: BTreeSet<Channel>,
}

/// What one step came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Facts that were read.
    pub facts: i64,
    /// Accounts with something new in their inbox.
    pub accounts: BTreeSet<String>,
}

/// Makes notices of facts; one of several nodes, perhaps.
pub struct NoticeReader {
    notices: Notices,
    /// None at first, and after another node was ahead.
    place: Option<Place>,
}

/// How far this node has read, and how far all of them are known to have come.
#[derive(Clone, Copy)]
struct Place {
    kept: i64,
    read: i64,
}

/// What is written of one fact.
struct Made<'a> {
    fact: &'a Fact,
    event: Event,
    planned: Vec<Planned>,
    /// Identifiers of the webhooks that are told.
    webhooks: Vec<String>,
}

/// What comes of a batch of facts.
#[derive(Default)]
struct Batch<'a> {
    made: Vec<Made<'a>>,
    /// Positions of facts that people need not be told of any more.
    settled: Vec<i64>,
}

impl NoticeReader {
    pub fn new(notices: Notices) -> NoticeReader {
        NoticeReader { notices, place: None }
    }

    /// Reads for as long as the process runs.
    pub async fn run(mut self) {
        let mut waiter = self.notices.journal.wake().waiter();
        loop {
            match self.catch_up().await {
                Ok(Told { facts: 0, .. }) => waiter.wait().await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "notices could not be made");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Reads to the journal's end, or until something was made.
    pub async fn catch_up(&mut self) -> Result<Told, NoticeError> {
        let notices = self.notices.clone();
        let mut done = Told::default();
        loop {
            let mut place = match self.place {
                Some(place) => place,
                None => {
                    let kept = notices.begin().await?;
                    Place { kept, read: kept }
                }
            };
            let facts = tail::after(&mut notices.journal.db(), place.read, BATCH).await?;
            let Some(last) = facts.last() else {
                self.place = Some(place);
                return Ok(done);
            };
            let webhooks = webhook::all(&mut notices.journal.db()).await?;
            let mut batch = Batch::default();
            for fact in &facts {
                batch.made.extend(notices.made(fact, &webhooks).await?);
                batch.settled.extend(notices.meaning.settles(fact).await?);
            }
            place.read = last.position;
            done.facts += facts.len() as i64;
            if batch.made.is_empty() && batch.settled.is_empty() && place.read - place.kept < STRETCH {
                self.place = Some(place);
                continue;
            }
            // Taken up anew where it fails, and where another node was ahead.
            self.place = None;
            if let Some(accounts) = notices.keep(&place, batch).await? {
                self.place = Some(Place { kept: place.read, ..place });
                done.accounts = accounts;
            }
            return Ok(done);
        }
    }
}

impl Notices {
    /// Where the readers have come to. The first one of all begins at the end: nobody is told of what happened before.
    async fn begin(&self) -> Result<i64, NoticeError> {
        let kept = tail::reader_position(&mut self.journal.db(), READER).await?;
        if kept > 0 {
            return Ok(kept);
        }
        let mut tx = self.journal.db().begin().await?;
        let kept = tail::begin_reader(&mut tx, READER).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn made<'a>(&self, fact: &'a Fact, webhooks: &[Webhook]) -> Result<Option<Made<'a>>, NoticeError> {
        let webhooks: Vec<&Webhook> = webhooks.iter().filter(|webhook| webhook.asks_for(fact)).collect();
        let rules: Vec<usize> =
            (0..self.rules.rule.len()).filter(|place| self.rules.rule[*place].is_for_kind(&fact.kind)).collect();
        if rules.is_empty() && webhooks.is_empty() {
            return Ok(None);
        }
        let Some(event) = self.meaning.event(fact).await? else { return Ok(None) };
        let asked: BTreeMap<usize, Wanted> = rules
            .into_iter()
            .filter(|place| self.rules.rule[*place].holds(&event))
            .map(|place| (place, wanted(&self.rules.rule[place], &event, &*self.directory)))
            .collect();
        let holders = self.holders(&asked, fact).await?;
        let mut planned = plan(&self.rules.rule, &asked, &holders, &event, &*self.directory);
        for one in &mut planned {
            self.keep_ways(one).await?;
        }
        planned.retain(|one| !one.channels.is_empty());
        let may_read = |webhook: &&&Webhook| webhook.may_read(&event, &*self.directory);
        let webhooks: Vec<String> = webhooks.iter().filter(may_read).map(|webhook| webhook.id.clone()).collect();
        let is_told = !planned.is_empty() || !webhooks.is_empty();
        Ok(is_told.then_some(Made { fact, event, planned, webhooks }))
    }

    /// Leaves out the ways by which nobody can be reached.
    async fn keep_ways(&self, planned: &mut Planned) -> Result<(), JournalError> {
        planned.channels.retain(|channel| *channel == Channel::Inbox || self.ways.contains(channel));
        let Whom::Account(account) = &planned.recipient else { return Ok(()) };
        if planned.channels.iter().all(|channel| *channel == Channel::Inbox) {
            return Ok(());
        }
        let known = contact::ways(&self.journal, account).await?;
        planned.channels.retain(|channel| match channel {
            Channel::Mail => known.mail,
            Channel::Sms => known.phone,
            Channel::Inbox | Channel::Webhook => true,
        });
        Ok(())
    }

    /// The posts, at the fact's instant, of every account that is named, or holds a post that is.
    async fn holders(
        &self,
        asked: &BTreeMap<usize, Wanted>,
        fact: &Fact,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, JournalError> {
        let posts: BTreeSet<&str> = asked.values().flat_map(|wanted| &wanted.posts).map(String::as_str).collect();
        let named: BTreeSet<String> = asked.values().flat_map(|wanted| wanted.accounts.clone()).collect();
        Ok(account::row::holders(&mut self.journal.db(), posts, named, fact.at).await?)
    }

    /// Writes what was made and how far was read, in one transaction; none where another node was there before.
    async fn keep(&self, place: &Place, batch: Batch<'_>) -> Result<Option<BTreeSet<String>>, NoticeError> {
        let mut tx = self.journal.db().begin().await?;
        if !tail::move_reader(&mut tx, READER, place.kept, place.read).await? {
            return Ok(None);
        }
        let mut accounts = BTreeSet::new();
        let (mut rows, mut leaving) = (Vec::new(), Vec::new());
        for one in &batch.made {
            leaving.extend(self.delivery_rows(one));
            for planned in &one.planned {
                if let (Whom::Account(account), true) = (&planned.recipient, planned.channels.contains(&Channel::Inbox))
                {
                    accounts.insert(account.clone());
                    rows.push(self.inbox_row(account, one, planned));
                }
            }
        }
        write(&mut tx, rows).await?;
        delivery::write(&mut tx, leaving).await?;
        for position in batch.settled {
            let now = self.edge.now();
            delivery::settle(&mut tx, position, now).await?;
        }
        tx.commit().await?;
        Ok(Some(accounts))
    }

    /// What goes out of one fact: at once or gathered as the rule says, to systems at once.
    fn delivery_rows(&self, made: &Made) -> Vec<Vec<Value>> {
        let said = serde_json::to_string(&made.event.said).unwrap_or_default();
        let (fact, now) = (made.fact, made.fact.at);
        let new = |channel: &'static str, recipient: String, rule, gathered, due_at| NewDelivery {
            channel,
            recipient,
            position: fact.position,
            rule,
            kind: &fact.kind,
            stream: &fact.stream,
            text: made.event.text,
            said: &said,
            gathered,
            due_at,
            made_at: now,
        };
        let mut rows = Vec::new();
        for planned in &made.planned {
            let rule = &self.rules.rule[planned.rule];
            let recipient = match &planned.recipient {
                Whom::Account(account) => format!("account/{account}"),
                Whom::Outside(place) => format!("outside/{}/{place}", rule.key),
            };
            let emergency = made.event.emergency;
            let due_at = due(rule.delivery, self.rules.quiet, emergency, now, &self.directory.zone());
            let gathered = rule.delivery != Delivery::AtOnce && !emergency;
            for channel in planned.channels.iter().filter(|channel| **channel != Channel::Inbox) {
                rows.push(new(channel.word(), recipient.clone(), &rule.key, gathered, due_at).row());
            }
        }
        let webhooks = made.webhooks.iter();
        rows.extend(webhooks.map(|id| new("webhook", format!("webhook/{id}"), "", false, now).row()));
        rows
    }

    fn inbox_row(&self, account: &str, made: &Made, planned: &Planned) -> Vec<Value> {
        let said = serde_json::to_string(&made.event.said).unwrap_or_default();
        vec![
            account.value(),
            made.fact.position.value(),
            self.rules.rule[planned.rule].key.as_str().value(),
            made.fact.kind.as_str().value(),
            made.fact.stream.as_str().value(),
            made.event.text.value(),
            said.value(),
            i64::from(made.event.emergency).value(),
            made.fact.at.micros().value(),
        ]
    }
}

async fn write(tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), store::StoreError> {
    let insert = "insert into notice (account, position, rule, kind, stream, text, said, emergency, at) values";
    for statement in Sql::insert_rows(insert, 9, rows, "") {
        tx.run(statement).await?;
    }
    Ok(())
}
