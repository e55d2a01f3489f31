//! Why a message did not leave, sorted by what may be done about it.

use std::fmt;

/// The most that is kept of what a relay answered, in characters.
const LONGEST: usize = 300;
/// The relay ends the connection with this answer, whatever it was asked.
pub(super) const CLOSING: u16 = 421;

/// What may be done after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No relay took the connection: nothing of the message was said to anyone, and none of this is its fault.
    NotStarted,
    /// Not now (4xx), or the connection ended before the message had: it may be sent again.
    Temporary,
    /// Never (5xx).
    Permanent,
    /// The end of the message went to the wire and no answer came back. It may have arrived, so it must not
    /// be sent again unless a person says so.
    Unknown,
}

/// A message that did not leave, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{relay}: {answer}")]
pub struct Failure {
    pub kind: FailureKind,
    /// The relay, without name and password; empty where none was asked.
    pub relay: String,
    /// What the relay answered or what went wrong, with addresses left out.
    pub answer: String,
    /// The code with which the relay refused; `None` where it said nothing of the kind.
    pub code: Option<u16>,
    /// Whether it is the recipient who was refused.
    pub is_of_recipient: bool,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, relay: &str, answer: impl fmt::Display) -> Self {
        Self {
            kind,
            relay: relay.to_owned(),
            answer: without_addresses(&answer.to_string()),
            code: None,
            is_of_recipient: false,
        }
    }

    /// What a relay refused with a code.
    pub(super) fn refused(relay: &str, code: u16, text: &str) -> Self {
        let kind = if code / 100 == 4 { FailureKind::Temporary } else { FailureKind::Permanent };
        Self { code: Some(code), ..Self::new(kind, relay, format_args!("{code} {text}")) }
    }

    /// The same where it was the recipient that was named.
    pub(super) fn of_recipient(self) -> Self {
        Self { is_of_recipient: self.code.is_some(), ..self }
    }

    /// Whether the connection failed: it could not be made, was cut or fell silent. A relay that answers, be it
    /// with no, works.
    #[must_use]
    pub fn is_of_connection(&self) -> bool {
        self.code.is_none_or(|code| code == CLOSING)
    }
}

/// A relay's words on one line, cut to a length, and without anything that looks like an e-mail address:
/// relays repeat the recipient's, and what is kept of an answer must tell nothing of the guest.
pub(super) fn without_addresses(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(LONGEST));
    let mut word = String::new();
    let parts = |c: char| c.is_whitespace() || c.is_control() || r#"<>"'(),;:[]"#.contains(c);
    for c in text.chars().chain([' ']) {
        if !parts(c) {
            word.push(c);
            continue;
        }
        clean.push_str(if word.contains('@') { "(address)" } else { &word });
        word.clear();
        clean.push(if c.is_whitespace() || c.is_control() { ' ' } else { c });
    }
    let one_line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_what_may_be_done() {
        assert_eq!(Failure::refused("r", 450, "later").kind, FailureKind::Temporary);
        assert_eq!(Failure::refused("r", 550, "never").kind, FailureKind::Permanent);
        assert_eq!(Failure::refused("r", 550, "never").answer, "550 never");
    }

    #[test]
    fn whoever_answers_is_there() {
        assert!(!Failure::refused("r", 451, "later").is_of_connection());
        assert!(!Failure::refused("r", 550, "never").is_of_connection());
        assert!(Failure::refused("r", CLOSING, "closing").is_of_connection());
        assert!(Failure::new(FailureKind::Temporary, "r", "connection reset").is_of_connection());
    }

    #[test]
    fn answers_tell_nothing_of_the_guest() {
        for (said, kept) in [
            ("550 5.1.1 <wei.zhang@post.example>: unknown", "550 5.1.1 <(address)>: unknown"),
            ("no such user\r\nanna@x.example, sorry", "no such user (address), sorry"),
            ("queued as 4F1\u{7}2", "queued as 4F1 2"),
        ] {
            assert_eq!(without_addresses(said), kept);
        }
        assert_eq!(without_addresses(&"x".repeat(5_000)).len(), LONGEST);
    }
}
