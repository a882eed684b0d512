//! Opening a district: profile, database, keys, journal.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use casework::Casework;
use district::{PostBook, Profile};
use journal::log::LogKey;
use journal::{EraseSubject, Journal, MasterKey, WriterOptions, tail};
use kernel::Chance;
use platform::account::ErasePerson;
use platform::file::Files;
use platform::{Config, Edge};
use search::IndexKey;
use store::file::{self, Kind, Readers, What};
use store::{Db, Durability, Migration, Options};

use crate::failure::Failure;

/// All tables of the house.
pub fn migrations() -> Vec<Migration> {
    [journal::MIGRATIONS, platform::MIGRATIONS, casework::MIGRATIONS, channels::MIGRATIONS].concat()
}

/// A district, open.
pub struct District {
    pub profile: Arc<Profile>,
    pub journal: Journal,
    pub casework: Casework,
    pub files: Files,
    pub edge: Edge,
    /// Of the index of full text.
    pub index_key: IndexKey,
    pub log_key: LogKey,
}

impl District {
    pub async fn open(config: &Config) -> Result<District, Failure> {
        let profile = Arc::new(casework::vocabulary().load(&config.profile).map_err(Failure::Profile)?);
        let edge = Edge::system().map_err(Failure::other)?;
        let db = database(config).await?;
        start_after_newest(&edge, &db).await?;
        let master = master_key(config, &mut edge.chance())?;
        let log_key = log_key(config, &profile.settings.code, &mut edge.chance())?;
        let index_key = IndexKey::new(master.derive("index of full text"), edge.chance());
        let journal = Journal::start(db, master, WriterOptions::default());
        let book = casework::rulebook(&profile).map_err(Failure::other)?;
        let casework = Casework::new(journal.clone(), book);
        let files = Files::configured(config, journal.clone()).map_err(Failure::other)?;
        Ok(District { profile, journal, casework, files, edge, index_key, log_key })
    }
}

impl District {
    /// The profile's posts, as the platform asks for them.
    pub fn post_book(&self) -> PostBook {
        PostBook { profile: self.profile.clone(), edge: self.edge.clone() }
    }
}

/// Instants go on from the journal's newest fact, whatever the clock says.
pub async fn start_after_newest(edge: &Edge, db: &Db) -> Result<(), Failure> {
    let newest = tail::newest_at(&mut &*db).await?;
    if let Some(behind) = newest.and_then(|newest| edge.not_before(newest)) {
        tracing::warn!(
            behind_s = behind.as_secs(),
            "the clock is behind the newest fact: instants stand still until it catches up"
        );
    }
    Ok(())
}

/// The database with its tables up to date; the data folder is made when missing.
pub async fn database(config: &Config) -> Result<Db, Failure> {
    let durability = if config.allow_weak_durability { Durability::ProcessOnly } else { Durability::Full };
    database_with(config, Options { durability, ..options(config) }).await
}

pub async fn database_with(config: &Config, options: Options) -> Result<Db, Failure> {
    let db = bare_database_with(config, options).await?;
    store::migrate(&db, migrations()).await?;
    Ok(db)
}

/// The database as it is, for a restore to fill.
pub async fn bare_database(config: &Config) -> Result<Db, Failure> {
    bare_database_with(config, options(config)).await
}

/// What every database of a command is opened with.
pub fn options(config: &Config) -> Options {
    Options { connections: config.connections, faults: config.faults.clone(), ..Options::default() }
}

async fn bare_database_with(config: &Config, options: Options) -> Result<Db, Failure> {
    fs::create_dir_all(&config.data).map_err(Failure::file(config.data.display()))?;
    Ok(Db::open(&config.database_url(), options).await?)
}

/// The database of a district that is there; none is made.
pub async fn existing_database(config: &Config) -> Result<Db, Failure> {
    match config.database_url().strip_prefix("sqlite:") {
        Some(path) if !Path::new(path).exists() => {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            Err(Failure::File { what: path.to_owned(), source })
        }
        _ => database(config).await,
    }
}

/// The master key if there is one: from the configuration, or from its file.
pub fn existing_master_key(config: &Config) -> Result<Option<MasterKey>, Failure> {
    let text = match (&config.master_key, config.master_key_path()) {
        (Some(key), _) => key.reveal().to_owned(),
        (None, path) if path.exists() => fs::read_to_string(&path).map_err(Failure::file(path.display()))?,
        _ => return Ok(None),
    };
    MasterKey::parse(&text).map(Some).map_err(Failure::other)
}

/// The master key; its file is made when the district is new.
pub fn master_key(config: &Config, chance: &mut Chance) -> Result<MasterKey, Failure> {
    if let Some(key) = existing_master_key(config)? {
        return Ok(key);
    }
    let key = MasterKey::draw(chance);
    write_master_key(config, &config.master_key_path(), &key)?;
    Ok(key)
}

/// Writes a new master key for its owner alone; never over one that is there.
pub fn write_master_key(config: &Config, path: &Path, key: &MasterKey) -> Result<(), Failure> {
    let text = format!("{}\n", key.reveal());
    file::create(private(config, What("master key")), path, text.as_bytes()).map_err(Failure::file(path.display()))
}

/// A file for its owner alone.
pub fn private<'a>(config: &'a Config, what: What) -> Kind<'a> {
    Kind { what, readers: Readers::Owner, faults: &config.faults }
}

/// What the transparency log of the district with this code is called.
pub fn log_origin(code: &str) -> String {
    format!("huying/{code}")
}

/// The name of the district's first log, from that of any of them: `huying/440104` of `huying/440104/2`.
pub fn district_origin(origin: &str) -> &str {
    match origin.match_indices('/').nth(1) {
        Some((cut, _)) => &origin[..cut],
        None => origin,
    }
}

/// Where the log's signing key lies.
pub fn log_key_path(config: &Config) -> PathBuf {
    config.data.join("keys").join("log.key")
}

/// The key that signs the transparency log: from the configuration, or from its file, which is made when the district is new.
pub fn log_key(config: &Config, code: &str, chance: &mut Chance) -> Result<LogKey, Failure> {
    let origin = log_origin(code);
    match &config.log_key {
        Some(key) => LogKey::parse(key.reveal()).and_then(|key| key.of_district(&origin)),
        None => LogKey::open_or_create(&log_key_path(config), &origin, chance.bytes(), &config.faults),
    }
    .map_err(Failure::other)
}

/// The log's key if the district has one yet.
pub fn existing_log_key(config: &Config) -> Result<Option<LogKey>, Failure> {
    match &config.log_key {
        Some(key) => LogKey::parse(key.reveal()).map(Some),
        None => LogKey::read(&log_key_path(config)),
    }
    .map_err(Failure::other)
}

/// The log's key, for commands beside `serve`: only a new district needs its profile for it.
pub fn district_log_key(config: &Config) -> Result<LogKey, Failure> {
    if let Some(key) = existing_log_key(config)? {
        return Ok(key);
    }
    let code = casework::vocabulary().load(&config.profile).map_err(Failure::Profile)?.settings.code;
    log_key(config, &code, &mut Edge::system().map_err(Failure::other)?.chance())
}

/// Erases a person with all that the tables keep of them.
pub fn erase(erase: EraseSubject) -> ErasePerson<casework::Erase> {
    ErasePerson { subject: erase.subject.clone(), erase: casework::Erase(erase) }
}
