//! `huying verify`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use journal::Sealer;
use journal::log::{Checkpoint, LogKey, VerifierKey, witnessed};
use journal::verify::{Against, Verified, verify};
use platform::Config;
use serde_json::json;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::output::Output;
use crate::{open, transparency};

/// Checks the whole journal: positions and versions, every hash, the log and its checkpoint, sealed values, witnesses.
#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    settings: Settings,
    /// The verifier key to check the log's checkpoint with; the district's own if not given.
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
    /// A checkpoint that someone else kept, to hold the journal against.
    #[arg(long, value_name = "FILE")]
    witnessed: Vec<PathBuf>,
}

impl Verify {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let db = open::existing_database(&config).await?;
        let key = self.key(&config)?;
        let held = match &key {
            Some(key) => self.held(&config, key).await?,
            None => Vec::new(),
        };
        let sealer = open::existing_master_key(&config)?.map(Sealer::new);
        let against = Against { key: key.as_ref(), sealer: sealer.as_ref(), witnessed: &held };
        let mut bar = None;
        let verified = verify(&db, against, |done, all| {
            bar.get_or_insert_with(|| output.progress("verify-progress", all)).set_position(done);
        })
        .await
        .map_err(Failure::other)?;
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        db.close().await;
        if sealer.is_none() {
            output.say("verify-unsealed", &[]);
        }
        report(&verified, output);
        Ok(if verified.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    fn key(&self, config: &Config) -> Result<Option<VerifierKey>, Failure> {
        match &self.key {
            Some(text) => VerifierKey::parse(text).map(Some).map_err(Failure::other),
            None => {
                let key: Option<LogKey> = open::existing_log_key(config)?;
                Ok(key.map(|key| key.verifier().clone()))
            }
        }
    }

    /// Checkpoints in the files given, and those that the configured witnesses hold.
    async fn held(&self, config: &Config, key: &VerifierKey) -> Result<Vec<Checkpoint>, Failure> {
        let mut texts = witnessed(&transparency::witnesses(config, &config.faults)?, key).await;
        for file in &self.witnessed {
            texts.push(std::fs::read_to_string(file).map_err(Failure::file(file.display()))?);
        }
        texts.iter().map(|text| Checkpoint::open(text, key).map_err(Failure::other)).collect()
    }
}

fn report(verified: &Verified, output: &Output) {
    let findings: Vec<String> = verified.findings.iter().map(ToString::to_string).collect();
    if output.is_json() {
        output.data(&json!({
            "sound": verified.is_sound(),
            "facts": verified.facts,
            "streams": verified.streams,
            "opened": verified.opened,
            "erased": verified.erased,
            "log_size": verified.log_size,
            "checkpoint": verified.checkpoint,
            "signature_checked": verified.signature_checked,
            "witnessed": verified.witnessed,
            "root": verified.root.map(|root| root.hex()),
            "findings": findings,
            "more": verified.more,
        }));
    }
    for finding in &findings {
        output.line(finding);
    }
    let count = |number: u64| number.to_string();
    output.say("verify-facts", &[("facts", count(verified.facts)), ("streams", count(verified.streams))]);
    output.say("verify-sealed", &[("opened", count(verified.opened)), ("erased", count(verified.erased))]);
    match verified.checkpoint {
        Some(size) if verified.signature_checked => output.say("verify-log", &[("size", count(size))]),
        Some(size) => output.say("verify-log-unsigned", &[("size", count(size))]),
        None => output.say("verify-log-none", &[]),
    }
    output.say("verify-witnessed", &[("count", count(verified.witnessed))]);
    if verified.is_sound() {
        output.say("verify-sound", &[]);
    } else {
        output.say("verify-findings", &[("count", count(findings.len() as u64 + verified.more))]);
    }
}
