//! Messages on their way: rows that one node at a time claims, sends, and marks.

use std::collections::BTreeSet;

use kernel::{Digest, Instant};
use store::{Bind, Db, Read, Sql, StoreError, Tx, Value, sql};

/// For so long a claimed row is left alone by others; longer than any channel takes.
const LEASE_MICROS: i64 = 120_000_000;
/// Sent rows are kept for so long.
const KEPT_MICROS: i64 = 30 * 86_400_000_000;

/// A row to be written.
pub struct NewDelivery<'a> {
    pub channel: &'static str,
    /// `account/…`, `webhook/…`, `outside/RULE/PLACE`.
    pub recipient: String,
    pub position: i64,
    pub rule: &'a str,
    pub kind: &'a str,
    pub stream: &'a str,
    pub text: &'a str,
    pub said: &'a str,
    pub gathered: bool,
    pub due_at: Instant,
    pub made_at: Instant,
}

/// A claimed row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Claimed {
    pub id: String,
    pub channel: String,
    pub recipient: String,
    pub position: i64,
    pub rule: String,
    pub kind: String,
    pub text: String,
    pub said: String,
    pub gathered: i64,
    /// With this one.
    pub attempts: i64,
    claimed_until: i64,
}

/// What becomes of a claimed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Sent,
    /// To be tried again then.
    Later {
        due_at: Instant,
        failure: String,
    },
    Dead {
        failure: String,
    },
}

impl NewDelivery<'_> {
    /// The same fact, rule, recipient and channel give the same identifier: a message is made once.
    pub fn row(&self) -> Vec<Value> {
        let position = self.position.to_string();
        let parts = ["delivery", &position, self.rule, &self.recipient, self.channel];
        let id = Digest::of(&parts.map(str::as_bytes)).hex();
        vec![
            id[..32].to_owned().value(),
            self.channel.value(),
            self.recipient.as_str().value(),
            self.position.value(),
            self.rule.value(),
            self.kind.value(),
            self.stream.value(),
            self.text.value(),
            self.said.value(),
            i64::from(self.gathered).value(),
            "waiting".value(),
            0_i64.value(),
            self.due_at.micros().value(),
            0_i64.value(),
            self.made_at.micros().value(),
        ]
    }
}

pub async fn write(tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
    let insert = "insert into delivery (id, channel, recipient, position, rule, kind, stream, text, said, gathered, state, \
                  attempts, due_at, claimed_until, made_at) values";
    for statement in Sql::insert_rows(insert, 15, rows, "") {
        tx.run(statement).await?;
    }
    Ok(())
}

/// Takes up to `limit` rows that are due, and with one that is gathered all that are to go with it; no other node takes them before
/// the lease is over.
pub async fn claim(db: &Db, now: Instant, limit: i64) -> Result<Vec<Claimed>, StoreError> {
    // Asked first without a lock: mostly there is nothing.
    let waiting =
        sql("select id from delivery where state = 'waiting' and due_at <= $1 and claimed_until < $1 limit 1");
    let waiting: Option<(String,)> = (&mut &*db).optional(waiting.bind(now.micros())).await?;
    if waiting.is_none() {
        return Ok(Vec::new());
    }
    let mut tx = db.begin().await?;
    // The conditions stand twice: a row that another node took while this one waited for it is looked at again, the list of rows
    // is not.
    let claim = sql("update delivery set claimed_until = $1, attempts = attempts + 1 where id in \
         (select id from delivery where state = 'waiting' and due_at <= $2 and claimed_until < $2 \
          order by due_at, recipient, id limit $3) \
         and state = 'waiting' and claimed_until < $2 \
         returning id, channel, recipient, position, rule, kind, text, said, gathered, attempts, claimed_until");
    let until = now.micros() + LEASE_MICROS;
    let mut claimed: Vec<Claimed> = tx.run_returning(claim.bind(until).bind(now.micros()).bind(limit)).await?;
    // What is gathered is one message, however much there is of it.
    let gathered = claimed.iter().filter(|one| one.gathered == 1);
    let whole: BTreeSet<(String, String)> = gathered.map(|one| (one.channel.clone(), one.recipient.clone())).collect();
    for (channel, recipient) in whole {
        let rest = sql("update delivery set claimed_until = $1, attempts = attempts + 1 where channel = $2 \
             and recipient = $3 and gathered = 1 and state = 'waiting' and due_at <= $4 and claimed_until < $4 \
             returning id, channel, recipient, position, rule, kind, text, said, gathered, attempts, claimed_until");
        let rest = rest.bind(until).bind(channel).bind(recipient).bind(now.micros());
        claimed.extend(tx.run_returning::<Claimed>(rest).await?);
    }
    tx.commit().await?;
    claimed.sort_by(|one, other| (one.position, &one.id).cmp(&(other.position, &other.id)));
    Ok(claimed)
}

/// Marks what became of a row, unless the lease ran out and another node has taken it meanwhile.
pub async fn finish(tx: &mut Tx, claimed: &Claimed, ending: &Ending, now: Instant) -> Result<(), StoreError> {
    let (state, due_at, failure, ended_at) = match ending {
        Ending::Sent => ("sent", now, None, Some(now)),
        Ending::Later { due_at, failure } => ("waiting", *due_at, Some(failure.as_str()), None),
        Ending::Dead { failure } => ("dead", now, Some(failure.as_str()), Some(now)),
    };
    let update = sql("update delivery set state = $1, due_at = $2, claimed_until = 0, failure = $3, ended_at = $4 \
         where id = $5 and state = 'waiting' and claimed_until = $6 and attempts = $7");
    let update = update.bind(state).bind(due_at.micros()).bind(failure.map(str::to_owned));
    let update = update.bind(ended_at.map(Instant::micros)).bind(&claimed.id);
    tx.run(update.bind(claimed.claimed_until).bind(claimed.attempts)).await?;
    Ok(())
}

/// Nobody has to be told of the fact at `position` any more. Systems still are: they follow the facts themselves.
pub async fn settle(tx: &mut Tx, position: i64, now: Instant) -> Result<(), StoreError> {
    let update = sql("update delivery set state = 'settled', claimed_until = 0, ended_at = $1 \
         where position = $2 and state = 'waiting' and channel <> 'webhook'");
    tx.run(update.bind(now.micros()).bind(position)).await?;
    Ok(())
}

/// Nothing that waits goes to this recipient any more.
pub async fn settle_for(tx: &mut Tx, recipient: &str, now: Instant) -> Result<(), StoreError> {
    let update = sql("update delivery set state = 'settled', claimed_until = 0, ended_at = $1 \
         where recipient = $2 and state = 'waiting'");
    tx.run(update.bind(now.micros()).bind(recipient)).await.map(drop)
}

/// Removes what was sent, or settled, long ago.
pub async fn forget(db: &Db, now: Instant) -> Result<u64, StoreError> {
    let mut tx = db.begin().await?;
    let delete = sql("delete from delivery where state in ('sent', 'settled') and made_at < $1");
    let gone = tx.run(delete.bind(now.micros() - KEPT_MICROS)).await?;
    tx.commit().await?;
    Ok(gone)
}
