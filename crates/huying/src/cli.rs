//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kernel::text::Language;
use platform::Config;
use serde::Serialize;

use crate::command;
use crate::failure::Failure;
use crate::fault_plan::FaultPlan;
use crate::output::Output;

/// Huying (呼应): call and response for a city district.
///
/// Exit codes: 0 done; 1 done, and what was checked is not right; 2 the command line is wrong; 3 a file, a database or the
/// configuration stood in the way; 4 a request was refused by a rule.
#[derive(Parser)]
#[command(name = "huying", version, max_term_width = 100)]
pub struct Cli {
    /// Print data as JSON, one document a line.
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of messages.
    #[arg(long, global = true, value_enum, env = "HUYING_LANGUAGE", default_value = "zh-cn")]
    pub language: Spoken,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Spoken {
    #[value(name = "zh-cn")]
    Chinese,
    #[value(name = "en")]
    English,
}

impl From<Spoken> for Language {
    fn from(spoken: Spoken) -> Language {
        match spoken {
            Spoken::Chinese => Language::Chinese,
            Spoken::English => Language::English,
        }
    }
}

/// Settings that commands on a district share; what is not given comes from the environment, the file, the defaults.
#[derive(Args, Serialize, Default, Debug)]
pub struct Settings {
    /// Configuration file (TOML).
    #[arg(long)]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Folder of the district's data.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// Folder of the district's profile.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<PathBuf>,
    /// `postgres://…`, or `sqlite:PATH`; a SQLite file in the data folder if not given.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
    /// Where this process is to end: `huying simulate --fault exit` gives it to those it starts.
    #[arg(long, hide = true)]
    #[serde(skip)]
    fault_plan: Option<PathBuf>,
}

impl Settings {
    /// The configuration with these flags on top, and `more` flags of one command above them.
    pub fn load(&self, more: impl Serialize) -> Result<Config, Failure> {
        let mut flags = serde_json::to_value(self).unwrap_or_default();
        if let (Some(flags), Ok(serde_json::Value::Object(more))) = (flags.as_object_mut(), serde_json::to_value(more))
        {
            flags.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        let mut config = Config::load(self.config.as_deref(), flags)?;
        if let Some(plan) = &self.fault_plan {
            config.faults = FaultPlan::arm(plan)?;
        }
        Ok(config)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Serve the district over HTTP.
    Serve(command::serve::Serve),
    /// Check a profile, or make one.
    #[command(subcommand)]
    Profile(command::profile::ProfileCommand),
    /// Take in cases of another system.
    #[command(subcommand)]
    Import(command::import::ImportCommand),
    /// Open, reset and disable the accounts of people.
    #[command(subcommand)]
    Account(command::account::AccountCommand),
    /// Open API clients: other systems that call with a key.
    #[command(subcommand)]
    Client(command::client::ClientCommand),
    /// Print the configuration, secrets hidden.
    Config(command::config::ShowConfig),
    /// Print the public key that checks the district's receipts and checkpoints.
    Key(command::key::ShowKey),
    /// Make the receipt of a case, or check one.
    Receipt(command::receipt::Receipt),
    /// Check the whole journal, its log and its sealed values.
    Verify(command::verify::Verify),
    /// Back the district up while it is served.
    Backup(command::backup::Backup),
    /// Restore a backup.
    Restore(command::restore::Restore),
    /// Make the tables anew from the journal, or compare them with it.
    Rebuild(command::rebuild::Rebuild),
    /// Write the audit trail for a collector outside.
    Audit(command::audit::Audit),
    /// Erase a person: destroy the key their values are sealed under.
    Erase(command::erase::Erase),
    /// Take a new master key into use.
    Rewrap(command::rewrap::Rewrap),
    /// Let a district live on a simulated clock, and check that nothing went wrong.
    Simulate(command::simulate::Simulate),
    /// Measure the figures of docs/BENCHMARKS.md.
    Bench(command::bench::Bench),
}

impl Cli {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Serve(command) => command.run(output).await,
            Command::Profile(command) => command.run(output),
            Command::Import(command) => command.run(output).await,
            Command::Account(command) => command.run(output).await,
            Command::Client(command) => command.run(output).await,
            Command::Config(command) => command.run(output),
            Command::Key(command) => command.run(output).await,
            Command::Receipt(command) => command.run(output).await,
            Command::Verify(command) => command.run(output).await,
            Command::Backup(command) => command.run(output).await,
            Command::Restore(command) => command.run(output).await,
            Command::Rebuild(command) => command.run(output).await,
            Command::Audit(command) => command.run(output).await,
            Command::Erase(command) => command.run(output).await,
            Command::Rewrap(command) => command.run(output).await,
            Command::Simulate(command) => command.run(output).await,
            Command::Bench(command) => command.run(output).await,
        }
    }
}
