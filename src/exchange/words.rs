//! Refusals in the reader's language: what is wrong, and what would be accepted.

use super::{FileProblem, Reason};
use crate::{i18n::*, ui::problem_in_words};

/// What is wrong with a row or a value, in a sentence or two.
#[must_use]
pub fn reason_text(locale: Locale, reason: &Reason) -> String {
    match reason {
        Reason::Value(problem) => problem_in_words(locale, problem),
        Reason::NoName => td_string!(locale, exchange.reasons.no_name).to_owned(),
        Reason::NotDate => td_string!(locale, exchange.reasons.not_date).to_owned(),
        Reason::NotInCalendar => td_string!(locale, exchange.reasons.not_in_calendar).to_owned(),
        Reason::BeforeArrival(arrival) => td_string!(locale, exchange.reasons.before_arrival, arrival = arrival),
        Reason::NotCount(most) => td_string!(locale, exchange.reasons.not_count, most = most),
        Reason::NotListed { accepted, or_empty: false } => {
            td_string!(locale, exchange.reasons.not_listed, accepted = accepted)
        }
        Reason::NotListed { accepted, or_empty: true } => {
            td_string!(locale, exchange.reasons.not_listed_nor_empty, accepted = accepted)
        }
        Reason::NotCurrency => td_string!(locale, exchange.reasons.not_currency).to_owned(),
        Reason::Negative => td_string!(locale, exchange.reasons.negative).to_owned(),
        Reason::NotAmount => td_string!(locale, exchange.reasons.not_amount).to_owned(),
        Reason::AmountTooLarge(digits) => td_string!(locale, exchange.reasons.amount_too_large, digits = digits),
        Reason::TooManyDecimals { currency, decimals } => {
            td_string!(locale, exchange.reasons.too_many_decimals, currency = currency, decimals = decimals)
        }
        Reason::Unclosed => td_string!(locale, exchange.reasons.unclosed).to_owned(),
        Reason::TooManyBytes(most) => td_string!(locale, exchange.reasons.too_many_bytes, most = most),
        Reason::Nul => td_string!(locale, exchange.reasons.nul).to_owned(),
        Reason::Width { fields, columns } => {
            td_string!(locale, exchange.reasons.width, fields = fields, columns = columns)
        }
        Reason::AlreadyOn(line) => td_string!(locale, exchange.reasons.already_on, line = line),
        Reason::UnknownHouse(known) => {
            td_string!(locale, exchange.reasons.unknown_house, known = known.join(", "))
        }
        Reason::Unreadable(cause) => td_string!(locale, exchange.reasons.unreadable, cause = cause),
        Reason::InWords(text) => text.clone(),
    }
}

/// Why a file is not imported, in a sentence or two.
#[must_use]
pub fn file_problem_text(locale: Locale, problem: &FileProblem) -> String {
    match problem {
        FileProblem::NotChosen => td_string!(locale, exchange.refused.not_chosen).to_owned(),
        FileProblem::NotArrived => td_string!(locale, exchange.refused.not_arrived).to_owned(),
        FileProblem::TooLarge(most) => td_string!(locale, exchange.refused.too_large, most = most),
        FileProblem::Empty => td_string!(locale, exchange.refused.empty).to_owned(),
        FileProblem::NoRows => td_string!(locale, exchange.refused.no_rows).to_owned(),
        FileProblem::Utf16 => td_string!(locale, exchange.refused.utf16).to_owned(),
        FileProblem::Packed => td_string!(locale, exchange.refused.packed).to_owned(),
        FileProblem::NotText => td_string!(locale, exchange.refused.not_text).to_owned(),
        FileProblem::TooManyColumns { found, most } => {
            td_string!(locale, exchange.refused.too_many_columns, found = found, most = most)
        }
        FileProblem::Repeated(column) => td_string!(locale, exchange.refused.repeated, column = column),
        FileProblem::Missing { missing, found } if found.is_empty() => {
            td_string!(locale, exchange.refused.missing, missing = missing.join(", "))
        }
        FileProblem::Missing { missing, found } => {
            let (missing, found) = (missing.join(", "), found.join(", "));
            td_string!(locale, exchange.refused.missing_of_found, missing = missing, found = found)
        }
        FileProblem::Unreadable(cause) => td_string!(locale, exchange.refused.unreadable, cause = cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_say_what_would_be_accepted() {
        let codes = |or_empty| Reason::NotListed { accepted: "Y, N".to_owned(), or_empty };
        for (reason, en, es, zh) in [
            (Reason::NotCount(999), "0 to 999", "0 a 999", "0 至 999"),
            (Reason::NotDate, "YYYY-MM-DD", "AAAA-MM-DD", "YYYY-MM-DD"),
            (codes(false), "Y, N.", "Y, N.", "Y, N。"),
            (codes(true), "Y, N, or nothing", "Y, N, o nada", "Y, N，或留空"),
            (Reason::Width { fields: 2, columns: 27 }, "2 fields", "2 campos", "2 个字段"),
        ] {
            for (locale, part) in [(Locale::en, en), (Locale::es, es), (Locale::zh, zh)] {
                let text = reason_text(locale, &reason);
                assert!(text.contains(part), "{text:?} does not say {part:?}");
            }
        }
    }

    #[test]
    fn a_file_without_columns_is_told_which() {
        let missing = vec!["arrival".to_owned(), "status".to_owned()];
        let short = FileProblem::Missing { missing: missing.clone(), found: Vec::new() };
        let long = FileProblem::Missing { missing, found: vec!["colour".to_owned()] };
        for locale in [Locale::en, Locale::es, Locale::zh] {
            assert!(file_problem_text(locale, &short).contains("arrival, status"));
            assert!(file_problem_text(locale, &long).contains("colour"));
        }
    }
}
