//! Being told that something was written.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;

use crate::db::Pools;
use crate::{Db, StoreError};

/// How long a reader sleeps at most when nobody wakes it: writers in other processes, servers without NOTIFY.
const POLL: Duration = Duration::from_millis(250);

/// Wakes the readers of this process after a commit, here or on another node.
#[derive(Clone)]
pub struct Wake {
    sender: watch::Sender<u64>,
}

impl Wake {
    /// On PostgreSQL also starts listening to the other nodes; where the server has no LISTEN, polling carries it alone.
    pub fn start(db: &Db) -> Wake {
        let (sender, _) = watch::channel(0);
        let wake = Wake { sender };
        if let Pools::Postgres(pool) = db.pools() {
            let (pool, wake) = (pool.clone(), wake.clone());
            tokio::spawn(async move {
                while !pool.is_closed() && !wake.sender.is_closed() {
                    if let Err(error) = listen(&pool, &wake).await {
                        tracing::debug!(%error, "no notifications from the database, polling instead");
                    }
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            });
        }
        wake
    }

    /// Wakes every reader of this process.
    pub fn ring(&self) {
        self.sender.send_modify(|rings| *rings += 1);
    }

    pub fn waiter(&self) -> Waiter {
        Waiter(self.sender.subscribe())
    }
}

/// A reader's end of a [`Wake`].
pub struct Waiter(watch::Receiver<u64>);

impl Waiter {
    /// Returns when something was written since the last call, or after a quarter of a second all the same.
    pub async fn wait(&mut self) {
        if tokio::time::timeout(POLL, self.0.changed()).await.is_ok_and(|changed| changed.is_err()) {
            tokio::time::sleep(POLL).await;
        }
    }
}

async fn listen(pool: &sqlx::PgPool, wake: &Wake) -> Result<(), StoreError> {
    let lost = |error| StoreError::of("listen", error);
    let mut listener = PgListener::connect_with(pool).await.map_err(lost)?;
    listener.listen("huying_facts").await.map_err(lost)?;
    loop {
        listener.recv().await.map_err(lost)?;
        wake.ring();
    }
}
