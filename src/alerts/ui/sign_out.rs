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
    staff::{
        Me,
        api::{SignOut, sign_out, who_am_i},
        ui::{Session, use_session},
    },
};
use leptos::{ev::SubmitEvent, html, prelude::*, server_fn::ServerFn, task::spawn_local};
use std::time::Duration;

/// Under this name the browser remembers which session it is to end: that one and no later one. The page that stands
/// in for one that cannot be loaded (`public/offline.js`) looks for it too.
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
    /// The session of whoever the page shows ([`Me::session`]): the form ends that one and no later one, without a
    /// script too.
    shown: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let queue = use_queue();
    let live = use_live();
    let form = NodeRef::<html::Form>::new();
    let question = NodeRef::<html::Dialog>::new();
    let count = RwSignal::new(0_u32);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let who = move || user(session);
    let leave = move |me: Me| async move {
        live.leaving.set_value(true);
        remember(&me.session);
        let is_lost = matches!(live.status.try_get_untracked(), Some(LiveStatus::Stale { .. }));
        if is_lost || matches!(within(ANSWERS_WITHIN, who_am_i()).await, None | Some(Err(AppError::Unreachable))) {
            close();
        } else if let Some(form) = form.try_get_untracked().flatten() {
            // Sent as it stands, past the question. A form of the page is never refused.
            _ = form.submit();
        }
    };
    let ask = move |event: SubmitEvent| {
        let Some(me) = who() else { return };
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let left = left_behind(queue, me.staff).await;
            if left == 0 {
                leave(me).await;
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
        let Some(me) = who() else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(false);
        spawn_local(async move {
            // First of all: from here on nothing of it is sent any more, whatever happens to the line.
            if forget(queue, me.staff).await {
                leave(me).await;
            } else {
                failed.try_set(true);
            }
            busy.try_set(false);
        });
    };
    let leave_it = move |_| {
        let Some(me) = who() else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            leave(me).await;
            busy.try_set(false);
        });
    };
    // Closed by the button or by a key: whoever stays goes on with what could not be deleted.
    let stays = move |_| {
        if failed.get_untracked() {
            failed.set(false);
            if let Some(me) = who() {
                queue.open_again(me.staff);
            }
        }
    };
    view! {
        <form method="post" action=SignOut::url() node_ref=form on:submit=ask>
            <input type="hidden" name="session" value=shown/>
            <button class=class type="submit">
                {label}
            </button>
        </form>
        <dialog class="question" aria-labelledby="sign-out-question" node_ref=question on:close=stays>
            <div class="stack">
                <h2 class="question__title" id="sign-out-question">{tu_string!(i18n, alerts.queue.sign_out_title)}</h2>
                <p>{move || tu_string!(i18n, alerts.queue.sign_out_text, count = count.get())}</p>
                {move || {
                    failed
                        .get()
                        .then(|| {
                            view! {
                                <p class="note note--danger" role="alert">
                                    {tu_string!(i18n, alerts.queue.not_deleted)}
                                </p>
                            }
                        })
                }}
                <div class="cluster">
                    <button class="button button--primary" type="button" on:click=stay>
                        {tu_string!(i18n, alerts.queue.stay)}
                    </button>
                    <button class="button button--danger" type="button" disabled=move || busy.get() on:click=delete>
                        {tu_string!(i18n, alerts.queue.delete)}
                    </button>
                    {move || {
                        failed
                            .get()
                            .then(|| {
                                view! {
                                    <button
                                        class="button button--quiet"
                                        type="button"
                                        disabled=move || busy.get()
                                        on:click=leave_it
                                    >
                                        {tu_string!(i18n, alerts.queue.leave_it)}
                                    </button>
                                }
                            })
                    }}
                </div>
            </div>
        </dialog>
    }
}

/// Signs out whoever has left this device while there was no line, before the page shows anything more; and
/// closes this page when another one on the device is left. To be called once by the application; does something
/// in the browser only.
pub fn finish_leaving() {
    let session = use_context::<Session>();
    Effect::new(move |_| {
        if let Some(left) = left_session() {
            spawn_local(async move {
                // It leads to the page on which one signs in, unless somebody has signed in since.
                if sign_out(Some(left.clone())).await.is_ok() {
                    forget_left(&left);
                }
            });
        }
        let told = window_event_listener_untyped("storage", move |_| {
            let is_shown = window().location().pathname().is_ok_and(|path| path != SIGN_IN);
            let is_left = |left: String| session.and_then(user).is_none_or(|me| me.session == left);
            if is_shown && left_session().is_some_and(is_left) {
                close();
            }
        });
        on_cleanup(move || told.remove());
    });
}

/// Who uses the page, as it was loaded.
fn user(session: Session) -> Option<Me> {
    session.try_get_untracked()??.ok()?
}

/// Leaves nothing on the screen, and no way back to it.
fn close() {
    // Refused only for an address that is not one.
    _ = window().location().replace(&format!("{SIGN_IN}?left=1"));
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The session that this browser is to end.
fn left_session() -> Option<String> {
    storage()?.get_item(LEAVING).ok()?
}

fn remember(session: &str) {
    if let Some(storage) = storage() {
        // Full or forbidden: then the session ends by itself when nobody has used the device for a while.
        _ = storage.set_item(LEAVING, session);
    }
}

/// It has ended. Another one may have been left in the meantime.
fn forget_left(session: &str) {
    if let Some(storage) = storage().filter(|_| left_session().as_deref() == Some(session)) {
        _ = storage.remove_item(LEAVING);
    }
}
