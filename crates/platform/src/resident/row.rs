//! The tables of residents, and all their SQL.

use kernel::Instant;
use store::{Read, StoreError, Tx, sql};

const HOUR: i64 = 3_600_000_000;

/// The account that a number belongs to.
pub(super) async fn account_of(read: &mut impl Read, phone: &[u8; 32]) -> Result<Option<String>, StoreError> {
    let select = sql("select account from resident where phone = $1").bind(*phone);
    let found: Option<(String,)> = read.optional(select).await?;
    Ok(found.map(|(account,)| account))
}

pub(crate) async fn is_resident(read: &mut impl Read, account: &str) -> Result<bool, StoreError> {
    let select = sql("select count(*) from resident where account = $1").bind(account);
    Ok(read.one::<(i64,)>(select).await?.0 > 0)
}

pub(super) async fn insert(tx: &mut Tx, account: &str, phone: &[u8; 32]) -> Result<(), StoreError> {
    let insert = sql("insert into resident (account, phone) values ($1, $2)");
    tx.run(insert.bind(account).bind(*phone)).await.map(drop)
}

/// When the `most`-th code before the next was asked for, if that was after `since`: then it is one too many.
pub(super) async fn one_too_many(
    read: &mut impl Read,
    key: &[u8; 32],
    since: i64,
    most: u32,
) -> Result<Option<Instant>, StoreError> {
    let select = sql("select at from code_request where key = $1 and at > $2 order by at desc limit 1 offset $3");
    let found: Option<(i64,)> = read.optional(select.bind(*key).bind(since).bind(most.saturating_sub(1))).await?;
    Ok(found.map(|(at,)| Instant::from_micros(at)))
}

/// Requests under one of these keys wait for each other until the transaction ends, so that none is counted past. Each asks for its
/// keys in the same order.
pub(super) async fn in_turn(tx: &mut Tx, keys: [&[u8; 32]; 2]) -> Result<(), StoreError> {
    // The other store has one writer at a time.
    if tx.is_postgres() {
        for key in keys {
            let number = i64::from_be_bytes(std::array::from_fn(|place| key[place]));
            let _: Vec<()> = tx.all(sql("select from pg_advisory_xact_lock($1)").bind(number)).await?;
        }
    }
    Ok(())
}

/// Notes that a code was asked for; what is older than an hour no longer counts and goes.
pub(super) async fn note_request(tx: &mut Tx, id: String, key: &[u8; 32], now: Instant) -> Result<(), StoreError> {
    tx.run(sql("delete from code_request where at <= $1").bind(now.micros() - HOUR)).await?;
    let insert = sql("insert into code_request (id, key, at) values ($1, $2, $3)");
    tx.run(insert.bind(id).bind(*key).bind(now.micros())).await.map(drop)
}

/// This code and no other opens from now on.
pub(super) async fn keep_code(
    tx: &mut Tx,
    phone: &[u8; 32],
    code: &[u8; 32],
    until: Instant,
) -> Result<(), StoreError> {
    let keep = sql("insert into phone_code (phone, code, tries, until_at) values ($1, $2, $3, $4) \
                    on conflict (phone) do update set code = excluded.code, tries = excluded.tries, \
                    until_at = excluded.until_at");
    tx.run(keep.bind(*phone).bind(*code).bind(0_i64).bind(until.micros())).await.map(drop)
}

/// Counts a try before it is looked at; the code that stands there, hashed, if one still may be tried.
pub(super) async fn try_code(
    tx: &mut Tx,
    phone: &[u8; 32],
    most: u32,
    now: Instant,
) -> Result<Option<Vec<u8>>, StoreError> {
    let update = sql("update phone_code set tries = tries + 1 where phone = $1 and tries < $2 and until_at > $3 \
                      returning code");
    let found: Vec<(Vec<u8>,)> = tx.run_returning(update.bind(*phone).bind(most).bind(now.micros())).await?;
    Ok(found.into_iter().next().map(|(code,)| code))
}

/// Whether the code was there: it opens one session.
pub(super) async fn take_code(tx: &mut Tx, phone: &[u8; 32], code: &[u8; 32]) -> Result<bool, StoreError> {
    let delete = sql("delete from phone_code where phone = $1 and code = $2");
    Ok(tx.run(delete.bind(*phone).bind(*code)).await? == 1)
}

/// No number finds the account any more, nor does a code sent to it open anything.
pub(crate) async fn forget(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    let codes = sql("delete from phone_code where phone in (select phone from resident where account = $1)");
    tx.run(codes.bind(account)).await?;
    tx.run(sql("delete from resident where account = $1").bind(account)).await.map(drop)
}
