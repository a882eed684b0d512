//! `huying key`

use std::process::ExitCode;

use clap::Args;
use journal::log::{Log, LogKey, Reason, begin_anew};
use platform::{Config, Edge};

use crate::cli::Settings;
use crate::failure::Failure;
use crate::output::Output;
use crate::{open, transparency};

/// Prints VKEY, the verifier key of the district's transparency log (C2SP signed-note form).
#[derive(Args)]
pub struct ShowKey {
    #[command(flatten)]
    settings: Settings,
    /// Make a new signing key first, while the district is not served: its next log names the old one, whose key is kept.
    #[arg(long)]
    rotate: bool,
}

impl ShowKey {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let mut key = match open::existing_log_key(&config)? {
            Some(key) => key,
            None => new_key(&config, output).await?,
        };
        if self.rotate {
            key = rotate(&config, key).await?;
        }
        output.value(key.verifier());
        Ok(ExitCode::SUCCESS)
    }
}

/// The key of a district that has none yet; refused where its log was signed with one that is not here.
async fn new_key(config: &Config, output: &Output) -> Result<LogKey, Failure> {
    if let Ok(db) = open::existing_database(config).await
        && transparency::has_begun(&db).await?
    {
        return Err(Failure::Other(output.text("log-key-elsewhere", &[])));
    }
    open::district_log_key(config)
}

async fn rotate(config: &Config, key: LogKey) -> Result<LogKey, Failure> {
    let db = open::existing_database(config).await?;
    let witnesses = transparency::witnesses(config, db.faults())?;
    // The old log ends with everything signed for; where a rotation was interrupted, it has ended before.
    let ended: Option<Log> = transparency::open(&db, key.clone(), &witnesses).await.ok();
    drop(ended);
    let seed = Edge::system().map_err(Failure::other)?.chance().bytes();
    let (file, origin) = (open::log_key_path(config), open::district_origin(key.origin()));
    let next = begin_anew(&db, &file, origin, seed, Reason::Rotation, None).await.map_err(Failure::other)?;
    transparency::open(&db, next.clone(), &witnesses).await?;
    db.close().await;
    Ok(next)
}
