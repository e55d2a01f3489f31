//! Signing in.

use super::{next_page, use_refused, use_session};
use crate::{
    error::Refused,
    i18n::*,
    staff::api::{SetUp, SignIn, setup_needed},
    ui::{Attempt, ErrorNote, Field, FormNote, redirect_to},
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
    let refused = use_refused();
    let sign_in = ServerAction::<SignIn>::new();
    let next = next_page();
    // Whoever has just left a device must not be led back while it has yet to tell the server.
    let has_left = leptos_router::hooks::use_query_map().with_untracked(|query| query.get("left").is_some());
    let title = tu_string!(i18n, staff.sign_in.title);
    view! {
        <Title text=title/>
        <Transition>
            {move || Suspend::new(async move {
                if let (Ok(Some(me)), false) = (session.await, has_left) {
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
        <Transition>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    let refused = refused.await;
                    view! { <SignInForm sign_in next refused/> }
                })
            }}
        </Transition>
    }
}

#[component]
fn SignInForm(sign_in: ServerAction<SignIn>, next: Option<String>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(sign_in, refused.as_ref());
    // Whoever came second to the first start of the house is told so here.
    let came_second = refused.filter(Refused::is_of::<SetUp>).map(|refused| view! { <ErrorNote error=refused.error/> });
    view! {
        {came_second}
        <ActionForm action=sign_in attr:class="stack">
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <FormNote
                outcome=attempt.outcome
                fields=&["login", "password"]
                see_fields=tu_string!(i18n, staff.sign_in.refused)
            />
            <Field
                label=tu_string!(i18n, staff.sign_in.login)
                name="login"
                value=attempt.typed("login")
                autocomplete="username"
                error=attempt.problem_in("login")
                required=true
                autofocus=true
            />
            <Field
                label=tu_string!(i18n, staff.sign_in.password)
                name="password"
                kind="password"
                autocomplete="current-password"
                error=attempt.problem_in("password")
                required=true
            />
            <button class="button button--primary button--wide" type="submit">
                {tu_string!(i18n, staff.sign_in.submit)}
            </button>
        </ActionForm>
    }
}
