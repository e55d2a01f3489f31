//! The beginning of a shift at a board, its sound, and the way to its end.

use super::sound;
use crate::{
    alerts::live::attention::{Tablet, allow_notifications},
    i18n::*,
    staff::api::{SetShift, set_shift},
    ui::ErrorNote,
};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

/// *Start shift* unlocks the sound and asks for notifications, because a browser lets only a tap do
/// that; *End shift* leads to the hand-over. While the shift lasts, it is said what the device does not
/// do: be heard, or keep its screen on.
#[component]
pub fn ShiftBar(tablet: Tablet) -> impl IntoView {
    let i18n = use_i18n();
    let Tablet { on_shift, heard, awake, .. } = tablet;
    let start = Action::new(move |(): &()| async move {
        let answer = set_shift(true).await;
        if answer.is_ok() {
            on_shift.set(true);
        }
        answer
    });
    let (started, starting) = (start.value(), start.pending());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        sound::unlock(heard, true);
        allow_notifications();
        start.dispatch(());
    };
    view! {
        <div class="shift cluster">
            {move || {
                on_shift
                    .get()
                    .then(|| {
                        view! {
                            <p class="shift__sound" role="status">
                                {move || {
                                    if heard.get() {
                                        tu_string!(i18n, alerts.shift.sound_on)
                                    } else {
                                        tu_string!(i18n, alerts.shift.muted)
                                    }
                                }}
                            </p>
                            {move || {
                                (!heard.get())
                                    .then(|| {
                                        view! {
                                            <button
                                                class="button needs-script"
                                                type="button"
                                                on:click=move |_| {
                                                    sound::unlock(heard, true);
                                                    allow_notifications();
                                                }
                                            >
                                                {tu_string!(i18n, alerts.shift.turn_on)}
                                            </button>
                                        }
                                    })
                            }}
                            {move || {
                                (awake.get() == Some(false))
                                    .then(|| {
                                        view! {
                                            <p class="shift__screen">
                                                {tu_string!(i18n, alerts.tablet.screen_may_sleep)}
                                            </p>
                                        }
                                    })
                            }}
                        }
                    })
            }}
            {move || {
                if on_shift.get() {
                    view! {
                        <a class="button button--quiet" href="/board/end-shift">
                            {tu_string!(i18n, alerts.shift.end)}
                        </a>
                    }
                        .into_any()
                } else {
                    view! {
                        <form method="post" action=SetShift::url() on:submit=submit>
                            <input type="hidden" name="on" value="true"/>
                            <button class="button button--primary" type="submit" disabled=move || starting.get()>
                                {tu_string!(i18n, alerts.shift.start)}
                            </button>
                        </form>
                    }
                        .into_any()
                }
            }}
            {move || started.get().and_then(Result::err).map(|error| view! { <ErrorNote error/> })}
        </div>
    }
}
