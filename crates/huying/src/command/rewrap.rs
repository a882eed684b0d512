//! `huying rewrap`

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use journal::{MasterKey, Sealer};
use kernel::{Kind, Refusal};
use platform::{Config, Edge};
use serde::Serialize;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Takes a new master key into use: every person's key is wrapped anew, in one transaction. Nothing may be serving.
#[derive(Args)]
pub struct Rewrap {
    #[command(flatten)]
    settings: Settings,
    /// File of the new master key; made when it is not there. Afterwards it is the one to give as `master_key_file`.
    #[arg(long)]
    to: PathBuf,
}

#[derive(Serialize)]
struct Rewrapped {
    keys: u64,
    master_key_file: PathBuf,
}

impl Rewrap {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let edge = Edge::system().map_err(Failure::other)?;
        let missing = || Failure::Refused(Refusal::new(Kind::NotFound, "master-key-missing"));
        let old = open::existing_master_key(&config)?.ok_or_else(missing)?;
        let next = self.next(&config, &edge)?;
        let db = open::existing_database(&config).await?;
        let mut tx = db.begin().await?;
        let keys = Sealer::new(old).rewrap(&mut tx, &next, &mut edge.chance()).await?;
        tx.commit().await?;
        db.close().await;
        output.data(&Rewrapped { keys, master_key_file: self.to });
        Ok(ExitCode::SUCCESS)
    }

    fn next(&self, config: &Config, edge: &Edge) -> Result<MasterKey, Failure> {
        if self.to.exists() {
            let text = fs::read_to_string(&self.to).map_err(Failure::file(self.to.display()))?;
            return MasterKey::parse(&text).map_err(Failure::other);
        }
        let key = MasterKey::draw(&mut edge.chance());
        open::write_master_key(config, &self.to, &key)?;
        Ok(key)
    }
}
