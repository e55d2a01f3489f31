//! The settings of mail: by which relays greetings leave, in whose name, and where returned mail is read.

use super::{
    ConfigError, Secret,
    settings::{self, Values},
};
use crate::server::mail::{self, ascii_domain, wire_address};
use std::{path::PathBuf, time::Duration};

/// How greetings leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub transport: Transport,
    /// In whose name.
    pub from: Sender,
    /// The address to which what cannot be delivered returns.
    pub bounce: String,
    /// The name by which this machine greets relays.
    pub hello: String,
    /// How many may leave in a minute, of each house.
    pub per_minute: u32,
    /// How many connections to relays are used at once, 1 to 64.
    pub connections: u32,
    pub dkim: Option<Dkim>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Into a folder, for development: each message a file.
    Folder(PathBuf),
    /// To one of these.
    Relays(Vec<Relay>),
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub name: Option<String>,
    pub address: String,
}

/// A mail server that passes on what it is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<(String, Secret)>,
    /// Its share of the messages, beside the others', 1 to 100.
    pub weight: u32,
    /// Certificates (PEM) of the authority that vouches for it, in place of the public ones.
    pub ca: Option<String>,
    pub limits: Limits,
}

/// How a connection is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// A plain beginning that must turn to TLS before anything is said.
    StartTls,
    /// Not at all: for a relay on the same machine.
    Plain,
}

/// How long a relay may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands, with its handshake.
    pub connect: Duration,
    /// For the answer to each command.
    pub command: Duration,
    /// From the first byte of the message to the answer to its last.
    pub body: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), command: Duration::from_secs(30), body: Duration::from_secs(120) }
    }
}

/// With what messages are signed (RFC 6376).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    pub domain: String,
    pub selector: String,
    /// The private key, PEM.
    pub key: Secret,
}

/// Where returned mail and complaints are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returns {
    /// Files in a folder.
    Folder(PathBuf),
    /// A mailbox, by IMAP over TLS.
    Imap { host: String, port: u16, login: (String, Secret), folder: String, ca: Option<String> },
}

/// Reads everything that is about mail; `None` where no mail leaves.
pub(super) fn read(values: &Values, base_url: Option<&str>) -> Result<Option<Mail>, ConfigError> {
    let transport = values.read(&settings::MAIL, transport)?;
    let from = values.read(&settings::MAIL_FROM, sender)?;
    let bounce = values.read(&settings::MAIL_BOUNCE, address)?;
    let hello = values.read(&settings::MAIL_HELLO, domain)?;
    let per_minute = values.read(&settings::MAIL_PER_MINUTE, settings::within(1..=1_000_000))?;
    let connections = values.read(&settings::MAIL_CONNECTIONS, settings::within(1..=64))?;
    let dkim = dkim(values)?;
    let Some(transport) = transport else { return Ok(None) };
    let Some(from) = from else {
        return Err(ConfigError::Contradiction(
            "mail (RAPPORT_MAIL) is set and mail_from (RAPPORT_MAIL_FROM) is empty; expected in whose name greetings \
             leave, like \"The Cedars <greetings@hotel.example>\"",
        ));
    };
    if base_url.is_none() && matches!(transport, Transport::Relays(_)) {
        return Err(ConfigError::Contradiction(
            "mail (RAPPORT_MAIL) names a relay and base_url (RAPPORT_BASE_URL) is empty; each greeting carries a link \
             by which guests unsubscribe: expected the address under which they reach this installation",
        ));
    }
    let own_domain = from.address.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default();
    Ok(Some(Mail {
        transport,
        bounce: bounce.unwrap_or_else(|| from.address.clone()),
        hello: hello.unwrap_or(own_domain),
        from,
        per_minute,
        connections,
        dkim,
    }))
}

fn dkim(values: &Values) -> Result<Option<Dkim>, ConfigError> {
    let domain = values.read(&settings::DKIM_DOMAIN, domain)?;
    let selector = values.read(&settings::DKIM_SELECTOR, selector)?;
    let key = values.read(&settings::DKIM_KEY, |text| match text {
        "" => Some(None),
        path => std::fs::read_to_string(path).ok().filter(|pem| mail::is_signing_key(pem)).map(Secret).map(Some),
    })?;
    match (domain, selector, key) {
        (Some(domain), Some(selector), Some(key)) => Ok(Some(Dkim { domain, selector, key })),
        (None, None, None) => Ok(None),
        _ => Err(ConfigError::Contradiction(
            "only some of dkim_domain (RAPPORT_DKIM_DOMAIN), dkim_selector (RAPPORT_DKIM_SELECTOR) and dkim_key \
             (RAPPORT_DKIM_KEY) are set; expected all three, or none",
        )),
    }
}

fn transport(text: &str) -> Option<Option<Transport>> {
    if text.is_empty() {
        return Some(None);
    }
    if let Some(folder) = text.strip_prefix("file:") {
        return settings::path(folder).map(|folder| Some(Transport::Folder(folder)));
    }
    let relays = text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty()).map(relay);
    let relays: Vec<Relay> = relays.collect::<Option<_>>()?;
    (!relays.is_empty()).then_some(Some(Transport::Relays(relays)))
}

fn relay(text: &str) -> Option<Relay> {
    let url = reqwest::Url::parse(text).ok()?;
    let mut security = match url.scheme() {
        "smtp" => Security::StartTls,
        "smtps" => Security::Tls,
        _ => return None,
    };
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return None;
    }
    let (mut weight, mut ca, mut limits) = (1, None, Limits::default());
    for (option, value) in url.query_pairs() {
        match (option.as_ref(), value.as_ref()) {
            ("tls", "starttls") if security != Security::Tls => security = Security::StartTls,
            ("tls", "none") if security != Security::Tls => security = Security::Plain,
            ("weight", number) => weight = settings::within(1..=100)(number)?,
            ("ca", path) => ca = Some(certificates(path)?),
            ("connect", time) => limits.connect = duration(time)?,
            ("command", time) => limits.command = duration(time)?,
            ("body", time) => limits.body = duration(time)?,
            _ => return None,
        }
    }
    let login = login(&url)?;
    // A password in the clear could be read by anyone on the way.
    if login.is_some() && security == Security::Plain {
        return None;
    }
    let usual = match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::Plain => 25,
    };
    Some(Relay { host: host(&url)?, port: url.port().unwrap_or(usual), security, login, weight, ca, limits })
}

pub(super) fn returns(text: &str) -> Option<Option<Returns>> {
    if text.is_empty() {
        return Some(None);
    }
    if let Some(folder) = text.strip_prefix("dir:") {
        return settings::path(folder).map(|folder| Some(Returns::Folder(folder)));
    }
    let url = reqwest::Url::parse(text).ok().filter(|url| url.scheme() == "imaps" && url.fragment().is_none())?;
    let mut ca = None;
    for (option, value) in url.query_pairs() {
        match option.as_ref() {
            "ca" => ca = Some(certificates(&value)?),
            _ => return None,
        }
    }
    let folder = decoded(url.path().strip_prefix('/')?)?;
    let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
    if folder.contains(char::is_control) {
        return None;
    }
    Some(Some(Returns::Imap { host: host(&url)?, port: url.port().unwrap_or(993), login: login(&url)??, folder, ca }))
}

fn host(url: &reqwest::Url) -> Option<String> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty() && !host.contains('%')).then(|| host.to_owned())
}

/// Both name and password, or neither; `None` where only one of them is there.
fn login(url: &reqwest::Url) -> Option<Option<(String, Secret)>> {
    match (url.username(), url.password()) {
        ("", None) => Some(None),
        ("", Some(_)) | (_, None) => None,
        (user, Some(password)) => Some(Some((decoded(user)?, Secret(decoded(password)?)))),
    }
}

/// A part of a URL with its `%XX` read.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [] => return String::from_utf8(bytes).ok(),
            [b'%', high, low, after @ ..] => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                bytes.push(digit(high)? * 16 + digit(low)?);
                rest = after;
            }
            [b'%', ..] => return None,
            [byte, after @ ..] => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
}

/// The text of a file with certificates.
fn certificates(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok().filter(|pem| mail::are_certificates(pem))
}

/// `500ms`, `10s` or `2m`: from a millisecond to an hour.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    let millis = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=3_600_000).contains(&millis).then(|| Duration::from_millis(millis))
}

/// `a@b.example`, or `Name <a@b.example>`.
fn sender(text: &str) -> Option<Option<Sender>> {
    if text.is_empty() {
        return Some(None);
    }
    let (name, written) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, written)) => (name.trim().trim_matches('"').trim(), written),
        None => ("", text),
    };
    // A name with a line break in it would become a header of its own.
    if name.contains(|c: char| c.is_control() || c == '<' || c == '>') {
        return None;
    }
    let address = address(written)??;
    Some(Some(Sender { name: (!name.is_empty()).then(|| name.to_owned()), address }))
}

fn address(text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    wire_address(text).ok().map(|address| Some(address.to_string()))
}

fn domain(text: &str) -> Option<Option<String>> {
    if text.is_empty() { Some(None) } else { ascii_domain(text).map(Some) }
}

/// Labels of letters, digits and hyphens, parted by dots.
fn selector(text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    let plain = |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    (text.len() <= 63 && text.split('.').all(plain)).then(|| Some(text.to_owned()))
}
