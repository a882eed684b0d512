//! Where a bench writes: a folder and databases of its own, gone when it is over.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::Args;
use district::Profile;
use store::{Db, Options, scratch};

use crate::failure::Failure;
use crate::open;

/// What every bench asks.
#[derive(Args, Clone, Debug)]
pub struct Setting {
    /// `postgres://…` of a server on which databases are made for the while; if not given, SQLite files.
    #[arg(long)]
    pub database: Option<String>,
    /// Folder of the district's profile.
    #[arg(long, default_value = "profiles/yuexiu")]
    pub profile: PathBuf,
    /// Folder for what is written for the while, on the disk that is to be measured; if not given, the system's temporary one.
    #[arg(long)]
    pub work: Option<PathBuf>,
    /// Small sizes: they show that it runs, not how fast.
    #[arg(long)]
    pub quick: bool,
}

impl Setting {
    pub fn profile(&self) -> Result<Arc<Profile>, Failure> {
        casework::vocabulary().load(&self.profile).map(Arc::new).map_err(Failure::Profile)
    }

    /// As flags of another bench.
    pub fn flags(&self) -> Vec<OsString> {
        let mut flags: Vec<OsString> = vec!["--profile".into(), self.profile.clone().into()];
        if let Some(database) = &self.database {
            flags.extend(["--database".into(), database.into()]);
        }
        if let Some(work) = &self.work {
            flags.extend(["--work".into(), work.into()]);
        }
        flags.extend(self.quick.then(|| "--quick".into()));
        flags
    }

    /// `given`, or the size for a quick run or for a real one.
    pub fn size<T>(&self, given: Option<T>, quick: T, real: T) -> T {
        given.unwrap_or(if self.quick { quick } else { real })
    }
}

/// Removed when dropped; databases on a server when [`Place::finish`]ed.
pub struct Place {
    folder: PathBuf,
    server: Option<String>,
    made: Mutex<Vec<String>>,
}

impl Place {
    pub fn new(setting: &Setting, bench: &str) -> Result<Place, Failure> {
        let parent = setting.work.clone().unwrap_or_else(std::env::temp_dir);
        let folder = parent.join(format!("huying-bench-{bench}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(Failure::file(folder.display()))?;
        Ok(Place { folder, server: setting.database.clone(), made: Mutex::new(Vec::new()) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn store(&self) -> &'static str {
        if self.server.is_some() { "postgres" } else { "sqlite" }
    }

    /// Makes an empty database and gives its address.
    pub async fn address(&self, name: &str) -> Result<String, Failure> {
        if let Some(server) = &self.server {
            let whole = on_server(name);
            scratch::create(server, &whole).await?;
            self.made.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(whole);
        }
        Ok(self.address_of(name))
    }

    /// The address of a database that was made.
    pub fn address_of(&self, name: &str) -> String {
        match &self.server {
            Some(server) => scratch::address(server, &on_server(name)),
            None => format!("sqlite:{}", self.folder.join(format!("{name}.db")).display()),
        }
    }

    /// A database that was made, opened again.
    pub async fn reopen(&self, name: &str, options: Options) -> Result<Db, Failure> {
        Ok(Db::open(&self.address_of(name), options).await?)
    }

    /// A new database with all tables of the house.
    pub async fn database(&self, name: &str, options: Options) -> Result<Db, Failure> {
        let db = Db::open(&self.address(name).await?, options).await?;
        store::migrate(&db, open::migrations()).await?;
        Ok(db)
    }

    /// Closes a database and removes it, for those that are made in number.
    pub async fn remove(&self, db: Db, name: &str) -> Result<(), Failure> {
        db.close().await;
        match &self.server {
            Some(server) => scratch::remove(server, &on_server(name)).await?,
            None => {
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(self.folder.join(format!("{name}.db{end}")));
                }
            }
        }
        Ok(())
    }

    pub async fn finish(self) -> Result<(), Failure> {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        for name in made {
            if let Some(server) = &self.server {
                scratch::remove(server, &name).await?;
            }
        }
        Ok(())
    }
}

/// What the database is called on a server that others may use at the same time.
fn on_server(name: &str) -> String {
    format!("huying_bench_{}_{name}", std::process::id())
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
