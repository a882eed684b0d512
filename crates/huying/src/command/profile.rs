//! `huying profile`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use district::Fault;
use serde::Serialize;

use crate::command::profile_derive::Derive;
use crate::command::profile_generate::Generate;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Subcommand)]
pub enum ProfileCommand {
    /// Report every fault of a profile with file, line and reason, and count what it holds.
    Check(Check),
    /// Make a profile's areas, outlines, buildings and posts from its plan.
    Generate(Generate),
    /// Make a profile from a file of real requests, and check it.
    Derive(Derive),
}

#[derive(Args)]
pub struct Check {
    /// Folder of the profile.
    folder: PathBuf,
}

impl ProfileCommand {
    pub fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        match self {
            ProfileCommand::Check(command) => command.run(output),
            ProfileCommand::Generate(command) => command.run(output),
            ProfileCommand::Derive(command) => command.run(output),
        }
    }
}

/// What a profile holds, and what is wrong with it.
#[derive(Serialize)]
struct Checked<'a> {
    #[serde(flatten)]
    counts: &'a BTreeMap<String, usize>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    faults: &'a [Fault],
}

impl Check {
    fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let report = casework::vocabulary().check(&self.folder);
        if output.is_json() || report.faults.is_empty() {
            output.data(&Checked { counts: &report.counts, faults: &report.faults });
        }
        if report.faults.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Profile(report.faults)) }
    }
}
