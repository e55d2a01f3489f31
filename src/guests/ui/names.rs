//! A guest's name: the largest thing on every screen.

use crate::{guests::GuestName, i18n::*, ui::I18n};
use leptos::prelude::*;

/// The name under which one greets, as a heading; under it the name in its own script, how to say it,
/// and the whole name.
#[component]
pub fn NameLine(
    name: GuestName,
    /// ISO 639-1 code, so that the native script is drawn in the shapes of its own language.
    language: Option<String>,
    /// The heading's id.
    id: String,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <h2 class="name name--huge" id=id>{name.address()}</h2>
        <p class="name-line">{name_parts(i18n, &name, language)}</p>
    }
}

/// What stands beside the name: native script, how to say it, and the whole name where the greeting
/// leaves part of it out.
pub fn name_parts(i18n: I18n, name: &GuestName, language: Option<String>) -> AnyView {
    let native = name.native.clone().map(|native| {
        view! {
            <span class="native" lang=language>{native}</span>
            " "
        }
    });
    let say = name.say.clone().map(|say| {
        view! {
            <span class="say">{tu_string!(i18n, guests.card.say, say = say)}</span>
            " "
        }
    });
    let full = name.full();
    let full = (name.salutation.is_some() && !name.first.is_empty() && !name.last.is_empty())
        .then(|| view! { <span class="full-name muted">{full}</span> });
    view! {
        {native}
        {say}
        {full}
    }
    .into_any()
}
