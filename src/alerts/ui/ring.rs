//! Letting a device be heard on every page: for a station on shift, for whoever is on duty, and for those who send
//! word.

use super::sound;
use crate::{
    alerts::live::attention::{Tablet, allow_notifications, use_tablet},
    i18n::*,
};
use leptos::prelude::*;

/// Under this name the browser remembers that the device may ring.
const MAY_RING: &str = "rapport.may-ring";

/// Says on a page that the device cannot be heard, and lets it be heard: while on shift, for all that calls at its
/// station; else, from then on, for what is shown on every page: that nobody answers. The tap unlocks the sound and
/// asks for notifications, because a browser lets only a tap do that. Nothing while it can be heard.
#[component]
pub fn LetRing(
    /// Whether there is anything to hear, and nothing else on the page that says so.
    #[prop(into)]
    wanted: Signal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let Tablet { on_shift, rings, heard, .. } = use_tablet();
    let allow = move |_| {
        sound::unlock(heard, true);
        allow_notifications();
        if !on_shift.get_untracked() {
            rings.set(true);
            remember();
        }
    };
    view! {
        {move || {
            (wanted.get() && !heard.get())
                .then(|| {
                    view! {
                        <section class="let-ring" aria-label=tu_string!(i18n, alerts.shift.sound)>
                            {move || {
                                on_shift.get().then(|| view! { <p>{tu_string!(i18n, alerts.shift.muted)}</p> })
                            }}
                            <button class="button button--quiet" type="button" on:click=allow>
                                {move || {
                                    if on_shift.get() {
                                        tu_string!(i18n, alerts.shift.turn_on)
                                    } else {
                                        tu_string!(i18n, alerts.shift.let_ring)
                                    }
                                }}
                            </button>
                        </section>
                    }
                })
        }}
    }
}

/// Whether somebody has allowed this device to ring. Only in the browser.
pub fn may_ring() -> bool {
    window().local_storage().ok().flatten().and_then(|kept| kept.get_item(MAY_RING).ok().flatten()).is_some()
}

fn remember() {
    if let Ok(Some(storage)) = window().local_storage() {
        // Full or forbidden: then it is asked for again on the next page that is loaded.
        _ = storage.set_item(MAY_RING, "yes");
    }
}
