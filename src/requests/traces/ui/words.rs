//! The words for what traces and rules keep as codes, in the reader's language.

use super::super::{
    Source,
    rule::{Preset, RuleDay, TraceRule},
};
use crate::{
    guests::{relations::OccasionKind, ui::words::code_words},
    house::StationKind,
    i18n::*,
    requests::asked::RequestKind,
    ui::{I18n, date},
};

/// A department, as those call it who have work there.
#[must_use]
pub fn department_name(i18n: I18n, department: StationKind) -> &'static str {
    match department {
        StationKind::FrontDesk => tu_string!(i18n, work.department.front_desk),
        StationKind::Floor => tu_string!(i18n, work.department.floor),
        StationKind::Restaurant => tu_string!(i18n, work.department.restaurant),
        StationKind::Concierge => tu_string!(i18n, work.department.concierge),
        StationKind::Door => tu_string!(i18n, work.department.door),
    }
}

/// All of them for a choice: code and name.
pub fn department_options(i18n: I18n) -> Vec<(String, String)> {
    StationKind::ALL.into_iter().map(|kind| (kind.code().to_owned(), department_name(i18n, kind).to_owned())).collect()
}

/// What was asked for.
pub fn asked_words(i18n: I18n, kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Taxi => tu_string!(i18n, work.asked.taxi),
        RequestKind::WakeUp => tu_string!(i18n, work.asked.wake_up),
        RequestKind::Luggage => tu_string!(i18n, work.asked.luggage),
        RequestKind::Table => tu_string!(i18n, work.asked.table),
        RequestKind::Tickets => tu_string!(i18n, work.asked.tickets),
        RequestKind::Laundry => tu_string!(i18n, work.asked.laundry),
        RequestKind::Room => tu_string!(i18n, work.asked.room),
        RequestKind::Other => tu_string!(i18n, work.asked.other),
    }
}

/// Which day of a guest it is; the birthday where there is none of the others.
fn occasion_words(i18n: I18n, kind: Option<OccasionKind>) -> &'static str {
    match kind {
        None => tu_string!(i18n, work.occasion.birthday),
        Some(OccasionKind::Anniversary) => tu_string!(i18n, work.occasion.anniversary),
        Some(OccasionKind::NameDay) => tu_string!(i18n, work.occasion.name_day),
        Some(OccasionKind::Memorial) => tu_string!(i18n, work.occasion.memorial),
        Some(OccasionKind::Other) => tu_string!(i18n, work.occasion.other),
    }
}

/// By what a rule made a trace: "Before the arrival on 25 Nov 2026 · Feather-free bedding".
pub fn source_words(i18n: I18n, source: &Source) -> String {
    let day = source.day.as_deref().map(|day| date::short_date(i18n, day)).unwrap_or_default();
    let words = match source.on {
        RuleDay::Arrival => tu_string!(i18n, work.source.arrival, day = day),
        RuleDay::Departure => tu_string!(i18n, work.source.departure, day = day),
        RuleDay::Occasion => {
            let what = occasion_words(i18n, source.occasion);
            tu_string!(i18n, work.source.occasion, what = what, day = day)
        }
        RuleDay::Every => tu_string!(i18n, work.source.every).to_owned(),
    };
    match source.code {
        Some(code) => format!("{words} · {}", code_words(i18n, code)),
        None => words,
    }
}

/// What a rule goes by, for a choice.
pub fn on_options(i18n: I18n) -> Vec<(String, String)> {
    let words = |on: RuleDay| match on {
        RuleDay::Arrival => tu_string!(i18n, work.rules.on_arrival),
        RuleDay::Departure => tu_string!(i18n, work.rules.on_departure),
        RuleDay::Occasion => tu_string!(i18n, work.rules.on_occasion),
        RuleDay::Every => tu_string!(i18n, work.rules.on_every),
    };
    RuleDay::ALL.iter().map(|on| (on.code().to_owned(), words(*on).to_owned())).collect()
}

/// When and for whom a rule makes traces, as a sentence.
pub fn rule_words(i18n: I18n, rule: &TraceRule) -> String {
    let whom = match (&rule.about, rule.code) {
        (Some(about), None) => about.name.address(),
        (Some(about), Some(code)) => format!("{}, {}", about.name.address(), code_words(i18n, code)),
        (None, Some(code)) => code_words(i18n, code),
        (None, None) => tu_string!(i18n, work.rules.everyone).to_owned(),
    };
    let count = rule.days_before;
    match (rule.on, count) {
        (RuleDay::Arrival, 0) => tu_string!(i18n, work.rules.same_arrival, whom = whom),
        (RuleDay::Arrival, _) => tu_string!(i18n, work.rules.before_arrival, count = count, whom = whom),
        (RuleDay::Departure, 0) => tu_string!(i18n, work.rules.same_departure, whom = whom),
        (RuleDay::Departure, _) => tu_string!(i18n, work.rules.before_departure, count = count, whom = whom),
        (RuleDay::Occasion, 0) => tu_string!(i18n, work.rules.same_occasion, whom = whom),
        (RuleDay::Occasion, _) => tu_string!(i18n, work.rules.before_occasion, count = count, whom = whom),
        (RuleDay::Every, _) => again_words(i18n, rule),
    }
}

/// "Every 7 days from 2 Nov 2026 to 1 Dec 2026".
fn again_words(i18n: I18n, rule: &TraceRule) -> String {
    let count = rule.every_days.unwrap_or(1);
    let starts = rule.starts.as_deref().map(|day| date::short_date(i18n, day)).unwrap_or_default();
    let words = tu_string!(i18n, work.rules.again, count = count, starts = starts);
    match rule.ends.as_deref().map(|day| date::short_date(i18n, day)) {
        Some(ends) => tu_string!(i18n, work.rules.again_until, words = words, ends = ends),
        None => words,
    }
}

/// What a rule that most houses have is called.
pub fn preset_name(i18n: I18n, preset: Preset) -> &'static str {
    match preset {
        Preset::FeatherFree => tu_string!(i18n, work.preset.feather_free),
        Preset::ExtraPillow => tu_string!(i18n, work.preset.extra_pillow),
        Preset::TwinBeds => tu_string!(i18n, work.preset.twin_beds),
        Preset::GlutenFree => tu_string!(i18n, work.preset.gluten_free),
        Preset::Occasions => tu_string!(i18n, work.preset.occasions),
        Preset::Weekly => tu_string!(i18n, work.preset.weekly),
    }
}

/// What is to be done by such a rule.
pub fn preset_text(i18n: I18n, preset: Preset) -> &'static str {
    match preset {
        Preset::FeatherFree => tu_string!(i18n, work.preset.feather_free_text),
        Preset::ExtraPillow => tu_string!(i18n, work.preset.extra_pillow_text),
        Preset::TwinBeds => tu_string!(i18n, work.preset.twin_beds_text),
        Preset::GlutenFree => tu_string!(i18n, work.preset.gluten_free_text),
        Preset::Occasions => tu_string!(i18n, work.preset.occasions_text),
        Preset::Weekly => tu_string!(i18n, work.preset.weekly_text),
    }
}
