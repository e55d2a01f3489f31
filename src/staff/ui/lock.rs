//! Proving that it is still the same person at the device.

use super::{next_page, use_refused, use_session};
use crate::{
    alerts::ui::SignOutForm,
    i18n::*,
    staff::api::Unlock,
    ui::{Attempt, Field, FormNote, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The password again, after a while in which nobody used the device. The board behind it goes on.
#[component]
pub fn LockPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let refused = use_refused();
    let unlock = ServerAction::<Unlock>::new();
    let next = next_page();
    let title = tu_string!(i18n, staff.lock.title);
    view! {
        <Title text=title/>
        <Transition>
            {move || Suspend::new(async move {
                match session.await {
                    Ok(Some(me)) => {
                        view! { <h1 class="name">{tu_string!(i18n, staff.lock.greeting, name = me.name)}</h1> }.into_any()
                    }
                    _ => redirect_to("/sign-in".to_owned()),
                }
            })}
        </Transition>
        <p class="lede">{tu_string!(i18n, staff.lock.lede)}</p>
        <Transition>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    let attempt = Attempt::of(unlock, refused.await.as_ref());
                    view! { <UnlockForm unlock next attempt/> }
                })
            }}
        </Transition>
        <Transition>
            {move || Suspend::new(async move {
                let me = session.await.ok().flatten();
                me.map(|me| {
                    view! {
                        <SignOutForm
                            label=tu_string!(i18n, staff.lock.someone_else)
                            class="button button--quiet button--wide"
                            shown=me.session
                        />
                    }
                })
            })}
        </Transition>
    }
}

#[component]
fn UnlockForm(unlock: ServerAction<Unlock>, next: Option<String>, attempt: Attempt) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <ActionForm action=unlock attr:class="stack">
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <FormNote outcome=attempt.outcome fields=&["password"] see_fields=tu_string!(i18n, staff.lock.refused)/>
            <Field
                label=tu_string!(i18n, staff.sign_in.password)
                name="password"
                kind="password"
                autocomplete="current-password"
                error=attempt.problem_in("password")
                required=true
                autofocus=true
            />
            <button class="button button--primary button--wide" type="submit">
                {tu_string!(i18n, staff.lock.submit)}
            </button>
        </ActionForm>
    }
}
