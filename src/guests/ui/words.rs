//! The words for what the house keeps as codes, in the reader's language.

use crate::{
    alerts::AlertKind,
    guests::{Audience, OneThing, PreferenceCode, PreferenceGroup, PreferenceValue},
    i18n::*,
    stays::{Presence, ReservationStatus},
    ui::I18n,
};

/// The languages that a profile offers, by ISO 639-1 code.
pub const LANGUAGES: [&str; 28] = [
    "en", "zh", "es", "fr", "de", "pt", "it", "ja", "ko", "ru", "ar", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu",
    "ro", "el", "tr", "uk", "he", "hi", "th", "id", "vi",
];

/// "No shellfish", what was written down, or the words of a booking with a warning.
#[must_use]
pub fn preference_words(i18n: I18n, value: &PreferenceValue) -> String {
    match value {
        PreferenceValue::Coded(code) => code_words(i18n, *code),
        PreferenceValue::Text(text) => text.clone(),
        PreferenceValue::Booked(words) => tu_string!(i18n, guests.preference.booked, words = words.clone()),
    }
}

/// The words for a coded preference.
#[must_use]
pub fn code_words(i18n: I18n, code: PreferenceCode) -> String {
    match code {
        PreferenceCode::NoShellfish => tu_string!(i18n, guests.preference.no_shellfish),
        PreferenceCode::NoPeanuts => tu_string!(i18n, guests.preference.no_peanuts),
        PreferenceCode::NoGluten => tu_string!(i18n, guests.preference.no_gluten),
        PreferenceCode::NoLactose => tu_string!(i18n, guests.preference.no_lactose),
        PreferenceCode::NoSesame => tu_string!(i18n, guests.preference.no_sesame),
        PreferenceCode::NoNuts => tu_string!(i18n, guests.preference.no_nuts),
        PreferenceCode::NoMilk => tu_string!(i18n, guests.preference.no_milk),
        PreferenceCode::NoEggs => tu_string!(i18n, guests.preference.no_eggs),
        PreferenceCode::NoFish => tu_string!(i18n, guests.preference.no_fish),
        PreferenceCode::NoSoya => tu_string!(i18n, guests.preference.no_soya),
        PreferenceCode::Vegetarian => tu_string!(i18n, guests.preference.vegetarian),
        PreferenceCode::Vegan => tu_string!(i18n, guests.preference.vegan),
        PreferenceCode::Pescatarian => tu_string!(i18n, guests.preference.pescatarian),
        PreferenceCode::Halal => tu_string!(i18n, guests.preference.halal),
        PreferenceCode::Kosher => tu_string!(i18n, guests.preference.kosher),
        PreferenceCode::FeatherFree => tu_string!(i18n, guests.preference.feather_free),
        PreferenceCode::ExtraPillow => tu_string!(i18n, guests.preference.extra_pillow),
        PreferenceCode::TwinBeds => tu_string!(i18n, guests.preference.twin_beds),
        PreferenceCode::QuietRoom => tu_string!(i18n, guests.preference.quiet_room),
        PreferenceCode::HighFloor => tu_string!(i18n, guests.preference.high_floor),
        PreferenceCode::SeaView => tu_string!(i18n, guests.preference.sea_view),
        PreferenceCode::SameRoom => tu_string!(i18n, guests.preference.same_room),
        PreferenceCode::MorningPaper => tu_string!(i18n, guests.preference.morning_paper),
        PreferenceCode::WindowTable => tu_string!(i18n, guests.preference.window_table),
    }
    .to_owned()
}

/// The heading over a group of preferences.
#[must_use]
pub fn group_words(i18n: I18n, group: PreferenceGroup) -> String {
    match group {
        PreferenceGroup::Room => tu_string!(i18n, guests.group.room),
        PreferenceGroup::Bedding => tu_string!(i18n, guests.group.bedding),
        PreferenceGroup::Dietary => tu_string!(i18n, guests.group.dietary),
        PreferenceGroup::Seating => tu_string!(i18n, guests.group.seating),
        PreferenceGroup::Dishes => tu_string!(i18n, guests.group.dishes),
        PreferenceGroup::Drinks => tu_string!(i18n, guests.group.drinks),
        PreferenceGroup::Newspaper => tu_string!(i18n, guests.group.newspaper),
        PreferenceGroup::Temperature => tu_string!(i18n, guests.group.temperature),
        PreferenceGroup::Handling => tu_string!(i18n, guests.group.handling),
    }
    .to_owned()
}

/// The one thing to know, in a few words.
#[must_use]
pub fn one_thing_words(i18n: I18n, thing: &OneThing) -> String {
    match thing {
        OneThing::Incognito => tu_string!(i18n, guests.one_thing.incognito).to_owned(),
        OneThing::BirthdayToday => tu_string!(i18n, guests.one_thing.birthday_today).to_owned(),
        OneThing::Dietary(value) | OneThing::Preference(value) => preference_words(i18n, value),
        OneThing::Returning(number) => stay_words(i18n, *number),
        OneThing::FirstStay => stay_words(i18n, 1),
    }
}

/// "First stay" to "tenth stay", then "stay 14".
#[must_use]
pub fn stay_words(i18n: I18n, number: u32) -> String {
    match number {
        0 | 1 => tu_string!(i18n, guests.stay_number.n1).to_owned(),
        2 => tu_string!(i18n, guests.stay_number.n2).to_owned(),
        3 => tu_string!(i18n, guests.stay_number.n3).to_owned(),
        4 => tu_string!(i18n, guests.stay_number.n4).to_owned(),
        5 => tu_string!(i18n, guests.stay_number.n5).to_owned(),
        6 => tu_string!(i18n, guests.stay_number.n6).to_owned(),
        7 => tu_string!(i18n, guests.stay_number.n7).to_owned(),
        8 => tu_string!(i18n, guests.stay_number.n8).to_owned(),
        9 => tu_string!(i18n, guests.stay_number.n9).to_owned(),
        10 => tu_string!(i18n, guests.stay_number.n10).to_owned(),
        number => tu_string!(i18n, guests.stay_number.later, number = number),
    }
}

/// The name of a language by its ISO 639-1 code; the code itself where it is a rare one.
#[must_use]
pub fn language_words(i18n: I18n, code: &str) -> String {
    match code {
        "en" => tu_string!(i18n, guests.language.en),
        "zh" => tu_string!(i18n, guests.language.zh),
        "es" => tu_string!(i18n, guests.language.es),
        "fr" => tu_string!(i18n, guests.language.fr),
        "de" => tu_string!(i18n, guests.language.de),
        "pt" => tu_string!(i18n, guests.language.pt),
        "it" => tu_string!(i18n, guests.language.it),
        "ja" => tu_string!(i18n, guests.language.ja),
        "ko" => tu_string!(i18n, guests.language.ko),
        "ru" => tu_string!(i18n, guests.language.ru),
        "ar" => tu_string!(i18n, guests.language.ar),
        "nl" => tu_string!(i18n, guests.language.nl),
        "sv" => tu_string!(i18n, guests.language.sv),
        "da" => tu_string!(i18n, guests.language.da),
        "no" => tu_string!(i18n, guests.language.no),
        "fi" => tu_string!(i18n, guests.language.fi),
        "pl" => tu_string!(i18n, guests.language.pl),
        "cs" => tu_string!(i18n, guests.language.cs),
        "hu" => tu_string!(i18n, guests.language.hu),
        "ro" => tu_string!(i18n, guests.language.ro),
        "el" => tu_string!(i18n, guests.language.el),
        "tr" => tu_string!(i18n, guests.language.tr),
        "uk" => tu_string!(i18n, guests.language.uk),
        "he" => tu_string!(i18n, guests.language.he),
        "hi" => tu_string!(i18n, guests.language.hi),
        "th" => tu_string!(i18n, guests.language.th),
        "id" => tu_string!(i18n, guests.language.id),
        "vi" => tu_string!(i18n, guests.language.vi),
        other => return other.to_uppercase(),
    }
    .to_owned()
}

/// "VIP 2"; `None` for a guest without a level.
#[must_use]
pub fn vip_words(i18n: I18n, level: u8) -> Option<String> {
    (level > 0).then(|| tu_string!(i18n, guests.vip.level, level = level))
}

/// What an alert says, as the sender taps it and the receiver reads it.
#[must_use]
pub fn kind_words(i18n: I18n, kind: AlertKind) -> String {
    match kind {
        AlertKind::ComingDown => tu_string!(i18n, alerts.kind.coming_down),
        AlertKind::AtTheDoor => tu_string!(i18n, alerts.kind.at_the_door),
        AlertKind::CheckedIn => tu_string!(i18n, alerts.kind.checked_in),
        AlertKind::Leaving => tu_string!(i18n, alerts.kind.leaving),
        AlertKind::NeedsAttention => tu_string!(i18n, alerts.kind.needs_attention),
        AlertKind::Note => tu_string!(i18n, alerts.kind.note),
        AlertKind::Due => tu_string!(i18n, requests.due.kind),
    }
    .to_owned()
}

/// Whether the guest is here.
#[must_use]
pub fn presence_words(i18n: I18n, presence: Presence) -> String {
    match presence {
        Presence::InHouse => tu_string!(i18n, guests.presence.in_house),
        Presence::DueIn => tu_string!(i18n, guests.presence.due_in),
        Presence::Elsewhere => tu_string!(i18n, guests.presence.elsewhere),
    }
    .to_owned()
}

/// Where a booking stands.
#[must_use]
pub fn status_words(i18n: I18n, status: ReservationStatus) -> String {
    match status {
        ReservationStatus::Reserved => tu_string!(i18n, guests.status.reserved),
        ReservationStatus::CheckedIn => tu_string!(i18n, guests.status.checked_in),
        ReservationStatus::CheckedOut => tu_string!(i18n, guests.status.checked_out),
        ReservationStatus::Cancelled => tu_string!(i18n, guests.status.cancelled),
        ReservationStatus::NoShow => tu_string!(i18n, guests.status.no_show),
    }
    .to_owned()
}

/// Who reads a note.
#[must_use]
pub fn audience_words(i18n: I18n, audience: Audience) -> String {
    match audience {
        Audience::Everyone => tu_string!(i18n, guests.audience.everyone),
        Audience::Desk => tu_string!(i18n, guests.audience.desk),
        Audience::Floors => tu_string!(i18n, guests.audience.floors),
        Audience::Restaurant => tu_string!(i18n, guests.audience.restaurant),
        Audience::Managers => tu_string!(i18n, guests.audience.managers),
    }
    .to_owned()
}
