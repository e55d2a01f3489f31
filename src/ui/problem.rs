//! Errors in the reader's language: what is wrong, and what would be accepted.

use super::I18n;
use crate::{
    error::{AppError, FieldError, Problem},
    i18n::*,
};
use leptos::prelude::*;

/// What is wrong with a value, as a sentence.
#[must_use]
pub fn problem_text(i18n: I18n, problem: &Problem) -> String {
    match problem {
        Problem::Empty => tu_string!(i18n, common.problems.empty).to_owned(),
        Problem::TooLong(most) => tu_string!(i18n, common.problems.too_long, most = most),
        Problem::TooShort(least) => tu_string!(i18n, common.problems.too_short, least = least),
        Problem::NotEmail(value) => tu_string!(i18n, common.problems.not_email, value = value),
        Problem::NotPhone(value) => tu_string!(i18n, common.problems.not_phone, value = value),
        Problem::NotDate(value) => tu_string!(i18n, common.problems.not_date, value = value),
        Problem::NotKnown(value, expected) => {
            tu_string!(i18n, common.problems.not_known, value = value, expected = expected_text(i18n, expected))
        }
        Problem::BadCharacter => tu_string!(i18n, common.problems.bad_character).to_owned(),
        Problem::Taken(owner) => tu_string!(i18n, common.problems.taken, owner = owner),
        Problem::Differ => tu_string!(i18n, common.problems.differ).to_owned(),
        Problem::TooLarge(bytes) => tu_string!(i18n, common.problems.too_large, size = size(*bytes)),
        Problem::WrongType(expected) => tu_string!(i18n, common.problems.wrong_type, expected = expected),
        Problem::WrongCredentials => tu_string!(i18n, common.problems.wrong_credentials).to_owned(),
        Problem::LockedOut(minutes) => tu_string!(i18n, common.problems.locked_out, count = *minutes),
    }
}

/// What would be accepted: a list of values stands as it is, a description has a key.
fn expected_text(i18n: I18n, expected: &str) -> String {
    match expected {
        "@zone" => tu_string!(i18n, common.expected.zone).to_owned(),
        "@currency" => tu_string!(i18n, common.expected.currency).to_owned(),
        "@extension" => tu_string!(i18n, common.expected.extension).to_owned(),
        "@login" => tu_string!(i18n, common.expected.login).to_owned(),
        "@listed" => tu_string!(i18n, common.expected.listed).to_owned(),
        "@living" => tu_string!(i18n, common.expected.living).to_owned(),
        "@colleague" => tu_string!(i18n, common.expected.colleague).to_owned(),
        "@seconds" => tu_string!(i18n, common.expected.seconds).to_owned(),
        "@minutes" => tu_string!(i18n, common.expected.minutes).to_owned(),
        "@later" => tu_string!(i18n, common.expected.later).to_owned(),
        "@other_station" => tu_string!(i18n, common.expected.other_station).to_owned(),
        "@answers" => tu_string!(i18n, common.expected.answers).to_owned(),
        "@hours" => tu_string!(i18n, common.expected.hours).to_owned(),
        values => values.to_owned(),
    }
}

/// Why a request was not carried out, in a sentence or two.
#[must_use]
pub fn error_text(i18n: I18n, error: &AppError) -> String {
    match error {
        AppError::SignedOut => tu_string!(i18n, common.errors.signed_out).to_owned(),
        AppError::Locked => tu_string!(i18n, common.errors.locked).to_owned(),
        AppError::NoStation => tu_string!(i18n, common.errors.no_station).to_owned(),
        AppError::Forbidden => tu_string!(i18n, common.errors.forbidden).to_owned(),
        AppError::NotFound => tu_string!(i18n, common.errors.not_found).to_owned(),
        AppError::Fields(fields) => {
            let problems: Vec<_> = fields.iter().map(|field| problem_text(i18n, &field.problem)).collect();
            problems.join(" ")
        }
        AppError::Conflict(text) => text.clone(),
        AppError::Internal(reference) => tu_string!(i18n, common.errors.internal, reference = reference),
        AppError::Unreachable => tu_string!(i18n, common.errors.unreachable).to_owned(),
    }
}

/// What was wrong with `field`, if it was refused.
#[must_use]
pub fn error_of(errors: &[FieldError], field: &str) -> Option<Problem> {
    errors.iter().find(|error| error.field == field).map(|error| error.problem.clone())
}

/// An error in a line of its own, read out when it appears.
#[component]
pub fn ErrorNote(error: AppError) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <p class="note note--danger" role="alert">
            {error_text(i18n, &error)}
        </p>
    }
}

/// A file size in the unit that people know it by. Limits are whole units, of a thousand or of 1024.
fn size(bytes: usize) -> String {
    const UNITS: [(usize, &str); 4] = [(1 << 20, "MB"), (1_000_000, "MB"), (1 << 10, "kB"), (1_000, "kB")];
    UNITS
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes} B"), |(unit, name)| format!("{} {name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_problem_of_the_field_is_found() {
        let errors = [
            FieldError { field: "first".to_owned(), problem: Problem::Empty },
            FieldError { field: "email".to_owned(), problem: Problem::NotEmail("x".to_owned()) },
        ];
        assert_eq!(error_of(&errors, "email"), Some(Problem::NotEmail("x".to_owned())));
        assert_eq!(error_of(&errors, "last"), None);
    }

    #[test]
    fn sizes_are_said_in_whole_units() {
        assert_eq!(size(5 * 1024 * 1024), "5 MB");
        assert_eq!(size(5_000_000), "5 MB");
        assert_eq!(size(64 * 1024), "64 kB");
        assert_eq!(size(1_001), "1001 B");
    }
}
