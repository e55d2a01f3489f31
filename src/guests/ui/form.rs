//! The form of a profile, new or existing. It works before scripts have loaded, and nothing typed is
//! ever lost: what is refused comes back as typed, with the reasons.

use super::{
    changed::ChangedMeanwhile,
    fields::ProfileFields,
    idle::{lock_address, lock_when_idle},
    photo::PhotoForm,
};
use crate::{
    error::AppError,
    guests::{
        api::{SaveGuest, guest_form},
        form::{GuestFormPage, Saved},
    },
    i18n::*,
    ids::GuestId,
    staff::ui::use_session,
    ui::{Failed, FormNote, Loading, outcome, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The pages `/guests/new` and `/guests/:id/edit`.
#[component]
pub fn FormPage() -> impl IntoView {
    let params = use_params_map();
    let asked = Memo::new(move |_| params.with(|params| params.get_str("id").map(|id| id.parse::<GuestId>())));
    view! {
        <div class="form-page">
            {move || match asked.get() {
                None => view! { <ProfileForm guest=None/> }.into_any(),
                Some(Ok(guest)) => view! { <ProfileForm guest=Some(guest)/> }.into_any(),
                Some(Err(_)) => view! { <Failed error=AppError::NotFound/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn ProfileForm(
    /// `None` for a new guest.
    guest: Option<GuestId>,
) -> impl IntoView {
    let i18n = use_i18n();
    let (draft, phone) = use_query_map()
        .with_untracked(|query| (query.get_str("draft") == Some("1"), query.get("phone").unwrap_or_default()));
    let first = Resource::new(|| (), move |()| guest_form(guest, draft, phone.clone()));
    let session = use_session();
    let lock = lock_address();
    let title = if guest.is_some() {
        tu_string!(i18n, guests.form.edit_title)
    } else {
        tu_string!(i18n, guests.form.new_title)
    };
    view! {
        <Title text=title/>
        <h1 class="name">{title}</h1>
        <Suspense fallback=|| view! { <Loading/> }>
            {move || {
                let lock = lock.clone();
                Suspend::new(async move {
                    let (page, me) = (first.await, session.await.ok().flatten());
                    match page {
                        Ok(page) => {
                            // A new guest's form shows nothing yet that is to be closed.
                            if let Some(me) = me.filter(|_| page.guest.is_some()) {
                                lock_when_idle(lock, me.idle_minutes);
                            }
                            view! { <Sheet page/> }.into_any()
                        }
                        Err(AppError::Locked) => redirect_to(lock),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Sheet(page: GuestFormPage) -> impl IntoView {
    let i18n = use_i18n();
    let guest = page.guest;
    let page = RwSignal::new(page);
    let save = ServerAction::<SaveGuest>::new();
    let (answer, pending, sent) = (save.value(), save.pending(), outcome(save));
    // What was kept leads to the card by the server's redirect; what was refused stays here.
    Effect::new(move |_| {
        if let Some(Ok(Saved::Refused(refused))) = answer.get() {
            page.set(*refused);
        }
    });
    let back = guest.map_or_else(|| "/guests".to_owned(), |guest| format!("/guests/{guest}"));
    view! {
        <ActionForm action=save>
            <div class="form-sheet stack">
                <FormNote outcome=sent/>
                {move || {
                    let page = page.get();
                    view! {
                        {page.guest.map(|guest| view! { <input type="hidden" name="guest" value=guest.to_string()/> })}
                        <input type="hidden" name="revision" value=page.revision.to_string()/>
                        {(!page.errors.is_empty())
                            .then(|| {
                                view! {
                                    <p class="note note--danger" role="alert">
                                        {tu_string!(i18n, guests.form.refused, count = page.errors.len())}
                                    </p>
                                }
                            })}
                        <ChangedMeanwhile changed=page.changed.clone()/>
                        <ProfileFields form=page.form errors=page.errors/>
                    }
                }}
                <div class="cluster form-sheet__end">
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, guests.form.save)}
                    </button>
                    <a class="button button--quiet" href=back>
                        {tu_string!(i18n, guests.form.cancel)}
                    </a>
                </div>
            </div>
        </ActionForm>
        {guest.map(|guest| view! { <PhotoForm guest/> })}
    }
}
