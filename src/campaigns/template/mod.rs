//! Letters: written in MJML with variables, compiled when they are saved, filled in for one guest at a
//! time.
//!
//! What a letter may hold is checked twice: when it is saved, so that its author learns of it, and again
//! after it has been filled in, because only then nothing can change any more. So is that it leads out: a guest can
//! say in every letter, and in its plain text, that he wants no more.

#[cfg(feature = "ssr")]
mod address;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
mod compile;
#[cfg(feature = "ssr")]
mod engine;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
mod markup;
#[cfg(feature = "ssr")]
mod passages;
#[cfg(feature = "ssr")]
mod render;
#[cfg(feature = "ssr")]
mod starters;
#[cfg(feature = "ssr")]
mod text;
#[cfg(feature = "ssr")]
mod variables;
mod why;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use compile::{Compiled, compile};
#[cfg(feature = "ssr")]
pub use passages::{passages, plain, with_passages, words_of_link};
#[cfg(feature = "ssr")]
pub use render::{Values, examples, render};
#[cfg(feature = "ssr")]
pub use starters::{LANGUAGES, starters};
#[cfg(feature = "ssr")]
pub use variables::values;
pub use why::why;

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Most bytes of a letter as it is written, and of its plain text.
pub const MAX_TEMPLATE: usize = 256 * 1024;
/// Most bytes of a letter as it leaves, of each of its parts.
pub const MAX_RENDERED: usize = 1024 * 1024;
/// Most characters of a subject, as it is written and as it leaves: what is longer once it is filled in is cut,
/// and beyond three times as many bytes the letter does not leave.
pub const MAX_SUBJECT: usize = 300;

/// A campaign's letter in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Letter {
    /// ISO 639-1.
    pub language: String,
    /// Grows by one with every change; 0 for one that was never kept.
    pub revision: i64,
    /// With variables, as everything that follows.
    pub subject: String,
    /// As it was written.
    pub mjml: String,
    /// Made from `mjml` when it was saved.
    pub html: String,
    pub text: String,
    /// Whether `text` was written by hand, and is kept when the letter changes.
    pub text_by_hand: bool,
}

/// A letter filled in for one guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    pub html: String,
    pub text: String,
}

/// Where a guest says what he wants to hear of: the addresses in a letter's foot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Links {
    pub unsubscribe: String,
    pub preferences: String,
}

impl Links {
    /// Links that look like those of a letter and lead nowhere: nobody's wishes are changed by a preview or a
    /// test. `house` is the address of this installation without a slash at its end.
    #[must_use]
    pub fn nowhere(house: &str) -> Self {
        Self { unsubscribe: format!("{house}/u/example"), preferences: format!("{house}/preferences/example") }
    }
}

/// The letter in the language, or else in the campaign's own.
#[must_use]
pub fn pick<'a>(letters: &'a [Letter], language: &str, fallback: &str) -> Option<&'a Letter> {
    let written_in = |wanted: &str| letters.iter().find(|letter| letter.language == wanted);
    written_in(language).or_else(|| written_in(fallback))
}

/// Where a variable's value comes from, and so why it can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Always known.
    Always,
    /// The guest's profile.
    Profile,
    /// Completed stays in this house.
    Stays,
    /// A detail that whoever writes the letter approved for this guest.
    Approved,
    /// The campaign's settings.
    Campaign,
    /// The day that is greeted, which not every kind of campaign has such a word for.
    Kind,
    /// What the guest has of points and vouchers that ends on the day that is greeted.
    Points,
}

/// A word between two pairs of braces that stands for something of the guest's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    pub origin: Origin,
    /// What may stand there in a letter in English.
    pub example: &'static str,
}

const fn variable(name: &'static str, origin: Origin, example: &'static str) -> Variable {
    Variable { name, origin, example }
}

/// Every variable that a letter may use, whatever it greets.
pub const VARIABLES: &[Variable] = &[
    // How a letter in its language begins, without the mark after it.
    variable("dear", Origin::Profile, "Dear Mr Zhang"),
    // How one is addressed in the letter's language.
    variable("address", Origin::Profile, "Mr Zhang"),
    variable("first_name", Origin::Profile, "Wei"),
    variable("last_name", Origin::Profile, "Zhang"),
    variable("native_name", Origin::Profile, "张伟"),
    // As the profile has it, in whatever language.
    variable("salutation", Origin::Profile, "Mr"),
    variable("house", Origin::Always, "The Cedars"),
    // The day that is greeted, without its year.
    variable("day", Origin::Always, "12 May"),
    // Whole years since the last stay, in words; missing within the first.
    variable("years_away", Origin::Stays, "three years"),
    // Month and year in which the last stay ended.
    variable("last_stay_month", Origin::Stays, "March 2023"),
    // Nights of the last stay, a number.
    variable("last_stay_nights", Origin::Stays, "4"),
    // How many stays, a number, and in words.
    variable("stays", Origin::Stays, "3"),
    variable("stays_in_words", Origin::Stays, "three stays"),
    // Years that an anniversary is of, in words.
    variable("years_since", Origin::Kind, "five years"),
    // Month and year in which the guest was due again by the rhythm of the visits so far.
    variable("due_month", Origin::Stays, "March 2027"),
    // Points that can be used on the day for the last time, a number; and what vouchers of which the same is true are
    // for, as the house wrote it, without their codes.
    variable("points_expiring", Origin::Points, "1200"),
    variable("voucher", Origin::Points, "Dinner for two"),
    // That day, without its year.
    variable("expires_on", Origin::Points, "31 December"),
    variable("remembered", Origin::Approved, "the table by the window, and the jasmine tea"),
    variable("signer", Origin::Campaign, "Clara Sousa"),
    variable("signer_title", Origin::Campaign, "General Manager"),
    variable(UNSUBSCRIBE, Origin::Always, "https://house.example/u/example"),
    variable(PREFERENCES, Origin::Always, "https://house.example/preferences/example"),
];

const UNSUBSCRIBE: &str = "unsubscribe_url";
const PREFERENCES: &str = "preferences_url";

/// Names of the variables that are addresses, and may be all of a link.
pub const URL_VARIABLES: [&str; 2] = [UNSUBSCRIBE, PREFERENCES];

/// The address of the house in tests.
#[cfg(all(test, feature = "ssr"))]
const HOUSE: &str = "https://house.example";

fn origin_of(name: &str) -> Option<Origin> {
    VARIABLES.iter().find(|variable| variable.name == name).map(|variable| variable.origin)
}

/// Why a letter cannot be filled in for a guest. As text it is what is kept with whoever is held; [`why`]
/// says it in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Missing {
    /// Nothing is known that could stand for this variable.
    Variable(String),
    /// What would leave is larger than [`MAX_RENDERED`], or the subject than three times [`MAX_SUBJECT`] bytes.
    TooLarge,
    /// Filling it in does not come to an end.
    Endless,
    /// Nothing is left of the subject.
    EmptySubject,
    /// Filled in, it holds something that no letter may.
    Forbidden(String),
    /// Filled in, nothing in it or in its plain text leads to where a guest says that he wants no more.
    NoWayOut,
    /// The template itself is wrong; the engine's words.
    Broken(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::TooLarge => f.write_str("@too_large"),
            Self::Endless => f.write_str("@endless"),
            Self::EmptySubject => f.write_str("@empty_subject"),
            Self::Forbidden(what) => write!(f, "@forbidden {what}"),
            Self::NoWayOut => f.write_str("@no_way_out"),
            Self::Broken(words) => write!(f, "@broken {words}"),
        }
    }
}

impl FromStr for Missing {
    type Err = std::convert::Infallible;

    fn from_str(detail: &str) -> Result<Self, Self::Err> {
        let (word, rest) = detail.split_once(' ').unwrap_or((detail, ""));
        Ok(match word {
            "@too_large" => Self::TooLarge,
            "@endless" => Self::Endless,
            "@empty_subject" => Self::EmptySubject,
            "@forbidden" => Self::Forbidden(rest.to_owned()),
            "@no_way_out" => Self::NoWayOut,
            "@broken" => Self::Broken(rest.to_owned()),
            _ => Self::Variable(detail.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guests_language_comes_first_and_the_campaigns_second() {
        let letters: Vec<_> = ["en", "zh"].map(|code| Letter { language: code.to_owned(), ..Letter::default() }).into();
        let picked = |language, fallback| pick(&letters, language, fallback).map(|letter| letter.language.as_str());
        assert_eq!(picked("zh", "en"), Some("zh"));
        assert_eq!(picked("pt", "en"), Some("en"));
        assert_eq!(picked("pt", "es"), None);
    }

    #[test]
    fn what_is_missing_is_read_back() {
        for missing in [
            Missing::Variable("native_name".to_owned()),
            Missing::TooLarge,
            Missing::Endless,
            Missing::EmptySubject,
            Missing::Forbidden("<script>".to_owned()),
            Missing::NoWayOut,
            Missing::Broken("filter nothing is unknown".to_owned()),
        ] {
            assert_eq!(missing.to_string().parse::<Missing>(), Ok(missing));
        }
    }

    #[test]
    fn variables_have_a_name_each() {
        let mut names: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), VARIABLES.len());
        assert!(URL_VARIABLES.iter().all(|name| origin_of(name) == Some(Origin::Always)));
    }
}
