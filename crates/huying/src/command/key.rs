//! `huying key`

use std::process::ExitCode;

use clap::Args;
use district::Profile;
use platform::Edge;

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
        let edge = Edge::system().map_err(Failure::other)?;
        let path = config.data.join("keys").join("log.key");
        // A district that has been served has its key; only a new one needs its code from the profile.
        let code = if path.exists() {
            String::new()
        } else {
            Profile::load(&config.profile).map_err(Failure::Profile)?.settings.code
        };
        let key = open::log_key(&config, &code, &mut edge.chance())?;
        output.value(key.verifier());
        Ok(ExitCode::SUCCESS)
    }
}
