//! `huying`: one binary for a district. The commands stand in `command/`, one file each.

mod audit;
mod bench;
mod cli;
mod command;
mod demo;
mod failure;
mod fault_plan;
mod fulltext;
mod http;
mod notices;
mod open;
mod open311;
mod output;
mod telemetry;
mod timekeeper;
mod transparency;
mod webhook;

use std::process::ExitCode;

use clap::Parser;

/// Many threads hand values to SQLite's and free what it gives back; the system's allocator spends a tenth of the time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let output = output::Output::new(cli.json, cli.language);
    // What speaks HTTPS speaks it by rustls on ring; installing fails only where that was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(cli.run(&output)),
        Err(error) => Err(failure::Failure::File { what: "runtime".into(), source: error }),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            output.failed(&failure);
            failure.exit_code()
        }
    }
}
