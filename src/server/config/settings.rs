//! The table of settings, where their values are taken from, and how they are read.

use super::ConfigError;
use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// How every variable of ours begins.
pub(super) const PREFIX: &str = "RAPPORT_";
/// The variable that names the settings file.
pub(super) const FILE: &str = "RAPPORT_CONFIG";
/// Variables that the scripts around the server read.
const OF_THE_SCRIPTS: [&str; 5] =
    ["RAPPORT_CHROMIUM", "RAPPORT_PYTHON", "RAPPORT_SURREAL", "RAPPORT_TARGET_DIR", "RAPPORT_TOOLCHAIN_ROUTE"];

/// One thing that can be set.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the settings file. In the environment: `RAPPORT_` and the same in capitals.
    pub key: &'static str,
    /// What it is when it is not set.
    pub default: &'static str,
    /// What may be entered.
    pub accepts: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

impl Setting {
    /// Its name in the environment.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.to_ascii_uppercase())
    }
}

macro_rules! settings {
    ($($name:ident = $key:literal, $default:literal, $accepts:literal, $meaning:literal;)+) => {
        $(pub(super) const $name: Setting = Setting {
            key: $key,
            default: $default,
            accepts: $accepts,
            meaning: $meaning,
        };)+
        /// Every setting, in the order in which they are documented.
        pub const SETTINGS: &[Setting] = &[$($name),+];
    };
}

settings! {
    ADDR = "addr", "127.0.0.1:3000", "an IP address and port, like 127.0.0.1:3000 or [::]:3000",
        "where the server listens";
    DATA_DIR = "data_dir", "./data", "the path of a folder", "where everything that must survive is kept";
    DB = "db", "", "nothing (embedded store in data_dir), mem://, ws://host:port or wss://host:port, without name and \
        password", "where the records are kept";
    DB_USER = "db_user", "", "the name of a database user", "sign-in at a SurrealDB server";
    DB_PASSWORD = "db_password", "", "the password of db_user", "sign-in at a SurrealDB server";
    DB_NAMESPACE = "db_namespace", "rapport", "letters, digits and underscores", "namespace of the records";
    DB_DATABASE = "db_database", "rapport", "letters, digits and underscores", "database of the records";
    SITE_ROOT = "site_root", "./site", "the path of a folder", "the built browser files";
    TLS = "tls", "false", "true or false", "whether browsers come by https: cookies are then marked Secure";
    BASE_URL = "base_url", "", "http:// or https:// and a host, with a port if need be and no path",
        "the address under which browsers reach this installation";
    LOG = "log", "info", "a filter like info, or rapport=debug,info", "what is logged";
    LOG_FORMAT = "log_format", "text", "text or json", "how it is logged";
    IDLE_MINUTES = "idle_minutes", "15", "a whole number from 1 to 240",
        "minutes without use after which a session ends";
    SESSION_HOURS = "session_hours", "12", "a whole number from 1 to 24",
        "hours after which a session ends whatever happens";
    ALERT_RETENTION_DAYS = "alert_retention_days", "90", "a whole number from 1 to 3650",
        "days after which ended alerts, events of the feed and hand-overs are deleted";
    UPLOAD_MB = "upload_mb", "64", "a whole number from 1 to 1024",
        "the largest file that may be uploaded to be imported, in MiB";
    TRUST_PROXY = "trust_proxy", "false", "true or false",
        "whether the address of a caller is taken from X-Forwarded-For; only behind a proxy that sets it";
    MAIL = "mail", "", "nothing (no mail leaves), file:FOLDER, or relays parted by spaces like \
        smtp://user:password@relay.example:587?weight=2 or smtps://relay.example (options tls=starttls or tls=none, \
        without name and password; weight from 1 to 100; ca=FILE with certificates; connect, command and body with a \
        time like 500ms, 10s or 2m)", "where greetings are handed over";
    MAIL_FROM = "mail_from", "", "an address, like greetings@hotel.example or The Cedars <greetings@hotel.example>",
        "in whose name greetings leave";
    MAIL_BOUNCE = "mail_bounce", "", "an e-mail address, or nothing for that of mail_from",
        "where undeliverable greetings return to";
    MAIL_HELLO = "mail_hello", "", "a host name with a dot, or nothing for the domain of mail_from",
        "the name by which this machine greets relays";
    MAIL_PER_MINUTE = "mail_per_minute", "600", "a whole number from 1 to 1000000",
        "how many greetings of a house may leave in a minute";
    MAIL_CONNECTIONS = "mail_connections", "4", "a whole number from 1 to 64",
        "how many connections to relays are used at once";
    DKIM_DOMAIN = "dkim_domain", "", "a domain, or nothing", "the domain that signs greetings (DKIM)";
    DKIM_SELECTOR = "dkim_selector", "", "letters, digits, hyphens and dots, or nothing",
        "under which name the key is found in the DNS";
    DKIM_KEY = "dkim_key", "", "the path of a readable PEM file with an RSA or Ed25519 private key, or nothing",
        "the key that greetings are signed with";
    RETURNS = "returns", "", "nothing, dir:FOLDER, or imaps://user:password@host:993/MAILBOX (option ca=FILE)",
        "where returned mail and complaints are read";
}

/// What was set, by key, and where.
pub(super) struct Values {
    set: BTreeMap<&'static str, (String, String)>,
    pub(super) warnings: Vec<String>,
}

impl Values {
    /// Gathers what was set, the environment over the file.
    pub(super) fn collect(
        env: impl Iterator<Item = (String, String)>,
        file: Option<(PathBuf, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = Self { set: BTreeMap::new(), warnings: Vec::new() };
        if let Some((path, text)) = file {
            values.take_file(&path, &text)?;
        }
        for (variable, value) in env {
            if !variable.starts_with(PREFIX) || variable == FILE || OF_THE_SCRIPTS.contains(&variable.as_str()) {
                continue;
            }
            match SETTINGS.iter().find(|setting| setting.variable() == variable) {
                Some(_) if value.is_empty() => {}
                Some(setting) => {
                    values.set.insert(setting.key, (value, "the environment".to_owned()));
                }
                None => values.warnings.push(format!(
                    "the variable {variable} is not known and has no effect; known are: {}",
                    list(Setting::variable)
                )),
            }
        }
        Ok(values)
    }

    fn take_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        // Editors on some systems begin a file with a byte order mark.
        let text = text.trim_start_matches('\u{feff}');
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
            path: path.to_path_buf(),
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            problem: error.message().to_owned(),
        })?;
        for (key, value) in table {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
                return Err(ConfigError::UnknownKey {
                    key,
                    path: path.to_path_buf(),
                    known: list(|setting| setting.key.to_owned()),
                });
            };
            let origin = path.display().to_string();
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                other => return Err(setting.refuse(other.type_str(), &origin)),
            };
            self.set.insert(setting.key, (value, origin));
        }
        Ok(())
    }

    /// The value of a setting, or its default, read by `parse`.
    pub(super) fn read<T>(&self, setting: &Setting, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ConfigError> {
        let (value, origin) = match self.set.get(setting.key) {
            Some((value, origin)) => (value.as_str(), origin.as_str()),
            None => (setting.default, "the defaults"),
        };
        // Space around a value comes from editors and shells, except in a password.
        let text = if setting.is_secret() { value } else { value.trim() };
        parse(text).ok_or_else(|| setting.refuse(value, origin))
    }
}

impl Setting {
    fn is_secret(&self) -> bool {
        self.key == DB_PASSWORD.key
    }

    /// Whether it is an e-mail address, which has an `@` and no password.
    fn is_address(&self) -> bool {
        [MAIL_FROM.key, MAIL_BOUNCE.key].contains(&self.key)
    }

    fn refuse(&self, value: &str, origin: &str) -> ConfigError {
        // An address with a name and a password in it is refused, and must not be repeated either.
        let hides = self.is_secret() || (value.contains('@') && !self.is_address());
        let value = if hides { "(not shown)".to_owned() } else { format!("{value:?}") };
        ConfigError::Wrong {
            key: self.key,
            variable: self.variable(),
            value,
            origin: origin.to_owned(),
            accepts: self.accepts,
        }
    }
}

fn list(name: impl Fn(&Setting) -> String) -> String {
    SETTINGS.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The number of the line, from 1, on which a byte stands.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
}

pub(super) fn optional(text: &str) -> Option<Option<String>> {
    Some((!text.is_empty()).then(|| text.to_owned()))
}

/// A name that needs no quoting in the database's language.
pub(super) fn word(text: &str) -> Option<String> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && !text.is_empty() && text.len() <= 64).then(|| text.to_owned())
}

pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    text.parse().ok()
}

pub(super) fn within(range: RangeInclusive<u32>) -> impl FnOnce(&str) -> Option<u32> {
    move |text: &str| text.parse::<u32>().ok().filter(|number| range.contains(number))
}

pub(super) fn log_filter(text: &str) -> Option<String> {
    // A word that is no level is taken by the filter for the name of a module, and logs nothing else:
    // a slip of the pen must not silence the log.
    let clear =
        text.split(',').all(|part| part.contains(['=', '[', ']']) || part.trim().parse::<LevelFilter>().is_ok());
    let understood = !text.is_empty() && clear && EnvFilter::try_new(text).is_ok();
    understood.then(|| text.to_owned())
}

/// Nothing, or the origin of a site.
pub(super) fn base_url(text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    origin(text, ["http", "https"]).map(Some)
}

/// The address of a SurrealDB server.
pub(super) fn server_url(text: &str) -> Option<String> {
    origin(text, ["ws", "wss"])
}

/// A URL of scheme, host and port and nothing else, without a slash at its end.
fn origin(text: &str, schemes: [&str; 2]) -> Option<String> {
    let uri: http::Uri = text.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| schemes.contains(scheme))?;
    let authority = uri.authority().filter(|authority| !authority.host().is_empty())?;
    let bare = !authority.as_str().contains('@') && matches!(uri.path(), "" | "/") && uri.query().is_none();
    bare.then(|| format!("{scheme}://{authority}"))
}
