//! `huying import`

use std::process::ExitCode;

use clap::Subcommand;

use crate::command::import_cases::Cases;
use crate::command::import_check::Check;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Take in the requests that another system recorded, each once, and replay them through the life cycle.
    Cases(Cases),
    /// Compare what was taken in with what the file records: areas, clocks, limits.
    Check(Check),
}

impl ImportCommand {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        match self {
            ImportCommand::Cases(command) => command.run(output).await,
            ImportCommand::Check(command) => command.run(output).await,
        }
    }
}
