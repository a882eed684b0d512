//! One typed configuration: defaults, then a TOML file, then the environment (`HUYING_…`), then flags.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use store::Faults;

use crate::People;
use crate::limit::LimitRules;
use crate::mail::{MailError, SmtpConfig};
use crate::oidc::OidcConfigError;
use crate::people::Network;
use crate::sms::{SmsConfig, SmsConfigError};

/// Everything that can be set. Names in the file are these; in the environment `HUYING_` and the name in capitals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder with the database, attachments and the log's signing key.
    pub data: PathBuf,
    /// Folder of the district's profile.
    pub profile: PathBuf,
    /// Address and port to serve on; port 0 takes a free one.
    pub listen: String,
    /// `postgres://…` or `sqlite:PATH`; a SQLite file in the data folder where not set.
    pub database: Option<Secret>,
    /// Master key in base64; a file beside the data folder where not set.
    pub master_key: Option<Secret>,
    /// File of the master key; `<data>.master-key` where not set.
    pub master_key_file: Option<PathBuf>,
    /// Signing key of the transparency log (`PRIVATE+KEY+…`); a file in the data folder where not set.
    pub log_key: Option<Secret>,
    /// Connections to the database.
    pub connections: u32,
    /// Serve although the database may lose acknowledged writes in a power cut.
    pub allow_weak_durability: bool,
    /// For so many seconds after a request to terminate the node still answers, while `/readyz` says that it is not ready.
    pub drain_seconds: u64,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// Which events are logged, in the words of tracing's filter.
    pub log: String,
    /// Folder to which events are also written, as JSON, a file a day. Where not set, whoever runs the process keeps its output.
    pub log_folder: Option<PathBuf>,
    /// For how many days those files are kept; the Cybersecurity Law (article 21) wants six months at least.
    pub log_keep_days: u16,
    /// Where spans of requests are sent: an OpenTelemetry collector's `http://…/v1/traces`. Nothing is sent where not set.
    pub otlp_endpoint: Option<String>,
    /// The share of requests that is traced where their caller does not say, from 0 to 1.
    pub otlp_share: f64,
    /// Where the audit trail is sent as it happens, in syslog's form: `udp://HOST:PORT` or `tcp://HOST:PORT`.
    pub audit_syslog: Option<String>,
    /// Files to which every checkpoint of the transparency log is appended.
    pub witness_files: Vec<PathBuf>,
    /// File with the list of erasures that a restore asks for; `<data>.erasures.jsonl` where not set.
    pub erasures_file: Option<PathBuf>,
    /// Addresses to which every checkpoint is posted.
    pub witness_webhooks: Vec<String>,
    /// Where files that people leave lie: a folder, or `s3://BUCKET/PREFIX`; `files` in the data folder where not set.
    pub files: Option<String>,
    /// The address of the S3 service, where it is not Amazon's own.
    pub files_endpoint: Option<String>,
    pub files_region: Option<String>,
    pub files_access_key: Option<Secret>,
    pub files_secret_key: Option<Secret>,
    /// The largest file that is taken in, in MiB.
    pub file_megabytes: usize,
    /// The largest picture, in millions of pixels.
    pub file_megapixels: u64,
    /// Kinds of file that are taken in, such as `image/jpeg`; all that the program knows where empty.
    pub file_kinds: Vec<String>,
    /// Who looks for malware: `clamd:HOST:PORT`, `clamd:/SOCKET`, `command:/PROGRAM`, or `none`.
    pub file_scanner: String,
    /// Keys that other systems polled by Open311 want, by the `key` of the peer in the profile's `open311.toml`.
    pub open311_keys: BTreeMap<String, Secret>,
    /// The gateway that sends short messages; none are sent where not set.
    pub sms: Option<SmsConfig>,
    /// What `{secret}` stands for in the section `[sms]`.
    pub sms_secret: Option<Secret>,
    /// File with it, where it is not given itself.
    pub sms_secret_file: Option<PathBuf>,
    /// The relay that takes mail; none is sent where not set.
    pub smtp: Option<SmtpConfig>,
    /// The password for the relay's `user`.
    pub smtp_password: Option<Secret>,
    /// File with it, where it is not given itself.
    pub smtp_password_file: Option<PathBuf>,
    /// Inner networks in which webhooks may be told, over HTTP too; otherwise only the public net may, over HTTPS.
    pub webhook_networks: Vec<Network>,
    /// How often anyone may ask, and how many reads go on at once.
    pub limits: LimitRules,
    /// What this server shows to the system of `[people.oidc]`, so that it knows who asks.
    pub oidc_secret: Option<Secret>,
    /// File with it, where it is not given itself.
    pub oidc_secret_file: Option<PathBuf>,
    /// Passwords, locks, ends of sessions, second factors.
    pub people: People,
    /// Where writes are counted, and where a test has the process end. Nothing outside the program sets it.
    #[serde(skip)]
    pub faults: Faults,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data: "data".into(),
            profile: "profiles/yuexiu".into(),
            listen: "127.0.0.1:8080".into(),
            database: None,
            master_key: None,
            master_key_file: None,
            log_key: None,
            connections: 8,
            allow_weak_durability: false,
            drain_seconds: 2,
            log_format: LogFormat::Text,
            log: "info".into(),
            log_folder: None,
            log_keep_days: 190,
            otlp_endpoint: None,
            otlp_share: 0.1,
            audit_syslog: None,
            witness_files: Vec::new(),
            erasures_file: None,
            witness_webhooks: Vec::new(),
            open311_keys: BTreeMap::new(),
            files: None,
            files_endpoint: None,
            files_region: None,
            files_access_key: None,
            files_secret_key: None,
            file_megabytes: 20,
            file_megapixels: 60,
            file_kinds: Vec::new(),
            file_scanner: "none".into(),
            sms: None,
            sms_secret: None,
            sms_secret_file: None,
            smtp: None,
            smtp_password: None,
            smtp_password_file: None,
            webhook_networks: Vec::new(),
            limits: LimitRules::default(),
            oidc_secret: None,
            oidc_secret_file: None,
            people: People::default(),
            faults: Faults::default(),
        }
    }
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigError(#[from] Box<figment::Error>);

impl Config {
    /// `flags` holds only what was given on the command line. A named file must be there; `huying.toml` may be.
    pub fn load(file: Option<&Path>, flags: impl Serialize) -> Result<Config, ConfigError> {
        let toml = match file {
            Some(file) => Toml::file_exact(file),
            None => Toml::file("huying.toml"),
        };
        // HUYING_DATA names the folder of sample data for tests and imports, not where a district keeps its own.
        let environment = Env::prefixed("HUYING_").ignore(&["data", "test_postgres", "require_postgres"]);
        let mut config: Config = Figment::from(Serialized::defaults(Config::default()))
            .merge(toml)
            .merge(environment.only(KNOWN))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| ConfigError(Box::new(error)))?;
        // What lies beside it then has a folder by name, which can be flushed.
        if let Ok(data) = std::path::absolute(&config.data) {
            config.data = data;
        }
        Ok(config)
    }

    /// Where the database is.
    pub fn database_url(&self) -> String {
        match &self.database {
            Some(url) => url.reveal().to_owned(),
            None => format!("sqlite:{}", self.data.join("huying.db").display()),
        }
    }

    pub fn master_key_path(&self) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| self.beside_data(".master-key"))
    }

    pub fn erasures_path(&self) -> PathBuf {
        self.erasures_file.clone().unwrap_or_else(|| self.beside_data(".erasures.jsonl"))
    }

    /// Not in the data folder, so that it is not lost with it, nor taken with it.
    fn beside_data(&self, end: &str) -> PathBuf {
        let mut name = self.data.file_name().map_or_else(|| "huying".into(), |name| name.to_owned());
        name.push(end);
        self.data.with_file_name(name)
    }

    /// The secret of the gateway for short messages, from its setting or its file.
    pub fn sms_secret(&self) -> Result<Option<Secret>, SmsConfigError> {
        let read = |path: &PathBuf, error| SmsConfigError::SecretFile(path.clone(), error);
        secret_of(&self.sms_secret, &self.sms_secret_file, read)
    }

    /// The password for the relay, from its setting or its file.
    pub fn smtp_password(&self) -> Result<Option<Secret>, MailError> {
        let read = |path: &PathBuf, error| MailError::PasswordFile(path.clone(), error);
        secret_of(&self.smtp_password, &self.smtp_password_file, read)
    }

    /// What this server shows to the system of `[people.oidc]`, from its setting or its file.
    pub fn oidc_secret(&self) -> Result<Option<Secret>, OidcConfigError> {
        let read = |path: &PathBuf, error| OidcConfigError::SecretFile(path.clone(), error);
        secret_of(&self.oidc_secret, &self.oidc_secret_file, read)
    }

    /// As TOML with secrets hidden, for people to read.
    pub fn shown(&self) -> Config {
        let hide = |secret: &Option<Secret>| secret.as_ref().map(|_| Secret::new("(hidden)"));
        let (database, master_key) = (hide(&self.database), hide(&self.master_key));
        let open311_keys = self.open311_keys.keys().map(|key| (key.clone(), Secret::new("(hidden)"))).collect();
        let (log_key, sms_secret) = (hide(&self.log_key), hide(&self.sms_secret));
        let oidc_secret = hide(&self.oidc_secret);
        let (files_access_key, files_secret_key) = (hide(&self.files_access_key), hide(&self.files_secret_key));
        let files_keys = Config { files_access_key, files_secret_key, ..self.clone() };
        let smtp_password = hide(&self.smtp_password);
        Config { database, master_key, log_key, open311_keys, sms_secret, oidc_secret, smtp_password, ..files_keys }
    }
}

/// A secret from its setting, or else from its file.
fn secret_of<E>(
    secret: &Option<Secret>,
    file: &Option<PathBuf>,
    failed: impl Fn(&PathBuf, std::io::Error) -> E,
) -> Result<Option<Secret>, E> {
    match (secret, file) {
        (Some(secret), _) => Ok(Some(secret.clone())),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path).map_err(|error| failed(path, error))?;
            Ok(Some(Secret::new(text.trim())))
        }
        (None, None) => Ok(None),
    }
}

/// What the environment may set.
const KNOWN: &[&str] = &[
    "profile",
    "listen",
    "database",
    "master_key",
    "master_key_file",
    "log_key",
    "connections",
    "allow_weak_durability",
    "drain_seconds",
    "log_format",
    "log",
    "log_folder",
    "log_keep_days",
    "otlp_endpoint",
    "otlp_share",
    "audit_syslog",
    "witness_files",
    "erasures_file",
    "witness_webhooks",
    "open311_keys",
    "files",
    "files_endpoint",
    "files_region",
    "files_access_key",
    "files_secret_key",
    "file_megabytes",
    "file_megapixels",
    "file_kinds",
    "file_scanner",
    "sms",
    "sms_secret",
    "sms_secret_file",
    "smtp",
    "smtp_password",
    "smtp_password_file",
    "webhook_networks",
    "limits",
    "oidc_secret",
    "oidc_secret_file",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_and_secrets_stay_hidden() {
        #[derive(Serialize)]
        struct Flags {
            listen: &'static str,
            database: &'static str,
        }
        let flags = Flags { listen: "127.0.0.1:0", database: "postgres://me:secret@host/db" };
        let config = Config::load(None, flags).unwrap();
        assert_eq!(config.listen, "127.0.0.1:0");
        assert_eq!(config.database_url(), "postgres://me:secret@host/db");
        assert!(!format!("{config:?}").contains("secret@"));
        assert!(!serde_json::to_string(&config.shown()).unwrap().contains("me:secret"));
    }

    #[test]
    fn a_wrong_value_names_its_field() {
        #[derive(Serialize)]
        struct Flags {
            connections: &'static str,
        }
        let error = Config::load(None, Flags { connections: "many" }).unwrap_err();
        assert!(error.to_string().contains("connections"), "{error}");
    }

    #[test]
    fn what_lies_beside_a_data_folder_named_shortly_has_a_folder_too() {
        let config = Config::load(None, Config { data: "data".into(), ..Config::default() }).unwrap();
        let folder = config.erasures_path().parent().map(Path::to_owned);
        assert_eq!(folder, std::env::current_dir().ok());
    }

    #[test]
    fn the_master_key_lies_beside_the_data_folder_not_in_it() {
        let config = Config { data: "/srv/huying".into(), ..Config::default() };
        assert_eq!(config.master_key_path(), Path::new("/srv/huying.master-key"));
    }
}
