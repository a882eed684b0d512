//! `huying key`

use std::process::ExitCode;

use clap::Args;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Prints VKEY, the verifier key of the district's transparency log (C2SP signed-note form).
#[derive(Args)]
pub struct ShowKey {
    #[command(flatten)]
    settings: Settings,
}

impl ShowKey {
    pub fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let key = open::district_log_key(&config)?;
        output.value(key.verifier());
        Ok(ExitCode::SUCCESS)
    }
}
