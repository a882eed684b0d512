//! Folders and databases that are gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use platform::Config;
use store::scratch;

use crate::failure::Failure;

/// A folder below the data folder and, where `--database` names PostgreSQL, databases on that server.
pub struct Scratch {
    folder: PathBuf,
    server: Option<String>,
    made: Vec<String>,
    count: u32,
}

impl Scratch {
    /// An older one, kept for its violations, is removed.
    pub fn new(config: &Config) -> Result<Scratch, Failure> {
        let folder = config.data.join("faults");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Failure::file(folder.display()))?;
        }
        fs::create_dir_all(&folder).map_err(Failure::file(folder.display()))?;
        let folder = fs::canonicalize(&folder).map_err(Failure::file(folder.display()))?;
        let url = config.database_url();
        let server = (!url.starts_with("sqlite:")).then_some(url);
        Ok(Scratch { folder, server, made: Vec::new(), count: 0 })
    }

    pub fn store(&self) -> &'static str {
        if self.server.is_some() { "postgres" } else { "sqlite" }
    }

    /// A path of this name for the caller to make.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The address of a new, empty database.
    pub async fn database(&mut self) -> Result<String, Failure> {
        self.count += 1;
        match self.on_server().await? {
            Some(url) => Ok(url),
            None => Ok(format!("sqlite:{}", self.folder.join(format!("{}.db", self.count)).display())),
        }
    }

    /// A new folder, and a new database where it does not lie in the folder.
    pub async fn place(&mut self) -> Result<(PathBuf, Option<String>), Failure> {
        self.count += 1;
        let folder = self.folder.join(self.count.to_string());
        fs::create_dir_all(&folder).map_err(Failure::file(folder.display()))?;
        Ok((folder, self.on_server().await?))
    }

    async fn on_server(&mut self) -> Result<Option<String>, Failure> {
        let Some(server) = &self.server else { return Ok(None) };
        let name = format!("huying_fault_{}_{}", std::process::id(), self.count);
        let url = scratch::create(server, &name).await?;
        self.made.push(name);
        Ok(Some(url))
    }

    /// Removes everything, unless it is to be looked into.
    pub async fn end(self, keep: bool) {
        if keep {
            tracing::warn!(folder = %self.folder.display(), databases = ?self.made, "kept to be looked into");
            return;
        }
        for name in &self.made {
            if let Err(error) = scratch::remove(self.server.as_deref().unwrap_or_default(), name).await {
                tracing::warn!(%error, name, "a database of a trial could not be removed");
            }
        }
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(%error, folder = %folder.display(), "the folder of the trials could not be removed");
    }
}
