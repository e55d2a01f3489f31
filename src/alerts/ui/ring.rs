//! Letting a device ring that is on no shift: for whoever is on duty, and for those who send word.

use super::sound;
use crate::{
    alerts::live::attention::{Tablet, allow_notifications, use_tablet},
    i18n::*,
};
use leptos::prelude::*;

/// Under this name the browser remembers that the device may ring.
const MAY_RING: &str = "rapport.may-ring";

/// Unlocks the sound and asks for notifications, because a browser lets only a tap do that. From then on this
/// device rings for what is shown on every page: that nobody answers. Nothing while it can be heard.
#[component]
pub fn LetRing() -> impl IntoView {
    let i18n = use_i18n();
    let Tablet { rings, heard, .. } = use_tablet();
    let allow = move |_| {
        sound::unlock(heard, true);
        allow_notifications();
        rings.set(true);
        remember();
    };
    view! {
        {move || {
            (!heard.get())
                .then(|| {
                    view! {
                        <p class="let-ring">
                            <button class="button button--quiet needs-script" type="button" on:click=allow>
                                {tu_string!(i18n, alerts.shift.let_ring)}
                            </button>
                        </p>
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
