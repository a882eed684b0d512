//! `huying receipt`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use journal::access::{self, Looker, Why};
use journal::log::VerifierKey;
use journal::receipt::{self, Disclose};
use journal::{Journal, MasterKey, Sealer, WriterOptions, tail};
use kernel::Actor;
use platform::{Config, Edge};
use serde_json::json;
use store::Db;
use store::file::{self, Kind, Readers, What};

use crate::cli::Settings;
use crate::failure::Failure;
use crate::output::Output;
use crate::{open, transparency};

/// Writes the receipt of a case, which anyone can check without the district, or checks one.
#[derive(Args)]
pub struct Receipt {
    #[command(flatten)]
    settings: Settings,
    /// The case: its number or identifier, or the name of any other stream, such as `erasure/…`.
    #[arg(conflicts_with_all = ["any", "check"])]
    case: Option<String>,
    /// Take any case.
    #[arg(long, conflicts_with = "check")]
    any: bool,
    /// Where to write the receipt.
    #[arg(long, required_unless_present = "check", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Personal fields to show, such as `login`, separated by commas; none otherwise. Needs the master key. Every person
    /// whose values are shown finds the look on their access log.
    #[arg(long, value_delimiter = ',')]
    disclose: Vec<String>,
    /// Why personal fields are shown: a code that the access log keeps.
    #[arg(long, default_value = "receipt", requires = "disclose")]
    ground: String,
    /// A receipt to check.
    #[arg(long, value_name = "FILE", requires = "key")]
    check: Option<PathBuf>,
    /// The district's verifier key, from another source than the receipt.
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
}

impl Receipt {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        match (&self.check, &self.key, &self.out) {
            (Some(file), Some(key), _) => check(file, key, output),
            (_, _, Some(out)) => self.make(out, output).await,
            _ => Err(Failure::Other(output.text("receipt-usage", &[]))),
        }
    }

    async fn make(&self, out: &Path, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let db = open::existing_database(&config).await?;
        let Some(stream) = self.stream(&db).await? else {
            let name = self.case.clone().unwrap_or_else(|| "case/…".to_owned());
            return Err(Failure::Other(output.text("receipt-nothing", &[("name", name)])));
        };
        let master = if self.disclose.is_empty() { None } else { open::existing_master_key(&config)? };
        let names: Vec<&str> = self.disclose.iter().map(String::as_str).collect();
        let sealer = match master {
            Some(master) => Some(self.look(&db, master, &stream, &names, output).await?),
            None => None,
        };
        sign(&config, &db).await?;
        let disclose = sealer.as_ref().map_or(Disclose::Nothing, |sealer| Disclose::Fields { sealer, names: &names });
        let receipt = receipt::make(&db, &stream, disclose).await.map_err(Failure::other)?;
        let kind = Kind { what: What("receipt"), readers: Readers::Others, faults: &config.faults };
        file::replace(kind, out, receipt.to_text().as_bytes()).map_err(Failure::file(out.display()))?;
        let (facts, pending) = (receipt.facts.len(), receipt.pending().len());
        if output.is_json() {
            output.data(&json!({ "stream": stream, "facts": facts, "pending": pending }));
        }
        output.say("receipt-written", &[("stream", stream), ("facts", facts.to_string())]);
        if pending > 0 {
            output.say("receipt-pending", &[("count", pending.to_string())]);
        }
        db.close().await;
        Ok(ExitCode::SUCCESS)
    }

    /// Puts the look on the access log of everyone it concerns, before anything is shown.
    async fn look(
        &self,
        db: &Db,
        master: MasterKey,
        stream: &str,
        names: &[&str],
        output: &Output,
    ) -> Result<Sealer, Failure> {
        let edge = Edge::system().map_err(Failure::other)?;
        let journal = Journal::start(db.clone(), master, WriterOptions::default());
        let sealer = journal.sealer().clone();
        let fields = access::concerned(&mut &*db, &sealer, stream, names).await?;
        let persons: Vec<String> = fields.keys().cloned().collect();
        let (actor, why) = (Actor::system("operator"), Why::code(self.ground.clone()));
        let looker = Looker { actor, why, submission: edge.submission(None) };
        access::record(&journal, looker, stream.to_owned(), fields).await.map_err(Failure::other)?;
        for person in persons {
            output.say("receipt-looked", &[("log", access::access_log(&person))]);
        }
        Ok(sealer)
    }

    /// The stream asked for, if the journal holds anything of it.
    async fn stream(&self, db: &Db) -> Result<Option<String>, Failure> {
        let mut read = db;
        let Some(name) = &self.case else {
            return Ok(tail::newest_stream(&mut read, "case/").await?);
        };
        let stream = match casework::case_numbered(&mut read, name).await? {
            Some(case) => casework::stream_of(&case),
            None if name.contains('/') => name.clone(),
            None => format!("case/{name}"),
        };
        Ok((!tail::stream(&mut read, &stream).await?.is_empty()).then_some(stream))
    }
}

/// Lets the log take in and sign what is committed, as `serve` does all the time.
async fn sign(config: &Config, db: &Db) -> Result<(), Failure> {
    let key = match open::existing_log_key(config)? {
        Some(key) => key,
        // The key is elsewhere, and so is whoever signs.
        None if transparency::has_begun(db).await? => return Ok(()),
        None => open::district_log_key(config)?,
    };
    let witnesses = transparency::witnesses(config, db.faults())?;
    transparency::open(db, key, &witnesses).await.map(drop)
}

fn check(file: &PathBuf, key: &str, output: &Output) -> Result<ExitCode, Failure> {
    let bytes = std::fs::read(file).map_err(Failure::file(file.display()))?;
    let key = VerifierKey::parse(key).map_err(Failure::other)?;
    match receipt::check(&bytes, &key) {
        Ok(checked) => {
            if output.is_json() {
                output.data(&json!({
                    "valid": true,
                    "stream": checked.stream,
                    "facts": checked.facts.len(),
                    "log": checked.checkpoint.origin,
                    "size": checked.checkpoint.size,
                }));
            }
            for fact in &checked.facts {
                output.line(format!("{}  {}  {}", fact.at, fact.position, fact.kind));
                for (field, value) in &fact.disclosed {
                    output.line(format!("  {field}: {value}"));
                }
            }
            let facts = checked.facts.len().to_string();
            output.say("receipt-valid", &[("facts", facts), ("log", checked.checkpoint.origin)]);
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            if output.is_json() {
                output.data(&json!({ "valid": false, "reason": fault.to_string() }));
            }
            output.say("receipt-invalid", &[("reason", fault.to_string())]);
            Ok(ExitCode::from(1))
        }
    }
}
