//! Stopping without a refused request: first the node says that it is not ready, so that whoever spreads requests sends it no
//! more; then it takes none; then it ends.

use std::time::Duration;

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    /// Requests are still answered, but `/readyz` says no.
    Draining,
    Closing,
}

/// How far the process has come on its way out.
#[derive(Clone)]
pub struct Stop(watch::Sender<Stage>);

pub struct Stopping(watch::Receiver<Stage>);

impl Stop {
    pub fn new() -> Stop {
        Stop(watch::channel(Stage::Serving).0)
    }

    pub fn subscribe(&self) -> Stopping {
        Stopping(self.0.subscribe())
    }

    /// On a request to terminate it drains for so long; on an interrupt, from a terminal, it closes at once.
    pub async fn on_signal(self, drain: Duration) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated() => {
                self.0.send_replace(Stage::Draining);
                tokio::time::sleep(drain).await;
            }
        }
        self.0.send_replace(Stage::Closing);
    }
}

impl Stopping {
    /// Whether new requests are welcome.
    pub fn is_serving(&self) -> bool {
        *self.0.borrow() == Stage::Serving
    }

    /// Returns once no new request is taken.
    pub async fn closing(&mut self) {
        let _ = self.0.wait_for(|stage| *stage == Stage::Closing).await;
    }
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}
