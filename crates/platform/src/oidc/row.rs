//! The tables of links, and all their SQL.

use kernel::Instant;
use store::{Read, StoreError, Tx, sql};

use super::Attempt;

/// The account linked to an identity.
pub(super) async fn account_of(read: &mut impl Read, identity: &[u8; 32]) -> Result<Option<String>, StoreError> {
    let select = sql("select account from oidc_link where identity = $1").bind(*identity);
    let found: Option<(String,)> = read.optional(select).await?;
    Ok(found.map(|(account,)| account))
}

pub(super) async fn links(read: &mut impl Read, account: &str) -> Result<i64, StoreError> {
    let select = sql("select count(*) from oidc_link where account = $1").bind(account);
    Ok(read.one::<(i64,)>(select).await?.0)
}

pub(super) async fn link(tx: &mut Tx, identity: &[u8; 32], account: &str) -> Result<(), StoreError> {
    let insert = sql("insert into oidc_link (identity, account) values ($1, $2)");
    tx.run(insert.bind(*identity).bind(account)).await.map(drop)
}

/// How many there were.
pub(crate) async fn unlink(tx: &mut Tx, account: &str) -> Result<u64, StoreError> {
    tx.run(sql("delete from oidc_link where account = $1").bind(account)).await
}

/// Expects a browser back; whom nobody expects any more is forgotten.
pub(super) async fn expect(
    tx: &mut Tx,
    attempt: &Attempt,
    account: Option<String>,
    (now, until): (Instant, Instant),
) -> Result<(), StoreError> {
    tx.run(sql("delete from oidc_attempt where until_at <= $1").bind(now.micros())).await?;
    let insert = sql("insert into oidc_attempt (attempt, account, until_at) values ($1, $2, $3)");
    let insert = insert.bind(attempt.hash()).bind(account).bind(until.micros());
    tx.run(insert).await.map(drop)
}

/// Takes an attempt that is expected: the account to be linked, or none to sign in. An attempt comes back once.
pub(super) async fn take(tx: &mut Tx, attempt: &Attempt, now: Instant) -> Result<Option<Option<String>>, StoreError> {
    let delete = sql("delete from oidc_attempt where attempt = $1 and until_at > $2 returning account");
    let found: Vec<(Option<String>,)> = tx.run_returning(delete.bind(attempt.hash()).bind(now.micros())).await?;
    Ok(found.into_iter().next().map(|(account,)| account))
}

/// Whether there is such an account that can be used, and is no resident's.
pub(super) async fn is_open(read: &mut impl Read, account: &str) -> Result<bool, StoreError> {
    let select = sql("select count(*) from account where id = $1 and disabled_at is null \
                      and not exists (select 1 from resident where resident.account = account.id)");
    Ok(read.one::<(i64,)>(select.bind(account)).await?.0 > 0)
}
