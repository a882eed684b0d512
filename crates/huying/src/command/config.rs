//! `huying config`

use std::process::ExitCode;

use clap::Args;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Args)]
pub struct ShowConfig {
    #[command(flatten)]
    settings: Settings,
}

impl ShowConfig {
    pub fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        output.data(&config.shown());
        Ok(ExitCode::SUCCESS)
    }
}
