//! Mail out of the house: messages, and the relays or the folder that they are handed to.

mod address;
mod dkim;
mod failure;
mod file;
mod message;
mod pool;
mod smtp;
mod wire;

pub use address::{BadAddress, wire_address};
pub use failure::{Failure, FailureKind};
pub use message::{Parts, Unwritable};

pub(crate) use address::ascii_domain;
pub(crate) use dkim::is_signing_key;
pub(crate) use wire::are_certificates;

use super::config::{Config, Mail, Transport};
use file::Folder;
use lettre::{
    Address,
    message::{Mailbox, dkim::DkimConfig},
};
use pool::{Lent, Pool};
use std::{fmt, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::Instant,
};
use wire::Wire;

/// What a message on the wire may take beyond what its relay is given.
const MARGIN: Duration = Duration::from_secs(15);

/// A message that is ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// With its angle brackets.
    pub message_id: String,
    /// Where it returns to if it cannot be delivered.
    pub envelope_from: Address,
    pub to: Address,
    /// Headers and body.
    pub bytes: Vec<u8>,
}

/// A message that the other side answers for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    pub relay: String,
    /// What it answered, with addresses left out.
    pub answer: String,
}

/// What the installation sends mail with.
pub struct Mailer {
    way: Way,
    from: Mailbox,
    bounce: Address,
    /// The part of Message-IDs that says whose they are.
    domain: String,
    dkim: Option<DkimConfig>,
    per_minute: u32,
    connections: usize,
    /// The longest that a message can be on the wire.
    longest: Duration,
    /// How many are on their way.
    on_wire: watch::Sender<usize>,
}

enum Way {
    /// Nothing leaves.
    Shut,
    Folder(Folder),
    Relays(Pool),
}

impl Mailer {
    /// What the settings say.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        match &config.mail {
            Some(mail) => Self::with(mail),
            None => Self::shut(),
        }
    }

    /// One that nothing leaves by.
    #[must_use]
    pub fn shut() -> Self {
        let nobody = Address::new_dangerous("nobody", "invalid");
        Self {
            way: Way::Shut,
            from: Mailbox::new(None, nobody.clone()),
            bounce: nobody,
            domain: "invalid".to_owned(),
            dkim: None,
            per_minute: 1,
            connections: 1,
            longest: MARGIN,
            on_wire: watch::Sender::new(0),
        }
    }

    fn with(mail: &Mail) -> Self {
        let mut mailer = Self::shut();
        // The settings have let nothing else through.
        let (Ok(from), Ok(bounce)) = (wire_address(&mail.from.address), wire_address(&mail.bounce)) else {
            tracing::error!("the sender of greetings is no address: nothing leaves");
            return mailer;
        };
        mailer.dkim = match &mail.dkim {
            None => None,
            Some(dkim) => match dkim::signing(dkim) {
                Some(signing) => Some(signing),
                None => {
                    tracing::error!("greetings cannot be signed with the key: nothing leaves");
                    return mailer;
                }
            },
        };
        mailer.domain = from.domain().to_owned();
        mailer.from = Mailbox::new(mail.from.name.clone(), from);
        mailer.bounce = bounce;
        mailer.per_minute = mail.per_minute;
        mailer.connections = usize::try_from(mail.connections).unwrap_or(1).max(1);
        mailer.way = match &mail.transport {
            Transport::Folder(path) => Way::Folder(Folder::new(path)),
            Transport::Relays(relays) => {
                // A message may be begun on a connection that has died, and again on a new one.
                let takes = relays.iter().map(|relay| {
                    let limits = relay.limits;
                    limits.connect * 2 + limits.command * 12 + limits.body * 2
                });
                mailer.longest = takes.max().unwrap_or_default() + MARGIN;
                Way::Relays(Pool::new(relays.clone(), &mail.hello, mailer.connections))
            }
        };
        mailer
    }

    /// Whether anything leaves at all.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        matches!(self.way, Way::Shut)
    }

    /// How many may leave in a minute, of each house.
    #[must_use]
    pub fn per_minute(&self) -> u32 {
        self.per_minute
    }

    /// How many may be on the wire at once.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// The longest that a message can be on the wire.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// How long it is until a relay may be tried, where all of them rest after they could not be reached.
    #[must_use]
    pub fn rests(&self) -> Option<Duration> {
        match &self.way {
            Way::Relays(pool) => pool.rests(Instant::now()),
            Way::Folder(_) | Way::Shut => None,
        }
    }

    /// Makes ready to send one message: a connection stands, signed in, and nothing has been said of any
    /// message.
    ///
    /// # Errors
    /// [`FailureKind::NotStarted`].
    pub async fn ready(&self) -> Result<Ready<'_>, Failure> {
        let lent = match &self.way {
            Way::Shut => return Err(Failure::new(FailureKind::NotStarted, "", "no mail leaves this installation")),
            Way::Folder(_) => None,
            Way::Relays(pool) => Some(pool.lend().await?),
        };
        Ok(Ready { mailer: self, lent })
    }

    /// Sends a message that no row keeps, such as a test to oneself.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn send(&self, message: &Outgoing) -> Result<Delivered, Failure> {
        let _busy = self.busy();
        self.ready().await?.deliver(message).await
    }

    /// Notes that something is on its way, for as long as the guard lives: the server waits for it before
    /// it ends.
    #[must_use]
    pub fn busy(&self) -> Busy<'_> {
        self.on_wire.send_modify(|count| *count += 1);
        Busy(self)
    }

    /// Waits until nothing is on its way, then takes leave of the relays.
    pub async fn quiet(&self) {
        // The sender of the count lives in here.
        let _ = self.on_wire.subscribe().wait_for(|count| *count == 0).await;
        if let Way::Relays(pool) = &self.way {
            pool.quit().await;
        }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from.to_string()).finish_non_exhaustive()
    }
}

/// See [`Mailer::busy`].
pub struct Busy<'a>(&'a Mailer);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.on_wire.send_modify(|count| *count -= 1);
    }
}

/// A connection that is ready for one message.
pub struct Ready<'a> {
    mailer: &'a Mailer,
    /// `None` for a folder.
    lent: Option<Lent>,
}

impl Ready<'_> {
    /// Hands over a message. Dropping this future drops the connection.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn deliver(self, message: &Outgoing) -> Result<Delivered, Failure> {
        match (&self.mailer.way, self.lent) {
            (Way::Folder(folder), _) => folder.deliver(message).await,
            (Way::Relays(pool), Some(lent)) => carry(pool, lent, message).await,
            (Way::Relays(_) | Way::Shut, _) => {
                Err(Failure::new(FailureKind::NotStarted, "", "no mail leaves this installation"))
            }
        }
    }

    /// Gives the connection back unused.
    pub fn release(self) {
        if let (Way::Relays(pool), Some(lent)) = (&self.mailer.way, self.lent) {
            pool.give_back(lent);
        }
    }
}

async fn carry(pool: &Pool, mut lent: Lent, message: &Outgoing) -> Result<Delivered, Failure> {
    let was_used = lent.line.used() > 0;
    let mut sent = lent.line.deliver(message).await;
    // A relay that ended an idle connection has refused nothing, and nothing can have arrived.
    let is_stale = was_used && lent.line.was_closed();
    if is_stale
        && matches!(&sent, Err(failure) if failure.kind == FailureKind::Temporary)
        && let Ok(other) = pool.lend().await
    {
        lent = other;
        sent = lent.line.deliver(message).await;
    }
    pool.give_back(lent);
    sent
}

/// An encrypted connection to a host, for other protocols than SMTP. Without `ca` (PEM) the public
/// authorities vouch for the host.
///
/// # Errors
/// What went wrong, in words.
pub async fn secure_stream(
    host: &str,
    port: u16,
    ca: Option<&str>,
    limit: Duration,
) -> Result<impl AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug + use<>, String> {
    Wire::secure(host, port, ca, limit).await
}
