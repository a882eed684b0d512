//! Logs, and spans for an OpenTelemetry collector. No personal data goes into either: fields are keys, codes and counts.

mod collector;

use kernel::Refusal;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use platform::Config;
use platform::config::LogFormat;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::failure::Failure;

/// Half a year, in days: for so long the law wants logs kept (Cybersecurity Law, article 21).
const LEAST_DAYS: u16 = 183;

/// What has to be told before the process ends, so that the last spans are sent.
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

/// Starts logging to standard error and, where the configuration says so, to files and to a collector.
pub fn start(config: &Config) -> Result<Telemetry, Failure> {
    let mut layers = vec![standard_error(config.log_format)];
    if config.log_folder.is_some() {
        layers.push(files(config)?);
    }
    let provider = config.otlp_endpoint.as_deref().map(|endpoint| collector::provider(endpoint, config.otlp_share));
    let provider = provider.transpose().map_err(Failure::other)?;
    if let Some(provider) = &provider {
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        layers.push(tracing_opentelemetry::layer().with_tracer(provider.tracer("huying")).boxed());
    }
    let filter = EnvFilter::try_new(&config.log).map_err(Failure::other)?;
    Registry::default().with(layers.with_filter(filter)).try_init().map_err(Failure::other)?;
    Ok(Telemetry { provider })
}

impl Telemetry {
    /// Sends what has not been sent yet.
    pub async fn finish(self) {
        let Some(provider) = self.provider else { return };
        // It waits for its own thread, which needs this one's runtime to send.
        let done = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(error)) = done {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

fn standard_error(format: LogFormat) -> Boxed {
    let layer = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    }
}

/// A file a day, by UTC; those that are too old go when a new one begins.
fn files(config: &Config) -> Result<Boxed, Failure> {
    let folder = config.log_folder.as_deref().unwrap_or(&config.data);
    if config.log_keep_days < LEAST_DAYS {
        let refusal = Refusal::invalid("log_keep_days", "log-keep-too-short").with("least", LEAST_DAYS);
        return Err(Failure::Refused(refusal.with("days", config.log_keep_days)));
    }
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("huying")
        .filename_suffix("jsonl")
        .max_log_files(config.log_keep_days.into())
        .build(folder)
        .map_err(Failure::other)?;
    Ok(fmt::layer().json().with_ansi(false).with_writer(std::sync::Mutex::new(files)).boxed())
}
