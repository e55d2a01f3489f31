//! What a colleague changed while the form was open: shown, never overwritten silently.

use super::{
    fields::field_label,
    words::{language_words, vip_words},
};
use crate::{guests::form::Changed, i18n::*, ui::I18n};
use leptos::prelude::*;

/// Each field that changed: what it was, what it is now, and what this form would make of it. Nothing
/// if nothing changed.
#[component]
pub fn ChangedMeanwhile(changed: Vec<Changed>) -> impl IntoView {
    let i18n = use_i18n();
    if changed.is_empty() {
        return ().into_any();
    }
    let rows = changed
        .into_iter()
        .map(|change| {
            let value = |text: &str| value_words(i18n, &change.field, text);
            view! {
                <tr>
                    <th scope="row">{field_label(i18n, &change.field)}</th>
                    <td>{value(&change.was)}</td>
                    <td>{value(&change.is)}</td>
                    <td>{value(&change.yours)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="changed panel" role="alert" aria-labelledby="changed-title">
            <h2 id="changed-title">{tu_string!(i18n, guests.changed.title)}</h2>
            <p>{tu_string!(i18n, guests.changed.text)}</p>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, guests.changed.field)}</th>
                        <th scope="col">{tu_string!(i18n, guests.changed.was)}</th>
                        <th scope="col">{tu_string!(i18n, guests.changed.is_now)}</th>
                        <th scope="col">{tu_string!(i18n, guests.changed.yours)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// A field's text as people read it.
fn value_words(i18n: I18n, field: &str, text: &str) -> String {
    match (field, text) {
        ("deceased" | "blocklisted" | "incognito", "") => tu_string!(i18n, guests.changed.no).to_owned(),
        ("deceased" | "blocklisted" | "incognito", _) => tu_string!(i18n, guests.changed.yes).to_owned(),
        (_, "") => tu_string!(i18n, guests.changed.empty).to_owned(),
        ("language", code) => language_words(i18n, code),
        ("vip", level) => level
            .parse::<u8>()
            .ok()
            .and_then(|level| vip_words(i18n, level))
            .unwrap_or_else(|| tu_string!(i18n, guests.vip.none).to_owned()),
        ("phones" | "emails", lines) => lines.lines().collect::<Vec<_>>().join(", "),
        (_, text) => text.to_owned(),
    }
}
