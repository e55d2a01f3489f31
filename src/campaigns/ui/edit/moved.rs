//! What a colleague changed while the form was open: shown, never overwritten silently.

use super::fields::field_label;
use crate::{
    campaigns::{form::Moved, ui::words::preference_words},
    guests::ui::words::{language_words, vip_words},
    i18n::*,
    ids::StaffId,
    ui::I18n,
};
use leptos::prelude::*;

/// Who changed the campaign, and where this form would make something else of it. Nothing if nobody did.
#[component]
pub fn MovedMeanwhile(
    moved: Option<Moved>,
    /// The colleagues who may sign, by name.
    signers: Vec<(StaffId, String)>,
) -> impl IntoView {
    let i18n = use_i18n();
    let Some(Moved { by, fields }) = moved else {
        return ().into_any();
    };
    let text = if fields.is_empty() {
        tu_string!(i18n, campaigns.edit.moved_same)
    } else {
        tu_string!(i18n, campaigns.edit.moved_text)
    };
    let has_fields = !fields.is_empty();
    let rows = fields
        .into_iter()
        .map(|differs| {
            view! {
                <tr>
                    <th scope="row">{field_label(i18n, &differs.field)}</th>
                    <td>{value_words(i18n, &differs.field, &differs.theirs, &signers)}</td>
                    <td>{value_words(i18n, &differs.field, &differs.yours, &signers)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="changed panel" role="alert" aria-labelledby="moved-title">
            <h2 id="moved-title">{tu_string!(i18n, campaigns.edit.moved_title, who = by)}</h2>
            <p>{text}</p>
            {has_fields
                .then(|| {
                    view! {
                        <table class="table">
                            <thead>
                                <tr>
                                    <th scope="col">{tu_string!(i18n, campaigns.edit.moved_field)}</th>
                                    <th scope="col">{tu_string!(i18n, campaigns.edit.moved_theirs)}</th>
                                    <th scope="col">{tu_string!(i18n, campaigns.edit.moved_yours)}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                })}
        </section>
    }
    .into_any()
}

/// A field's text as people read it.
fn value_words(i18n: I18n, field: &str, text: &str, signers: &[(StaffId, String)]) -> String {
    let each = |words: &dyn Fn(&str) -> String| text.split(", ").map(words).collect::<Vec<_>>().join(", ");
    match (field, text) {
        ("one_per_household" | "second_person", "") => tu_string!(i18n, guests.changed.no).to_owned(),
        ("one_per_household" | "second_person", _) => tu_string!(i18n, guests.changed.yes).to_owned(),
        ("personal_from_vip", "") => tu_string!(i18n, campaigns.edit.personal_never).to_owned(),
        ("signer_staff", "") => tu_string!(i18n, campaigns.edit.signer_by_name).to_owned(),
        (_, "") => tu_string!(i18n, guests.changed.empty).to_owned(),
        ("signer_staff", id) => signers
            .iter()
            .find(|(staff, _)| staff.to_string() == id)
            .map_or_else(|| id.to_owned(), |(_, name)| name.clone()),
        ("zone", "guest") => tu_string!(i18n, campaigns.edit.zone_guest).to_owned(),
        ("zone", "house") => tu_string!(i18n, campaigns.edit.zone_house).to_owned(),
        ("leap_day", "february_28") => tu_string!(i18n, campaigns.edit.february_28).to_owned(),
        ("leap_day", "march_1") => tu_string!(i18n, campaigns.edit.march_1).to_owned(),
        ("languages" | "fallback_language", _) => each(&|code| language_words(i18n, code)),
        ("preferences", _) => each(&|code| preference_words(i18n, code)),
        ("vip_from" | "personal_from_vip", level) => level
            .parse::<u8>()
            .ok()
            .and_then(|level| vip_words(i18n, level))
            .unwrap_or_else(|| tu_string!(i18n, guests.vip.none).to_owned()),
        (_, text) => text.to_owned(),
    }
}
