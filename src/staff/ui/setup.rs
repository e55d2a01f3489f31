//! The first start: the first house and its first manager.

use super::use_refused;
use crate::{
    house::ui::ZoneField,
    i18n::*,
    staff::api::{SetUp, setup_needed},
    ui::{Attempt, Field, FormNote, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;

const FIELDS: &[&str] =
    &["house_name", "house_code", "timezone", "currency", "name", "login", "password", "password_again"];

/// Shown once, while nobody can sign in yet.
#[component]
pub fn SetupPage() -> impl IntoView {
    let i18n = use_i18n();
    let needed = Resource::new(|| (), |()| setup_needed());
    let refused = use_refused();
    let set_up = ServerAction::<SetUp>::new();
    let title = tu_string!(i18n, staff.setup.title);
    view! {
        <Title text=title/>
        <Transition>
            {move || Suspend::new(async move {
                match needed.await {
                    Ok(false) => redirect_to("/sign-in".to_owned()),
                    _ => ().into_any(),
                }
            })}
        </Transition>
        <h1 class="name">{title}</h1>
        <p class="lede">{tu_string!(i18n, staff.setup.lede)}</p>
        <Transition>
            {move || Suspend::new(async move {
                let attempt = Attempt::of(set_up, refused.await.as_ref());
                view! { <SetupForm set_up attempt/> }
            })}
        </Transition>
    }
}

#[component]
fn SetupForm(set_up: ServerAction<SetUp>, attempt: Attempt) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <ActionForm action=set_up attr:class="stack">
            <FormNote outcome=attempt.outcome fields=FIELDS/>
            <fieldset class="fields">
                <legend>{tu_string!(i18n, staff.setup.house)}</legend>
                <Field
                    label=tu_string!(i18n, staff.setup.house_name)
                    name="house_name"
                    value=attempt.typed("house_name")
                    error=attempt.problem_in("house_name")
                    required=true
                    autofocus=true
                />
                <Field
                    label=tu_string!(i18n, house.houses.code)
                    name="house_code"
                    value=attempt.typed("house_code")
                    hint=tu_string!(i18n, house.houses.code_hint)
                    error=attempt.problem_in("house_code")
                    required=true
                />
                <ZoneField value=attempt.typed("timezone") error=attempt.problem_in("timezone")/>
                <Field
                    label=tu_string!(i18n, house.houses.currency)
                    name="currency"
                    value=attempt.typed("currency")
                    hint=tu_string!(i18n, house.houses.currency_hint)
                    error=attempt.problem_in("currency")
                    required=true
                />
            </fieldset>
            <fieldset class="fields">
                <legend>{tu_string!(i18n, staff.setup.you)}</legend>
                <Field
                    label=tu_string!(i18n, staff.people.name)
                    name="name"
                    value=attempt.typed("name")
                    hint=tu_string!(i18n, staff.people.name_hint)
                    autocomplete="name"
                    error=attempt.problem_in("name")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, staff.people.login)
                    name="login"
                    value=attempt.typed("login")
                    hint=tu_string!(i18n, staff.people.login_hint)
                    autocomplete="username"
                    error=attempt.problem_in("login")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, staff.sign_in.password)
                    name="password"
                    kind="password"
                    hint=tu_string!(i18n, staff.people.password_hint)
                    autocomplete="new-password"
                    error=attempt.problem_in("password")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, staff.setup.password_again)
                    name="password_again"
                    kind="password"
                    autocomplete="new-password"
                    error=attempt.problem_in("password_again")
                    required=true
                />
            </fieldset>
            <button class="button button--primary button--wide" type="submit">
                {tu_string!(i18n, staff.setup.submit)}
            </button>
        </ActionForm>
    }
}
