//! The fields of the profile form, in the order in which a person is got to know.

use super::words::{LANGUAGES, language_words, vip_words};
use crate::{
    error::FieldError,
    guests::form::GuestForm,
    i18n::*,
    ui::{CheckBox, Field, I18n, Select, TextArea, error_of},
};
use leptos::prelude::*;

/// All fields of a profile, as typed, each with what was wrong with it.
#[component]
pub fn ProfileFields(form: GuestForm, errors: Vec<FieldError>) -> impl IntoView {
    let i18n = use_i18n();
    // Name in the form, name in an error.
    let line = |name: &'static str, field: &'static str, value: String, hint: &'static str| {
        view! {
            <Field
                label=field_label(i18n, field)
                name=name
                value=value
                hint=hint
                error=error_of(&errors, field)
                autocomplete="off"
                id=format!("guest-{field}")
            />
        }
    };
    let lines = |name: &'static str, field: &'static str, value: String, hint: &'static str| {
        view! {
            <TextArea
                label=field_label(i18n, field)
                name=name
                value=value
                hint=hint
                error=error_of(&errors, field)
                autocomplete="off"
                rows=2
                id=format!("guest-{field}")
            />
        }
    };
    let tick = |name: &'static str, field: &'static str, mark: Option<String>, hint: &'static str| {
        view! {
            <CheckBox
                label=field_label(i18n, field)
                name=name
                checked=mark.is_some()
                hint=hint
                id=format!("guest-{field}")
            />
        }
    };
    view! {
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, guests.form.part_name)}</legend>
            <div class="form-grid">
                {line("form[salutation]", "salutation", form.salutation, tu_string!(i18n, guests.form.salutation_hint))}
                {line("form[first]", "first", form.first, "")}
                {line("form[last]", "last", form.last, "")}
                {line("form[native]", "native", form.native, tu_string!(i18n, guests.form.native_hint))}
                {line("form[say]", "say", form.say, tu_string!(i18n, guests.form.say_hint))}
            </div>
        </fieldset>
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, guests.form.part_person)}</legend>
            <div class="form-grid">
                <Select
                    label=field_label(i18n, "language")
                    name="form[language]"
                    options=language_options(i18n, &form.language)
                    selected=form.language
                    error=error_of(&errors, "language")
                    id="guest-language"
                />
                {line("form[nationality]", "nationality", form.nationality, tu_string!(i18n, guests.form.nationality_hint))}
                <Select
                    label=field_label(i18n, "vip")
                    name="form[vip]"
                    options=vip_options(i18n)
                    selected=form.vip
                    error=error_of(&errors, "vip")
                    id="guest-vip"
                />
                {line("form[birthday]", "birthday", form.birthday, tu_string!(i18n, guests.form.birthday_hint))}
                {line("form[membership]", "membership", form.membership, "")}
            </div>
        </fieldset>
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, guests.form.part_contact)}</legend>
            <div class="form-grid">
                {lines("form[phones]", "phones", form.phones, tu_string!(i18n, guests.form.phones_hint))}
                {lines("form[emails]", "emails", form.emails, tu_string!(i18n, guests.form.emails_hint))}
                {lines("form[address]", "address", form.address, "")}
            </div>
        </fieldset>
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, guests.form.part_greeting)}</legend>
            <div class="form-grid">
                {tick("form[incognito]", "incognito", form.incognito, tu_string!(i18n, guests.form.incognito_hint))}
                {tick("form[blocklisted]", "blocklisted", form.blocklisted, tu_string!(i18n, guests.form.blocklisted_hint))}
                {tick("form[deceased]", "deceased", form.deceased, tu_string!(i18n, guests.form.deceased_hint))}
            </div>
        </fieldset>
    }
}

/// What a field of the profile form is called. A field that the form does not have keeps its own name.
#[must_use]
pub fn field_label(i18n: I18n, field: &str) -> String {
    match field {
        "salutation" => tu_string!(i18n, guests.form.salutation),
        "first" => tu_string!(i18n, guests.form.first),
        "last" => tu_string!(i18n, guests.form.last),
        "native" => tu_string!(i18n, guests.form.native),
        "say" => tu_string!(i18n, guests.form.say),
        "language" => tu_string!(i18n, guests.form.language),
        "nationality" => tu_string!(i18n, guests.form.nationality),
        "vip" => tu_string!(i18n, guests.form.vip),
        "birthday" => tu_string!(i18n, guests.form.birthday),
        "membership" => tu_string!(i18n, guests.form.membership),
        "phones" => tu_string!(i18n, guests.form.phones),
        "emails" => tu_string!(i18n, guests.form.emails),
        "address" => tu_string!(i18n, guests.form.address),
        "incognito" => tu_string!(i18n, guests.form.incognito),
        "blocklisted" => tu_string!(i18n, guests.form.blocklisted),
        "deceased" => tu_string!(i18n, guests.form.deceased),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// The usual languages, and the guest's own where it is a rarer one.
fn language_options(i18n: I18n, chosen: &str) -> Vec<(String, String)> {
    let rare = (!chosen.is_empty() && !LANGUAGES.contains(&chosen)).then_some(chosen);
    let unknown = (String::new(), tu_string!(i18n, guests.form.language_unknown).to_owned());
    std::iter::once(unknown)
        .chain(LANGUAGES.into_iter().chain(rare).map(|code| (code.to_owned(), language_words(i18n, code))))
        .collect()
}

fn vip_options(i18n: I18n) -> Vec<(String, String)> {
    (0..=3_u8)
        .map(|level| {
            let words = vip_words(i18n, level).unwrap_or_else(|| tu_string!(i18n, guests.vip.none).to_owned());
            (level.to_string(), words)
        })
        .collect()
}
