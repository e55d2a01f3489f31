//! Signing in.

use super::{next_page, use_session};
use crate::{
    i18n::*,
    staff::api::{SignIn, setup_needed},
    ui::{Field, FormNote, outcome, problem_in, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Name and password. Leads on to the page that was asked for, and to the set-up page while the
/// house has no manager yet.
#[component]
pub fn SignInPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let setup = Resource::new(|| (), |()| setup_needed());
    let sign_in = ServerAction::<SignIn>::new();
    let tried = outcome(sign_in);
    let next = next_page();
    let title = tu_string!(i18n, staff.sign_in.title);
    view! {
        <Title text=title/>
        <Transition>
            {move || Suspend::new(async move {
                if let Ok(Some(me)) = session.await {
                    redirect_to(me.role.home().to_owned())
                } else if setup.await == Ok(true) {
                    redirect_to("/setup".to_owned())
                } else {
                    ().into_any()
                }
            })}
        </Transition>
        <h1 class="name">{title}</h1>
        <p class="lede">{tu_string!(i18n, staff.sign_in.lede)}</p>
        <ActionForm action=sign_in attr:class="stack">
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <FormNote outcome=tried fields=&["login", "password"]/>
            <Field
                label=tu_string!(i18n, staff.sign_in.login)
                name="login"
                autocomplete="username"
                error=problem_in(tried, "login")
                required=true
                autofocus=true
            />
            <Field
                label=tu_string!(i18n, staff.sign_in.password)
                name="password"
                kind="password"
                autocomplete="current-password"
                error=problem_in(tried, "password")
                required=true
            />
            <button class="button button--primary button--wide" type="submit">
                {tu_string!(i18n, staff.sign_in.submit)}
            </button>
        </ActionForm>
    }
}
