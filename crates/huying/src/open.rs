//! Opening a district: profile, database, keys, journal.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use casework::Casework;
use district::Profile;
use journal::log::LogKey;
use journal::{Journal, MasterKey, WriterOptions};
use kernel::Chance;
use platform::{Config, Edge};
use store::{Db, Durability, Migration, Options};

use crate::failure::Failure;

/// All tables of the house.
pub fn migrations() -> Vec<Migration> {
    [journal::MIGRATIONS, platform::MIGRATIONS, casework::MIGRATIONS].concat()
}

/// A district, open.
pub struct District {
    pub profile: Arc<Profile>,
    pub journal: Journal,
    pub casework: Casework,
    pub edge: Edge,
    pub log_key: LogKey,
}

impl District {
    pub async fn open(config: &Config) -> Result<District, Failure> {
        let profile = Arc::new(Profile::load(&config.profile).map_err(Failure::Profile)?);
        let edge = Edge::system().map_err(Failure::other)?;
        let db = database(config).await?;
        let master = master_key(config, &mut edge.chance())?;
        let log_key = log_key(config, &profile.settings.code, &mut edge.chance())?;
        let journal = Journal::start(db, master, WriterOptions::default());
        let book = casework::rulebook(&profile).map_err(Failure::other)?;
        let casework = Casework::new(journal.clone(), book);
        Ok(District { profile, journal, casework, edge, log_key })
    }
}

/// The database with its tables up to date; the data folder is made when missing.
pub async fn database(config: &Config) -> Result<Db, Failure> {
    let durability = if config.allow_weak_durability { Durability::ProcessOnly } else { Durability::Full };
    database_with(config, Options { durability, connections: config.connections, ..Options::default() }).await
}

pub async fn database_with(config: &Config, options: Options) -> Result<Db, Failure> {
    fs::create_dir_all(&config.data).map_err(Failure::file(config.data.display()))?;
    let db = Db::open(&config.database_url(), options).await?;
    store::migrate(&db, migrations()).await?;
    Ok(db)
}

/// The master key: from the configuration, or from its file, which is made when the district is new.
pub fn master_key(config: &Config, chance: &mut Chance) -> Result<MasterKey, Failure> {
    if let Some(key) = &config.master_key {
        return MasterKey::parse(key.reveal()).map_err(Failure::other);
    }
    let path = config.master_key_path();
    if path.exists() {
        let text = fs::read_to_string(&path).map_err(Failure::file(path.display()))?;
        return MasterKey::parse(&text).map_err(Failure::other);
    }
    let key = MasterKey::draw(chance);
    write_private(&path, &format!("{}\n", key.reveal())).map_err(Failure::file(path.display()))?;
    Ok(key)
}

/// The key that signs the transparency log, made when the district is new.
pub fn log_key(config: &Config, district: &str, chance: &mut Chance) -> Result<LogKey, Failure> {
    let path = config.data.join("keys").join("log.key");
    LogKey::open_or_create(&path, district, chance.bytes()).map_err(Failure::other)
}

/// A new file that only its owner may read; never writes over one that is there.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
