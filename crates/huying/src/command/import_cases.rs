//! `huying import cases`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use casework::import::{Counts, Import};
use clap::Args;
use district::requests::{Reader, RequestMap};
use serde::Serialize;

use crate::cli::Settings;
use crate::command::profile_derive::with_causes;
use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

#[derive(Args)]
pub struct Cases {
    /// CSV (also .gz) or XLSX file of requests.
    file: PathBuf,
    /// Map that says what its columns mean: docs/IMPORT.md.
    #[arg(long)]
    map: PathBuf,
    /// File for the rows that are refused, each with its reason; in the data folder if not given.
    #[arg(long)]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    counts: Counts,
    /// Where the refused rows are.
    rejects: PathBuf,
}

impl Cases {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let map = RequestMap::load(&self.map).map_err(with_causes)?;
        let config = self.settings.load(())?;
        let district = District::open(&config).await?;
        let reader = Reader::open(&self.file, map.clone()).map_err(with_causes)?;
        let folder = config.data.join("imports");
        let name = format!("{}-{}", map.source.name, stem(&self.file));
        let import = Import {
            casework: &district.casework,
            profile: &district.profile,
            edge: &district.edge,
            file: &self.file,
            map: &map,
            position: folder.join(format!("{name}.position.json")),
            rejects: self.rejects.unwrap_or_else(|| folder.join(format!("{name}.rejects.csv"))),
        };
        let progress = reader.progress();
        let bar = output.progress("import-importing", progress.read().1);
        let counts = tokio::select! {
            counts = import.run(reader, |_| bar.set_position(progress.read().0)) => counts.map_err(with_causes)?,
            _ = tokio::signal::ctrl_c() => return Err(Failure::Other(output.text("import-interrupted", &[]))),
        };
        bar.finish_and_clear();
        output.data(&Answer { counts, rejects: import.rejects.clone() });
        Ok(if counts.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// The file's name up to its first dot.
fn stem(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split('.').next().unwrap_or_default().to_owned()
}
