//! What people type and files contain, parsed once into types that are right from then on. An error
//! says what is wrong with the value and what would be accepted.

mod contact;
mod form;
mod memory;
mod nationality;

pub use contact::{Email, Phone, phone_digits};
pub use form::GuestDraft;
pub use memory::{TypedMemory, house_memory};
pub use nationality::Nationality;

use super::Birthday;
use crate::error::Problem;
use chrono::NaiveDate;

/// Highest VIP level.
const MAX_VIP: u8 = 3;
/// How many characters of a refused value its error repeats.
const EXCERPT: usize = 80;

/// A text newtype: made by its `parse` alone, read as `&str`, given up as `String`.
macro_rules! reads_as_text {
    ($($name:ident),+) => {$(
        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}
use reads_as_text;

/// A part of a name, in any script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Most characters that a part of a name may have.
    pub const MAX: usize = 80;

    /// Trims, and makes one space of every white space.
    ///
    /// # Errors
    /// [`Problem::Empty`], [`Problem::TooLong`] beyond [`Name::MAX`], [`Problem::BadCharacter`] as in
    /// [`line`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        line(text, Self::MAX)?.map(Self).ok_or(Problem::Empty)
    }
}

/// A language by its two letters of ISO 639-1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageCode(String);

impl LanguageCode {
    /// Reads `pt`, and of `pt-BR` or `PT_br` the language alone.
    ///
    /// # Errors
    /// [`Problem::Empty`], or [`Problem::NotKnown`] for what is no language's code.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let code = text.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        if text.trim().is_empty() {
            Err(Problem::Empty)
        } else if LANGUAGES.binary_search(&code.as_str()).is_ok() {
            Ok(Self(code))
        } else {
            Err(Problem::NotKnown(excerpt(text), "ISO 639-1: en, es, pt, zh".to_owned()))
        }
    }
}

/// A membership number: letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Membership(String);

impl Membership {
    /// Most characters that a membership number may have.
    pub const MAX: usize = 32;

    /// Upper-cases, and drops the spaces that people group digits with.
    ///
    /// # Errors
    /// [`Problem::Empty`], [`Problem::TooLong`] beyond [`Membership::MAX`], or
    /// [`Problem::BadCharacter`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let number: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
        if number.is_empty() {
            Err(Problem::Empty)
        } else if number.chars().count() > Self::MAX {
            Err(Problem::TooLong(Self::MAX))
        } else if number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            Ok(Self(number))
        } else {
            Err(Problem::BadCharacter)
        }
    }
}

reads_as_text!(Name, LanguageCode, Membership);

/// Parses a field that may be left empty.
///
/// # Errors
/// What `parse` finds wrong with a field that is not empty.
pub fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
    if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// One line of free text: trimmed, every white space one space; `None` if nothing is left.
///
/// # Errors
/// [`Problem::TooLong`] beyond `max` characters; [`Problem::BadCharacter`] for control characters and
/// for those that turn the direction of the text around, which can make a name read as another one.
pub fn line(value: &str, max: usize) -> Result<Option<String>, Problem> {
    let mut line = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    checked(line, max, is_unwritable)
}

/// Free text with line breaks: trimmed, line ends as `\n`; `None` if nothing is left.
///
/// # Errors
/// As [`line`], but line breaks and tabs may stay.
pub fn text(value: &str, max: usize) -> Result<Option<String>, Problem> {
    let text = value.trim().replace("\r\n", "\n").replace('\r', "\n");
    checked(text, max, |c| is_unwritable(c) && c != '\n' && c != '\t')
}

/// A VIP level, 0 to 3; nothing is level 0.
///
/// # Errors
/// [`Problem::NotKnown`] for anything else.
pub fn vip(text: &str) -> Result<u8, Problem> {
    match text.trim() {
        "" => Ok(0),
        level => level
            .parse::<u8>()
            .ok()
            .filter(|level| *level <= MAX_VIP)
            .ok_or_else(|| Problem::NotKnown(excerpt(level), "0, 1, 2, 3".to_owned())),
    }
}

/// A birthday: `YYYY-MM-DD`, or `--MM-DD` where the year is unknown.
///
/// # Errors
/// [`Problem::Empty`] or [`Problem::NotDate`].
pub fn birthday(text: &str) -> Result<Birthday, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    // Number parsing alone would take "+1" for a month.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    Some(text).filter(|_| plain).and_then(Birthday::parse).ok_or_else(|| Problem::NotDate(excerpt(text)))
}

/// The last day on which something holds: `YYYY-MM-DD`, and not before `today`; `None` if nothing was entered.
///
/// # Errors
/// [`Problem::NotKnown`] for anything else.
pub fn last_day(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Problem> {
    optional(text, |text| {
        let text = text.trim();
        // Dates are kept in ten characters, so that they sort as they follow each other.
        let day = text.parse::<NaiveDate>().ok().filter(|day| text.len() == 10 && day.to_string() == text);
        let expected = if day.is_some() { "@from_today" } else { "@day" };
        day.filter(|day| *day >= today).ok_or_else(|| Problem::NotKnown(excerpt(text), expected.to_owned()))
    })
}

fn checked(text: String, max: usize, refused: impl Fn(char) -> bool) -> Result<Option<String>, Problem> {
    if text.is_empty() {
        Ok(None)
    } else if text.len() > max && text.chars().count() > max {
        Err(Problem::TooLong(max))
    } else if text.chars().any(refused) {
        Err(Problem::BadCharacter)
    } else {
        Ok(Some(text))
    }
}

/// The beginning of a refused value, long enough to recognise it.
fn excerpt(text: &str) -> String {
    text.trim().chars().take(EXCERPT).collect()
}

fn is_unwritable(c: char) -> bool {
    c.is_control() || turns_direction(c)
}

/// The embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX #9).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// ISO 639-1, ordered.
#[rustfmt::skip]
const LANGUAGES: &[&str] = &[
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bh", "bi", "bm",
    "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv", "dz", "ee",
    "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu",
    "gv", "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is",
    "it", "iu", "ja", "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw",
    "ky", "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms",
    "mt", "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os",
    "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk",
    "sl", "sm", "sn", "so", "sq", "sr", "ss", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl",
    "tn", "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi",
    "yo", "za", "zh", "zu",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_last_day_is_not_over() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        assert_eq!(last_day(" 2026-11-23 ", today), Ok(Some(today)));
        assert_eq!(last_day(" ", today), Ok(None));
        for (text, expected) in [("2026-11-22", "@from_today"), ("2026-1-2", "@day"), ("+10000-01-01", "@day")] {
            assert_eq!(last_day(text, today), Err(Problem::NotKnown(text.to_owned(), expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn names_are_tidied() {
        assert_eq!(
            Name::parse("  Ana \t Maria\u{A0}da  Silva ").map(String::from),
            Ok("Ana Maria da Silva".to_owned())
        );
        assert_eq!(Name::parse("张伟").map(String::from), Ok("张伟".to_owned()));
        assert_eq!(Name::parse(" \n "), Err(Problem::Empty));
        assert!(Name::parse(&"é".repeat(80)).is_ok(), "counts characters, not bytes");
        assert_eq!(Name::parse(&"é".repeat(81)), Err(Problem::TooLong(80)));
        for bad in ["Ana\u{0}", "Ana\u{1B}[31m", "\u{202E}anA", "Ana\u{2066}", "a\u{7F}b"] {
            assert_eq!(Name::parse(bad), Err(Problem::BadCharacter), "{bad:?}");
        }
    }

    #[test]
    fn languages_are_those_of_the_standard() {
        assert!(LANGUAGES.is_sorted());
        assert_eq!(LANGUAGES.len(), 184);
        for (text, code) in [("pt", "pt"), (" PT-br ", "pt"), ("zh_Hans", "zh")] {
            assert_eq!(LanguageCode::parse(text).map(String::from), Ok(code.to_owned()));
        }
        assert_eq!(LanguageCode::parse(" "), Err(Problem::Empty));
        for bad in ["xx", "por", "english", "-", "p"] {
            assert!(matches!(LanguageCode::parse(bad), Err(Problem::NotKnown(..))), "{bad:?}");
        }
    }

    #[test]
    fn membership_numbers_are_made_alike() {
        assert_eq!(Membership::parse(" 7714 0702 86 ").map(String::from), Ok("7714070286".to_owned()));
        assert_eq!(Membership::parse("ab-12").map(String::from), Ok("AB-12".to_owned()));
        assert_eq!(Membership::parse(""), Err(Problem::Empty));
        assert_eq!(Membership::parse("12#4"), Err(Problem::BadCharacter));
        assert_eq!(Membership::parse("١٢"), Err(Problem::BadCharacter));
        assert_eq!(Membership::parse(&"1".repeat(33)), Err(Problem::TooLong(32)));
    }

    #[test]
    fn texts_keep_their_lines() {
        assert_eq!(text(" Rua A, 1\r\nLisboa\r\n", 20), Ok(Some("Rua A, 1\nLisboa".to_owned())));
        assert_eq!(text("  ", 20), Ok(None));
        assert_eq!(text("a\u{0}", 20), Err(Problem::BadCharacter));
        assert_eq!(text("abcd", 3), Err(Problem::TooLong(3)));
        assert_eq!(line(" a\n b ", 3), Ok(Some("a b".to_owned())));
    }

    #[test]
    fn levels_and_days() {
        assert_eq!(vip(""), Ok(0));
        assert_eq!(vip(" 3 "), Ok(3));
        for bad in ["4", "-1", "V1", "256"] {
            assert!(matches!(vip(bad), Err(Problem::NotKnown(..))), "{bad:?}");
        }
        assert_eq!(birthday(" --02-29 ").map(|day| day.to_string()), Ok("--02-29".to_owned()));
        for bad in ["31/02/1990", "1990-02-31", "1990-+5-01", "12 May"] {
            assert_eq!(birthday(bad), Err(Problem::NotDate(bad.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn parsing_twice_is_parsing_once(value in any::<String>()) {
            if let Ok(name) = Name::parse(&value) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
            }
            if let Ok(Some(kept)) = text(&value, 100) {
                prop_assert_eq!(text(&kept, 100), Ok(Some(kept.clone())));
            }
        }
    }
}
