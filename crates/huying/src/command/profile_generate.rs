//! `huying profile generate`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use simulator::territory;

use crate::failure::Failure;
use crate::output::Output;

/// Reads the folder `plan` of the profile and writes areas, outlines, roads' lines, buildings, organizations, posts and
/// rosters. The same plan gives the same files on every machine.
#[derive(Args)]
pub struct Generate {
    /// Folder of the profile.
    folder: PathBuf,
    /// Write nothing; exit with 1 where a file is not what the plan makes.
    #[arg(long)]
    check: bool,
}

impl Generate {
    pub fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let files = territory::generate(&self.folder).map_err(|error| Failure::other(causes(&error)))?;
        let changed: Vec<&territory::ProfileFile> = files.iter().filter(|file| self.differs(file)).collect();
        if !self.check {
            territory::write(&self.folder, &files).map_err(|error| Failure::other(causes(&error)))?;
        }
        let paths: Vec<String> = changed.iter().map(|file| file.path.display().to_string()).collect();
        output.data(&serde_json::json!({ "files": files.len(), "changed": paths }));
        Ok(if self.check && !paths.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    fn differs(&self, file: &territory::ProfileFile) -> bool {
        std::fs::read_to_string(self.folder.join(&file.path)).map_or(true, |text| text != file.text)
    }
}

/// An error and what caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<String>>().join(": ")
}
