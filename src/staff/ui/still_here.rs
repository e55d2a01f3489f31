//! Tells the house that a person uses this device. What pages load by themselves says nothing of it: a
//! desk that nobody stands at would otherwise never lock in a house in which things change.

use crate::{alerts::live::now_ms, error::AppError, staff::api::still_here};
use leptos::{prelude::*, task::spawn_local};

/// What only a person causes: a touch, or a key.
pub const USES: [&str; 3] = ["pointerdown", "keydown", "touchstart"];

/// Milliseconds for which nothing is reported after a report.
const QUIET_MS: i64 = 30_000;

/// While the component that calls this is on the screen: reports that the device is used. Opening the page
/// has been noted already. Does nothing on the server.
pub fn tell_of_use() {
    let told = StoredValue::new(0_i64);
    Effect::new(move |_| {
        told.set_value(now_ms());
        let listeners = USES.map(|name| window_event_listener_untyped(name, move |_| report(told)));
        on_cleanup(move || {
            for listener in listeners {
                listener.remove();
            }
        });
    });
}

fn report(told: StoredValue<i64>) {
    let now = now_ms();
    // A clock that was set back must not silence it.
    if told.try_get_value().is_none_or(|told| is_quiet(told, now)) {
        return;
    }
    told.set_value(now);
    spawn_local(async move {
        // What did not arrive is reported with the next touch.
        if still_here().await == Err(AppError::Unreachable) {
            told.try_update_value(|told| *told = 0);
        }
    });
}

fn is_quiet(told: i64, now: i64) -> bool {
    (now - told).abs() < QUIET_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_is_reported_twice_a_minute_whatever_the_clock_does() {
        let now = 1_795_000_000_000;
        for (told, quiet) in
            [(now, true), (now - 29_999, true), (now - 30_000, false), (now + 60_000, false), (0, false)]
        {
            assert_eq!(is_quiet(told, now), quiet, "{told}");
        }
    }
}
