//! A letter as the bytes that go to the wire.

use super::{Mailer, Outgoing, address::BadAddress, wire_address};
use chrono::{DateTime, Utc};
use lettre::{
    Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};
use std::time::SystemTime;

/// Longest subject in characters: what is longer is cut.
const LONGEST_SUBJECT: usize = 300;

/// What a message is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// With its angle brackets; see [`Mailer::message_id`].
    pub message_id: &'a str,
    /// One address.
    pub to: &'a str,
    pub subject: &'a str,
    pub html: &'a str,
    pub text: &'a str,
    /// Where a mail program posts to unsubscribe (RFC 8058); `None` for what is not sent to many.
    pub unsubscribe: Option<&'a str>,
    /// ISO 639-1.
    pub language: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// Why no message could be made.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    #[error("the address cannot be written to: {0}")]
    Address(#[from] BadAddress),
    #[error("the message cannot be made: {0}")]
    Message(#[from] lettre::error::Error),
}

impl Mailer {
    /// The Message-ID of whatever is told by `name`: always the same for the same.
    #[must_use]
    pub fn message_id(&self, name: &str) -> String {
        let digest = Sha256::digest(name.as_bytes());
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("<{hash}@{}>", self.domain)
    }

    /// Makes a message and signs it. It takes some milliseconds of a processor where it is signed by RSA.
    ///
    /// # Errors
    /// [`Unwritable`]: in practice, an address that is none.
    pub fn message(&self, parts: &Parts<'_>) -> Result<Outgoing, Unwritable> {
        let to = wire_address(parts.to)?;
        let header = |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(parts.subject))
            .date(SystemTime::from(parts.at))
            .message_id(Some(parts.message_id.to_owned()))
            // RFC 3834: nobody's holiday notice answers it.
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .envelope(Envelope::new(Some(self.bounce.clone()), vec![to.clone()])?);
        if let Some(language) = parts.language {
            builder = builder.raw_header(header("Content-Language", one_line(language)));
        }
        if let Some(link) = parts.unsubscribe {
            builder = builder
                .raw_header(header("List-Unsubscribe", format!("<{}>", one_line(link))))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        let bodies = MultiPart::alternative_plain_html(readable(parts.text), readable(parts.html));
        let mut message = builder.multipart(bodies)?;
        if let Some(dkim) = &self.dkim {
            message.sign(dkim);
        }
        Ok(Outgoing {
            message_id: parts.message_id.to_owned(),
            envelope_from: self.bounce.clone(),
            to,
            bytes: message.formatted(),
        })
    }

    /// A message that was made before, to be handed over again with the same bytes.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn again(&self, message_id: &str, to: &str, bytes: Vec<u8>) -> Result<Outgoing, BadAddress> {
        Ok(Outgoing {
            message_id: message_id.to_owned(),
            envelope_from: self.bounce.clone(),
            to: wire_address(to)?,
            bytes,
        })
    }
}

/// What stands in a header: no line break can begin another one, and nothing turns the direction of what
/// a mail program shows beside it.
fn one_line(text: &str) -> String {
    let is_turning = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let plain: String =
        text.chars().filter(|c| !is_turning(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_SUBJECT).collect()
}

/// A body without the characters that relays refuse or change.
fn readable(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line() {
        assert_eq!(one_line("Happy birthday\r\nBcc: all@mail.example"), "Happy birthday Bcc: all@mail.example");
        assert_eq!(one_line("abc\u{202e}fed\u{0}"), "abcfed");
        assert_eq!(one_line(&"张".repeat(400)).chars().count(), LONGEST_SUBJECT);
    }

    #[test]
    fn a_body_has_lines_and_nothing_that_is_not_seen() {
        assert_eq!(readable("one\r\ntwo\u{0}\tthree\rfour\u{7}"), "one\ntwo\tthreefour");
    }
}
