//! What a sheet tells as codes and numbers, in the reader's language.

use crate::{
    guests::{
        Preference,
        evidence::{Cue, Standing},
        ui::words::{group_words, preference_words},
    },
    i18n::*,
    stays::briefing::{Missing, Question, Shared},
    ui::{I18n, date},
};
use chrono::NaiveDate;

/// How well a preference is known: "a habit: seen 4 times, last on 3 Mar 2026 by Anna".
pub(super) fn known_words(i18n: I18n, preference: &Preference, today: NaiveDate, fade_days: u16) -> String {
    let evidence = &preference.evidence;
    let standing = match evidence.standing(today, fade_days) {
        Standing::Stated => tu_string!(i18n, visits.briefing.standing.stated).to_owned(),
        Standing::Habit => tu_string!(i18n, visits.briefing.standing.habit, count = evidence.times),
        Standing::Twice => tu_string!(i18n, visits.briefing.standing.twice).to_owned(),
        Standing::Once => tu_string!(i18n, visits.briefing.standing.once).to_owned(),
        Standing::Fading => tu_string!(i18n, visits.briefing.standing.fading).to_owned(),
        Standing::Contradicted => tu_string!(i18n, visits.briefing.standing.contradicted).to_owned(),
    };
    tu_string!(
        i18n,
        visits.briefing.standing.last,
        standing = standing,
        day = date::short_date(i18n, &evidence.last.to_string()),
        by = evidence.last_by.clone()
    )
}

/// What a colleague does with it.
pub(super) fn cue_words(i18n: I18n, cue: Cue) -> &'static str {
    match cue {
        Cue::Say => tu_string!(i18n, visits.briefing.cue.say),
        Cue::Silent => tu_string!(i18n, visits.briefing.cue.silent),
    }
}

/// What the desk asks.
pub(super) fn question_words(i18n: I18n, question: &Question) -> String {
    match question {
        Question::Missing(missing) => match missing {
            Missing::Language => tu_string!(i18n, visits.briefing.ask.language),
            Missing::Say => tu_string!(i18n, visits.briefing.ask.say),
            Missing::Nationality => tu_string!(i18n, visits.briefing.ask.nationality),
            Missing::Birthday => tu_string!(i18n, visits.briefing.ask.birthday),
            Missing::Dietary => tu_string!(i18n, visits.briefing.ask.dietary),
        }
        .to_owned(),
        Question::Stale(group, value) => tu_string!(
            i18n,
            visits.briefing.ask.stale,
            group = group_words(i18n, *group),
            what = preference_words(i18n, value)
        ),
        Question::Once(group, value) => tu_string!(
            i18n,
            visits.briefing.ask.once,
            group = group_words(i18n, *group),
            what = preference_words(i18n, value)
        ),
    }
}

/// What two profiles have in common.
pub(super) fn shared_words(i18n: I18n, shared: Shared) -> &'static str {
    match shared {
        Shared::Phone => tu_string!(i18n, visits.briefing.shared.phone),
        Shared::Email => tu_string!(i18n, visits.briefing.shared.email),
        Shared::Membership => tu_string!(i18n, visits.briefing.shared.membership),
    }
}
