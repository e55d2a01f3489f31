//! Signing out. On a tablet that others use after, nothing of one's own may stay behind; what has not
//! been sent yet is not thrown away without asking.

use crate::{
    alerts::{
        live::use_live,
        queue::{forget, left_behind, use_queue},
    },
    error::AppError,
    i18n::*,
    ids::StaffId,
    staff::{
        api::{SignOut, who_am_i},
        ui::use_session,
    },
    ui::error_text,
};
use leptos::{ev::SubmitEvent, html, prelude::*, server_fn::ServerFn, task::spawn_local};

/// The button that signs out. Asks first if something that was tapped here has not been sent.
#[component]
pub fn SignOutForm(
    label: &'static str,
    /// Classes of the button.
    class: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let queue = use_queue();
    let leaving = use_live().leaving;
    let form = NodeRef::<html::Form>::new();
    let question = NodeRef::<html::Dialog>::new();
    let count = RwSignal::new(0_u32);
    let trouble = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let who = move || -> Option<StaffId> { Some(session.get_untracked()?.ok()??.staff) };
    let leave = move || {
        if let Some(form) = form.get_untracked() {
            leaving.set_value(true);
            // Sent as it stands, past the question. A form of the page is never refused.
            _ = form.submit();
        }
    };
    let ask = move |event: SubmitEvent| {
        let Some(staff) = who() else { return };
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let left = left_behind(queue, staff).await;
            busy.set(false);
            if left == 0 {
                leave();
            } else if let Some(question) = question.get_untracked() {
                count.set(u32::try_from(left).unwrap_or(u32::MAX));
                trouble.set(None);
                // Refused only where it is open already.
                _ = question.show_modal();
            }
        });
    };
    let stay = move |_| {
        if let Some(question) = question.get_untracked() {
            question.close();
        }
    };
    let delete = move |_| {
        let Some(staff) = who() else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            // Signing out needs the network; without it nothing is deleted for nothing.
            if let Err(error @ AppError::Unreachable) = who_am_i().await {
                trouble.set(Some(error));
            } else {
                forget(queue, staff).await;
                leave();
            }
            busy.set(false);
        });
    };
    view! {
        <form method="post" action=SignOut::url() node_ref=form on:submit=ask>
            <button class=class type="submit">
                {label}
            </button>
        </form>
        <dialog class="question" aria-labelledby="sign-out-question" node_ref=question>
            <div class="stack">
                <h2 class="question__title" id="sign-out-question">{tu_string!(i18n, alerts.queue.sign_out_title)}</h2>
                <p>{move || tu_string!(i18n, alerts.queue.sign_out_text, count = count.get())}</p>
                {move || {
                    trouble
                        .get()
                        .map(|error| {
                            view! { <p class="note note--danger" role="alert">{error_text(i18n, &error)}</p> }
                        })
                }}
                <div class="cluster">
                    <button class="button button--primary" type="button" on:click=stay>
                        {tu_string!(i18n, alerts.queue.stay)}
                    </button>
                    <button class="button button--danger" type="button" disabled=move || busy.get() on:click=delete>
                        {tu_string!(i18n, alerts.queue.delete)}
                    </button>
                </div>
            </div>
        </dialog>
    }
}
