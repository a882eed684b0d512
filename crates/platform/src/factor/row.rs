//! The tables of second factors, and all their SQL.

use journal::{Journal, JournalError, tail};
use kernel::Instant;
use store::{Read, StoreError, Tx, sql};

use super::{FactorSecret, RecoveryCode, Ticket, Typed, account_stream};
use crate::sign_in::Means;

/// A ticket may be tried so often.
const TRIES: i64 = 5;

/// The second factor of an account as its row has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Factor {
    /// Versions of the facts that seal the secrets.
    pub pending: Option<i64>,
    pub secret: Option<i64>,
    pub confirmed_at: Option<Instant>,
    pub step: i64,
}

type Row = (Option<i64>, Option<i64>, Option<i64>, i64);

impl Factor {
    pub async fn find(read: &mut impl Read, account: &str) -> Result<Option<Factor>, StoreError> {
        let select = sql("select pending, secret, confirmed_at, step from second_factor where account = $1");
        let found: Option<Row> = read.optional(select.bind(account)).await?;
        Ok(found.map(|(pending, secret, confirmed_at, step)| Factor {
            pending,
            secret,
            confirmed_at: confirmed_at.map(Instant::from_micros),
            step,
        }))
    }

    /// Writes it down, over what was there.
    pub async fn keep(&self, tx: &mut Tx, account: &str) -> Result<(), StoreError> {
        let keep = sql("insert into second_factor (account, pending, secret, confirmed_at, step) \
                        values ($1, $2, $3, $4, $5) on conflict (account) do update set pending = excluded.pending, \
                        secret = excluded.secret, confirmed_at = excluded.confirmed_at, step = excluded.step");
        let keep = keep.bind(account).bind(self.pending).bind(self.secret);
        tx.run(keep.bind(self.confirmed_at.map(Instant::micros)).bind(self.step)).await.map(drop)
    }
}

/// Whether the account has one that counts.
pub(crate) async fn is_enrolled(read: &mut impl Read, account: &str) -> Result<bool, StoreError> {
    Ok(Factor::find(read, account).await?.is_some_and(|factor| factor.secret.is_some()))
}

/// The account has none any more, nor recovery codes, nor is one awaited.
pub(crate) async fn forget(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.run(sql("delete from sign_in_ticket where account = $1").bind(account)).await?;
    tx.run(sql("delete from recovery_code where account = $1").bind(account)).await?;
    tx.run(sql("delete from second_factor where account = $1").bind(account)).await.map(drop)
}

/// The secret sealed in this fact of the account; none where its key is destroyed.
pub(super) async fn secret(
    journal: &Journal,
    account: &str,
    version: i64,
) -> Result<Option<FactorSecret>, JournalError> {
    let Some(fact) = tail::of_stream(&mut journal.db(), &account_stream(account), version).await? else {
        return Ok(None);
    };
    let opened = journal.sealer().open(&mut journal.db(), &fact).await?;
    Ok(opened.value("secret").and_then(FactorSecret::parse))
}

/// Uses what was typed up, if it is right: as what it counted. Nothing is written where it is not.
pub(super) async fn use_up(
    tx: &mut Tx,
    account: &str,
    secret: Option<&FactorSecret>,
    typed: &Typed,
    now: Instant,
) -> Result<Option<Means>, StoreError> {
    let (done, means) = match typed {
        Typed::Code(code) => {
            let Some(step) = secret.and_then(|secret| secret.step_of(code, now)) else { return Ok(None) };
            // Another node may have taken the same code a moment ago.
            let update = sql("update second_factor set step = $1 where account = $2 and step < $3");
            (tx.run(update.bind(step).bind(account).bind(step)).await?, Means::Totp)
        }
        Typed::Recovery(code) => {
            let delete = sql("delete from recovery_code where account = $1 and code = $2");
            (tx.run(delete.bind(account).bind(code.hash(account))).await?, Means::Recovery)
        }
    };
    Ok((done == 1).then_some(means))
}

pub(super) async fn codes_left(read: &mut impl Read, account: &str) -> Result<i64, StoreError> {
    let select = sql("select count(*) from recovery_code where account = $1").bind(account);
    Ok(read.one::<(i64,)>(select).await?.0)
}

/// These recovery codes instead of those before.
pub(super) async fn replace_codes(tx: &mut Tx, account: &str, codes: &[RecoveryCode]) -> Result<(), StoreError> {
    tx.run(sql("delete from recovery_code where account = $1").bind(account)).await?;
    for code in codes {
        let insert = sql("insert into recovery_code (account, code) values ($1, $2)");
        tx.run(insert.bind(account).bind(code.hash(account))).await?;
    }
    Ok(())
}

/// One ticket an account: those before open nothing any more.
pub(super) async fn keep_ticket(tx: &mut Tx, ticket: &Ticket, account: &str, until: Instant) -> Result<(), StoreError> {
    tx.run(sql("delete from sign_in_ticket where account = $1").bind(account)).await?;
    let insert = sql("insert into sign_in_ticket (ticket, account, tries, until_at) values ($1, $2, $3, $4)");
    tx.run(insert.bind(ticket.hash()).bind(account).bind(0_i64).bind(until.micros())).await.map(drop)
}

/// Counts a try before it is looked at, so that many at once are no more than they may be. The account whose ticket it is.
pub(super) async fn try_ticket(tx: &mut Tx, ticket: &Ticket, now: Instant) -> Result<Option<String>, StoreError> {
    let update = sql("update sign_in_ticket set tries = tries + 1 where ticket = $1 and tries < $2 and until_at > $3 \
                      returning account");
    let found: Vec<(String,)> = tx.run_returning(update.bind(ticket.hash()).bind(TRIES).bind(now.micros())).await?;
    Ok(found.into_iter().next().map(|(account,)| account))
}

/// Whether it was there: it opens one session.
pub(super) async fn take_ticket(tx: &mut Tx, ticket: &Ticket) -> Result<bool, StoreError> {
    Ok(tx.run(sql("delete from sign_in_ticket where ticket = $1").bind(ticket.hash())).await? == 1)
}

/// What the device shows beside the code; none where there is no such account.
pub(super) async fn login(read: &mut impl Read, account: &str) -> Result<Option<String>, StoreError> {
    let found: Option<(String,)> = read.optional(sql("select login from account where id = $1").bind(account)).await?;
    Ok(found.map(|(login,)| login))
}
