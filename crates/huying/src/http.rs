//! The district served over HTTP: the slices' routes, the transparency log, health, metrics and the pages.

mod demo;
mod health;
mod log;
mod observe;
mod openapi;
mod pages;
mod router;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use platform::Config;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;
use crate::transparency;

pub use router::router;

/// Serves until interrupted. Prints `listening on URL` once the first answer can be given.
pub async fn serve(config: Config, district: District, demo: bool, output: &Output) -> Result<ExitCode, Failure> {
    // First, so that nothing which starts below goes uncounted.
    let metrics = platform::telemetry::start_metrics().map_err(Failure::Other)?;
    let (waiter, key) = (district.journal.wake().waiter(), district.log_key.clone());
    let transparency = transparency::start(&config, district.journal.db(), key, waiter, district.edge.clone()).await?;
    let (db, waiter) = (district.journal.db().clone(), district.journal.wake().waiter());
    tokio::spawn(journal::backup::keep_erasures(db, config.erasures_path(), waiter));
    let people = if demo { crate::demo::people(&config, &district, output).await? } else { Vec::new() };
    let app = router(&district, people, transparency, metrics);
    let listener = TcpListener::bind(&config.listen).await.map_err(Failure::file(&config.listen))?;
    let address = listener.local_addr().map_err(Failure::file(&config.listen))?;
    crate::timekeeper::start(&district);
    output.value(format!("listening on http://{address}"));
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await.map_err(Failure::file("serve"))?;
    district.journal.db().close().await;
    Ok(ExitCode::SUCCESS)
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
