//! Signing out. On a tablet that others use after, nothing of one's own may stay behind; what has not
//! been sent yet is not thrown away without asking. Without a network the device closes what it shows at once,
//! and signs out as soon as the line is back.

use crate::{
    alerts::{
        live::{LiveStatus, use_live},
        queue::{forget, left_behind, use_queue, within},
    },
    error::AppError,
    i18n::*,
    ids::StaffId,
    staff::{
        api::{SignOut, sign_out, who_am_i},
        ui::use_session,
    },
};
use leptos::{ev::SubmitEvent, html, prelude::*, server_fn::ServerFn, task::spawn_local};
use std::time::Duration;

/// Under this name the browser remembers whom it is to sign out. The page that stands in for one that cannot be
/// loaded (`public/offline.js`) looks for it too.
const LEAVING: &str = "rapport.leaving";

/// Where a device goes that shows nothing of anybody's.
const SIGN_IN: &str = "/sign-in";

/// A line on which no answer comes within this is none: some networks swallow what is said and say nothing.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

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
    let live = use_live();
    let form = NodeRef::<html::Form>::new();
    let question = NodeRef::<html::Dialog>::new();
    let count = RwSignal::new(0_u32);
    let busy = RwSignal::new(false);
    let who = move || -> Option<StaffId> { Some(session.get_untracked()?.ok()??.staff) };
    let leave = move |staff: StaffId| async move {
        live.leaving.set_value(true);
        remember(staff);
        let is_lost = matches!(live.status.try_get_untracked(), Some(LiveStatus::Stale { .. }));
        let is_there =
            async { !matches!(within(ANSWERS_WITHIN, who_am_i()).await, None | Some(Err(AppError::Unreachable))) };
        if is_lost || !is_there.await {
            close();
        } else if let Some(form) = form.try_get_untracked().flatten() {
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
            if left == 0 {
                leave(staff).await;
            } else if let Some(question) = question.get_untracked() {
                count.set(u32::try_from(left).unwrap_or(u32::MAX));
                // Refused only where it is open already.
                _ = question.show_modal();
            }
            busy.try_set(false);
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
            // First of all: from here on nothing of it is sent any more, whatever happens to the line.
            forget(queue, staff).await;
            leave(staff).await;
            busy.try_set(false);
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

/// Signs out whoever has left this device while there was no line, before the page shows anything more; and
/// closes this page when another one on the device is left. To be called once by the application; does something
/// in the browser only.
pub fn finish_leaving() {
    Effect::new(|_| {
        if let Some(staff) = leaver() {
            spawn_local(async move {
                match who_am_i().await {
                    // It leads to the page on which one signs in.
                    Ok(Some(me)) if me.staff == staff => {
                        if sign_out().await.is_ok() {
                            forget_leaver();
                        }
                    }
                    // Nobody, or a colleague who has signed in since.
                    Ok(_) => forget_leaver(),
                    Err(_) => {}
                }
            });
        }
        let left = window_event_listener_untyped("storage", |_| {
            let is_shown = window().location().pathname().is_ok_and(|path| path != SIGN_IN);
            if is_shown && leaver().is_some() {
                close();
            }
        });
        on_cleanup(move || left.remove());
    });
}

/// Leaves nothing on the screen, and no way back to it.
fn close() {
    // Refused only for an address that is not one.
    _ = window().location().replace(SIGN_IN);
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Whom this browser is to sign out.
fn leaver() -> Option<StaffId> {
    storage()?.get_item(LEAVING).ok()??.parse().ok()
}

fn remember(staff: StaffId) {
    if let Some(storage) = storage() {
        // Full or forbidden: then the session ends by itself when nobody has used the device for a while.
        _ = storage.set_item(LEAVING, &staff.to_string());
    }
}

fn forget_leaver() {
    if let Some(storage) = storage() {
        _ = storage.remove_item(LEAVING);
    }
}
