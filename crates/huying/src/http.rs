//! The district served over HTTP: the slices' routes, the transparency log, health, metrics and the pages.

mod demo;
mod document;
mod envelope;
mod examples;
mod gate;
mod health;
mod log;
mod observe;
mod openapi;
mod pages;
mod router;
mod stop;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use platform::live::{Hub, Limits};
use platform::oidc::Oidc;
use platform::{Config, People};
use tokio::net::TcpListener;

use crate::demo::Demo;
use crate::failure::Failure;
use crate::notices::Ways;
use crate::open::District;
use crate::output::Output;
use crate::{fulltext, transparency};

pub use router::{Around, router};
use stop::Stop;

/// How long requests under way may take once no new ones are taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until interrupted. Prints `listening on URL` once the first answer can be given.
pub async fn serve(config: Config, district: District, demo: bool, output: &Output) -> Result<ExitCode, Failure> {
    // First, so that nothing which starts below goes uncounted.
    let metrics = platform::telemetry::start_metrics().map_err(Failure::Other)?;
    let (waiter, key) = (district.journal.wake().waiter(), district.log_key.clone());
    let transparency = transparency::start(&config, district.journal.db(), key, waiter, district.edge.clone()).await?;
    let (db, waiter) = (district.journal.db().clone(), district.journal.wake().waiter());
    tokio::spawn(journal::backup::keep_erasures(db, config.erasures_path(), waiter));
    let (db, waiter) = (district.journal.db().clone(), district.journal.wake().waiter());
    crate::audit::start(&config, db, waiter, district.edge.clone())?;
    let is_demo = demo;
    let demo = if demo { crate::demo::start(&config, &district, output).await? } else { Demo::default() };
    let ways = Ways::configured(&config, &demo)?;
    let search = fulltext::open(&config, &district)?;
    let stop = Stop::new();
    let reading = Arc::new(casework::LiveCasework::new(district.casework.clone(), district.profile.clone()));
    let hub = Hub::start(district.journal.clone(), reading, Limits::default()).await?;
    let oidc = Oidc::configured(&config).map_err(Failure::other)?.map(Arc::new);
    let (rules, limits) = (rules(&config, is_demo, output), config.limits.clone());
    let around = Around {
        search: search.clone(),
        rules,
        limits,
        demo,
        ways: ways.clone(),
        oidc,
        transparency,
        metrics,
        hub: hub.clone(),
    };
    let app = router(&district, around, &stop);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind(&config.listen).await.map_err(Failure::file(&config.listen))?;
    let address = listener.local_addr().map_err(Failure::file(&config.listen))?;
    crate::timekeeper::start(&district);
    crate::open311::start(&config, &district);
    fulltext::start(&district, &search, output);
    tokio::spawn(district.files.clone().keep_clean(district.edge.clone()));
    crate::notices::start(&district, hub.clone(), ways);
    output.value(format!("listening on http://{address}"));
    let (stopping, drain) = (stop.clone(), Duration::from_secs(config.drain_seconds));
    let mut ended = stop.subscribe();
    tokio::spawn(async move { stopping.on_signal(drain).await });
    let serving = axum::serve(listener, app).with_graceful_shutdown({
        let mut told = stop.subscribe();
        async move {
            told.closing().await;
            // Whoever listens would keep the server up.
            hub.close();
        }
    });
    tokio::select! {
        served = serving => served.map_err(Failure::file("serve"))?,
        // A stream that never ends by itself does not keep the process.
        () = async { ended.closing().await; tokio::time::sleep(PATIENCE).await } => {}
    }
    district.journal.db().close().await;
    Ok(ExitCode::SUCCESS)
}

/// What holds of people. A demonstration, whose passwords stand on its page, demands no second factor unless the configuration
/// does, and says so.
fn rules(config: &Config, demo: bool, output: &Output) -> People {
    let mut rules = config.people.clone();
    if demo && rules.second_factor.is_none() {
        rules.second_factor = Some(Vec::new());
        output.say("demo-second-factor", &[]);
    }
    rules
}
