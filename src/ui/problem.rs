//! Errors in the reader's language: what is wrong, and what would be accepted.

use super::{I18n, date, number};
use crate::{
    alerts::rules::Step,
    error::{AppError, FieldError, Problem},
    i18n::*,
};
use leptos::prelude::*;

/// What is wrong with a value, as a sentence.
#[must_use]
pub fn problem_text(i18n: I18n, problem: &Problem) -> String {
    problem_in_words(i18n.get_locale_untracked(), problem)
}

/// The same in a language that is no page's, as for a file.
#[must_use]
pub fn problem_in_words(locale: Locale, problem: &Problem) -> String {
    match problem {
        Problem::Empty => td_string!(locale, common.problems.empty).to_owned(),
        Problem::TooLong(most) => td_string!(locale, common.problems.too_long, most = most),
        Problem::TooShort(least) => td_string!(locale, common.problems.too_short, least = least),
        Problem::NotEmail(value) => td_string!(locale, common.problems.not_email, value = value),
        Problem::NotPhone(value) => td_string!(locale, common.problems.not_phone, value = value),
        Problem::NotDate(value) => td_string!(locale, common.problems.not_date, value = value),
        Problem::NotKnown(value, expected) => {
            td_string!(locale, common.problems.not_known, value = value, expected = expected_text(locale, expected))
        }
        Problem::BadCharacter => td_string!(locale, common.problems.bad_character).to_owned(),
        Problem::Taken(owner) => td_string!(locale, common.problems.taken, owner = owner),
        Problem::NotEnough(0) => td_string!(locale, loyalty.no_points).to_owned(),
        Problem::NotEnough(there) => {
            td_string!(locale, loyalty.not_enough, points = number(there.unsigned_abs()))
        }
        Problem::LoginTaken => td_string!(locale, common.problems.login_taken).to_owned(),
        Problem::OpenWork { who, count } => td_string!(locale, work.removal.open_work, count = *count, who = who),
        Problem::TooEarly { step, given, before, at } => {
            let given = match step {
                Step::Expiry => td_string!(locale, alerts.age.minutes, minutes = given),
                Step::Again | Step::Duty | Step::Unanswered => td_string!(locale, alerts.age.seconds, seconds = given),
            };
            td_string!(
                locale,
                alerts.rules.too_early,
                given = given,
                step = step_text(locale, *step),
                before = earlier_step_text(locale, *before),
                at = td_string!(locale, alerts.age.seconds, seconds = at)
            )
        }
        Problem::Differ => td_string!(locale, common.problems.differ).to_owned(),
        Problem::TooLarge(bytes) => td_string!(locale, common.problems.too_large, size = size(*bytes)),
        Problem::WrongType(expected) => td_string!(locale, common.problems.wrong_type, expected = expected),
        Problem::AtLine(line, problem) => {
            td_string!(locale, common.problems.at_line, line = *line, problem = problem_in_words(locale, problem))
        }
        Problem::Unreadable(words) => td_string!(locale, common.problems.unreadable, words = words),
        Problem::NoWayOut(write) => {
            let (one, other) = ("{{ unsubscribe_url }}", "{{ preferences_url }}");
            td_string!(locale, common.problems.no_way_out, one = one, other = other, write = write)
        }
        Problem::NotSent(why) => td_string!(locale, common.problems.not_sent, why = expected_text(locale, why)),
        Problem::Reworded(words) => td_string!(locale, campaigns.approve.reworded, words = words),
        Problem::WrittenAnew => td_string!(locale, campaigns.approve.written_anew).to_owned(),
        Problem::WayOutGone(words) => td_string!(locale, campaigns.approve.way_out_gone, words = words),
        Problem::UnconfirmedYes(why) if why == "@perhaps_sent" => {
            td_string!(locale, campaigns.hold.told.perhaps_sent).to_owned()
        }
        Problem::UnconfirmedYes(why) => {
            td_string!(locale, campaigns.hold.told.not_sent, why = expected_text(locale, why))
        }
        Problem::TooSoon(when) => {
            td_string!(locale, campaigns.hold.ask.too_soon, when = date::moment_in(locale, when))
        }
        Problem::WrongCredentials => td_string!(locale, common.problems.wrong_credentials).to_owned(),
        Problem::WrongPassword => td_string!(locale, common.problems.wrong_password).to_owned(),
        Problem::LockedOut(minutes) => td_string!(locale, common.problems.locked_out, count = *minutes),
        Problem::NeedsSecondPerson => td_string!(locale, common.problems.needs_second_person).to_owned(),
        Problem::OnlyAnotherManager => td_string!(locale, campaigns.edit.only_another_manager).to_owned(),
        Problem::SignerLeft => td_string!(locale, campaigns.edit.signer_has_left).to_owned(),
        Problem::NoLetter(language) => {
            td_string!(locale, common.problems.no_letter, language = language.to_uppercase())
        }
        Problem::NumberChanged(count) => td_string!(locale, common.problems.number_changed, count = *count),
        Problem::OpenedAlready => td_string!(locale, common.problems.opened_already).to_owned(),
        Problem::AskedAlready => td_string!(locale, requests.form.asked_already).to_owned(),
    }
}

/// What would be accepted: a list of values stands as it is, a description has a key.
fn expected_text(locale: Locale, expected: &str) -> String {
    match expected {
        "@zone" => td_string!(locale, common.expected.zone).to_owned(),
        "@currency" => td_string!(locale, common.expected.currency).to_owned(),
        "@loyalty_currency" => td_string!(locale, common.expected.loyalty_currency).to_owned(),
        "@loyalty_points" => td_string!(locale, common.expected.loyalty_points).to_owned(),
        "@loyalty_amount" => td_string!(locale, common.expected.loyalty_amount).to_owned(),
        "@loyalty_months" => td_string!(locale, common.expected.loyalty_months).to_owned(),
        "@loyalty_days" => td_string!(locale, common.expected.loyalty_days).to_owned(),
        "@loyalty_extra" => td_string!(locale, common.expected.loyalty_extra).to_owned(),
        "@loyalty_tier" => td_string!(locale, common.expected.loyalty_tier).to_owned(),
        "@loyalty_higher" => td_string!(locale, common.expected.loyalty_higher).to_owned(),
        "@loyalty_lines" => td_string!(locale, common.expected.loyalty_lines).to_owned(),
        "@loyalty_code" => td_string!(locale, common.expected.loyalty_code).to_owned(),
        "@loyalty_valid" => td_string!(locale, common.expected.loyalty_valid).to_owned(),
        "@usual_items" => td_string!(locale, common.expected.usual_items).to_owned(),
        "@extension" => td_string!(locale, common.expected.extension).to_owned(),
        "@login" => td_string!(locale, common.expected.login).to_owned(),
        "@listed" => td_string!(locale, common.expected.listed).to_owned(),
        "@known_guest" => td_string!(locale, common.expected.known_guest).to_owned(),
        "@living" => td_string!(locale, common.expected.living).to_owned(),
        "@colleague" => td_string!(locale, common.expected.colleague).to_owned(),
        "@seconds" => td_string!(locale, common.expected.seconds).to_owned(),
        "@minutes" => td_string!(locale, common.expected.minutes).to_owned(),
        "@other_station" => td_string!(locale, common.expected.other_station).to_owned(),
        "@answers" => td_string!(locale, common.expected.answers).to_owned(),
        "@hours" => td_string!(locale, common.expected.hours).to_owned(),
        "@letter_markup" => td_string!(locale, common.expected.letter_markup).to_owned(),
        "@letter_mjml" => td_string!(locale, common.expected.letter_mjml).to_owned(),
        "@letter_depth" => td_string!(locale, common.expected.letter_depth).to_owned(),
        "@letter_element" => td_string!(locale, common.expected.letter_element).to_owned(),
        "@letter_attribute" => td_string!(locale, common.expected.letter_attribute).to_owned(),
        "@letter_link" => td_string!(locale, common.expected.letter_link).to_owned(),
        "@letter_telling_link" => td_string!(locale, common.expected.letter_telling_link).to_owned(),
        "@letter_picture" => td_string!(locale, common.expected.letter_picture).to_owned(),
        "@letter_style" => td_string!(locale, common.expected.letter_style).to_owned(),
        "@time" => td_string!(locale, common.expected.time).to_owned(),
        "@other_time" => td_string!(locale, common.expected.other_time).to_owned(),
        "@day" => td_string!(locale, common.expected.day).to_owned(),
        "@not_before" => td_string!(locale, common.expected.not_before).to_owned(),
        "@months" => td_string!(locale, common.expected.months).to_owned(),
        "@mail_shut" => td_string!(locale, common.expected.mail_shut).to_owned(),
        "@test_address" => td_string!(locale, common.expected.test_address).to_owned(),
        "@test_addresses" => td_string!(locale, common.expected.test_addresses).to_owned(),
        "@suppressed_test" => td_string!(locale, common.expected.suppressed_test).to_owned(),
        "@from_today" => td_string!(locale, common.expected.from_today).to_owned(),
        "@within_year" => td_string!(locale, campaigns.trace.within_year).to_owned(),
        "@care_due" => td_string!(locale, common.expected.care_due).to_owned(),
        "@care_amount" => td_string!(locale, common.expected.care_amount).to_owned(),
        "@care_months" => td_string!(locale, common.expected.care_months).to_owned(),
        "@care_state" => td_string!(locale, common.expected.care_state).to_owned(),
        "@work_by_request" => td_string!(locale, work.expected.by_request).to_owned(),
        "@work_colleague" => td_string!(locale, work.expected.colleague).to_owned(),
        "@work_days_before" => td_string!(locale, work.expected.days_before).to_owned(),
        "@work_every_days" => td_string!(locale, work.expected.every_days).to_owned(),
        "@work_mender" => td_string!(locale, work.expected.mender).to_owned(),
        "@work_other" => td_string!(locale, work.expected.other).to_owned(),
        "@people_other" => td_string!(locale, people.around.expected.other).to_owned(),
        "@people_lead_days" => td_string!(locale, people.around.expected.lead_days).to_owned(),
        "@people_after_arrival" => td_string!(locale, people.around.expected.after_arrival).to_owned(),
        "@memory_days" => td_string!(locale, common.expected.memory_days).to_owned(),
        "@memory_days_or_never" => td_string!(locale, common.expected.memory_days_or_never).to_owned(),
        "@memory_minutes" => td_string!(locale, common.expected.memory_minutes).to_owned(),
        "@memory_ahead" => td_string!(locale, common.expected.memory_ahead).to_owned(),
        "@memory_in_house" => td_string!(locale, common.expected.memory_in_house).to_owned(),
        "@from_now" => td_string!(locale, requests.form.from_now).to_owned(),
        "@fewer_texts" => td_string!(locale, requests.quick.fewer).to_owned(),
        "@passages" => td_string!(locale, common.expected.passages).to_owned(),
        "@deceased" => td_string!(locale, campaigns.hold.ask.deceased).to_owned(),
        "@no_address" => td_string!(locale, campaigns.hold.ask.no_address).to_owned(),
        "@bad_address" => td_string!(locale, campaigns.hold.ask.bad_address).to_owned(),
        "@blocklisted" => td_string!(locale, campaigns.hold.ask.blocklisted).to_owned(),
        "@incognito" => td_string!(locale, campaigns.hold.ask.incognito).to_owned(),
        "@absorbed" => td_string!(locale, campaigns.hold.ask.absorbed).to_owned(),
        "@on_hold" => td_string!(locale, campaigns.hold.ask.on_hold).to_owned(),
        "@objected" => td_string!(locale, campaigns.hold.ask.objected).to_owned(),
        "@suppressed" => td_string!(locale, campaigns.hold.ask.suppressed).to_owned(),
        "@perhaps_sent" => td_string!(locale, campaigns.hold.ask.perhaps_sent).to_owned(),
        values => values.to_owned(),
    }
}

/// What happens at a step, at the beginning of a sentence that goes on with what happens before.
fn step_text(locale: Locale, step: Step) -> &'static str {
    match step {
        Step::Again => td_string!(locale, alerts.rules.steps.again),
        Step::Duty => td_string!(locale, alerts.rules.steps.duty),
        Step::Unanswered => td_string!(locale, alerts.rules.steps.unanswered),
        Step::Expiry => td_string!(locale, alerts.rules.steps.expiry),
    }
}

/// The same of the step before, in the middle of that sentence.
fn earlier_step_text(locale: Locale, step: Step) -> &'static str {
    match step {
        Step::Again => td_string!(locale, alerts.rules.before.again),
        Step::Duty => td_string!(locale, alerts.rules.before.duty),
        Step::Unanswered => td_string!(locale, alerts.rules.before.unanswered),
        Step::Expiry => td_string!(locale, alerts.rules.before.expiry),
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
        AppError::Conflict(who) if who.is_empty() => tu_string!(i18n, common.errors.conflict_plain).to_owned(),
        AppError::Conflict(who) => tu_string!(i18n, common.errors.conflict, who = who),
        AppError::Expired => tu_string!(i18n, common.errors.expired).to_owned(),
        AppError::Internal(reference) => tu_string!(i18n, common.errors.internal, reference = reference),
        AppError::Away => tu_string!(i18n, common.errors.away).to_owned(),
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

    #[test]
    fn a_time_that_is_too_early_is_told_with_the_step_before_it() {
        let early =
            |step, given, before, at| problem_in_words(Locale::en, &Problem::TooEarly { step, given, before, at });
        assert_eq!(
            early(Step::Duty, 3, Step::Again, 20),
            "3 s is too early. The duty manager is told after the station was rung again (20 s): give a longer time."
        );
        assert_eq!(
            early(Step::Expiry, 2, Step::Unanswered, 120),
            "2 min is too early. The alert expires after the sender was told that no one answered (120 s): give a \
             longer time."
        );
    }
}
