//! The beginning and the end of a shift at a board, and its sound.

use super::sound;
use crate::{
    i18n::*,
    staff::api::{SetShift, set_shift},
    ui::ErrorNote,
};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

/// *Start shift* unlocks the sound, because a browser lets only a tap do that; *End shift* silences it.
#[component]
pub fn ShiftBar(on_shift: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let sounding = RwSignal::new(false);
    let change = Action::new(move |on: &bool| {
        let on = *on;
        async move {
            let answer = set_shift(on).await;
            if answer.is_ok() {
                on_shift.set(on);
            }
            answer
        }
    });
    let (changed, changing) = (change.value(), change.pending());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let on = !on_shift.get_untracked();
        if on {
            sounding.set(sound::unlock());
        } else {
            sound::lock();
            sounding.set(false);
        }
        change.dispatch(on);
    };
    // Leaving the page ends the sound, not the shift.
    on_cleanup(sound::lock);
    view! {
        <div class="shift cluster">
            {move || {
                on_shift
                    .get()
                    .then(|| {
                        view! {
                            <p class="shift__sound" role="status">
                                {move || {
                                    if sounding.get() {
                                        tu_string!(i18n, alerts.shift.sound_on)
                                    } else {
                                        tu_string!(i18n, alerts.shift.muted)
                                    }
                                }}
                            </p>
                            {move || {
                                (!sounding.get())
                                    .then(|| {
                                        view! {
                                            <button
                                                class="button needs-script"
                                                type="button"
                                                on:click=move |_| sounding.set(sound::unlock())
                                            >
                                                {tu_string!(i18n, alerts.shift.turn_on)}
                                            </button>
                                        }
                                    })
                            }}
                        }
                    })
            }}
            <form method="post" action=SetShift::url() on:submit=submit>
                <input type="hidden" name="on" value=move || (!on_shift.get()).to_string()/>
                <button
                    class=move || if on_shift.get() { "button button--quiet" } else { "button button--primary" }
                    type="submit"
                    disabled=move || changing.get()
                >
                    {move || {
                        if on_shift.get() {
                            tu_string!(i18n, alerts.shift.end)
                        } else {
                            tu_string!(i18n, alerts.shift.start)
                        }
                    }}
                </button>
            </form>
            {move || changed.get().and_then(Result::err).map(|error| view! { <ErrorNote error/> })}
        </div>
    }
}
