//! `huying serve`

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::cli::Settings;
use crate::demo;
use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

/// Serves the district over HTTP until it is told to stop. Prints `listening on URL` once the first answer can be given.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    settings: Settings,
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    listen: Option<String>,
    /// Also make demo people who can sign in, and print them; an empty district first lives through some simulated days.
    #[arg(long)]
    demo: bool,
    /// How many simulated days, ending now, a demonstration begins with.
    #[arg(long, requires = "demo", default_value_t = 30)]
    demo_days: u32,
}

#[derive(Serialize)]
struct Flags {
    listen: Option<String>,
}

impl Serve {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let mut config = self.settings.load(Flags { listen: self.listen.clone() })?;
        if self.demo {
            // What is printed stays true, however long the demonstration lasts.
            config.people.password_days = 0;
        }
        let telemetry = crate::telemetry::start(&config)?;
        let district = District::open(&config).await?;
        if self.demo && self.demo_days > 0 {
            demo::fill(&district, self.demo_days, output).await?;
        }
        if !self.demo && !platform::account::any(&mut district.journal.db()).await? {
            output.say("serve-without-accounts", &[]);
        }
        let ended = crate::http::serve(config, district, self.demo, output).await;
        telemetry.finish().await;
        ended
    }
}
