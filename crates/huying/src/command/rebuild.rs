//! `huying rebuild`

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Makes the slices' tables anew from the journal; with `--check`, only says where they differ from it.
#[derive(Args)]
pub struct Rebuild {
    #[command(flatten)]
    settings: Settings,
    /// Change nothing; exit code 1 when the tables and the journal differ.
    #[arg(long)]
    check: bool,
}

#[derive(Serialize)]
struct Rebuilt {
    cases: u64,
}

#[derive(Serialize)]
struct Compared {
    /// Rows that differ, by table and key.
    differences: Vec<String>,
}

impl Rebuild {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let db = open::existing_database(&config).await?;
        let bar = output.progress("rebuilding", 0);
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        let code = if self.check {
            let found = casework::compare(&db).await?;
            let differences: Vec<String> =
                found.into_iter().map(|one| format!("{}: {}", one.stream, one.what)).collect();
            let code = if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) };
            bar.finish_and_clear();
            output.data(&Compared { differences });
            code
        } else {
            let cases = casework::rebuild(&db).await?;
            // The public reading is made anew by whoever serves.
            let mut tx = db.begin().await?;
            channels::open311::forget(&mut tx).await?;
            tx.commit().await?;
            bar.finish_and_clear();
            output.data(&Rebuilt { cases });
            ExitCode::SUCCESS
        };
        db.close().await;
        Ok(code)
    }
}
