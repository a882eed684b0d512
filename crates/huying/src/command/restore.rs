//! `huying restore`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use journal::backup::{self, read_erasures, replay_erasures};
use journal::log::{Checkpoint, Log, LogKey, Reason, begin_anew, witnessed};
use journal::{Erasure, Journal, WriterOptions};
use platform::{Config, Edge};
use serde_json::json;
use store::{Db, file};

use crate::cli::Settings;
use crate::failure::Failure;
use crate::output::Output;
use crate::{open, transparency};

/// Restores a backup into an empty data folder or database.
///
/// Two things that only the outside knows have to be told, or the lack of them confessed: the newest checkpoint that
/// anyone holds, because nothing is ever signed below it, and the newest list of erasures, because nobody may come back.
#[derive(Args)]
pub struct Restore {
    #[command(flatten)]
    settings: Settings,
    /// Folder of the backup.
    #[arg(long)]
    from: PathBuf,
    /// Folder with the keys, as `backup --keys` made it; not needed where they are in place.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// The newest checkpoint that a witness, a resident or anyone else holds.
    #[arg(long, value_name = "FILE", required_unless_present = "no_witness")]
    witnessed: Vec<PathBuf>,
    /// Nobody holds any checkpoint.
    #[arg(long, conflicts_with = "witnessed")]
    no_witness: bool,
    /// The newest list of erasures: `<data>.erasures.jsonl` of the lost machine.
    #[arg(long, value_name = "FILE", required_unless_present = "no_erasures")]
    erasures: Option<PathBuf>,
    /// There is no newer list than the backup's own.
    #[arg(long, conflicts_with = "erasures")]
    no_erasures: bool,
    /// If entries that were signed for are lost, begin another log that names the old one and says so.
    #[arg(long)]
    new_log: bool,
}

impl Restore {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let edge = Edge::system().map_err(Failure::other)?;
        let list = self.erasures.as_deref().map(read_erasures).transpose().map_err(Failure::other)?.unwrap_or_default();
        if let Some(keys) = &self.keys {
            place_keys(keys, &config)?;
        }
        let db = open::bare_database(&config).await?;
        let bar = output.progress("restore-progress", 0);
        let manifest = backup::load(&self.from, &db, &config.data, &open::migrations(), |table, rows| {
            bar.set_message(table.to_owned());
            bar.set_position(rows);
        })
        .await
        .map_err(Failure::other)?;
        bar.finish_and_clear();
        output.say("restore-loaded", &[("facts", manifest.head.to_string()), ("at", manifest.made_at.to_string())]);
        open::start_after_newest(&edge, &db).await?;
        let size = self.log(&config, &db, &edge, output).await?;
        let erased = erase(&config, &db, &edge, &list).await?;
        output.say("restore-erased", &[("count", erased.to_string())]);
        if output.is_json() {
            output.data(&json!({ "head": manifest.head, "log_size": size, "erased": erased }));
        }
        db.close().await;
        output.say("restore-done", &[]);
        Ok(ExitCode::SUCCESS)
    }

    /// Opens the log against what the outside holds; where it does not continue that, begins another if told to.
    async fn log(&self, config: &Config, db: &Db, edge: &Edge, output: &Output) -> Result<u64, Failure> {
        let Some(key) = open::existing_log_key(config)? else {
            return Err(Failure::Other(output.text("restore-no-key", &[])));
        };
        let witnesses = transparency::witnesses(config, db.faults())?;
        let held = self.held(&key, witnessed(&witnesses, key.verifier()).await)?;
        if let Some(newest) = &held {
            Log::set_floor(db, newest).await.map_err(Failure::other)?;
        }
        let log = match transparency::open(db, key.clone(), &witnesses).await {
            Ok(log) => log,
            Err(refused) if self.new_log => {
                output.line(&refused);
                let origin = open::district_origin(key.origin());
                let newest = held.as_ref().map(|held| held.text.as_str());
                let (file, seed) = (open::log_key_path(config), edge.chance().bytes());
                let next =
                    begin_anew(db, &file, origin, seed, Reason::Restore, newest).await.map_err(Failure::other)?;
                output.say("restore-new-log", &[("key", next.verifier().to_string())]);
                transparency::open(db, next, &witnesses).await?
            }
            Err(refused) => {
                output.say("restore-behind", &[]);
                return Err(refused);
            }
        };
        let size = log.reader().integrated().await.map_err(Failure::other)?.map_or(0, |(size, _)| size);
        output.say("restore-log", &[("size", size.to_string())]);
        Ok(size)
    }

    /// The newest of the checkpoints given and of those that the configured witnesses hold.
    fn held(&self, key: &LogKey, mut texts: Vec<String>) -> Result<Option<Checkpoint>, Failure> {
        for file in &self.witnessed {
            texts.push(std::fs::read_to_string(file).map_err(Failure::file(file.display()))?);
        }
        let opened = texts.iter().map(|text| Checkpoint::open(text, key.verifier()).map_err(Failure::other));
        let opened: Vec<Checkpoint> = opened.collect::<Result<_, _>>()?;
        Ok(opened.into_iter().max_by_key(|checkpoint| checkpoint.size))
    }
}

/// Carries out the erasures that the backup does not know of.
async fn erase(config: &Config, db: &Db, edge: &Edge, list: &[Erasure]) -> Result<u64, Failure> {
    let master = open::master_key(config, &mut edge.chance())?;
    let journal = Journal::start(db.clone(), master, WriterOptions::default());
    replay_erasures(&journal, list, open::erase, || edge.submission(None)).await.map_err(Failure::other)
}

/// Copies keys from the folder that `backup --keys` made to where the configuration wants them; never over one that is there.
fn place_keys(from: &Path, config: &Config) -> Result<(), Failure> {
    let folder = from.join("keys");
    if folder.is_dir() {
        for entry in std::fs::read_dir(&folder).map_err(Failure::file(folder.display()))? {
            let path = entry.map_err(Failure::file(folder.display()))?.path();
            place(config, &path, &config.data.join("keys").join(path.file_name().unwrap_or_default()))?;
        }
    }
    let masters = std::fs::read_dir(from).map_err(Failure::file(from.display()))?;
    for entry in masters {
        let path = entry.map_err(Failure::file(from.display()))?.path();
        if path.is_file() {
            place(config, &path, &config.master_key_path())?;
        }
    }
    Ok(())
}

fn place(config: &Config, from: &Path, to: &Path) -> Result<(), Failure> {
    if to.exists() {
        return Ok(());
    }
    let text = std::fs::read_to_string(from).map_err(Failure::file(from.display()))?;
    let placed = file::create(open::private(config, file::What("placed key")), to, text.as_bytes());
    placed.map_err(Failure::file(to.display()))
}
