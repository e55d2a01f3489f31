//! The first start: the first house and its first manager.

use crate::{
    house::ui::ZoneField,
    i18n::*,
    staff::api::{SetUp, set_up_typed, setup_needed},
    ui::{Field, FormNote, outcome, problem_in, redirect_to},
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
    let typed = Resource::new(|| (), |()| set_up_typed());
    let set_up = ServerAction::<SetUp>::new();
    let tried = outcome(set_up);
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
                let typed = typed.await.unwrap_or_default();
                view! {
        <ActionForm action=set_up attr:class="stack">
            <FormNote outcome=tried fields=FIELDS/>
            <fieldset class="fields">
                <legend>{tu_string!(i18n, staff.setup.house)}</legend>
                <Field
                    label=tu_string!(i18n, staff.setup.house_name)
                    name="house_name"
                    value=typed.house_name
                    error=problem_in(tried, "house_name")
                    required=true
                    autofocus=true
                />
                <Field
                    label=tu_string!(i18n, house.houses.code)
                    name="house_code"
                    value=typed.house_code
                    hint=tu_string!(i18n, house.houses.code_hint)
                    error=problem_in(tried, "house_code")
                    required=true
                />
                <ZoneField value=typed.timezone error=problem_in(tried, "timezone")/>
                <Field
                    label=tu_string!(i18n, house.houses.currency)
                    name="currency"
                    value=typed.currency
                    hint=tu_string!(i18n, house.houses.currency_hint)
                    error=problem_in(tried, "currency")
                    required=true
                />
            </fieldset>
            <fieldset class="fields">
                <legend>{tu_string!(i18n, staff.setup.you)}</legend>
                <Field
                    label=tu_string!(i18n, staff.people.name)
                    name="name"
                    value=typed.name
                    hint=tu_string!(i18n, staff.people.name_hint)
                    autocomplete="name"
                    error=problem_in(tried, "name")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, staff.people.login)
                    name="login"
                    value=typed.login
                    hint=tu_string!(i18n, staff.people.login_hint)
                    autocomplete="username"
                    error=problem_in(tried, "login")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, staff.sign_in.password)
                    name="password"
                    kind="password"
                    hint=tu_string!(i18n, staff.people.password_hint)
                    autocomplete="new-password"
                    error=problem_in(tried, "password")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, staff.setup.password_again)
                    name="password_again"
                    kind="password"
                    autocomplete="new-password"
                    error=problem_in(tried, "password_again")
                    required=true
                />
            </fieldset>
            <button class="button button--primary button--wide" type="submit">
                {tu_string!(i18n, staff.setup.submit)}
            </button>
        </ActionForm>
                }
            })}
        </Transition>
    }
}
