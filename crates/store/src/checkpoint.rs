//! SQLite's checkpoints beside the writer: what its log holds goes into the database while others write, so that no commit
//! waits for it.

use std::time::Duration;

use sqlx::sqlite::SqlitePool;
use tokio::sync::mpsc;

/// How long writes gather before the log is brought into the database.
const PAUSE: Duration = Duration::from_millis(500);
/// Pages of the log at which a commit does it itself all the same, should this not keep up: 64 MiB.
pub(crate) const AT_LATEST: &str = "16384";

/// Told of each write; ends when its last clone is dropped or the database is closed.
#[derive(Clone)]
pub(crate) struct Checkpoints {
    wanted: mpsc::Sender<()>,
    connection: SqlitePool,
}

impl Checkpoints {
    /// `connection` is one of its own, which may write.
    pub fn start(connection: SqlitePool) -> Checkpoints {
        let (wanted, mut asked) = mpsc::channel(1);
        let own = connection.clone();
        tokio::spawn(async move {
            while asked.recv().await.is_some() {
                tokio::time::sleep(PAUSE).await;
                match sqlx::query("pragma wal_checkpoint(passive)").execute(&own).await {
                    Ok(_) => {}
                    Err(sqlx::Error::PoolClosed) => return,
                    // The next write asks again, and at the latest a commit does it itself.
                    Err(error) => tracing::debug!(%error, "no checkpoint now"),
                }
            }
            own.close().await;
        });
        Checkpoints { wanted, connection }
    }

    /// Something is about to be written.
    pub fn ask(&self) {
        // One that is asked for and not begun yet covers this write too.
        let _ = self.wanted.try_send(());
    }

    pub async fn close(&self) {
        self.connection.close().await;
    }
}
