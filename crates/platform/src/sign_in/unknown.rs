//! Attempts to sign in by a login that is nobody's: how often, and whether it was the same. Never what: people type their password
//! where the login belongs.

use hmac::{Hmac, KeyInit as _, Mac as _};
use journal::{Journal, JournalError};
use kernel::{Chance, Instant};
use sha2::Sha256;
use store::{Read, StoreError, sql};

/// Name of the key among those of the house.
const KEY: &str = "unknown logins";
const HOUR: i64 = 3_600_000_000;
/// Hours that they are kept: a year, twice what logs have to be kept.
const KEPT: i64 = 366 * 24;

/// One fingerprint in one hour.
pub(crate) struct Unknown {
    pub hour: i64,
    pub typed: Vec<u8>,
    pub attempts: i64,
    pub last_at: Instant,
}

/// Counts an attempt, and forgets those of long ago.
pub(crate) async fn note(
    journal: &Journal,
    typed: &str,
    now: Instant,
    chance: &mut Chance,
) -> Result<(), JournalError> {
    let key = journal.sealer().named_key(journal.db(), KEY, chance).await?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length is a key of HMAC");
    mac.update(typed.as_bytes());
    let fingerprint: [u8; 32] = mac.finalize().into_bytes().into();
    let insert = sql("insert into unknown_sign_in (hour, typed, attempts, last_at) values ($1, $2, 1, $3) \
                      on conflict (hour, typed) do update set attempts = unknown_sign_in.attempts + 1, \
                      last_at = excluded.last_at");
    let mut tx = journal.db().begin().await?;
    let hour = now.micros() / HOUR;
    tx.run(insert.bind(hour).bind(fingerprint).bind(now.micros())).await?;
    tx.run(sql("delete from unknown_sign_in where hour < $1").bind(hour - KEPT)).await?;
    Ok(tx.commit().await?)
}

/// The newest hours first, those tried most often first in each; after the one at this place.
pub(crate) async fn list(
    read: &mut impl Read,
    from: Instant,
    until: Instant,
    after: Option<(i64, i64, Vec<u8>)>,
    limit: i64,
) -> Result<Vec<Unknown>, StoreError> {
    let (hour, attempts, typed) = after.unwrap_or((i64::MAX, i64::MAX, Vec::new()));
    let select = sql("select hour, typed, attempts, last_at from unknown_sign_in \
                      where last_at >= $1 and last_at < $2 and (hour < $3 or (hour = $4 and (attempts < $5 \
                      or (attempts = $6 and typed > $7)))) order by hour desc, attempts desc, typed limit $8");
    let select = select.bind(from.micros()).bind(until.micros()).bind(hour).bind(hour);
    let select = select.bind(attempts).bind(attempts).bind(typed).bind(limit);
    let rows: Vec<(i64, Vec<u8>, i64, i64)> = read.all(select).await?;
    let of =
        |(hour, typed, attempts, last_at)| Unknown { hour, typed, attempts, last_at: Instant::from_micros(last_at) };
    Ok(rows.into_iter().map(of).collect())
}
