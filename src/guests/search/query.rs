//! What a query means. It is split at spaces, and each word is one of these:
//!
//! - **Digits**, with whatever people write between them: part of a telephone number in any format,
//!   or the beginning of a membership number. Groups of digits in a row are one number.
//! - **With an `@`**: the beginning of an e-mail address, or of its domain ("@example").
//! - **Anything else**: the beginning of a name in any script or spelling; with a digit in it also the
//!   beginning of a membership number.
//!
//! A word can only match by fields of the role's [`Scope`]; one that cannot match at all matches nobody.

use super::{
    Scope,
    document::{Fields, MIN_DIGITS, compact},
};
use crate::guests::names;
use std::ops::Bound;
use tantivy::{
    Score, Term,
    query::{BooleanQuery, ConstScoreQuery, EmptyQuery, Query, RangeQuery, RegexQuery, TermQuery},
    schema::{Field, IndexRecordOption},
};

/// Characters of a query that are read. Together with [`MAX_WORDS`] and [`MAX_FORMS`] it bounds what a
/// query can cost.
const MAX_CHARS: usize = 200;
const MAX_WORDS: usize = 8;
/// Spellings of a word, and parts of a compound word, that are looked for.
const MAX_FORMS: usize = 8;
/// Letters of a word that is looked for inside of names. Longer ones are no name, and the automaton
/// that finds them would grow with them.
const INSIDE: std::ops::RangeInclusive<usize> = 3..=32;

/// What a match is worth. A whole word is a beginning as well, and has both.
const WHOLE: Score = 4.0;
const BEGINNING: Score = 2.0;
const WITHIN: Score = 1.0;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// At least [`MIN_DIGITS`] digits, and nothing else.
    Number(String),
    /// In lower case.
    Email(String),
    /// As typed; it has at least one letter or digit.
    Name(String),
}

impl Word {
    /// Whether looking for it inside of names could find more.
    pub(super) fn may_match_inside(&self) -> bool {
        match self {
            Self::Name(typed) => names::fold(typed).split(' ').any(|part| INSIDE.contains(&part.len())),
            Self::Number(_) | Self::Email(_) => false,
        }
    }
}

/// The words of a query. Text without a letter or digit is passed over.
pub(super) fn parse(text: &str) -> Vec<Word> {
    let text: String = text.chars().take(MAX_CHARS).map(halfwidth).collect();
    let mut words = Vec::new();
    let mut number = String::new();
    for word in text.split_whitespace() {
        if word.chars().all(is_of_number) {
            number.push_str(word);
            continue;
        }
        words.extend(number_word(&std::mem::take(&mut number)));
        if word.contains('@') {
            let address = word.trim_matches(|c: char| matches!(c, '<' | '>' | '"' | '\'' | ',' | ';'));
            if address.contains(char::is_alphanumeric) {
                words.push(Word::Email(address.to_lowercase()));
            }
        } else if !names::fold(word).is_empty() {
            words.push(Word::Name(word.to_owned()));
        }
    }
    words.extend(number_word(&number));
    words.truncate(MAX_WORDS);
    words
}

/// What is typed with a Chinese keyboard in full width, in the width of everyone else.
fn halfwidth(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn number_word(typed: &str) -> Option<Word> {
    // The zero in "+49 (0)89 123" is dialled within the country only and is not part of the number.
    let digits: String = typed.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 => None,
        1..MIN_DIGITS => Some(Word::Name(digits)),
        _ => Some(Word::Number(digits)),
    }
}

/// Makes index queries of words.
#[derive(Clone, Copy)]
pub(super) struct Matcher {
    pub(super) fields: Fields,
    pub(super) scope: Scope,
    /// Whether words are looked for inside of names too.
    pub(super) inside: bool,
}

/// Ways to match, of which one is enough; the more of them match, the better.
type Ways = Vec<Box<dyn Query>>;

impl Matcher {
    /// Matches the guests whom every one of the words matches.
    pub(super) fn every(&self, words: &[Word]) -> Box<dyn Query> {
        every(words.iter().map(|word| any(self.word(word))).collect())
    }

    fn word(&self, word: &Word) -> Ways {
        match word {
            Word::Email(address) if self.scope.email => beginning(self.fields.email, address),
            Word::Email(_) => Vec::new(),
            Word::Number(digits) => {
                let mut ways = self.name(digits);
                if self.scope.phone {
                    ways.extend(self.phone(digits));
                }
                ways.extend(self.membership(digits));
                ways
            }
            Word::Name(typed) => {
                let mut ways = self.name(typed);
                if typed.contains(|c: char| c.is_ascii_digit()) {
                    ways.extend(self.membership(typed));
                }
                ways
            }
        }
    }

    fn phone(&self, digits: &str) -> Ways {
        let mut ways = beginning(self.fields.phone, digits);
        // Without what is dialled before the number: 0 within the country, 00 to leave it.
        let number = digits.trim_start_matches('0');
        if number.len() < digits.len() && number.len() >= MIN_DIGITS {
            ways.extend(beginning(self.fields.phone, number));
        }
        ways
    }

    fn membership(&self, typed: &str) -> Ways {
        let number = compact(typed);
        if self.scope.membership && number.chars().count() >= MIN_DIGITS {
            beginning(self.fields.membership, &number)
        } else {
            Vec::new()
        }
    }

    /// A simple word matches in any of its spellings. Of a compound one ("Jean-Pierre", 张伟) every part
    /// must match, or the whole: one of the parts alone would find half the house.
    fn name(&self, typed: &str) -> Ways {
        let folded = names::fold(typed);
        let parts: Vec<&str> = folded.split(' ').filter(|part| !part.is_empty()).take(MAX_FORMS).collect();
        let letters = folded.bytes().filter(|byte| *byte != b' ').count();
        let spellings = names::tokens(typed).into_iter();
        if parts.len() <= 1 {
            return spellings.take(MAX_FORMS).flat_map(|form| self.spelling(&form)).collect();
        }
        let mut ways = vec![every(parts.iter().map(|part| any(self.spelling(part))).collect())];
        // The forms of the whole word are those with all of its letters.
        let whole = spellings.filter(|form| names::match_surname(form).len() >= letters);
        ways.extend(whole.take(MAX_FORMS).flat_map(|form| self.spelling(&form)));
        ways
    }

    fn spelling(&self, form: &str) -> Ways {
        let mut ways = beginning(self.fields.name, form);
        if self.inside {
            ways.extend(within(self.fields.name, form));
        }
        ways
    }
}

/// Matches terms that begin with the text, better those that are the text.
fn beginning(field: Field, text: &str) -> Ways {
    let term = Term::from_field_text(field, text);
    // No term holds the last character of Unicode, so all that begin with the text come before it.
    let after = Term::from_field_text(field, &format!("{text}\u{10FFFF}"));
    let whole = TermQuery::new(term.clone(), IndexRecordOption::Basic);
    let range = RangeQuery::new(Bound::Included(term), Bound::Excluded(after));
    vec![worth(Box::new(whole), WHOLE), worth(Box::new(range), BEGINNING)]
}

/// Matches terms that have the text anywhere in them.
fn within(field: Field, text: &str) -> Option<Box<dyn Query>> {
    // Letters and digits mean themselves in a regular expression; there is nothing else in a form of a
    // name, and should there ever be, it is not looked for.
    if !INSIDE.contains(&text.chars().count()) || !text.chars().all(char::is_alphanumeric) {
        return None;
    }
    let query = RegexQuery::from_pattern(&format!(".*{text}.*"), field).ok()?;
    Some(worth(Box::new(query), WITHIN))
}

fn worth(query: Box<dyn Query>, score: Score) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

fn any(ways: Ways) -> Box<dyn Query> {
    if ways.is_empty() { Box::new(EmptyQuery) } else { Box::new(BooleanQuery::union(ways)) }
}

fn every(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::intersection(queries))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(typed: &str) -> Word {
        Word::Name(typed.to_owned())
    }

    fn number(digits: &str) -> Word {
        Word::Number(digits.to_owned())
    }

    #[test]
    fn digits_in_a_row_are_one_number() {
        for typed in
            ["+351 927 313 387", "00351927313387", "(351) 927-313-387", "351.927.313.387", "+351 (0) 927 313 387"]
        {
            let digits = if typed.starts_with("00") { "00351927313387" } else { "351927313387" };
            assert_eq!(parse(typed), [number(digits)], "{typed}");
        }
        assert_eq!(parse("Silva 0927 313 Ana 628"), [name("Silva"), number("0927313"), name("Ana"), number("628")]);
        assert_eq!(parse("９２７ ３１３"), [number("927313")]);
        assert_eq!(parse("12"), [name("12")]);
    }

    #[test]
    fn an_at_sign_makes_an_address() {
        assert_eq!(parse("<Ana.Silva@Example.com>,"), [Word::Email("ana.silva@example.com".to_owned())]);
        assert_eq!(parse("@example"), [Word::Email("@example".to_owned())]);
    }

    #[test]
    fn text_that_means_nothing_is_passed_over() {
        for typed in ["", "   ", "@ -- ... &", "\0\u{202e}", "()/+"] {
            assert!(parse(typed).is_empty(), "{typed:?}");
        }
        assert_eq!(parse("Ana - Silva &"), [name("Ana"), name("Silva")]);
    }

    #[test]
    fn a_query_is_read_up_to_its_bounds() {
        assert_eq!(parse(&"ana ".repeat(100)).len(), MAX_WORDS);
        assert_eq!(parse(&"é".repeat(5_000)), [name(&"é".repeat(MAX_CHARS))]);
    }
}
