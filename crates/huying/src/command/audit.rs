//! `huying audit`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use journal::tail;

use crate::audit::{self, Address, Sender};
use crate::cli::Settings;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Writes the audit trail: who opened accounts, who opened, renewed or closed keys, who looked at whose values. Sign-ins
/// are not in it.
///
/// It holds keys and codes and the hash of each fact, no personal value. A served district also sends it as it happens:
/// `audit_syslog` in the configuration.
#[derive(Args)]
pub struct Audit {
    #[command(flatten)]
    settings: Settings,
    /// File for it; standard output where not given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// `udp://HOST:PORT` or `tcp://HOST:PORT` instead of a file.
    #[arg(long, conflicts_with = "out")]
    to: Option<String>,
    #[arg(long, value_enum, default_value = "json")]
    format: Form,
    /// Only facts after this position.
    #[arg(long, default_value_t = 0)]
    after: i64,
    /// Every fact of the journal, not the audit trail alone.
    #[arg(long)]
    everything: bool,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Form {
    /// A line of JSON each.
    Json,
    /// A line of RFC 5424 each.
    Syslog,
}

impl Audit {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let address: Option<Address> = self.to.as_deref().map(str::parse).transpose().map_err(Failure::Refused)?;
        let mut sender = address.map(Sender::new);
        let mut file = match &self.out {
            Some(path) => Some(BufWriter::new(File::create(path).map_err(Failure::file(path.display()))?)),
            None => None,
        };
        let db = open::existing_database(&config).await?;
        let head = tail::head(&mut &db).await?;
        let bar = output.progress("audit-progress", head.max(0).unsigned_abs());
        let (mut position, mut count) = (self.after, 0);
        while let Some((last, entries)) = audit::block(&db, position, self.everything).await? {
            position = last;
            count += entries.len();
            if let Some(sender) = &mut sender {
                sender.send(&entries).await.map_err(Failure::file(self.to.as_deref().unwrap_or_default()))?;
            }
            for entry in entries.iter().filter(|_| sender.is_none()) {
                let line = match self.format {
                    Form::Json => serde_json::to_string(entry).map_err(Failure::other)?,
                    Form::Syslog => audit::message(entry),
                };
                match &mut file {
                    Some(file) => writeln!(file, "{line}").map_err(Failure::file("audit"))?,
                    None => output.value(line),
                }
            }
            bar.set_position(position.max(0).unsigned_abs());
        }
        bar.finish_and_clear();
        if let Some(mut file) = file {
            file.flush().map_err(Failure::file("audit"))?;
        }
        if self.out.is_some() || self.to.is_some() {
            output.say("audit-done", &[("count", count.to_string()), ("position", position.to_string())]);
        }
        db.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
