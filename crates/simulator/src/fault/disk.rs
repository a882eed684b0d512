//! A disk that is full again and again.
//!
//! SQLite's own limit of pages makes it full where a page is needed, in the middle of any statement. PostgreSQL's disk is its
//! server's: there a trigger raises what the server raises when it cannot extend a table (SQLSTATE 53100) beyond so many facts,
//! in the middle of the transaction.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::backup::{load, make};
use journal::{JournalError, Way};
use kernel::Instant;
use store::{Db, Dialect, Durability, Options, Sql, StoreError};
use tokio::sync::Notify;

use super::{Outcome, Trial, TrialError};

/// Room that is made each time, at least, and as a share of what there is: pages on SQLite, facts on PostgreSQL.
const LEAST_ROOM: u64 = 6;
const SHARE: u64 = 20;
/// Pages of a SQLite database that is not limited.
const UNLIMITED: u64 = u32::MAX as u64 - 1;
/// How often a copy of the full database is looked into.
const COPIES: u64 = 2;

pub(super) async fn run(trial: &Trial, db: &Db, folder: &Path) -> Result<Outcome, TrialError> {
    let seen = Arc::new(Seen::default());
    let watching = seen.clone();
    let way = Arc::new(Way::watched(move |error| watching.refused(error)));
    let mut room = db.pages().await?.unwrap_or(0) + LEAST_ROOM;
    limit(db, room).await?;
    let (mut made, mut violations) = (0, Vec::new());
    let living = trial.live_on(db, &way);
    tokio::pin!(living);
    let (ran, taken_up) = loop {
        tokio::select! {
            ran = &mut living => break ran?,
            () = seen.full.notified() => {
                if made < COPIES {
                    violations.extend(look_into_copy(trial, db, &folder.join(made.to_string())).await?);
                }
                room += LEAST_ROOM.max(room / SHARE);
                made += 1;
                limit(db, room).await?;
            }
        }
    };
    unlimit(db).await?;
    let mut outcome = trial.check(db, &ran).await?;
    outcome.violations.extend(violations);
    let (full, other) = (seen.refused.load(Ordering::Relaxed), seen.other.load(Ordering::Relaxed));
    if other > 0 {
        outcome.violations.push(format!("{other} commands were refused for another reason than the full disk"));
    }
    Ok(outcome.hits([("full", made), ("refused", full), ("taken up", taken_up)]))
}

/// What callers were told.
#[derive(Default)]
struct Seen {
    full: Notify,
    refused: AtomicU64,
    other: AtomicU64,
}

impl Seen {
    fn refused(&self, error: &JournalError) {
        match error {
            JournalError::Store(StoreError::Full(_)) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                self.full.notify_one();
            }
            _ => drop(self.other.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// Backs up the full database, which needs no room in it, and checks the copy: nothing is half done.
async fn look_into_copy(trial: &Trial, db: &Db, folder: &Path) -> Result<Vec<String>, TrialError> {
    let out = folder.join("backup");
    make(db, None, &out, Instant::EPOCH, |_, _| ()).await?;
    let url = format!("sqlite:{}", folder.join("copy.db").display());
    let copy = Db::open(&url, Options { durability: Durability::ProcessOnly, ..Options::default() }).await?;
    load(&out, &copy, folder, &trial.migrations, |_, _| ()).await?;
    let checked = trial.checked(&copy, None).await?;
    copy.close().await;
    Ok(checked.violations.iter().map(|violation| format!("while the disk was full: {violation}")).collect())
}

async fn limit(db: &Db, room: u64) -> Result<(), TrialError> {
    if db.dialect() == Dialect::Sqlite {
        return Ok(db.limit_pages(room).await?);
    }
    let raise = format!(
        "create or replace function disk_is_full() returns trigger language plpgsql as $body$ begin \
         if new.position > {room} then raise exception 'no space left on device' using errcode = '53100'; end if; \
         return new; end $body$"
    );
    let trigger =
        "create or replace trigger disk_is_full before insert on fact for each row execute function disk_is_full()";
    change(db, [raise, trigger.to_owned()]).await
}

async fn unlimit(db: &Db) -> Result<(), TrialError> {
    match db.dialect() {
        Dialect::Sqlite => Ok(db.limit_pages(UNLIMITED).await?),
        Dialect::Postgres => change(db, ["drop function disk_is_full() cascade".to_owned()]).await,
    }
}

async fn change<const N: usize>(db: &Db, statements: [String; N]) -> Result<(), TrialError> {
    let mut tx = db.begin().await?;
    for statement in statements {
        tx.run(Sql::composed(statement).uncached()).await?;
    }
    Ok(tx.commit().await?)
}
