//! Where a guest can be reached: e-mail addresses and telephone numbers.

use super::{excerpt, is_unwritable, reads_as_text};
use crate::error::Problem;
use any_ascii::any_ascii;
use std::ops::RangeInclusive;

/// Longest local part of an e-mail address in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// An e-mail address, trimmed and in lower case, so that equal addresses are equal texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Longest address in bytes that can be handed to a mail server (RFC 5321, 4.5.3.1.3, less the
    /// angle brackets).
    pub const MAX: usize = 254;

    /// Reads one address, `local@domain` with a domain that has a dot. Quoted local parts and address
    /// literals are refused: they exist in the standard and, in a hotel's records, only by mistake.
    /// Several dots in a row (`klaus-d..berg@`) are against the standard and accepted, because providers
    /// have given out such addresses; on the wire they are written in quotation marks.
    ///
    /// # Errors
    /// [`Problem::Empty`], [`Problem::TooLong`] or [`Problem::NotEmail`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let address = text.trim().to_lowercase();
        if address.is_empty() {
            return Err(Problem::Empty);
        }
        if address.len() > Self::MAX {
            return Err(Problem::TooLong(Self::MAX));
        }
        if is_one_address(&address) { Ok(Self(address)) } else { Err(Problem::NotEmail(excerpt(text))) }
    }
}

fn is_one_address(address: &str) -> bool {
    let foreign = |c: char| c.is_whitespace() || is_unwritable(c) || is_invisible(c) || r#",;:<>()[]\""#.contains(c);
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    // An ending of digits is an IP address.
    let names_a_host = domain.rsplit_once('.').is_some_and(|(_, ending)| ending.chars().any(char::is_alphabetic));
    let atoms: Vec<&str> = local.split('.').filter(|atom| !atom.is_empty()).collect();
    !address.contains(foreign)
        && names_a_host
        && local.len() <= MAX_LOCAL
        && lettre::Address::new(atoms.join("."), domain).is_ok()
}

/// A telephone number in the form of E.164: `+` and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Digits of an international number, country code included. E.164 sets the upper limit; below the
/// lower one no country has a number that can be called from abroad.
const DIGITS: RangeInclusive<usize> = 7..=15;

impl Phone {
    /// Reads a number as people write it: `+86 139 1234 5678`, `0086 139...`, `+44 (0)20 ...`; or a
    /// national one, if `country` (ISO 3166-1 alpha-2) says which nation's.
    ///
    /// With a country code any number of 7 to 15 digits is kept, even where the numbering plan does not
    /// know it: plans change, and the house's own records hold such numbers. A national number must fit
    /// its country's plan, since otherwise the country is a guess gone wrong.
    ///
    /// # Errors
    /// [`Problem::Empty`] or [`Problem::NotPhone`].
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self, Problem> {
        if text.trim().is_empty() {
            return Err(Problem::Empty);
        }
        let number = match dialled(text) {
            Some(Dialled::International(digits)) => international(&digits),
            Some(Dialled::National(digits)) => country.and_then(|country| national(&digits, country)),
            None => None,
        };
        number.map(Self).ok_or_else(|| Problem::NotPhone(excerpt(text)))
    }
}

reads_as_text!(Email, Phone);

/// The digits of a number written in any way, for searching; the leading `00` of an international
/// call and the bracketed trunk zero of `+44 (0)20` are left out, as they are in E.164.
#[must_use]
pub fn phone_digits(text: &str) -> String {
    let digits: String = any_ascii(text).replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("00") {
        Some(rest) => rest.to_owned(),
        None => digits,
    }
}

/// What was dialled.
enum Dialled {
    /// Country code and number.
    International(String),
    /// A number within some country.
    National(String),
}

/// The digits of a number; `None` if there is anything in it but digits and what people part them with.
fn dialled(text: &str) -> Option<Dialled> {
    let mut plus = false;
    let mut digits = String::new();
    // Full-width and Arabic digits, long hyphens and hard spaces become plain ones.
    for c in any_ascii(text).chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            ' ' | '-' | '.' | '/' | '(' | ')' | '\t' => {}
            _ => return None,
        }
    }
    match digits.strip_prefix("00") {
        Some(rest) => Some(Dialled::International(rest.to_owned())),
        None if plus => Some(Dialled::International(digits)),
        None => Some(Dialled::National(digits)),
    }
}

fn international(digits: &str) -> Option<String> {
    if !DIGITS.contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    let as_dialled = format!("+{digits}");
    // Between country code and number people leave the digit that is dialled before a number inside
    // the country: 0 in most, 1 and 8 in some. Only there the numbering plans have a say, which are
    // large to load and slow to ask.
    let subscriber = &digits[calling_code_length(digits)..];
    if !subscriber.starts_with(['0', '1', '8']) {
        return Some(as_dialled);
    }
    Some(valid(None, &as_dialled).unwrap_or(as_dialled))
}

fn national(digits: &str, country: &str) -> Option<String> {
    let country = country.parse().ok()?;
    if digits.is_empty() || digits.len() > *DIGITS.end() {
        return None;
    }
    valid(Some(country), digits)
}

/// The number in E.164, if its country's plan knows it.
fn valid(country: Option<phonenumber::country::Id>, number: &str) -> Option<String> {
    let number = phonenumber::parse(country, number).ok().filter(phonenumber::is_valid)?;
    Some(format!("+{}{}", number.code().value(), number.national()))
}

/// How many of the digits are the country code (ITU-T E.164, list of assigned codes).
fn calling_code_length(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// Characters without width that come along when an address is copied from a web page.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_made_alike() {
        for (text, address) in [
            (" VINCENT.Sanchez@EXAMPLE.NET ", "vincent.sanchez@example.net"),
            ("o'brien+spa@mail.example", "o'brien+spa@mail.example"),
            ("anna@müller.example", "anna@müller.example"),
            ("klaus-d..berg@mail.example", "klaus-d..berg@mail.example"),
        ] {
            assert_eq!(Email::parse(text).map(String::from), Ok(address.to_owned()));
        }
        assert_eq!(Email::parse("  "), Err(Problem::Empty));
        assert_eq!(Email::parse(&format!("a@{}.example", "b".repeat(250))), Err(Problem::TooLong(254)));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "anna",
            "anna@",
            "@example.com",
            "anna@localhost",
            "anna@1.2.3.4",
            "anna@[1.2.3.4]",
            "anna @example.com",
            "anna@example.com, bob@example.com",
            "anna@example.com;bob@example.com",
            "Anna <anna@example.com>",
            "\"anna b\"@example.com",
            "anna@@example.com",
            "anna@example..com",
            "anna@example.com\u{0}",
            "anna\r\nBcc: x@example.com",
            "an\u{200B}na@example.com",
            "..@example.com",
            "this-local-part-is-longer-than-the-sixty-four-bytes-that-a-server-takes@example.com",
        ] {
            assert_eq!(Email::parse(bad), Err(Problem::NotEmail(excerpt(bad))), "{bad:?}");
        }
    }

    #[test]
    fn numbers_with_a_country_code_become_e164() {
        for (text, number) in [
            ("+86 139 1234 5678", "+8613912345678"),
            ("0086 139-1234-5678", "+8613912345678"),
            ("00351974066382", "+351974066382"),
            (" (+351) 927.313.387 ", "+351927313387"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("＋３５１　９２７ ３１３ ３８７", "+351927313387"),
            ("+39 06 6982", "+39066982"),
            ("+0049 30 901820", "+4930901820"),
            // No numbering plan has these, the house's records do.
            ("+34 000 000 000", "+34000000000"),
            ("+999 1234567", "+9991234567"),
        ] {
            assert_eq!(Phone::parse(text, None).map(String::from), Ok(number.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn national_numbers_need_their_country() {
        assert_eq!(Phone::parse("020 7946 0958", Some("GB")).map(String::from), Ok("+442079460958".to_owned()));
        assert_eq!(Phone::parse("912 345 678", Some("PT")).map(String::from), Ok("+351912345678".to_owned()));
        for country in [None, Some("CN"), Some("XX"), Some("")] {
            assert!(matches!(Phone::parse("912 345 678", country), Err(Problem::NotPhone(_))), "{country:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(Phone::parse(" ", None), Err(Problem::Empty));
        for bad in [
            "+351",
            "+1234567890123456",
            "call me",
            "+351 927 313 387 ext 5",
            "++351927313387",
            "+0351927313387",
            "123",
        ] {
            assert_eq!(Phone::parse(bad, None), Err(Problem::NotPhone(bad.to_owned())), "{bad:?}");
        }
    }

    #[test]
    fn digits_are_found_in_any_format() {
        assert_eq!(phone_digits("+351 927-313.387"), "351927313387");
        assert_eq!(phone_digits("00351 927"), "351927");
        assert_eq!(phone_digits("+44 (0)20 7946"), "44207946");
        assert_eq!(phone_digits("room 1118"), "1118");
        assert_eq!(phone_digits("zhang"), "");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_number_or_refused(text in "[+0-9 ()./-]{0,24}", country in "[A-Z]{2}") {
            for country in [None, Some(country.as_str())] {
                if let Ok(phone) = Phone::parse(&text, country) {
                    prop_assert!(phone.as_str().starts_with('+'));
                    prop_assert!(phone.as_str()[1..].bytes().all(|byte| byte.is_ascii_digit()));
                }
            }
        }

        #[test]
        fn a_kept_address_is_one_address(text in any::<String>(), local in "[a-z.@ ,]{1,9}") {
            for text in [text, format!("{local}@example.com")] {
                if let Ok(email) = Email::parse(&text) {
                    prop_assert_eq!(email.as_str().matches('@').count(), 1);
                    prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                }
            }
        }
    }
}
