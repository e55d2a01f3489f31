//! Mail that comes back: letters that could not be delivered, and complaints. Read from a folder or an
//! IMAP mailbox that is there for nothing else, by every server that is told to; each mail counts once,
//! whoever reads it and however often.
//!
//! What follows from a report:
//! * **Hard** (5.1.x, but for what is about the sender's address): the address is suppressed for good.
//! * **Soft** (every other failure): counted. At the third within 30 days the address is suppressed for 30
//!   days, and then tried again: a mailbox that is full in August need not be lost in October.
//! * **Complaint**: the address is suppressed for good, and consent is withdrawn for all greetings.
//!
//! A relay that refuses the recipient for good instead of taking the letter says the same, hard or soft.
//!
//! A report is about the letter whose sealed link or Message-ID is among the headers that it returns: some
//! relays put a Message-ID of their own in the place of ours. A report that returns neither is taken to be
//! about the last letter that went to its recipient within 30 days. Anything else changes nothing, because
//! anybody can write a report.

mod arf;
mod direct;
mod dsn;
mod fields;
mod folder;
mod imap;
mod parse;
mod store;

pub use direct::Refusal;
pub use folder::read_folder;
pub use imap::read_mailbox;
pub use store::take;

pub(super) use direct::add_refusals;

use crate::server::{
    config::Returns,
    db::{Db, DbError},
};
use chrono::{DateTime, Utc};
use std::fmt;

/// The largest mail that is read, in bytes: a returned letter with all its pictures is far smaller.
const LARGEST: u64 = 8 * 1024 * 1024;
/// The most that are read in one go; the others wait for the next.
const BATCH: usize = 500;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Severity {
    #[default]
    Soft,
    Hard,
    Complaint,
}

impl Severity {
    /// The word under which it is stored.
    fn code(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Hard => "hard",
            Self::Complaint => "complaint",
        }
    }
}

/// What a mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mail {
    Report(Returned),
    /// No report, or one from which nothing follows: an automatic answer, a delay, a person's reply.
    PassedOver,
    /// Something came back, and it cannot be told what.
    Unreadable,
}

/// A letter that came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Returned {
    severity: Severity,
    /// Tokens of its links, which only this installation can have made.
    tokens: Vec<String>,
    /// Ids, without their angle brackets, of which one may be the letter's; the likeliest first.
    message_ids: Vec<String>,
    /// Whom the report names as the one who was written to.
    address: Option<String>,
    /// The enhanced status code (RFC 3463).
    status: Option<String>,
}

/// A message id without what stands around it.
fn bare_id(text: &str) -> String {
    let inner = text.split_once('<').map_or(text, |(_, inner)| inner);
    inner.split_once('>').map_or(inner, |(id, _)| id).trim().to_owned()
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Hard,
    Soft,
    Complaint,
    /// A report about no letter of ours.
    Unmatched,
    PassedOver,
    Unreadable,
    /// It had been counted before.
    Again,
}

/// How many mails were read, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub hard: u32,
    pub soft: u32,
    pub complaints: u32,
    pub unmatched: u32,
    pub passed_over: u32,
    pub unreadable: u32,
    pub again: u32,
}

impl Tally {
    fn add(&mut self, taken: Taken) {
        *match taken {
            Taken::Hard => &mut self.hard,
            Taken::Soft => &mut self.soft,
            Taken::Complaint => &mut self.complaints,
            Taken::Unmatched => &mut self.unmatched,
            Taken::PassedOver => &mut self.passed_over,
            Taken::Unreadable => &mut self.unreadable,
            Taken::Again => &mut self.again,
        } += 1;
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hard, soft, complaints, unmatched, passed_over, unreadable, again } = self;
        write!(
            f,
            "{hard} hard, {soft} soft, {complaints} complaints, {unmatched} of no letter, {passed_over} passed over, \
             {unreadable} unreadable, {again} counted before"
        )
    }
}

/// Why returned mail could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] DbError),
    #[error("the folder of returned mail: {0}")]
    Folder(std::io::Error),
    #[error("the mailbox of returned mail: {0}")]
    Mailbox(#[from] async_imap::error::Error),
    #[error("the server of the mailbox of returned mail: {0}")]
    Connection(std::io::Error),
    #[error("the server of the mailbox of returned mail took too long")]
    TooLong,
}

/// Reads what has come back since the last time. That there is no folder, or that the mailbox cannot be
/// reached, is logged, and tried again the next time.
///
/// # Errors
/// What the store answers.
pub async fn read(db: &Db, returns: &Returns, now: DateTime<Utc>) -> Result<Tally, DbError> {
    let read = match returns {
        Returns::Folder(folder) => read_folder(db, folder, now).await,
        Returns::Imap { host, port, login: (user, password), folder, ca } => {
            let server = imap::Server { host, port: *port, ca: ca.as_deref() };
            imap::read_server(db, &server, user, password.expose(), folder, now).await
        }
    };
    match read {
        Ok(tally) => Ok(tally),
        Err(Trouble::Store(error)) => Err(error),
        Err(trouble) => {
            tracing::error!(%trouble, "returned mail could not be read");
            Ok(Tally::default())
        }
    }
}
