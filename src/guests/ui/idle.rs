//! A card that nobody looks at any more is not left open.

use crate::{alerts::live::now_ms, staff::ui::USES};
use leptos::prelude::*;
use leptos_router::{
    hooks::use_location,
    location::{Location, Url},
};
use std::time::Duration;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// The address of the lock, which leads back to the page that is open now.
#[must_use]
pub fn lock_address() -> String {
    let Location { pathname, search, .. } = use_location();
    let (path, search) = (pathname.get_untracked(), search.get_untracked());
    let search = search.trim_start_matches('?');
    let here = if search.is_empty() { path } else { format!("{path}?{search}") };
    format!("/lock?next={}", Url::escape(&here))
}

/// While the component that calls this is on the screen: leaves for `lock` when as many minutes have passed
/// without a touch or a key. The page is loaded anew, so that nothing of the card stays in it.
pub fn lock_when_idle(lock: String, minutes: u32) {
    let idle_ms = i64::from(minutes) * 60_000;
    let touched = StoredValue::new(0_i64);
    Effect::new(move |_| {
        touched.set_value(now_ms());
        let listeners = USES.map(|name| window_event_listener_untyped(name, move |_| touched.set_value(now_ms())));
        let lock = lock.clone();
        let look = move || {
            if touched.try_get_value().is_some_and(|touched| now_ms() - touched >= idle_ms) {
                // If the browser refuses, the next look tries again.
                _ = window().location().set_href(&lock);
            }
        };
        let ticker = set_interval_with_handle(look, LOOK).ok();
        on_cleanup(move || {
            for listener in listeners {
                listener.remove();
            }
            if let Some(ticker) = ticker {
                ticker.clear();
            }
        });
    });
}
