//! The district served over HTTP: the slices' routes, the transparency log, health, metrics and the pages.

mod health;
mod log;
mod openapi;
mod pages;
mod router;
#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::time::Duration;

use journal::log::{FileWitness, Log, Witness};
use platform::Config;
use tokio::net::TcpListener;

use crate::demo;
use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

pub use router::router;

/// Serves until interrupted. Prints `listening on URL` once the first answer can be given.
pub async fn serve(config: Config, district: District, demo: bool, output: &Output) -> Result<ExitCode, Failure> {
    let transparency = start_log(&config, &district).await?;
    if demo {
        demo::people(&config, &district, output).await?;
    }
    let metrics = platform::telemetry::start_metrics().map_err(Failure::Other)?;
    let app = router(&district, transparency, metrics);
    let listener = TcpListener::bind(&config.listen).await.map_err(Failure::file(&config.listen))?;
    let address = listener.local_addr().map_err(Failure::file(&config.listen))?;
    output.value(format!("listening on http://{address}"));
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await.map_err(Failure::file("serve"))?;
    district.journal.db().close().await;
    Ok(ExitCode::SUCCESS)
}

/// Opens the transparency log and lets it follow the journal.
async fn start_log(config: &Config, district: &District) -> Result<journal::log::LogReader, Failure> {
    let db = district.journal.db();
    let witnesses: Vec<Box<dyn Witness>> = config
        .witness_files
        .iter()
        .map(|file| Box::new(FileWitness::new(file, db.faults().clone())) as Box<dyn Witness>)
        .collect();
    let witnessed = journal::log::witnessed(&witnesses, district.log_key.verifier()).await;
    let log = Log::open(db, district.log_key.clone(), &witnessed).await.map_err(Failure::other)?;
    let reader = log.reader().clone();
    let (waiter, edge) = (district.journal.wake().waiter(), district.edge.clone());
    tokio::spawn(journal::log::follow(log, witnesses, waiter, Duration::from_secs(1), move || edge.now()));
    Ok(reader)
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
