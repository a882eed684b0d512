//! `huying backup`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use journal::backup;
use platform::Edge;
use serde_json::json;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Backs the district up while it is served: every table as of one instant, and the files of the data folder.
///
/// The keys are not in the backup. With --keys they are copied to a folder of their own, to be kept elsewhere: without
/// them nobody can read the personal values in a backup, its owner included.
#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    settings: Settings,
    /// New folder for the backup.
    #[arg(long)]
    out: PathBuf,
    /// Folder outside the backup for the log's signing keys and the master key.
    #[arg(long)]
    keys: Option<PathBuf>,
}

impl Backup {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let edge = Edge::system().map_err(Failure::other)?;
        let db = open::existing_database(&config).await?;
        let bar = output.progress("backup-progress", 0);
        let manifest = backup::make(&db, Some(&config.data), &self.out, edge.now(), |table, rows| {
            bar.set_message(table.to_owned());
            bar.set_position(rows);
        })
        .await
        .map_err(Failure::other)?;
        bar.finish_and_clear();
        db.close().await;
        let keys = match &self.keys {
            Some(to) => {
                let master = config.master_key_path();
                backup::copy_keys(&config.data, &master, &self.out, to, &config.faults).map_err(Failure::other)?
            }
            None => Vec::new(),
        };
        let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
        if output.is_json() {
            let (tables, files) = (manifest.tables.len(), manifest.files.len());
            output
                .data(&json!({ "head": manifest.head, "tables": tables, "rows": rows, "files": files, "keys": keys }));
        }
        let count = |number: usize| number.to_string();
        output.say(
            "backup-done",
            &[("facts", manifest.head.to_string()), ("rows", rows.to_string()), ("files", count(manifest.files.len()))],
        );
        output.say(if keys.is_empty() { "backup-without-keys" } else { "backup-keys" }, &[("keys", keys.join(", "))]);
        Ok(ExitCode::SUCCESS)
    }
}
