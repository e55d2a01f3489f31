//! Who calls: a page that a telephone system opens with the caller's number, or a person with a membership number.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use crate::stays::GuestLine;
use serde::{Deserialize, Serialize};

/// Most characters of a number that is looked up.
pub const MAX_NUMBER: usize = 60;
/// Guests that are offered where several have the number.
pub const MOST_MATCHES: usize = 20;

/// By what somebody is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A telephone number in any format; a membership number too, for telephone systems that send one in its place.
    Number(String),
    Member(String),
}

/// Whom a number belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// One guest: the card opens.
    One(Box<GuestLine>),
    /// Several share it: the person who answers chooses.
    Several(Vec<GuestLine>),
    /// Nobody is known by it. `number` is what a new profile begins with: E.164 as far as it could be read; empty where
    /// a membership number was looked up.
    Nobody {
        number: String,
        /// Whether the colleague may begin a profile.
        may_begin: bool,
    },
    /// Nothing was asked for.
    Nothing,
}

/// The number as a telephone system meant it. In an address `+` stands for a space, and few systems know that they
/// should write `%2B`: a number that comes with a space in its place had a plus.
#[must_use]
pub fn from_address(text: &str) -> String {
    let text: String = text.chars().take(MAX_NUMBER).collect();
    // Some send the whole address of the call.
    let number = text.strip_prefix("sip:").or_else(|| text.strip_prefix("tel:")).unwrap_or(&text);
    let number = number.split(['@', ';']).next().unwrap_or_default();
    match number.strip_prefix(' ') {
        Some(rest) if rest.trim_start().starts_with(|c: char| c.is_ascii_digit()) => format!("+{}", rest.trim()),
        _ => number.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_that_became_a_space_is_a_plus() {
        for (came, meant) in [
            (" 66 81 234 5678", "+66 81 234 5678"),
            ("+66812345678", "+66812345678"),
            ("0066812345678", "0066812345678"),
            ("sip:+66812345678@pbx.example", "+66812345678"),
            ("tel:+66812345678;ext=2", "+66812345678"),
            ("  M0001 ", "M0001"),
            ("", ""),
        ] {
            assert_eq!(from_address(came), meant, "{came:?}");
        }
    }
}
