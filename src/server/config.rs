//! What an installation can set: in the environment (`RAPPORT_ADDR`), or in a TOML file (`addr`). The
//! environment wins. Anything that is not understood stops the start, because a setting that is quietly
//! ignored is found out on the day it was meant for.

mod mail;
mod settings;

pub use mail::{Dkim, Limits, Mail, Relay, Returns, Security, Sender, Transport};
pub use settings::{SETTINGS, Setting};

use settings::Values;
use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The settings of this installation, all of them checked. [`SETTINGS`] lists them with their defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens.
    pub addr: SocketAddr,
    /// Where everything that must survive is kept.
    pub data_dir: PathBuf,
    /// Where the records are kept.
    pub db: Database,
    /// Namespace of the records in a SurrealDB server, and in the embedded store.
    pub db_namespace: String,
    pub db_database: String,
    /// The built browser files.
    pub site_root: PathBuf,
    /// Whether browsers come by https (through a proxy that ends it): cookies are then marked Secure
    /// and named `__Host-`.
    pub tls: bool,
    /// The address under which browsers reach this installation, without a slash at its end.
    pub base_url: Option<String>,
    /// What is logged, in the filter language of `tracing`: `info`, or `rapport=debug,info`.
    pub log: String,
    pub log_format: LogFormat,
    /// Minutes without use after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which a session ends whatever happens.
    pub session_hours: u32,
    /// Days after which ended alerts, the events of the feed and hand-overs are deleted.
    pub alert_retention_days: u32,
    /// The largest file that may be uploaded to be imported, in MiB.
    pub upload_mb: u32,
    /// Whether the address of a caller is taken from `X-Forwarded-For`. Only behind a proxy that sets
    /// that header, or anyone could claim any address.
    pub trust_proxy: bool,
    /// How greetings leave; `None` where none do.
    pub mail: Option<Mail>,
    /// Where returned mail is read.
    pub returns: Option<Returns>,
    /// What is odd and still no reason to stop; to be logged once logging has started.
    pub warnings: Vec<String>,
}

/// Where the records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In this process, on RocksDB, in this folder.
    Embedded(PathBuf),
    /// In this process, until it ends; for tests.
    Memory,
    /// In a SurrealDB server.
    Server {
        /// `ws://host:port` or `wss://host:port`.
        url: String,
        /// Name and password of the database user; `None` for a server without authentication.
        login: Option<(String, Secret)>,
    },
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: a JSON object on each line.
    Json,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(not shown)")
    }
}

/// Why the settings cannot be used. Each says which setting, what it was, where that came from, and
/// what would be accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {} cannot be read: {source}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The file is not TOML. Its text is not repeated: there may be a password in it.
    #[error("the settings file {} is not valid TOML, line {line}: {problem}", .path.display())]
    Syntax { path: PathBuf, line: usize, problem: String },
    #[error("unknown setting {key:?} in {}; known are: {known}", .path.display())]
    UnknownKey { key: String, path: PathBuf, known: String },
    /// `value` is quoted, or hidden where it is a secret.
    #[error("setting {key} ({variable}) is {value} in {origin}; expected {accepts}")]
    Wrong { key: &'static str, variable: String, value: String, origin: String, accepts: &'static str },
    /// Two settings that cannot stand together.
    #[error("{0}")]
    Contradiction(&'static str),
}

impl Config {
    /// Reads the environment of this process and, where one is named, a settings file: `path` (the
    /// `--config` option), or else `RAPPORT_CONFIG`.
    ///
    /// # Errors
    /// [`ConfigError`], to be shown to whoever starts the server.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        // A value that is not Unicode becomes one that no setting accepts, and is named as such.
        let env: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value)))
            .filter(|(key, _)| key.starts_with(settings::PREFIX))
            .map(|(key, value)| (key, value.to_string_lossy().into_owned()))
            .collect();
        let named = env.iter().find(|(key, value)| key == settings::FILE && !value.is_empty());
        let path = path.map(Path::to_path_buf).or_else(|| named.map(|(_, value)| PathBuf::from(value)));
        let file = match path {
            Some(path) => match std::fs::read_to_string(&path) {
                Ok(text) => Some((path, text)),
                Err(source) => return Err(ConfigError::Unreadable { path, source }),
            },
            None => None,
        };
        Self::from_sources(env.into_iter(), file)
    }

    /// The settings from an environment (variables that are not ours are passed over, empty ones count
    /// as not set) and the text of a settings file.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn from_sources(
        env: impl Iterator<Item = (String, String)>,
        file: Option<(PathBuf, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = Values::collect(env, file)?;
        let data_dir: PathBuf = values.read(&settings::DATA_DIR, settings::path)?;
        let db = database(&values, &data_dir)?;
        let tls = values.read(&settings::TLS, settings::yes_or_no)?;
        let base_url = values.read(&settings::BASE_URL, settings::base_url)?;
        match base_url.as_deref().map(|url| url.starts_with("https:")) {
            Some(false) if tls => {
                return Err(ConfigError::Contradiction(
                    "setting tls (RAPPORT_TLS) is true and base_url (RAPPORT_BASE_URL) begins with http:; \
                     nobody could sign in, because browsers send Secure cookies by https only: expected a \
                     base_url that begins with https:, or tls = false",
                ));
            }
            Some(true) if !tls => values.warnings.push(
                "base_url (RAPPORT_BASE_URL) begins with https: and tls (RAPPORT_TLS) is false: cookies are not \
                 marked Secure"
                    .to_owned(),
            ),
            _ => {}
        }
        let mail = mail::read(&values, base_url.as_deref())?;
        let to_relays = matches!(&mail, Some(Mail { transport: Transport::Relays(_), .. }));
        if to_relays && base_url.as_deref().is_some_and(|url| url.starts_with("http:")) {
            values.warnings.push(
                "mail (RAPPORT_MAIL) names a relay and base_url (RAPPORT_BASE_URL) begins with http: mail programs \
                 offer to unsubscribe with one click by https: only"
                    .to_owned(),
            );
        }
        Ok(Self {
            mail,
            returns: values.read(&settings::RETURNS, mail::returns)?,
            addr: values.read(&settings::ADDR, |text| text.parse().ok())?,
            data_dir,
            db,
            db_namespace: values.read(&settings::DB_NAMESPACE, settings::word)?,
            db_database: values.read(&settings::DB_DATABASE, settings::word)?,
            site_root: values.read(&settings::SITE_ROOT, settings::path)?,
            tls,
            base_url,
            log: values.read(&settings::LOG, settings::log_filter)?,
            log_format: values.read(&settings::LOG_FORMAT, |text| match text {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            })?,
            idle_minutes: values.read(&settings::IDLE_MINUTES, settings::within(1..=240))?,
            session_hours: values.read(&settings::SESSION_HOURS, settings::within(1..=24))?,
            alert_retention_days: values.read(&settings::ALERT_RETENTION_DAYS, settings::within(1..=3_650))?,
            upload_mb: values.read(&settings::UPLOAD_MB, settings::within(1..=1_024))?,
            trust_proxy: values.read(&settings::TRUST_PROXY, settings::yes_or_no)?,
            warnings: values.warnings,
        })
    }
}

impl Config {
    /// Where guests and staff reach this installation: its `base_url`, or else where it listens. Without a
    /// slash at its end.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{}", self.addr))
    }
}

fn database(values: &Values, data_dir: &Path) -> Result<Database, ConfigError> {
    let user: Option<String> = values.read(&settings::DB_USER, settings::optional)?;
    let password = values.read(&settings::DB_PASSWORD, settings::optional)?.map(Secret);
    let login = match (user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        _ => {
            return Err(ConfigError::Contradiction(
                "only one of db_user (RAPPORT_DB_USER) and db_password (RAPPORT_DB_PASSWORD) is set; expected \
                 both, or neither",
            ));
        }
    };
    let db = values.read(&settings::DB, |text| match text {
        "" => Some(Database::Embedded(data_dir.join("db"))),
        "mem://" => Some(Database::Memory),
        url => settings::server_url(url).map(|url| Database::Server { url, login: login.clone() }),
    })?;
    if login.is_some() && !matches!(db, Database::Server { .. }) {
        return Err(ConfigError::Contradiction(
            "db_user (RAPPORT_DB_USER) is set, and db (RAPPORT_DB) names no server to sign in to; expected db to \
             be ws://host:port or wss://host:port, or no db_user",
        ));
    }
    Ok(db)
}

#[cfg(test)]
mod tests;
