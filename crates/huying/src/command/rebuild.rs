//! `huying rebuild`

use std::process::ExitCode;

use clap::Args;
use platform::Config;
use serde::Serialize;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::fulltext;
use crate::open::{self, District};
use crate::output::Output;

/// Makes the slices' tables anew from the journal; with `--check`, only says where they differ from it; with `--search`, makes the
/// index of full text anew instead, while nothing else writes it.
#[derive(Args)]
pub struct Rebuild {
    #[command(flatten)]
    settings: Settings,
    /// Change nothing; exit code 1 when the tables and the journal differ.
    #[arg(long)]
    check: bool,
    /// The index of full text.
    #[arg(long, conflicts_with = "check")]
    search: bool,
}

#[derive(Serialize)]
struct Rebuilt {
    cases: u64,
}

#[derive(Serialize)]
struct Indexed {
    documents: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Compared {
    /// Rows that differ, by table and key.
    differences: Vec<String>,
}

impl Rebuild {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        if self.search {
            return index(&config, output).await;
        }
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

async fn index(config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    open::existing_database(config).await?.close().await;
    let district = District::open(config).await?;
    let search = fulltext::open(config, &district)?;
    let mut reader = fulltext::reader(&district, &search);
    let bar = fulltext::Bar::new(output);
    reader.begin_anew().map_err(Failure::other)?;
    reader.catch_up(|at| bar.show(at)).await.map_err(Failure::other)?;
    output.data(&Indexed { documents: search.documents(), bytes: search.bytes().map_err(Failure::other)? });
    district.journal.db().close().await;
    Ok(ExitCode::SUCCESS)
}
