//! What is kept as codes and numbers about those around a guest, in the reader's language.

use crate::{
    guests::relations::{ChildLine, OccasionKind, OccasionLine, Relation},
    i18n::*,
    ui::{I18n, date},
};

/// What somebody is to the guest.
#[must_use]
pub fn relation_words(i18n: I18n, relation: Relation) -> &'static str {
    match relation {
        Relation::Partner => tu_string!(i18n, visits.people.partner),
        Relation::Parent => tu_string!(i18n, visits.people.parent),
        Relation::Child => tu_string!(i18n, visits.people.child),
        Relation::Companion => tu_string!(i18n, visits.people.companion),
        Relation::Assistant => tu_string!(i18n, visits.people.assistant),
        Relation::WorksFor => tu_string!(i18n, visits.people.works_for),
    }
}

/// "Mila (child), birthday on 3 March, likes dinosaurs": no age.
#[must_use]
pub fn child_words(i18n: I18n, child: &ChildLine) -> String {
    let name = tu_string!(
        i18n,
        visits.briefing.person,
        name = child.name.clone(),
        relation = relation_words(i18n, Relation::Child)
    );
    let birthday = child
        .birthday
        .map(|(month, day)| tu_string!(i18n, guests.card.birthday, day = date::day_month(i18n, month, day)));
    [Some(name), birthday, child.likes.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// "Anniversary: 3 March, in 12 days".
#[must_use]
pub fn occasion_words(i18n: I18n, occasion: &OccasionLine) -> String {
    let kind = kind_words(i18n, occasion.kind);
    let what = occasion.text.clone().unwrap_or_else(|| kind.to_owned());
    let day = date::day_month(i18n, occasion.month, occasion.day);
    match occasion.in_days {
        0 => tu_string!(i18n, visits.people.day_today, what = what),
        count => tu_string!(i18n, visits.people.day_in, what = what, day = day, count = count),
    }
}

/// What a day is kept for.
#[must_use]
pub fn kind_words(i18n: I18n, kind: OccasionKind) -> &'static str {
    match kind {
        OccasionKind::Anniversary => tu_string!(i18n, visits.people.anniversary),
        OccasionKind::NameDay => tu_string!(i18n, visits.people.name_day),
        OccasionKind::Memorial => tu_string!(i18n, visits.people.memorial),
        OccasionKind::Other => tu_string!(i18n, visits.people.other_day),
    }
}

/// The part of what is around a guest that an entry of the audit tells of.
#[must_use]
pub fn field_words(i18n: I18n, field: &str) -> String {
    match field {
        "people_relation" => tu_string!(i18n, people.around.field.relation),
        "people_child" => tu_string!(i18n, people.around.field.child),
        "people_occasion" => tu_string!(i18n, people.around.field.occasion),
        "people_party" => tu_string!(i18n, people.around.field.party),
        other => other,
    }
    .to_owned()
}
